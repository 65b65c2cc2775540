//! The queue before SQLite's one writer.
//!
//! SQLite lets waiting tasks ask again and again, with growing pauses. An import that commits and begins its next
//! transaction is always faster than they are, and they get the writer only at the import's end. So a process locks a
//! file *while a task in it waits for the writer*: the next transaction of the process that has the writer comes
//! after theirs.
//!
//! The lock is taken for all who wait in the process at that time, and kept until each of them has had the writer or
//! given up. Tasks that arrive later wait for the next lock, so that no process keeps the others out. Within a
//! process the order is that of the pool, which has one connection for the writer.

use std::fs::{File, TryLockError};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::files::open_own;

/// Longer than any caller waits for the writer before it gives up.
const LONGEST: Duration = Duration::from_secs(70);

/// Cheap to clone; all clones share one place in the queue.
#[derive(Clone)]
pub(crate) struct WriterQueue {
    shared: Arc<Shared>,
}

struct Shared {
    file: File,
    state: Mutex<State>,
}

/// The tasks of this process that wait.
#[derive(Default)]
struct State {
    /// Whether this process has the file's lock.
    is_locked: bool,
    /// The group of the tasks that arrive now.
    group: u64,
    /// How many tasks of that group still wait.
    arriving: usize,
    /// How many tasks of earlier groups still wait: the lock is kept for them.
    served: usize,
}

/// A task that waits; leaves the queue when dropped.
pub(crate) struct Waiter {
    shared: Arc<Shared>,
    group: u64,
}

/// A lock that a thread has taken, released when no task uses it.
struct Taken {
    shared: Arc<Shared>,
}

impl WriterQueue {
    pub(crate) fn new(path: &Path) -> std::io::Result<Self> {
        Ok(Self { shared: Arc::new(Shared { file: open_own(path)?, state: Mutex::default() }) })
    }

    pub(crate) fn arrive(&self) -> Waiter {
        let mut state = self.shared.state();
        state.arriving += 1;
        Waiter { shared: Arc::clone(&self.shared), group: state.group }
    }
}

impl Waiter {
    /// Returns once no other process is ahead, or after [`LONGEST`]: a process that has been ahead for so long must
    /// be frozen, and is not waited for any more.
    pub(crate) async fn stand_first(&self) -> std::io::Result<()> {
        match tokio::time::timeout(LONGEST, self.lock()).await {
            Ok(locked) => locked,
            Err(_) => Ok(()),
        }
    }

    /// Takes the lock for this process, unless it is already taken for it.
    async fn lock(&self) -> std::io::Result<()> {
        let mut taken = None;
        while !self.shared.try_lock()? {
            drop(taken.take());
            let shared = Arc::clone(&self.shared);
            let locking = move || shared.file.lock().map(|()| Taken { shared });
            // Another waiter may have used and released the same lock before this one saw it: it tries again.
            taken = Some(tokio::task::spawn_blocking(locking).await.map_err(std::io::Error::other)??);
        }
        drop(taken);
        Ok(())
    }

    /// This task has the writer: the lock is kept for the tasks that have waited beside it, and not for those that
    /// come from now on.
    pub(crate) fn obtained(self) {
        let mut state = self.shared.state();
        if state.is_locked && state.served == 0 {
            state.group += 1;
            state.served = std::mem::take(&mut state.arriving);
        }
    }
}

impl Drop for Waiter {
    fn drop(&mut self) {
        let mut state = self.shared.state();
        let members = if self.group < state.group { &mut state.served } else { &mut state.arriving };
        *members = members.saturating_sub(1);
        // Before the first of them was served, all who wait belong to the group that arrives.
        let is_last = state.served == 0 && (self.group < state.group || state.arriving == 0);
        if state.is_locked && is_last {
            self.shared.unlock(&mut state);
        }
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        let mut state = self.shared.state();
        if !state.is_locked {
            self.shared.unlock(&mut state);
        }
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether this process has the lock now.
    fn try_lock(&self) -> std::io::Result<bool> {
        let mut state = self.state();
        match self.file.try_lock() {
            Ok(()) => state.is_locked = true,
            Err(TryLockError::WouldBlock) => {}
            Err(TryLockError::Error(error)) => return Err(error),
        }
        Ok(state.is_locked)
    }

    fn unlock(&self, state: &mut State) {
        state.is_locked = false;
        // The file is our own, and was locked: if this fails nevertheless, the end of the process releases it.
        let _ = self.file.unlock();
    }
}
