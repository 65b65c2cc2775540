//! `log`: who or what caused each closing, revision, resend, hold, release and expiry.

use clap::Args;

use super::output::{Table, print, print_json};
use super::{Exit, GlobalOptions};
use crate::domain::{AccountNumber, Period};
use crate::store::AuditFilter;

#[derive(Debug, Args)]
#[command(after_help = "\
An actor is `tick` (the daemon by itself), `command (USER)` or `rerun ID` (the configuration).

Examples:
  statementd log --period 2026-10 --account 602127
  statementd log --limit 1000 --json")]
pub struct LogArgs {
    /// Only of this month
    #[arg(long, value_name = "YYYY-MM")]
    pub period: Option<Period>,
    /// Only of this account
    #[arg(long, value_name = "N")]
    pub account: Option<AccountNumber>,
    /// How many of the newest entries
    #[arg(long, value_name = "N", default_value_t = 100)]
    pub limit: u32,
    /// Print a JSON array
    #[arg(long)]
    pub json: bool,
}

pub async fn log(globals: GlobalOptions, args: LogArgs) -> anyhow::Result<Exit> {
    let app = globals.open().await?;
    let filter = AuditFilter { period: args.period, account: args.account };
    let entries = app.context.store.read().await?.reports().audit_entries(&filter, args.limit).await?;
    app.close().await;
    if args.json {
        print_json(&entries)?;
        return Ok(Exit::Done);
    }
    let mut table = Table::new(&["AT", "ACTOR", "ACTION", "ACCOUNT", "PERIOD", ">REV", "DETAIL"]);
    for entry in entries {
        table.row([
            entry.at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true),
            entry.actor,
            entry.action,
            entry.account,
            entry.period.unwrap_or_default(),
            entry.revision.map(|revision| revision.to_string()).unwrap_or_default(),
            entry.detail.unwrap_or_default(),
        ]);
    }
    print(table.render())?;
    Ok(Exit::Done)
}
