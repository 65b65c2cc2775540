//! Files of the archive for anyone who asks for them: each compared with its manifest, the manifest with the database.
//!
//! A damaged file is not handed out.

use crate::archive::{ArchiveError, Manifest, StatementFolder};
use crate::digest::sha256_hex;
use crate::jobs::Context;
use crate::store::{Stage, StatementRow};

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
    #[error(transparent)]
    Archive(#[from] ArchiveError),
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
            Some((manifest, bytes)) if sha256_hex(&bytes) == publication.manifest_sha256 => {
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
            // Whatever is longer than it was is something else.
            Err(ArchiveError::TooLarge { .. }) => Some(Vec::new()),
            got => got?,
        };
        let what = match got {
            Some(bytes) if sha256_hex(&bytes) == named.sha256 => return Ok(bytes),
            Some(_) => "was changed since it was published",
            None => "is missing",
        };
        Err(FetchError::Damaged { folder: self.folder.clone(), key, what })
    }
}

/// Where a statement's files lie, or will lie, in the archive.
pub fn statement_folder(row: &StatementRow) -> StatementFolder {
    row.id().into()
}
