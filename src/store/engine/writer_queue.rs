//! The queue before SQLite's one writer.
//!
//! SQLite lets a waiting connection ask again and again, with growing pauses. An import that commits and begins its
//! next transaction is always faster than one that waits, which then gets the writer only at the import's end. So a
//! process that wants the writer takes a lock on a file *while it waits*, and releases it once it has the writer: the
//! next transaction of the process that had the writer comes after it. Within a process the pool, which has one
//! connection for this, is the queue.

use std::fs::{File, TryLockError};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use crate::files::open_own;

/// Longer than any process waits for the writer before it gives up.
const LONGEST: Duration = Duration::from_secs(70);

/// Cheap to clone. All clones are one place in the queue, held by the task that has the writer's connection.
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

    /// Returns once no other process is ahead in the queue. `None` if one has been ahead for so long that it must be
    /// frozen and is not waited for any more.
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
