//! Publishing: every frozen statement that is not yet in the archive is rendered, written, read back.
//!
//! The manifest goes last, and only then does the database call the statement published. A death in between leaves
//! files that the next round writes again, byte for byte.

use std::sync::Arc;

use futures_util::{StreamExt, TryStreamExt, stream};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::rendering::{file_name, render};
use super::{Context, JobError};
use crate::archive::{
    ArchiveError, FileEntry, FileName, MANIFEST, Maker, Manifest, StatementFolder, verify_statement,
};
use crate::digest::sha256_hex;
use crate::domain::{AccountNumber, Period, Statement};
use crate::store::{PendingStatement, Publication, StatementRow, StoreError, UsageScope, WaitingLegs};

/// Statements under way beside one per processor: while those are rendered, these wait for the store.
const WAITING_FOR_STORE: usize = 4;
/// Files of one statement on their way to the store at once.
const FILES_AT_ONCE: usize = 8;
/// So many statements in a row that the store itself refused end the round: the next one asks again.
const OUTAGE: u32 = 3;

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PublishReport {
    pub published: u64,
    /// (account, period, what is wrong): the statement stays frozen and is tried again.
    pub failed: Vec<(AccountNumber, Period, String)>,
    /// Frozen statements that were not tried, because the store does not work or the program stops.
    pub waiting: u64,
}

/// What came of one statement.
enum Outcome {
    Published,
    Failed { account: AccountNumber, period: Period, why: String, is_outage: bool },
}

/// Publishes what is frozen, oldest months first, several statements at once.
///
/// `keep_going` is asked before each statement, so that a daemon can stop.
pub async fn publish_pending(
    context: &Context,
    keep_going: &(impl Fn() -> bool + Sync),
) -> Result<PublishReport, JobError> {
    let mut pending = context.store.read().await?.unpublished().await?.into_iter();
    let at_once = std::thread::available_parallelism().map_or(1, usize::from) + WAITING_FOR_STORE;
    let mut report = PublishReport::default();
    let mut refused_in_a_row = 0;
    let mut running = JoinSet::new();
    loop {
        while running.len() < at_once && refused_in_a_row < OUTAGE && keep_going() {
            let Some(statement) = pending.next() else { break };
            running.spawn(publish(context.clone(), statement));
        }
        let Some(finished) = running.join_next().await else { break };
        match finished?? {
            Outcome::Published => {
                report.published += 1;
                refused_in_a_row = 0;
            }
            Outcome::Failed { account, period, why, is_outage } => {
                report.failed.push((account, period, why));
                refused_in_a_row = if is_outage { refused_in_a_row + 1 } else { 0 };
            }
        }
    }
    report.waiting = pending.len() as u64;
    if refused_in_a_row >= OUTAGE {
        tracing::warn!(
            waiting = report.waiting,
            "The archive does not work: what is frozen waits for the next round"
        );
    }
    Ok(report)
}

/// One statement; what fails in rendering or in the archive is noted with it and tried again.
async fn publish(context: Context, pending: PendingStatement) -> Result<Outcome, JobError> {
    let (account, period) = (pending.number.clone(), pending.period);
    match write_statement(&context, &pending).await {
        Ok(publication) => {
            let mut tx = context.store.write().await?;
            tx.mark_published(&pending, &publication, context.clock.now()).await?;
            tx.commit().await?;
            tracing::debug!(%account, %period, "Statement published");
            Ok(Outcome::Published)
        }
        Err(error) if concerns_one_statement(&error) => {
            let is_outage = matches!(&error, JobError::Archive(error) if error.is_outage());
            let why = error.to_string();
            tracing::warn!(%account, %period, "Statement not published, will be tried again: {why}");
            let mut tx = context.store.write().await?;
            tx.mark_publishing_failed(pending.key, &why).await?;
            tx.commit().await?;
            Ok(Outcome::Failed { account, period, why, is_outage })
        }
        Err(error) => Err(error),
    }
}

fn concerns_one_statement(error: &JobError) -> bool {
    matches!(
        error,
        JobError::Archive(_)
            | JobError::Render(_)
            | JobError::Store(StoreError::Corrupt { .. } | StoreError::DocumentGone)
    )
}

async fn write_statement(context: &Context, pending: &PendingStatement) -> Result<Publication, JobError> {
    let statement = Arc::new(context.store.read().await?.statement(pending.key).await?);
    let folder = folder_of(&statement);
    let present: Vec<String> =
        context.archive.list(&folder.to_string()).await?.into_iter().map(|(key, _)| key).collect();
    if present.contains(&folder.key(MANIFEST))
        && let Some(publication) = already_complete(context, &folder, &statement).await?
    {
        return Ok(publication);
    }
    context.archive.sweep(&folder.to_string()).await?;
    context.archive.sweep(&folder.rooms()).await?;
    let scope = scope_of(pending.account, &statement);
    let entries = put_files(context, &folder, render(context, Arc::clone(&statement), scope)).await?;
    let manifest = Manifest::new(&statement, &Maker::current(context.renderer.digest()), entries);
    drop_leftovers(context, &folder, &manifest, &present).await?;
    let bytes = manifest_bytes(&manifest)?;
    let written = context.archive.put_verified(&folder.key(MANIFEST), bytes).await?;
    Ok(publication(&manifest, written.sha256))
}

/// A manifest is there already if this process, or one before it, died between writing it and saying so.
async fn already_complete(
    context: &Context,
    folder: &StatementFolder,
    statement: &Statement,
) -> Result<Option<Publication>, JobError> {
    let conflict = || ArchiveError::Conflict { folder: folder.to_string() };
    let (manifest, bytes) = match context.archive.manifest(folder).await {
        Ok(Some(found)) => found,
        Ok(None) => return Ok(None),
        Err(ArchiveError::BadManifest { .. }) => return Err(conflict().into()),
        Err(error) => return Err(error.into()),
    };
    if !manifest.is_of(statement) {
        return Err(conflict().into());
    }
    let sha256 = sha256_hex(&bytes);
    let is_whole = verify_statement(&context.archive, folder, &sha256).await?.is_whole();
    Ok(is_whole.then(|| publication(&manifest, sha256)))
}

async fn put_files(
    context: &Context,
    folder: &StatementFolder,
    files: mpsc::Receiver<Result<crate::render::RenderedFile, JobError>>,
) -> Result<Vec<FileEntry>, JobError> {
    let rendered = stream::unfold(files, |mut files| async { files.recv().await.map(|file| (file, files)) });
    let puts = rendered.map(|file| async {
        let file = file?;
        let name = file_name(&file);
        let entry = context.archive.put_verified(&folder.key(&name), file.bytes).await?;
        Ok::<_, JobError>(FileEntry { name, ..entry })
    });
    puts.buffer_unordered(FILES_AT_ONCE).try_collect().await
}

/// Files that an interrupted try left and that are no longer wanted, as those of a format since switched off.
async fn drop_leftovers(
    context: &Context,
    folder: &StatementFolder,
    manifest: &Manifest,
    present: &[String],
) -> Result<(), JobError> {
    for key in present {
        let Some((_, name)) = StatementFolder::split(key).filter(|(of, _)| of == folder) else { continue };
        if FileName::is_own(name) && !manifest.names(name) && name != MANIFEST {
            context.archive.delete(key).await?;
        }
    }
    Ok(())
}

/// Where a statement's files lie, or will lie, in the archive.
pub fn statement_folder(row: &StatementRow) -> StatementFolder {
    StatementFolder { period: row.period, account: row.account.clone(), revision: row.revision }
}

fn folder_of(statement: &Statement) -> StatementFolder {
    StatementFolder {
        period: statement.period.id,
        account: statement.account.number.clone(),
        revision: statement.revision,
    }
}

/// The usage that a frozen statement charges.
pub(super) fn scope_of(account: crate::store::Key, statement: &Statement) -> UsageScope {
    UsageScope { account, bounds: statement.period, revision: statement.revision, waiting: WaitingLegs::LeftOut }
}

pub(super) fn manifest_bytes(manifest: &Manifest) -> Result<Vec<u8>, ArchiveError> {
    let key = manifest.folder().key(MANIFEST);
    manifest.to_bytes().map_err(|error| ArchiveError::BadManifest { key, why: error.to_string() })
}

fn publication(manifest: &Manifest, manifest_sha256: String) -> Publication {
    Publication {
        manifest_sha256,
        formats: manifest.formats(),
        program: manifest.program.clone(),
        templates: manifest.templates.clone(),
    }
}
