//! Bounds how much of a file is read for one item, so that input without an end (a quote that is never closed, a list
//! that is one value, a gigabyte packed into a megabyte) cannot fill the memory.

use std::io::{self, BufRead, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Bytes that may be read for one item: a thousand times what any bridge writes about a leg.
pub(super) const LONGEST_ITEM: u64 = 16 * 1024 * 1024;

/// What is left for the current item. Cheap to clone; clones share the budget.
#[derive(Debug, Clone)]
pub(super) struct Budget(Arc<AtomicU64>);

impl Default for Budget {
    fn default() -> Self {
        Self(Arc::new(AtomicU64::new(LONGEST_ITEM)))
    }
}

impl Budget {
    /// Another item begins.
    pub(super) fn renew(&self) {
        self.0.store(LONGEST_ITEM, Ordering::Relaxed);
    }

    pub(super) fn is_used_up(&self) -> bool {
        self.0.load(Ordering::Relaxed) == 0
    }

    fn spend(&self, bytes: usize) {
        let left = self.0.load(Ordering::Relaxed).saturating_sub(bytes as u64);
        self.0.store(left, Ordering::Relaxed);
    }
}

/// Reads as long as the budget lasts.
pub(super) struct Budgeted<R> {
    pub(super) input: R,
    pub(super) budget: Budget,
}

impl<R: BufRead> Read for Budgeted<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let from = self.fill_buf()?;
        let length = from.len().min(into.len());
        into[..length].copy_from_slice(&from[..length]);
        self.consume(length);
        Ok(length)
    }
}

impl<R: BufRead> BufRead for Budgeted<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.budget.is_used_up() {
            return Err(io::Error::other("an item is too long"));
        }
        self.input.fill_buf()
    }

    fn consume(&mut self, amount: usize) {
        self.budget.spend(amount);
        self.input.consume(amount);
    }
}
