//! A month as one ZIP, made piece by piece while it is downloaded.
//!
//! Each file is compared with its manifest before any of it is sent. What is damaged is left out, and a file of the
//! ZIP says so and what to run. Files are stored as they are: workbooks are ZIPs themselves, and packing pages takes
//! longer than sending them. Small files are read and hashed some statements ahead, which cores share; of a large
//! file a temporary copy is made, so that no file is in memory whole however large it is.

use std::io::{Error, ErrorKind, Write};
use std::ops::Range;
use std::sync::Arc;

use futures_util::{Stream, StreamExt, stream};
use tokio::sync::mpsc::{self, Receiver, Sender};

use super::fetch::{FetchError, FetchedStatement};
use super::month_files::{MONTH_FILES, large_month_file};
use super::stored_zip::StoredZip;
use crate::archive::KnownContent;
use crate::domain::Period;
use crate::jobs::{Context, JobError};
use crate::store::{Stage, StatementFilter, StatementRow};

/// Says what was left out.
const DAMAGED: &str = "DAMAGED.txt";
/// Groups of files that are read while one is written, and up to how many bytes a group has: what is larger is alone
/// in one.
const GROUPS_AHEAD: usize = 4;
const GROUP_BYTES: u64 = 2 * 1024 * 1024;
/// Bytes that are gathered before they are sent.
const PIECE: usize = 256 * 1024;

/// Takes a ZIP's pieces.
pub type ZipPieces = Sender<std::io::Result<Vec<u8>>>;

/// What is to be read at once.
enum Group {
    Files {
        statement: Arc<FetchedStatement>,
        files: Range<usize>,
    },
    /// A statement whose manifest is not as it was written.
    Lost(FetchError),
    Failed(JobError),
}

/// What the ZIP's writer is handed.
enum ZipPart {
    File(String, KnownContent),
    /// What to say of a file that is left out.
    Damaged(String),
    /// All was read; without it a ZIP must not look whole.
    End,
}

/// Writes all current statements of the month, with its table of contents and manifest, until no one takes them any
/// more.
pub async fn write_month_zip(context: &Context, period: Period, pieces: &ZipPieces) -> Result<(), JobError> {
    let (parts, coming) = mpsc::channel(1);
    let out = Pieces { pieces: pieces.clone(), gathered: Vec::with_capacity(PIECE) };
    let writing = tokio::task::spawn_blocking(move || write(coming, out, period));
    let read = read_month(context, period, &parts).await;
    drop(parts);
    let written = writing.await.map_err(|error| JobError::Zip(error.to_string()))?;
    read?;
    match written {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        other => other.map_err(|error| JobError::Zip(error.to_string())),
    }
}

/// Hands over everything that the ZIP shall have, in order; ends early once no one takes it.
async fn read_month(context: &Context, period: Period, to: &Sender<Vec<ZipPart>>) -> Result<(), JobError> {
    let filter = StatementFilter { period: Some(period), account: None };
    let rows = context.store.read().await?.statements().statement_rows(&filter).await?;
    for name in MONTH_FILES {
        let part = match large_month_file(context, period, name).await {
            Ok(Some((key, file))) => ZipPart::File(key, file),
            Ok(None) => continue,
            Err(error) => ZipPart::Damaged(said(error)?),
        };
        if to.send(vec![part]).await.is_err() {
            return Ok(());
        }
    }
    let current = rows.into_iter().filter(|row| row.is_current && row.stage == Stage::Published);
    let mut read = std::pin::pin!(read_statements(context, current));
    while let Some(parts) = read.next().await {
        if to.send(parts?).await.is_err() {
            return Ok(());
        }
    }
    // Where no one takes it, the writer says why.
    let _ = to.send(vec![ZipPart::End]).await;
    Ok(())
}

fn read_statements(
    context: &Context,
    rows: impl Iterator<Item = StatementRow>,
) -> impl Stream<Item = Result<Vec<ZipPart>, JobError>> {
    let opened = stream::iter(rows).map(|row| tokio::spawn(open(context.clone(), row))).buffered(GROUPS_AHEAD);
    let broken = |error: tokio::task::JoinError| JobError::Zip(error.to_string());
    let groups = opened
        .flat_map(move |opened| stream::iter(opened.unwrap_or_else(|error| vec![Group::Failed(broken(error))])));
    let read = groups.map(|group| tokio::spawn(read(context.clone(), group))).buffered(GROUPS_AHEAD);
    read.map(move |read| read.map_err(broken)?)
}

async fn open(context: Context, row: StatementRow) -> Vec<Group> {
    match FetchedStatement::open(&context, &row).await {
        Ok(statement) => groups_of(statement),
        Err(error) => vec![Group::Lost(error)],
    }
}

fn groups_of(statement: FetchedStatement) -> Vec<Group> {
    let statement = Arc::new(statement);
    let sizes: Vec<u64> = statement.manifest.files.iter().map(|file| file.size).collect();
    let files = |files| Group::Files { statement: Arc::clone(&statement), files };
    ranges(&sizes).into_iter().map(files).collect()
}

/// Files in their order, as many together as have no more than [`GROUP_BYTES`]; one range at least.
fn ranges(sizes: &[u64]) -> Vec<Range<usize>> {
    let (mut ranges, mut first, mut bytes) = (Vec::new(), 0, 0_u64);
    for (at, size) in sizes.iter().enumerate() {
        if at > first && bytes.saturating_add(*size) > GROUP_BYTES {
            ranges.push(first..at);
            (first, bytes) = (at, 0);
        }
        bytes = bytes.saturating_add(*size);
    }
    ranges.push(first..sizes.len());
    ranges
}

async fn read(context: Context, group: Group) -> Result<Vec<ZipPart>, JobError> {
    let (statement, range) = match group {
        Group::Files { statement, files } => (statement, files),
        Group::Lost(error) => return Ok(vec![ZipPart::Damaged(said(error)?)]),
        Group::Failed(error) => return Err(error),
    };
    let mut parts = Vec::with_capacity(range.len() + 1);
    if range.start == 0 {
        let manifest = statement.manifest_bytes.clone();
        parts.push(ZipPart::File(statement.folder.key(crate::archive::MANIFEST), manifest.into()));
    }
    let named = &statement.manifest.files[range];
    let files = match named {
        [large] if large.size > GROUP_BYTES => vec![statement.large_file(&context, large).await],
        small => statement.small_files(&context, small).await?,
    };
    for (named, file) in named.iter().zip(files) {
        parts.push(match file {
            Ok(file) => ZipPart::File(statement.folder.key(&named.name), file),
            Err(error) => ZipPart::Damaged(said(error)?),
        });
    }
    Ok(parts)
}

/// Damaged files are reported in the ZIP; an archive that does not answer is an error.
fn said(error: FetchError) -> Result<String, JobError> {
    match error {
        error @ FetchError::Archive(_) => Err(error.into()),
        error => Ok(error.to_string()),
    }
}

/// Writes what comes; on a thread of its own, because it waits for the receiver of the ZIP.
fn write(mut coming: Receiver<Vec<ZipPart>>, out: Pieces, period: Period) -> std::io::Result<()> {
    let (mut zip, mut damaged) = (StoredZip::new(out), Vec::new());
    while let Some(parts) = coming.blocking_recv() {
        for part in parts {
            match part {
                ZipPart::File(name, mut content) => zip.add(&name, &mut content)?,
                ZipPart::Damaged(what) => damaged.push(what),
                ZipPart::End => return finish(zip, &damaged, period),
            }
        }
    }
    Ok(())
}

fn finish(mut zip: StoredZip<Pieces>, damaged: &[String], period: Period) -> std::io::Result<()> {
    if !damaged.is_empty() {
        tracing::error!(files = damaged.len(), "A ZIP of {period} lacks files that are not as they were written");
        let text =
            format!("These files are not as they were written, and were left out:\n\n{}\n", damaged.join("\n"));
        zip.add(DAMAGED, &mut text.into_bytes().into())?;
    }
    zip.finish()
}

/// What was written and not sent yet.
struct Pieces {
    pieces: ZipPieces,
    gathered: Vec<u8>,
}

impl Write for Pieces {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let length = bytes.len().min(PIECE - self.gathered.len());
        self.gathered.extend_from_slice(&bytes[..length]);
        if self.gathered.len() == PIECE {
            self.flush()?;
        }
        Ok(length)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        if self.gathered.is_empty() {
            return Ok(());
        }
        let piece = std::mem::replace(&mut self.gathered, Vec::with_capacity(PIECE));
        let gone = |_| Error::new(ErrorKind::BrokenPipe, "no one takes the ZIP any more");
        self.pieces.blocking_send(Ok(piece)).map_err(gone)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_files_are_read_together_and_a_large_one_alone() {
        assert_eq!((ranges(&[]).len(), ranges(&[])[0].len()), (1, 0), "its manifest is read all the same");
        assert_eq!(ranges(&[GROUP_BYTES, 1, GROUP_BYTES - 1, 1]), [0..1, 1..3, 3..4]);
        assert_eq!(ranges(&[1, GROUP_BYTES + 1, u64::MAX, 0, 5]), [0..1, 1..2, 2..3, 3..5]);
    }

    #[test]
    fn a_zip_that_was_not_read_to_its_end_does_not_look_whole() {
        for (is_read, is_whole) in [(true, true), (false, false)] {
            let (parts, coming) = mpsc::channel(2);
            let (pieces, mut taken) = mpsc::channel(8);
            parts.try_send(vec![ZipPart::File("a".into(), b"content".to_vec().into())]).ok().unwrap();
            if is_read {
                parts.try_send(vec![ZipPart::End]).ok().unwrap();
            }
            drop(parts);
            write(coming, Pieces { pieces, gathered: Vec::new() }, "2009-05".parse().unwrap()).unwrap();
            let mut zip = Vec::new();
            while let Ok(piece) = taken.try_recv() {
                zip.extend(piece.unwrap());
            }
            assert_eq!(zip::ZipArchive::new(std::io::Cursor::new(zip)).is_ok(), is_whole);
        }
    }
}
