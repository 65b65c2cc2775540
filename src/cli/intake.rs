//! `intake`: the sources of usage, and the state of each.

use clap::{Args, Subcommand};

use super::output::{Table, print, print_json};
use super::{Exit, GlobalOptions};
use crate::jobs::{SourceOverview, intake_overview};

#[derive(Debug, Subcommand)]
pub enum IntakeCommand {
    /// The sources of usage that the configuration names: what came, what waits, what is wrong
    #[command(after_help = "\
Ends with 3 where a source cannot be looked at, is silent beyond its expect_every, or has files that are refused or have
not been whole for an hour.

Examples:
  statementd intake list
  statementd intake list --json | jq '.[] | {name, stored, rejected}'")]
    List(ListArgs),
}

#[derive(Debug, Args)]
pub struct ListArgs {
    /// Print JSON: an array with an object for each source
    #[arg(long)]
    pub json: bool,
}

pub async fn intake(globals: GlobalOptions, command: IntakeCommand) -> anyhow::Result<Exit> {
    let IntakeCommand::List(args) = command;
    let app = globals.open().await?;
    let sources = intake_overview(&app.context, true).await;
    let now = app.context.clock.now();
    app.close().await;
    let sources = sources?;
    let problems: Vec<String> = sources
        .iter()
        .flat_map(|source| source.problems(now).into_iter().map(|problem| format!("{} {problem}", source.name)))
        .collect();
    if args.json {
        print_json(&sources)?;
    } else {
        print(shown(&sources, &problems))?;
    }
    Ok(Exit::attention_if(!problems.is_empty()))
}

fn shown(sources: &[SourceOverview], problems: &[String]) -> String {
    if sources.is_empty() {
        return "No source of usage: see [[intake]] in the sample configuration, and the manual's page \"Bridges\""
            .into();
    }
    let headings =
        ["Source", ">Files", ">Stored", ">Again", ">Skipped", ">Rejected", ">Waiting", ">Open legs", "Last taken"];
    let mut table = Table::new(&headings);
    for source in sources {
        let waiting = source.waiting.map_or_else(|| "-".to_owned(), |files| files.to_string());
        let last = source.last_taken_at.map_or_else(|| "never".to_owned(), |at| at.to_rfc3339());
        table.row([
            source.name.clone(),
            source.files.to_string(),
            source.stored.to_string(),
            source.duplicates.to_string(),
            source.skipped.values().sum::<u64>().to_string(),
            source.rejected.to_string(),
            waiting,
            source.open_legs.to_string(),
            last,
        ]);
    }
    let mut text = table.render();
    for source in sources {
        for (reason, items) in &source.skipped {
            text = format!("{text}\n{}: {items} skipped: {reason}", source.name);
        }
    }
    for problem in problems {
        text = format!("{text}\n! {problem}");
    }
    text
}
