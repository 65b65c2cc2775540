//! `archive`: what is kept, fetched and checked.

use std::io::Write;
use std::path::PathBuf;

use anyhow::{Context as _, bail};
use clap::{Args, Subcommand};
use serde::Serialize;

use super::output::{Table, print, print_json};
use super::{Exit, Session};
use crate::app::App;
use crate::archive::{FileName, Finding, StatementFolder, verify_statement};
use crate::domain::{AccountNumber, Period, RoomNumber};
use crate::store::StatementRow;

#[derive(Debug, Subcommand)]
pub enum ArchiveCommand {
    /// Statements in the archive
    List(ListArgs),
    /// One file, to a file or to stdout
    Get(GetArgs),
    /// Reads every object back against the manifests and the database
    Verify(VerifyArgs),
}

#[derive(Debug, Args)]
pub struct ListArgs {
    #[arg(long, value_name = "YYYY-MM")]
    pub period: Option<Period>,
    #[arg(long, value_name = "N")]
    pub account: Option<AccountNumber>,
    /// Print a JSON array
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  statementd archive get --period 2009-05 --account 602127 --out may.xlsx
  statementd archive get --period 2009-05 --account 602127 --room 332703 --format html > room.html")]
pub struct GetArgs {
    #[arg(long, value_name = "YYYY-MM")]
    pub period: Period,
    #[arg(long, value_name = "N")]
    pub account: AccountNumber,
    /// This room's file instead of the account's
    #[arg(long, value_name = "N")]
    pub room: Option<RoomNumber>,
    #[arg(long, default_value = "xlsx", value_parser = ["xlsx", "html", "json"])]
    pub format: String,
    /// By default the current one
    #[arg(long, value_name = "N")]
    pub revision: Option<u32>,
    /// By default stdout
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub struct VerifyArgs {
    /// By default all months
    #[arg(long, value_name = "YYYY-MM")]
    pub period: Option<Period>,
    /// Print a JSON object
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Serialize)]
struct Listed {
    period: Period,
    account: AccountNumber,
    revision: u32,
    current: bool,
    state: &'static str,
    folder: String,
    manifest_sha256: Option<String>,
}

#[derive(Debug, Serialize)]
struct Verified {
    statements: u64,
    findings: Vec<Finding>,
}

pub async fn archive(session: Session, command: ArchiveCommand) -> anyhow::Result<Exit> {
    let app = session.open().await?;
    let exit = match command {
        ArchiveCommand::List(args) => list(&app, args).await,
        ArchiveCommand::Get(args) => get(&app, args).await,
        ArchiveCommand::Verify(args) => verify(&app, args).await,
    };
    app.close().await;
    exit
}

async fn list(app: &App, args: ListArgs) -> anyhow::Result<Exit> {
    let rows = app.context.store.read().await?.statement_rows(args.period).await?;
    let wanted = |row: &StatementRow| args.account.as_ref().is_none_or(|account| row.account == *account);
    let listed: Vec<_> = rows.into_iter().filter(wanted).map(Listed::from).collect();
    if args.json {
        print_json(&listed)?;
        return Ok(Exit::Done);
    }
    let mut table = Table::new(&["PERIOD", "ACCOUNT", ">REVISION", "STATE", "FOLDER"]);
    for row in listed {
        let revision = if row.current { row.revision.to_string() } else { format!("{} (old)", row.revision) };
        table.row([row.period.to_string(), row.account.to_string(), revision, row.state.into(), row.folder]);
    }
    print(table.render())?;
    Ok(Exit::Done)
}

async fn get(app: &App, args: GetArgs) -> anyhow::Result<Exit> {
    let rows = app.context.store.read().await?.statement_rows(Some(args.period)).await?;
    let row = rows
        .into_iter()
        .find(|row| {
            row.account == args.account && args.revision.map_or(row.is_current, |revision| row.revision == revision)
        })
        .with_context(|| {
            format!(
                "account {} has no such statement in {}: see \"statementd archive list\"",
                args.account, args.period
            )
        })?;
    let name = match args.room {
        None => FileName::Account(extension(&args.format)),
        Some(_) if args.format == "json" => bail!("rooms have no JSON of their own: leave out --room"),
        Some(room) => FileName::Room(room, extension(&args.format)),
    };
    let key = folder(&row).key(&name.to_string());
    let bytes = app.context.archive.get(&key).await?.with_context(|| {
        format!("the archive has no {key}: the room had no usage, or the format was not made (statements.formats)")
    })?;
    match args.out {
        Some(path) => std::fs::write(&path, bytes).with_context(|| path.display().to_string())?,
        None => std::io::stdout().lock().write_all(&bytes)?,
    }
    Ok(Exit::Done)
}

/// clap has checked the choice.
fn extension(format: &str) -> &'static str {
    match format {
        "html" => "html",
        "json" => "json",
        _ => "xlsx",
    }
}

async fn verify(app: &App, args: VerifyArgs) -> anyhow::Result<Exit> {
    let rows = app.context.store.read().await?.statement_rows(args.period).await?;
    let mut verified = Verified { statements: 0, findings: Vec::new() };
    for row in rows {
        let Some(manifest_sha256) = &row.manifest_sha256 else { continue };
        let findings = verify_statement(&app.context.archive, &folder(&row), manifest_sha256).await?;
        verified.statements += 1;
        verified.findings.extend(findings);
    }
    if args.json {
        print_json(&verified)?;
    } else {
        for finding in &verified.findings {
            print(format!("{:10}  {}", finding.problem, finding.key))?;
        }
        print(format!("{} statements verified, {} problems", verified.statements, verified.findings.len()))?;
    }
    Ok(Exit::attention_if(!verified.findings.is_empty()))
}

fn folder(row: &StatementRow) -> StatementFolder {
    StatementFolder { period: row.period, account: row.account.clone(), revision: row.revision }
}

impl From<StatementRow> for Listed {
    fn from(row: StatementRow) -> Self {
        let folder = folder(&row).to_string();
        let state = match (&row.failure, row.published) {
            (_, true) => "published",
            (Some(_), false) => "failed",
            (None, false) => "frozen",
        };
        Self {
            period: row.period,
            account: row.account,
            revision: row.revision,
            current: row.is_current,
            state,
            folder,
            manifest_sha256: row.manifest_sha256,
        }
    }
}
