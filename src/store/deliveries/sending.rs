//! The ledger while a message is being sent: claimed, its step noted before it is taken, its end recorded.
//!
//! A claim has a fencing token, the number of the attempt: a process that comes late, because another process has
//! taken the delivery over, writes nothing; but an answer that came late is written as long as no process has tried
//! again, even if another process has decided meanwhile that none would come. Where one process alone may send
//! (SQLite's lock), what a dead one left is taken over at once, elsewhere when its worker's lease has run out.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use sqlx::AssertSqlSafe;

use crate::store::deliveries::attempt::{DeliveryClaim, DueDelivery, EndedAttempt, InterruptedDelivery};
use crate::store::engine::decode::{count, instant, parse, parse_optional, room};
use crate::store::engine::lists::{list, list_sql};
use crate::store::work::membership::WorkerKey;
use crate::store::{Deliveries, Key, StatementKey, Store, StoreError, execute, fetch, record};

record! {
    struct DueRecord {
        delivery_key: Key,
        statement_key: Key,
        room_number: String,
        recipient: String,
        recipient_name: Option<String>,
        message_id: String,
        next_attempt_at: i64,
        trying_since: Option<i64>,
        attempts: i64,
        lost_answers: i64,
        state: String,
    }

    struct InterruptedRecord {
        delivery_key: Key,
        attempts: i64,
        step: Option<String>,
        lost_answers: i64,
    }
}

/// Due deliveries of published statements; `which` divides new ones from repeated ones, so that a backlog of the
/// latter cannot stand in the way of the former.
fn due_sql(which: &str) -> String {
    format!(
        "SELECT d.delivery_key, d.statement_key, d.room_number, d.recipient, d.recipient_name, d.message_id,
                d.next_attempt_at, d.trying_since, d.attempts, d.lost_answers, d.state
         FROM delivery d JOIN statement s ON s.statement_key = d.statement_key
         WHERE d.next_attempt_at <= $1 AND d.state IN ('queued', 'deferred', 'unknown')
           AND s.published_at IS NOT NULL AND NOT EXISTS (SELECT 1 FROM mail_pause) AND {which}
         ORDER BY d.next_attempt_at, d.delivery_key LIMIT $2"
    )
}

const FRESH: &str = "d.attempts = 0";
const REPEATED: &str = "d.attempts > 0";

impl Store {
    /// Claims up to `limit` due deliveries that no other process is at: new ones and repeated ones in turns, the
    /// longest due first.
    pub async fn claim_deliveries(&self, now: DateTime<Utc>, limit: u32) -> Result<Vec<DueDelivery>, StoreError> {
        // Nothing is written if nothing is due, which is so at most ticks of a daemon.
        if !self.read().await?.deliveries().has_due(now).await? {
            return Ok(Vec::new());
        }
        let (mut tx, worker) = self.claiming().await?;
        let claimed = tx.deliveries().claim_deliveries(worker, now, limit).await?;
        tx.commit().await?;
        Ok(claimed)
    }
}

impl Deliveries<'_> {
    async fn claim_deliveries(
        &mut self,
        worker: WorkerKey,
        now: DateTime<Utc>,
        limit: u32,
    ) -> Result<Vec<DueDelivery>, StoreError> {
        const CLAIM: &str =
            "UPDATE delivery SET state = 'sending', step = NULL, attempts = attempts + 1, next_attempt_at = NULL,
                    trying_since = COALESCE(trying_since, $2), changed_at = $2, claimed_by = $3
             FROM {list}
             WHERE delivery_key = CAST(item.value ->> 0 AS BIGINT) AND attempts = CAST(item.value ->> 1 AS BIGINT)
               AND state IN ('queued', 'deferred', 'unknown')
             RETURNING delivery_key";
        let mut due = self.due_in_turns(now, limit).await?;
        let rows = list(due.iter().map(|record| (record.delivery_key, record.attempts)))?;
        let sql = list_sql(self.tx, CLAIM);
        let claimed = fetch!(
            all,
            self.tx,
            sqlx::query_scalar::<_, Key>(sql).bind(rows.as_str()).bind(now.timestamp()).bind(worker.0)
        );
        let claimed: HashSet<Key> = claimed.into_iter().collect();
        due.retain(|record| claimed.contains(&record.delivery_key));
        due.into_iter().map(|record| record.into_delivery(worker, now)).collect()
    }

    /// Notes, before it is done, that the bodies of these messages are sent now; returns those that were noted.
    ///
    /// Of the others the claim is void, or others may take it over at any moment; they must not be sent.
    pub async fn note_bodies_under_way(&mut self, claims: &[DeliveryClaim]) -> Result<HashSet<Key>, StoreError> {
        const SQL: &str = "UPDATE delivery SET step = 'body_under_way' FROM {list}
             WHERE delivery_key = CAST(item.value ->> 0 AS BIGINT) AND attempts = CAST(item.value ->> 1 AS BIGINT)
               AND state = 'sending' AND claimed_by IN (SELECT worker_key FROM worker)
             RETURNING delivery_key";
        let rows = list(claims.iter().map(|claim| (claim.delivery, claim.attempt)))?;
        let sql = list_sql(self.tx, SQL);
        Ok(fetch!(all, self.tx, sqlx::query_scalar::<_, Key>(sql).bind(rows.as_str())).into_iter().collect())
    }

    /// Ends attempts; returns the deliveries that were written. Of the others the claim was void.
    ///
    /// An answer also replaces the verdict that another process has made of the same attempt without it. A delivery
    /// that would be tried again, but whose statement has left the archive meanwhile, is held.
    pub async fn record_verdicts(&mut self, ended: &[&EndedAttempt]) -> Result<HashSet<Key>, StoreError> {
        const SQL: &str =
            "UPDATE delivery SET state = item.value ->> 2, step = NULL, claimed_by = NULL,
                    next_attempt_at = CAST(item.value ->> 3 AS BIGINT), last_answer = item.value ->> 4,
                    lost_answers = CAST(item.value ->> 5 AS BIGINT),
                    changed_at = CAST(item.value ->> 6 AS BIGINT),
                    accepted_at = CASE WHEN item.value ->> 2 = 'accepted' THEN CAST(item.value ->> 6 AS BIGINT)
                                       ELSE accepted_at END
             FROM {list}
             WHERE delivery_key = CAST(item.value ->> 0 AS BIGINT) AND attempts = CAST(item.value ->> 1 AS BIGINT)
               AND (state = 'sending'
                    OR (state IN ('unknown', 'held') AND CAST(item.value ->> 5 AS BIGINT) = CAST(item.value ->> 7 AS BIGINT)
                        AND lost_answers > CAST(item.value ->> 7 AS BIGINT)))
             RETURNING delivery_key";
        let rows = list(ended.iter().map(|EndedAttempt { claim, lost_before, verdict, at }| {
            let next_attempt_at = verdict.next_attempt_at.map(|at| at.timestamp());
            let (state, lost) = (verdict.state.as_str(), lost_before + u32::from(verdict.answer_lost));
            (
                claim.delivery,
                claim.attempt,
                state,
                next_attempt_at,
                &verdict.answer,
                lost,
                at.timestamp(),
                lost_before,
            )
        }))?;
        let sql = list_sql(self.tx, SQL);
        let written = fetch!(all, self.tx, sqlx::query_scalar::<_, Key>(sql).bind(rows.as_str()));
        for EndedAttempt { claim, verdict, at, .. } in ended {
            if verdict.next_attempt_at.is_some() {
                self.tx.retention().hold_mail_of_left(claim.delivery, *at).await?;
            }
        }
        Ok(written.into_iter().collect())
    }

    /// Puts a claimed delivery back as if it had not been claimed. False if the claim was void.
    pub async fn release_claim(&mut self, delivery: &DueDelivery) -> Result<bool, StoreError> {
        const SQL: &str =
            "UPDATE delivery SET state = $3, step = NULL, claimed_by = NULL, next_attempt_at = $4, lost_answers = $5,
                    attempts = attempts - 1, trying_since = CASE WHEN attempts = 1 THEN NULL ELSE trying_since END
             WHERE delivery_key = $1 AND attempts = $2
               AND ((state = 'sending' AND claimed_by = $6) OR (state IN ('unknown', 'held') AND lost_answers > $5))";
        let written = execute!(
            self.tx,
            sqlx::query(SQL)
                .bind(delivery.claim.delivery)
                .bind(i64::from(delivery.claim.attempt))
                .bind(delivery.state_before.as_str())
                .bind(delivery.due_since.timestamp())
                .bind(i64::from(delivery.lost_answers))
                .bind(delivery.worker.0)
        );
        Ok(written == 1)
    }

    /// What dead processes were sending: all that is claimed, or where others may be sending right now (not
    /// `alone`), what those claimed whose lease has run out. And what `this` process has left of a round that broke
    /// off: to be asked before it begins the next one.
    pub async fn interrupted_deliveries(
        &mut self,
        alone: bool,
        this: Option<WorkerKey>,
    ) -> Result<Vec<InterruptedDelivery>, StoreError> {
        // Of two processes that find the same delivery, one decides about it.
        const SQL: &str = "SELECT delivery_key, attempts, step, lost_answers FROM delivery
             WHERE state = 'sending'
               AND ($1 OR claimed_by = $2 OR claimed_by NOT IN (SELECT worker_key FROM worker))
             ORDER BY delivery_key";
        self.tx.work().remove_expired_workers().await?;
        let sql = AssertSqlSafe(format!("{SQL}{}", self.tx.work().skip_locked("delivery")));
        let this = this.map(|this| this.0);
        let records = fetch!(all, self.tx, sqlx::query_as::<_, InterruptedRecord>(sql).bind(alone).bind(this));
        records.into_iter().map(InterruptedDelivery::try_from).collect()
    }

    async fn has_due(&mut self, now: DateTime<Utc>) -> Result<bool, StoreError> {
        // Two queries, as in the claim: each has an index; a query for both would search all that was ever sent.
        let sql = format!("SELECT EXISTS ({}) OR EXISTS ({})", due_sql(FRESH), due_sql(REPEATED));
        Ok(fetch!(one, self.tx, sqlx::query_scalar(AssertSqlSafe(sql)).bind(now.timestamp()).bind(1_i64)))
    }

    async fn due_in_turns(&mut self, now: DateTime<Utc>, limit: u32) -> Result<Vec<DueRecord>, StoreError> {
        let mut fresh = self.due(FRESH, now, limit).await?.into_iter();
        let mut repeated = self.due(REPEATED, now, limit).await?.into_iter();
        let mut turns = Vec::new();
        while turns.len() < limit as usize {
            let before = turns.len();
            turns.extend(fresh.next());
            turns.extend(repeated.next());
            if turns.len() == before {
                break;
            }
        }
        turns.truncate(limit as usize);
        Ok(turns)
    }

    async fn due(&mut self, which: &str, now: DateTime<Utc>, limit: u32) -> Result<Vec<DueRecord>, StoreError> {
        let sql = AssertSqlSafe(format!("{}{}", due_sql(which), self.tx.work().skip_locked("d")));
        Ok(fetch!(all, self.tx, sqlx::query_as::<_, DueRecord>(sql).bind(now.timestamp()).bind(i64::from(limit))))
    }
}

impl DueRecord {
    fn into_delivery(self, worker: WorkerKey, now: DateTime<Utc>) -> Result<DueDelivery, StoreError> {
        let row = self.delivery_key.to_string();
        let trying_since = self.trying_since.map(|at| instant("delivery", &row, "trying_since", at)).transpose()?;
        Ok(DueDelivery {
            claim: DeliveryClaim {
                delivery: self.delivery_key,
                attempt: count("delivery", &row, "attempts", self.attempts)? + 1,
            },
            worker,
            statement: StatementKey(self.statement_key),
            room: room(&row, &self.room_number)?,
            recipient: parse("delivery", &row, "recipient", &self.recipient)?,
            recipient_name: parse_optional("delivery", &row, "recipient_name", self.recipient_name.as_deref())?,
            message_id: self.message_id,
            trying_since: trying_since.unwrap_or(now),
            lost_answers: count("delivery", &row, "lost_answers", self.lost_answers)?,
            state_before: parse("delivery", &row, "state", &self.state)?,
            due_since: instant("delivery", &row, "next_attempt_at", self.next_attempt_at)?,
        })
    }
}

impl TryFrom<InterruptedRecord> for InterruptedDelivery {
    type Error = StoreError;

    fn try_from(record: InterruptedRecord) -> Result<Self, StoreError> {
        let (delivery, row) = (record.delivery_key, record.delivery_key.to_string());
        Ok(Self {
            claim: DeliveryClaim { delivery, attempt: count("delivery", &row, "attempts", record.attempts)? },
            body_under_way: record.step.as_deref() == Some("body_under_way"),
            lost_answers: count("delivery", &row, "lost_answers", record.lost_answers)?,
        })
    }
}
