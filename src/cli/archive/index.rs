//! `archive index`: writes tables of contents again, whatever is there.

use clap::Args;

use super::{Exit, print, print_json};
use crate::app::App;
use crate::domain::Period;
use crate::jobs::rebuild_indexes;

#[derive(Debug, Args)]
#[command(after_help = "\
They are made again by themselves whenever something changes; this is for one that was lost.

Example:
  statementd archive index --period 2026-10")]
pub struct IndexArgs {
    /// By default all months
    #[arg(long, value_name = "YYYY-MM")]
    pub period: Option<Period>,
    /// Print a JSON object
    #[arg(long)]
    pub json: bool,
}

pub(super) async fn index(app: &App, args: IndexArgs) -> anyhow::Result<Exit> {
    let _lock = app.context.store.lock_closing().await?;
    let written = rebuild_indexes(&app.context, args.period).await?;
    if args.json {
        print_json(&serde_json::json!({ "written": written }))?;
        return Ok(Exit::Done);
    }
    print(format!("{written} tables of contents written"))?;
    Ok(Exit::Done)
}
