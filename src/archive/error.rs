//! Errors of a store, and which of them are the store's own fault.

use super::refusal::explained;
use super::{Manifest, StatementFolder};
use crate::domain::Statement;

#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    #[error("archive.url {url:?}: {why}")]
    BadUrl { url: String, why: String },
    #[error("archive object {key}: {}", explained(source))]
    Store { key: String, source: object_store::Error },
    #[error("archive object {key} stays: the store refuses to delete it: {}", explained(source))]
    MayNotDelete { key: String, source: object_store::Error },
    #[error("the archive may not be listed, as publishing needs (s3:ListBucket, on S3): {}", explained(source))]
    MayNotList { source: object_store::Error },
    #[error("archive object {key} was written, but what came back differs: the store is damaged or lies")]
    ReadBackDiffers { key: String },
    #[error(
        "archive folder {folder} already holds another statement ({there}) than the one to be put there ({here}): nothing \
         was changed. After a restore from a backup, usage or master data that came after it are missing in the database: \
         restore a newer backup. If the archive's is the wrong one, move that folder away"
    )]
    Conflict {
        folder: String,
        /// What is in the archive, in short.
        there: String,
        /// What was to be put there.
        here: String,
    },
    #[error(
        "archive object {key} is larger than the {limit} bytes that it may have: it was changed, or the store lies"
    )]
    TooLarge { key: String, limit: u64 },
    #[error("archive object {key} is not a manifest: {why}")]
    BadManifest { key: String, why: String },
    #[error("this archive is a folder and cannot sign links: use \"statementd archive get\" instead")]
    NoLinks,
    #[error("a link works for at most 7 days")]
    LinkTooLong,
}

impl ArchiveError {
    /// The folder of `statement` holds what `manifest` lists, which is of another one.
    pub fn conflict(manifest: &Manifest, statement: &Statement) -> Self {
        let (there, here) = (manifest.in_short(), Manifest::short_of(statement));
        Self::Conflict { folder: StatementFolder::from(statement.id()).to_string(), there, here }
    }

    /// Whether the store itself fails, so that the next object would fail too.
    pub fn is_outage(&self) -> bool {
        matches!(self, Self::MayNotList { .. })
            || matches!(self, Self::Store { source, .. } if !matches!(source, object_store::Error::AlreadyExists { .. }
            | object_store::Error::Precondition { .. } | object_store::Error::NotFound { .. }))
    }
}
