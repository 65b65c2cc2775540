//! Keeps the last answer to a question that can take long: it is served at once, while a new one is asked for in the
//! background.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::watch;

/// How long a request waits for a new answer; then it gets the last one. A probe gives up after a second.
const PATIENCE: Duration = Duration::from_millis(700);
/// How long a request waits if there is no answer yet; Prometheus gives up after ten seconds.
const FIRST_PATIENCE: Duration = Duration::from_secs(6);

/// The last answer and when it came, if one has.
type Answer<T> = Option<(Instant, Arc<T>)>;

/// An answer with its age.
#[derive(Debug)]
pub(super) struct CachedAnswer<T> {
    pub(super) found: Arc<T>,
    pub(super) age: Duration,
}

/// One question at a time, for all requests.
pub(super) struct AnswerCache<T> {
    newest: Arc<watch::Sender<Answer<T>>>,
    is_asking: Arc<AtomicBool>,
    /// Where an answer is known, and where none is.
    patience: (Duration, Duration),
}

/// Removed also if the question ends by a panic.
struct Asking(Arc<AtomicBool>);

impl Drop for Asking {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Release);
    }
}

impl<T> Default for AnswerCache<T> {
    fn default() -> Self {
        let newest = Arc::new(watch::Sender::new(None));
        Self { newest, is_asking: Arc::default(), patience: (PATIENCE, FIRST_PATIENCE) }
    }
}

impl<T: Send + Sync + 'static> AnswerCache<T> {
    /// The last answer, if it is not older than `age`, else a new one; where that takes long, the last one all the
    /// same. `None` if there is none yet.
    pub(super) async fn at_most(
        &self,
        age: Duration,
        ask: impl Future<Output = T> + Send + 'static,
    ) -> Option<CachedAnswer<T>> {
        let asked = Instant::now();
        let known = self.newest.borrow().clone();
        if let Some((at, found)) = &known
            && at.elapsed() <= age
        {
            return Some(CachedAnswer { found: Arc::clone(found), age: at.elapsed() });
        }
        let mut answers = self.newest.subscribe();
        if !self.is_asking.swap(true, Ordering::AcqRel) {
            let (asking, newest) = (Asking(Arc::clone(&self.is_asking)), Arc::clone(&self.newest));
            tokio::spawn(async move {
                let found = Arc::new(ask.await);
                newest.send_replace(Some((Instant::now(), found)));
                drop(asking);
            });
        }
        let patience = if known.is_some() { self.patience.0 } else { self.patience.1 };
        let is_new = |newest: &Answer<T>| newest.as_ref().is_some_and(|(at, _)| *at >= asked);
        let _ = tokio::time::timeout(patience, answers.wait_for(is_new)).await;
        let (at, found) = self.newest.borrow().clone()?;
        Some(CachedAnswer { found, age: at.elapsed() })
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::oneshot;

    use super::*;

    /// A request waits a moment only, however slow the machine is.
    fn kept<T>() -> AnswerCache<T> {
        AnswerCache { patience: (Duration::from_millis(1), Duration::from_mins(1)), ..AnswerCache::default() }
    }

    #[tokio::test]
    async fn while_a_new_answer_takes_long_the_last_one_is_served() {
        let kept = kept();
        let first = kept.at_most(Duration::ZERO, async { 1 }).await.unwrap();
        assert_eq!(*first.found, 1);
        let (answer, waiting) = oneshot::channel();
        let second = kept.at_most(Duration::ZERO, async { waiting.await.unwrap() }).await.unwrap();
        assert_eq!(*second.found, 1, "no one has answered yet");
        let third = kept.at_most(Duration::ZERO, async { unreachable!("someone asks already") }).await.unwrap();
        assert_eq!(*third.found, 1);
        answer.send(2).unwrap();
        let mut newest = kept.newest.subscribe();
        newest.wait_for(|newest| newest.as_ref().is_some_and(|(_, found)| **found == 2)).await.unwrap();
        let fourth = kept.at_most(Duration::from_hours(1), async { unreachable!("it is fresh") }).await.unwrap();
        assert_eq!(*fourth.found, 2);
    }

    #[tokio::test]
    async fn asking_that_ends_without_an_answer_keeps_no_one_from_asking_again() {
        let kept = AnswerCache { patience: (Duration::ZERO, Duration::ZERO), ..AnswerCache::default() };
        let _ = kept.at_most(Duration::ZERO, async { panic!("asking fails") }).await;
        while kept.is_asking.load(Ordering::Acquire) {
            tokio::task::yield_now().await;
        }
        let kept = AnswerCache { patience: (Duration::ZERO, Duration::from_mins(1)), ..kept };
        assert_eq!(*kept.at_most(Duration::ZERO, async { 2 }).await.unwrap().found, 2);
    }
}
