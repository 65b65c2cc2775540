//! The state of an account's month, asked in one place: lists, counts, what is stuck, and reports narrow the same
//! query.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use sqlx::AssertSqlSafe;

use crate::domain::{AccountNumber, Period, PeriodState};
use crate::store::engine::decode::{instant, parse};
use crate::store::{Reports, StoreError, fetch, record};

/// Every month of every account that is closed, empty, failed, parked or history, one row each; a closed month whose
/// revision is parked has two. Open months are not stored:
/// [`Closings::next_periods`](crate::store::Closings::next_periods) computes them.
///
/// `reason` is the obstacle's code, or `publishing`; `detail` says what happened and what to do.
pub(crate) const ACCOUNT_MONTHS: &str =
    "(SELECT k.account_key, k.period, CASE WHEN s.failure IS NULL THEN k.state ELSE 'failed' END AS state,
             s.revision, CASE WHEN s.failure IS NULL THEN NULL ELSE 'publishing' END AS reason,
             s.failure AS detail, k.closed_at AS since, s.currency, s.charge
      FROM closing k
           LEFT JOIN statement s ON s.account_key = k.account_key AND s.period = k.period AND s.is_current
      UNION ALL
      SELECT p.account_key, p.period, 'parked', NULL, p.reason, p.detail, p.since, NULL, NULL FROM parking p
      UNION ALL
      SELECT h.account_key, h.period, 'history', NULL, NULL, NULL, NULL, NULL, NULL FROM history_period h)";

/// A closed, empty, failed, parked or history month of an account.
#[derive(Debug, Clone)]
pub struct PeriodRow {
    pub account: AccountNumber,
    pub period: Period,
    pub state: PeriodState,
    /// Of the current statement.
    pub revision: Option<i64>,
    /// What happened and what to do, where it is parked or failed.
    pub reason: Option<String>,
}

/// Accounts of one period in one state.
#[derive(Debug, Clone)]
pub struct PeriodCount {
    pub period: Period,
    /// Closed, empty, failed or parked.
    pub state: PeriodState,
    pub accounts: i64,
}

/// An account's period that a person has to look at.
#[derive(Debug, Clone)]
pub struct StuckMonth {
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
    struct PeriodRecord {
        account_number: String,
        period: String,
        state: String,
        revision: Option<i64>,
        detail: Option<String>,
    }

    struct PeriodCountRecord {
        period: String,
        state: String,
        accounts: i64,
    }

    struct StuckRecord {
        account_number: String,
        period: String,
        state: String,
        reason: String,
        detail: String,
        since: i64,
    }
}

impl Reports<'_> {
    /// Every month that is stored, ordered by account and period.
    pub async fn period_rows(&mut self, period: Option<Period>) -> Result<Vec<PeriodRow>, StoreError> {
        let sql = format!(
            "SELECT a.account_number, m.period, m.state, m.revision, m.detail
             FROM {ACCOUNT_MONTHS} m JOIN account a ON a.account_key = m.account_key
             WHERE $1 IS NULL OR m.period = $1 ORDER BY 1, 2"
        );
        let period = period.map(String::from);
        fetch!(all, self.tx, sqlx::query_as::<_, PeriodRecord>(AssertSqlSafe(sql)).bind(period))
            .into_iter()
            .map(|record| {
                let row = format!("{} {}", record.account_number, record.period);
                Ok(PeriodRow {
                    account: parse("account", &row, "account_number", &record.account_number)?,
                    period: parse("closing", &row, "period", &record.period)?,
                    state: parse("closing", &row, "state", &record.state)?,
                    revision: record.revision,
                    reason: record.detail,
                })
            })
            .collect()
    }

    /// Per period and state, how many accounts; without history.
    pub async fn period_counts(&mut self) -> Result<Vec<PeriodCount>, StoreError> {
        let sql = format!(
            "SELECT m.period, m.state, COUNT(*) AS accounts FROM {ACCOUNT_MONTHS} m
             WHERE m.state <> 'history' GROUP BY m.period, m.state ORDER BY m.period, m.state"
        );
        let count = |record: PeriodCountRecord| {
            Ok(PeriodCount {
                period: parse("closing", &record.period, "period", &record.period)?,
                state: parse("closing", &record.period, "state", &record.state)?,
                accounts: record.accounts,
            })
        };
        let records = fetch!(all, self.tx, sqlx::query_as::<_, PeriodCountRecord>(AssertSqlSafe(sql)));
        records.into_iter().map(count).collect()
    }

    /// What is parked or cannot be published, longest first.
    pub async fn stuck_months(&mut self) -> Result<Vec<StuckMonth>, StoreError> {
        let sql = format!(
            "SELECT a.account_number, m.period, m.state, m.reason, m.detail, m.since
             FROM {ACCOUNT_MONTHS} m JOIN account a ON a.account_key = m.account_key
             WHERE m.detail IS NOT NULL ORDER BY 6, 1, 2"
        );
        let problem = |record: StuckRecord| {
            let row = format!("{} {}", record.account_number, record.period);
            let state = parse("parking", &row, "state", &record.state)?;
            let (table, column) =
                if state == PeriodState::Parked { ("parking", "since") } else { ("closing", "closed_at") };
            Ok(StuckMonth {
                account: parse("account", &row, "account_number", &record.account_number)?,
                period: parse("parking", &row, "period", &record.period)?,
                state,
                reason: record.reason,
                detail: record.detail,
                since: instant(table, &row, column, record.since)?,
            })
        };
        let records = fetch!(all, self.tx, sqlx::query_as::<_, StuckRecord>(AssertSqlSafe(sql)));
        records.into_iter().map(problem).collect()
    }

    /// Parked periods per reason.
    pub async fn parked_by_reason(&mut self) -> Result<BTreeMap<String, i64>, StoreError> {
        let sql =
            format!("SELECT m.reason, COUNT(*) FROM {ACCOUNT_MONTHS} m WHERE m.state = 'parked' GROUP BY m.reason");
        Ok(fetch!(all, self.tx, sqlx::query_as::<_, (String, i64)>(AssertSqlSafe(sql))).into_iter().collect())
    }
}
