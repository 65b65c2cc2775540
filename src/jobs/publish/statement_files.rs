//! The files of one statement, rendered, written and read back; its manifest last.

use std::sync::Arc;

use futures_util::{TryStreamExt, stream};

use crate::archive::{
    ArchiveError, FileEntry, LocalArchive, MANIFEST, Maker, Manifest, StatementFolder, is_own_file, verify_statement,
};
use crate::digest::Sha256;
use crate::domain::Statement;
use crate::jobs::publish::render_thread::{RenderJob, RenderedFiles, spawn, turn};
use crate::jobs::{Context, JobError};
use crate::render::RenderedFile;
use crate::store::{
    Key, PendingStatement, Publication, StatementKey, StoreError, UsageScope, WaitingLegs, WorkClaim,
};

/// Files of one statement on their way to the store at once.
const FILES_AT_ONCE: usize = 8;

/// The result of writing a statement.
pub(crate) struct Written {
    pub publication: Publication,
    /// The archive had the statement before this database wrote any of it.
    pub is_adopted: bool,
}

/// Writes what is missing of a statement's folder; an error leaves it without a manifest.
pub(crate) async fn write_statement(
    context: &Context,
    claim: WorkClaim,
    pending: &PendingStatement,
) -> Result<Written, JobError> {
    let turn = turn().await;
    let statement = Arc::new(context.store.read().await?.statements().statement(pending.key).await?);
    let folder = StatementFolder::from(statement.id());
    let present: Vec<String> =
        context.archive.list(&folder.to_string()).await?.into_iter().map(|(key, _)| key).collect();
    let is_there = present.contains(&folder.key(MANIFEST));
    let is_adopted = is_there && !pending.is_begun;
    if is_there && let Some(publication) = already_complete(context, &folder, &statement).await? {
        return Ok(Written { publication, is_adopted });
    }
    if !is_there && !pending.is_begun {
        note_writing(context, &[pending.key]).await?;
    }
    still_held(context, claim)?;
    context.archive.sweep(&folder.to_string()).await?;
    context.archive.sweep(&folder.rooms()).await?;
    let scope = scope_of(pending.account, &statement);
    let entries = put_files(context, claim, &folder, RenderJob::new(context, &statement, scope)).await?;
    let manifest = Manifest::new(&statement, &Maker::current(context.renderer.digest()), entries);
    // The next statement is rendered while this one waits for the disk.
    drop((statement, turn));
    // After a loss of power, a manifest that is there must name only files that are there.
    make_durable(context, &folder, &manifest).await?;
    drop_leftovers(context, &folder, &manifest, &present).await?;
    let bytes = manifest_bytes(&manifest)?;
    still_held(context, claim)?;
    let written = context.archive.put_verified(&folder.key(MANIFEST), bytes).await?;
    Ok(Written { publication: publication(&manifest, written.sha256), is_adopted })
}

/// Notes durably that these folders are written from now on.
pub(crate) async fn note_writing(context: &Context, statements: &[StatementKey]) -> Result<(), StoreError> {
    let mut tx = context.store.write().await?;
    tx.statements().note_writing(statements, context.clock.now()).await?;
    tx.commit().await
}

/// A process that was frozen for longer than its lease stops here: another one, of a newer version perhaps, may have
/// written this folder meanwhile.
pub(crate) fn still_held(context: &Context, claim: WorkClaim) -> Result<(), JobError> {
    if context.store.holds(claim) { Ok(()) } else { Err(StoreError::ClaimLost.into()) }
}

/// A manifest is there already if this process, or one before it, died between writing it and saying so.
async fn already_complete(
    context: &Context,
    folder: &StatementFolder,
    statement: &Statement,
) -> Result<Option<Publication>, JobError> {
    let (manifest, bytes) = match context.archive.manifest(folder).await {
        Ok(Some(found)) => found,
        Ok(None) => return Ok(None),
        Err(ArchiveError::BadManifest { .. }) => {
            let (there, here) = ("its manifest is not readable".into(), Manifest::short_of(statement));
            let folder = folder.to_string();
            return Err(ArchiveError::Conflict { folder, there, here }.into());
        }
        Err(error) => return Err(error.into()),
    };
    if !manifest.is_of(statement) {
        return Err(ArchiveError::conflict(&manifest, statement).into());
    }
    let sha256 = Sha256::of(&bytes);
    let is_whole = verify_statement(&context.archive, folder, sha256).await?.is_whole();
    Ok(is_whole.then(|| publication(&manifest, sha256)))
}

/// Returns once all files of the manifest are on disk; what a store over the network has acknowledged is.
async fn make_durable(context: &Context, folder: &StatementFolder, manifest: &Manifest) -> Result<(), JobError> {
    let Some(disk) = context.archive.local() else { return Ok(()) };
    Ok(disk.make_durable(manifest.files.iter().map(|file| (folder.key(&file.name), file.size))).await?)
}

/// Files of a local archive are not on disk yet when this returns.
async fn put_files(
    context: &Context,
    claim: WorkClaim,
    folder: &StatementFolder,
    job: RenderJob,
) -> Result<Vec<FileEntry>, JobError> {
    let writer = FolderWriter { context: context.clone(), claim, folder: folder.clone() };
    if let Some(archive) = context.archive.local() {
        // A disk takes a file at once: the thread that rendered it writes it.
        let put = spawn(move || writer.put_in_turn(&archive, job));
        put.await.unwrap_or(Err(JobError::RenderingStopped))
    } else {
        writer.put_at_once(job.files()).await
    }
}

/// Where a statement's files go, while its claim is held.
struct FolderWriter {
    context: Context,
    claim: WorkClaim,
    folder: StatementFolder,
}

impl FolderWriter {
    /// On a thread outside of the async runtime.
    fn put_in_turn(&self, archive: &LocalArchive, job: RenderJob) -> Result<Vec<FileEntry>, JobError> {
        let (mut entries, mut failed) = (Vec::new(), None);
        let put = |file: RenderedFile| -> Result<FileEntry, JobError> {
            let name = file.name.to_string();
            still_held(&self.context, self.claim)?;
            let entry = archive.put_unsynced(&self.folder.key(&name), file.content)?;
            Ok(FileEntry { name, ..entry })
        };
        job.run(&mut |file| match put(file) {
            Ok(entry) => {
                entries.push(entry);
                true
            }
            Err(error) => {
                failed = Some(error);
                false
            }
        })?;
        failed.map_or(Ok(entries), Err)
    }

    /// Several on their way to a store that takes its time.
    async fn put_at_once(&self, files: RenderedFiles) -> Result<Vec<FileEntry>, JobError> {
        let files = stream::try_unfold(files, async |mut files| Ok(files.next().await?.map(|file| (file, files))));
        let puts = files.map_ok(|file| self.put(file)).try_buffer_unordered(FILES_AT_ONCE);
        puts.try_collect().await
    }

    async fn put(&self, file: RenderedFile) -> Result<FileEntry, JobError> {
        let name = file.name.to_string();
        still_held(&self.context, self.claim)?;
        let entry = self.context.archive.put_verified(&self.folder.key(&name), file.content).await?;
        Ok(FileEntry { name, ..entry })
    }
}

/// Files that an interrupted attempt left and that are no longer wanted, for example of a format that was switched
/// off since.
async fn drop_leftovers(
    context: &Context,
    folder: &StatementFolder,
    manifest: &Manifest,
    present: &[String],
) -> Result<(), JobError> {
    for key in present {
        let Some((_, name)) = StatementFolder::split(key).filter(|(of, _)| of == folder) else { continue };
        if is_own_file(name) && !manifest.names(name) && name != MANIFEST {
            context.archive.delete(key).await?;
        }
    }
    Ok(())
}

/// The usage that a frozen statement charges.
pub(crate) fn scope_of(account: Key, statement: &Statement) -> UsageScope {
    UsageScope { account, bounds: statement.period, revision: statement.revision, waiting: WaitingLegs::LeftOut }
}

pub(crate) fn manifest_bytes(manifest: &Manifest) -> Result<Vec<u8>, ArchiveError> {
    let key = manifest.folder().key(MANIFEST);
    manifest.to_bytes().map_err(|error| ArchiveError::BadManifest { key, why: error.to_string() })
}

fn publication(manifest: &Manifest, manifest_sha256: Sha256) -> Publication {
    Publication {
        manifest_sha256,
        formats: manifest.formats(),
        program: manifest.program.clone(),
        templates: manifest.templates,
    }
}
