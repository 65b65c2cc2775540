//! What a reader yields: rows, and counts of what it skipped.

use std::collections::BTreeMap;

use super::budget::Budget;
use super::waiting::Waiting;
use super::{ReaderError, UsageRecord};

/// An item that cannot be read at all, as it was in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnreadableItem {
    pub line: u64,
    pub text: Vec<u8>,
    pub reason: String,
}

/// A doubt whether a file belongs to this reader.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Doubt {
    /// What it looks like, and what to do.
    pub words: String,
    /// True if the system that wrote it is known, or if the reader recognised no item of it.
    pub is_certain: bool,
}

/// What became of a file's items.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts {
    pub rows: u64,
    /// Per reason.
    pub skipped: BTreeMap<String, u64>,
    /// Items that cannot be read.
    pub unreadable: u64,
    /// Why the file may have had no row: it is another system's, or has another format.
    pub doubt: Option<Doubt>,
}

/// Takes what a reader yields.
pub struct Output<'a> {
    take: &'a mut dyn FnMut(&UsageRecord) -> Result<(), ReaderError>,
    pub counts: Counts,
    /// Legs of which one end has not come yet: they go on into the next file.
    pub waiting: Waiting,
    pub unreadable: Vec<UnreadableItem>,
    /// The budget of the file that is being read; renewed with each item.
    pub(super) budget: Budget,
}

/// Items of one file that may be unreadable: beyond, it is the wrong reader.
const MOST_UNREADABLE: usize = 1000;
/// Bytes of an unreadable item that are kept.
const LONGEST_KEPT: usize = 64 * 1024;

impl<'a> Output<'a> {
    /// `take` is called for each row; its error ends the reading.
    pub fn new(take: &'a mut dyn FnMut(&UsageRecord) -> Result<(), ReaderError>) -> Self {
        Self {
            take,
            counts: Counts::default(),
            waiting: Waiting::default(),
            unreadable: Vec::new(),
            budget: Budget::default(),
        }
    }

    /// Like [`Self::new`], with the open legs of earlier files.
    pub fn going_on(take: &'a mut dyn FnMut(&UsageRecord) -> Result<(), ReaderError>, waiting: Waiting) -> Self {
        Self { waiting, ..Self::new(take) }
    }

    pub(super) fn row(&mut self, record: &UsageRecord) -> Result<(), ReaderError> {
        self.budget.renew();
        self.counts.rows += 1;
        (self.take)(record)
    }

    /// The number of the next item in the file, from 1.
    pub(super) fn next_place(&self) -> u64 {
        self.counts.items() + 1
    }

    /// Keeps an item that cannot be read; those after it are read.
    pub(super) fn refuse(&mut self, line: u64, text: &[u8], reason: &str) -> Result<(), ReaderError> {
        self.budget.renew();
        self.counts.unreadable += 1;
        if self.unreadable.len() >= MOST_UNREADABLE {
            let why = format!("more than {MOST_UNREADABLE} of its items cannot be read: is this the right reader?");
            return Err(ReaderError::Refused(why));
        }
        let text = text[..text.len().min(LONGEST_KEPT)].to_vec();
        self.unreadable.push(UnreadableItem { line, text, reason: reason.to_owned() });
        Ok(())
    }

    pub(super) fn skip(&mut self, reason: &str) {
        self.budget.renew();
        match self.counts.skipped.get_mut(reason) {
            Some(count) => *count += 1,
            None => {
                self.counts.skipped.insert(reason.to_owned(), 1);
            }
        }
    }
}

impl Counts {
    /// Rows, skipped and unreadable items together.
    pub fn items(&self) -> u64 {
        self.rows + self.unreadable + self.skipped.values().sum::<u64>()
    }
}
