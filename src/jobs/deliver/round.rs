//! What the workers of a round share.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use tokio::sync::{Mutex, mpsc};

use crate::jobs::deliver::ledger::Ledger;
use crate::jobs::deliver::statement_cache::PublishedStatements;
use crate::jobs::{Context, JobError};
use crate::mail::{Pace, Signer};
use crate::store::DueDelivery;

/// What the workers of a round share.
pub(crate) struct DeliveryRound {
    pub context: Context,
    pub ledger: Ledger,
    pub pace: Pace,
    pub statements: PublishedStatements,
    pub signer: Option<Signer>,
    pub queue: Mutex<mpsc::Receiver<DueDelivery>>,
    pub stopping: AtomicBool,
    pub at_work: AtomicUsize,
    pub was_reached: AtomicBool,
}

impl DeliveryRound {
    /// The next delivery for a worker; None when there is none, or none is to be begun.
    pub async fn next(&self) -> Option<DueDelivery> {
        if self.is_stopping() {
            return None;
        }
        self.queue.lock().await.recv().await
    }

    /// Like [`Self::next`], without waiting for one.
    pub fn next_at_hand(&self) -> Option<DueDelivery> {
        if self.is_stopping() {
            return None;
        }
        self.queue.try_lock().ok()?.try_recv().ok()
    }

    /// Ends the round: nothing new is begun.
    pub fn stop(&self) {
        self.stopping.store(true, Ordering::Relaxed);
    }

    /// A worker leaves. Without any, the round is over.
    pub fn leave(&self) {
        if self.at_work.fetch_sub(1, Ordering::Relaxed) == 1 {
            self.stop();
        }
    }

    /// A message was accepted.
    pub fn note_reached(&self) {
        self.was_reached.store(true, Ordering::Relaxed);
    }

    /// Whether any worker of this round has reached the server.
    pub fn is_reachable(&self) -> bool {
        self.was_reached.load(Ordering::Relaxed)
    }

    pub fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Relaxed)
    }

    pub async fn give_back_queued(&self) -> Result<(), JobError> {
        let mut queue = self.queue.lock().await;
        queue.close();
        let mut all = Ok(());
        while let Some(delivery) = queue.recv().await {
            all = all.and(self.ledger.release(delivery).await);
        }
        all
    }
}
