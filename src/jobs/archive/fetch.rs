//! Fetches files of the archive: each is compared with its manifest, and the manifest with the database.
//!
//! A damaged file is not handed out.

use crate::archive::{ArchiveError, FileEntry, Manifest, MonthObject, StatementFolder};
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
        let what = match got {
            Some(bytes) if Sha256::of(&bytes) == named.sha256 => return Ok(bytes),
            Some(_) => "was changed since it was published",
            None => "is missing",
        };
        Err(FetchError::Damaged { folder: self.folder.clone(), key, what })
    }
}

/// One of [`MONTH_FILES`] as it was written; `None` if it was never made.
pub async fn month_file(context: &Context, period: Period, name: &str) -> Result<Option<Vec<u8>>, FetchError> {
    let Some(FileEntry { name: key, size, sha256 }) = whole_month_file(context, period, name).await? else {
        return Ok(None);
    };
    match context.archive.get(&key, size).await? {
        Some(bytes) if Sha256::of(&bytes) == sha256 => Ok(Some(bytes)),
        _ => Err(FetchError::MonthDamaged { period, key, what: CHANGED }),
    }
}

/// Whether one of [`MONTH_FILES`] is as it was written, without returning it; false if it was never made.
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
        None => Err(FetchError::MonthDamaged { period, key, what: "is missing" }),
        Some(stored) if stored.sha256 == written => Ok(Some(stored)),
        Some(_) => Err(FetchError::MonthDamaged { period, key, what: CHANGED }),
    }
}

/// Where a statement's files lie, or will lie, in the archive.
pub fn statement_folder(row: &StatementRow) -> StatementFolder {
    row.id().into()
}
