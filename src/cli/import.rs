//! `import`: CSV files in, and rejected rows once more.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use indicatif::{ProgressBar, ProgressStyle};

use super::import_convert::{ConvertArgs, convert};
use super::output::{print, print_json};
use super::{Exit, Session};
use crate::app::App;
use crate::intake::Kind;
use crate::jobs;
use crate::jobs::{ImportProgress, ImportReport};

#[derive(Debug, Args)]
#[command(after_help = "\
The files are UTF-8 CSV with a header; columns are found by name, in any order. Rows that cannot be used are kept in
the database and in FILE.rejected.csv, with the reason, while the good ones are stored.

Examples:
  statementd import tariffs tariffs.csv && statementd import accounts accounts.csv
  statementd import usage cdr-2026-10-*.csv
  statementd import retry                        after the missing rooms were imported")]
pub struct ImportArgs {
    #[command(subcommand)]
    pub what: What,
    /// Print a JSON array, an object per file
    #[arg(long, global = true)]
    pub json: bool,
}

#[derive(Debug, Subcommand)]
pub enum What {
    #[command(
        about = "Columns: tariff, service_type, label, currency, rate_per_minute, increment_seconds, minimum_seconds, valid_from"
    )]
    Tariffs(Files),
    #[command(
        about = "Columns: account_number, company_name, currency, time_zone, locale, tariff, owner_name, owner_email; \
                 optional: valid_from, first_period, closed_from"
    )]
    Accounts(Files),
    #[command(
        about = "Columns: room_number, account_number, cardholder, cardholder_email, auto_billing_code, active; \
                 optional: valid_from"
    )]
    Rooms(Files),
    #[command(about = "Columns: number (1800* is a prefix), service_type, valid_from")]
    AccessNumbers(Files),
    #[command(
        about = "Columns: leg_id, conference_id, room_number, service_type, joined_at, left_at, caller, billing_code"
    )]
    Usage(Files),
    /// Prints what a bridge wrote as the contract's CSV, and stores nothing
    Convert(ConvertArgs),
    /// Tries the rejected rows again
    Retry,
}

#[derive(Debug, Args)]
pub struct Files {
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
}

pub async fn import(session: Session, args: ImportArgs) -> anyhow::Result<Exit> {
    let what = match args.what {
        What::Convert(convert_args) => return convert(&session, convert_args, args.json).await,
        what => what,
    };
    let app = session.open().await?;
    let exit = match what {
        What::Convert(_) => Ok(Exit::Done),
        What::Tariffs(files) => import_files(&app, Kind::Tariffs, &files.files, args.json).await,
        What::Accounts(files) => import_files(&app, Kind::Accounts, &files.files, args.json).await,
        What::Rooms(files) => import_files(&app, Kind::Rooms, &files.files, args.json).await,
        What::AccessNumbers(files) => import_files(&app, Kind::AccessNumbers, &files.files, args.json).await,
        What::Usage(files) => import_files(&app, Kind::Usage, &files.files, args.json).await,
        What::Retry => retry(&app, args.json).await,
    };
    app.close().await;
    exit
}

async fn import_files(app: &App, kind: Kind, files: &[PathBuf], json: bool) -> anyhow::Result<Exit> {
    let mut reports = Vec::new();
    for file in files {
        let bar = progress_bar(file);
        let advance = |progress: ImportProgress| bar.set_position(progress.bytes_read);
        let (store, clock) = (&app.context.store, app.context.clock);
        let imported = jobs::import_file(store, clock, app.limits(), (kind, file), &advance).await;
        bar.finish_and_clear();
        let report = imported?;
        for warning in &report.warnings {
            tracing::warn!("{}: {warning}", report.file.display());
        }
        if !json {
            print(sentence(&report))?;
        }
        reports.push(report);
    }
    if json {
        print_json(&reports)?;
    }
    Ok(exit(&reports))
}

/// Where every row was rejected, nothing was stored: the import failed, although the rows are kept.
fn exit(reports: &[ImportReport]) -> Exit {
    let rejected = reports.iter().any(|report| report.rejected > 0);
    let nothing_stored = reports.iter().all(|report| report.stored + report.duplicates == 0);
    if rejected && nothing_stored { Exit::Failed } else { Exit::attention_if(rejected) }
}

fn sentence(report: &ImportReport) -> String {
    let mut parts = vec![format!("{}: {} rows, {} stored", report.file.display(), report.rows, report.stored)];
    for (count, what) in [
        (report.duplicates, "already there"),
        (report.late, "late (their month has closed)"),
        (report.rejected, "rejected"),
    ] {
        if count > 0 {
            parts.push(format!("{count} {what}"));
        }
    }
    let text = parts.join(", ");
    match &report.rejects_file {
        Some(file) => format!("{text}: see {}", file.display()),
        None => text,
    }
}

async fn retry(app: &App, json: bool) -> anyhow::Result<Exit> {
    let report = jobs::retry_rejected(&app.context.store, app.context.clock, app.limits()).await?;
    if json {
        print_json(&report)?;
    } else {
        print(format!(
            "{} rejected rows tried again: {} stored, {} still rejected",
            report.rows, report.stored, report.rejected
        ))?;
    }
    Ok(Exit::attention_if(report.rejected > 0))
}

/// By bytes of the file; hidden where stderr is no terminal.
fn progress_bar(file: &Path) -> ProgressBar {
    let size = std::fs::metadata(file).map_or(0, |metadata| metadata.len());
    let bar = ProgressBar::new(size);
    let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    if let Ok(style) = ProgressStyle::with_template("{msg} {wide_bar} {bytes}/{total_bytes} {eta}") {
        bar.set_style(style);
    }
    bar.set_message(name);
    bar
}
