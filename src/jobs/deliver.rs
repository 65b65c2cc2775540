//! One round of mail: everything that is due now.
//!
//! First what died processes left half sent is judged, then deliveries are claimed in small batches and handed to
//! workers, each with a way out of its own. A server that cannot be reached ends the round and costs no delivery its
//! patience: what was claimed for it goes back as it was.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use serde::Serialize;
use tokio::sync::{Mutex, mpsc};
use tokio::task::JoinSet;

use super::ledger::{Entry, Ledger, lease_end};
use super::postman::{Postman, Tally};
use super::published::PublishedStatements;
use super::{Context, JobError, verdict};
use crate::clock::Clock;
use crate::mail::{Pace, Transport};
use crate::store::{DueDelivery, WorkLock};

/// Claims per worker and batch: few, since what is claimed waits for this process.
const CLAIMS_PER_WORKER: usize = 4;
/// How often a full queue looks whether the program is to stop.
const STOP_CHECK: Duration = Duration::from_millis(200);

/// What one round did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct DeliverReport {
    pub accepted: u64,
    pub deferred: u64,
    pub bounced: u64,
    pub held: u64,
    pub unknown: u64,
    /// Left half sent by a process that died, and judged now.
    pub interrupted: u64,
    /// The last trouble that was not a recipient's: a server that could not be reached, an unreadable archive.
    pub trouble: Option<String>,
}

/// What the workers of a round share.
pub(super) struct Round {
    pub context: Context,
    pub ledger: Ledger,
    pub pace: Pace,
    pub statements: PublishedStatements,
    queue: Mutex<mpsc::Receiver<DueDelivery>>,
    stopping: AtomicBool,
    at_work: AtomicUsize,
}

/// Sends what is due, until nothing is; `keep_going` is asked between messages, so that a daemon can stop.
///
/// Dropping the future loses nothing: what was under way is judged by the next round.
pub async fn deliver_due(
    context: &Context,
    keep_going: &(impl Fn() -> bool + Sync),
) -> Result<DeliverReport, JobError> {
    if matches!(*context.transport, Transport::Off) {
        return Ok(DeliverReport::default());
    }
    let lock = context.store.lock_mail().await?;
    let mut report = DeliverReport { interrupted: judge_interrupted(context, &lock).await?, ..Default::default() };
    let workers = context.settings.mail.concurrency.max(1);
    let (queue, deliveries) = mpsc::channel(workers);
    let round = Arc::new(Round {
        context: context.clone(),
        ledger: Ledger::open(context.store.clone()),
        pace: Pace::new(context.settings.mail.per_second),
        statements: PublishedStatements::default(),
        queue: Mutex::new(deliveries),
        stopping: AtomicBool::new(false),
        at_work: AtomicUsize::new(workers),
    });
    let mut postmen = JoinSet::new();
    for _ in 0..workers {
        postmen.spawn(Postman::new(Arc::clone(&round)).work());
    }
    let fed = feed(&round, queue, &mut postmen, &mut report, keep_going).await;
    round.give_back_queued().await?;
    fed.map(|()| report)
}

impl Round {
    /// The next delivery for a worker; None when there is none, or none is to be begun.
    pub async fn next(&self) -> Option<DueDelivery> {
        if self.is_stopping() {
            return None;
        }
        self.queue.lock().await.recv().await
    }

    /// Lets nothing new begin.
    pub fn stop(&self) {
        self.stopping.store(true, Ordering::Relaxed);
    }

    /// A worker leaves; false if it was the last.
    pub fn leave(&self) -> bool {
        self.at_work.fetch_sub(1, Ordering::Relaxed) > 1
    }

    fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Relaxed)
    }

    async fn give_back(&self, deliveries: impl IntoIterator<Item = DueDelivery>) -> Result<(), JobError> {
        for delivery in deliveries {
            self.ledger.enter(Entry::Release(Box::new(delivery))).await.durable().await?;
        }
        Ok(())
    }

    async fn give_back_queued(&self) -> Result<(), JobError> {
        let mut queue = self.queue.lock().await;
        queue.close();
        while let Some(delivery) = queue.recv().await {
            self.give_back([delivery]).await?;
        }
        Ok(())
    }
}

impl DeliverReport {
    fn add(&mut self, tally: Tally) {
        self.accepted += tally.accepted;
        self.deferred += tally.deferred;
        self.bounced += tally.bounced;
        self.held += tally.held;
        self.unknown += tally.unknown;
        self.trouble = tally.trouble.or(self.trouble.take());
    }
}

/// Claims batch after batch for the workers, and adds up what they did.
async fn feed(
    round: &Round,
    queue: mpsc::Sender<DueDelivery>,
    postmen: &mut JoinSet<Result<Tally, JobError>>,
    report: &mut DeliverReport,
    keep_going: &(impl Fn() -> bool + Sync),
) -> Result<(), JobError> {
    let offered = offer_all(round, &queue, keep_going).await;
    drop(queue);
    let mut first_error = offered.err();
    while let Some(finished) = postmen.join_next().await {
        match finished {
            Ok(Ok(tally)) => report.add(tally),
            Ok(Err(error)) => first_error = first_error.or(Some(error)),
            Err(error) => first_error = first_error.or(Some(error.into())),
        }
    }
    first_error.map_or(Ok(()), Err)
}

async fn offer_all(
    round: &Round,
    queue: &mpsc::Sender<DueDelivery>,
    keep_going: &(impl Fn() -> bool + Sync),
) -> Result<(), JobError> {
    loop {
        let batch = claim(round, queue.max_capacity() * CLAIMS_PER_WORKER).await?;
        if batch.is_empty() {
            return Ok(());
        }
        let mut batch = batch.into_iter();
        while let Some(delivery) = batch.next() {
            match place(round, queue, keep_going).await {
                Some(place) => place.send(delivery),
                None => return round.give_back(std::iter::once(delivery).chain(batch)).await,
            }
        }
    }
}

/// A place in the queue; None when nothing more is to be begun.
async fn place<'a>(
    round: &Round,
    queue: &'a mpsc::Sender<DueDelivery>,
    keep_going: &(impl Fn() -> bool + Sync),
) -> Option<mpsc::Permit<'a, DueDelivery>> {
    loop {
        if !keep_going() {
            round.stop();
        }
        if round.is_stopping() {
            return None;
        }
        if let Ok(place) = tokio::time::timeout(STOP_CHECK, queue.reserve()).await {
            return place.ok();
        }
    }
}

async fn claim(round: &Round, limit: usize) -> Result<Vec<DueDelivery>, JobError> {
    let mut tx = round.context.store.write().await?;
    let limit = u32::try_from(limit).unwrap_or(u32::MAX);
    let claimed = tx.claim_deliveries(round.context.clock.now(), lease_end(), limit).await?;
    tx.commit().await?;
    Ok(claimed)
}

/// Decides what becomes of deliveries whose process died; gives their number.
async fn judge_interrupted(context: &Context, lock: &WorkLock) -> Result<u64, JobError> {
    // Where another process may be sending right now, only what it has not touched for long is taken over.
    let lapsed_at = (!lock.is_exclusive()).then(|| Clock::System.now());
    let mut tx = context.store.write().await?;
    let left = tx.interrupted_deliveries(lapsed_at).await?;
    let mut judged = 0;
    for delivery in left {
        let now = context.clock.now();
        let verdict = verdict::interrupted(&delivery, context.settings.mail.unknown, now);
        judged += u64::from(tx.record_verdict(delivery.claim, &verdict, now).await?);
    }
    tx.commit().await?;
    if judged > 0 {
        tracing::warn!(deliveries = judged, "Took over mail that another run had left half sent");
    }
    Ok(judged)
}
