//! Erases usage that is past its retention, and callers' numbers before it.
//!
//! A closed month's usage goes only when nothing can need it any more: its statements have left the archive, none of
//! its late legs waits, none is charged in a statement that is still kept. Deleting goes in batches, each a
//! transaction of its own, so that no one waits behind it.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sqlx::AssertSqlSafe;

use crate::domain::{AccountNumber, Period};
use crate::store::engine::decode::parse;
use crate::store::{Erasure, Key, StoreError, WhenLocked, execute, fetch, record};

/// An account's closed month whose usage, or callers, may be erased.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ErasableMonth {
    pub account_key: Key,
    pub account: AccountNumber,
    pub period: Period,
    start: i64,
    end: i64,
}

/// Replaces a caller's number that was erased; no number is empty.
pub(crate) const ERASED: &str = "";

record! {
    struct MonthRecord {
        account_key: Key,
        account_number: String,
        period: String,
        starts_at: i64,
        ends_at: i64,
    }
}

/// Narrows to one month of one account.
const THIS_MONTH: &str = "k.account_key = $2 AND k.period = $3";

/// `$1` closed months of the account are newer, and nothing can need the month's usage: its statements have left the
/// archive, none of its late legs waits, none is charged in a statement that is there.
const USAGE_PAST_RETENTION: &str = "k.usage_erased_at IS NULL
           AND (SELECT COUNT(*) FROM closing n WHERE n.account_key = k.account_key AND n.period > k.period) >= $1
           AND NOT EXISTS (SELECT 1 FROM statement s WHERE s.account_key = k.account_key AND s.period = k.period
                           AND s.deleted_at IS NULL)
           AND NOT EXISTS (SELECT 1 FROM late_leg t WHERE t.account_key = k.account_key AND t.period = k.period
                           AND t.charged_in IS NULL)
           AND NOT EXISTS (SELECT 1 FROM late_leg t JOIN statement s
                                ON s.account_key = t.account_key AND s.period = t.charged_in
                           WHERE t.account_key = k.account_key AND t.period = k.period AND s.deleted_at IS NULL)";

/// The month ended by `$1`, and nothing is still to be made that shows its callers.
const CALLERS_PAST_RETENTION: &str = "k.callers_erased_at IS NULL AND k.usage_erased_at IS NULL AND k.ends_at <= $1
           AND NOT EXISTS (SELECT 1 FROM statement s WHERE s.account_key = k.account_key AND s.period = k.period
                           AND s.published_at IS NULL AND s.expired_at IS NULL)
           AND NOT EXISTS (SELECT 1 FROM late_leg t WHERE t.account_key = k.account_key AND t.period = k.period
                           AND t.charged_in IS NULL)
           AND NOT EXISTS (SELECT 1 FROM late_leg t JOIN statement s
                                ON s.account_key = t.account_key AND s.period = t.charged_in
                           WHERE t.account_key = k.account_key AND t.period = k.period
                             AND s.published_at IS NULL AND s.expired_at IS NULL)";

/// Months that closed or are history, and fulfil all of the conditions.
fn months_sql(conditions: &[&str]) -> AssertSqlSafe<String> {
    let conditions = conditions.join(" AND ");
    AssertSqlSafe(format!(
        "SELECT k.account_key, a.account_number, k.period, k.starts_at, k.ends_at
         FROM (SELECT account_key, period, starts_at, ends_at, usage_expired_at, usage_erased_at, callers_erased_at
               FROM closing
               UNION ALL
               SELECT account_key, period, starts_at, ends_at, usage_expired_at, usage_erased_at, callers_erased_at
               FROM history_period) k JOIN account a ON a.account_key = k.account_key
         WHERE {conditions} ORDER BY k.period, a.account_number"
    ))
}

impl Erasure<'_> {
    /// Closed months that `keep` closed months of their account are newer than, and whose statements have all left
    /// the archive.
    pub async fn usage_past_retention(&mut self, keep: u32) -> Result<Vec<ErasableMonth>, StoreError> {
        self.erasable_months(USAGE_PAST_RETENTION, i64::from(keep)).await
    }

    /// Closed months that ended before `before`, whose statements are all published, and whose callers are still
    /// known.
    pub async fn callers_past_retention(&mut self, before: DateTime<Utc>) -> Result<Vec<ErasableMonth>, StoreError> {
        self.erasable_months(CALLERS_PAST_RETENTION, before.timestamp()).await
    }

    async fn erasable_months(&mut self, condition: &str, limit: i64) -> Result<Vec<ErasableMonth>, StoreError> {
        let sql = months_sql(&[condition]);
        let records = fetch!(all, self.tx, sqlx::query_as::<_, MonthRecord>(sql).bind(limit));
        records.into_iter().map(ErasableMonth::try_from).collect()
    }

    /// Decides that the month's usage is erased: from now on none of it is imported again, and its frozen statements,
    /// from which nothing could be rendered any more, are deleted first. False if something needs it by now, as late
    /// usage that came in since the month was listed.
    ///
    /// The account is locked before that is asked, so that it stays true until the decision is committed.
    pub async fn expire_usage(
        &mut self,
        month: &ErasableMonth,
        keep: u32,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        const DOCUMENTS: &str = "DELETE FROM statement_document WHERE statement_key IN
             (SELECT statement_key FROM statement WHERE account_key = $1 AND period = $2 AND deleted_at IS NOT NULL)";
        const SET: &str = "usage_expired_at = COALESCE(usage_expired_at, $3)";
        if !self.is_still_erasable(USAGE_PAST_RETENTION, month, i64::from(keep)).await? {
            return Ok(false);
        }
        let period = month.period.to_string();
        execute!(self.tx, sqlx::query(DOCUMENTS).bind(month.account_key).bind(period.as_str()));
        self.note_of_month(SET, month, now, "month whose usage leaves").await?;
        Ok(true)
    }

    /// Whether nothing needs the month's callers, asked and kept true as in [`Self::expire_usage`].
    pub async fn may_erase_callers(
        &mut self,
        month: &ErasableMonth,
        before: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        self.is_still_erasable(CALLERS_PAST_RETENTION, month, before.timestamp()).await
    }

    async fn is_still_erasable(
        &mut self,
        condition: &str,
        month: &ErasableMonth,
        limit: i64,
    ) -> Result<bool, StoreError> {
        let sql = months_sql(&[condition, THIS_MONTH]);
        self.tx.work().lock_account(month.account_key, WhenLocked::Wait).await?;
        let found = fetch!(
            optional,
            self.tx,
            sqlx::query_as::<_, MonthRecord>(sql).bind(limit).bind(month.account_key).bind(month.period.to_string())
        );
        Ok(found.is_some())
    }

    /// Deletes up to `batch` conferences of the month with their legs; returns how many conferences and legs.
    pub async fn erase_usage(&mut self, month: &ErasableMonth, batch: u32) -> Result<(u64, u64), StoreError> {
        const BATCH: &str = "SELECT conference_key FROM conference
             WHERE account_key = $1 AND filed_at >= $2 AND filed_at < $3 ORDER BY conference_key LIMIT $4";
        // Of two processes that erase the same month, each counts what it deletes itself.
        self.tx.work().lock_account(month.account_key, WhenLocked::Wait).await?;
        let keys = fetch!(
            all,
            self.tx,
            sqlx::query_scalar::<_, Key>(BATCH)
                .bind(month.account_key)
                .bind(month.start)
                .bind(month.end)
                .bind(i64::from(batch))
        );
        self.tx.usage().count_erased(month.account_key, month.period, &keys).await?;
        let mut legs = 0;
        for key in &keys {
            execute!(self.tx, sqlx::query("DELETE FROM late_leg WHERE conference_key = $1").bind(key));
            execute!(self.tx, sqlx::query("DELETE FROM voided_leg WHERE conference_key = $1").bind(key));
            self.tx.codes().forget_codes(*key).await?;
            legs += execute!(self.tx, sqlx::query("DELETE FROM leg WHERE conference_key = $1").bind(key));
            execute!(self.tx, sqlx::query("DELETE FROM conference WHERE conference_key = $1").bind(key));
        }
        Ok((keys.len() as u64, legs))
    }

    pub async fn mark_usage_erased(&mut self, month: &ErasableMonth, now: DateTime<Utc>) -> Result<(), StoreError> {
        const SET: &str = "usage_erased_at = $3";
        const VOIDED: &str = "DELETE FROM voided_leg
             WHERE account_key = $1 AND joined_at < $2 AND charged_in IS NULL";
        self.tx.codes().forget_parked_codes(month.account_key, month.end).await?;
        execute!(self.tx, sqlx::query(VOIDED).bind(month.account_key).bind(month.end));
        self.note_of_month(SET, month, now, "month whose usage was erased").await
    }

    /// Whether the usage of an account's month has been erased, or is being.
    pub async fn has_erased_usage(&mut self, account: Key, period: Period) -> Result<bool, StoreError> {
        const SQL: &str = "SELECT EXISTS (SELECT 1 FROM closing
             WHERE account_key = $1 AND period = $2 AND usage_expired_at IS NOT NULL)";
        Ok(fetch!(one, self.tx, sqlx::query_scalar(SQL).bind(account).bind(period.to_string())))
    }

    /// Per account, the end of its newest month whose usage has left; seconds since 1970.
    pub(crate) async fn usage_horizons(&mut self) -> Result<HashMap<Key, i64>, StoreError> {
        const SQL: &str = "SELECT account_key, MAX(ends_at) FROM
                 (SELECT account_key, ends_at FROM closing WHERE usage_expired_at IS NOT NULL
                  UNION ALL SELECT account_key, ends_at FROM history_period WHERE usage_expired_at IS NOT NULL) erased
             GROUP BY account_key";
        Ok(fetch!(all, self.tx, sqlx::query_as::<_, (Key, i64)>(SQL)).into_iter().collect())
    }

    /// Erases the callers of up to `batch` conferences of the month that still have one; returns how many legs.
    pub async fn erase_callers(&mut self, month: &ErasableMonth, batch: u32) -> Result<u64, StoreError> {
        const SQL: &str = "UPDATE leg SET caller = $5
             WHERE caller <> $5 AND conference_key IN (
                 SELECT c.conference_key FROM conference c
                 WHERE c.account_key = $1 AND c.filed_at >= $2 AND c.filed_at < $3
                   AND EXISTS (SELECT 1 FROM leg l WHERE l.conference_key = c.conference_key AND l.caller <> $5)
                 ORDER BY c.conference_key LIMIT $4)";
        Ok(execute!(
            self.tx,
            sqlx::query(SQL)
                .bind(month.account_key)
                .bind(month.start)
                .bind(month.end)
                .bind(i64::from(batch))
                .bind(ERASED)
        ))
    }

    pub async fn mark_callers_erased(&mut self, month: &ErasableMonth, now: DateTime<Utc>) -> Result<(), StoreError> {
        const SET: &str = "callers_erased_at = $3";
        const VOIDED: &str = "UPDATE voided_leg SET caller = $3
             WHERE account_key = $1 AND joined_at < $2 AND caller <> $3";
        execute!(self.tx, sqlx::query(VOIDED).bind(month.account_key).bind(month.end).bind(ERASED));
        self.note_of_month(SET, month, now, "month whose callers were erased").await
    }

    /// Notes something of a month, wherever its row is: it is a closing or history, never both.
    async fn note_of_month(
        &mut self,
        set: &str,
        month: &ErasableMonth,
        now: DateTime<Utc>,
        what: &'static str,
    ) -> Result<(), StoreError> {
        let period = month.period.to_string();
        let mut written = 0;
        for table in ["closing", "history_period"] {
            let sql = AssertSqlSafe(format!("UPDATE {table} SET {set} WHERE account_key = $1 AND period = $2"));
            written += execute!(
                self.tx,
                sqlx::query(sql).bind(month.account_key).bind(period.as_str()).bind(now.timestamp())
            );
        }
        StoreError::expect_one(written, what)
    }
}

impl TryFrom<MonthRecord> for ErasableMonth {
    type Error = StoreError;

    fn try_from(record: MonthRecord) -> Result<Self, StoreError> {
        let row = record.account_number.as_str();
        Ok(Self {
            account_key: record.account_key,
            account: parse("account", row, "account_number", row)?,
            period: parse("closing", row, "period", &record.period)?,
            start: record.starts_at,
            end: record.ends_at,
        })
    }
}
