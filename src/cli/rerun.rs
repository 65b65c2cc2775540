//! `rerun show`: the reports of reruns, from the archive.

use std::collections::HashSet;

use clap::{Args, Subcommand, ValueEnum};

use super::output::{Table, print, print_json};
use super::{Exit, GlobalOptions};
use crate::app::App;
use crate::domain::Totals;
use crate::jobs;
use crate::jobs::{AccountOutcome, RerunProgress};
use crate::store::RerunRow;

/// More are in the report itself.
const MOST_ACCOUNTS: usize = 50;

#[derive(Debug, Subcommand)]
pub enum RerunCommand {
    /// The reruns that the configuration has asked for and how far each is, or what one changed
    #[command(after_help = "\
Examples:
  statementd rerun show                                        all reruns and how far each is
  statementd rerun show 2026-11-tariff-fix                     account by account, and where its report is
  statementd rerun show 2026-11-tariff-fix --report csv        the report itself, a row per changed line")]
    Show(ShowArgs),
}

#[derive(Debug, Args)]
pub struct ShowArgs {
    /// Of this rerun
    #[arg(value_name = "ID")]
    pub id: Option<String>,
    /// Print its report in this format
    #[arg(long, value_name = "FORMAT", requires = "id")]
    pub report: Option<ReportFormat>,
    /// Print JSON: an array, or with an ID the report
    #[arg(long, conflicts_with = "report")]
    pub json: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ReportFormat {
    Csv,
    Html,
    Json,
}

pub async fn rerun(globals: GlobalOptions, command: RerunCommand) -> anyhow::Result<Exit> {
    let RerunCommand::Show(args) = command;
    let app = globals.open().await?;
    let exit = show(&app, args).await;
    app.close().await;
    exit
}

async fn show(app: &App, args: ShowArgs) -> anyhow::Result<Exit> {
    let taken_up = app.context.store.read().await?.reruns().list().await?;
    let has_report = |row: &RerunRow| row.rehearsed_at.is_some() || row.applied_at.is_some();
    let reported: HashSet<_> =
        taken_up.iter().filter(|row| has_report(row)).map(|row| row.rerun_id.clone()).collect();
    let reruns = jobs::rerun_progress(&app.context.settings.reruns, taken_up);
    let Some(id) = args.id else {
        return list(&reruns, args.json);
    };
    let Some(rerun) = reruns.iter().find(|rerun| rerun.id == id) else {
        anyhow::bail!("no rerun has the id {id}: see \"statementd rerun show\"")
    };
    let format = if args.json { Some(ReportFormat::Json) } else { args.report };
    let Some(format) = format else {
        print(format!("{id}, {}, {}", rerun.period, rerun.state))?;
        if reported.contains(&id) {
            let accounts = jobs::rerun_accounts(&app.context, &id).await?;
            if !accounts.is_empty() {
                print(table_of(&accounts))?;
            }
            print(format!("Report, line by line: {}", jobs::rerun_report_url(&app.context, &id)))?;
        }
        return Ok(Exit::Done);
    };
    let extension = match format {
        ReportFormat::Csv => "csv",
        ReportFormat::Html => "html",
        ReportFormat::Json => "json",
    };
    let Some(report) = jobs::rerun_report(&app.context, &id, extension).await? else {
        anyhow::bail!("rerun {id} has no report yet: the daemon makes it")
    };
    print(String::from_utf8_lossy(&report).trim_end())?;
    Ok(Exit::Done)
}

/// The accounts that differ; the first of many.
fn table_of(accounts: &[AccountOutcome]) -> String {
    let mut table =
        Table::new(&["ACCOUNT", "RESULT", ">BEFORE", ">AFTER", "CURRENCY", ">LINES CHANGED", ">MESSAGES"]);
    for it in accounts.iter().take(MOST_ACCOUNTS) {
        let charge = |totals: Totals| it.currency.decimal(totals.charge).to_string();
        let lines = it.changes.as_ref().map_or(0, |changes| changes.lines.len());
        table.row([
            it.account.to_string(),
            it.verdict.sentence(),
            charge(it.before),
            charge(it.after),
            it.currency.code().to_owned(),
            lines.to_string(),
            it.messages.to_string(),
        ]);
    }
    match accounts.len().checked_sub(MOST_ACCOUNTS) {
        None | Some(0) => table.render(),
        Some(more) => format!("{}\nand {more} more: --report csv", table.render()),
    }
}

fn list(reruns: &[RerunProgress], json: bool) -> anyhow::Result<Exit> {
    if json {
        print_json(&reruns)?;
        return Ok(Exit::Done);
    }
    let mut table = Table::new(&["ID", "PERIOD", "STATE"]);
    for rerun in reruns {
        table.row([rerun.id.clone(), rerun.period.clone(), rerun.state.clone()]);
    }
    print(if table.is_empty() { "No rerun has been asked for.".to_owned() } else { table.render() })?;
    Ok(Exit::Done)
}
