//! Rebuilding what the archive has lost: lost or damaged files are rendered again from the frozen statement and its
//! usage, and written only if they are, byte for byte, what the manifest promises.
//!
//! What is to be written to is claimed first, and then checked again, since it may have gone: a statement that has
//! expired since the list was read is not restored.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::Serialize;

use crate::archive::{
    FileEntry, MANIFEST, Maker, Manifest, Readback, StatementFolder, is_own_file, verify_statement,
};
use crate::digest::{HashWriter, Sha256};
use crate::domain::{AccountNumber, Period, Statement};
use crate::jobs::archive::fetch::statement_folder;
use crate::jobs::archive::verify::verify_own_objects;
use crate::jobs::publish::month_index::rebuild_indexes;
use crate::jobs::publish::render_thread::RenderJob;
use crate::jobs::publish::statement_files::{manifest_bytes, scope_of, still_held};
use crate::jobs::{Context, JobError};
use crate::pause_points;
use crate::render::{RenderError, RenderedFile};
use crate::store::{Publication, Stage, StatementFilter, StatementRow, StoreError, WorkClaim};

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct RestoreReport {
    /// Statements that were read back.
    pub statements: u64,
    /// Keys that have been restored.
    pub restored: Vec<String>,
    /// Keys that are still lost or damaged, and why.
    pub refused: Vec<NotRestored>,
    /// Keys that belong to nothing; they were left alone.
    pub unexpected: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NotRestored {
    pub key: String,
    pub why: String,
}

/// A published statement with what it was made of.
struct Source<'a> {
    context: &'a Context,
    claim: WorkClaim,
    row: &'a StatementRow,
    publication: &'a Publication,
    folder: StatementFolder,
    statement: Arc<Statement>,
}

/// Reads back the published statements of `period` (of `account` only, if given) and heals what it can.
pub async fn restore(
    context: &Context,
    period: Option<Period>,
    account: Option<&AccountNumber>,
) -> Result<RestoreReport, JobError> {
    let filter = StatementFilter { period, account: account.cloned() };
    let rows = context.store.read().await?.statements().statement_rows(&filter).await?;
    let mut report = RestoreReport::default();
    for row in rows.iter().filter(|row| row.stage == Stage::Published) {
        let Some(publication) = &row.publication else { continue };
        report.statements += 1;
        let folder = statement_folder(row);
        let readback = verify_statement(&context.archive, &folder, publication.manifest_sha256).await?;
        if readback.damage().next().is_some() {
            restore_if_free(context, row, &mut report).await?;
        } else {
            report.unexpected.extend(readback.findings.into_iter().map(|finding| finding.key));
        }
    }
    if account.is_none() {
        restore_months(context, period, &mut report).await?;
    }
    Ok(report)
}

/// Claims the statement's folder, and heals it if it still belongs in the archive.
async fn restore_if_free(context: &Context, row: &StatementRow, report: &mut RestoreReport) -> Result<(), JobError> {
    pause_points::reach("before-restore-claims").await;
    let (tx, claims) = context.store.claim_folders(&[row.key]).await?;
    tx.commit().await?;
    let Some((_, claim)) = claims.into_iter().next() else {
        let key = statement_folder(row).to_string();
        let why = "another process works on this statement: repeat when it is done".to_owned();
        report.refused.push(NotRestored { key, why });
        return Ok(());
    };
    pause_points::reach("restore-has-claimed").await;
    let filter = StatementFilter { period: Some(row.period), account: Some(row.account.clone()) };
    let rows = context.store.read().await?.statements().statement_rows(&filter).await?;
    let now = rows.iter().find(|now| now.key == row.key && now.stage == Stage::Published);
    let restored = match now.and_then(|now| Some((now, now.publication.as_ref()?))) {
        Some((now, publication)) => restore_statement(context, claim, (now, publication), report).await,
        // It has expired.
        None => Ok(()),
    };
    let mut tx = context.store.write().await?;
    match tx.work().settle(claim).await {
        Err(StoreError::ClaimLost) => tx.roll_back().await?,
        settled => {
            settled?;
            tx.commit().await?;
        }
    }
    match restored {
        Err(JobError::Store(StoreError::ClaimLost)) => {
            let key = statement_folder(row).to_string();
            let why =
                "this process was silent for too long, and another has taken the statement over: repeat".to_owned();
            report.refused.push(NotRestored { key, why });
            Ok(())
        }
        other => other,
    }
}

async fn restore_statement(
    context: &Context,
    claim: WorkClaim,
    (row, publication): (&StatementRow, &Publication),
    report: &mut RestoreReport,
) -> Result<(), JobError> {
    let folder = statement_folder(row);
    let readback = verify_statement(&context.archive, &folder, publication.manifest_sha256).await?;
    let statement = match context.store.read().await?.statements().statement(row.key).await {
        Ok(statement) => Arc::new(statement),
        Err(error) if error.concerns_one_row() => {
            report.refuse(&readback, &error.to_string());
            return Ok(());
        }
        Err(error) => return Err(error.into()),
    };
    let source = Source { context, claim, row, publication, folder, statement };
    let manifest_key = source.folder.key(MANIFEST);
    if readback.damage().any(|finding| finding.key == manifest_key) {
        let Some(bytes) = source.rebuild_manifest().await? else {
            report.refuse(&readback, &source.why_different());
            return Ok(());
        };
        still_held(context, claim)?;
        context.archive.put_verified(&manifest_key, bytes).await?;
        report.restored.push(manifest_key);
    }
    // With the manifest in place, what else is wrong can be named.
    let readback = verify_statement(&context.archive, &source.folder, publication.manifest_sha256).await?;
    source.rebuild_files(&readback, report).await
}

impl Source<'_> {
    /// The manifest's bytes, if they can be made again: from the files that are there, else from files rendered anew.
    async fn rebuild_manifest(&self) -> Result<Option<Vec<u8>>, JobError> {
        let standing = self.standing_files().await?;
        if let Some(bytes) = self.manifest_of(standing)? {
            return Ok(Some(bytes));
        }
        for empty_rooms in [self.context.settings.empty_rooms, !self.context.settings.empty_rooms] {
            let rendered = self.rendered(empty_rooms).await?.iter_mut().map(entry).collect::<Result<_, _>>()?;
            if let Some(bytes) = self.manifest_of(rendered)? {
                return Ok(Some(bytes));
            }
        }
        Ok(None)
    }

    async fn standing_files(&self) -> Result<Vec<FileEntry>, JobError> {
        let archive = &self.context.archive;
        let mut standing = Vec::new();
        for (key, _) in archive.list(&self.folder.to_string()).await? {
            let Some((_, name)) = StatementFolder::split(&key) else { continue };
            if is_own_file(name)
                && name != MANIFEST
                && let Some(entry) = archive.digest(&key).await?
            {
                standing.push(FileEntry { name: name.to_owned(), ..entry });
            }
        }
        Ok(standing)
    }

    /// The manifest over `files`, if it is the one that was published.
    fn manifest_of(&self, files: Vec<FileEntry>) -> Result<Option<Vec<u8>>, JobError> {
        let maker = Maker { program: self.publication.program.clone(), templates: self.publication.templates };
        let bytes = manifest_bytes(&Manifest::new(&self.statement, &maker, files))?;
        Ok((Sha256::of(&bytes) == self.publication.manifest_sha256).then_some(bytes))
    }

    /// Renders the files that `readback` found lost or changed, and writes those that come out as they were.
    async fn rebuild_files(&self, readback: &Readback, report: &mut RestoreReport) -> Result<(), JobError> {
        let archive = &self.context.archive;
        let mut wanted: BTreeSet<_> = readback.damage().map(|finding| finding.key.clone()).collect();
        report.unexpected.extend(readback.unexpected_objects().map(|finding| finding.key.clone()));
        if wanted.is_empty() {
            return Ok(());
        }
        let Some((manifest, _)) = archive.manifest(&self.folder).await? else { return Ok(()) };
        for mut file in self.rendered(true).await? {
            let rendered = entry(&mut file)?;
            let key = self.folder.key(&rendered.name);
            if manifest.files.contains(&rendered) && wanted.remove(&key) {
                still_held(self.context, self.claim)?;
                archive.put_verified(&key, file.content).await?;
                report.restored.push(key);
            }
        }
        let why = self.why_different();
        report.refused.extend(wanted.into_iter().map(|key| NotRestored { key, why: why.clone() }));
        Ok(())
    }

    async fn rendered(&self, empty_rooms: bool) -> Result<Vec<RenderedFile>, JobError> {
        let scope = scope_of(self.row.account_key, &self.statement);
        let rendering =
            RenderJob::new(self.context, &self.statement, scope).with(self.publication.formats, empty_rooms);
        let mut files = rendering.files();
        let mut rendered = Vec::new();
        loop {
            match files.next().await {
                Ok(Some(file)) => rendered.push(file),
                Ok(None) => break,
                // The usage is no longer what was charged: nothing can be rendered from it.
                Err(JobError::Render(error)) => {
                    tracing::warn!(folder = %self.folder, "Files cannot be rendered again: {error}");
                    return Ok(Vec::new());
                }
                Err(error) => return Err(error),
            }
        }
        Ok(rendered)
    }

    /// What has changed since the files were made, as far as that can be known.
    fn why_different(&self) -> String {
        let (maker, program) = (&self.publication.program, env!("CARGO_PKG_VERSION"));
        let same_templates = self.publication.templates == self.context.renderer.digest();
        match (maker == program, same_templates) {
            (true, true) => {
                "its usage, or its callers' numbers, are no longer what they were: take the file from a backup".into()
            }
            (true, false) => "templates, words or brand have changed since it was published: put the old ones in \
                              force again and repeat"
                .into(),
            (false, true) => {
                format!("statementd {maker} made it, and this is {program}: repeat with that version")
            }
            (false, false) => format!(
                "statementd {maker} made it, and this is {program}; templates, words or brand have changed too: \
                 repeat with that version and the old ones"
            ),
        }
    }
}

/// Months' own objects are made again where they are lost or damaged.
async fn restore_months(
    context: &Context,
    period: Option<Period>,
    report: &mut RestoreReport,
) -> Result<(), JobError> {
    let months = context.store.read().await?.archive_months().list().await?;
    for month in months.into_iter().filter(|month| period.is_none_or(|period| period == month.period)) {
        let readback = verify_own_objects(context, month.period).await?;
        if !readback.is_whole() {
            rebuild_indexes(context, Some(month.period)).await?;
            let keys: BTreeSet<_> = readback.findings.into_iter().map(|finding| finding.key).collect();
            report.restored.extend(keys);
        }
    }
    Ok(())
}

fn entry(file: &mut RenderedFile) -> Result<FileEntry, RenderError> {
    let mut hash = HashWriter::default();
    file.content.copy_to(&mut hash).map_err(RenderError::from)?;
    let (size, sha256) = hash.finish();
    Ok(FileEntry { name: file.name.to_string(), size, sha256 })
}

impl RestoreReport {
    fn refuse(&mut self, readback: &Readback, why: &str) {
        self.refused
            .extend(readback.damage().map(|finding| NotRestored { key: finding.key.clone(), why: why.to_owned() }));
    }
}
