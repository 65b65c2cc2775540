//! Reading back what a manifest promises.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

use super::{Archive, ArchiveError, MANIFEST, Manifest, StatementFolder};
use crate::digest::sha256_hex;

/// What is wrong with one object of the archive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    pub key: String,
    pub problem: Problem,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Problem {
    /// The manifest or the database names it; it is not there.
    Missing,
    /// Its content is not what the manifest, or for the manifest the database, says.
    Changed,
    /// No manifest names it.
    Unexpected,
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

/// Reads every object of a statement; `manifest_sha256` is what the database remembers of its manifest.
pub async fn verify_statement(
    archive: &Archive,
    folder: &StatementFolder,
    manifest_sha256: &str,
) -> Result<Vec<Finding>, ArchiveError> {
    let manifest_key = folder.key(MANIFEST);
    let Some(bytes) = archive.get(&manifest_key).await? else {
        return Ok(vec![Finding { key: manifest_key, problem: Problem::Missing }]);
    };
    let manifest = serde_json::from_slice::<Manifest>(&bytes).ok().filter(|_| sha256_hex(&bytes) == manifest_sha256);
    let Some(manifest) = manifest else {
        return Ok(vec![Finding { key: manifest_key, problem: Problem::Changed }]);
    };
    let present: BTreeMap<String, u64> = archive.list(&folder.to_string()).await?.into_iter().collect();
    let mut findings = Vec::new();
    for file in &manifest.files {
        let key = folder.key(&file.name);
        let problem = match archive.get(&key).await? {
            None => Some(Problem::Missing),
            Some(bytes) if sha256_hex(&bytes) != file.sha256 => Some(Problem::Changed),
            Some(_) => None,
        };
        findings.extend(problem.map(|problem| Finding { key, problem }));
    }
    let named =
        |key: &String| *key == manifest_key || manifest.files.iter().any(|file| folder.key(&file.name) == *key);
    let unexpected = present.into_keys().filter(|key| !named(key));
    findings.extend(unexpected.map(|key| Finding { key, problem: Problem::Unexpected }));
    Ok(findings)
}
