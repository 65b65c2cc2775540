//! What became of a batch of rows.

use crate::store::master::directory::NotTaken;
use crate::store::master::notes::{MasterNote, MasterOutcome};

/// What became of a batch.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct BatchOutcome {
    pub stored: u64,
    /// Legs that arrived after their conference's period had closed. Not all need be of this batch: one that takes
    /// its conference's start into a closed period makes the legs that were there late, too.
    pub late: u64,
    /// The same leg again, with the same content.
    pub duplicates: u64,
    /// Positions in the batch, ascending, of what was there already.
    pub again: Vec<usize>,
    /// Positions in the batch, ascending, of legs whose id is taken by other content.
    pub conflicts: Vec<usize>,
    /// Likewise, of legs from a time whose usage has been erased: no one knows whether they were charged before.
    pub erased: Vec<usize>,
    /// Likewise, of legs from before the first month that was closed for their account.
    pub older: Vec<usize>,
    /// Likewise, of legs that would make their conference longer than any is.
    pub stretching: Vec<usize>,
    /// Likewise, of legs that their room did not take when their conference began.
    pub not_taken: Vec<(usize, NotTaken)>,
    /// Likewise, of rows of master data that contradict what is stored: column and reason.
    pub refused: Vec<(usize, &'static str, String)>,
    /// What rows of master data mean for what is there already.
    pub notes: Vec<MasterNote>,
}

impl BatchOutcome {
    /// Whether the entry at a position of the batch is stored now, or was before.
    pub fn accepted(&self, position: usize) -> bool {
        let refused = [&self.conflicts, &self.erased, &self.older, &self.stretching];
        refused.iter().all(|positions| positions.binary_search(&position).is_err())
            && !self.not_taken.iter().any(|(refused, _)| *refused == position)
            && !self.refused.iter().any(|(refused, ..)| *refused == position)
    }

    /// Counts the row of master data at a position of the batch: it was refused, stored, or there as it is.
    pub fn count(&mut self, position: usize, outcome: MasterOutcome) {
        match outcome.refused {
            Some((column, reason)) => self.refused.push((position, column, reason)),
            None if outcome.stored => self.stored += 1,
            None => {
                self.duplicates += 1;
                self.again.push(position);
            }
        }
        self.notes.extend(outcome.notes);
    }

    /// Whether the entry at a position of the batch is stored now, and was not before.
    pub fn is_new(&self, position: usize) -> bool {
        self.accepted(position) && self.again.binary_search(&position).is_err()
    }
}
