//! The heartbeat: wakes the workers and does nothing else. Due times are computed from the database when someone looks.
//!
//! The scheduler goes by the wall clock: once that is set back, it is silent until the old time comes round again,
//! which can be years. So the monotonic clock, which no one can set, watches it and ticks in its place.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::MissedTickBehavior;
use tokio_cron_scheduler::{Job, JobScheduler, JobSchedulerError};
use tokio_util::sync::CancellationToken;

use super::liveness::Liveness;
use crate::fault_injection;

/// A scheduler is rarely late by more.
const LATE: Duration = Duration::from_millis(50);

/// Wakes the workers. Cheap to clone.
#[derive(Clone)]
pub(super) struct Heartbeat {
    interval: Duration,
    liveness: Liveness,
    beat: Arc<dyn Fn() + Send + Sync>,
}

/// Beats by the wall clock until it is stopped.
pub(super) struct Scheduled(JobScheduler);

impl Heartbeat {
    /// For `workers`, every `interval`; `tick` is told each time.
    pub(super) fn new(
        (interval, liveness): (Duration, Liveness),
        workers: Vec<Arc<Notify>>,
        tick: impl Fn() + Send + Sync + 'static,
    ) -> Self {
        let told = liveness.clone();
        let beat = move || {
            told.tick();
            tick();
            for worker in &workers {
                worker.notify_one();
            }
        };
        Self { interval, liveness, beat: Arc::new(beat) }
    }

    /// Beats once at once, and from now on.
    pub(super) async fn start(&self) -> Result<Scheduled, JobSchedulerError> {
        let beat = Arc::clone(&self.beat);
        beat();
        let scheduler = JobScheduler::new().await?;
        scheduler.add(Job::new_repeated(self.interval, move |_, _| beat())?).await?;
        scheduler.start().await?;
        Ok(Scheduled(scheduler))
    }

    /// Beats whenever the scheduler has not for a whole interval, until `stop`.
    pub(super) async fn watch(self, stop: CancellationToken) {
        let mut interval = tokio::time::interval(self.interval);
        interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                _ = interval.tick() => {}
            }
            fault_injection::point("heartbeat");
            if self.liveness.age() + LATE >= self.interval {
                (self.beat)();
            }
        }
    }
}

impl Scheduled {
    pub(super) async fn stop(mut self) {
        if let Err(error) = self.0.shutdown().await {
            tracing::debug!("The scheduler did not stop in order: {error}");
        }
    }
}
