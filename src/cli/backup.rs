//! `backup`: the SQLite database as one file, while the daemon runs.

use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Args;

use serde::Serialize;

use super::output::{print, print_json, say};
use super::owner::refuse_foreign_root;
use super::{Exit, GlobalOptions};
use crate::app;
use crate::config::Config;

#[derive(Debug, Args)]
#[command(after_help = "\
The daemon may go on meanwhile. - writes to stdout, for which the copy is made beside the database first. The file is of one moment, checked, and readable by its owner and group only: it holds
addresses and callers. To restore it, stop the daemon, put it in the place of the database, and remove the files beside
it that end in -wal and -shm.

Examples:
  sudo -u statementd statementd backup /var/backups/statementd/2026-11-24.db
  sudo -u statementd statementd backup - | zstd > statementd.db.zst")]
pub struct BackupArgs {
    /// Must not exist yet; "-" is stdout
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Print a JSON object
    #[arg(long)]
    pub json: bool,
}

pub async fn backup(globals: GlobalOptions, args: BackupArgs) -> anyhow::Result<Exit> {
    let config = globals.config()?;
    refuse_foreign_root(&config)?;
    app::require_database(&config).await?;
    let to_stdout = args.file.as_os_str() == STDOUT;
    if to_stdout && std::io::stdout().is_terminal() {
        anyhow::bail!("a database is not for a terminal: send stdout to a file, or name one");
    }
    if !to_stdout {
        require_folder_of(&args.file)?;
    }
    let store = app::open_store(&config).await?;
    let file = if to_stdout { beside_database(&config)? } else { args.file.clone() };
    let bytes = store.back_up(&file).await;
    store.close().await;
    let bytes = bytes?;
    if to_stdout {
        let sent = send(&file).with_context(|| format!("the backup {} could not be sent", file.display()));
        std::fs::remove_file(&file).with_context(|| file.display().to_string())?;
        sent?;
        say(format!("{bytes} bytes, checked"));
    } else if args.json {
        print_json(&Written { file: &args.file, bytes })?;
    } else {
        print(format!("{}: {bytes} bytes, checked", args.file.display()))?;
    }
    Ok(Exit::Done)
}

/// A missing folder is not made: it may be a disk that is not mounted.
fn require_folder_of(file: &Path) -> anyhow::Result<()> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if !folder.is_dir() {
        anyhow::bail!("the folder {} is not there: is its disk mounted? Nothing was written", folder.display());
    }
    Ok(())
}

/// A name of this process's own, where the database's user may write and there is room.
fn beside_database(config: &Config) -> anyhow::Result<PathBuf> {
    let database =
        config.database.file().context("only an SQLite database is backed up: on PostgreSQL use pg_dump")?;
    let mut name = database.into_os_string();
    name.push(format!(".backup-{}", std::process::id()));
    Ok(name.into())
}

fn send(file: &Path) -> std::io::Result<()> {
    let (mut from, mut to) = (std::fs::File::open(file)?, std::io::stdout().lock());
    std::io::copy(&mut from, &mut to)?;
    to.flush()
}

#[derive(Serialize)]
struct Written<'a> {
    file: &'a Path,
    bytes: u64,
}

const STDOUT: &str = "-";
