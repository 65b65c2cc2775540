//! A month as staff see it: every account of it with its figures, the state of its statement, the states of its
//! messages.

use std::collections::{BTreeMap, HashMap};

use sqlx::AssertSqlSafe;

use crate::domain::{AccountNumber, Amount, Currency, Period, PeriodState, Totals};
use crate::store::engine::decode::parse;
use crate::store::engine::lists::{list, list_sql};
use crate::store::reports::account_months::ACCOUNT_MONTHS;
use crate::store::statements::document::StatementSummary;
use crate::store::{DeliveryState, Key, Staff, StatementKey, StoreError, fetch, record};

/// An account's month.
#[derive(Debug, Clone)]
pub struct MonthAccount {
    pub account_key: Key,
    pub account: AccountNumber,
    /// As it is called now.
    pub company: String,
    pub state: PeriodState,
    /// The obstacle and what to do, where the month is parked or failed.
    pub detail: Option<String>,
    /// `None` if there is none.
    pub statement: Option<MonthStatement>,
}

/// The current statement of an account's month.
#[derive(Debug, Clone)]
pub struct MonthStatement {
    pub key: StatementKey,
    pub revision: u32,
    pub totals: Totals,
    pub currency: Currency,
    pub is_published: bool,
    /// It has left the archive.
    pub has_left: bool,
    /// What the month before was charged, in the same currency.
    pub before: Option<Amount>,
    /// How many of its messages are in each state; of one that was sent again, the last counts.
    pub deliveries: BTreeMap<DeliveryState, u64>,
}

/// A month's statements of one currency together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MonthTotals {
    pub period: Period,
    pub currency: Currency,
    pub statements: u64,
    pub accumulated_seconds: u64,
    pub charge: Amount,
}

/// How far a month's accounts and statements have come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct MonthProgress {
    /// Accounts whose month is closed.
    pub closed: u64,
    pub statements: u64,
    pub published: u64,
    /// Messages, and those that the server took.
    pub messages: u64,
    pub accepted: u64,
}

record! {
    struct MonthRecord {
        account_key: Key,
        account_number: String,
        company: String,
        state: String,
        detail: Option<String>,
        statement_key: Option<Key>,
        revision: Option<i64>,
        conferences: Option<i64>,
        participants: Option<i64>,
        accumulated_seconds: Option<i64>,
        charge: Option<i64>,
        currency: Option<String>,
        published_at: Option<i64>,
        expired_at: Option<i64>,
        before: Option<i64>,
    }

    struct TotalsRecord {
        period: String,
        currency: String,
        statements: i64,
        accumulated_seconds: i64,
        charge: i64,
    }
}

impl Staff<'_> {
    /// Every account's month that is stored, by account; open months are not.
    pub async fn month_accounts(&mut self, period: Period) -> Result<Vec<MonthAccount>, StoreError> {
        let sql = format!(
            "SELECT a.account_key, a.account_number, a.company, m.state, m.detail, s.statement_key, s.revision,
                    s.conferences, s.participants, s.accumulated_seconds, s.charge, s.currency, s.published_at,
                    s.expired_at, b.charge AS before
             FROM {ACCOUNT_MONTHS} m JOIN account a ON a.account_key = m.account_key
                  LEFT JOIN statement s ON s.account_key = m.account_key AND s.period = m.period AND s.is_current
                       AND m.state <> 'parked'
                  LEFT JOIN statement b ON b.account_key = m.account_key AND b.period = $2 AND b.is_current
                       AND b.currency = s.currency
             WHERE m.period = $1 AND m.state <> 'history' ORDER BY a.account_number, m.state"
        );
        let records = fetch!(
            all,
            self.tx,
            sqlx::query_as::<_, MonthRecord>(AssertSqlSafe(sql))
                .bind(period.to_string())
                .bind(period.previous().to_string())
        );
        let mut states = self.month_delivery_states(period).await?;
        records.into_iter().map(|record| record.into_account(&mut states)).collect()
    }

    async fn month_delivery_states(
        &mut self,
        period: Period,
    ) -> Result<HashMap<Key, BTreeMap<DeliveryState, u64>>, StoreError> {
        const SQL: &str = "SELECT d.statement_key, d.state, COUNT(*)
             FROM statement s JOIN delivery d ON d.statement_key = s.statement_key
             WHERE s.period = $1 AND s.is_current AND NOT EXISTS (
                 SELECT 1 FROM delivery later
                 WHERE later.statement_key = d.statement_key AND later.room_number = d.room_number
                   AND later.recipient = d.recipient AND later.resend > d.resend)
             GROUP BY d.statement_key, d.state";
        type Row = (Key, String, i64);
        let mut states = HashMap::<Key, BTreeMap<DeliveryState, u64>>::new();
        for (statement, state, count) in fetch!(all, self.tx, sqlx::query_as::<_, Row>(SQL).bind(period.to_string()))
        {
            let state = parse("delivery", &statement.to_string(), "state", &state)?;
            states.entry(statement).or_default().insert(state, count.cast_unsigned());
        }
        Ok(states)
    }

    /// How many rooms of each statement had usage.
    pub async fn statement_rooms(
        &mut self,
        statements: &[StatementKey],
    ) -> Result<HashMap<StatementKey, usize>, StoreError> {
        const SQL: &str = "SELECT s.statement_key, s.summary FROM {list}
             CROSS JOIN statement s WHERE s.statement_key = CAST(item.value ->> 0 AS BIGINT)";
        let keys = list(statements.iter().map(|statement| (statement.0,)))?;
        let sql = list_sql(self.tx, SQL);
        let rows = fetch!(all, self.tx, sqlx::query_as::<_, (Key, String)>(sql).bind(keys.as_str()));
        let count = |(key, summary): (Key, String)| {
            let summary: StatementSummary = serde_json::from_str(&summary)
                .map_err(|error| StoreError::corrupt("statement", key.to_string(), "summary")(error.to_string()))?;
            Ok((StatementKey(key), summary.rooms.len()))
        };
        rows.into_iter().map(count).collect()
    }

    /// Per month from `from` on and currency, what its current statements come to; oldest first.
    pub async fn month_totals(&mut self, from: Period) -> Result<Vec<MonthTotals>, StoreError> {
        const SQL: &str = "SELECT period, currency, COUNT(*) AS statements,
                    CAST(SUM(accumulated_seconds) AS BIGINT) AS accumulated_seconds,
                    CAST(SUM(charge) AS BIGINT) AS charge
             FROM statement WHERE is_current AND period >= $1 GROUP BY period, currency ORDER BY period, currency";
        let records = fetch!(all, self.tx, sqlx::query_as::<_, TotalsRecord>(SQL).bind(from.to_string()));
        records.into_iter().map(MonthTotals::try_from).collect()
    }

    /// How far the accounts and the current statements of a month have come.
    pub async fn month_progress(&mut self, period: Period) -> Result<MonthProgress, StoreError> {
        const CLOSED: &str = "SELECT COUNT(*) FROM closing WHERE period = $1";
        const STATEMENTS: &str =
            "SELECT COUNT(*), COUNT(published_at) FROM statement WHERE period = $1 AND is_current";
        const MESSAGES: &str =
            "SELECT COUNT(*), CAST(COALESCE(SUM(CASE WHEN d.state = 'accepted' THEN 1 ELSE 0 END), 0) AS BIGINT)
             FROM statement s JOIN delivery d ON d.statement_key = s.statement_key
             WHERE s.period = $1 AND s.is_current";
        let period = period.to_string();
        let closed: i64 = fetch!(one, self.tx, sqlx::query_scalar(CLOSED).bind(period.as_str()));
        let (statements, published) =
            fetch!(one, self.tx, sqlx::query_as::<_, (i64, i64)>(STATEMENTS).bind(period.as_str()));
        let (messages, accepted) =
            fetch!(one, self.tx, sqlx::query_as::<_, (i64, i64)>(MESSAGES).bind(period.as_str()));
        Ok(MonthProgress {
            closed: closed.cast_unsigned(),
            statements: statements.cast_unsigned(),
            published: published.cast_unsigned(),
            messages: messages.cast_unsigned(),
            accepted: accepted.cast_unsigned(),
        })
    }
}

impl TryFrom<TotalsRecord> for MonthTotals {
    type Error = StoreError;

    fn try_from(record: TotalsRecord) -> Result<Self, StoreError> {
        let row = record.period.as_str();
        Ok(Self {
            period: parse("statement", row, "period", row)?,
            currency: parse("statement", row, "currency", &record.currency)?,
            statements: record.statements.cast_unsigned(),
            accumulated_seconds: record.accumulated_seconds.cast_unsigned(),
            charge: Amount(record.charge),
        })
    }
}

impl MonthRecord {
    fn into_account(
        self,
        states: &mut HashMap<Key, BTreeMap<DeliveryState, u64>>,
    ) -> Result<MonthAccount, StoreError> {
        let row = self.account_number.as_str();
        let statement = match (self.statement_key, &self.currency) {
            (Some(key), Some(currency)) => Some(MonthStatement {
                key: StatementKey(key),
                revision: u32::try_from(self.revision.unwrap_or_default()).unwrap_or_default(),
                totals: Totals {
                    conferences: self.conferences.unwrap_or_default().cast_unsigned(),
                    participants: self.participants.unwrap_or_default().cast_unsigned(),
                    accumulated_seconds: self.accumulated_seconds.unwrap_or_default().cast_unsigned(),
                    charge: Amount(self.charge.unwrap_or_default()),
                },
                currency: parse("statement", row, "currency", currency)?,
                is_published: self.published_at.is_some(),
                has_left: self.expired_at.is_some(),
                before: self.before.map(Amount),
                deliveries: states.remove(&key).unwrap_or_default(),
            }),
            _ => None,
        };
        Ok(MonthAccount {
            account_key: self.account_key,
            account: parse("account", row, "account_number", row)?,
            state: parse("closing", row, "state", &self.state)?,
            company: self.company,
            detail: self.detail,
            statement,
        })
    }
}
