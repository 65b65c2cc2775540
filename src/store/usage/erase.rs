//! Usage that has had its time, and callers' numbers that leave before it.
//!
//! A closed month's usage goes only when nothing can need it any more: its statements have left the archive, none of
//! its late legs waits, none is charged in a statement that is still kept. Deleting goes in bites, each a transaction
//! of its own, so that nobody waits behind it.

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use crate::domain::{AccountNumber, Period};
use crate::store::engine::decode::parse;
use crate::store::{Key, StoreError, Tx, WhenLocked, execute, fetch};

/// An account's closed month whose usage, or callers, may leave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ErasableMonth {
    pub account_key: Key,
    pub account: AccountNumber,
    pub period: Period,
    start: i64,
    end: i64,
}

/// What stands in the place of a caller's number that was erased; no number is empty.
pub(crate) const ERASED: &str = "";

/// Months that closed or are history, and may be erased by `$condition`, whose limit is the first parameter; `$which` narrows further.
macro_rules! months_query {
    ($condition:expr, $which:expr) => {
        concat!(
            "SELECT k.account_key, a.account_number, k.period, k.starts_at, k.ends_at
             FROM (SELECT account_key, period, starts_at, ends_at, usage_expired_at, usage_erased_at, callers_erased_at
                   FROM closing
                   UNION ALL
                   SELECT account_key, period, starts_at, ends_at, usage_expired_at, usage_erased_at, callers_erased_at
                   FROM history_period) k JOIN account a ON a.account_key = k.account_key
             WHERE ",
            $condition,
            $which,
            " ORDER BY k.period, a.account_number"
        )
    };
}

/// Narrows to one month of one account.
macro_rules! this_month {
    () => {
        " AND k.account_key = $2 AND k.period = $3"
    };
}

/// `$1` closed months of the account are newer, and nothing can need the month's usage: its statements have left the
/// archive, none of its late legs waits, none is charged in a statement that stands there.
macro_rules! outlived_usage {
    () => {
        "k.usage_erased_at IS NULL
           AND (SELECT COUNT(*) FROM closing n WHERE n.account_key = k.account_key AND n.period > k.period) >= $1
           AND NOT EXISTS (SELECT 1 FROM statement s WHERE s.account_key = k.account_key AND s.period = k.period
                           AND s.deleted_at IS NULL)
           AND NOT EXISTS (SELECT 1 FROM late_leg t WHERE t.account_key = k.account_key AND t.period = k.period
                           AND t.charged_in IS NULL)
           AND NOT EXISTS (SELECT 1 FROM late_leg t JOIN statement s
                                ON s.account_key = t.account_key AND s.period = t.charged_in
                           WHERE t.account_key = k.account_key AND t.period = k.period AND s.deleted_at IS NULL)"
    };
}

/// The month ended by `$1`, and nothing is still to be made that shows its callers.
macro_rules! outlived_callers {
    () => {
        "k.callers_erased_at IS NULL AND k.usage_erased_at IS NULL AND k.ends_at <= $1
           AND NOT EXISTS (SELECT 1 FROM statement s WHERE s.account_key = k.account_key AND s.period = k.period
                           AND s.published_at IS NULL AND s.expired_at IS NULL)
           AND NOT EXISTS (SELECT 1 FROM late_leg t WHERE t.account_key = k.account_key AND t.period = k.period
                           AND t.charged_in IS NULL)
           AND NOT EXISTS (SELECT 1 FROM late_leg t JOIN statement s
                                ON s.account_key = t.account_key AND s.period = t.charged_in
                           WHERE t.account_key = k.account_key AND t.period = k.period
                             AND s.published_at IS NULL AND s.expired_at IS NULL)"
    };
}

/// What is noted of a month, wherever its row is.
macro_rules! note_of_month {
    ($set:literal) => {
        [
            concat!("UPDATE closing SET ", $set, " WHERE account_key = $1 AND period = $2"),
            concat!("UPDATE history_period SET ", $set, " WHERE account_key = $1 AND period = $2"),
        ]
    };
}

impl Tx {
    /// Closed months that `keep` closed months of their account are newer than, and whose statements have all left
    /// the archive.
    pub async fn outlived_usage(&mut self, keep: u32) -> Result<Vec<ErasableMonth>, StoreError> {
        const SQL: &str = months_query!(outlived_usage!(), "");
        self.erasable_months(SQL, i64::from(keep)).await
    }

    /// Closed months that ended before `before`, whose statements are all published, and whose callers are still
    /// known.
    pub async fn outlived_callers(&mut self, before: DateTime<Utc>) -> Result<Vec<ErasableMonth>, StoreError> {
        const SQL: &str = months_query!(outlived_callers!(), "");
        self.erasable_months(SQL, before.timestamp()).await
    }

    async fn erasable_months(&mut self, sql: &'static str, limit: i64) -> Result<Vec<ErasableMonth>, StoreError> {
        type Row = (Key, String, String, i64, i64);
        let rows = fetch!(all, self, sqlx::query_as::<_, Row>(sql).bind(limit));
        rows.into_iter()
            .map(|(account_key, number, period, start, end)| {
                let period = parse("closing", &number, "period", &period)?;
                let account = parse("account", &number, "account_number", &number)?;
                Ok(ErasableMonth { account_key, account, period, start, end })
            })
            .collect()
    }

    /// Decides that the month's usage leaves: from now on none of it is taken in again, and its frozen statements,
    /// which nothing could be rendered from, go first. False: something needs it by now, as late usage that came in
    /// since the month was listed.
    ///
    /// The account is locked before that is asked, so that it stays true until the decision is committed.
    pub async fn expire_usage(
        &mut self,
        month: &ErasableMonth,
        keep: u32,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        const STILL: &str = months_query!(outlived_usage!(), this_month!());
        const DOCUMENTS: &str = "DELETE FROM statement_document WHERE statement_key IN
             (SELECT statement_key FROM statement WHERE account_key = $1 AND period = $2 AND deleted_at IS NOT NULL)";
        const CLOSING: [&str; 2] = note_of_month!("usage_expired_at = COALESCE(usage_expired_at, $3)");
        if !self.is_still_erasable(STILL, month, i64::from(keep)).await? {
            return Ok(false);
        }
        let period = month.period.to_string();
        execute!(self, sqlx::query(DOCUMENTS).bind(month.account_key).bind(period.as_str()));
        self.note_of_month(CLOSING, month, now, "month whose usage leaves").await?;
        Ok(true)
    }

    /// Whether nothing needs the month's callers, asked and kept true as in [`Self::expire_usage`].
    pub async fn may_erase_callers(
        &mut self,
        month: &ErasableMonth,
        before: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        const STILL: &str = months_query!(outlived_callers!(), this_month!());
        self.is_still_erasable(STILL, month, before.timestamp()).await
    }

    async fn is_still_erasable(
        &mut self,
        sql: &'static str,
        month: &ErasableMonth,
        limit: i64,
    ) -> Result<bool, StoreError> {
        type Row = (Key, String, String, i64, i64);
        self.lock_account(month.account_key, WhenLocked::Wait).await?;
        let found = fetch!(
            optional,
            self,
            sqlx::query_as::<_, Row>(sql).bind(limit).bind(month.account_key).bind(month.period.to_string())
        );
        Ok(found.is_some())
    }

    /// Deletes up to `bite` conferences of the month with their legs; returns how many conferences and legs.
    pub async fn erase_usage(&mut self, month: &ErasableMonth, bite: u32) -> Result<(u64, u64), StoreError> {
        const BITE: &str = "SELECT conference_key FROM conference
             WHERE account_key = $1 AND filed_at >= $2 AND filed_at < $3 ORDER BY conference_key LIMIT $4";
        // Of two processes that erase the same month, each counts what it deletes itself.
        self.lock_account(month.account_key, WhenLocked::Wait).await?;
        let keys = fetch!(
            all,
            self,
            sqlx::query_scalar::<_, Key>(BITE)
                .bind(month.account_key)
                .bind(month.start)
                .bind(month.end)
                .bind(i64::from(bite))
        );
        self.count_erased(month.account_key, month.period, &keys).await?;
        let mut legs = 0;
        for key in &keys {
            execute!(self, sqlx::query("DELETE FROM late_leg WHERE conference_key = $1").bind(key));
            execute!(self, sqlx::query("DELETE FROM voided_leg WHERE conference_key = $1").bind(key));
            self.forget_codes(*key).await?;
            legs += execute!(self, sqlx::query("DELETE FROM leg WHERE conference_key = $1").bind(key));
            execute!(self, sqlx::query("DELETE FROM conference WHERE conference_key = $1").bind(key));
        }
        Ok((keys.len() as u64, legs))
    }

    pub async fn mark_usage_erased(&mut self, month: &ErasableMonth, now: DateTime<Utc>) -> Result<(), StoreError> {
        const SQL: [&str; 2] = note_of_month!("usage_erased_at = $3");
        const VOIDED: &str = "DELETE FROM voided_leg
             WHERE account_key = $1 AND joined_at < $2 AND charged_in IS NULL";
        self.forget_parked_codes(month.account_key, month.end).await?;
        execute!(self, sqlx::query(VOIDED).bind(month.account_key).bind(month.end));
        self.note_of_month(SQL, month, now, "month whose usage was erased").await
    }

    /// Whether the usage of an account's month has been erased, or is being.
    pub async fn has_erased_usage(&mut self, account: Key, period: Period) -> Result<bool, StoreError> {
        const SQL: &str = "SELECT EXISTS (SELECT 1 FROM closing
             WHERE account_key = $1 AND period = $2 AND usage_expired_at IS NOT NULL)";
        Ok(fetch!(one, self, sqlx::query_scalar(SQL).bind(account).bind(period.to_string())))
    }

    /// Per account, the end of its newest month whose usage has left; seconds since 1970.
    pub(crate) async fn usage_horizons(&mut self) -> Result<HashMap<Key, i64>, StoreError> {
        const SQL: &str = "SELECT account_key, MAX(ends_at) FROM
                 (SELECT account_key, ends_at FROM closing WHERE usage_expired_at IS NOT NULL
                  UNION ALL SELECT account_key, ends_at FROM history_period WHERE usage_expired_at IS NOT NULL) erased
             GROUP BY account_key";
        Ok(fetch!(all, self, sqlx::query_as::<_, (Key, i64)>(SQL)).into_iter().collect())
    }

    /// Erases the callers of up to `bite` conferences of the month that still have one; returns how many legs.
    pub async fn erase_callers(&mut self, month: &ErasableMonth, bite: u32) -> Result<u64, StoreError> {
        const SQL: &str = "UPDATE leg SET caller = $5
             WHERE caller <> $5 AND conference_key IN (
                 SELECT c.conference_key FROM conference c
                 WHERE c.account_key = $1 AND c.filed_at >= $2 AND c.filed_at < $3
                   AND EXISTS (SELECT 1 FROM leg l WHERE l.conference_key = c.conference_key AND l.caller <> $5)
                 ORDER BY c.conference_key LIMIT $4)";
        Ok(execute!(
            self,
            sqlx::query(SQL)
                .bind(month.account_key)
                .bind(month.start)
                .bind(month.end)
                .bind(i64::from(bite))
                .bind(ERASED)
        ))
    }

    pub async fn mark_callers_erased(&mut self, month: &ErasableMonth, now: DateTime<Utc>) -> Result<(), StoreError> {
        const SQL: [&str; 2] = note_of_month!("callers_erased_at = $3");
        const VOIDED: &str = "UPDATE voided_leg SET caller = $3
             WHERE account_key = $1 AND joined_at < $2 AND caller <> $3";
        execute!(self, sqlx::query(VOIDED).bind(month.account_key).bind(month.end).bind(ERASED));
        self.note_of_month(SQL, month, now, "month whose callers were erased").await
    }

    /// A month is a closing or history, never both.
    async fn note_of_month(
        &mut self,
        sql: [&'static str; 2],
        month: &ErasableMonth,
        now: DateTime<Utc>,
        what: &'static str,
    ) -> Result<(), StoreError> {
        let period = month.period.to_string();
        let mut written = 0;
        for sql in sql {
            written +=
                execute!(self, sqlx::query(sql).bind(month.account_key).bind(period.as_str()).bind(now.timestamp()));
        }
        StoreError::expect_one(written, what)
    }
}
