//! No more messages per second than a server wants.

use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::Instant;

/// Hands out moments at even intervals; unused time is not made up for.
#[derive(Debug)]
pub struct Pace {
    distance: Duration,
    next: Mutex<Option<Instant>>,
}

impl Pace {
    /// `per_second`: `None` for no limit.
    pub fn new(per_second: Option<u32>) -> Self {
        let distance = per_second.map_or(Duration::ZERO, |rate| Duration::from_secs(1) / rate.max(1));
        Self { distance, next: Mutex::new(None) }
    }

    /// Whether no message has to wait for its moment.
    pub fn is_free(&self) -> bool {
        self.distance.is_zero()
    }

    /// Waits for this message's moment.
    pub async fn wait(&self) {
        if self.is_free() {
            return;
        }
        let moment = {
            let mut next = self.next.lock().await;
            let moment = moment_after(*next, Instant::now());
            *next = Some(moment + self.distance);
            moment
        };
        tokio::time::sleep_until(moment).await;
    }
}

fn moment_after(next: Option<Instant>, now: Instant) -> Instant {
    next.map_or(now, |next| next.max(now))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_keep_their_distance_and_idle_time_is_not_saved_up_for_a_burst() {
        let start = Instant::now();
        let second = Duration::from_secs(1);
        assert_eq!(moment_after(None, start), start);
        assert_eq!(moment_after(Some(start + second), start), start + second);
        assert_eq!(moment_after(Some(start + second), start + 60 * second), start + 60 * second);
    }
}
