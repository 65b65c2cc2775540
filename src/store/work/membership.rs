//! What a process knows of its own registration; its heartbeat and those who claim share it.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::task::AbortHandle;

use crate::store::Key;

/// How long a silent process keeps its claims.
pub(crate) const LEASE: Duration = Duration::from_secs(30);

/// A process's registration. It is never used again once its row is gone: the process registers anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WorkerKey(pub(crate) Key);

/// What the heartbeat and those who claim share.
#[derive(Debug, Default)]
pub(crate) struct Membership {
    /// One registration at a time.
    pub registering: tokio::sync::Mutex<()>,
    state: Mutex<Option<Registered>>,
}

#[derive(Debug)]
pub(crate) struct Registered {
    pub key: WorkerKey,
    /// The moment before the last beat that the database accepted was sent.
    pub confirmed: Instant,
    pub heartbeat: AbortHandle,
}

impl Membership {
    pub(crate) fn state(&self) -> MutexGuard<'_, Option<Registered>> {
        // Nothing panics while it holds the lock; if something did, the state is still whole.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn key(&self) -> Option<WorkerKey> {
        self.state().as_ref().map(|registered| registered.key)
    }

    /// Notes a beat that the database took; false where the registration is no longer this one.
    pub(crate) fn confirm(&self, key: WorkerKey, at: Instant) -> bool {
        match self.state().as_mut() {
            Some(registered) if registered.key == key => {
                registered.confirmed = at;
                true
            }
            _ => false,
        }
    }

    /// A registration whose heartbeat has ended by itself lapses: it is given up before others find that.
    pub(crate) fn forget_silent(&self) {
        if self.state().take_if(|registered| registered.heartbeat.is_finished()).is_some() {
            tracing::error!("The heartbeat of this process' lease ended by itself: it registers anew");
        }
    }

    /// Others have deleted this registration.
    pub(crate) fn lose(&self, key: WorkerKey) {
        let mut state = self.state();
        if let Some(lost) = state.take_if(|registered| registered.key == key) {
            lost.heartbeat.abort();
            tracing::warn!("This process was silent for longer than its lease: others have taken over its work");
        }
    }
}

impl Drop for Membership {
    fn drop(&mut self) {
        if let Some(registered) = self.state().take() {
            registered.heartbeat.abort();
        }
    }
}
