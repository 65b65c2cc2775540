//! `import rejects`: rows that were refused, listed and taken out.

use clap::{Args, Subcommand};
use serde::Serialize;

use crate::app::App;
use crate::cli::Exit;
use crate::cli::output::{Table, print, print_json};
use crate::intake::Kind;
use crate::jobs;
use crate::store::{Key, RejectsFilter};

#[derive(Debug, Subcommand)]
pub enum RejectsCommand {
    /// Rows that wait, with the reason of each
    #[command(after_help = "\
Examples:
  statementd import rejects list
  statementd import rejects list --file cdr.csv --json")]
    List(ListArgs),
    /// Takes rows out for good: footers, half lines, what is wrong for ever
    #[command(after_help = "\
A dismissed row is tried again by \"statementd import retry --id\" only. What is dismissed stands in \"statementd log\".

Examples:
  statementd import rejects dismiss 17 18
  statementd import rejects dismiss --file cdr.csv --reason \"has 2 fields\"")]
    Dismiss(DismissArgs),
}

/// Which rows; together, those of all that is given.
#[derive(Debug, Args)]
pub struct Choice {
    /// By their ids
    #[arg(value_name = "ID")]
    pub ids: Vec<Key>,
    /// By an id
    #[arg(long, value_name = "ID")]
    pub id: Vec<Key>,
    /// tariffs, accounts, rooms or usage
    #[arg(long)]
    pub kind: Option<Kind>,
    /// Of a file, by its name with or without its folder ("-": standard input)
    #[arg(long, value_name = "NAME", allow_hyphen_values = true)]
    pub file: Option<String>,
    /// With a reason that holds this text
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,
}

#[derive(Debug, Args)]
pub struct ListArgs {
    #[command(flatten)]
    pub choice: Choice,
    /// Those that were dismissed
    #[arg(long)]
    pub dismissed: bool,
}

#[derive(Debug, Args)]
pub struct DismissArgs {
    #[command(flatten)]
    pub choice: Choice,
    /// All that wait
    #[arg(long)]
    pub all: bool,
    /// A note for the audit
    #[arg(long, value_name = "TEXT")]
    pub note: Option<String>,
}

#[derive(Serialize)]
struct Dismissed {
    dismissed: usize,
    ids: Vec<Key>,
}

impl Choice {
    fn filter(self, dismissed: bool) -> RejectsFilter {
        let ids = self.ids.into_iter().chain(self.id).collect();
        let kind = self.kind.map(|kind| kind.as_str().to_owned());
        RejectsFilter { ids, kind, file: self.file, reason: self.reason, dismissed }
    }

    fn is_empty(&self) -> bool {
        let has_no_id = self.ids.is_empty() && self.id.is_empty();
        has_no_id && self.kind.is_none() && self.file.is_none() && self.reason.is_none()
    }
}

pub async fn rejects(app: &App, command: RejectsCommand, json: bool) -> anyhow::Result<Exit> {
    match command {
        RejectsCommand::List(args) => list(app, args, json).await,
        RejectsCommand::Dismiss(args) if args.choice.is_empty() && !args.all => {
            anyhow::bail!("name the rows to dismiss: by ids, --file, --reason or --kind, or --all")
        }
        RejectsCommand::Dismiss(args) => {
            let rows = jobs::dismiss_rejected(&app.context, &args.choice.filter(false), args.note.as_deref()).await?;
            if json {
                let ids: Vec<Key> = rows.iter().map(|row| row.id).collect();
                print_json(&Dismissed { dismissed: ids.len(), ids })?;
            } else {
                print(format!("{} rejected rows dismissed", rows.len()))?;
            }
            Ok(Exit::Done)
        }
    }
}

async fn list(app: &App, args: ListArgs, json: bool) -> anyhow::Result<Exit> {
    let filter = args.choice.filter(args.dismissed);
    let rows = jobs::list_rejected(&app.context.store, &filter).await?;
    if json {
        print_json(&rows)?;
        return Ok(Exit::Done);
    }
    let mut table = Table::new(&[">ID", "KIND", "FILE", ">LINE", "KEY", "COLUMN", "REASON"]);
    for row in rows {
        let (column, key) = (row.column.unwrap_or_default(), row.key.unwrap_or_default());
        table.row([row.id.to_string(), row.kind, row.file, row.line.to_string(), key, column, row.reason]);
    }
    print(if table.is_empty() { "No rejected rows".to_owned() } else { table.render() })?;
    Ok(Exit::Done)
}
