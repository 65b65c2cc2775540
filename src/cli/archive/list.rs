//! `archive list`: from the database alone, so that it costs the store nothing.

use clap::Args;
use serde::Serialize;

use super::{Exit, Table, print, print_json};
use crate::app::App;
use crate::domain::{AccountNumber, Period};
use crate::jobs::statement_folder;
use crate::store::{Stage, StatementFilter, StatementRow};

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  statementd archive list --period 2009-05
  statementd archive list --account 602127 --json")]
pub struct ListArgs {
    #[arg(long, value_name = "YYYY-MM")]
    pub period: Option<Period>,
    #[arg(long, value_name = "N")]
    pub account: Option<AccountNumber>,
    /// Print a JSON array
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Serialize)]
struct Listed {
    period: Period,
    account: AccountNumber,
    revision: u32,
    current: bool,
    state: Stage,
    charge: String,
    currency: String,
    folder: String,
    manifest_sha256: Option<String>,
    /// Why it could not be published.
    reason: Option<String>,
}

pub(super) async fn list(app: &App, args: ListArgs) -> anyhow::Result<Exit> {
    let filter = StatementFilter { period: args.period, account: args.account };
    let rows = app.context.store.read().await?.statement_rows(&filter).await?;
    let listed: Vec<_> = rows.into_iter().map(Listed::from).collect();
    if args.json {
        print_json(&listed)?;
        return Ok(Exit::Done);
    }
    let mut table = Table::new(&["PERIOD", "ACCOUNT", ">REVISION", ">CHARGE", "STATE", "FOLDER"]);
    for row in listed {
        let revision = if row.current { row.revision.to_string() } else { format!("{} (old)", row.revision) };
        table.row([
            row.period.to_string(),
            row.account.to_string(),
            revision,
            format!("{} {}", row.charge, row.currency),
            row.state.to_string(),
            row.folder,
        ]);
    }
    print(table.render())?;
    Ok(Exit::Done)
}

impl From<StatementRow> for Listed {
    fn from(row: StatementRow) -> Self {
        Self {
            folder: statement_folder(&row).to_string(),
            period: row.period,
            account: row.account,
            revision: row.revision,
            current: row.is_current,
            state: row.stage,
            charge: row.currency.decimal(row.charge).to_string(),
            currency: row.currency.code().into(),
            manifest_sha256: row.publication.map(|publication| publication.manifest_sha256),
            reason: row.failure,
        }
    }
}
