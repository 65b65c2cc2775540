//! Claims: who works on what, so that several processes share the work instead of doing it twice.
//!
//! A claim is taken in a short transaction that passes over what others hold, the work is done outside any
//! transaction, and whatever it leads to is written in one that first deletes the claim, by its token. Where
//! another process has taken the work over, that token is gone, and the write fails as a whole.
//!
//! Work that is itself one short transaction, as closing a month is, needs no claim: it locks the account's row
//! ([`Work::lock_account`]), and the lock ends with the transaction, however that ends.
//!
//! SQLite has one process at a time for each kind of work ([`crate::store::WorkLock`]), so that other processes'
//! claims are those of the dead; and one writer at a time, so that rows need no locks. All else is the same.

use std::time::Duration;

use sqlx::AssertSqlSafe;

use crate::domain::LegId;
use crate::random::unique_number;
use crate::store::engine::decode::{parse, revision_number};
use crate::store::work::membership::WorkerKey;
use crate::store::{
    Key, PendingStatement, StatementKey, Store, StoreError, Tx, Work, execute, fetch, on_engine, record,
};

/// The right to one piece of work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WorkClaim {
    key: Key,
    /// A token of the claim, since keys are not enough: a crash of the server may assign one a second time.
    token: i64,
    worker: WorkerKey,
}

/// Kinds of work that are claimed. What a subject is depends on the kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WorkKind {
    /// A statement's folder in the archive; subject: the statement's key. The process that publishes, expires or
    /// restores it holds this one claim, so that none of these meets another.
    Statement,
    /// A month's table of contents; subject: the month.
    Index,
    /// A rerun that is rehearsed or applied; subject: its id.
    Rerun,
    /// A source of usage; subject: its name.
    Intake,
}

impl WorkKind {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Statement => "statement",
            Self::Index => "index",
            Self::Rerun => "rerun",
            Self::Intake => "intake",
        }
    }
}

/// What to do about an account that another transaction works on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhenLocked {
    Skip,
    Wait,
}

impl Store {
    /// Claims up to `limit` statements that no process publishes yet, oldest months first, from `after` on.
    pub async fn claim_statements(
        &self,
        after: Option<&PendingStatement>,
        limit: u32,
    ) -> Result<Vec<(WorkClaim, PendingStatement)>, StoreError> {
        loop {
            // Nothing is written if nothing is to be done, which is so at most ticks of a daemon.
            if !self.read().await?.work().has_unpublished(after).await? {
                return Ok(Vec::new());
            }
            let (mut tx, worker) = self.claiming().await?;
            tx.work().void_other_claims(WorkKind::Statement, worker).await?;
            let candidates = tx.work().unclaimed_statements(after, limit).await?;
            let subjects: Vec<String> = candidates.iter().map(|statement| statement.key.0.to_string()).collect();
            let claimed = tx.work().insert_claims(WorkKind::Statement, &subjects, worker).await?;
            tx.commit_async().await?;
            // Another process may have claimed all of them between the two queries: there may be more.
            if candidates.is_empty() || !claimed.is_empty() {
                let of = |pending: &PendingStatement| {
                    let subject = pending.key.0.to_string();
                    claimed.iter().find(|(claimed, _)| *claimed == subject).map(|(_, claim)| *claim)
                };
                return Ok(candidates.into_iter().filter_map(|pending| Some((of(&pending)?, pending))).collect());
            }
        }
    }

    /// Claims those of `statements` that no other process works on. Returns the transaction of the claims, still
    /// open, so that what is decided with them is written in it.
    pub async fn claim_folders(
        &self,
        statements: &[StatementKey],
    ) -> Result<(Tx, Vec<(StatementKey, WorkClaim)>), StoreError> {
        let (mut tx, worker) = self.claiming().await?;
        tx.work().void_other_claims(WorkKind::Statement, worker).await?;
        let subjects: Vec<String> = statements.iter().map(|statement| statement.0.to_string()).collect();
        let claimed = tx.work().insert_claims(WorkKind::Statement, &subjects, worker).await?;
        let of = |key: &StatementKey| {
            let subject = key.0.to_string();
            Some((*key, claimed.iter().find(|(claimed, _)| *claimed == subject)?.1))
        };
        let claimed = statements.iter().filter_map(of).collect();
        Ok((tx, claimed))
    }

    /// Claims one piece of work; `None` if another process is at it.
    pub async fn claim(&self, kind: WorkKind, subject: &str) -> Result<Option<WorkClaim>, StoreError> {
        let (mut tx, worker) = self.claiming().await?;
        tx.work().void_other_claims(kind, worker).await?;
        let claimed = tx.work().insert_claims(kind, &[subject.to_owned()], worker).await?;
        tx.commit().await?;
        Ok(claimed.into_iter().next().map(|(_, claim)| claim))
    }

    /// Releases what this process still holds of `kind`: what is left of a round that was broken off.
    pub async fn abandon_claims(&self, kind: WorkKind) -> Result<(), StoreError> {
        const SQL: &str = "DELETE FROM claim WHERE kind = $1 AND worker_key = $2";
        let Some(worker) = self.registration() else { return Ok(()) };
        let mut tx = self.write().await?;
        execute!(&mut tx, sqlx::query(SQL).bind(kind.as_str()).bind(worker.0));
        tx.commit().await
    }

    /// Whether the claim certainly still holds. To be checked before writing to the archive, which knows no tokens: a
    /// process that was frozen beyond its lease finds out here, before anything leaves it.
    pub fn holds(&self, claim: WorkClaim) -> bool {
        self.is_surely_alive(claim.worker)
    }
}

record! {
    struct PendingRecord {
        statement_key: Key,
        account_key: Key,
        account_number: String,
        period: String,
        revision: i64,
        is_begun: bool,
    }
}

impl Work<'_> {
    /// Ends a claim, in the transaction that writes the result; an error if it is void, and then nothing of
    /// that transaction may be committed.
    pub async fn settle(&mut self, claim: WorkClaim) -> Result<(), StoreError> {
        const SQL: &str = "DELETE FROM claim WHERE claim_key = $1 AND token = $2";
        match execute!(self.tx, sqlx::query(SQL).bind(claim.key).bind(claim.token)) {
            1 => Ok(()),
            _ => Err(StoreError::ClaimLost),
        }
    }

    /// Makes sure that a claim holds until this transaction ends; an error if it is void, and then nothing of the
    /// transaction may be committed.
    pub async fn confirm(&mut self, claim: WorkClaim) -> Result<(), StoreError> {
        const SQL: &str = "UPDATE claim SET token = token WHERE claim_key = $1 AND token = $2";
        match execute!(self.tx, sqlx::query(SQL).bind(claim.key).bind(claim.token)) {
            1 => Ok(()),
            _ => Err(StoreError::ClaimLost),
        }
    }

    /// Keeps other closings and imports of usage from an account until this transaction ends. False if another
    /// transaction has it and `when_locked` says not to wait.
    pub async fn lock_account(&mut self, account: Key, when_locked: WhenLocked) -> Result<bool, StoreError> {
        let Tx::Postgres(tx) = self.tx else { return Ok(true) };
        let sql = match when_locked {
            WhenLocked::Skip => crate::store::engine::postgres::LOCK_ACCOUNT_OR_SKIP,
            WhenLocked::Wait => crate::store::engine::postgres::LOCK_ACCOUNT,
        };
        let locked =
            sqlx::query_scalar::<_, Key>(sql).bind(account).persistent(false).fetch_optional(&mut **tx).await?;
        Ok(locked.is_some())
    }

    /// Like [`Self::lock_account`], waiting for `patience` at most; false if it was not enough: then this transaction
    /// cannot be used any more.
    pub async fn lock_account_within(&mut self, account: Key, patience: Duration) -> Result<bool, StoreError> {
        const GAVE_UP: &str = "55P03";
        if let Tx::Postgres(tx) = self.tx {
            let sql = format!("SET LOCAL lock_timeout = {}", patience.as_millis());
            sqlx::query(AssertSqlSafe(sql)).persistent(false).execute(&mut **tx).await?;
        }
        match self.lock_account(account, WhenLocked::Wait).await {
            Err(StoreError::Database(sqlx::Error::Database(error))) if error.code().as_deref() == Some(GAVE_UP) => {
                Ok(false)
            }
            locked => locked,
        }
    }

    /// Lets one import at a time write, as SQLite does by itself: of two that bring the same leg, the second then sees
    /// the first one's. Comes before every other lock of an import, of whatever kind.
    pub(crate) async fn lock_imports(&mut self) -> Result<(), StoreError> {
        if let Tx::Postgres(tx) = self.tx {
            sqlx::query(crate::store::engine::postgres::LOCK_IMPORTS).persistent(false).execute(&mut **tx).await?;
        }
        Ok(())
    }

    /// Keeps closings from all of `accounts` until this transaction ends: usage that comes in while its month is
    /// being closed would be neither in that month nor late. Waits for closings that are under way.
    pub(crate) async fn lock_accounts(&mut self, accounts: &[Key]) -> Result<(), StoreError> {
        if let Tx::Postgres(tx) = self.tx {
            // In order of their keys, so that two imports cannot wait for each other.
            let lock = sqlx::query(crate::store::engine::postgres::LOCK_ACCOUNTS).bind(accounts);
            lock.persistent(false).execute(&mut **tx).await?;
        }
        Ok(())
    }

    /// Locks the accounts of a file that are there already: in order of their keys, as everywhere, and not in that of
    /// the file.
    pub(crate) async fn lock_account_numbers(&mut self, numbers: &[&str]) -> Result<(), StoreError> {
        if let Tx::Postgres(tx) = self.tx {
            sqlx::query(crate::store::engine::postgres::LOCK_ACCOUNT_NUMBERS)
                .bind(numbers)
                .execute(&mut **tx)
                .await?;
        }
        Ok(())
    }

    /// Locks the accounts that legs belong to, voided ones too: in order of their keys, and not in that of the legs.
    pub(crate) async fn lock_accounts_of_legs(&mut self, legs: &[LegId]) -> Result<(), StoreError> {
        self.lock_imports().await?;
        if let Tx::Postgres(tx) = self.tx {
            let legs: Vec<&str> = legs.iter().map(LegId::as_str).collect();
            let lock = sqlx::query(crate::store::engine::postgres::LOCK_ACCOUNTS_OF_LEGS).bind(legs);
            lock.persistent(false).execute(&mut **tx).await?;
        }
        Ok(())
    }

    /// On SQLite the claiming process holds the lock of this kind of work: claims of others are left by dead
    /// processes, and need not be waited for.
    async fn void_other_claims(&mut self, kind: WorkKind, worker: WorkerKey) -> Result<(), StoreError> {
        if let Tx::Sqlite(tx) = self.tx {
            const SQL: &str = "DELETE FROM claim WHERE kind = $1 AND worker_key <> $2";
            sqlx::query(SQL).bind(kind.as_str()).bind(worker.0).execute(&mut **tx).await?;
        }
        Ok(())
    }

    /// The end of a query for work, whose rows of `table` are the work: passes over what others are claiming.
    pub(crate) fn skip_locked(&self, table: &'static str) -> String {
        match self.tx {
            Tx::Sqlite(_) => String::new(),
            Tx::Postgres(_) => format!(" FOR NO KEY UPDATE OF {table} SKIP LOCKED"),
        }
    }

    /// Whether anything is to be published, claimed or not.
    async fn has_unpublished(&mut self, after: Option<&PendingStatement>) -> Result<bool, StoreError> {
        const SQL: &str = "SELECT EXISTS (SELECT 1 FROM statement
             WHERE published_at IS NULL AND expired_at IS NULL AND (period, statement_key) > ($1, $2))";
        let (period, key) = place(after);
        Ok(fetch!(one, self.tx, sqlx::query_scalar(SQL).bind(period.as_str()).bind(key)))
    }

    async fn unclaimed_statements(
        &mut self,
        after: Option<&PendingStatement>,
        limit: u32,
    ) -> Result<Vec<PendingStatement>, StoreError> {
        // NOT IN, since the claims are few and read once: NOT EXISTS looked through PostgreSQL's dead ones for each
        // row.
        const UNCLAIMED: &str = "SELECT s.statement_key, s.account_key, a.account_number, s.period, s.revision,
                    s.writing_at IS NOT NULL AS is_begun
             FROM statement s JOIN account a ON a.account_key = s.account_key
             WHERE s.published_at IS NULL AND s.expired_at IS NULL AND (s.period, s.statement_key) > ($1, $2)
               AND s.statement_key NOT IN (SELECT CAST(c.subject AS BIGINT) FROM claim c WHERE c.kind = 'statement')
             ORDER BY s.period, s.statement_key LIMIT $3";
        let sql = format!("{UNCLAIMED}{}", self.skip_locked("s"));
        let (period, key) = place(after);
        let records = on_engine!(self.tx, |conn| {
            let query = sqlx::query_as::<_, PendingRecord>(AssertSqlSafe(sql));
            query.bind(period).bind(key).bind(i64::from(limit)).persistent(false).fetch_all(conn).await?
        });
        records.into_iter().map(PendingStatement::try_from).collect()
    }

    /// Claims those of `subjects` that no process holds.
    async fn insert_claims(
        &mut self,
        kind: WorkKind,
        subjects: &[String],
        worker: WorkerKey,
    ) -> Result<Vec<(String, WorkClaim)>, StoreError> {
        const SQL: &str = "INSERT INTO claim (kind, subject, worker_key, token) VALUES ($1, $2, $3, $4)
             ON CONFLICT (kind, subject) DO NOTHING RETURNING claim_key";
        let mut claims = Vec::with_capacity(subjects.len());
        for subject in subjects {
            let token = unique_number().cast_signed();
            let key = fetch!(
                optional,
                self.tx,
                sqlx::query_scalar(SQL).bind(kind.as_str()).bind(subject.as_str()).bind(worker.0).bind(token)
            );
            claims.extend(key.map(|key| (subject.clone(), WorkClaim { key, token, worker })));
        }
        Ok(claims)
    }
}

impl TryFrom<PendingRecord> for PendingStatement {
    type Error = StoreError;

    fn try_from(record: PendingRecord) -> Result<Self, StoreError> {
        let row = record.account_number.as_str();
        Ok(Self {
            key: StatementKey(record.statement_key),
            account: record.account_key,
            number: parse("account", row, "account_number", row)?,
            period: parse("statement", row, "period", &record.period)?,
            revision: revision_number(row, record.revision)?,
            is_begun: record.is_begun,
        })
    }
}

/// A statement's place in the order of publishing.
fn place(statement: Option<&PendingStatement>) -> (String, Key) {
    statement.map_or((String::new(), 0), |statement| (statement.period.to_string(), statement.key.0))
}
