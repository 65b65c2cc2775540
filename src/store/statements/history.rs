//! Months before an account's first one that is billed: their figures, for trends and bounds.
//!
//! They are no closings: nothing of them is late, carried, archived or mailed. Usage that arrives for one takes its row
//! away (`usage::not_taken`), and the next round computes it anew.

use chrono::{DateTime, Utc};

use crate::domain::{AccountNumber, Currency, Period, PeriodBounds, Totals, Zone};
use crate::store::engine::decode::{instant, parse};
use crate::store::{Closings, Key, StoreError, execute, fetch, record};

/// A month of history whose figures are not known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryDue {
    pub key: Key,
    pub number: AccountNumber,
    pub bounds: PeriodBounds,
}

record! {
    struct Beginning {
        account_key: Key,
        account_number: String,
        time_zone: String,
        first_billed: String,
        first_usage_at: i64,
        known: i64,
    }
}

impl Closings<'_> {
    /// The months of history that are over and whose figures are not known, in the order of their accounts.
    ///
    /// `first`: the first period that is billed, of accounts that name none.
    pub async fn history_due(
        &mut self,
        first: Option<Period>,
        now: DateTime<Utc>,
    ) -> Result<Vec<HistoryDue>, StoreError> {
        const SQL: &str = "SELECT a.account_key, a.account_number, a.time_zone,
                    COALESCE(a.first_period, $1) AS first_billed, u.first_usage_at,
                    (SELECT COUNT(*) FROM history_period h
                     WHERE h.account_key = a.account_key AND h.period < COALESCE(a.first_period, $1))
                    + (SELECT COUNT(*) FROM closing k
                       WHERE k.account_key = a.account_key AND k.period < COALESCE(a.first_period, $1)) AS known
             FROM account a
                  JOIN (SELECT account_key, MIN(filed_at) AS first_usage_at FROM conference GROUP BY account_key) u
                    ON u.account_key = a.account_key
             WHERE COALESCE(a.first_period, $1) IS NOT NULL ORDER BY a.account_key";
        let beginnings = fetch!(all, self.tx, sqlx::query_as::<_, Beginning>(SQL).bind(first.map(String::from)));
        let mut due = Vec::new();
        for beginning in beginnings {
            due.extend(self.history_due_of(&beginning, now).await?);
        }
        Ok(due)
    }

    async fn history_due_of(&mut self, of: &Beginning, now: DateTime<Utc>) -> Result<Vec<HistoryDue>, StoreError> {
        const KNOWN: &str = "SELECT period FROM history_period WHERE account_key = $1
             UNION ALL SELECT period FROM closing WHERE account_key = $1";
        let row = &of.account_number;
        let zone: Zone = parse("account", row, "time_zone", &of.time_zone)?;
        let first_billed: Period = parse("account", row, "first_period", &of.first_billed)?;
        let zones = self.tx.accounts().past_zones().await?;
        let mut bounds =
            zones.period_at(of.account_key, instant("conference", row, "filed_at", of.first_usage_at)?, zone);
        if bounds.id.months_until(first_billed) <= of.known {
            return Ok(Vec::new());
        }
        let known = fetch!(all, self.tx, sqlx::query_scalar::<_, String>(KNOWN).bind(of.account_key));
        let mut due = Vec::new();
        while bounds.id < first_billed && bounds.end <= now {
            if !known.contains(&bounds.id.to_string()) {
                let number = parse("account", row, "account_number", row)?;
                due.push(HistoryDue { key: of.account_key, number, bounds });
            }
            bounds = bounds.following(zones.zone_of(of.account_key, bounds.id.next(), zone));
        }
        Ok(due)
    }

    /// Keeps the figures of a month of history.
    pub async fn store_history(
        &mut self,
        month: &HistoryDue,
        totals: &Totals,
        currency: Currency,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        const SQL: &str =
            "INSERT INTO history_period (account_key, period, starts_at, ends_at, currency, conferences,
                                                       participants, accumulated_seconds, charge, computed_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (account_key, period) DO NOTHING";
        execute!(
            self.tx,
            sqlx::query(SQL)
                .bind(month.key)
                .bind(month.bounds.id.to_string())
                .bind(month.bounds.start.timestamp())
                .bind(month.bounds.end.timestamp())
                .bind(currency.code())
                .bind(totals.conferences.cast_signed())
                .bind(totals.participants.cast_signed())
                .bind(totals.accumulated_seconds.cast_signed())
                .bind(totals.charge.0)
                .bind(now.timestamp())
        );
        self.unpark(month.key, month.bounds.id).await
    }
}
