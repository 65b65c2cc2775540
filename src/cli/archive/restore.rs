//! `archive restore`: writes again what was lost or damaged, byte for byte.

use clap::Args;

use super::{Exit, print, print_json};
use crate::app::App;
use crate::domain::{AccountNumber, Period};
use crate::jobs::restore as rebuild;

#[derive(Debug, Args)]
#[command(after_help = "\
Files are rendered again from the frozen statement and its usage, and written only if they are, byte for byte, what
the manifest promises. Exit status 3: something could not be rebuilt; the reason says what to do.

Example:
  statementd archive restore --period 2009-05 --account 602127")]
pub struct RestoreArgs {
    /// By default all months
    #[arg(long, value_name = "YYYY-MM")]
    pub period: Option<Period>,
    /// By default all
    #[arg(long, value_name = "N")]
    pub account: Option<AccountNumber>,
    /// Print a JSON object
    #[arg(long)]
    pub json: bool,
}

pub(super) async fn restore(app: &App, args: RestoreArgs) -> anyhow::Result<Exit> {
    let _lock = app.context.store.lock_closing().await?;
    let report = rebuild(&app.context, args.period, args.account.as_ref()).await?;
    if args.json {
        print_json(&report)?;
    } else {
        for key in &report.restored {
            print(format!("restored    {key}"))?;
        }
        for refused in &report.refused {
            print(format!("refused     {}: {}", refused.key, refused.why))?;
        }
        for key in &report.unexpected {
            print(format!("unexpected  {key} (left alone)"))?;
        }
        print(format!(
            "{} statements read, {} objects restored, {} refused",
            report.statements,
            report.restored.len(),
            report.refused.len()
        ))?;
    }
    Ok(Exit::attention_if(!report.refused.is_empty()))
}
