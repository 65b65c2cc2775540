//! What only SQLite does: pragmas, one writer beside readers, locks between processes of one machine.

use std::fs::{File, TryLockError};
use std::io::{Read, Seek, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Connection, SqlSafeStr, Sqlite, SqliteConnection, SqlitePool, Transaction};

use super::writer_queue::WriterQueue;
use crate::files::open_own;
use crate::store::StoreError;
use crate::store::engine::pool::{PEOPLE_WAIT, without_maintenance};

/// How long a writer waits for another process's short transaction.
const BUSY_TIMEOUT: Duration = Duration::from_mins(1);
/// Readers that may run beside the one writer.
const READERS: u32 = 8;
/// Readers that answer people.
const PEOPLE: u32 = 4;

/// Batches of an import that are committed together: what a batch changes of the index by account lies all over it, and
/// each commit writes every page that was touched.
pub(crate) const BATCHES_PER_TRANSACTION: usize = 5;
/// Seconds since 1970 by the database's clock, which is the machine's.
pub(crate) const NOW: &str = "SELECT unixepoch()";
/// Every table but the record of migrations.
pub(crate) const TABLES: &str = "SELECT name FROM sqlite_master WHERE type = 'table'
    AND name NOT LIKE 'sqlite%' AND name NOT LIKE '%sqlx%' ORDER BY name";
/// Names and types of a table's columns, in an order that both engines give.
pub(crate) const COLUMNS: &str = "SELECT name, type FROM pragma_table_info($1) ORDER BY name";
/// How often a waiting process asks for a lock again.
const LOCK_POLL: Duration = Duration::from_millis(50);

/// An embedded database: one writer connection, so that write transactions queue here instead of failing there.
#[derive(Clone)]
pub struct SqliteDb {
    pub(crate) writer: SqlitePool,
    pub(crate) readers: SqlitePool,
    /// A writer whose commits survive the process, but a loss of power only once the other writer has committed.
    pub(crate) notes: SqlitePool,
    /// Readers for requests of people: computing, exports and closings do not use them.
    pub(crate) people: SqlitePool,
    queue: WriterQueue,
    notes_queue: WriterQueue,
    path: PathBuf,
    /// Device and number of the file that was opened.
    identity: (u64, u64),
}

/// Exclusive right to one kind of work on a database, given back when dropped, also by the death of the process.
#[derive(Debug)]
pub struct WorkLock {
    file: Option<File>,
}

/// The pool with its first connection. Of processes that open a new database at the same time, each turns its log on,
/// and SQLite does not wait for that lock: the second one is refused, and tries again.
async fn connected(pool: &SqlitePoolOptions, options: &SqliteConnectOptions) -> Result<SqlitePool, sqlx::Error> {
    let mut waited = Duration::ZERO;
    loop {
        match pool.clone().connect_with(options.clone()).await {
            Err(sqlx::Error::Database(error)) if error.code().as_deref() == Some("5") && waited < BUSY_TIMEOUT => {
                tokio::time::sleep(LOCK_POLL).await;
                waited += LOCK_POLL;
            }
            result => return result,
        }
    }
}

impl SqliteDb {
    /// Opens, and creates where missing, the database that `url` (`sqlite://path`) names.
    pub(crate) async fn open(url: &str) -> Result<Self, StoreError> {
        let bad_url = |why: String| StoreError::BadUrl { url: url.to_owned(), why };
        let options = SqliteConnectOptions::from_str(url).map_err(|error| bad_url(error.to_string()))?;
        let path = options.get_filename().to_owned();
        if path.as_os_str().is_empty() || path == Path::new(":memory:") {
            return Err(bad_url("must name a file, as sqlite://var/statementd.db".into()));
        }
        create_private(&path)?;
        let options = options
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(BUSY_TIMEOUT)
            // 64 MiB of pages: bulk import touches the index of leg ids at random.
            .pragma("cache_size", "-65536")
            // 64 MiB of log before its pages go to their places: bulk import changes the same pages again and again.
            .pragma("wal_autocheckpoint", "16384")
            // A log that grew beyond that is cut off again once its pages are in their places.
            .pragma("journal_size_limit", "67108864")
            // No statistics (PRAGMA optimize): those that were made when a database was nearly empty would make
            // imports and closings read whole tables for each row for ever. Without statistics, the engine uses the
            // indexes.
            .pragma("temp_store", "FILE")
            // Deleted content is overwritten with zeros.
            .pragma("secure_delete", "ON");
        // A connection to a file does not die of itself: asking it each time costs as much as a small query.
        let pool = without_maintenance(SqlitePoolOptions::new()).test_before_acquire(false);
        let writer = pool.clone().max_connections(1).before_acquire(|connection, _| {
            let is_sound = is_sound(connection);
            Box::pin(async move { Ok(is_sound) })
        });
        let writer = connected(&writer, &options).await?;
        let notes = options.clone().synchronous(SqliteSynchronous::Normal).pragma("cache_size", "-256");
        let notes = pool.clone().max_connections(1).min_connections(0).connect_lazy_with(notes);
        let reading = options.pragma("cache_size", "-8192").read_only(true);
        let people = pool.clone().max_connections(PEOPLE).min_connections(0).acquire_timeout(PEOPLE_WAIT);
        let people = people.connect_lazy_with(reading.clone());
        let readers = pool.max_connections(READERS).min_connections(0).connect_lazy_with(reading);
        let identity = identity_of(&path).map_err(|source| StoreError::File { path: path.clone(), source })?;
        let queue = |purpose: &str| {
            let path = lock_path(&path, purpose);
            WriterQueue::new(&path).map_err(|source| StoreError::File { path, source })
        };
        // One place in the queue for each connection: within a process two could not be told apart.
        let (queue, notes_queue) = (queue("queue")?, queue("queue")?);
        Ok(Self { writer, readers, notes, people, queue, notes_queue, path, identity })
    }

    /// The one writer, once those that waited before have had it.
    pub(crate) async fn begin_write(&self) -> Result<Transaction<'static, Sqlite>, sqlx::Error> {
        begin_queued(&self.writer, &self.queue).await
    }

    /// Like [`Self::begin_write`], for notes.
    pub(crate) async fn begin_note(&self) -> Result<Transaction<'static, Sqlite>, sqlx::Error> {
        begin_queued(&self.notes, &self.notes_queue).await
    }

    /// Refuses to go on if another file, or none, has taken the place of the one that was opened: what is written to
    /// that one would be lost.
    pub(crate) fn refuse_replaced(&self) -> Result<(), StoreError> {
        match identity_of(&self.path) {
            Ok(identity) if identity == self.identity => Ok(()),
            _ => Err(StoreError::Replaced(self.path.clone())),
        }
    }

    /// Takes the lock `purpose` at once, or says who holds it.
    pub(crate) fn try_lock(&self, purpose: &str) -> Result<WorkLock, StoreError> {
        let path = self.lock_path(purpose);
        let file = open_own(&path).map_err(|source| StoreError::File { path: path.clone(), source })?;
        match file.try_lock() {
            Ok(()) => hold(file, purpose).map_err(|source| StoreError::File { path, source }),
            Err(TryLockError::WouldBlock) => Err(StoreError::Held { holder: read_holder(&path) }),
            Err(TryLockError::Error(source)) => Err(StoreError::File { path, source }),
        }
    }

    /// Takes the lock `purpose` as soon as its holder releases it.
    pub(crate) async fn wait_for_lock(&self, purpose: &str) -> Result<WorkLock, StoreError> {
        let mut said = false;
        loop {
            match self.try_lock(purpose) {
                Err(StoreError::Held { holder }) => {
                    if !std::mem::replace(&mut said, true) {
                        tracing::info!(holder, "Waiting for another statementd to finish its round");
                    }
                    tokio::time::sleep(LOCK_POLL).await;
                }
                other => return other,
            }
        }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    fn lock_path(&self, purpose: &str) -> PathBuf {
        lock_path(&self.path, purpose)
    }
}

impl WorkLock {
    /// For an engine whose work is claimed row by row.
    pub(crate) fn not_needed() -> Self {
        Self { file: None }
    }

    /// Whether no other process can be doing this work now.
    pub fn is_exclusive(&self) -> bool {
        self.file.is_some()
    }
}

fn lock_path(database: &Path, purpose: &str) -> PathBuf {
    let mut name = database.to_owned().into_os_string();
    name.push(format!(".{purpose}.lock"));
    PathBuf::from(name)
}

async fn begin_queued(pool: &SqlitePool, queue: &WriterQueue) -> Result<Transaction<'static, Sqlite>, sqlx::Error> {
    let waiter = queue.arrive();
    let connection = pool.acquire().await?;
    waiter.stand_first().await.map_err(sqlx::Error::Io)?;
    let begun = Transaction::begin(connection, Some("BEGIN IMMEDIATE".into_sql_str())).await?;
    waiter.obtained();
    Ok(begun)
}

fn identity_of(path: &Path) -> std::io::Result<(u64, u64)> {
    let metadata = std::fs::metadata(path)?;
    Ok((metadata.dev(), metadata.ino()))
}

fn hold(mut file: File, purpose: &str) -> std::io::Result<WorkLock> {
    file.set_len(0)?;
    file.rewind()?;
    write!(file, "process {} ({purpose})", std::process::id())?;
    Ok(WorkLock { file: Some(file) })
}

fn read_holder(path: &Path) -> String {
    let mut holder = String::new();
    let read = File::open(path).and_then(|mut file| file.read_to_string(&mut holder));
    match read {
        Ok(_) if !holder.is_empty() => format!("{holder}, lock {}", path.display()),
        _ => format!("lock {}", path.display()),
    }
}

/// Whether a connection can begin a transaction. After a full disk, SQLite has rolled back by itself, and sqlx, whose
/// own rollback is then refused, takes the transaction for one that goes on: such a connection is replaced by a new
/// one.
fn is_sound(connection: &SqliteConnection) -> bool {
    !connection.is_in_transaction()
}

/// The database holds addresses and callers: readable by its owner and group only.
pub(crate) fn create_private(path: &Path) -> Result<(), StoreError> {
    let file_error = |source| StoreError::File { path: path.to_owned(), source };
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder).map_err(file_error)?;
    }
    // A link that leads to a database is the operator's way of keeping it elsewhere.
    if path.exists() {
        return Ok(());
    }
    open_own(path).map(drop).map_err(file_error)
}
