//! Opening a database, and bringing its schema up to this program's.

use sqlx::PgPool;
use sqlx::migrate::{MigrateError, Migrator};

use super::sqlite::SqliteDb;
use super::{StoreError, Tx, WorkLock, postgres};

static SQLITE: Migrator = sqlx::migrate!("migrations/sqlite");
static POSTGRES: Migrator = sqlx::migrate!("migrations/postgres");

/// The state, on the engine that `database.url` names. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    db: Db,
}

#[derive(Clone)]
enum Db {
    Sqlite(SqliteDb),
    Postgres(PgPool),
}

impl Store {
    /// Connects; the schema stays as it is.
    pub async fn open(url: &str) -> Result<Self, StoreError> {
        let db = match url.split_once(':').map(|(scheme, _)| scheme) {
            Some("sqlite") => Db::Sqlite(SqliteDb::open(url).await?),
            Some("postgres" | "postgresql") => Db::Postgres(postgres::open(url).await?),
            _ => {
                let why = "must begin with sqlite:// or postgres://".into();
                return Err(StoreError::BadUrl { url: url.to_owned(), why });
            }
        };
        Ok(Self { db })
    }

    /// Applies what is missing, and returns how many migrations that were.
    pub async fn migrate(&self) -> Result<usize, StoreError> {
        let before = self.applied_migrations().await?.len();
        let result = match &self.db {
            Db::Sqlite(db) => {
                // SQLite has no lock between two processes that migrate at once; this is it.
                let _lock = db.wait_for_lock("migrate").await?;
                SQLITE.run(&db.writer).await
            }
            Db::Postgres(pool) => POSTGRES.run(pool).await,
        };
        match result {
            Err(MigrateError::VersionMissing(version)) => Err(StoreError::NewerSchema(version)),
            other => {
                other?;
                Ok(self.applied_migrations().await?.len() - before)
            }
        }
    }

    /// Refuses a schema that is older or newer than this program's.
    pub async fn check_schema(&self) -> Result<(), StoreError> {
        let applied = self.applied_migrations().await?;
        let known: Vec<i64> = SQLITE.iter().map(|migration| migration.version).collect();
        if let Some(newer) = applied.iter().find(|version| !known.contains(version)) {
            return Err(StoreError::NewerSchema(*newer));
        }
        if applied.len() < known.len() { Err(StoreError::NotMigrated) } else { Ok(()) }
    }

    /// A transaction that sees one moment and writes nothing.
    pub async fn read(&self) -> Result<Tx, StoreError> {
        Ok(match &self.db {
            Db::Sqlite(db) => Tx::Sqlite(db.readers.begin().await?),
            Db::Postgres(pool) => {
                Tx::Postgres(pool.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?)
            }
        })
    }

    /// A transaction that writes; on SQLite it has the database's one write lock from its first moment.
    pub async fn write(&self) -> Result<Tx, StoreError> {
        Ok(match &self.db {
            Db::Sqlite(db) => Tx::Sqlite(db.writer.begin_with("BEGIN IMMEDIATE").await?),
            Db::Postgres(pool) => Tx::Postgres(pool.begin().await?),
        })
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

    /// Ends all connections in an orderly way; SQLite then folds its write-ahead log into the database file.
    pub async fn close(&self) {
        match &self.db {
            Db::Sqlite(db) => {
                db.readers.close().await;
                db.writer.close().await;
            }
            Db::Postgres(pool) => pool.close().await,
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
            Db::Postgres(pool) => {
                let query = sqlx::query_scalar::<_, i64>("SELECT COUNT(*) FROM pg_tables WHERE tablename = $1");
                query.bind(TABLE).fetch_one(pool).await?
            }
        };
        if exists == 0 {
            return Ok(Vec::new());
        }
        Ok(match &self.db {
            Db::Sqlite(db) => sqlx::query_scalar(applied).fetch_all(&db.writer).await?,
            Db::Postgres(pool) => sqlx::query_scalar(applied).fetch_all(pool).await?,
        })
    }
}
