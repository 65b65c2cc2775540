//! Readings that serve all who ask: ten people who click do not read ten thousand accounts ten times.
//!
//! What is a little old is shown at once, and read again beside the answer; pages say of when it is.

use std::collections::BTreeMap;
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
pub(super) struct Kept<K, V> {
    most: usize,
    places: Mutex<BTreeMap<K, Arc<Place<V>>>>,
}

struct Place<V> {
    newest: Mutex<Option<(Instant, Arc<V>)>>,
    /// Held by whoever reads.
    turn: Arc<tokio::sync::Mutex<()>>,
}

impl<K: Ord + Copy, V: Send + Sync + 'static> Kept<K, V> {
    pub(super) fn new(most: usize) -> Self {
        Self { most, places: Mutex::default() }
    }

    /// What `key` has; read once for all who ask at the same time.
    pub(super) async fn of<E: std::fmt::Display + Send + 'static>(
        &self,
        key: K,
        read: impl FnOnce() -> Reading<V, E>,
    ) -> Result<Arc<V>, E> {
        let place = self.place(key);
        if let Some((age, known)) = place.newest() {
            if age <= FRESH {
                return Ok(known);
            }
            if age <= SHOWN {
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
        match place.newest() {
            Some((age, known)) if age <= FRESH => Ok(known),
            _ => Ok(place.note(read().await?)),
        }
    }

    fn place(&self, key: K) -> Arc<Place<V>> {
        let mut places = self.places.lock().unwrap_or_else(PoisonError::into_inner);
        places.retain(|known, place| *known == key || place.newest().is_none_or(|(age, _)| age <= SHOWN));
        if places.len() >= self.most && !places.contains_key(&key) {
            places.pop_first();
        }
        let new = || Arc::new(Place { newest: Mutex::default(), turn: Arc::default() });
        Arc::clone(places.entry(key).or_insert_with(new))
    }
}

impl<V> Place<V> {
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
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[tokio::test]
    async fn those_who_ask_at_the_same_time_share_one_reading_and_a_failed_one_is_not_kept() {
        let (kept, read) = (Kept::<u8, usize>::new(2), Arc::new(AtomicUsize::new(0)));
        let reading = || -> Reading<usize, String> {
            let read = Arc::clone(&read);
            Box::pin(async move {
                tokio::task::yield_now().await;
                Ok(read.fetch_add(1, Ordering::SeqCst))
            })
        };
        let failed = kept.of(1, || -> Reading<usize, String> { Box::pin(async { Err("away".to_owned()) }) }).await;
        assert_eq!(failed.unwrap_err(), "away");
        let (one, other) = tokio::join!(kept.of(1, reading), kept.of(1, reading));
        assert_eq!((*one.unwrap(), *other.unwrap()), (0, 0));
        for key in 2..9 {
            kept.of(key, reading).await.unwrap();
        }
        assert!(kept.places.lock().unwrap().len() <= 2);
    }
}
