//! What a process still has to write about mail that it sent.

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::store::deliveries::attempt::{DueDelivery, EndedAttempt};

/// How an attempt ended.
#[derive(Debug, Clone)]
pub enum Unwritten {
    Verdict(EndedAttempt),
    /// Nothing was sent.
    Release(Box<DueDelivery>),
}

/// What this process still has to write, in order.
#[derive(Debug, Default)]
pub(crate) struct UnwrittenQueue(Mutex<Vec<Unwritten>>);

impl UnwrittenQueue {
    pub(crate) fn entries(&self) -> MutexGuard<'_, Vec<Unwritten>> {
        // Nothing panics while it holds the lock; if something did, the entries are still whole.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
