//! The report of an imported file, with the reasons for which rows were refused.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::intake::{Kind, Refused};
use crate::store::BatchOutcome;

/// Reasons that are counted apart, at most: one may quote its row.
const REASONS_COUNTED: usize = 1000;
/// Reasons that are told.
const REASONS_TOLD: usize = 3;

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ImportReport {
    pub kind: Kind,
    pub file: PathBuf,
    /// Without the header and blank lines: stored + duplicates + rejected.
    pub rows: u64,
    /// New, or (other than usage) changed.
    pub stored: u64,
    /// There already, with the same content.
    pub duplicates: u64,
    /// Of the stored: legs that arrived after their conference's period had closed.
    pub late: u64,
    pub rejected: u64,
    /// Of a bridge's file: items that surely are no conference leg, by reason.
    pub skipped: BTreeMap<String, u64>,
    /// Of a bridge's source: legs of which one end has not come yet.
    pub waiting: u64,
    /// Why, the three that are met most, with the number of rows.
    pub reasons: Vec<RejectionReason>,
    /// What the file means for what is there already, and what it refers to that is not there.
    pub warnings: Vec<String>,
    /// Where the rejected rows were written; None if there are none, or if the folder cannot be written to.
    pub rejects_file: Option<PathBuf>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RejectionReason {
    pub rows: u64,
    pub column: Option<&'static str>,
    pub reason: String,
}

impl ImportReport {
    pub(crate) fn new(kind: Kind, path: &Path) -> Self {
        Self {
            kind,
            file: path.to_owned(),
            rows: 0,
            stored: 0,
            duplicates: 0,
            late: 0,
            rejected: 0,
            skipped: BTreeMap::new(),
            waiting: 0,
            reasons: Vec::new(),
            warnings: Vec::new(),
            rejects_file: None,
        }
    }

    pub(crate) fn add(&mut self, rows: u64, outcome: &BatchOutcome, refused: &[Refused]) {
        self.rows += rows;
        self.stored += outcome.stored;
        self.duplicates += outcome.duplicates;
        self.late += outcome.late;
        self.rejected += refused.len() as u64;
    }
}

/// Reasons as they come.
#[derive(Default)]
pub(crate) struct Reasons(HashMap<(Option<&'static str>, String), (u64, usize)>);

impl Reasons {
    pub(crate) fn count(&mut self, refused: &[Refused]) {
        for Refused { refusal, .. } in refused {
            let (position, reason) = (self.0.len(), (refusal.column, refusal.reason.clone()));
            if let Some((rows, _)) = self.0.get_mut(&reason) {
                *rows += 1;
            } else if position < REASONS_COUNTED {
                self.0.insert(reason, (1, position));
            }
        }
    }

    /// Those that are met most, and of equals those that came first.
    pub(crate) fn told(self) -> Vec<RejectionReason> {
        let mut all: Vec<_> = self.0.into_iter().collect();
        all.sort_by_key(|(_, (rows, position))| (std::cmp::Reverse(*rows), *position));
        all.truncate(REASONS_TOLD);
        all.into_iter().map(|((column, reason), (rows, _))| RejectionReason { rows, column, reason }).collect()
    }
}
