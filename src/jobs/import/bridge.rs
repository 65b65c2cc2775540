//! Imports one file of a bridge: like an import of CSV, with a reader in front, and with the legs that the source
//! left open.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::clock::Clock;
use crate::intake::readers::{Doubt, MOST_ENDED, Reader, ReaderError, Source, UsageRecord, Waiting};
use crate::intake::{FileError, Kind, Limits, RejectsFile};
use crate::jobs::JobError;
use crate::jobs::import::batch::BatchWriter;
use crate::jobs::import::collect::{Collector, Group, columns};
use crate::jobs::import::entry::Knowledge;
use crate::jobs::import::identity::identify_old_rejections;
use crate::jobs::import::notes::Notes;
use crate::jobs::import::report::{ImportReport, Reasons};
use crate::jobs::import::{BATCHES_AHEAD, ImportProgress, MOST_WAITING, absolute_name};
use crate::store::{ENDED, OpenLegs, Store, Tx};

/// How often progress is shown while no rows are stored.
const SHOW_EVERY: Duration = Duration::from_millis(250);

/// Where usage of a bridge comes from.
pub struct BridgeFile<'a> {
    /// Under which legs wait for their other end: the name of an `[[intake]]`, or of a reader.
    pub source: &'a str,
    pub reader: Arc<Reader>,
    pub path: &'a Path,
    /// What to read in the place of the path, if it was read already.
    pub input: Option<Source>,
}

/// Imports one file that a bridge wrote; otherwise as [`crate::jobs::import_file`].
pub async fn import_bridge_file(
    store: &Store,
    clock: Clock,
    limits: Limits,
    file: BridgeFile<'_>,
    progress: &(impl Fn(ImportProgress) + Sync),
) -> Result<ImportReport, JobError> {
    identify_old_rejections(store).await?;
    let directory = Arc::new(store.read().await?.master().directory().await?);
    let knowledge = Knowledge { directory, clock, limits };
    let (path, name, columns) = (file.path, absolute_name(file.path), columns()?);
    let waiting = waiting_legs(&mut store.read().await?, file.source).await?;
    let mut writer = BatchWriter::new(store, knowledge.clone(), (Kind::Usage, &name), &columns);
    let mut waiting_rows = store.read().await?.rejects().waiting_of_file(Kind::Usage.as_str(), &name).await?;
    let is_file = file.input.is_none();
    let source = file.input.unwrap_or_else(|| Source::of_path(path));
    let bytes_read = source.bytes_read();
    let mut rejects = RejectsFile::new(path, &name, &columns, is_file);
    let (mut report, mut reasons, mut notes) =
        (ImportReport::new(Kind::Usage, path), Reasons::default(), Notes::default());

    let (mut groups, reading) = read_ahead(Collector::new(file.reader, knowledge)?, source, name.clone(), waiting);
    let show = |report: &ImportReport| {
        let bytes_read = bytes_read.load(Ordering::Relaxed);
        progress(ImportProgress { bytes_read, bytes: None, rows: report.rows, rejected: report.rejected });
    };
    while let Some(group) = next_group(&mut groups, || show(&report)).await {
        let rows = group.batch.rows() as u64;
        for (reason, items) in group.parts.iter().flat_map(|part| &part.skipped) {
            *report.skipped.entry(reason.clone()).or_default() += items;
        }
        let changes = open_changes(&group.waiting)?;
        let told = writer.write_group(group).await?;
        if let Some(tx) = writer.transaction() {
            tx.intake().note_open_legs(file.source, &changes, clock.now()).await?;
        }
        writer.commit(false).await?;
        rejects.write(&told.refused);
        report.add(rows, &told.outcome, &told.refused);
        reasons.count(&told.refused);
        notes.add(&told.outcome.notes);
        waiting_rows += told.refused.len() as u64;
        show(&report);
        if let Some(last) = told.refused.last().filter(|_| waiting_rows > MOST_WAITING) {
            rejects.finish();
            let (path, line) = (path.to_owned(), last.record.line());
            return Err(FileError::TooManyRejected { path, line, limit: MOST_WAITING }.into());
        }
    }
    report.rejects_file = rejects.finish();
    report.reasons = reasons.told();
    report.warnings = notes.into_warnings();
    let fault = |source| FileError::Reader { path: path.to_owned(), source };
    let read = reading.await?.map_err(fault)?;
    report.waiting = read.waiting as u64;
    report.warnings.extend(read.doubt.map(|doubt| doubt.words));
    Ok(report)
}

/// What a reader reads before it yields the first row is shown as well.
async fn next_group(groups: &mut mpsc::Receiver<Group>, show: impl Fn()) -> Option<Group> {
    loop {
        match tokio::time::timeout(SHOW_EVERY, groups.recv()).await {
            Ok(group) => return group,
            Err(_) => show(),
        }
    }
}

/// The result of reading.
struct Read {
    doubt: Option<Doubt>,
    waiting: usize,
}

type ReaderTask = JoinHandle<Result<Read, ReaderError>>;

/// Reads on a thread of its own. Ends when the receiver goes away.
fn read_ahead(
    mut collector: Collector,
    source: Source,
    name: String,
    mut waiting: Waiting,
) -> (mpsc::Receiver<Group>, ReaderTask) {
    let (sender, receiver) = mpsc::channel(BATCHES_AHEAD);
    let reading = tokio::task::spawn_blocking(move || {
        let mut flush = |group: Group| sender.blocking_send(group).is_ok();
        let doubt = collector.read((&source, &name), &mut waiting, &mut flush, &mut || Ok(()))?;
        let _ = sender.blocking_send(collector.take());
        Ok(Read { doubt, waiting: waiting.len() })
    });
    (receiver, reading)
}

/// What a source left waiting.
pub(crate) async fn waiting_legs(tx: &mut Tx, source: &str) -> Result<Waiting, JobError> {
    let kept = tx.intake().open_legs(source, MOST_ENDED).await?.into_iter();
    // This program wrote it: what cannot be read is treated as missing, and its leg is reported as one without an
    // end.
    let key = |open: &OpenLegs| open.open_key.strip_prefix(ENDED).unwrap_or(&open.open_key).to_owned();
    let parsed = kept.filter_map(|open| Some((key(&open), serde_json::from_str(&open.legs).ok()?)));
    Ok(Waiting::of(parsed))
}

/// What changed among the waiting legs, as the store keeps it.
pub(crate) fn open_changes(
    changes: &[(String, Vec<UsageRecord>)],
) -> Result<Vec<(String, Option<String>)>, JobError> {
    let mut written = Vec::new();
    for (key, legs) in changes {
        let text =
            if legs.is_empty() { None } else { Some(serde_json::to_string(legs).map_err(JobError::OpenLegs)?) };
        if text.is_some() && legs.iter().all(UsageRecord::is_over) {
            written.push((key.clone(), None));
            written.push((format!("{ENDED}{key}"), text));
        } else {
            written.push((key.clone(), text));
        }
    }
    Ok(written)
}
