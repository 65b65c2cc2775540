//! `archive list`: from the database alone, so that it costs the store nothing.

use clap::Args;
use serde::Serialize;

use super::{Exit, Table, print, print_json};
use crate::app::App;
use crate::cli::master::matches;
use crate::digest::Sha256;
use crate::domain::{AccountNumber, Period};
use crate::jobs::statement_folder;
use crate::store::{Stage, StatementFilter, StatementRow};

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  statementd archive list --period 2009-05
  statementd archive list --match dupont
  statementd archive list --account 602127 --json")]
pub struct ListArgs {
    /// Only of this month
    #[arg(long, value_name = "YYYY-MM")]
    pub period: Option<Period>,
    /// Only of this account
    #[arg(long, value_name = "N")]
    pub account: Option<AccountNumber>,
    /// Only where this is part of the account's number or company; upper and lower case are the same
    #[arg(long = "match", value_name = "TEXT")]
    pub text: Option<String>,
    /// Print a JSON array
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Serialize)]
struct Listed {
    period: Period,
    account: AccountNumber,
    /// As it is called now.
    company: String,
    revision: u32,
    current: bool,
    state: Stage,
    charge: String,
    currency: String,
    folder: String,
    manifest_sha256: Option<Sha256>,
    /// Why it could not be published.
    reason: Option<String>,
}

pub(super) async fn list(app: &App, args: ListArgs) -> anyhow::Result<Exit> {
    let filter = StatementFilter { period: args.period, account: args.account };
    let mut tx = app.context.store.read().await?;
    let companies = tx.master().companies().await?;
    let rows = tx.statements().statement_rows(&filter).await?;
    let company = |row: &StatementRow| companies.get(row.account.as_str()).cloned().unwrap_or_default();
    let listed = rows.into_iter().map(|row| Listed::new(company(&row), row));
    let listed: Vec<_> =
        listed.filter(|it| matches(args.text.as_deref(), [it.account.as_str(), it.company.as_str()])).collect();
    if args.json {
        print_json(&listed)?;
        return Ok(Exit::Done);
    }
    let mut table = Table::new(&["PERIOD", "ACCOUNT", "COMPANY", ">REVISION", ">CHARGE", "STATE", "FOLDER"]);
    for row in listed {
        let revision = if row.current { row.revision.to_string() } else { format!("{} (old)", row.revision) };
        table.row([
            row.period.to_string(),
            row.account.to_string(),
            row.company,
            revision,
            format!("{} {}", row.charge, row.currency),
            row.state.to_string(),
            row.folder,
        ]);
    }
    print(table.render())?;
    Ok(Exit::Done)
}

impl Listed {
    fn new(company: String, row: StatementRow) -> Self {
        Self {
            company,
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
