//! Fetches files of the archive: each is compared with its manifest, and the manifest with the database.
//!
//! A damaged file is not handed out.

use crate::archive::{ArchiveError, FileEntry, KnownContent, Manifest, StatementFolder};
use crate::digest::Sha256;
use crate::domain::Period;
use crate::jobs::Context;
use crate::store::{Stage, StatementFilter, StatementRow, StoreError};

/// A published statement whose manifest is the one that the database remembers.
#[derive(Debug)]
pub struct FetchedStatement {
    pub folder: StatementFolder,
    pub manifest: Manifest,
    pub manifest_bytes: Vec<u8>,
}

/// Why a file of a statement is not handed out.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    #[error("{0} has left the archive (archive.keep_months)")]
    Expired(StatementFolder),
    #[error("{0} is not in the archive yet: see \"statementd archive list\"")]
    NotPublished(StatementFolder),
    #[error("the archive has no {0}: the room had no usage, or the format was not made (statements.formats)")]
    NoSuchFile(String),
    #[error("{key} {what}; rebuild it with \"statementd archive restore --period {} --account {}\"", folder.id.period, folder.id.account)]
    Damaged { folder: StatementFolder, key: String, what: &'static str },
    #[error("{key} {what}; make it again with \"statementd archive index --period {period}\"")]
    MonthDamaged { period: Period, key: String, what: &'static str },
    #[error(
        "{key} is being made anew; if that lasts, make it again with \"statementd archive index --period {period}\""
    )]
    MonthBeingMade { period: Period, key: String },
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl FetchedStatement {
    pub async fn open(context: &Context, row: &StatementRow) -> Result<Self, FetchError> {
        let folder = statement_folder(row);
        let publication = match (&row.publication, row.stage) {
            (_, Stage::Expired) => return Err(FetchError::Expired(folder)),
            (Some(publication), _) => publication,
            (None, _) => return Err(FetchError::NotPublished(folder)),
        };
        match context.archive.manifest(&folder).await? {
            Some((manifest, bytes)) if Sha256::of(&bytes) == publication.manifest_sha256 => {
                Ok(Self { folder, manifest, manifest_bytes: bytes })
            }
            other => Err(not_as_written(context, &folder, crate::archive::MANIFEST, other.is_some()).await?),
        }
    }

    /// Returns a file that the manifest names, as the manifest says.
    pub async fn file(&self, context: &Context, name: &str) -> Result<Vec<u8>, FetchError> {
        let key = self.folder.key(name);
        let Some(named) = self.manifest.files.iter().find(|file| file.name == name) else {
            return Err(FetchError::NoSuchFile(key));
        };
        let got = match context.archive.get(&key, named.size).await {
            // An object that is longer than it was is not the same.
            Err(ArchiveError::TooLarge { .. }) => Some(Vec::new()),
            got => got?,
        };
        match got {
            Some(bytes) if Sha256::of(&bytes) == named.sha256 => Ok(bytes),
            other => Err(not_as_written(context, &self.folder, name, other.is_some()).await?),
        }
    }

    /// Small files that the manifest names, read together; each as the manifest says.
    pub async fn small_files(
        &self,
        context: &Context,
        named: &[FileEntry],
    ) -> Result<Vec<Result<KnownContent, FetchError>>, ArchiveError> {
        let wanted = named.iter().map(|file| (self.folder.key(&file.name), file.size)).collect();
        let read = context.archive.read_small(wanted).await?;
        let mut files = Vec::with_capacity(named.len());
        for (named, read) in named.iter().zip(read) {
            files.push(self.compared(context, named, read).await);
        }
        Ok(files)
    }

    /// A file of any size, without holding it in memory.
    pub async fn large_file(&self, context: &Context, named: &FileEntry) -> Result<KnownContent, FetchError> {
        let read = context.archive.read_large(&self.folder.key(&named.name), named.size).await?;
        self.compared(context, named, read).await
    }

    async fn compared(
        &self,
        context: &Context,
        named: &FileEntry,
        read: Option<KnownContent>,
    ) -> Result<KnownContent, FetchError> {
        match read {
            Some(read) if read.sha256 == named.sha256 => Ok(read),
            other => Err(not_as_written(context, &self.folder, &named.name, other.is_some()).await?),
        }
    }
}

/// Says that a file is damaged, unless its statement has left the archive meanwhile.
async fn not_as_written(
    context: &Context,
    folder: &StatementFolder,
    name: &str,
    is_there: bool,
) -> Result<FetchError, StoreError> {
    let filter = StatementFilter { period: Some(folder.id.period), account: Some(folder.id.account.clone()) };
    let rows = context.store.read_for_people().await?.statements().statement_rows(&filter).await?;
    let has_left = rows.iter().any(|row| row.stage == Stage::Expired && statement_folder(row) == *folder);
    if has_left {
        return Ok(FetchError::Expired(folder.clone()));
    }
    let what = if is_there { "was changed since it was published" } else { "is missing" };
    Ok(FetchError::Damaged { folder: folder.clone(), key: folder.key(name), what })
}

/// Where a statement's files lie, or will lie, in the archive.
pub fn statement_folder(row: &StatementRow) -> StatementFolder {
    row.id().into()
}
