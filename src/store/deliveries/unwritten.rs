//! What came of attempts at mail and could not be written down, because the database was away.
//!
//! A server's answer comes once. The process keeps it for as long as it lives, and writes it before it judges anything:
//! otherwise a message that was accepted would count as lost on the way, and be sent again.

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::store::{DueDelivery, EndedAttempt, Store, StoreError};

/// How an attempt ended.
#[derive(Debug, Clone)]
pub enum Unwritten {
    Verdict(EndedAttempt),
    /// Nothing was sent.
    Release(Box<DueDelivery>),
}

/// Of this process, in the order in which it was to be written.
#[derive(Debug, Default)]
pub(crate) struct Kept(Mutex<Vec<Unwritten>>);

impl Kept {
    fn entries(&self) -> MutexGuard<'_, Vec<Unwritten>> {
        // Nothing panics while it holds the lock; if something did, the entries are still whole.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Store {
    /// Keeps what could not be written.
    pub fn keep_unwritten(&self, entries: impl IntoIterator<Item = Unwritten>) {
        self.kept.entries().extend(entries);
    }

    /// Writes what is kept, if anything; an error leaves it kept.
    pub async fn write_unwritten(&self) -> Result<(), StoreError> {
        let entries = self.kept.entries().clone();
        if entries.is_empty() {
            return Ok(());
        }
        let mut tx = self.write().await?;
        let ended = entries.iter().filter_map(|entry| match entry {
            Unwritten::Verdict(ended) => Some(ended),
            Unwritten::Release(_) => None,
        });
        tx.record_verdicts(&ended.collect::<Vec<_>>()).await?;
        for entry in &entries {
            if let Unwritten::Release(delivery) = entry {
                tx.release_claim(delivery).await?;
            }
        }
        tx.commit().await?;
        self.kept.entries().drain(..entries.len());
        tracing::info!(
            deliveries = entries.len(),
            "What had come of mail while the database was away is written down"
        );
        Ok(())
    }
}
