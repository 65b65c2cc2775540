//! A month as one ZIP, made piece by piece while it is downloaded.
//!
//! Each file is compared with its manifest on the way. What is damaged is left out, and a file of the ZIP says so and what to
//! run. Files are stored as they are: workbooks are ZIPs themselves, and packing pages takes longer than sending them.

use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::{StreamExt, stream};
use tokio::sync::mpsc::Sender;
use zip::write::{SimpleFileOptions, StreamWriter};
use zip::{CompressionMethod, ZipWriter};

use super::fetch::{FetchError, FetchedStatement, MONTH_FILES, month_file};
use crate::domain::Period;
use crate::jobs::{Context, JobError};
use crate::store::{Stage, StatementFilter, StatementRow};

/// Says what was left out.
const DAMAGED: &str = "DAMAGED.txt";
/// Statements that are read while one is written, and up to how many bytes of each: files of larger ones are read one by one.
const STATEMENTS_AHEAD: usize = 4;
const BYTES_AHEAD: u64 = 2 * 1024 * 1024;
/// Bytes that are gathered before they are sent.
const PIECE: usize = 256 * 1024;

/// What the ZIP's writer has written and the receiver has not taken.
#[derive(Clone, Default)]
struct Written(Arc<Mutex<Vec<u8>>>);

impl Write for Written {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Written {
    /// Sends what there is, if it is at least `least` bytes; false if the receiver has ended.
    async fn send(&self, least: usize, pieces: &Sender<std::io::Result<Vec<u8>>>) -> bool {
        let piece = {
            let mut written = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            if written.len() < least {
                return true;
            }
            std::mem::take(&mut *written)
        };
        piece.is_empty() || pieces.send(Ok(piece)).await.is_ok()
    }
}

/// Writes all current statements of the month, with its table of contents and manifest, until the receiver has ended.
pub async fn write_month_zip(
    context: &Context,
    period: Period,
    pieces: &Sender<std::io::Result<Vec<u8>>>,
) -> Result<(), JobError> {
    let filter = StatementFilter { period: Some(period), account: None };
    let rows = context.store.read().await?.statements().statement_rows(&filter).await?;
    let written = Written::default();
    let mut zip = ZipWriter::new_stream(written.clone());
    let mut damaged = Vec::new();
    for name in MONTH_FILES {
        match month_file(context, period, name).await {
            Ok(Some(bytes)) => add(&mut zip, &format!("{period}/{name}"), &bytes)?,
            Ok(None) => {}
            Err(error) => damaged.push(said(error)?),
        }
    }
    let current = rows.into_iter().filter(|row| row.is_current && row.stage == Stage::Published);
    let ahead = stream::iter(current).map(|row| tokio::spawn(read_ahead(context.clone(), row)));
    let mut ahead = ahead.buffered(STATEMENTS_AHEAD);
    while let Some(read) = ahead.next().await {
        let ReadAhead { statement, files } = match read.map_err(|error| JobError::Zip(error.to_string()))? {
            Ok(read) => read,
            Err(error) => {
                damaged.push(said(error)?);
                continue;
            }
        };
        add(&mut zip, &statement.folder.key(crate::archive::MANIFEST), &statement.manifest_bytes)?;
        let mut files = files.into_iter();
        for entry in &statement.manifest.files {
            let file = match files.next() {
                Some(file) => file,
                None => statement.file(context, &entry.name).await,
            };
            match file {
                Ok(bytes) => add(&mut zip, &statement.folder.key(&entry.name), &bytes)?,
                Err(error) => damaged.push(said(error)?),
            }
            if !written.send(PIECE, pieces).await {
                return Ok(());
            }
        }
    }
    if !damaged.is_empty() {
        tracing::error!(files = damaged.len(), "A ZIP of {period} lacks files that are not as they were written");
        let text =
            format!("These files are not as they were written, and were left out:\n\n{}\n", damaged.join("\n"));
        add(&mut zip, DAMAGED, text.as_bytes())?;
    }
    drop(zip.finish().map_err(failed)?);
    written.send(0, pieces).await;
    Ok(())
}

/// A statement with its files, in the order of its manifest; without them where it is large.
struct ReadAhead {
    statement: FetchedStatement,
    files: Vec<Result<Vec<u8>, FetchError>>,
}

/// Most statements are small, and what takes time is to open their files and to hash them: cores share that.
async fn read_ahead(context: Context, row: StatementRow) -> Result<ReadAhead, FetchError> {
    let statement = FetchedStatement::open(&context, &row).await?;
    let size = statement.manifest.files.iter().map(|file| file.size).fold(0, u64::saturating_add);
    let mut files = Vec::new();
    if size <= BYTES_AHEAD {
        for file in &statement.manifest.files {
            files.push(statement.file(&context, &file.name).await);
        }
    }
    Ok(ReadAhead { statement, files })
}

/// Damaged files are reported in the ZIP; an archive that does not answer is an error.
fn said(error: FetchError) -> Result<String, JobError> {
    match error {
        error @ FetchError::Archive(_) => Err(error.into()),
        error => Ok(error.to_string()),
    }
}

fn add(zip: &mut ZipWriter<StreamWriter<Written>>, name: &str, bytes: &[u8]) -> Result<(), JobError> {
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    zip.start_file(name, options).map_err(failed)?;
    zip.write_all(bytes).map_err(|error| failed(error.into()))
}

#[expect(clippy::needless_pass_by_value, reason = "as `map_err` gives it")]
fn failed(error: zip::result::ZipError) -> JobError {
    JobError::Zip(error.to_string())
}
