//! `backup`: the SQLite database as one file, while the daemon runs.

use std::path::PathBuf;

use clap::Args;

use super::output::print;
use super::owner::refuse_foreign_root;
use super::{Exit, Session};
use crate::app;

#[derive(Debug, Args)]
#[command(after_help = "\
The daemon may go on meanwhile. The file is of one moment, checked, and readable by its owner and group only: it holds
addresses and callers. To restore it, stop the daemon, put it in the place of the database, and remove the files beside
it that end in -wal and -shm.

Example:
  statementd backup /var/backups/statementd-2026-11-24.db")]
pub struct BackupArgs {
    /// Must not exist yet
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
}

pub async fn backup(session: Session, args: BackupArgs) -> anyhow::Result<Exit> {
    let config = session.config()?;
    refuse_foreign_root(&config)?;
    app::require_database(&config).await?;
    let store = app::open_store(&config).await?;
    let bytes = store.back_up(&args.file).await;
    store.close().await;
    print(format!("{}: {} bytes, checked", args.file.display(), bytes?))?;
    Ok(Exit::Done)
}
