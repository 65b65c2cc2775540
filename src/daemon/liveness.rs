//! Whether the daemon is alive: its scheduler ticks.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::run_id;

/// A scheduler that is late by this much, beside three whole intervals, is stuck.
const PATIENCE: Duration = Duration::from_mins(1);

/// Notes ticks. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Liveness {
    started: Instant,
    interval: Duration,
    /// The time of the last tick, in milliseconds after the start, by the monotonic clock.
    last: Arc<AtomicU64>,
    /// Since the start.
    ticks: Arc<AtomicU64>,
}

impl Liveness {
    /// For ticks every `interval`.
    pub fn new(interval: Duration) -> Self {
        Self { started: Instant::now(), interval, last: Arc::default(), ticks: Arc::default() }
    }

    pub fn tick(&self) {
        let passed = u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.last.store(passed, Ordering::Relaxed);
        self.ticks.fetch_add(1, Ordering::Relaxed);
    }

    /// What is begun now is logged under the last tick's id.
    pub fn span(&self) -> tracing::Span {
        run_id::tick_span(self.ticks.load(Ordering::Relaxed))
    }

    /// How long ago the last tick was, or the start.
    pub fn age(&self) -> Duration {
        self.started.elapsed().saturating_sub(Duration::from_millis(self.last.load(Ordering::Relaxed)))
    }

    pub fn is_alive(&self) -> bool {
        self.age() <= self.interval.saturating_mul(3).saturating_add(PATIENCE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn silence_is_death_and_a_tick_brings_back_to_life() {
        let started = Instant::now().checked_sub(Duration::from_secs(1000)).unwrap();
        let liveness = Liveness { started, ..Liveness::new(Duration::from_mins(1)) };
        assert!(!liveness.is_alive());
        liveness.tick();
        assert!(liveness.is_alive());
    }
}
