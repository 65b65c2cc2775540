//! `import`: imports CSV files, and tries rejected rows again.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::{Args, Subcommand};
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;

mod rejects;

use super::import_convert::{ConvertArgs, convert, reader_of};
use super::output::{complain, in_full, print, print_json};
use super::{Exit, GlobalOptions};
use crate::app::App;
use crate::intake::readers::{Reader, Source};
use crate::intake::{FileError, Kind, Limits, STANDARD_INPUT};
use crate::jobs;
use crate::jobs::{BridgeFile, ImportProgress, ImportReport, JobError};
use crate::store::Key;

#[derive(Debug, Args)]
#[command(after_help = "\
The files are UTF-8 CSV with a header; columns are found by name, in any order. Rows that cannot be used are kept in
the database and in FILE.rejected.csv, with the reason, while the good ones are stored.

Examples:
  statementd import accounts accounts.csv
  statementd import usage cdr-2026-10-*.csv
  statementd import retry            after the missing rooms were imported")]
pub struct ImportArgs {
    #[command(subcommand)]
    pub what: What,
    /// Print JSON: of files an array with an object for each, else one object or a list
    #[arg(long, global = true)]
    pub json: bool,
}

#[derive(Debug, Subcommand)]
pub enum What {
    #[command(
        after_help = "Example:\n  statementd import tariffs tariffs.csv",
        about = "Columns: tariff, service_type, label, currency, rate_per_minute, increment_seconds, minimum_seconds, valid_from"
    )]
    Tariffs(Files),
    #[command(
        after_help = "Example:\n  statementd import accounts accounts.csv",
        about = "Columns: account_number, company_name, currency, time_zone, locale, tariff, owner_name, owner_email; \
                 optional: valid_from, first_period, closed_from"
    )]
    Accounts(Files),
    #[command(
        after_help = "Example:\n  statementd import rooms rooms.csv",
        about = "Columns: room_number, account_number, cardholder, cardholder_email, auto_billing_code, active; \
                 optional: valid_from"
    )]
    Rooms(Files),
    #[command(
        after_help = "Example:\n  statementd import access-numbers numbers.csv",
        about = "Columns: number (1800* is a prefix), service_type, valid_from"
    )]
    AccessNumbers(Files),
    #[command(
        after_help = "Example:\n  statementd import codes codes.csv",
        about = "Columns: account_number, code; optional: label, active"
    )]
    Codes(Files),
    #[command(
        after_help = "Examples:\n  statementd import usage cdr-2026-10.csv\n  zcat cdr.csv.gz | statementd import usage -",
        about = "Columns: leg_id, conference_id, room_number, service_type, joined_at, left_at, caller, billing_code"
    )]
    Usage(UsageFiles),
    /// Prints what a bridge wrote as the contract's CSV, and stores nothing
    Convert(ConvertArgs),
    /// Tries the rejected rows again
    Retry(RetryArgs),
    /// Lists rejected rows, and takes out what will never be good
    #[command(subcommand)]
    Rejects(rejects::RejectsCommand),
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  statementd import retry\n  statementd import retry --id 17")]
pub struct RetryArgs {
    /// Only this row, also if it was dismissed; several: once for each
    #[arg(long, value_name = "ID")]
    pub id: Vec<Key>,
    /// Take usage from before the first month that was closed for its account as late usage
    #[arg(long)]
    pub accept_older: bool,
}

#[derive(Debug, Args)]
pub struct UsageFiles {
    #[command(flatten)]
    pub files: Files,
    /// Take usage from before the first month that was closed for its account as late usage
    #[arg(long)]
    pub accept_older: bool,
    /// The files are as a bridge writes them: a reader, a preset, or the name of an [[intake]]; see "import convert
    /// --help"
    #[arg(long, value_name = "NAME")]
    pub reader: Option<String>,
}

#[derive(Debug, Args)]
pub struct Files {
    /// "-" is standard input; gzip is unpacked
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
}

pub async fn import(globals: GlobalOptions, args: ImportArgs, quiet: bool) -> anyhow::Result<Exit> {
    let what = match args.what {
        What::Convert(convert_args) => return convert(&globals, convert_args, args.json).await,
        what => what,
    };
    let app = globals.open_or_create().await?;
    let (limits, shown) = (app.limits(), Shown { json: args.json, quiet });
    let exit = match what {
        What::Convert(_) => Ok(Exit::Done),
        What::Tariffs(files) => import_files(&app, Kind::Tariffs.into(), &files, limits, shown).await,
        What::Accounts(files) => import_files(&app, Kind::Accounts.into(), &files, limits, shown).await,
        What::Rooms(files) => import_files(&app, Kind::Rooms.into(), &files, limits, shown).await,
        What::AccessNumbers(files) => import_files(&app, Kind::AccessNumbers.into(), &files, limits, shown).await,
        What::Codes(files) => import_files(&app, Kind::Codes.into(), &files, limits, shown).await,
        What::Usage(UsageFiles { files, accept_older, reader }) => {
            let bridge = reader.map(|name| bridge(&app, name)).transpose();
            let limits = Limits { accept_older, ..limits };
            match bridge {
                Ok(bridge) => import_files(&app, FileKind { kind: Kind::Usage, bridge }, &files, limits, shown).await,
                Err(error) => Err(error),
            }
        }
        What::Retry(retried) => retry(&app, &retried, shown).await,
        What::Rejects(command) => rejects::rejects(&app, command, args.json).await,
    };
    app.close().await;
    exit
}

/// How much is printed about what went well.
#[derive(Debug, Clone, Copy)]
struct Shown {
    json: bool,
    quiet: bool,
}

/// What became of a file: read, or why it was not.
#[derive(Serialize)]
#[serde(untagged)]
enum FileOutcome {
    Read(ImportReport),
    Refused { kind: Kind, file: PathBuf, error: String },
}

/// Reads each file, whatever became of those before it; only if the database fails, the rest is not tried.
async fn import_files(
    app: &App,
    kind: FileKind,
    files: &Files,
    limits: Limits,
    shown: Shown,
) -> anyhow::Result<Exit> {
    let mut outcomes = Vec::new();
    let mut is_over = false;
    let (kind, bridge) = (kind.kind, kind.bridge);
    for file in &files.files {
        if is_over {
            let error = "not read, since the file before it could not be stored".to_owned();
            complain(&anyhow::anyhow!("{}: {error}", file.display()));
            outcomes.push(FileOutcome::Refused { kind, file: file.clone(), error });
            continue;
        }
        match import_one(app, (kind, file), bridge.as_ref(), limits).await {
            Ok(report) => {
                for warning in &report.warnings {
                    tracing::warn!("{}: {warning}", report.file.display());
                }
                if !shown.json && (!shown.quiet || report.rejected > 0) {
                    print(sentence(&report))?;
                }
                outcomes.push(FileOutcome::Read(report));
            }
            Err(error) => {
                is_over = !matches!(error, JobError::File(_));
                let error = anyhow::Error::from(error);
                complain(&error);
                outcomes.push(FileOutcome::Refused { kind, file: file.clone(), error: in_full(&error) });
            }
        }
    }
    if shown.json {
        print_json(&outcomes)?;
    }
    Ok(exit(&outcomes))
}

async fn import_one(
    app: &App,
    (kind, file): (Kind, &Path),
    bridge: Option<&Bridge>,
    limits: Limits,
) -> Result<ImportReport, JobError> {
    let bar = progress_bar(file);
    let (store, clock) = (&app.context.store, app.context.clock);
    let advance = |progress: ImportProgress| bar.set_position(progress.bytes_read);
    let imported = if let Some(Bridge { name, reader }) = bridge {
        let input = standard_input(file)?;
        let file = BridgeFile { source: name, reader: Arc::clone(reader), path: file, input };
        jobs::import_bridge_file(store, clock, limits, file, &advance).await
    } else {
        jobs::import_file(store, clock, limits, (kind, file), &advance).await
    };
    bar.finish_and_clear();
    let report = imported?;
    jobs::note_import(&app.context, &report).await?;
    Ok(report)
}

/// What a bridge's reader, which may read twice, needs of standard input.
fn standard_input(file: &Path) -> Result<Option<Source>, JobError> {
    if file.as_os_str() != STANDARD_INPUT {
        return Ok(None);
    }
    let read = Source::of_input("standard input", &mut std::io::stdin().lock());
    let refused = |source| FileError::Open { path: file.to_owned(), source };
    Ok(Some(read.map_err(refused)?))
}

/// What is in the files: rows of a kind, or usage as a bridge writes it.
struct FileKind {
    kind: Kind,
    bridge: Option<Bridge>,
}

struct Bridge {
    name: String,
    reader: Arc<Reader>,
}

impl From<Kind> for FileKind {
    fn from(kind: Kind) -> Self {
        Self { kind, bridge: None }
    }
}

/// What `--reader` names.
fn bridge(app: &App, name: String) -> anyhow::Result<Bridge> {
    let reader = Arc::new(reader_of(&app.config, &name)?);
    Ok(Bridge { name, reader })
}

/// Where nothing was stored although there was something to store, the import failed, although rejected rows are kept.
fn exit(outcomes: &[FileOutcome]) -> Exit {
    let is_stored = |report: &ImportReport| report.stored + report.duplicates > 0;
    let needs_attention = |outcome: &FileOutcome| match outcome {
        FileOutcome::Read(report) => report.rejected > 0,
        FileOutcome::Refused { .. } => true,
    };
    let anything_stored =
        outcomes.iter().any(|outcome| matches!(outcome, FileOutcome::Read(report) if is_stored(report)));
    match (outcomes.iter().any(needs_attention), anything_stored) {
        (true, false) => Exit::Failed,
        (needed, _) => Exit::attention_if(needed),
    }
}

fn sentence(report: &ImportReport) -> String {
    let mut parts = vec![format!("{}: {} rows, {} stored", report.file.display(), report.rows, report.stored)];
    for (count, what) in [
        (report.duplicates, "already there"),
        (report.late, "late (their month has closed)"),
        (report.rejected, "rejected"),
        (report.skipped.values().sum(), "skipped"),
        (report.waiting, "waiting for their other end"),
    ] {
        if count > 0 {
            parts.push(format!("{count} {what}"));
        }
    }
    let mut text = parts.join(", ");
    match &report.rejects_file {
        Some(file) => text = format!("{text}: see {}", file.display()),
        None if report.rejected > 0 => text += ": see \"statementd import rejects list\"",
        None => {}
    }
    for (reason, items) in &report.skipped {
        text = format!("{text}\n  {items} x skipped: {reason}");
    }
    let mut untold = report.rejected;
    for reason in &report.reasons {
        let column = reason.column.map_or(String::new(), |column| format!("{column} "));
        text = format!("{text}\n  {} x {column}{}", reason.rows, reason.reason);
        untold -= reason.rows;
    }
    if untold > 0 {
        text = format!("{text}\n  {untold} x other reasons");
    }
    text
}

async fn retry(app: &App, args: &RetryArgs, shown: Shown) -> anyhow::Result<Exit> {
    let (store, clock) = (&app.context.store, app.context.clock);
    let limits = Limits { accept_older: args.accept_older, ..app.limits() };
    let report = if args.id.is_empty() {
        jobs::retry_rejected(store, clock, limits).await?
    } else {
        jobs::retry_rows(store, clock, limits, &args.id).await?
    };
    if shown.json {
        print_json(&report)?;
    } else if !shown.quiet || report.rejected > 0 {
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
