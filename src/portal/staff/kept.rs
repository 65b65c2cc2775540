//! A cache of readings for all requests: ten people who click do not read ten thousand accounts ten times.
//!
//! What is a little old is shown at once, and read again beside the answer; pages say of when it is.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How long a reading is as good as new.
const FRESH: Duration = Duration::from_secs(3);
/// How long it is shown while it is read again.
const SHOWN: Duration = Duration::from_secs(15);

/// Reads, on its own.
pub(super) type Reading<V, E> = Pin<Box<dyn Future<Output = Result<V, E>> + Send>>;

/// The newest readings, one of each kind.
pub(super) struct Kept<K, V, E> {
    most: usize,
    fresh: Duration,
    shown: Duration,
    places: Arc<Mutex<Places<K, V, E>>>,
}

type Places<K, V, E> = BTreeMap<K, Arc<Place<V, E>>>;

struct Place<V, E> {
    newest: Mutex<Option<(Instant, Arc<V>)>>,
    /// The last that failed.
    failed: Mutex<Option<(Instant, Arc<E>)>>,
    /// Held by the request that reads.
    turn: Arc<tokio::sync::Mutex<()>>,
}

impl<K: Ord + Copy + Send + 'static, V: Send + Sync + 'static, E: Display + Send + Sync + 'static> Kept<K, V, E> {
    pub(super) fn new(most: usize) -> Self {
        Self { most, fresh: FRESH, shown: SHOWN, places: Arc::default() }
    }

    /// A cache of what changes rarely, or is costly to read.
    pub(super) fn for_longer(self, fresh: Duration, shown: Duration) -> Self {
        Self { fresh, shown, ..self }
    }

    /// The reading of `key`, made once for all requests at the same time. A reading that fails, fails for all of
    /// them: each would wait as long again.
    pub(super) async fn of(&self, key: K, read: impl FnOnce() -> Reading<V, E>) -> Result<Arc<V>, Arc<E>> {
        let asked = Instant::now();
        let place = self.place(key);
        if let Some((age, known)) = place.newest() {
            if age <= self.fresh {
                return Ok(known);
            }
            if age <= self.shown {
                if let Ok(turn) = Arc::clone(&place.turn).try_lock_owned() {
                    let reading = read();
                    tokio::spawn(async move {
                        let _turn = turn;
                        match reading.await {
                            Ok(read) => drop(place.note(read)),
                            Err(error) => tracing::warn!("A page for staff could not be read anew: {error}"),
                        }
                    });
                }
                return Ok(known);
            }
        }
        let _turn = place.turn.lock().await;
        if let Some((age, known)) = place.newest()
            && age <= self.fresh
        {
            return Ok(known);
        }
        if let Some(error) = place.failed_since(asked) {
            return Err(error);
        }
        match read().await {
            Ok(read) => Ok(place.note(read)),
            Err(error) => Err(place.note_failure(error)),
        }
    }

    /// Like [`Self::of`], for what may take long; `None` if it has taken `patience` and goes on beside the answer, or
    /// if it failed.
    pub(super) async fn soon(&self, key: K, reading: Reading<V, E>, patience: Duration) -> Option<Arc<V>> {
        let kept = Self { places: Arc::clone(&self.places), ..*self };
        let reading = tokio::spawn(async move { kept.of(key, || reading).await });
        tokio::time::timeout(patience, reading).await.ok()?.ok()?.ok()
    }

    /// The newest that was read, however long ago.
    pub(super) fn last(&self, key: K) -> Option<Arc<V>> {
        Some(self.place(key).newest()?.1)
    }

    fn place(&self, key: K) -> Arc<Place<V, E>> {
        let mut places = self.places.lock().unwrap_or_else(PoisonError::into_inner);
        places.retain(|known, place| *known == key || place.newest().is_none_or(|(age, _)| age <= self.shown));
        if places.len() >= self.most && !places.contains_key(&key) {
            places.pop_first();
        }
        let new = || Arc::new(Place { newest: Mutex::default(), failed: Mutex::default(), turn: Arc::default() });
        Arc::clone(places.entry(key).or_insert_with(new))
    }
}

impl<V, E> Place<V, E> {
    /// With its age.
    fn newest(&self) -> Option<(Duration, Arc<V>)> {
        let newest = self.newest.lock().unwrap_or_else(PoisonError::into_inner);
        newest.as_ref().map(|(at, known)| (at.elapsed(), Arc::clone(known)))
    }

    fn note(&self, read: V) -> Arc<V> {
        let read = Arc::new(read);
        *self.newest.lock().unwrap_or_else(PoisonError::into_inner) = Some((Instant::now(), Arc::clone(&read)));
        read
    }

    fn failed_since(&self, asked: Instant) -> Option<Arc<E>> {
        let failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
        failed.as_ref().filter(|(at, _)| *at >= asked).map(|(_, error)| Arc::clone(error))
    }

    fn note_failure(&self, error: E) -> Arc<E> {
        let error = Arc::new(error);
        *self.failed.lock().unwrap_or_else(PoisonError::into_inner) = Some((Instant::now(), Arc::clone(&error)));
        error
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[tokio::test]
    async fn those_who_ask_at_the_same_time_share_one_reading_and_a_failed_one_is_not_kept() {
        let (kept, read) = (Kept::<u8, usize, String>::new(2), Arc::new(AtomicUsize::new(0)));
        let reading = || -> Reading<usize, String> {
            let read = Arc::clone(&read);
            Box::pin(async move {
                tokio::task::yield_now().await;
                Ok(read.fetch_add(1, Ordering::SeqCst))
            })
        };
        let failed = kept.of(1, || -> Reading<usize, String> { Box::pin(async { Err("away".to_owned()) }) }).await;
        assert_eq!(*failed.unwrap_err(), "away");
        let (one, other) = tokio::join!(kept.of(1, reading), kept.of(1, reading));
        assert_eq!((*one.unwrap(), *other.unwrap()), (0, 0));
        for key in 2..9 {
            kept.of(key, reading).await.unwrap();
        }
        assert!(kept.places.lock().unwrap().len() <= 2);
    }

    #[tokio::test]
    async fn a_failure_is_shared_by_those_who_waited_for_it_and_what_takes_long_goes_on_beside_the_answer() {
        const AT_ONCE: Duration = Duration::from_millis(1);
        let (kept, tried) = (Kept::<u8, u8, &'static str>::new(1), Arc::new(AtomicUsize::new(0)));
        let fails = || -> Reading<u8, &'static str> {
            let tried = Arc::clone(&tried);
            Box::pin(async move {
                tokio::task::yield_now().await;
                tried.fetch_add(1, Ordering::SeqCst);
                Err("away")
            })
        };
        let (one, other, third) = tokio::join!(kept.of(1, fails), kept.of(1, fails), kept.of(1, fails));
        assert!([one, other, third].iter().all(|it| it.as_ref().is_err_and(|error| **error == "away")));
        assert_eq!(tried.load(Ordering::SeqCst), 1, "not one after another");
        assert!(kept.of(1, fails).await.is_err());
        assert_eq!(tried.load(Ordering::SeqCst), 2, "who comes later has it tried again");
        let (go_on, goes_on) = tokio::sync::oneshot::channel();
        let slow = Box::pin(async move { goes_on.await.map_err(|_| "gone") });
        assert!(kept.soon(1, slow, AT_ONCE).await.is_none() && kept.last(1).is_none());
        go_on.send(7).unwrap();
        let read = kept.soon(1, fails(), SHOWN).await;
        assert_eq!((read.as_deref(), kept.last(1).as_deref()), (Some(&7), Some(&7)), "it was waited for");
        assert_eq!(tried.load(Ordering::SeqCst), 2);
    }
}
