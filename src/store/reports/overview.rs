//! What `status` shows.

use sqlx::AssertSqlSafe;

use crate::domain::{AccountNumber, Period};
use crate::store::deliveries::superseded::AND_NOT_ACCEPTED;
use crate::store::engine::decode::parse;
use crate::store::{DeliveryState, Reports, StoreError, fetch, record};

/// Deliveries in one state.
#[derive(Debug, Clone)]
pub struct DeliveryCount {
    pub state: DeliveryState,
    pub deliveries: i64,
}

/// Statements of an account's month whose mail waits for approval.
#[derive(Debug, Clone)]
pub struct AwaitingApproval {
    pub account: AccountNumber,
    pub period: Period,
    /// Why, and what to do.
    pub reason: String,
}

record! {
    struct DeliveryCountRecord {
        state: String,
        deliveries: i64,
    }

    struct AwaitingRecord {
        account_number: String,
        period: String,
        reason: String,
    }
}

impl Reports<'_> {
    /// Messages by state: of one month or all, of one account or all.
    pub async fn delivery_counts(
        &mut self,
        period: Option<Period>,
        account: Option<&AccountNumber>,
    ) -> Result<Vec<DeliveryCount>, StoreError> {
        // Only what narrows is asked for, so that the engines find the index of it.
        let by_period = if period.is_some() { "s.period = $1" } else { "TRUE" };
        let by_account = if account.is_some() { "a.account_number = $2" } else { "TRUE" };
        let sql = format!(
            "SELECT d.state, COUNT(*) AS deliveries
             FROM delivery d JOIN statement s ON s.statement_key = d.statement_key
                  JOIN account a ON a.account_key = s.account_key
             WHERE {by_period} AND {by_account} GROUP BY d.state ORDER BY d.state"
        );
        let (period, account) = (period.map(String::from), account.map(AccountNumber::as_str));
        let records = fetch!(
            all,
            self.tx,
            sqlx::query_as::<_, DeliveryCountRecord>(AssertSqlSafe(sql.clone())).bind(period).bind(account)
        );
        let count = |record: DeliveryCountRecord| {
            let state = parse("delivery", "(all)", "state", &record.state)?;
            Ok(DeliveryCount { state, deliveries: record.deliveries })
        };
        records.into_iter().map(count).collect()
    }

    /// What waits for approval; ordered by account and period.
    pub async fn awaiting_approval(&mut self) -> Result<Vec<AwaitingApproval>, StoreError> {
        let sql = format!(
            "SELECT a.account_number, s.period, MIN(COALESCE(d.last_answer, '')) AS reason
             FROM delivery d JOIN statement s ON s.statement_key = d.statement_key
                  JOIN account a ON a.account_key = s.account_key
             WHERE d.state = 'held' AND d.awaits_approval {AND_NOT_ACCEPTED}
             GROUP BY a.account_number, s.period ORDER BY a.account_number, s.period"
        );
        let records = fetch!(all, self.tx, sqlx::query_as::<_, AwaitingRecord>(AssertSqlSafe(sql)));
        let awaiting = |record: AwaitingRecord| {
            let row = format!("{} {}", record.account_number, record.period);
            Ok(AwaitingApproval {
                account: parse("account", &row, "account_number", &record.account_number)?,
                period: parse("statement", &row, "period", &record.period)?,
                reason: record.reason,
            })
        };
        records.into_iter().map(awaiting).collect()
    }

    /// Late legs that no statement charges yet, per period.
    pub async fn waiting_late_legs(&mut self) -> Result<Vec<(String, i64)>, StoreError> {
        const SQL: &str =
            "SELECT period, COUNT(*) FROM late_leg WHERE charged_in IS NULL GROUP BY period ORDER BY period";
        Ok(fetch!(all, self.tx, sqlx::query_as(SQL)))
    }

    /// Rejected rows that wait, per kind of file.
    pub async fn waiting_rejects(&mut self) -> Result<Vec<(String, i64)>, StoreError> {
        const SQL: &str = "SELECT kind, COUNT(*) FROM rejected_record
             WHERE resolved_at IS NULL AND dismissed_at IS NULL GROUP BY kind ORDER BY kind";
        Ok(fetch!(all, self.tx, sqlx::query_as(SQL)))
    }
}
