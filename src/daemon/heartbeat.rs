//! The heartbeat: a cron job that wakes the workers and does nothing else.
//!
//! The scheduler coalesces ticks that it missed and freezes the offset from UTC when a job is made. Neither matters
//! here: a tick only says "look", and due times are computed from the database when somebody looks.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;
use tokio_cron_scheduler::{Job, JobScheduler, JobSchedulerError};

/// Keeps ticking until it is stopped.
pub(super) struct Heartbeat {
    scheduler: JobScheduler,
}

impl Heartbeat {
    /// Wakes each of `workers` every `interval`, and once at once; `tick` is told each time.
    pub(super) async fn start(
        interval: Duration,
        workers: Vec<Arc<Notify>>,
        tick: impl Fn() + Send + Sync + 'static,
    ) -> Result<Self, JobSchedulerError> {
        let beat = move || {
            tick();
            for worker in &workers {
                worker.notify_one();
            }
        };
        beat();
        let scheduler = JobScheduler::new().await?;
        let job = Job::new_repeated(interval, move |_, _| beat())?;
        scheduler.add(job).await?;
        scheduler.start().await?;
        Ok(Self { scheduler })
    }

    pub(super) async fn stop(mut self) {
        if let Err(error) = self.scheduler.shutdown().await {
            tracing::debug!("The scheduler did not stop in order: {error}");
        }
    }
}
