//! One file in: a thread reads ahead, batches are stored in order, refused rows are kept and written beside the file.
//!
//! A batch and its refused rows are of one transaction, so an import that dies anywhere is simply started again: what
//! was stored is found to be there already. Memory does not depend on the size of the file.

pub(crate) mod batch;
pub(crate) mod convert;
pub(crate) mod entry;
pub(crate) mod notes;
pub(crate) mod retry;

use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Serialize;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::clock::Clock;
use crate::domain::{AccessNumberRow, AccountRow, Leg, RoomRow, TariffRow};
use crate::intake::{Batch, BatchReader, FileError, Kind, Limits, RejectsFile, Rows};
use crate::jobs::JobError;
use crate::jobs::import::batch::BatchWriter;
use crate::jobs::import::entry::{Entry, Knowledge};
use crate::jobs::import::notes::Notes;
use crate::store::Store;

/// Rows that are stored together: enough to make the fixed cost small, few enough to hold in memory several times.
const ROWS_PER_BATCH: usize = 20_000;
/// Batches between the thread that reads and the one that stores.
const BATCHES_AHEAD: usize = 1;
/// Bytes asked of the file at a time.
const READ_BUFFER: usize = 256 * 1024;

/// What became of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ImportReport {
    pub kind: Kind,
    pub file: PathBuf,
    /// Without the header and blank lines: stored + duplicates + rejected.
    pub rows: u64,
    /// New, or (other than usage) changed.
    pub stored: u64,
    /// There already, with the same content.
    pub duplicates: u64,
    /// Of the stored: legs that arrived after their conference's period had closed.
    pub late: u64,
    pub rejected: u64,
    /// What the file means for what is there already, and what it refers to that is not there.
    pub warnings: Vec<String>,
    /// Where the rejected rows were written; None if there are none, or if the folder cannot be written to.
    pub rejects_file: Option<PathBuf>,
}

/// How far an import has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ImportProgress {
    pub bytes_read: u64,
    /// None if the file is a pipe.
    pub bytes: Option<u64>,
    pub rows: u64,
    pub rejected: u64,
}

/// Imports one file; `progress` is called whenever some of it is stored for good.
///
/// Rows that are rejected are no error. An error means that the file was refused as a whole, or that reading or
/// storing failed in the middle; its text says which.
pub async fn import_file(
    store: &Store,
    clock: Clock,
    limits: Limits,
    (kind, path): (Kind, &Path),
    progress: &(impl Fn(ImportProgress) + Sync),
) -> Result<ImportReport, JobError> {
    let directory = Arc::new(store.read().await?.directory().await?);
    let import = Import { store, clock, path, knowledge: Knowledge { directory, limits } };
    match kind {
        Kind::Tariffs => import.run::<TariffRow>(progress).await,
        Kind::Accounts => import.run::<AccountRow>(progress).await,
        Kind::Rooms => import.run::<RoomRow>(progress).await,
        Kind::AccessNumbers => import.run::<AccessNumberRow>(progress).await,
        Kind::Usage => import.run::<Leg>(progress).await,
    }
}

struct Import<'a> {
    store: &'a Store,
    clock: Clock,
    path: &'a Path,
    knowledge: Knowledge,
}

impl Import<'_> {
    async fn run<E: Entry>(&self, progress: &(impl Fn(ImportProgress) + Sync)) -> Result<ImportReport, JobError> {
        let (reader, bytes) = open(self.path.to_owned(), E::rows(&self.knowledge)).await?;
        let (kind, columns) = (E::Rows::KIND, reader.columns().clone());
        let file = absolute_name(self.path);
        let directory = Arc::clone(&self.knowledge.directory);
        let mut writer = BatchWriter::new((self.store, self.clock), directory, (kind, &file), &columns).await?;
        let mut rejects = RejectsFile::new(self.path, &file, &columns);
        let mut report = ImportReport::new(kind, self.path);
        let mut notes = Notes::default();

        let (mut batches, reading) = read_ahead(reader);
        let mut next = batches.recv().await;
        while let Some(batch) = next {
            let (rows, bytes_read) = (batch.rows() as u64, batch.bytes_read);
            let (outcome, refused) = writer.write::<E::Rows>(batch).await?;
            rejects.write(&refused);
            report.rows += rows;
            report.stored += outcome.stored;
            report.duplicates += outcome.duplicates;
            report.late += outcome.late;
            notes.add(&outcome.notes);
            report.rejected += refused.len() as u64;
            next = batches.try_recv().ok();
            // At the file's end, or where a pipe is slow: other writers need not wait for it.
            if writer.commit(next.is_some()).await? {
                progress(ImportProgress { bytes_read, bytes, rows: report.rows, rejected: report.rejected });
            }
            if next.is_none() {
                next = batches.recv().await;
            }
        }
        report.rejects_file = rejects.finish();
        report.warnings = notes.into_warnings();
        reading.await??;
        Ok(report)
    }
}

impl ImportReport {
    fn new(kind: Kind, path: &Path) -> Self {
        Self {
            kind,
            file: path.to_owned(),
            rows: 0,
            stored: 0,
            duplicates: 0,
            late: 0,
            rejected: 0,
            warnings: Vec::new(),
            rejects_file: None,
        }
    }
}

/// Opens the file and reads its header; gives its size too, if it has one.
async fn open<R: Rows + Send + 'static>(
    path: PathBuf,
    rows: R,
) -> Result<(BatchReader<BufReader<File>, R>, Option<u64>), JobError> {
    let open = move || {
        let refuse = |source| FileError::Open { path: path.clone(), source };
        let file = File::open(&path).map_err(refuse)?;
        let metadata = file.metadata().map_err(refuse)?;
        let reader = BatchReader::open(&path, BufReader::with_capacity(READ_BUFFER, file), rows)?;
        Ok::<_, FileError>((reader, metadata.is_file().then_some(metadata.len())))
    };
    Ok(tokio::task::spawn_blocking(open).await??)
}

type Reading = JoinHandle<Result<(), FileError>>;

/// Reads on a thread of its own, as far ahead as the channel is long. Ends when the receiver goes away.
fn read_ahead<R: Rows + Send + 'static>(
    mut reader: BatchReader<BufReader<File>, R>,
) -> (mpsc::Receiver<Batch<R::Entry>>, Reading) {
    let (sender, receiver) = mpsc::channel(BATCHES_AHEAD);
    let reading = tokio::task::spawn_blocking(move || {
        while let Some(batch) = reader.next_batch(ROWS_PER_BATCH)? {
            if sender.blocking_send(batch).is_err() {
                break;
            }
        }
        Ok(())
    });
    (receiver, reading)
}

/// So that files of one name in two folders stay apart, wherever the program is started.
fn absolute_name(path: &Path) -> String {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned()).to_string_lossy().into_owned()
}
