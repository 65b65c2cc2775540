//! One round of mail: everything that is due now.
//!
//! First what died processes left half sent is judged, then deliveries are claimed in small batches and handed to
//! workers, each with a connection of its own. A worker that gets none leaves; when all have, the round is over and
//! what was claimed for it goes back as it was. A server that is down thus costs one attempt per worker, and no
//! delivery its place in the queue.

pub(crate) mod bounces;
pub(crate) mod compose;
pub(crate) mod draft;
pub(crate) mod ledger;
pub(crate) mod manual;
pub(crate) mod pause;
pub(crate) mod readdress;
pub(crate) mod resend;
pub(crate) mod round;
pub(crate) mod statement_cache;
pub(crate) mod undelivered;
pub(crate) mod verdict;
pub(crate) mod worker;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize};
use std::time::Duration;

use serde::Serialize;
use tokio::sync::{Mutex, mpsc};
use tokio::task::JoinSet;
use tracing::Instrument;

use crate::jobs::deliver::bounces::read_bounces;
use crate::jobs::deliver::ledger::Ledger;
use crate::jobs::deliver::round::DeliveryRound;
use crate::jobs::deliver::statement_cache::PublishedStatements;
use crate::jobs::deliver::worker::{DeliveryWorker, Tally};
use crate::jobs::{Context, JobError};
use crate::mail::{Pace, Signer, Transport};
use crate::store::{DeliveryState, DueDelivery, EndedAttempt, MailPause, WorkLock};

/// Claims that wait in this process, per worker: few, since no other process can take them.
const QUEUED_PER_WORKER: usize = 6;
/// So many messages are written to `mail.dir` at once for each connection that a server would get: they wait for the
/// disk together.
const FILES_PER_CONNECTION: usize = 4;
/// How often the claiming task checks, while the queue is full, whether the program is to stop.
const STOP_CHECK: Duration = Duration::from_millis(200);

/// What one round did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct DeliverReport {
    pub accepted: u64,
    pub deferred: u64,
    pub bounced: u64,
    pub held: u64,
    pub unknown: u64,
    /// Accepted once, and bounced now by a report in `mail.bounces`.
    pub came_back: u64,
    /// Reports in `mail.bounces` that speak of a failure and name no message.
    pub nameless_bounces: u64,
    /// Left half sent by a process that died, and judged now.
    pub interrupted: u64,
    /// Nothing was sent, since `mail pause` says so.
    pub paused: Option<MailPause>,
    /// The last error that was not a recipient's: a server that could not be reached, an unreadable archive.
    pub trouble: Option<String>,
}

/// Sends what is due, until nothing is; `keep_going` is asked between messages, so that a daemon can stop.
///
/// Dropping the future loses nothing: what was under way is judged by the next round.
pub async fn deliver_due(
    context: &Context,
    keep_going: &(impl Fn() -> bool + Sync),
) -> Result<DeliverReport, JobError> {
    let mut report = DeliverReport::default();
    match read_bounces(context).await {
        Ok(read) => (report.came_back, report.nameless_bounces) = (read.came_back, read.nameless),
        // An unreadable bounce mailbox does not hold mail back.
        Err(error @ JobError::Bounces { .. }) => report.trouble = Some(error.to_string()),
        Err(error) => return Err(error),
    }
    if matches!(*context.transport, Transport::Off) {
        return Ok(report);
    }
    let signer = signer(context)?;
    let lock = context.store.lock_mail().await?;
    // Written first, before interrupted deliveries are decided: these results are known.
    context.store.write_unwritten().await?;
    judge_interrupted(context, &lock, &mut report).await?;
    report.paused = context.store.read().await?.deliveries().mail_pause().await?;
    if report.paused.is_some() {
        return Ok(report);
    }
    let workers = match *context.transport {
        Transport::File(_) => FILES_PER_CONNECTION * context.settings.mail.concurrency.max(1),
        _ => context.settings.mail.concurrency.max(1),
    };
    let (queue, deliveries) = mpsc::channel(workers * QUEUED_PER_WORKER);
    let round = Arc::new(DeliveryRound {
        context: context.clone(),
        ledger: Ledger::open(context.store.clone()),
        pace: Pace::new(context.settings.mail.per_second),
        statements: PublishedStatements::default(),
        signer,
        queue: Mutex::new(deliveries),
        stopping: AtomicBool::new(false),
        at_work: AtomicUsize::new(workers),
        was_reached: AtomicBool::new(false),
    });
    let mut running = JoinSet::new();
    for _ in 0..workers {
        running.spawn(DeliveryWorker::new(Arc::clone(&round)).work().in_current_span());
    }
    let fed = feed(&round, queue, &mut running, &mut report, keep_going).await;
    let given_back = round.give_back_queued().await;
    if let Some(trouble) = &report.trouble {
        tracing::warn!("Mail waits: {}", without_addresses(trouble));
    }
    fed.and(given_back).map(|()| report)
}

/// A server's words may name a mailbox, which no log should.
fn without_addresses(words: &str) -> String {
    words.split(' ').map(|word| if word.contains('@') { "…" } else { word }).collect::<Vec<_>>().join(" ")
}

impl DeliverReport {
    /// Whether nothing that was touched needs another look.
    pub fn is_all_accepted(&self) -> bool {
        let others = self.deferred + self.bounced + self.held + self.unknown + self.came_back;
        others == 0 && self.trouble.is_none()
    }

    /// Whether there is nothing to tell: a pause alone is told once, by `status`.
    pub fn is_quiet(&self) -> bool {
        Self { paused: None, ..self.clone() } == Self::default()
    }

    fn add(&mut self, tally: Tally) {
        self.accepted += tally.accepted;
        self.deferred += tally.deferred;
        self.bounced += tally.bounced;
        self.held += tally.held;
        self.unknown += tally.unknown;
        self.trouble = tally.trouble.or(self.trouble.take());
    }
}

/// The key that signs messages, where one is configured.
pub(crate) fn signer(context: &Context) -> Result<Option<Signer>, JobError> {
    Ok(context.settings.mail.dkim.as_ref().map(Signer::load).transpose()?)
}

/// Claims batch after batch for the workers, and adds up what they did.
async fn feed(
    round: &DeliveryRound,
    queue: mpsc::Sender<DueDelivery>,
    workers: &mut JoinSet<Result<Tally, JobError>>,
    report: &mut DeliverReport,
    keep_going: &(impl Fn() -> bool + Sync),
) -> Result<(), JobError> {
    let offered = offer_all(round, &queue, keep_going).await;
    drop(queue);
    let mut first_error = offered.err();
    while let Some(finished) = workers.join_next().await {
        match finished {
            Ok(Ok(tally)) => report.add(tally),
            Ok(Err(error)) => first_error = first_error.or(Some(error)),
            Err(error) => first_error = first_error.or(Some(error.into())),
        }
    }
    first_error.map_or(Ok(()), Err)
}

async fn offer_all(
    round: &DeliveryRound,
    queue: &mpsc::Sender<DueDelivery>,
    keep_going: &(impl Fn() -> bool + Sync),
) -> Result<(), JobError> {
    while let Some(places) = places(round, queue, keep_going).await {
        let batch = claim(round, places.len()).await?;
        if batch.is_empty() {
            return Ok(());
        }
        for (place, delivery) in places.zip(batch) {
            place.send(delivery);
        }
    }
    Ok(())
}

/// Half the queue, as soon as it is free: so the task that claims is woken once per batch, and not by every message.
/// None when nothing more is to be begun.
async fn places<'a>(
    round: &DeliveryRound,
    queue: &'a mpsc::Sender<DueDelivery>,
    keep_going: &(impl Fn() -> bool + Sync),
) -> Option<mpsc::PermitIterator<'a, DueDelivery>> {
    loop {
        if !keep_going() {
            round.stop();
        }
        if round.is_stopping() {
            return None;
        }
        let half = queue.max_capacity().div_ceil(2);
        if let Ok(places) = tokio::time::timeout(STOP_CHECK, queue.reserve_many(half)).await {
            return places.ok();
        }
    }
}

async fn claim(round: &DeliveryRound, limit: usize) -> Result<Vec<DueDelivery>, JobError> {
    let limit = u32::try_from(limit).unwrap_or(u32::MAX);
    Ok(round.context.store.claim_deliveries(round.context.clock.now(), limit).await?)
}

/// Decides what becomes of deliveries whose process died.
async fn judge_interrupted(context: &Context, lock: &WorkLock, report: &mut DeliverReport) -> Result<(), JobError> {
    let mut tx = context.store.write().await?;
    let left = tx.deliveries().interrupted_deliveries(lock.is_exclusive(), context.store.registration()).await?;
    let (now, policy) = (context.clock.now(), context.settings.mail.unknown);
    let ended: Vec<_> = left
        .iter()
        .map(|delivery| {
            let verdict = verdict::interrupted(delivery, policy, now);
            EndedAttempt { claim: delivery.claim, lost_before: delivery.lost_answers, verdict, at: now }
        })
        .collect();
    let judged = tx.deliveries().record_verdicts(&ended.iter().collect::<Vec<_>>()).await?;
    tx.commit().await?;
    for ended in ended.iter().filter(|ended| judged.contains(&ended.claim.delivery)) {
        report.interrupted += 1;
        match ended.verdict.state {
            DeliveryState::Unknown => report.unknown += 1,
            DeliveryState::Held => report.held += 1,
            _ => {}
        }
    }
    if report.interrupted > 0 {
        tracing::warn!(deliveries = report.interrupted, "Took over mail that another run had left half sent");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_address_reaches_the_log() {
        let words = "550 5.1.1 <anna@customer.example>: Recipient rejected (after RCPT)";
        assert_eq!(without_addresses(words), "550 5.1.1 … Recipient rejected (after RCPT)");
    }
}
