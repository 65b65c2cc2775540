//! `migrate`: the schema of now.

use clap::Args;

use super::output::{print, print_json};
use super::owner::refuse_foreign_root;
use super::{Exit, GlobalOptions};
use crate::app;

#[derive(Debug, Args)]
#[command(after_help = "\
Every command does this by itself, except with --no-migrate. All missing migrations are one transaction.

Example:
  statementd migrate")]
pub struct MigrateArgs {
    /// Print a JSON object
    #[arg(long)]
    pub json: bool,
}

pub async fn migrate(globals: GlobalOptions, args: MigrateArgs) -> anyhow::Result<Exit> {
    let config = globals.config()?;
    refuse_foreign_root(&config)?;
    let store = app::open_store(&config).await?;
    let applied = store.migrate().await?;
    store.close().await;
    if args.json {
        print_json(&serde_json::json!({ "applied": applied }))?;
        return Ok(Exit::Done);
    }
    print(match applied {
        0 => "The database's schema was up to date.".to_owned(),
        1 => "1 migration was applied.".to_owned(),
        more => format!("{more} migrations were applied."),
    })?;
    Ok(Exit::Done)
}
