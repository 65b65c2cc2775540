//! Publishing: every frozen statement that is not yet in the archive is rendered, written, read back.
//!
//! The manifest goes last, and only then does the database call the statement published. A death in between leaves
//! files that the next round writes again, byte for byte.

use std::sync::Arc;

use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::room_usage::read_rooms;
use super::{Context, JobError};
use crate::archive::{ArchiveError, FileEntry, FileName, MANIFEST, Manifest, StatementFolder, verify_statement};
use crate::digest::sha256_hex;
use crate::domain::{AccountNumber, Period, Statement};
use crate::render::{RenderedFile, Renderer};
use crate::store::{PendingStatement, UsageScope, WaitingLegs};

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

/// Publishes what is frozen, oldest months first, as many statements at once as there are processors.
///
/// `keep_going` is asked before each statement, so that a daemon can stop.
pub async fn publish_pending(
    context: &Context,
    keep_going: &(impl Fn() -> bool + Sync),
) -> Result<PublishReport, JobError> {
    let pending = context.store.read().await?.unpublished().await?;
    let at_once = std::thread::available_parallelism().map_or(1, usize::from);
    let mut report = PublishReport::default();
    let mut running = JoinSet::new();
    for statement in pending {
        while running.len() >= at_once {
            collect(running.join_next().await, &mut report)?;
        }
        if !keep_going() {
            break;
        }
        running.spawn(publish(context.clone(), statement));
    }
    while !running.is_empty() {
        collect(running.join_next().await, &mut report)?;
    }
    Ok(report)
}

type Outcome = Result<Result<(), (AccountNumber, Period, String)>, JobError>;

fn collect(
    finished: Option<Result<Outcome, tokio::task::JoinError>>,
    report: &mut PublishReport,
) -> Result<(), JobError> {
    match finished {
        None => Ok(()),
        Some(outcome) => {
            match outcome?? {
                Ok(()) => report.published += 1,
                Err(failure) => report.failed.push(failure),
            }
            Ok(())
        }
    }
}

/// One statement; what fails in rendering or in the archive is noted with it and tried again.
async fn publish(context: Context, pending: PendingStatement) -> Outcome {
    let statement = Arc::new(context.store.read().await?.statement(pending.key).await?);
    let (account, period) = (statement.account.number.clone(), statement.period.id);
    match write_files(&context, pending.account, &statement).await {
        Ok(published) => {
            let mut tx = context.store.write().await?;
            let now = context.clock.now();
            tx.mark_published(&pending, &published.manifest_sha256, &published.formats, now).await?;
            tx.commit().await?;
            tracing::debug!(%account, %period, revision = statement.revision, "Statement published");
            Ok(Ok(()))
        }
        Err(error @ (JobError::Archive(_) | JobError::Render(_))) => {
            tracing::warn!(%account, %period, "Statement not published, will be tried again: {error}");
            let mut tx = context.store.write().await?;
            tx.mark_publishing_failed(pending.key, &error.to_string()).await?;
            tx.commit().await?;
            Ok(Err((account, period, error.to_string())))
        }
        Err(error) => Err(error),
    }
}

async fn write_files(context: &Context, account: i64, statement: &Arc<Statement>) -> Result<Published, JobError> {
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
        let entry = context.archive.put_verified(&folder.key(&name), file.bytes).await?;
        entries.push(FileEntry { name, ..entry });
    }
    let manifest = Manifest::new(statement, context.renderer.digest(), entries);
    let bytes = manifest
        .to_bytes()
        .map_err(|error| ArchiveError::BadManifest { key: folder.key(MANIFEST), why: error.to_string() })?;
    let formats = manifest.formats();
    let written = context.archive.put_verified(&folder.key(MANIFEST), bytes).await?;
    Ok(Published { manifest_sha256: written.sha256, formats })
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
