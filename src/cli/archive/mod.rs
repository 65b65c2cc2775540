//! `archive`: what is kept, fetched, checked, healed, and let go.

use clap::{Args, Subcommand, ValueEnum};

use super::output::{Table, print, print_json, say};
use super::{Exit, Session};
use crate::app::App;
use crate::domain::{AccountNumber, FileName, Format, Period, RoomNumber};
use crate::store::{StatementFilter, StatementRow};

mod expire;
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
    /// Reads every object back against the manifests and the database
    Verify(verify::VerifyArgs),
    /// A link to one file that works for a while, for whoever has no access of their own
    Url(url::UrlArgs),
    /// Makes the months' tables of contents again
    Index(index::IndexArgs),
    /// Lets go what is older than the newest `archive.keep_months` months of its account
    Expire(expire::ExpireArgs),
    /// Rebuilds lost and damaged files, byte for byte
    Restore(restore::RestoreArgs),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum FileFormat {
    Xlsx,
    Html,
    Json,
}

/// One file of one statement.
#[derive(Debug, Args)]
pub struct FileChoice {
    #[arg(long, value_name = "YYYY-MM")]
    pub period: Period,
    #[arg(long, value_name = "N")]
    pub account: AccountNumber,
    /// This room's file instead of the account's
    #[arg(long, value_name = "N")]
    pub room: Option<RoomNumber>,
    #[arg(long, default_value = "xlsx")]
    pub format: FileFormat,
    /// By default the current one
    #[arg(long, value_name = "N")]
    pub revision: Option<u32>,
}

pub async fn archive(session: Session, command: ArchiveCommand) -> anyhow::Result<Exit> {
    let app = session.open().await?;
    let exit = match command {
        ArchiveCommand::List(args) => list::list(&app, args).await,
        ArchiveCommand::Get(args) => get::get(&app, args).await,
        ArchiveCommand::Verify(args) => verify::verify(&app, args).await,
        ArchiveCommand::Url(args) => url::url(&app, args).await,
        ArchiveCommand::Index(args) => index::index(&app, args).await,
        ArchiveCommand::Expire(args) => expire::expire(&app, args).await,
        ArchiveCommand::Restore(args) => restore::restore(&app, args).await,
    };
    app.close().await;
    exit
}

/// The statement that is meant, and the file's name in its folder.
async fn find(app: &App, choice: &FileChoice) -> anyhow::Result<(StatementRow, String)> {
    let name = match (&choice.room, choice.format) {
        (Some(_), FileFormat::Json) => anyhow::bail!("rooms have no JSON of their own: leave out --room"),
        (None, FileFormat::Json) => FileName::AccountJson,
        (room, FileFormat::Xlsx) => FileName::of(room.as_ref(), Format::Xlsx),
        (room, FileFormat::Html) => FileName::of(room.as_ref(), Format::Html),
    };
    let filter = StatementFilter { period: Some(choice.period), account: Some(choice.account.clone()) };
    let rows = app.context.store.read().await?.statement_rows(&filter).await?;
    let meant = |row: &StatementRow| choice.revision.map_or(row.is_current, |revision| row.revision == revision);
    let Some(row) = rows.into_iter().find(meant) else {
        let (account, period) = (&choice.account, choice.period);
        anyhow::bail!("account {account} has no such statement in {period}: see \"statementd archive list\"")
    };
    Ok((row, name.to_string()))
}
