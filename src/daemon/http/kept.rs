//! A reading that is kept for a moment.

use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::Mutex;

/// Read once for all who ask at the same time.
pub(super) struct Kept<T> {
    newest: Mutex<Option<(Instant, Arc<T>)>>,
}

impl<T> Default for Kept<T> {
    fn default() -> Self {
        Self { newest: Mutex::new(None) }
    }
}

impl<T> Kept<T> {
    /// The last reading, if it is not older than `age`, else a new one.
    pub(super) async fn at_most(&self, age: Duration, read: impl Future<Output = T>) -> Arc<T> {
        let mut newest = self.newest.lock().await;
        if let Some((at, kept)) = &*newest
            && at.elapsed() <= age
        {
            return Arc::clone(kept);
        }
        let read = Arc::new(read.await);
        *newest = Some((Instant::now(), Arc::clone(&read)));
        read
    }
}
