//! A cache of readings for all requests: ten people who click do not read ten thousand accounts ten times.
//!
//! What is a little old is shown at once, and read again beside the answer; pages say of when it is. A reading stays
//! fresh the longer the more it took: while many click, it may have a small share of a core and no more, since bill
//! runs need the machine as well.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How long a reading is as good as new, at least.
const FRESH: Duration = Duration::from_secs(3);
/// How long it is shown while it is read again, counted as [`FRESH`] is.
const SHOWN: Duration = Duration::from_secs(15);
/// One that took long is as good as new for so many times what it took: 1 % of a core, at most, goes into reading it.
const TIMES_ITS_COST: u32 = 100;
/// But no longer than this, whatever it took.
const LONGEST_FRESH: Duration = Duration::from_mins(1);

/// Reads, on its own.
pub(super) type ReadFuture<V, E> = Pin<Box<dyn Future<Output = Result<V, E>> + Send>>;

/// The newest readings, one of each kind.
pub(super) struct ReadingCache<K, V, E> {
    most: usize,
    fresh: Duration,
    shown: Duration,
    times_its_cost: u32,
    longest: Duration,
    places: Arc<Mutex<CacheSlots<K, V, E>>>,
}

type CacheSlots<K, V, E> = BTreeMap<K, Arc<CacheSlot<V, E>>>;

struct CacheSlot<V, E> {
    newest: Mutex<Option<Newest<V>>>,
    /// The last that failed.
    failed: Mutex<Option<(Instant, Arc<E>)>>,
    /// Held by the request that reads.
    turn: Arc<tokio::sync::Mutex<()>>,
}

struct Newest<V> {
    /// When it was there: its age.
    at: Instant,
    /// How long it took.
    took: Duration,
    value: Arc<V>,
}

impl<K: Ord + Copy + Send + 'static, V: Send + Sync + 'static, E: Display + Send + Sync + 'static>
    ReadingCache<K, V, E>
{
    pub(super) fn new(most: usize) -> Self {
        Self {
            most,
            fresh: FRESH,
            shown: SHOWN,
            times_its_cost: TIMES_ITS_COST,
            longest: LONGEST_FRESH,
            places: Arc::default(),
        }
    }

    /// A cache of what changes rarely, or takes long because others take long to answer.
    pub(super) fn for_longer(self, fresh: Duration, shown: Duration) -> Self {
        Self { fresh, shown, times_its_cost: 0, ..self }
    }

    /// A cache of what people watch: fresh for `longest` at most, whatever it took.
    pub(super) fn at_most(self, longest: Duration) -> Self {
        Self { longest, ..self }
    }

    /// The reading of `key`, made once for all requests at the same time. A reading that fails, fails for all of
    /// them: each would wait as long again.
    pub(super) async fn of(&self, key: K, read: impl FnOnce() -> ReadFuture<V, E>) -> Result<Arc<V>, Arc<E>> {
        let asked = Instant::now();
        let place = self.place(key);
        if let Some((age, known)) = self.newest(&place) {
            if age <= self.fresh {
                return Ok(known);
            }
            if age <= self.shown {
                if let Ok(turn) = Arc::clone(&place.turn).try_lock_owned() {
                    let reading = read();
                    tokio::spawn(async move {
                        let (_turn, begun) = (turn, Instant::now());
                        match reading.await {
                            Ok(read) => drop(place.note(begun, read)),
                            Err(error) => tracing::warn!("A page for staff could not be read anew: {error}"),
                        }
                    });
                }
                return Ok(known);
            }
        }
        let _turn = place.turn.lock().await;
        if let Some((age, known)) = self.newest(&place)
            && age <= self.fresh
        {
            return Ok(known);
        }
        if let Some(error) = place.failed_since(asked) {
            return Err(error);
        }
        let begun = Instant::now();
        match read().await {
            Ok(read) => Ok(place.note(begun, read)),
            Err(error) => Err(place.note_failure(error)),
        }
    }

    /// Like [`Self::of`], for what may take long; `None` if it has taken `patience` and goes on beside the answer, or
    /// if it failed.
    pub(super) async fn soon(&self, key: K, reading: ReadFuture<V, E>, patience: Duration) -> Option<Arc<V>> {
        let kept = Self { places: Arc::clone(&self.places), ..*self };
        let reading = tokio::spawn(async move { kept.of(key, || reading).await });
        tokio::time::timeout(patience, reading).await.ok()?.ok()?.ok()
    }

    /// The newest that was read, however long ago.
    pub(super) fn last(&self, key: K) -> Option<Arc<V>> {
        Some(self.newest(&self.place(key))?.1)
    }

    /// What a place has, and how old it is, less what its cost allows it beyond [`Self::fresh`].
    fn newest(&self, place: &CacheSlot<V, E>) -> Option<(Duration, Arc<V>)> {
        let newest = place.newest.lock().unwrap_or_else(PoisonError::into_inner);
        let Newest { at, took, value } = newest.as_ref()?;
        let allowed = (*took * self.times_its_cost).min(self.longest).saturating_sub(self.fresh);
        Some((at.elapsed().saturating_sub(allowed), Arc::clone(value)))
    }

    fn place(&self, key: K) -> Arc<CacheSlot<V, E>> {
        let mut places = self.places.lock().unwrap_or_else(PoisonError::into_inner);
        places.retain(|known, place| *known == key || self.newest(place).is_none_or(|(age, _)| age <= self.shown));
        if places.len() >= self.most && !places.contains_key(&key) {
            let oldest = places.iter().max_by_key(|(_, place)| self.newest(place).map(|(age, _)| age));
            if let Some(oldest) = oldest.map(|(key, _)| *key) {
                places.remove(&oldest);
            }
        }
        let new = || Arc::new(CacheSlot { newest: Mutex::default(), failed: Mutex::default(), turn: Arc::default() });
        Arc::clone(places.entry(key).or_insert_with(new))
    }
}

impl<V, E> CacheSlot<V, E> {
    fn note(&self, begun: Instant, read: V) -> Arc<V> {
        let value = Arc::new(read);
        let newest = Newest { at: Instant::now(), took: begun.elapsed(), value: Arc::clone(&value) };
        *self.newest.lock().unwrap_or_else(PoisonError::into_inner) = Some(newest);
        value
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
        let (kept, read) = (ReadingCache::<u8, usize, String>::new(2), Arc::new(AtomicUsize::new(0)));
        let reading = || -> ReadFuture<usize, String> {
            let read = Arc::clone(&read);
            Box::pin(async move {
                tokio::task::yield_now().await;
                Ok(read.fetch_add(1, Ordering::SeqCst))
            })
        };
        let failed = kept.of(1, || -> ReadFuture<usize, String> { Box::pin(async { Err("away".to_owned()) }) }).await;
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
        let (kept, tried) = (ReadingCache::<u8, u8, &'static str>::new(1), Arc::new(AtomicUsize::new(0)));
        let fails = || -> ReadFuture<u8, &'static str> {
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

    #[tokio::test]
    async fn what_took_long_stays_fresh_for_longer_up_to_a_minute_and_what_others_took_does_not() {
        let kept = ReadingCache::<u8, u8, &'static str>::new(9);
        let read_before = |key, seconds: u64, took: u64| {
            let ago = |millis| Instant::now().checked_sub(Duration::from_millis(millis)).unwrap();
            let newest = Newest { at: ago(seconds * 1000), took: Duration::from_millis(took), value: Arc::new(0) };
            *kept.place(key).newest.lock().unwrap() = Some(newest);
        };
        let age = |kept: &ReadingCache<u8, u8, &'static str>, key| kept.newest(&kept.place(key)).unwrap().0;
        for (seconds, took, is_fresh, is_shown) in [
            (2, 0, true, true),
            (4, 30, false, true),
            (16, 30, false, false),
            (19, 200, true, true),
            (21, 200, false, true),
            (31, 200, false, true),
            (33, 200, false, false),
            (59, 5_000, true, true),
            (61, 5_000, false, true),
            (73, 5_000, false, false),
        ] {
            read_before(1, seconds, took);
            let known = kept.newest(&kept.place(1));
            let is = |limit| known.as_ref().is_some_and(|(age, _)| *age <= limit);
            assert_eq!((is(FRESH), is(SHOWN)), (is_fresh, is_shown), "{seconds} s, {took} ms");
        }
        let parts = ReadingCache::<u8, u8, &'static str> { places: Arc::clone(&kept.places), ..ReadingCache::new(9) };
        read_before(1, 9, 200);
        assert!(age(&parts.for_longer(FRESH, SHOWN), 1) > FRESH, "that others took long does not count");
        assert_eq!(*kept.of(1, || unreachable!()).await.unwrap(), 0);
    }
}
