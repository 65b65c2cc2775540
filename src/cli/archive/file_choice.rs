//! Which file of which statement a command is about.

use clap::{Args, ValueEnum};

use crate::app::App;
use crate::domain::{AccountNumber, FileName, Format, Period, RoomNumber};
use crate::store::{StatementFilter, StatementRow};

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum FileFormat {
    Xlsx,
    Html,
    Json,
}

/// One file of one statement.
#[derive(Debug, Args)]
pub struct FileChoice {
    /// The month
    #[arg(long, value_name = "YYYY-MM")]
    pub period: Period,
    /// The account
    #[arg(long, value_name = "N")]
    pub account: AccountNumber,
    /// This room's file instead of the account's
    #[arg(long, value_name = "N")]
    pub room: Option<RoomNumber>,
    /// The kind of file
    #[arg(long, default_value = "xlsx")]
    pub format: FileFormat,
    /// By default the current one
    #[arg(long, value_name = "N")]
    pub revision: Option<u32>,
}

/// The statement that is meant, and the file's name in its folder.
pub(super) async fn find(app: &App, choice: &FileChoice) -> anyhow::Result<(StatementRow, String)> {
    let name = match (&choice.room, choice.format) {
        (Some(_), FileFormat::Json) => anyhow::bail!("rooms have no JSON of their own: leave out --room"),
        (None, FileFormat::Json) => FileName::AccountJson,
        (room, FileFormat::Xlsx) => FileName::of(room.as_ref(), Format::Xlsx),
        (room, FileFormat::Html) => FileName::of(room.as_ref(), Format::Html),
    };
    let filter = StatementFilter { period: Some(choice.period), account: Some(choice.account.clone()) };
    let rows = app.context.store.read().await?.statements().statement_rows(&filter).await?;
    let meant = |row: &StatementRow| choice.revision.map_or(row.is_current, |revision| row.revision == revision);
    let Some(row) = rows.into_iter().find(meant) else {
        let (account, period) = (&choice.account, choice.period);
        anyhow::bail!("account {account} has no such statement in {period}: see \"statementd archive list\"")
    };
    Ok((row, name.to_string()))
}
