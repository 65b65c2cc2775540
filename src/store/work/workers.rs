//! This process among those that share a database: registered when it first claims work, alive as long as it says so.
//!
//! A worker's row holds a lease on the database's clock, renewed by a heartbeat. A process that finds a lapsed row
//! deletes it, and with it the worker's claims. So the clock only decides when work may be taken over; that no one
//! writes what another has taken over rests on the claims' rows alone, not on any clock.
//!
//! Nothing here belongs to a database session: the heartbeat may use another connection every time, as behind a
//! pooler.

use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use crate::fault_injection;
use crate::pause_points;
use crate::store::engine::schema::Db;
use crate::store::work::membership::{Membership, Registered, WorkerKey};
use crate::store::{Store, StoreError, Tx, Work, execute, fetch};

/// Beats per lease: two may be lost.
const BEATS: u32 = 3;
/// Pause after a beat that failed, for example because the server restarts.
const BEAT_RETRY: Duration = Duration::from_secs(1);

impl Store {
    /// This process's registration; made at the first call, and anew after it was lost.
    async fn worker(&self) -> Result<WorkerKey, StoreError> {
        let _one_at_a_time = self.membership.registering.lock().await;
        self.membership.forget_silent();
        if let Some(key) = self.membership.key() {
            return Ok(key);
        }
        let sent = Instant::now();
        let mut tx = self.write().await?;
        let key = tx.work().register(&process_name(), self.lease).await?;
        tx.commit().await?;
        let membership = Arc::downgrade(&self.membership);
        let heartbeat = tokio::spawn(beat(self.db.clone(), membership, key, self.lease));
        let registered = Registered { key, confirmed: sent, heartbeat: heartbeat.abort_handle() };
        *self.membership.state() = Some(registered);
        Ok(key)
    }

    /// The key by which others know this process, if it has claimed anything.
    pub fn registration(&self) -> Option<WorkerKey> {
        self.membership.key()
    }

    /// Whether this process can be sure, without asking, that no other has taken over what `worker` claimed: false
    /// when it was frozen, or cut off from the database, for as long as its lease.
    pub(crate) fn is_surely_alive(&self, worker: WorkerKey) -> bool {
        let state = self.membership.state();
        state.as_ref().is_some_and(|known| known.key == worker && known.confirmed.elapsed() < self.lease)
    }

    /// Releases all claims, so that others need not wait for the lease to run out.
    pub(crate) async fn retire(&self) {
        let Some(registered) = self.membership.state().take() else { return };
        registered.heartbeat.abort();
        if let Err(error) = self.unregister(registered.key).await {
            tracing::debug!("This process could not sign off; its claims run out by themselves: {error}");
        }
    }

    /// A write transaction of a registered process, whose lease it renews; registers anew where others have taken over.
    pub(crate) async fn claiming(&self) -> Result<(Tx, WorkerKey), StoreError> {
        loop {
            let worker = self.worker().await?;
            let mut tx = self.write().await?;
            // One moment for both: a process that is frozen in between would delete its own registration.
            let now = tx.work().database_now().await?;
            if tx.work().renew(worker, now, self.lease).await? {
                pause_points::reach("lease-renewed").await;
                tx.work().remove_workers_expired_by(now).await?;
                return Ok((tx, worker));
            }
            tx.roll_back().await?;
            self.membership.lose(worker);
        }
    }

    async fn unregister(&self, key: WorkerKey) -> Result<(), StoreError> {
        let mut tx = self.write().await?;
        execute!(&mut tx, sqlx::query("DELETE FROM worker WHERE worker_key = $1").bind(key.0));
        tx.commit().await
    }
}

/// Renews the lease until the registration is lost or the store is gone.
async fn beat(db: Db, membership: Weak<Membership>, key: WorkerKey, lease: Duration) {
    let mut pause = lease / BEATS;
    loop {
        tokio::time::sleep(pause).await;
        fault_injection::point("lease");
        let sent = Instant::now();
        let renewed = renew(&db, key, lease).await;
        let Some(membership) = membership.upgrade() else { return };
        pause = match renewed {
            Ok(true) if membership.confirm(key, sent) => lease / BEATS,
            Ok(true) => return,
            Ok(false) => {
                membership.lose(key);
                return;
            }
            Err(error) => {
                tracing::warn!("The heartbeat did not reach the database, and is tried again: {error}");
                BEAT_RETRY.min(lease / BEATS)
            }
        };
    }
}

async fn renew(db: &Db, key: WorkerKey, lease: Duration) -> Result<bool, StoreError> {
    let mut tx = db.heartbeat(lease).await?;
    let now = tx.work().database_now().await?;
    let renewed = tx.work().renew(key, now, lease).await?;
    tx.commit().await?;
    Ok(renewed)
}

/// A process that has registered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkerRow {
    /// Host and process.
    pub name: String,
    pub claims: i64,
}

impl Work<'_> {
    /// Processes whose lease has not run out, the longest at work first.
    pub async fn workers(&mut self) -> Result<Vec<WorkerRow>, StoreError> {
        const SQL: &str = "SELECT w.name, (SELECT COUNT(*) FROM claim c WHERE c.worker_key = w.worker_key)
             FROM worker w WHERE w.expires_at > $1 ORDER BY w.worker_key";
        let now = self.database_now().await?;
        let rows = fetch!(all, self.tx, sqlx::query_as::<_, (String, i64)>(SQL).bind(now));
        Ok(rows.into_iter().map(|(name, claims)| WorkerRow { name, claims }).collect())
    }

    /// Deletes workers whose lease has run out; their claims go with them.
    pub(crate) async fn remove_expired_workers(&mut self) -> Result<(), StoreError> {
        let now = self.database_now().await?;
        self.remove_workers_expired_by(now).await
    }

    async fn remove_workers_expired_by(&mut self, now: i64) -> Result<(), StoreError> {
        let sql = match self.tx {
            Tx::Sqlite(_) => "DELETE FROM worker WHERE expires_at <= $1 RETURNING name",
            Tx::Postgres(_) => crate::store::engine::postgres::REMOVE_EXPIRED_WORKERS,
        };
        let removed = fetch!(all, self.tx, sqlx::query_scalar::<_, String>(sql).bind(now));
        for name in removed {
            tracing::warn!(worker = name, "A process went silent for longer than its lease: its work is taken over");
        }
        Ok(())
    }

    /// Extends the lease, also of a worker that was late: as long as its row is there, no other process has taken
    /// anything from it. False if the row is gone.
    async fn renew(&mut self, worker: WorkerKey, now: i64, lease: Duration) -> Result<bool, StoreError> {
        const SQL: &str = "UPDATE worker SET expires_at = $2 WHERE worker_key = $1";
        Ok(execute!(self.tx, sqlx::query(SQL).bind(worker.0).bind(lease_end(now, lease))) == 1)
    }

    async fn register(&mut self, name: &str, lease: Duration) -> Result<WorkerKey, StoreError> {
        const SQL: &str =
            "INSERT INTO worker (name, started_at, expires_at) VALUES ($1, $2, $3) RETURNING worker_key";
        let now = self.database_now().await?;
        let key = fetch!(one, self.tx, sqlx::query_scalar(SQL).bind(name).bind(now).bind(lease_end(now, lease)));
        Ok(WorkerKey(key))
    }

    /// Seconds since 1970 by the one clock that all processes share.
    pub(crate) async fn database_now(&mut self) -> Result<i64, StoreError> {
        Ok(match self.tx {
            Tx::Sqlite(tx) => sqlx::query_scalar(crate::store::engine::sqlite::NOW).fetch_one(&mut **tx).await?,
            Tx::Postgres(tx) => {
                sqlx::query_scalar(crate::store::engine::postgres::NOW).persistent(false).fetch_one(&mut **tx).await?
            }
        })
    }
}

fn lease_end(now: i64, lease: Duration) -> i64 {
    now.saturating_add(i64::try_from(lease.as_secs()).unwrap_or(i64::MAX))
}

/// For people who look for the process.
pub(crate) fn process_name() -> String {
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let host = host.trim();
    format!("{}:{}", if host.is_empty() { "localhost" } else { host }, std::process::id())
}
