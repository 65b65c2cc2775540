//! `archive`: lists, fetches, checks, restores and expires statements.

use clap::Subcommand;

use super::output::{Table, print, print_json, say};
use super::{Exit, GlobalOptions};

mod diff;
mod expire;
mod file_choice;
mod get;
mod index;
mod list;
mod restore;
mod url;
mod verify;

#[derive(Debug, Subcommand)]
pub enum ArchiveCommand {
    /// Statements in the archive
    List(list::ListArgs),
    /// One file, one statement or a whole month: to a file, a folder, a ZIP, or stdout
    Get(get::GetArgs),
    /// What a revision changed since the one before, line by line
    Diff(diff::DiffArgs),
    /// Reads every object back against the manifests and the database
    Verify(verify::VerifyArgs),
    /// A link to one file that works for a while, for a person who has no access of their own
    Url(url::UrlArgs),
    /// Makes the months' tables of contents again
    Index(index::IndexArgs),
    /// Removes what is older than the newest `archive.keep_months` months of its account
    Expire(expire::ExpireArgs),
    /// Rebuilds lost and damaged files, byte for byte
    Restore(restore::RestoreArgs),
}

pub async fn archive(globals: GlobalOptions, command: ArchiveCommand) -> anyhow::Result<Exit> {
    let app = globals.open().await?;
    let exit = match command {
        ArchiveCommand::List(args) => list::list(&app, args).await,
        ArchiveCommand::Get(args) => get::get(&app, args).await,
        ArchiveCommand::Diff(args) => diff::diff(&app, args).await,
        ArchiveCommand::Verify(args) => verify::verify(&app, args).await,
        ArchiveCommand::Url(args) => url::url(&app, args).await,
        ArchiveCommand::Index(args) => index::index(&app, args).await,
        ArchiveCommand::Expire(args) => expire::expire(&app, args).await,
        ArchiveCommand::Restore(args) => restore::restore(&app, args).await,
    };
    app.close().await;
    exit
}
