//! Publishing: every frozen statement that is not yet in the archive is rendered, written, read back.
//!
//! The manifest goes last, and only then does the database call the statement published. A death in between leaves
//! files that the next round writes again, byte for byte.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::room_usage::read_rooms;
use super::{Context, JobError};
use crate::archive::{ArchiveError, FileEntry, FileName, MANIFEST, Manifest, StatementFolder, verify_statement};
use crate::digest::sha256_hex;
use crate::domain::{AccountNumber, Period, Statement};
use crate::render::{RenderedFile, Renderer};
use crate::store::{Key, PendingStatement, StoreError, UsageScope, WaitingLegs, WorkClaim, WorkKind};

/// Statements that this process claims at a time: few, since what is claimed waits for it.
const CLAIMS: u32 = 8;
/// How often a command asks whether other processes have finished.
const OTHERS_POLL: Duration = Duration::from_millis(200);
/// Rendered files on their way to the archive, per statement.
const FILES_AHEAD: usize = 4;

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PublishReport {
    pub published: u64,
    /// (account, period, what is wrong): the statement stays frozen and is tried again.
    pub failed: Vec<(AccountNumber, Period, String)>,
}

/// A statement's files, without and with what is already in the archive.
struct Published {
    manifest_sha256: String,
    formats: String,
}

/// Publishes what is frozen and no other process is publishing, oldest months first, as many statements at once as
/// there are processors.
///
/// `keep_going` is asked before each statement, so that a daemon can stop.
pub async fn publish_pending(
    context: &Context,
    keep_going: &(impl Fn() -> bool + Sync),
) -> Result<PublishReport, JobError> {
    let at_once = std::thread::available_parallelism().map_or(1, usize::from);
    context.store.abandon_claims(WorkKind::Publish).await?;
    let mut queue = Queue::default();
    let mut report = PublishReport::default();
    let mut running = JoinSet::new();
    let mut result = Ok(());
    while result.is_ok() && keep_going() {
        match queue.next(context).await {
            Ok(Some((claim, statement))) => drop(running.spawn(publish(context.clone(), claim, statement))),
            Ok(None) => break,
            Err(error) => result = Err(error),
        }
        if running.len() >= at_once {
            result = result.and(collect(running.join_next().await, &mut report));
        }
    }
    // Also after an error, what is under way comes to its end: tasks are never cut off in the middle of a query.
    while !running.is_empty() {
        result = result.and(collect(running.join_next().await, &mut report));
    }
    context.store.abandon_claims(WorkKind::Publish).await?;
    result.map(|()| report)
}

/// Publishes until nothing is pending, also not with other processes: where one of them dies at it, this one takes
/// over.
pub async fn publish_to_the_end(context: &Context) -> Result<PublishReport, JobError> {
    let mut report = publish_pending(context, &|| true).await?;
    while context.store.write().await?.others_at_work(WorkKind::Publish).await? {
        tokio::time::sleep(OTHERS_POLL).await;
        report.add(publish_pending(context, &|| true).await?);
    }
    Ok(report)
}

/// What this process has claimed and not begun.
#[derive(Default)]
struct Queue {
    claimed: VecDeque<(WorkClaim, PendingStatement)>,
    /// Nothing is tried twice in a round.
    last: Option<PendingStatement>,
}

impl Queue {
    async fn next(&mut self, context: &Context) -> Result<Option<(WorkClaim, PendingStatement)>, JobError> {
        if self.claimed.is_empty() {
            self.claimed = context.store.claim_statements(self.last.as_ref(), CLAIMS).await?.into();
            self.last = self.claimed.back().map(|(_, statement)| statement.clone()).or(self.last.take());
        }
        Ok(self.claimed.pop_front())
    }
}

impl PublishReport {
    fn add(&mut self, other: Self) {
        self.published += other.published;
        self.failed = other.failed;
    }
}

enum Outcome {
    Published,
    Failed(AccountNumber, Period, String),
    /// This process was silent for too long: another one, or its own next round, will say what became of it.
    LeftAlone,
}

fn collect(
    finished: Option<Result<Result<Outcome, JobError>, tokio::task::JoinError>>,
    report: &mut PublishReport,
) -> Result<(), JobError> {
    if let Some(outcome) = finished {
        match outcome?? {
            Outcome::Published => report.published += 1,
            Outcome::Failed(account, period, why) => report.failed.push((account, period, why)),
            Outcome::LeftAlone => {}
        }
    }
    Ok(())
}

/// One statement; what fails in rendering or in the archive is noted with it and tried again.
async fn publish(context: Context, claim: WorkClaim, pending: PendingStatement) -> Result<Outcome, JobError> {
    let statement = Arc::new(context.store.read().await?.statement(pending.key).await?);
    let (account, period) = (statement.account.number.clone(), statement.period.id);
    let written = write_files(&context, claim, pending.account, &statement).await;
    let mut tx = context.store.write().await?;
    let settled = tx.settle(claim).await;
    match (settled, written) {
        (Ok(()), Ok(published)) => {
            let now = context.clock.now();
            tx.mark_published(&pending, &published.manifest_sha256, &published.formats, now).await?;
            tx.commit().await?;
            tracing::debug!(%account, %period, revision = statement.revision, "Statement published");
            Ok(Outcome::Published)
        }
        (Ok(()), Err(error @ (JobError::Archive(_) | JobError::Render(_)))) => {
            tracing::warn!(%account, %period, "Statement not published, will be tried again: {error}");
            tx.mark_publishing_failed(pending.key, &error.to_string()).await?;
            tx.commit().await?;
            Ok(Outcome::Failed(account, period, error.to_string()))
        }
        (Err(StoreError::ClaimLost), _) => {
            tx.roll_back().await?;
            tracing::warn!(%account, %period, "Another process has taken over this statement: this one leaves it");
            Ok(Outcome::LeftAlone)
        }
        (Ok(()), Err(JobError::Store(StoreError::ClaimLost))) => {
            tx.commit().await?;
            Ok(Outcome::LeftAlone)
        }
        (Ok(()), Err(error)) => Err(error),
        (Err(error), _) => Err(error.into()),
    }
}

async fn write_files(
    context: &Context,
    claim: WorkClaim,
    account: Key,
    statement: &Arc<Statement>,
) -> Result<Published, JobError> {
    let folder = StatementFolder {
        period: statement.period.id,
        account: statement.account.number.clone(),
        revision: statement.revision,
    };
    if let Some(published) = already_complete(context, &folder, statement).await? {
        return Ok(published);
    }
    let scope =
        UsageScope { account, bounds: statement.period, revision: statement.revision, waiting: WaitingLegs::LeftOut };
    let mut files = render(context, Arc::clone(statement), scope);
    let mut entries = Vec::new();
    while let Some(file) = files.recv().await {
        let file = file?;
        let name = file_name(&file);
        still_held(context, claim)?;
        let entry = context.archive.put_verified(&folder.key(&name), file.bytes).await?;
        entries.push(FileEntry { name, ..entry });
    }
    let manifest = Manifest::new(statement, context.renderer.digest(), entries);
    let bytes = manifest
        .to_bytes()
        .map_err(|error| ArchiveError::BadManifest { key: folder.key(MANIFEST), why: error.to_string() })?;
    let formats = manifest.formats();
    still_held(context, claim)?;
    let written = context.archive.put_verified(&folder.key(MANIFEST), bytes).await?;
    Ok(Published { manifest_sha256: written.sha256, formats })
}

/// A process that was frozen for longer than its lease stops here: another one, of a newer version perhaps, may have
/// written this folder meanwhile.
pub(super) fn still_held(context: &Context, claim: WorkClaim) -> Result<(), JobError> {
    if context.store.holds(claim) { Ok(()) } else { Err(StoreError::ClaimLost.into()) }
}

/// A manifest is there already if this process, or one before it, died between writing it and saying so.
async fn already_complete(
    context: &Context,
    folder: &StatementFolder,
    statement: &Statement,
) -> Result<Option<Published>, JobError> {
    let Some((manifest, bytes)) = context.archive.manifest(folder).await? else { return Ok(None) };
    if !manifest.is_of(statement) {
        return Err(ArchiveError::Conflict { folder: folder.to_string() }.into());
    }
    let manifest_sha256 = sha256_hex(&bytes);
    let findings = verify_statement(&context.archive, folder, &manifest_sha256).await?;
    Ok(findings.is_empty().then(|| Published { manifest_sha256, formats: manifest.formats() }))
}

/// Reads participants and renders, both ahead of whoever takes the files.
pub(super) fn render(
    context: &Context,
    statement: Arc<Statement>,
    scope: UsageScope,
) -> mpsc::Receiver<Result<RenderedFile, JobError>> {
    let (sender, files) = mpsc::channel(FILES_AHEAD);
    let mut rooms = read_rooms(context.store.clone(), scope);
    let (renderer, settings) = (Arc::clone(&context.renderer), Arc::clone(&context.settings));
    tokio::task::spawn_blocking(move || {
        let send = |files: Vec<RenderedFile>| files.into_iter().all(|file| sender.blocking_send(Ok(file)).is_ok());
        let mut run = |renderer: &Renderer| -> Result<(), JobError> {
            let mut rendering = renderer.statement(&statement, settings.formats, settings.empty_rooms)?;
            while let Some(usage) = rooms.blocking_recv() {
                let usage = usage?;
                if !send(rendering.room(&usage.room, &usage.participants)?) {
                    return Ok(());
                }
            }
            send(rendering.finish()?);
            Ok(())
        };
        if let Err(error) = run(&renderer) {
            // A receiver that went away needs no error.
            let _ = sender.blocking_send(Err(error));
        }
    });
    files
}

pub(super) fn file_name(file: &RenderedFile) -> String {
    match &file.room {
        None => FileName::Account(file.extension),
        Some(room) => FileName::Room(room.clone(), file.extension),
    }
    .to_string()
}
