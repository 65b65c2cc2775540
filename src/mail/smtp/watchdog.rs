//! Our own limit on every step: lettre's covers connecting only.

use std::future::Future;
use std::time::Duration;

use tokio::sync::watch;

use super::Waits;

/// The bytes of a body as they leave this process.
#[derive(Debug, Clone)]
pub(super) struct Progress {
    taken: watch::Receiver<u64>,
    /// Where the final dot begins, as the stream counts.
    dot_at: u64,
}

impl Progress {
    /// `taken`: what the stream has taken; `until_dot`: what it is given from now on up to the final dot.
    pub(super) fn new(taken: &watch::Receiver<u64>, until_dot: usize) -> Self {
        let taken = taken.clone();
        let dot_at = *taken.borrow() + until_dot as u64;
        Self { taken, dot_at }
    }

    /// Whether the final dot has begun to go out: from here on the server may have the message.
    pub(super) fn reached_dot(&self) -> bool {
        *self.taken.borrow() > self.dot_at
    }
}

/// A step that took too long.
#[derive(Debug)]
pub(super) struct TooLong(pub Duration);

/// Runs one step of the conversation, for `wait` at most.
pub(super) async fn within<T>(wait: Duration, step: impl Future<Output = T>) -> Result<T, TooLong> {
    tokio::time::timeout(wait, step).await.map_err(|_| TooLong(wait))
}

/// Runs the sending of a body; gives up when the server takes nothing of it, or does not answer the dot, for longer
/// than it may.
pub(super) async fn watched<T>(
    waits: Waits,
    mut progress: Progress,
    sending: impl Future<Output = T>,
) -> Result<T, TooLong> {
    let watchdog = async {
        loop {
            let wait = if progress.reached_dot() { waits.after_dot } else { waits.block };
            progress.taken.mark_unchanged();
            match tokio::time::timeout(wait, progress.taken.changed()).await {
                Ok(Ok(())) => {}
                // The stream has ended, and the sending with it.
                Ok(Err(_)) => return TooLong(Duration::ZERO),
                Err(_) => return TooLong(wait),
            }
        }
    };
    tokio::select! {
        biased;
        sent = sending => Ok(sent),
        too_long = watchdog => Err(too_long),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_dot_counts_as_gone_out_with_its_first_byte() {
        let (taken, count) = watch::channel(7);
        let progress = Progress::new(&count, 10);
        for (bytes, reached) in [(7, false), (17, false), (18, true), (20, true)] {
            taken.send_replace(bytes);
            assert_eq!(progress.reached_dot(), reached, "{bytes}");
        }
    }
}
