//! What a statement's folder holds, so that anyone can check it.
//!
//! It contains no wall-clock time: made again from the same inputs, it is the same bytes.

use serde::{Deserialize, Serialize};

use super::StatementFolder;
use crate::digest::Sha256;
use crate::domain::{AccountNumber, FileName, Format, Formats, Period, Statement, StatementId};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    pub schema: String,
    pub account: AccountNumber,
    pub period: Period,
    pub revision: u32,
    pub totals: ManifestTotals,
    /// SHA-256 over everything that the figures were computed from.
    pub inputs_sha256: Sha256,
    /// Version of statementd.
    pub program: String,
    /// Digest of the templates and words in force.
    pub templates: Sha256,
    /// Version of the time zone data that the statement was frozen with, for example `2026f`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_zone_data: Option<String>,
    /// Ordered by name.
    pub files: Vec<FileEntry>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManifestTotals {
    pub conferences: u64,
    pub participants: u64,
    pub accumulated_seconds: u64,
    /// A decimal in `currency`.
    pub charge: String,
    pub currency: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileEntry {
    /// Relative to the statement's folder.
    pub name: String,
    /// Bytes.
    pub size: u64,
    pub sha256: Sha256,
}

/// What made the files of a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Maker {
    /// Version of statementd.
    pub program: String,
    /// Digest of the templates and words in force.
    pub templates: Sha256,
}

impl Maker {
    /// This program with these templates.
    pub fn current(templates: Sha256) -> Self {
        Self { program: env!("CARGO_PKG_VERSION").into(), templates }
    }
}

impl Manifest {
    pub fn new(statement: &Statement, maker: &Maker, mut files: Vec<FileEntry>) -> Self {
        files.sort_by(|a, b| a.name.cmp(&b.name));
        let currency = statement.account.currency;
        Self {
            schema: "statementd-manifest/1".into(),
            account: statement.account.number.clone(),
            period: statement.period.id,
            revision: statement.revision,
            totals: ManifestTotals {
                conferences: statement.totals.conferences,
                participants: statement.totals.participants,
                accumulated_seconds: statement.totals.accumulated_seconds,
                charge: currency.decimal(statement.totals.charge).to_string(),
                currency: currency.code().into(),
            },
            inputs_sha256: statement.inputs_digest,
            program: maker.program.clone(),
            templates: maker.templates,
            time_zone_data: statement.zone_data.clone(),
            files,
        }
    }

    pub fn maker(&self) -> Maker {
        Maker { program: self.program.clone(), templates: self.templates }
    }

    pub fn folder(&self) -> StatementFolder {
        StatementId { period: self.period, account: self.account.clone(), revision: self.revision }.into()
    }

    /// Whether the files were made from the same inputs with the same result.
    pub fn is_of(&self, statement: &Statement) -> bool {
        let own = Self::new(statement, &self.maker(), Vec::new());
        self.folder() == own.folder() && self.totals == own.totals && self.inputs_sha256 == own.inputs_sha256
    }

    /// A short description of a statement without a manifest, to compare with [`Self::in_short`].
    pub fn short_of(statement: &Statement) -> String {
        Self::new(statement, &Maker::current(Sha256::of(&[])), Vec::new()).in_short()
    }

    /// A short description, to distinguish two statements.
    pub fn in_short(&self) -> String {
        let (inputs_sha256, ManifestTotals { conferences, charge, currency, .. }) =
            (self.inputs_sha256, &self.totals);
        format!("{conferences} conferences, {charge} {currency}, inputs {inputs_sha256:.12}")
    }

    /// Whether a file of this name belongs to the statement.
    pub fn names(&self, name: &str) -> bool {
        self.files.iter().any(|file| file.name == name)
    }

    /// The formats that its files come in, besides JSON.
    pub fn formats(&self) -> Formats {
        Format::ALL.into_iter().filter(|format| self.names(&FileName::Account(*format).to_string())).collect()
    }

    pub fn to_bytes(&self) -> Result<Vec<u8>, serde_json::Error> {
        let mut bytes = serde_json::to_vec_pretty(self)?;
        bytes.push(b'\n');
        Ok(bytes)
    }
}
