//! `rerun show`: the reports of reruns, from the archive.

use clap::{Args, Subcommand, ValueEnum};

use super::output::{Table, print, print_json};
use super::{Exit, Session};
use crate::app::App;
use crate::jobs;
use crate::store::RerunRow;

#[derive(Debug, Subcommand)]
pub enum RerunCommand {
    /// The reruns that the configuration has asked for, or the report of one
    #[command(after_help = "\
Examples:
  statementd rerun show                                        all reruns and how far each is
  statementd rerun show 2026-11-tariff-fix                     where its report is, and what it says in short
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

pub async fn rerun(session: Session, command: RerunCommand) -> anyhow::Result<Exit> {
    let RerunCommand::Show(args) = command;
    let app = session.open().await?;
    let exit = show(&app, args).await;
    app.close().await;
    exit
}

async fn show(app: &App, args: ShowArgs) -> anyhow::Result<Exit> {
    let reruns = app.context.store.read().await?.reruns().await?;
    let Some(id) = args.id else {
        return list(&reruns, args.json);
    };
    let Some(row) = reruns.iter().find(|row| row.rerun_id == id) else {
        anyhow::bail!("no rerun has the id {id}: see \"statementd rerun show\"")
    };
    let format = if args.json { Some(ReportFormat::Json) } else { args.report };
    let Some(format) = format else {
        print(format!("{id}, {}, {}", row.period, row.progress()))?;
        if row.rehearsed_at.is_some() || row.applied_at.is_some() {
            print(format!("Report: {}", jobs::rerun_report_url(&app.context, &id)))?;
        }
        return Ok(Exit::Done);
    };
    let extension = match format {
        ReportFormat::Csv => "csv",
        ReportFormat::Html => "html",
        ReportFormat::Json => "json",
    };
    let Some(report) = jobs::rerun_report(&app.context, &id, extension).await? else {
        anyhow::bail!("rerun {id} has no report yet: the daemon, or \"statementd close\", makes it")
    };
    print(String::from_utf8_lossy(&report).trim_end())?;
    Ok(Exit::Done)
}

fn list(reruns: &[RerunRow], json: bool) -> anyhow::Result<Exit> {
    if json {
        let listed: Vec<_> = reruns
            .iter()
            .map(|row| serde_json::json!({"id": row.rerun_id, "period": row.period, "state": row.progress()}))
            .collect();
        print_json(&listed)?;
        return Ok(Exit::Done);
    }
    let mut table = Table::new(&["ID", "PERIOD", "STATE"]);
    for row in reruns {
        table.row([row.rerun_id.clone(), row.period.clone(), row.progress()]);
    }
    print(if table.is_empty() { "No rerun has been asked for.".to_owned() } else { table.render() })?;
    Ok(Exit::Done)
}
