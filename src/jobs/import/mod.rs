//! Imports one file: a thread reads ahead, batches are stored in order, refused rows are kept and written beside the
//! file.
//!
//! A batch and its refused rows are of one transaction, so an import that dies anywhere is simply started again: what
//! was stored is found to be there already. Memory does not depend on the size of the file.

pub(crate) mod audit;
pub(crate) mod batch;
pub(crate) mod bridge;
pub(crate) mod collect;
pub(crate) mod convert;
pub(crate) mod dismiss;
pub(crate) mod entry;
pub(crate) mod identity;
pub(crate) mod notes;
mod refusals;
pub(crate) mod report;
pub(crate) mod retry;

use std::io::BufRead;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::clock::Clock;
use crate::domain::{AccessNumberRow, AccountRow, CodeRow, Leg, RoomRow, TariffRow};
use crate::intake::{Batch, BatchReader, FileError, Kind, Limits, RejectsFile, Rows, STANDARD_INPUT, Source};
use crate::jobs::JobError;
use crate::jobs::import::batch::BatchWriter;
use crate::jobs::import::collect::ROWS_PER_BATCH;
use crate::jobs::import::entry::{Entry, Knowledge};
use crate::jobs::import::identity::identify_old_rejections;
use crate::jobs::import::notes::Notes;
use crate::jobs::import::report::{ImportReport, Reasons};
use crate::store::Store;

/// Batches between the thread that reads and the one that stores.
const BATCHES_AHEAD: usize = 1;

/// Rejected rows of one file that may wait: beyond, it is the wrong file, or lacks what it refers to.
const MOST_WAITING: u64 = 100_000;

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
    identify_old_rejections(store).await?;
    let directory = Arc::new(store.read().await?.master().directory().await?);
    let import = Import { store, path, knowledge: Knowledge { directory, clock, limits } };
    match kind {
        Kind::Tariffs => import.run::<TariffRow>(progress).await,
        Kind::Accounts => import.run::<AccountRow>(progress).await,
        Kind::Rooms => import.run::<RoomRow>(progress).await,
        Kind::AccessNumbers => import.run::<AccessNumberRow>(progress).await,
        Kind::Codes => import.run::<CodeRow>(progress).await,
        Kind::Usage => import.run::<Leg>(progress).await,
    }
}

struct Import<'a> {
    store: &'a Store,
    path: &'a Path,
    knowledge: Knowledge,
}

impl Import<'_> {
    async fn run<E: Entry>(&self, progress: &(impl Fn(ImportProgress) + Sync)) -> Result<ImportReport, JobError> {
        let Opened { reader, bytes, is_file } = open(self.path.to_owned(), E::rows(&self.knowledge)).await?;
        let (kind, columns) = (E::Rows::KIND, reader.columns().clone());
        let file = absolute_name(self.path);
        let mut writer = BatchWriter::new(self.store, self.knowledge.clone(), (kind, &file), &columns);
        let mut waiting = self.store.read().await?.rejects().waiting_of_file(kind.as_str(), &file).await?;
        let mut rejects = RejectsFile::new(self.path, &file, &columns, is_file);
        let (mut report, mut reasons) = (ImportReport::new(kind, self.path), Reasons::default());
        let mut notes = Notes::default();

        let (mut batches, reading) = read_ahead(reader);
        let mut next = batches.recv().await;
        while let Some(batch) = next {
            let (rows, bytes_read) = (batch.rows() as u64, batch.bytes_read);
            let (outcome, refused) = writer.write::<E::Rows>(batch).await?;
            rejects.write(&refused);
            report.add(rows, &outcome, &refused);
            reasons.count(&refused);
            waiting += refused.len() as u64;
            notes.add(&outcome.notes);
            next = batches.try_recv().ok();
            // At the file's end, or where a pipe is slow: other writers need not wait for it.
            if writer.commit(next.is_some()).await? {
                progress(ImportProgress { bytes_read, bytes, rows: report.rows, rejected: report.rejected });
            }
            if let Some(last) = refused.last().filter(|_| waiting > MOST_WAITING) {
                writer.commit(false).await?;
                rejects.finish();
                let (path, line) = (self.path.to_owned(), last.record.line());
                return Err(FileError::TooManyRejected { path, line, limit: MOST_WAITING }.into());
            }
            if next.is_none() {
                next = batches.recv().await;
            }
        }
        report.rejects_file = rejects.finish();
        report.reasons = reasons.told();
        report.warnings = notes.into_warnings();
        reading.await??;
        Ok(report)
    }
}

/// Opens the file and reads its header.
async fn open<R: Rows + Send + 'static>(path: PathBuf, rows: R) -> Result<Opened<R>, JobError> {
    let open = move || {
        let Source { input, bytes, is_file } = Source::open(&path)?;
        Ok::<_, FileError>(Opened { reader: BatchReader::open(&path, input, rows)?, bytes, is_file })
    };
    Ok(tokio::task::spawn_blocking(open).await??)
}

struct Opened<R> {
    reader: BatchReader<Box<dyn BufRead + Send>, R>,
    /// `None` if it is not known how much there is.
    bytes: Option<u64>,
    is_file: bool,
}

type ReaderTask = JoinHandle<Result<(), FileError>>;

/// Reads on a thread of its own, as far ahead as the channel is long. Ends when the receiver goes away.
fn read_ahead<R: Rows + Send + 'static>(
    mut reader: BatchReader<Box<dyn BufRead + Send>, R>,
) -> (mpsc::Receiver<Batch<R::Entry>>, ReaderTask) {
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
pub(crate) fn absolute_name(path: &Path) -> String {
    if path.as_os_str() == STANDARD_INPUT {
        return STANDARD_INPUT.to_owned();
    }
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned()).to_string_lossy().into_owned()
}
