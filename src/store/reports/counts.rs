//! How much stands where: for metrics and the status page, so in numbers and not row by row.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use crate::domain::{AccountNumber, Period, PeriodState};
use crate::store::master::parse;
use crate::store::statements::due::instant;
use crate::store::{StoreError, Tx, fetch, record};

/// Accounts of one period in one state.
#[derive(Debug, Clone)]
pub struct PeriodCount {
    pub period: Period,
    /// Closed, empty, failed or parked.
    pub state: PeriodState,
    pub accounts: i64,
}

/// An account's period that somebody has to look at.
#[derive(Debug, Clone)]
pub struct Trouble {
    pub account: AccountNumber,
    pub period: Period,
    /// Parked or failed.
    pub state: PeriodState,
    /// The obstacle's code, or `publishing`.
    pub reason: String,
    /// What happened and what to do.
    pub detail: String,
    pub since: DateTime<Utc>,
}

record! {
    struct PeriodCountRecord {
        period: String,
        state: String,
        accounts: i64,
    }

    struct TroubleRecord {
        account_number: String,
        period: String,
        state: String,
        reason: String,
        detail: String,
        since: i64,
    }
}

impl Tx {
    /// Per period and state, how many accounts.
    pub async fn period_counts(&mut self) -> Result<Vec<PeriodCount>, StoreError> {
        const SQL: &str = "SELECT period, state, COUNT(*) AS accounts FROM
                 (SELECT k.period, CASE WHEN s.failure IS NULL THEN k.state ELSE 'failed' END AS state
                  FROM closing k LEFT JOIN statement s
                       ON s.account_key = k.account_key AND s.period = k.period AND s.is_current
                  UNION ALL SELECT period, 'parked' FROM parking) accounted
             GROUP BY period, state ORDER BY period, state";
        let records = fetch!(all, self, sqlx::query_as::<_, PeriodCountRecord>(SQL));
        let count = |record: PeriodCountRecord| {
            Ok(PeriodCount {
                period: parse("closing", &record.period, "period", &record.period)?,
                state: parse("closing", &record.period, "state", &record.state)?,
                accounts: record.accounts,
            })
        };
        records.into_iter().map(count).collect()
    }

    /// What is parked or cannot be published, longest first, at most `limit`.
    pub async fn troubles(&mut self, limit: i64) -> Result<Vec<Trouble>, StoreError> {
        const SQL: &str = "SELECT a.account_number, p.period, 'parked' AS state, p.reason, p.detail, p.since
             FROM parking p JOIN account a ON a.account_key = p.account_key
             UNION ALL
             SELECT a.account_number, s.period, 'failed', 'publishing', s.failure, k.closed_at
             FROM statement s JOIN account a ON a.account_key = s.account_key
                  JOIN closing k ON k.account_key = s.account_key AND k.period = s.period
             WHERE s.is_current AND s.failure IS NOT NULL
             ORDER BY 6, 1, 2 LIMIT $1";
        let records = fetch!(all, self, sqlx::query_as::<_, TroubleRecord>(SQL).bind(limit));
        records
            .into_iter()
            .map(|record| {
                let row = format!("{} {}", record.account_number, record.period);
                Ok(Trouble {
                    account: parse("account", &row, "account_number", &record.account_number)?,
                    period: parse("parking", &row, "period", &record.period)?,
                    state: parse("parking", &row, "state", &record.state)?,
                    reason: record.reason,
                    detail: record.detail,
                    since: instant(&row, record.since)?,
                })
            })
            .collect()
    }

    /// Parked periods per reason.
    pub async fn parked_by_reason(&mut self) -> Result<BTreeMap<String, i64>, StoreError> {
        let sql = "SELECT reason, COUNT(*) FROM parking GROUP BY reason";
        Ok(fetch!(all, self, sqlx::query_as::<_, (String, i64)>(sql)).into_iter().collect())
    }

    /// All revisions that are `published`, or `waiting` for it, or `failed` at the last attempt.
    pub async fn statement_counts(&mut self) -> Result<BTreeMap<String, i64>, StoreError> {
        const SQL: &str = "SELECT state, COUNT(*) FROM
                 (SELECT CASE WHEN published_at IS NOT NULL THEN 'published' WHEN failure IS NOT NULL THEN 'failed'
                              ELSE 'waiting' END AS state FROM statement) accounted
             GROUP BY state";
        Ok(fetch!(all, self, sqlx::query_as::<_, (String, i64)>(SQL)).into_iter().collect())
    }

    /// When the oldest month was closed whose first statement is not in the archive yet.
    pub async fn unpublished_since(&mut self) -> Result<Option<DateTime<Utc>>, StoreError> {
        const SQL: &str = "SELECT MIN(k.closed_at) FROM statement s
                  JOIN closing k ON k.account_key = s.account_key AND k.period = s.period
             WHERE s.published_at IS NULL AND s.revision = 1";
        let (since,) = fetch!(one, self, sqlx::query_as::<_, (Option<i64>,)>(SQL));
        since.map(|since| instant("the oldest unpublished", since)).transpose()
    }

    /// When the oldest message was queued that is still to be sent.
    pub async fn unsent_since(&mut self) -> Result<Option<DateTime<Utc>>, StoreError> {
        let sql = "SELECT MIN(queued_at) FROM delivery WHERE state IN ('queued', 'sending', 'deferred')";
        let (since,) = fetch!(one, self, sqlx::query_as::<_, (Option<i64>,)>(sql));
        since.map(|since| instant("the oldest unsent", since)).transpose()
    }
}
