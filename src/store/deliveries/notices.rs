//! Mail to the operator: what it is made from, and that each goes out once.

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::AssertSqlSafe;

use crate::domain::{AccountNumber, Amount, Currency, EmailAddress, Period, PeriodState};
use crate::store::deliveries::superseded::{AND_NOT_ACCEPTED, SUPERSEDED};
use crate::store::engine::decode::{instant, parse, parse_optional};
use crate::store::reports::account_months::ACCOUNT_MONTHS;
use crate::store::{DeliveryState, Notices, StoreError, execute, fetch, record};

/// A process that has not noted for so long that its notice went out is taken for dead.
const LONGEST_SENDING: TimeDelta = TimeDelta::hours(1);

/// The identity of a notice.
#[derive(Debug, Clone, Copy)]
pub struct NoticeKey<'a> {
    pub kind: &'static str,
    /// A day, or a month.
    pub subject: &'a str,
    pub recipient: &'a EmailAddress,
}

/// Mail of one account's month that did not arrive, or may not go.
#[derive(Debug, Clone)]
pub struct MailProblem {
    pub account: AccountNumber,
    pub period: Period,
    /// Bounced, unknown or held.
    pub state: DeliveryState,
    pub messages: i64,
    /// Of the first of them.
    pub since: DateTime<Utc>,
}

/// One account's closed or parked month.
#[derive(Debug, Clone)]
pub struct ReportedAccount {
    pub account: AccountNumber,
    /// Closed, empty, failed or parked.
    pub state: PeriodState,
    pub revision: Option<i64>,
    pub currency: Option<Currency>,
    pub charge: Option<Amount>,
    /// Of the month before, in the same currency.
    pub charge_before: Option<Amount>,
    /// What to do where something is wrong.
    pub detail: Option<String>,
}

record! {
    struct MailProblemRecord {
        account_number: String,
        period: String,
        state: String,
        messages: i64,
        since: i64,
    }

    struct ReportedRecord {
        account_number: String,
        state: String,
        revision: Option<i64>,
        currency: Option<String>,
        charge: Option<i64>,
        charge_before: Option<i64>,
        detail: Option<String>,
    }
}

impl Notices<'_> {
    /// Takes the right to send a notice; false if it was sent, or is being sent.
    pub async fn claim(&mut self, key: NoticeKey<'_>, now: DateTime<Utc>) -> Result<bool, StoreError> {
        const SQL: &str = "INSERT INTO notice (kind, subject, recipient, claimed_at) VALUES ($1, $2, $3, $4)
             ON CONFLICT (kind, subject, recipient) DO UPDATE SET claimed_at = excluded.claimed_at
             WHERE notice.sent_at IS NULL AND notice.claimed_at <= $5";
        let written = execute!(
            self.tx,
            sqlx::query(SQL)
                .bind(key.kind)
                .bind(key.subject)
                .bind(key.recipient.as_str())
                .bind(now.timestamp())
                .bind((now - LONGEST_SENDING).timestamp())
        );
        Ok(written == 1)
    }

    /// Whether a notice was sent, or is being sent.
    pub async fn has(&mut self, key: NoticeKey<'_>, now: DateTime<Utc>) -> Result<bool, StoreError> {
        const SQL: &str = "SELECT COUNT(*) FROM notice WHERE kind = $1 AND subject = $2 AND recipient = $3
             AND (sent_at IS NOT NULL OR claimed_at > $4)";
        let found: i64 = fetch!(
            one,
            self.tx,
            sqlx::query_scalar(SQL)
                .bind(key.kind)
                .bind(key.subject)
                .bind(key.recipient.as_str())
                .bind((now - LONGEST_SENDING).timestamp())
        );
        Ok(found > 0)
    }

    /// The notice went out, or never will.
    pub async fn settle(&mut self, key: NoticeKey<'_>, now: DateTime<Utc>) -> Result<(), StoreError> {
        const SQL: &str = "UPDATE notice SET sent_at = $4 WHERE kind = $1 AND subject = $2 AND recipient = $3";
        execute!(
            self.tx,
            sqlx::query(SQL).bind(key.kind).bind(key.subject).bind(key.recipient.as_str()).bind(now.timestamp())
        );
        Ok(())
    }

    /// No one has got the notice: the next round tries again.
    pub async fn give_back(&mut self, key: NoticeKey<'_>) -> Result<(), StoreError> {
        const SQL: &str =
            "DELETE FROM notice WHERE kind = $1 AND subject = $2 AND recipient = $3 AND sent_at IS NULL";
        execute!(self.tx, sqlx::query(SQL).bind(key.kind).bind(key.subject).bind(key.recipient.as_str()));
        Ok(())
    }

    /// Messages that bounced, became unknown or are held and for which no later one speaks, per account and
    /// month; those that wait for approval are told apart.
    pub async fn mail_problems(&mut self) -> Result<Vec<MailProblem>, StoreError> {
        let sql = format!(
            "SELECT a.account_number, s.period, d.state, COUNT(*) AS messages,
                    MIN(d.changed_at) AS since
             FROM delivery d JOIN statement s ON s.statement_key = d.statement_key
                  JOIN account a ON a.account_key = s.account_key
             WHERE d.next_attempt_at IS NULL AND d.state IN ('bounced', 'unknown', 'held') {AND_NOT_ACCEPTED}
                   AND NOT d.awaits_approval AND NOT {SUPERSEDED}
             GROUP BY a.account_number, s.period, d.state ORDER BY 1, 2, 3"
        );
        let records = fetch!(all, self.tx, sqlx::query_as::<_, MailProblemRecord>(AssertSqlSafe(sql)));
        let problem = |record: MailProblemRecord| {
            let row = format!("{} {}", record.account_number, record.period);
            Ok(MailProblem {
                account: parse("account", &row, "account_number", &record.account_number)?,
                period: parse("statement", &row, "period", &record.period)?,
                state: parse("delivery", &row, "state", &record.state)?,
                messages: record.messages,
                since: instant("delivery", &row, "changed_at", record.since)?,
            })
        };
        records.into_iter().map(problem).collect()
    }

    /// When the last of a month's accounts was closed.
    pub async fn last_closed_at(&mut self, period: Period) -> Result<Option<DateTime<Utc>>, StoreError> {
        const SQL: &str = "SELECT MAX(closed_at) FROM closing WHERE period = $1";
        let (at,) = fetch!(one, self.tx, sqlx::query_as::<_, (Option<i64>,)>(SQL).bind(period.to_string()));
        at.map(|at| instant("closing", &period.to_string(), "closed_at", at)).transpose()
    }

    /// A month as its run report lists it, ordered by account.
    pub async fn reported_accounts(&mut self, period: Period) -> Result<Vec<ReportedAccount>, StoreError> {
        let sql = format!(
            "SELECT a.account_number, m.state, m.revision, m.currency, m.charge, b.charge AS charge_before, m.detail
             FROM {ACCOUNT_MONTHS} m JOIN account a ON a.account_key = m.account_key
                  LEFT JOIN statement b ON b.account_key = m.account_key AND b.period = $2 AND b.is_current
                       AND b.currency = m.currency
             WHERE m.period = $1 AND m.state <> 'history' ORDER BY 1"
        );
        let (period, before) = (period.to_string(), period.previous().to_string());
        let records =
            fetch!(all, self.tx, sqlx::query_as::<_, ReportedRecord>(AssertSqlSafe(sql)).bind(&period).bind(before));
        let reported = |record: ReportedRecord| {
            let row = format!("{} {period}", record.account_number);
            Ok(ReportedAccount {
                account: parse("account", &row, "account_number", &record.account_number)?,
                state: parse("closing", &row, "state", &record.state)?,
                revision: record.revision,
                currency: parse_optional("statement", &row, "currency", record.currency.as_deref())?,
                charge: record.charge.map(Amount),
                charge_before: record.charge_before.map(Amount),
                detail: record.detail,
            })
        };
        records.into_iter().map(reported).collect()
    }

    /// What the current statements of a month charge, per currency and in its minor units.
    pub async fn charges_by_currency(&mut self, period: Period) -> Result<Vec<(String, i64)>, StoreError> {
        const SQL: &str = "SELECT currency, CAST(SUM(charge) AS BIGINT) FROM statement
             WHERE period = $1 AND is_current GROUP BY currency ORDER BY currency";
        Ok(fetch!(all, self.tx, sqlx::query_as(SQL).bind(period.to_string())))
    }
}
