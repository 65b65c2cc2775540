//! `archive expire`: removes months that are past their retention, by hand.

use clap::Args;

use super::{Exit, Table, print, print_json};
use crate::app::App;
use crate::jobs::{ExpireReport, Expiry, expire_past_retention, publish_indexes};

#[derive(Debug, Args)]
#[command(after_help = "\
The daemon does this by itself. An account's month leaves once archive.keep_months newer ones are in the archive,
verified. Where more than one month of an account would leave at once, nothing does until --confirm: a wrong clock or
a mistyped setting looks the same. What has left is listed in expired/YYYY-MM.csv in the archive.

Exit status 3: something is held.

Example:
  statementd archive expire --dry-run")]
pub struct ExpireArgs {
    /// Say what would leave and why the rest stays; change nothing
    #[arg(long, conflicts_with = "confirm")]
    pub dry_run: bool,
    /// Let several months of an account leave at once
    #[arg(long)]
    pub confirm: bool,
    /// Print a JSON object
    #[arg(long)]
    pub json: bool,
}

pub(super) async fn expire(app: &App, args: ExpireArgs) -> anyhow::Result<Exit> {
    let expiry = match (args.dry_run, args.confirm) {
        (true, _) => Expiry::DryRun,
        (false, true) => Expiry::Confirmed,
        (false, false) => Expiry::Asked,
    };
    let _lock = app.context.store.lock_closing().await?;
    let report = expire_past_retention(&app.context, expiry, &|| true).await?;
    if expiry != Expiry::DryRun {
        publish_indexes(&app.context).await?;
    }
    if args.json {
        print_json(&report)?;
    } else {
        print(render(&report, args.dry_run))?;
    }
    Ok(Exit::attention_if(!report.held.is_empty()))
}

fn render(report: &ExpireReport, dry_run: bool) -> String {
    let mut table = Table::new(&["ACCOUNT", "PERIOD", "STATE", ">OBJECTS", ">BYTES", "WHAT TO DO"]);
    let state = if dry_run { "would leave" } else { "left" };
    for month in &report.expired {
        table.row([
            month.account.to_string(),
            month.period.to_string(),
            state.into(),
            month.objects.to_string(),
            month.bytes.to_string(),
            String::new(),
        ]);
    }
    for held in &report.held {
        for period in &held.periods {
            let (account, period) = (held.account.to_string(), period.to_string());
            let state = format!("held: {}", held.reason);
            table.row([account, period, state, String::new(), String::new(), held.detail.clone()]);
        }
    }
    if table.is_empty() { "Nothing is older than what archive.keep_months keeps.".into() } else { table.render() }
}
