//! Repeats transactions that the server ended to break a deadlock; nothing of them had happened.

use crate::jobs::JobError;

/// How often such a transaction is tried.
pub(crate) const TRIES: u32 = 5;

/// Errors that other transactions may have caused, so that a repetition may succeed.
pub(crate) trait InTheWay: std::fmt::Display {
    fn was_in_the_way(&self) -> bool;
}

impl InTheWay for JobError {
    fn was_in_the_way(&self) -> bool {
        matches!(self, Self::Store(error) if error.was_in_the_way())
    }
}

/// Runs a transaction, and repeats all of it if the server ended it because of others.
pub(crate) async fn again_where_in_the_way<T, E: InTheWay, F: Future<Output = Result<T, E>>>(
    work: impl Fn() -> F,
) -> Result<T, E> {
    let mut tries = 1;
    loop {
        match work().await {
            Err(error) if error.was_in_the_way() && tries < TRIES => {
                tries += 1;
                tracing::warn!("Another transaction stood in the way, and this one is tried again: {error}");
            }
            done => return done,
        }
    }
}
