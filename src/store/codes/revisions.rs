//! Closed months in which codes were changed, until a revision takes them in.

use chrono::{DateTime, Utc};

use crate::domain::Period;
use crate::store::engine::decode::{instant, parse, period_bounds};
use crate::store::engine::lists::{list, list_sql};
use crate::store::{Codes, Key, StoreError, WaitingRevision, execute, fetch, record};

/// The state of an account's closed month in respect of codes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CodeRevision {
    /// The newest change that is in no revision yet.
    pub changed_at: Option<DateTime<Utc>>,
    /// When an owner asked for a revision.
    pub asked_at: Option<DateTime<Utc>>,
    /// When the last one was made.
    pub made_at: Option<DateTime<Utc>>,
}

record! {
    struct RecodingRecord {
        account_key: Key,
        account_number: String,
        period: String,
        starts_at: i64,
        ends_at: i64,
        changed_at: i64,
        is_asked: bool,
    }
}

impl Codes<'_> {
    /// Closed months that charge any of the conferences: their own, and those that charge their late legs.
    pub async fn charging_months(
        &mut self,
        account: Key,
        conferences: &[Key],
    ) -> Result<Vec<(Key, Period)>, StoreError> {
        const SQL: &str = "SELECT c.conference_key, k.period FROM {list}
             CROSS JOIN conference c
             JOIN closing k ON k.account_key = c.account_key AND k.state = 'closed'
                  AND ((k.starts_at <= c.filed_at AND k.ends_at > c.filed_at)
                       OR k.period IN (SELECT t.charged_in FROM late_leg t WHERE t.conference_key = c.conference_key))
             WHERE c.conference_key = CAST(item.value ->> 0 AS BIGINT) AND c.account_key = $2";
        let (sql, keys) = (list_sql(self.tx, SQL), list(conferences.iter().map(|key| (key,)))?);
        let rows = fetch!(all, self.tx, sqlx::query_as::<_, (Key, String)>(sql).bind(keys).bind(account));
        rows.into_iter().map(|(key, period)| Ok((key, parse("closing", &period, "period", &period)?))).collect()
    }

    /// Notes that codes were changed in these closed months.
    pub async fn note_recoded(
        &mut self,
        account: Key,
        months: &[Period],
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        const SQL: &str = "INSERT INTO code_revision (account_key, period, changed_at) VALUES ($1, $2, $3)
             ON CONFLICT (account_key, period) DO UPDATE SET changed_at = excluded.changed_at";
        for month in months {
            execute!(self.tx, sqlx::query(SQL).bind(account).bind(month.to_string()).bind(now.timestamp()));
        }
        Ok(())
    }

    pub async fn code_revision(&mut self, account: Key, period: Period) -> Result<CodeRevision, StoreError> {
        const SQL: &str = "SELECT changed_at, asked_at, made_at FROM code_revision
             WHERE account_key = $1 AND period = $2";
        type Row = (Option<i64>, Option<i64>, Option<i64>);
        let row = period.to_string();
        let found = fetch!(optional, self.tx, sqlx::query_as::<_, Row>(SQL).bind(account).bind(row.as_str()));
        let Some((changed_at, asked_at, made_at)) = found else { return Ok(CodeRevision::default()) };
        let at = |column, seconds: Option<i64>| {
            seconds.map(|seconds| instant("code_revision", &row, column, seconds)).transpose()
        };
        Ok(CodeRevision {
            changed_at: at("changed_at", changed_at)?,
            asked_at: at("asked_at", asked_at)?,
            made_at: at("made_at", made_at)?,
        })
    }

    /// An owner asks for a revision with the codes of now; false if nothing was changed since the last one.
    pub async fn ask_for_revision(
        &mut self,
        account: Key,
        period: Period,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        const SQL: &str = "UPDATE code_revision SET asked_at = $3
             WHERE account_key = $1 AND period = $2 AND changed_at IS NOT NULL";
        Ok(execute!(self.tx, sqlx::query(SQL).bind(account).bind(period.to_string()).bind(now.timestamp())) > 0)
    }

    /// The codes of now are in the month's current revision. `made_at` is set if a revision was made for them.
    pub async fn settle_codes(
        &mut self,
        account: Key,
        period: Period,
        made_at: Option<DateTime<Utc>>,
    ) -> Result<(), StoreError> {
        const SQL: &str = "UPDATE code_revision SET changed_at = NULL, asked_at = NULL,
                    made_at = COALESCE(CAST($3 AS BIGINT), made_at)
             WHERE account_key = $1 AND period = $2 AND changed_at IS NOT NULL";
        let made_at = made_at.map(|at| at.timestamp());
        execute!(self.tx, sqlx::query(SQL).bind(account).bind(period.to_string()).bind(made_at));
        Ok(())
    }

    /// The account's closed months that need a revision because legs that they charge were voided, or because of
    /// codes: of those asked for, or with `all_recoded` of every one whose codes were changed.
    pub async fn months_to_be_revised(&mut self, account: Key, all_recoded: bool) -> Result<Vec<Period>, StoreError> {
        const SQL: &str = "SELECT charged_in FROM voided_leg
             WHERE account_key = $1 AND charged_in IS NOT NULL AND charged_until IS NULL AND undone_at IS NULL
             UNION SELECT period FROM code_revision
             WHERE account_key = $1 AND changed_at IS NOT NULL AND (asked_at IS NOT NULL OR $2)
             ORDER BY 1";
        let months = fetch!(all, self.tx, sqlx::query_scalar::<_, String>(SQL).bind(account).bind(all_recoded));
        months.into_iter().map(|period| parse("closing", &period, "period", &period)).collect()
    }

    /// Closed months that an owner has asked to revise, and with `all` every one whose codes were changed.
    pub async fn waiting_recodings(&mut self, all: bool) -> Result<Vec<(WaitingRevision, bool)>, StoreError> {
        const SQL: &str = "SELECT v.account_key, a.account_number, v.period, k.starts_at, k.ends_at, v.changed_at,
                    v.asked_at IS NOT NULL AS is_asked
             FROM code_revision v JOIN account a ON a.account_key = v.account_key
                  JOIN closing k ON k.account_key = v.account_key AND k.period = v.period
             WHERE v.changed_at IS NOT NULL AND (v.asked_at IS NOT NULL OR $1)
             ORDER BY a.account_number, v.period";
        let records = fetch!(all, self.tx, sqlx::query_as::<_, RecodingRecord>(SQL).bind(all));
        records.into_iter().map(|record| Ok((WaitingRevision::try_from(&record)?, record.is_asked))).collect()
    }
}

impl TryFrom<&RecodingRecord> for WaitingRevision {
    type Error = StoreError;

    fn try_from(record: &RecodingRecord) -> Result<Self, StoreError> {
        let row = record.account_number.as_str();
        Ok(Self {
            account: record.account_key,
            number: parse("account", row, "account_number", row)?,
            bounds: period_bounds("code_revision", row, (&record.period, record.starts_at, record.ends_at))?,
            newest_arrival: record.changed_at,
            has_voids: false,
        })
    }
}
