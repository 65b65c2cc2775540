//! What came of attempts at mail and could not be written down, because the database was away.
//!
//! A server's answer comes once. The process keeps it for as long as it lives, and writes it before it judges anything:
//! otherwise a message that was accepted would count as lost on the way, and be sent again.

use crate::store::deliveries::unwritten_queue::Unwritten;
use crate::store::{Store, StoreError};

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
        tx.deliveries().record_verdicts(&ended.collect::<Vec<_>>()).await?;
        for entry in &entries {
            if let Unwritten::Release(delivery) = entry {
                tx.deliveries().release_claim(delivery).await?;
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
