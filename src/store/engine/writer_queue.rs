//! The queue before SQLite's one writer.
//!
//! SQLite lets whoever waits ask again and again, with growing pauses: an import that commits and begins its next transaction is
//! always faster than somebody who waits, who then gets the writer only at the import's end. So whoever wants the writer
//! takes a lock on a file *while they wait for it*, and gives it back once they have it: the next transaction of whoever had the
//! writer stands behind them. Within a process the pool, which has one connection for this, is the queue.

use std::fs::{File, TryLockError};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use crate::files::open_own;

/// Longer than anybody waits for the writer, who then gives up.
const LONGEST: Duration = Duration::from_secs(70);

/// Cheap to clone; all clones are one place in the queue, held by whoever has the writer's connection.
#[derive(Clone)]
pub(crate) struct WriterQueue {
    file: Arc<File>,
}

/// The first place; given back when dropped.
pub(crate) struct FirstInQueue {
    file: Arc<File>,
}

impl WriterQueue {
    pub(crate) fn new(path: &Path) -> std::io::Result<Self> {
        Ok(Self { file: Arc::new(open_own(path)?) })
    }

    /// Returns once nobody of another process stands before. `None`: somebody has stood there for so long that they must be
    /// frozen, and nobody waits for them any more.
    pub(crate) async fn wait(&self) -> std::io::Result<Option<FirstInQueue>> {
        let file = Arc::clone(&self.file);
        match file.try_lock() {
            Ok(()) => return Ok(Some(FirstInQueue { file })),
            Err(TryLockError::Error(error)) => return Err(error),
            Err(TryLockError::WouldBlock) => {}
        }
        let waiting = tokio::task::spawn_blocking(move || {
            file.lock()?;
            Ok(FirstInQueue { file })
        });
        match tokio::time::timeout(LONGEST, waiting).await {
            Ok(first) => first.map_err(std::io::Error::other)?.map(Some),
            Err(_) => Ok(None),
        }
    }
}

impl Drop for FirstInQueue {
    fn drop(&mut self) {
        // The file is our own, and was locked: where this fails nevertheless, the process's end gives it back.
        let _ = self.file.unlock();
    }
}
