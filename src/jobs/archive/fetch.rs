//! Fetches files of the archive: each is compared with its manifest, and the manifest with the database.
//!
//! A damaged file is not handed out.

use crate::archive::{ArchiveError, FileEntry, KnownContent, Manifest, MonthObject, StatementFolder};
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
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

const CHANGED: &str = "was changed since it was written";

/// What a month has besides its statements, by name.
pub const MONTH_FILES: [&str; 3] = ["index.csv", "index.html", "manifest.json"];

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

/// One of [`MONTH_FILES`] as it was written; `None` if it was never made.
pub async fn month_file(context: &Context, period: Period, name: &str) -> Result<Option<Vec<u8>>, FetchError> {
    let Some(FileEntry { name: key, size, sha256 }) = whole_month_file(context, period, name).await? else {
        return Ok(None);
    };
    match context.archive.get(&key, size).await? {
        Some(bytes) if Sha256::of(&bytes) == sha256 => Ok(Some(bytes)),
        _ => Err(month_damaged(period, key, true)),
    }
}

/// One of [`MONTH_FILES`] as it was written, of any size, without holding it in memory; `None` if it was never made.
pub async fn large_month_file(
    context: &Context,
    period: Period,
    name: &str,
) -> Result<Option<(String, KnownContent)>, FetchError> {
    let Some(FileEntry { name: key, size, sha256 }) = whole_month_file(context, period, name).await? else {
        return Ok(None);
    };
    match context.archive.read_large(&key, size).await? {
        Some(read) if read.sha256 == sha256 => Ok(Some((key, read))),
        other => Err(month_damaged(period, key, other.is_some())),
    }
}

/// Whether one of [`MONTH_FILES`] is as it was written, without its bytes; false: it was never made.
pub async fn has_month_file(context: &Context, period: Period, name: &str) -> Result<bool, FetchError> {
    Ok(whole_month_file(context, period, name).await?.is_some())
}

/// A file, by its key, that is as it was written. Hashed piece by piece: what was changed may be of any size.
async fn whole_month_file(context: &Context, period: Period, name: &str) -> Result<Option<FileEntry>, FetchError> {
    let months = context.store.read_for_people().await?.archive_months().list().await?;
    let Some(month) = months.into_iter().find(|month| month.period == period) else { return Ok(None) };
    let (object, written) = match name {
        "index.csv" => (MonthObject::Csv, month.digests.csv),
        "index.html" => (MonthObject::Html, month.digests.html),
        "manifest.json" => (MonthObject::Manifest, month.digests.manifest),
        _ => return Ok(None),
    };
    let Some(written) = written else { return Ok(None) };
    let key = object.key(period);
    match context.archive.digest(&key).await? {
        Some(stored) if stored.sha256 == written => Ok(Some(stored)),
        other => Err(month_damaged(period, key, other.is_some())),
    }
}

fn month_damaged(period: Period, key: String, is_there: bool) -> FetchError {
    FetchError::MonthDamaged { period, key, what: if is_there { CHANGED } else { "is missing" } }
}

/// Where a statement's files lie, or will lie, in the archive.
pub fn statement_folder(row: &StatementRow) -> StatementFolder {
    row.id().into()
}
