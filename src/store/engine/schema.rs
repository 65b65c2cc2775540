//! Opening a database, and bringing its schema up to this program's.

use std::sync::{Arc, LazyLock, OnceLock};
use std::time::Duration;

use sqlx::migrate::{MigrateError, Migrator};

use super::migrations::{MIGRATIONS, migrator};

use crate::digest::DigestKey;
use crate::redacted;
use crate::store::deliveries::unwritten_queue::UnwrittenQueue;
use crate::store::engine::pool::PEOPLE_WAIT;
use crate::store::engine::postgres::PostgresDb;
use crate::store::engine::sqlite::SqliteDb;
use crate::store::work::membership::{LEASE, Membership};
use crate::store::{StoreError, Tx, WorkLock};

static SQLITE: LazyLock<Migrator> =
    LazyLock::new(|| migrator(MIGRATIONS.iter().map(|(name, sqlite, _)| (*name, *sqlite))));
static POSTGRES: LazyLock<Migrator> = LazyLock::new(|| {
    let mut migrations = migrator(MIGRATIONS.iter().map(|(name, _, postgres)| (*name, *postgres)));
    // sqlx would lock by a session, which does not work behind a pooler; `PostgresDb::migrate` takes a lock of its
    // own.
    migrations.set_locking(false);
    migrations
});

/// The state, on the engine that `database.url` names. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    pub(crate) db: Db,
    pub(crate) membership: Arc<Membership>,
    pub(crate) lease: Duration,
    /// What this process still has to write of mail.
    pub(crate) kept: Arc<UnwrittenQueue>,
    /// Keys the ids of messages.
    pub(crate) message_key: Arc<OnceLock<DigestKey>>,
}

#[derive(Clone)]
pub(crate) enum Db {
    Sqlite(SqliteDb),
    Postgres(PostgresDb),
}

impl Store {
    /// Connects; the schema stays as it is.
    pub async fn open(url: &str) -> Result<Self, StoreError> {
        let db = match url.split_once(':').map(|(scheme, _)| scheme) {
            Some("sqlite") => Db::Sqlite(SqliteDb::open(url).await?),
            Some("postgres" | "postgresql") => Db::Postgres(PostgresDb::open(url).await?),
            _ => {
                let why = "must begin with sqlite:// or postgres://".into();
                return Err(StoreError::BadUrl { url: redacted::url(url), why });
            }
        };
        Ok(Self { db, membership: Arc::default(), lease: LEASE, kept: Arc::default(), message_key: Arc::default() })
    }

    /// How long this process may be silent before others take over its work; whole seconds, two at least.
    pub fn with_lease(self, lease: Duration) -> Self {
        Self { lease, membership: Arc::default(), ..self }
    }

    /// Applies what is missing, and returns how many migrations that were.
    pub async fn migrate(&self) -> Result<usize, StoreError> {
        self.migrate_with(DigestKey::generate).await
    }

    /// Like [`Self::migrate`]; `new_key` makes the secret of a database that has none.
    pub async fn migrate_with(
        &self,
        new_key: impl FnOnce() -> std::io::Result<DigestKey>,
    ) -> Result<usize, StoreError> {
        let before = self.applied_migrations().await?.len();
        let result = match &self.db {
            Db::Sqlite(db) => {
                // SQLite has no lock between two processes that migrate at once; this is it.
                let _lock = db.wait_for_lock("migrate").await?;
                SQLITE.run(&db.writer).await
            }
            Db::Postgres(db) => db.migrate(&POSTGRES).await,
        };
        match result {
            Err(MigrateError::VersionMissing(version)) => Err(StoreError::NewerSchema(version)),
            other => {
                other?;
                self.make_secrets(new_key).await?;
                Ok(self.applied_migrations().await?.len() - before)
            }
        }
    }

    /// Whether any migration was ever applied.
    pub async fn has_schema(&self) -> Result<bool, StoreError> {
        Ok(!self.applied_migrations().await?.is_empty())
    }

    /// Refuses a schema that is older or newer than this program's.
    pub async fn check_schema(&self) -> Result<(), StoreError> {
        let applied = self.applied_migrations().await?;
        let known: Vec<i64> = SQLITE.iter().map(|migration| migration.version).collect();
        if let Some(newer) = applied.iter().find(|version| !known.contains(version)) {
            return Err(StoreError::NewerSchema(*newer));
        }
        if applied.len() < known.len() {
            return Err(StoreError::NotMigrated);
        }
        self.read_secrets().await?;
        Ok(())
    }

    /// A transaction that sees one moment and writes nothing.
    pub async fn read(&self) -> Result<Tx, StoreError> {
        Ok(match &self.db {
            Db::Sqlite(db) => {
                db.refuse_replaced()?;
                Tx::Sqlite(db.readers.begin().await?)
            }
            Db::Postgres(db) => Tx::Postgres(db.read().await?),
        })
    }

    /// Like [`Self::read`], for someone who waits for an answer, though not for long: beside whatever computes or is
    /// exported.
    pub async fn read_for_people(&self) -> Result<Tx, StoreError> {
        match &self.db {
            Db::Sqlite(db) => {
                db.refuse_replaced()?;
                Ok(Tx::Sqlite(db.people.begin().await?))
            }
            Db::Postgres(db) => match tokio::time::timeout(PEOPLE_WAIT, db.read()).await {
                Ok(begun) => Ok(Tx::Postgres(begun?)),
                Err(_) => Err(db.gives_no_answer(PEOPLE_WAIT)),
            },
        }
    }

    /// A transaction that writes; on SQLite it has the database's one write lock from its first moment.
    pub async fn write(&self) -> Result<Tx, StoreError> {
        Ok(match &self.db {
            Db::Sqlite(db) => {
                db.refuse_replaced()?;
                Tx::Sqlite(db.begin_write().await?)
            }
            Db::Postgres(db) => Tx::Postgres(db.write(self.lease).await?),
        })
    }

    /// Like [`Self::write`], for a person who waits for an answer; `None` if others have kept the database busy for
    /// `patience`.
    pub async fn write_within(&self, patience: Duration) -> Result<Option<Tx>, StoreError> {
        let store = self.clone();
        begun_within(patience, async move { store.write().await }).await
    }

    /// Like [`Self::write_soon`], for a person who waits for an answer; `None` as in [`Self::write_within`].
    pub async fn write_soon_within(&self, patience: Duration) -> Result<Option<Tx>, StoreError> {
        let store = self.clone();
        begun_within(patience, async move { store.write_soon().await }).await
    }

    /// Returns once all that was committed before is on disk, also by [`Tx::commit_async`].
    pub async fn flush_commits(&self) -> Result<(), StoreError> {
        match &self.db {
            // Each commit waits for the disk.
            Db::Sqlite(_) => Ok(()),
            Db::Postgres(db) => Ok(db.flush_commits(self.lease).await?),
        }
    }

    /// Like [`Self::write`], for a note that must outlive this process but not a loss of power, so that it need not
    /// wait for the disk; to be ended by [`Tx::commit_async`].
    pub async fn write_soon(&self) -> Result<Tx, StoreError> {
        match &self.db {
            Db::Sqlite(db) => Ok(Tx::Sqlite(db.begin_note().await?)),
            Db::Postgres(_) => self.write().await,
        }
    }

    /// How many batches of an import are best committed together.
    pub fn batches_per_transaction(&self) -> usize {
        match &self.db {
            Db::Sqlite(_) => crate::store::engine::sqlite::BATCHES_PER_TRANSACTION,
            Db::Postgres(_) => crate::store::engine::postgres::BATCHES_PER_TRANSACTION,
        }
    }

    /// A transaction that keeps all others from writing to `tables`.
    pub(crate) async fn write_alone(&self, tables: &[&str]) -> Result<Tx, StoreError> {
        match &self.db {
            Db::Sqlite(_) => self.write().await,
            Db::Postgres(db) => Ok(Tx::Postgres(db.write_alone(tables).await?)),
        }
    }

    /// The right to be this database's one daemon; an error names who is.
    pub fn lock_daemon(&self) -> Result<WorkLock, StoreError> {
        match &self.db {
            Db::Sqlite(db) => db.try_lock("daemon"),
            Db::Postgres(_) => Ok(WorkLock::not_needed()),
        }
    }

    /// The right to close and publish; waits for another process's round.
    pub async fn lock_closing(&self) -> Result<WorkLock, StoreError> {
        self.wait_for_lock("close").await
    }

    /// The right to send mail; waits for another process's round.
    pub async fn lock_mail(&self) -> Result<WorkLock, StoreError> {
        self.wait_for_lock("mail").await
    }

    /// Releases what this process has claimed, and ends all connections in an orderly way; SQLite then folds its
    /// write-ahead log into the database file.
    pub async fn close(&self) {
        if let Err(error) = self.write_unwritten().await {
            tracing::warn!("What has come of some messages could not be written down, and will be unknown: {error}");
        }
        self.retire().await;
        match &self.db {
            Db::Sqlite(db) => {
                db.readers.close().await;
                db.people.close().await;
                db.notes.close().await;
                db.writer.close().await;
            }
            Db::Postgres(db) => db.close().await,
        }
    }

    async fn wait_for_lock(&self, purpose: &str) -> Result<WorkLock, StoreError> {
        match &self.db {
            Db::Sqlite(db) => db.wait_for_lock(purpose).await,
            Db::Postgres(_) => Ok(WorkLock::not_needed()),
        }
    }

    async fn applied_migrations(&self) -> Result<Vec<i64>, StoreError> {
        const TABLE: &str = "_sqlx_migrations";
        let applied = "SELECT version FROM _sqlx_migrations WHERE success ORDER BY version";
        let exists = match &self.db {
            Db::Sqlite(db) => {
                let query = sqlx::query_scalar::<_, i64>("SELECT COUNT(*) FROM sqlite_master WHERE name = $1");
                query.bind(TABLE).fetch_one(&db.writer).await?
            }
            Db::Postgres(db) => {
                let query = sqlx::query_scalar::<_, i64>("SELECT COUNT(to_regclass($1))");
                // A query is several steps, and a pooler keeps them on one connection in a transaction only.
                query.bind(TABLE).persistent(false).fetch_one(&mut *db.read().await?).await?
            }
        };
        if exists == 0 {
            return Ok(Vec::new());
        }
        Ok(match &self.db {
            Db::Sqlite(db) => sqlx::query_scalar(applied).fetch_all(&db.writer).await?,
            Db::Postgres(db) => {
                sqlx::query_scalar(applied).persistent(false).fetch_all(&mut *db.read().await?).await?
            }
        })
    }
}

impl Db {
    /// A write transaction for the heartbeat.
    pub(crate) async fn heartbeat(&self, lease: Duration) -> Result<Tx, StoreError> {
        Ok(match self {
            Self::Sqlite(db) => Tx::Sqlite(db.begin_write().await?),
            Self::Postgres(db) => Tx::Postgres(db.heartbeat(lease).await?),
        })
    }
}

/// The transaction of `beginning`; `None` if that took longer than `patience`.
async fn begun_within(
    patience: Duration,
    beginning: impl Future<Output = Result<Tx, StoreError>> + Send + 'static,
) -> Result<Option<Tx>, StoreError> {
    // Goes on by itself when its caller has stopped waiting: a `BEGIN` that is cut off could not be undone.
    match tokio::time::timeout(patience, tokio::spawn(beginning)).await {
        Err(_) => Ok(None),
        Ok(Ok(tx)) => tx.map(Some),
        Ok(Err(stopped)) => Err(sqlx::Error::Io(std::io::Error::other(stopped)).into()),
    }
}
