//! Fetches files of the archive: each is compared with its manifest, and the manifest with the database.
//!
//! A damaged file is not handed out.

use crate::archive::{ArchiveError, FileEntry, KnownContent, Manifest, StatementFolder};
use crate::digest::Sha256;
use crate::domain::Period;
use crate::jobs::Context;
use crate::store::{Stage, StatementRow, StoreError};

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
        "{key} is being made anew: try again in a moment, and if that lasts, make it again with \"statementd archive index --period {period}\""
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
        let what = match context.archive.manifest(&folder).await? {
            Some((manifest, bytes)) if Sha256::of(&bytes) == publication.manifest_sha256 => {
                return Ok(Self { folder, manifest, manifest_bytes: bytes });
            }
            Some(_) => "was changed since it was published",
            None => "is missing",
        };
        Err(FetchError::Damaged { key: folder.key(crate::archive::MANIFEST), folder, what })
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
            other => Err(self.damaged(named, other.is_some())),
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
        Ok(named.iter().zip(read).map(|(named, read)| self.compared(named, read)).collect())
    }

    /// A file of any size, without holding it in memory.
    pub async fn large_file(&self, context: &Context, named: &FileEntry) -> Result<KnownContent, FetchError> {
        let read = context.archive.read_large(&self.folder.key(&named.name), named.size).await?;
        self.compared(named, read)
    }

    fn compared(&self, named: &FileEntry, read: Option<KnownContent>) -> Result<KnownContent, FetchError> {
        match read {
            Some(read) if read.sha256 == named.sha256 => Ok(read),
            other => Err(self.damaged(named, other.is_some())),
        }
    }

    fn damaged(&self, named: &FileEntry, is_there: bool) -> FetchError {
        let what = if is_there { "was changed since it was published" } else { "is missing" };
        FetchError::Damaged { folder: self.folder.clone(), key: self.folder.key(&named.name), what }
    }
}

/// Where a statement's files lie, or will lie, in the archive.
pub fn statement_folder(row: &StatementRow) -> StatementFolder {
    row.id().into()
}
