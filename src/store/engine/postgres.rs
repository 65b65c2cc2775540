//! What only PostgreSQL does: pools, the settings of transactions, locks on rows.
//!
//! Nothing outlives a transaction here (no session locks, no session settings), so that a pooler may be between.

use std::sync::Arc;
use std::time::Duration;

use sqlx::migrate::{MigrateError, Migrator};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{AssertSqlSafe, PgPool, Postgres, Transaction};

use crate::store::StoreError;
use crate::store::engine::pool::without_maintenance;
use crate::store::engine::postgres_options::{options, server_of, try_out, why_exhausted};

/// Connections of one process; closing, publishing and mail together use fewer.
const CONNECTIONS: u32 = 12;
/// How long to wait for a free connection before saying so.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(30);

/// Batches of an import that are committed together: accounts are locked in the order of their keys, batch by batch.
pub(crate) const BATCHES_PER_TRANSACTION: usize = 1;
/// Seconds since 1970 by the server's clock, whatever the moment at which the transaction began.
pub(crate) const NOW: &str = "SELECT CAST(FLOOR(EXTRACT(EPOCH FROM clock_timestamp())) AS BIGINT)";
/// Passes over workers that another process is removing, or that are just coming back.
pub(crate) const REMOVE_EXPIRED_WORKERS: &str = "DELETE FROM worker WHERE worker_key IN
    (SELECT worker_key FROM worker WHERE expires_at <= $1 FOR UPDATE SKIP LOCKED) RETURNING name";
/// Rows of other tables may go on to refer to the account: only its usage and its closings keep out of each other.
pub(crate) const LOCK_ACCOUNT: &str = "SELECT account_key FROM account WHERE account_key = $1 FOR NO KEY UPDATE";
pub(crate) const LOCK_ACCOUNT_OR_SKIP: &str =
    "SELECT account_key FROM account WHERE account_key = $1 FOR NO KEY UPDATE SKIP LOCKED";
pub(crate) const LOCK_ACCOUNTS: &str =
    "SELECT account_key FROM account WHERE account_key = ANY($1) ORDER BY account_key FOR NO KEY UPDATE";
pub(crate) const LOCK_ACCOUNT_NUMBERS: &str =
    "SELECT account_key FROM account WHERE account_number = ANY($1) ORDER BY account_key FOR NO KEY UPDATE";
pub(crate) const LOCK_ACCOUNTS_OF_LEGS: &str = "SELECT account_key FROM account WHERE account_key IN
        (SELECT c.account_key FROM leg l JOIN conference c ON c.conference_key = l.conference_key WHERE l.leg_id = ANY($1)
         UNION SELECT v.account_key FROM voided_leg v WHERE v.leg_id = ANY($1))
    ORDER BY account_key FOR NO KEY UPDATE";
/// Every table but the record of migrations.
pub(crate) const TABLES: &str = "SELECT CAST(table_name AS TEXT) FROM information_schema.tables
    WHERE table_schema = current_schema() AND table_name NOT LIKE '%sqlx%' ORDER BY 1";
/// Names and types of a table's columns, in an order that both engines give.
pub(crate) const COLUMNS: &str = "SELECT CAST(column_name AS TEXT), CAST(data_type AS TEXT)
    FROM information_schema.columns WHERE table_schema = current_schema() AND table_name = $1
    ORDER BY CAST(column_name AS TEXT) COLLATE \"C\"";
/// "Asynchronous Commit" in PostgreSQL's documentation; counts for this transaction.
pub(crate) const ASYNC_COMMIT: &str = "SET LOCAL synchronous_commit = off";
/// Writes into the log, and so makes its transaction's commit wait for the disk, whatever else that has done: the
/// commit of one that has changed nothing does not.
const WRITE_TO_LOG: &str = "SELECT CAST(pg_logical_emit_message(TRUE, 'statementd', '') AS TEXT)";
/// Ends with the transaction, as every lock here.
pub(crate) const LOCK_IMPORTS: &str = "SELECT pg_advisory_xact_lock(x'696d706f7274'::BIGINT)";
/// An arbitrary number; all versions of this program use it for this lock.
const MIGRATION_LOCK: i64 = 0x7374_6174_656d_656e;

/// A server, reached through two pools.
#[derive(Clone)]
pub(crate) struct PostgresDb {
    pub(crate) pool: PgPool,
    /// The heartbeat's own: a lease must not run out because all other connections are busy.
    heartbeat: PgPool,
    options: Arc<PgConnectOptions>,
}

impl PostgresDb {
    pub(crate) async fn open(url: &str) -> Result<Self, StoreError> {
        let options = options(url)?;
        try_out(&options).await?;
        let pool = without_maintenance(PgPoolOptions::new()).acquire_timeout(ACQUIRE_TIMEOUT);
        let heartbeat = pool.clone().max_connections(1).min_connections(0).connect_lazy_with(options.clone());
        let pool = pool.max_connections(CONNECTIONS).connect_with(options.clone()).await?;
        Ok(Self { pool, heartbeat, options: Arc::new(options) })
    }

    pub(crate) async fn read(&self) -> Result<Transaction<'static, Postgres>, sqlx::Error> {
        self.begin("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY".to_owned()).await
    }

    /// A transaction that the server ends, locks and all, when its process is silent for `patience` in the middle of
    /// it: one that was frozen there keeps no one waiting, and writes nothing when it wakes.
    pub(crate) async fn write(&self, patience: Duration) -> Result<Transaction<'static, Postgres>, sqlx::Error> {
        self.begin(begin_write(patience)).await
    }

    /// Waits until all earlier commits are on disk.
    pub(crate) async fn flush_commits(&self, patience: Duration) -> Result<(), sqlx::Error> {
        let mut tx = self.write(patience).await?;
        sqlx::query(WRITE_TO_LOG).execute(&mut *tx).await?;
        tx.commit().await
    }

    /// One moment of the whole database, in which no one writes to `tables` until it ends.
    pub(crate) async fn write_alone(&self, tables: &[&str]) -> Result<Transaction<'static, Postgres>, sqlx::Error> {
        // The locks come first: the moment is that of the first query after them.
        let mut tx = self.begin("BEGIN ISOLATION LEVEL REPEATABLE READ".to_owned()).await?;
        let sql = AssertSqlSafe(format!("LOCK TABLE {} IN SHARE MODE", tables.join(", ")));
        sqlx::raw_sql(sql).execute(&mut *tx).await?;
        Ok(tx)
    }

    pub(crate) async fn heartbeat(&self, patience: Duration) -> Result<Transaction<'static, Postgres>, sqlx::Error> {
        begin(&self.heartbeat, begin_write(patience)).await
    }

    /// All that is missing in one transaction; of several processes that start at once, one does it and the others
    /// wait for that.
    pub(crate) async fn migrate(&self, migrations: &Migrator) -> Result<(), MigrateError> {
        // sqlx prepares the statements of its migrations under names: behind a pooler, others may have left the same
        // ones.
        let mut tx = self.begin("BEGIN; DEALLOCATE ALL".to_owned()).await.map_err(MigrateError::Execute)?;
        let lock = sqlx::query("SELECT pg_advisory_xact_lock($1)").bind(MIGRATION_LOCK).persistent(false);
        lock.execute(&mut *tx).await?;
        if let Err(error) = migrations.run(&mut *tx).await {
            // Not left to the transaction's drop: the lock would be held until the connection is next used.
            tx.rollback().await?;
            return Err(error);
        }
        sqlx::raw_sql("DEALLOCATE ALL").execute(&mut *tx).await?;
        Ok(tx.commit().await?)
    }

    async fn begin(&self, sql: String) -> Result<Transaction<'static, Postgres>, sqlx::Error> {
        match begin(&self.pool, sql).await {
            Ok(tx) => Ok(tx),
            Err(error) => Err(why_exhausted(&self.options, error).await),
        }
    }

    /// The error after waiting for so long.
    pub(crate) fn gives_no_answer(&self, waited: Duration) -> StoreError {
        let why = format!("gives no answer within {} s: it is down, or has too much to do", waited.as_secs());
        StoreError::Unreachable { server: server_of(&self.options), why }
    }

    pub(crate) async fn close(&self) {
        self.heartbeat.close().await;
        self.pool.close().await;
    }
}

fn begin_write(patience: Duration) -> String {
    format!("BEGIN; SET LOCAL idle_in_transaction_session_timeout = {}", patience.as_millis())
}

/// A connection whose `BEGIN` is cut off half way would go back to its pool inside a transaction that sqlx does not
/// know of. In a task of its own it is always finished, even if its caller stops waiting for it.
async fn begin(pool: &PgPool, sql: String) -> Result<Transaction<'static, Postgres>, sqlx::Error> {
    let pool = pool.clone();
    let begun = tokio::spawn(async move { pool.begin_with(AssertSqlSafe(sql)).await }).await;
    begun.unwrap_or_else(|stopped| Err(sqlx::Error::Io(std::io::Error::other(stopped))))
}
