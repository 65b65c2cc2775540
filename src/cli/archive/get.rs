//! `archive get`: fetches a file and compares it with its manifest; a damaged file is not handed out.

use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use chrono::{DateTime, Datelike, Timelike, Utc};
use clap::{Args, ValueEnum};
use serde::Serialize;
use zip::write::{SimpleFileOptions, StreamWriter};
use zip::{CompressionMethod, ZipWriter};

use super::file_choice::{FileChoice, FileFormat, find};
use super::{Exit, print_json, say};
use crate::app::App;
use crate::archive::download_name;
use crate::domain::{AccountNumber, Period, RoomNumber};
use crate::files::create_anew;
use crate::jobs::{FetchedStatement, MONTH_FILES, month_file};
use crate::store::{Stage, StatementFilter, StatementRow};

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  statementd archive get --period 2009-05 --account 602127 --out may.xlsx
  statementd archive get --period 2009-05 --account 602127 --room 332703 \\
      --out room.html
  statementd archive get --period 2009-05 --account 602127 --all \\
      --out 602127.zip
  statementd archive get --period 2009-05 --out may/     the month as a folder
  statementd archive get --period 2009-05 > may.zip      the month as a ZIP")]
pub struct GetArgs {
    /// The month
    #[arg(long, value_name = "YYYY-MM", required_unless_present = "account")]
    pub period: Option<Period>,
    /// By default all
    #[arg(long, value_name = "N")]
    pub account: Option<AccountNumber>,
    /// This room's file instead of the account's
    #[arg(long, value_name = "N", requires_all = ["period", "account"], conflicts_with = "all")]
    pub room: Option<RoomNumber>,
    /// By default what --out ends in, else xlsx
    #[arg(long, value_name = "FORMAT")]
    pub format: Option<FileFormat>,
    /// By default the current one
    #[arg(long, value_name = "N", requires_all = ["period", "account"])]
    pub revision: Option<u32>,
    /// Every file of the statement; without --period or --account, that is meant anyway
    #[arg(long)]
    pub all: bool,
    /// A file; for several files a folder, or a ZIP if it ends so; by default stdout
    #[arg(long, value_name = "PATH")]
    pub out: Option<PathBuf>,
    /// Print a JSON object; needs --out
    #[arg(long, requires = "out")]
    pub json: bool,
}

/// What was fetched.
#[derive(Debug, Serialize)]
struct Fetched<'a> {
    statements: usize,
    /// A file or a folder.
    out: &'a Path,
}

pub(super) async fn get(app: &App, args: GetArgs) -> anyhow::Result<Exit> {
    match (args.period, args.account.clone()) {
        (Some(period), Some(account)) if !args.all => {
            let GetArgs { room, format, revision, out, json, .. } = args;
            let format = format_meant(format, out.as_deref())?;
            get_file(app, FileChoice { period, account, room, format, revision }, out.as_deref()).await?;
            tell_json(json, 1, out.as_deref())?;
            Ok(Exit::Done)
        }
        _ => get_all(app, &args).await,
    }
}

fn tell_json(is_wanted: bool, statements: usize, out: Option<&Path>) -> anyhow::Result<()> {
    match out {
        Some(out) if is_wanted => print_json(&Fetched { statements, out }),
        _ => Ok(()),
    }
}

/// A file is what its name says.
fn format_meant(named: Option<FileFormat>, out: Option<&Path>) -> anyhow::Result<FileFormat> {
    let Some(suffix) = out.and_then(Path::extension).map(|suffix| suffix.to_string_lossy().to_lowercase()) else {
        return Ok(named.unwrap_or(FileFormat::Xlsx));
    };
    let meant = match suffix.as_str() {
        "htm" => Some(FileFormat::Html),
        suffix => FileFormat::from_str(suffix, false).ok(),
    };
    match (meant, named) {
        (None, _) => bail!(
            "there is no .{suffix} of a statement: name the file .xlsx, .html or .json, or give --all for a ZIP or a folder"
        ),
        (Some(meant), Some(named)) if meant != named => {
            bail!("--out ends in .{suffix}, and --format names another format: leave one of them out")
        }
        (Some(meant), _) => Ok(meant),
    }
}

async fn get_file(app: &App, choice: FileChoice, out: Option<&Path>) -> anyhow::Result<()> {
    let (row, name) = find(app, &choice).await?;
    let statement = FetchedStatement::open(&app.context, &row).await?;
    let bytes = statement.file(&app.context, &name).await?;
    match out {
        Some(path) => write_whole(path, &bytes)?,
        None if choice.format == FileFormat::Xlsx && std::io::stdout().is_terminal() => {
            bail!("a workbook is not for a terminal: give --out FILE, or send stdout to a file")
        }
        None => std::io::stdout().lock().write_all(&bytes)?,
    }
    Ok(())
}

async fn get_all(app: &App, args: &GetArgs) -> anyhow::Result<Exit> {
    let filter = StatementFilter { period: args.period, account: args.account.clone() };
    let rows = app.context.store.read().await?.statements().statement_rows(&filter).await?;
    let meant = |row: &StatementRow| {
        row.stage == Stage::Published && args.revision.map_or(row.is_current, |revision| row.revision == revision)
    };
    let rows: Vec<_> = rows.into_iter().filter(meant).collect();
    if rows.is_empty() {
        bail!("the archive has no such statement: see \"statementd archive list\"");
    }
    let month = args.period.filter(|_| args.account.is_none());
    match &args.out {
        Some(path) if path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("zip")) => {
            let part = part_of(path);
            let file = create_anew(&part).with_context(|| part.display().to_string())?;
            let target = Target::zip(std::io::BufWriter::new(file), written_at(&rows), month.is_none());
            let written = fetch_all(app, &rows, month, target).await;
            settle(written, &part, path)?;
        }
        Some(folder) => fetch_all(app, &rows, month, Target::<std::io::Sink>::Folder(folder.clone())).await?,
        None if std::io::stdout().is_terminal() => {
            bail!("a ZIP is not for a terminal: give --out FOLDER or --out FILE.zip, or send stdout to a file")
        }
        None => {
            fetch_all(app, &rows, month, Target::zip(std::io::stdout(), written_at(&rows), month.is_none())).await?;
        }
    }
    let statements = if rows.len() == 1 { "statement" } else { "statements" };
    say(format!("{} {statements} fetched, each file as its manifest says", rows.len()));
    tell_json(args.json, rows.len(), args.out.as_deref())?;
    Ok(Exit::Done)
}

/// When the last of the statements was published, so that the same statements make the same ZIP.
fn written_at(rows: &[StatementRow]) -> zip::DateTime {
    let newest = rows.iter().filter_map(|row| row.published_at).max();
    newest.and_then(zip_time).unwrap_or_default()
}

/// `None` before 1980, which ZIP cannot represent.
fn zip_time(at: DateTime<Utc>) -> Option<zip::DateTime> {
    let [month, day, hour, minute, second] = [at.month(), at.day(), at.hour(), at.minute(), at.second()]
        .map(|part| u8::try_from(part).unwrap_or_default());
    zip::DateTime::from_date_and_time(u16::try_from(at.year()).ok()?, month, day, hour, minute, second).ok()
}

async fn fetch_all<W: Write>(
    app: &App,
    rows: &[StatementRow],
    month: Option<Period>,
    mut target: Target<W>,
) -> anyhow::Result<()> {
    if let Some(period) = month {
        for (key, bytes) in month_objects(app, period).await? {
            target.add(&key, &bytes)?;
        }
    }
    for row in rows {
        let statement = FetchedStatement::open(&app.context, row).await?;
        target.add(&statement.folder.key(crate::archive::MANIFEST), &statement.manifest_bytes)?;
        for file in &statement.manifest.files {
            target.add(&statement.folder.key(&file.name), &statement.file(&app.context, &file.name).await?)?;
        }
    }
    target.finish()
}

/// The month's own objects, each as it was written.
async fn month_objects(app: &App, period: Period) -> anyhow::Result<Vec<(String, Vec<u8>)>> {
    let mut objects = Vec::new();
    for name in MONTH_FILES {
        if let Some(bytes) = month_file(&app.context, period, name).await? {
            objects.push((format!("{period}/{name}"), bytes));
        }
    }
    Ok(objects)
}

/// Where several files go.
enum Target<W: Write> {
    Folder(PathBuf),
    Zip {
        writer: Box<ZipWriter<StreamWriter<W>>>,
        written_at: zip::DateTime,
        /// Files are called as mails call them; a whole month's pages link to each other by the archive's names.
        renames: bool,
    },
}

impl<W: Write> Target<W> {
    fn zip(into: W, written_at: zip::DateTime, renames: bool) -> Self {
        Self::Zip { writer: Box::new(ZipWriter::new_stream(into)), written_at, renames }
    }

    fn add(&mut self, key: &str, bytes: &[u8]) -> anyhow::Result<()> {
        match self {
            Self::Folder(folder) => write_whole(&folder.join(key), bytes),
            Self::Zip { writer, written_at, renames } => {
                // A workbook is a ZIP itself: packing it again only costs time.
                let is_packed = Path::new(key).extension().is_some_and(|extension| extension == "xlsx");
                let method = if is_packed { CompressionMethod::Stored } else { CompressionMethod::Deflated };
                let options = SimpleFileOptions::default().compression_method(method).last_modified_time(*written_at);
                writer.start_file(if *renames { renamed(key) } else { key.to_owned() }, options)?;
                Ok(writer.write_all(bytes)?)
            }
        }
    }

    fn finish(self) -> anyhow::Result<()> {
        if let Self::Zip { writer, .. } = self {
            writer.finish()?.into_inner().flush()?;
        }
        Ok(())
    }
}

/// For example `2009-05/602127/r1/602127-2009-05.xlsx`; the manifest, which names the archive's files, keeps its name.
fn renamed(key: &str) -> String {
    match key.rsplit_once('/') {
        Some((folder, name)) if name != crate::archive::MANIFEST => format!("{folder}/{}", download_name(key)),
        _ => key.to_owned(),
    }
}

/// A file that is there is whole.
fn write_whole(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
    }
    let part = part_of(path);
    let written =
        create_anew(&part).and_then(|mut file| file.write_all(bytes)).with_context(|| part.display().to_string());
    settle(written, &part, path)
}

fn settle(written: anyhow::Result<()>, part: &Path, path: &Path) -> anyhow::Result<()> {
    if let Err(error) = written {
        // A half-written file is of no use.
        let _ = std::fs::remove_file(part);
        return Err(error);
    }
    std::fs::rename(part, path).with_context(|| path.display().to_string())
}

fn part_of(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_os_string();
    name.push(".part");
    path.with_file_name(name)
}
