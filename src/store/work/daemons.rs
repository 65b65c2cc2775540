//! Which daemons run on this database, and when each last looked for work. For people only: nothing else is decided
//! by it, and claims know nothing of it.

use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::store::engine::decode::instant;
use crate::store::work::workers::process_name;
use crate::store::{Key, StoreError, Work, execute, fetch, record};

/// A daemon that was started this long ago and is silent is not listed.
const REMEMBERED: Duration = Duration::from_hours(7 * 24);
/// A daemon that has missed three looks and this margin no longer runs; `/healthz` has the same rule.
const PATIENCE: i64 = 60;

/// A daemon's row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DaemonKey(Key);

/// A daemon as the database knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DaemonRow {
    /// Host and process.
    pub name: String,
    pub version: String,
    pub started_at: DateTime<Utc>,
    /// When it last looked for work.
    pub looked_at: DateTime<Utc>,
    /// How long ago that was, by the database's clock.
    pub silent_for: Duration,
    /// It was shut down gracefully.
    pub ended_at: Option<DateTime<Utc>>,
    pub is_running: bool,
}

record! {
    struct DaemonRecord {
        name: String,
        version: String,
        started_at: i64,
        looked_at: i64,
        looks_every: i64,
        ended_at: Option<i64>,
    }
}

impl Work<'_> {
    /// Notes that this process is a daemon that looks for work every `interval`.
    pub async fn register_daemon(&mut self, interval: Duration) -> Result<DaemonKey, StoreError> {
        const FORGET: &str = "DELETE FROM daemon WHERE looked_at < $1";
        const REGISTER: &str = "INSERT INTO daemon (name, version, started_at, looked_at, looks_every)
             VALUES ($1, $2, $3, $3, $4) RETURNING daemon_key";
        let now = self.database_now().await?;
        execute!(self.tx, sqlx::query(FORGET).bind(now.saturating_sub(seconds(REMEMBERED))));
        let key = fetch!(
            one,
            self.tx,
            sqlx::query_scalar(REGISTER)
                .bind(process_name())
                .bind(env!("CARGO_PKG_VERSION"))
                .bind(now)
                .bind(seconds(interval))
        );
        Ok(DaemonKey(key))
    }

    /// Notes that it has looked. False if its row is gone.
    pub async fn daemon_looked(&mut self, daemon: DaemonKey) -> Result<bool, StoreError> {
        const SQL: &str = "UPDATE daemon SET looked_at = $2 WHERE daemon_key = $1";
        let now = self.database_now().await?;
        Ok(execute!(self.tx, sqlx::query(SQL).bind(daemon.0).bind(now)) == 1)
    }

    /// Notes that it is shut down gracefully.
    pub async fn daemon_ended(&mut self, daemon: DaemonKey) -> Result<(), StoreError> {
        const SQL: &str = "UPDATE daemon SET looked_at = $2, ended_at = $2 WHERE daemon_key = $1";
        let now = self.database_now().await?;
        execute!(self.tx, sqlx::query(SQL).bind(daemon.0).bind(now));
        Ok(())
    }

    /// The daemons that run, those that looked last first; where none does, the one that looked last.
    pub async fn daemons(&mut self) -> Result<Vec<DaemonRow>, StoreError> {
        const SQL: &str = "SELECT name, version, started_at, looked_at, looks_every, ended_at FROM daemon
             ORDER BY looked_at DESC, daemon_key DESC";
        let now = self.database_now().await?;
        let records = fetch!(all, self.tx, sqlx::query_as::<_, DaemonRecord>(SQL));
        let rows = records.into_iter().map(|record| record.at(now)).collect::<Result<Vec<_>, _>>()?;
        let (mut running, others): (Vec<_>, Vec<_>) = rows.into_iter().partition(|row| row.is_running);
        if running.is_empty() {
            running.extend(others.into_iter().next());
        }
        Ok(running)
    }
}

impl DaemonRecord {
    fn at(self, now: i64) -> Result<DaemonRow, StoreError> {
        let silent = now.saturating_sub(self.looked_at).max(0);
        let patience = self.looks_every.saturating_mul(3).saturating_add(PATIENCE);
        Ok(DaemonRow {
            is_running: self.ended_at.is_none() && silent <= patience,
            started_at: instant("daemon", &self.name, "started_at", self.started_at)?,
            looked_at: instant("daemon", &self.name, "looked_at", self.looked_at)?,
            silent_for: Duration::from_secs(silent.cast_unsigned()),
            ended_at: self.ended_at.map(|at| instant("daemon", &self.name, "ended_at", at)).transpose()?,
            name: self.name,
            version: self.version,
        })
    }
}

fn seconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_secs()).unwrap_or(i64::MAX)
}
