//! Reads objects back and compares them with the manifests and the database.

use std::collections::BTreeSet;
use std::fmt;

use serde::Serialize;

use super::{Archive, ArchiveError, LARGEST_MANIFEST, MANIFEST, Manifest, StatementFolder};
use crate::digest::Sha256;

/// What is wrong with one object of the archive.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Finding {
    pub key: String,
    pub problem: Problem,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Problem {
    /// The manifest or the database names it; it is not there.
    Missing,
    /// Its content is not what the manifest, or for the manifest the database, says.
    Changed,
    /// No manifest names it.
    Unexpected,
}

/// The result of reading a statement back.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Readback {
    pub findings: Vec<Finding>,
    /// That were read.
    pub objects: u64,
    pub bytes: u64,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Missing => "missing",
            Self::Changed => "changed",
            Self::Unexpected => "unexpected",
        })
    }
}

impl Readback {
    pub fn is_whole(&self) -> bool {
        self.findings.is_empty()
    }

    /// Objects that are lost or changed.
    pub fn damage(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| finding.problem != Problem::Unexpected)
    }

    /// Objects that nothing names.
    pub fn unexpected_objects(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| finding.problem == Problem::Unexpected)
    }

    pub fn merge(&mut self, other: Self) {
        self.findings.extend(other.findings);
        self.objects += other.objects;
        self.bytes += other.bytes;
    }

    fn note(&mut self, key: String, problem: Problem) {
        self.findings.push(Finding { key, problem });
    }
}

/// Reads every object of a statement; `manifest_sha256` is what the database remembers of its manifest.
pub async fn verify_statement(
    archive: &Archive,
    folder: &StatementFolder,
    manifest_sha256: Sha256,
) -> Result<Readback, ArchiveError> {
    let listed = archive.list(&folder.to_string()).await?;
    verify_listed(archive, folder, manifest_sha256, listed.into_iter().map(|(key, _)| key)).await
}

/// The same for a folder whose keys are at hand.
pub async fn verify_listed(
    archive: &Archive,
    folder: &StatementFolder,
    manifest_sha256: Sha256,
    listed: impl Iterator<Item = String>,
) -> Result<Readback, ArchiveError> {
    let mut readback = Readback::default();
    let mut unnamed: BTreeSet<String> = listed.collect();
    let manifest_key = folder.key(MANIFEST);
    unnamed.remove(&manifest_key);
    let bytes = match archive.get(&manifest_key, LARGEST_MANIFEST).await {
        Err(ArchiveError::TooLarge { .. }) => Some(Vec::new()),
        got => got?,
    };
    let manifest = bytes.as_ref().and_then(|bytes| {
        serde_json::from_slice::<Manifest>(bytes).ok().filter(|_| Sha256::of(bytes) == manifest_sha256)
    });
    let Some(manifest) = manifest else {
        // Without the manifest, it is not known what else belongs here.
        readback.note(manifest_key, if bytes.is_some() { Problem::Changed } else { Problem::Missing });
        return Ok(readback);
    };
    readback.objects += 1;
    readback.bytes += bytes.map_or(0, |bytes| bytes.len() as u64);
    for file in &manifest.files {
        let key = folder.key(&file.name);
        unnamed.remove(&key);
        match archive.digest(&key).await? {
            None => readback.note(key, Problem::Missing),
            Some(stored) => {
                readback.objects += 1;
                readback.bytes += stored.size;
                if stored.sha256 != file.sha256 {
                    readback.note(key, Problem::Changed);
                }
            }
        }
    }
    for key in unnamed {
        readback.note(key, Problem::Unexpected);
    }
    readback.findings.sort();
    Ok(readback)
}

/// Compares one object with its digest.
pub async fn verify_object(archive: &Archive, key: &str, sha256: Sha256) -> Result<Readback, ArchiveError> {
    let mut readback = Readback::default();
    match archive.digest(key).await? {
        None => readback.note(key.to_owned(), Problem::Missing),
        Some(stored) => {
            readback.objects = 1;
            readback.bytes = stored.size;
            if stored.sha256 != sha256 {
                readback.note(key.to_owned(), Problem::Changed);
            }
        }
    }
    Ok(readback)
}
