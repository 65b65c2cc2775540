//! `preview`: a statement as it would be.

use std::path::PathBuf;

use chrono::{DateTime, Utc};
use clap::Args;

use super::output::{print, print_json};
use super::{Exit, GlobalOptions};
use crate::domain::{AccountNumber, Period, RoomNumber};
use crate::jobs;

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  statementd preview --period 2026-11 --account 602127 --out preview")]
pub struct PreviewArgs {
    /// The month, closed or not
    #[arg(long, value_name = "YYYY-MM")]
    pub period: Period,
    /// The account
    #[arg(long, value_name = "N")]
    pub account: AccountNumber,
    /// Only this room's files
    #[arg(long, value_name = "N")]
    pub room: Option<RoomNumber>,
    /// Where the files go
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// Used as the present time (RFC 3339)
    #[arg(long, value_name = "INSTANT")]
    pub as_of: Option<DateTime<Utc>>,
    /// Print a JSON array of the files
    #[arg(long)]
    pub json: bool,
}

pub async fn preview(globals: GlobalOptions, args: PreviewArgs) -> anyhow::Result<Exit> {
    let app = globals.open().await?;
    let made = jobs::preview(&app.context, &args.account, args.period, args.room.as_ref(), &args.out).await?;
    app.close().await;
    if args.json {
        print_json(&made.files)?;
        return Ok(Exit::Done);
    }
    for file in made.files {
        print(file.display().to_string())?;
    }
    Ok(Exit::Done)
}
