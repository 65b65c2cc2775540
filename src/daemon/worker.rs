//! The workers: one closes and publishes, one sends, one tells the operator. A mail server that hangs does not keep a
//! month open.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::Notify;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

use super::active_config::ActiveConfig;
use super::clock_guard::ClockGuard;
use super::liveness::Liveness;
use super::metrics::timed;
use super::supervisor::Supervisor;
use crate::fault_injection;
use crate::jobs;
use crate::jobs::{Context, DeliverReport, Expiry, JobError, Selection};

/// Wakes a worker, tells it to stop, and hands it its configuration.
#[derive(Clone)]
pub(super) struct WorkerHandle {
    pub(super) wake: Arc<Notify>,
    pub(super) stop: CancellationToken,
    pub(super) active: watch::Receiver<Arc<ActiveConfig>>,
    pub(super) liveness: Liveness,
}

impl WorkerHandle {
    /// Waits for the next tick; `None` if the worker has to stop.
    pub(super) async fn next(&self) -> Option<Arc<ActiveConfig>> {
        tokio::select! {
            biased;
            () = self.stop.cancelled() => None,
            () = self.wake.notified() => Some(Arc::clone(&self.active.borrow())),
        }
    }

    /// Like [`Self::next`], after this time at the latest.
    pub(super) async fn next_within(&self, time: Duration) -> Option<Arc<ActiveConfig>> {
        match tokio::time::timeout(time, self.next()).await {
            Ok(next) => next,
            Err(_) => (!self.stop.is_cancelled()).then(|| Arc::clone(&self.active.borrow())),
        }
    }

    /// Waits, or until the end.
    pub(super) async fn pause(&self, time: Duration) {
        let _ = tokio::time::timeout(time, self.stop.cancelled()).await;
    }

    pub(super) fn keep_going(&self) -> impl Fn() -> bool + Sync {
        let stop = self.stop.clone();
        move || !stop.is_cancelled()
    }
}

/// Closes, publishes and indexes until told to stop; wakes the sender when there is something to send, and the
/// notifier each time.
pub(super) async fn close_months(handle: WorkerHandle, sender: Arc<Notify>, notifier: Arc<Notify>) {
    let mut guard = ClockGuard::default();
    while let Some(active) = handle.next().await {
        let round = async {
            let now = active.context.clock.now();
            fault_injection::point("close");
            if let Some(jump) = guard.jump(now, Instant::now()) {
                tracing::warn!(%now, "The clock has jumped {jump}: nothing is closed until the next tick agrees with it");
                return;
            }
            match closing_round(&active, &handle.keep_going()).await {
                Ok(true) => sender.notify_one(),
                Ok(false) => {}
                Err(error) => tracing::error!("Closing was interrupted and goes on at the next tick: {error}"),
            }
            // What this round has caught up with is not reported.
            notifier.notify_one();
        };
        round.instrument(handle.liveness.span()).await;
    }
}

async fn closing_round(active: &ActiveConfig, keep_going: &(impl Fn() -> bool + Sync)) -> Result<bool, JobError> {
    let context = &active.context;
    let _lock = context.store.lock_closing().await?;
    let everyone = Selection::default();
    let closed = timed("close", jobs::close_due(context, &active.rule, &everyone, keep_going)).await?;
    jobs::release_approved(context).await?;
    let reruns = timed("rerun", jobs::run_reruns(context, keep_going)).await?;
    for (rerun, what_to_do) in &reruns.refused {
        tracing::error!(rerun, "{what_to_do}");
    }
    let published = timed("publish", jobs::publish_pending(context, keep_going)).await?;
    // An error of expiry does not keep published statements from being mailed.
    if let Err(error) = timed("expire", roll_archive(context, keep_going)).await {
        tracing::error!("Older months stay in the archive for now, which is tried again at the next tick: {error}");
    }
    let indexes = timed("index", jobs::publish_indexes(context)).await.unwrap_or_else(|error| {
        tracing::error!("Tables of contents are not up to date, which is tried again at the next tick: {error}");
        0
    });
    if closed.closed + closed.empty + closed.revised + published.published > 0 {
        tracing::info!(
            closed = closed.closed,
            empty = closed.empty,
            revised = closed.revised,
            parked = closed.parked.len(),
            published = published.published,
            failed = published.failed.len(),
            indexes,
            "Months closed"
        );
    }
    Ok(published.published > 0)
}

/// Removes from the archive, and then from the database, what is past its retention.
async fn roll_archive(context: &Context, keep_going: &(impl Fn() -> bool + Sync)) -> Result<(), JobError> {
    let report = jobs::expire_past_retention(context, Expiry::Rolling, keep_going).await?;
    for held in report.held.iter().filter(|held| held.is_news) {
        tracing::warn!(account = %held.account, reason = held.reason, "Older months stay in the archive: {}", held.detail);
    }
    jobs::erase_past_retention(context, keep_going).await?;
    Ok(())
}

/// Sends what is due until told to stop.
pub(super) async fn send_mail(handle: WorkerHandle) {
    while let Some(active) = handle.next().await {
        let keep_going = handle.keep_going();
        let round = async {
            fault_injection::point("deliver");
            tell(timed("deliver", jobs::deliver_due(&active.context, &keep_going)).await);
            if let Err(error) = jobs::send_portal_mail(&active.context, &keep_going).await {
                tracing::error!("Messages about passwords were interrupted and go on at the next tick: {error}");
            }
        };
        round.instrument(handle.liveness.span()).await;
    }
}

fn tell(outcome: Result<DeliverReport, JobError>) {
    match outcome {
        Ok(report) if report.is_quiet() => {}
        Ok(report) => tracing::info!(
            accepted = report.accepted,
            deferred = report.deferred,
            bounced = report.bounced,
            unknown = report.unknown,
            held = report.held,
            "Mail sent"
        ),
        Err(error) => tracing::error!("Sending was interrupted and goes on at the next tick: {error}"),
    }
}

/// Tells the operator what needs a person, and what a closing came to, until told to stop.
pub(super) async fn notify_operator(handle: WorkerHandle, supervisor: Supervisor) {
    while let Some(active) = handle.next().await {
        let round = async {
            fault_injection::point("notify");
            if let Err(error) = jobs::notify_operator(&active.context, &active.rule, &supervisor.part_of_day()).await
            {
                tracing::error!("The operator could not be notified, which is tried again at the next tick: {error}");
            }
        };
        round.instrument(handle.liveness.span()).await;
    }
}
