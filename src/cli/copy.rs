//! `copy`: the whole database into an empty one, on whatever engine.

use clap::Args;

use super::output::{Table, print, print_json, say};
use super::owner::refuse_foreign_root;
use super::{Exit, GlobalOptions};
use crate::app;
use crate::config::DatabaseUrl;
use crate::redacted;
use crate::store::Store;

#[derive(Debug, Args)]
#[command(after_help = "\
Stop every daemon first. The target must be empty; it gets this program's schema. Everything is copied in one
transaction and compared, table by table, before it counts; the database that is copied from stays as it is.

Examples:
  statementd copy --to postgres://statementd@db.internal/statementd
  STATEMENTD_COPY_TO=postgres://statementd:pw@db.internal/statementd \\
      statementd copy
  statementd copy --to sqlite://var/statementd.db")]
pub struct CopyArgs {
    /// The database to copy to, as database.url names it; a password in the environment is not shown to others
    #[arg(long, value_name = "URL", env = "STATEMENTD_COPY_TO", hide_env_values = true)]
    pub to: String,
    /// Print a JSON array of {table, rows, sha256}
    #[arg(long)]
    pub json: bool,
}

pub async fn copy(globals: GlobalOptions, args: CopyArgs) -> anyhow::Result<Exit> {
    let target: DatabaseUrl = match args.to.parse() {
        Ok(target) => target,
        Err(why) => {
            say(format!("statementd: --to {:?} {why}", redacted::url(&args.to)));
            return Ok(Exit::WrongUsage);
        }
    };
    let config = globals.config()?;
    refuse_foreign_root(&config)?;
    app::require_database(&config).await?;
    let from = app::open_store(&config).await?;
    if globals.migrate {
        from.migrate().await?;
    }
    // On SQLite no other process works meanwhile; on PostgreSQL the database lists the processes that have
    // registered.
    let _locks = (from.lock_daemon()?, from.lock_closing().await?, from.lock_mail().await?);
    let to = Store::open(target.expose()).await?;
    to.migrate().await?;
    let mut note = |table: &crate::store::CopiedTable| say(format!("{}: {} rows", table.table, table.rows));
    let copied = from.copy_to(&to, &mut note).await;
    to.close().await;
    from.close().await;
    let copied = copied?;
    if args.json {
        print_json(&copied)?;
    } else {
        let mut table = Table::new(&["TABLE", ">ROWS", "SHA-256"]);
        for copied in &copied {
            table.row([copied.table.to_owned(), copied.rows.to_string(), format!("{:.16}", copied.sha256)]);
        }
        print(format!("{}\n\nAll of it arrived. Set database.url to the new database now.", table.render()))?;
    }
    Ok(Exit::Done)
}
