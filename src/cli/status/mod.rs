//! `status`: is everything all right?

mod reading;
mod showing;
mod terminal;

use chrono::{DateTime, Utc};
use clap::Args;

use super::output::{print, print_json};
use super::{Exit, GlobalOptions};
use crate::app::App;
use crate::domain::{AccountNumber, Period};
use reading::{Scope, Status};

#[derive(Debug, Args)]
#[command(after_help = "\
What needs a person comes first, then the newest 13 months and all that are not in order, older ones a line a year.

Exit status 3: something is parked, failed, overdue or rejected, mail did not arrive, or a part outside (archive, mail, \
disk, clock) does not serve.

Examples:
  statementd status
  statementd status --account 602127
  statementd status --period 2026-10 --json")]
pub struct StatusArgs {
    /// Only this month
    #[arg(long, value_name = "YYYY-MM")]
    pub period: Option<Period>,
    /// Only this account
    #[arg(long, value_name = "N")]
    pub account: Option<AccountNumber>,
    /// Every month, and everything that needs attention
    #[arg(long)]
    pub all: bool,
    /// Used as the present time (RFC 3339)
    #[arg(long, value_name = "INSTANT")]
    pub as_of: Option<DateTime<Utc>>,
    /// Show it again every two seconds, until interrupted
    #[arg(long, conflicts_with_all = ["json", "as_of"])]
    pub watch: bool,
    /// Print a JSON object
    #[arg(long)]
    pub json: bool,
}

pub async fn status(globals: GlobalOptions, args: StatusArgs) -> anyhow::Result<Exit> {
    let app = globals.open().await?;
    let scope = Scope { period: args.period, account: args.account };
    if args.watch {
        let exit = terminal::watch(&app, &scope, args.all).await;
        app.close().await;
        return exit;
    }
    let status = Status::read_with_parts(&app, &scope).await?;
    app.close().await;
    if args.json {
        print_json(&status)?;
    } else {
        print(terminal::dressed(&status.render(args.all)))?;
    }
    Ok(status.exit())
}

/// How a command ends, by the state that it leaves.
pub async fn attention(app: &App) -> anyhow::Result<Exit> {
    Ok(Status::read(app, &Scope::default()).await?.exit())
}
