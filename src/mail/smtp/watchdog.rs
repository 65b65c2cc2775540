//! Our own limit on every step: lettre's covers connecting only.

use std::future::Future;
use std::time::Duration;

use tokio::sync::watch;

use super::Waits;

/// Bytes of the body between two looks at the clock.
const BLOCK: usize = 64 * 1024;

/// How much of a message has left this process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Progress {
    /// So many blocks are with the operating system.
    Blocks(usize),
    /// All of them, and the final dot has begun to go out: from here on the server may have the message.
    Dot,
}

/// A step that took too long.
#[derive(Debug)]
pub(super) struct TooLong(pub Duration);

/// Runs one step of the conversation, for `wait` at most.
pub(super) async fn within<T>(wait: Duration, step: impl Future<Output = T>) -> Result<T, TooLong> {
    tokio::time::timeout(wait, step).await.map_err(|_| TooLong(wait))
}

/// The body in blocks. lettre asks for the next block once the one before is written, and writes the dot when there
/// is none: so the sender always knows how far it came.
pub(super) fn blocks(body: &[u8]) -> (impl Iterator<Item = &[u8]>, watch::Receiver<Progress>) {
    let (progress, seen) = watch::channel(Progress::Blocks(0));
    let mut blocks = body.chunks(BLOCK).enumerate();
    let iterator = std::iter::from_fn(move || {
        let next = blocks.next();
        progress.send_replace(next.map_or(Progress::Dot, |(number, _)| Progress::Blocks(number)));
        next.map(|(_, block)| block)
    });
    (iterator, seen)
}

/// Runs the sending of a body; gives up when a block, or the answer after the dot, takes longer than it may.
pub(super) async fn watched<T>(
    waits: Waits,
    mut progress: watch::Receiver<Progress>,
    sending: impl Future<Output = T>,
) -> Result<T, TooLong> {
    let watchdog = async {
        loop {
            let wait = match *progress.borrow_and_update() {
                Progress::Blocks(_) => waits.block,
                Progress::Dot => waits.after_dot,
            };
            match tokio::time::timeout(wait, progress.changed()).await {
                Ok(Ok(())) => {}
                // The iterator is gone: lettre has asked for all blocks, and waits for the answer.
                Ok(Err(_)) => {
                    tokio::time::sleep(waits.after_dot).await;
                    return TooLong(waits.after_dot);
                }
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
    fn the_dot_is_noted_only_after_every_block_was_asked_for() {
        let body = vec![b'x'; BLOCK + 1];
        let (mut blocks, progress) = blocks(&body);
        assert_eq!(blocks.next().map(<[u8]>::len), Some(BLOCK));
        assert_eq!(blocks.next().map(<[u8]>::len), Some(1));
        assert_eq!(*progress.borrow(), Progress::Blocks(1));
        assert!(blocks.next().is_none());
        assert_eq!(*progress.borrow(), Progress::Dot);
    }
}
