//! The ledger of mail: how far each delivery came.
//!
//! `queued ▸ sending ▸ accepted | deferred | bounced | held | unknown`. A row is claimed before anything is sent
//! and carries the step that the conversation had reached, so that a death in between leaves the truth behind.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Utc};
use serde::Serialize;
use sqlx::FromRow;

use super::due::instant;
use super::master::{parse, parse_optional};
use super::{Key, StatementKey, StoreError, Tx, execute, fetch};
use crate::domain::{AccountNumber, EmailAddress, Name, Period, RoomNumber};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryState {
    Queued,
    Sending,
    Accepted,
    Deferred,
    Bounced,
    Held,
    Unknown,
}

impl DeliveryState {
    pub const ALL: [Self; 7] =
        [Self::Queued, Self::Sending, Self::Accepted, Self::Deferred, Self::Bounced, Self::Held, Self::Unknown];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Sending => "sending",
            Self::Accepted => "accepted",
            Self::Deferred => "deferred",
            Self::Bounced => "bounced",
            Self::Held => "held",
            Self::Unknown => "unknown",
        }
    }
}

impl fmt::Display for DeliveryState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for DeliveryState {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|state| state.as_str() == text).ok_or_else(|| {
            let all: Vec<_> = Self::ALL.iter().map(|state| state.as_str()).collect();
            format!("is not a delivery state: {text:?} (one of {})", all.join(", "))
        })
    }
}

/// A message whose time has come, claimed by this process.
#[derive(Debug, Clone)]
pub struct DueDelivery {
    pub key: Key,
    pub statement: StatementKey,
    pub room: Option<RoomNumber>,
    pub recipient: EmailAddress,
    pub recipient_name: Option<Name>,
    pub message_id: String,
    pub queued_at: DateTime<Utc>,
    /// This one included.
    pub attempts: u32,
    /// It was sent once before, and nobody knows whether it arrived.
    pub was_unknown: bool,
}

/// What came of an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    pub state: DeliveryState,
    pub next_attempt_at: Option<DateTime<Utc>>,
    /// The server's words or ours.
    pub answer: String,
}

/// A row of the ledger, as people see it.
#[derive(Debug, Clone, Serialize)]
pub struct Delivery {
    pub account: AccountNumber,
    pub period: Period,
    pub revision: u32,
    pub room: Option<RoomNumber>,
    pub recipient: EmailAddress,
    pub state: DeliveryState,
    pub attempts: u32,
    pub message_id: String,
    pub last_answer: Option<String>,
    #[serde(skip)]
    pub key: Key,
    #[serde(skip)]
    pub queued_at: DateTime<Utc>,
    #[serde(skip)]
    pub next_attempt_at: Option<DateTime<Utc>>,
}

/// Which rows of the ledger; what is None does not narrow.
#[derive(Debug, Clone, Default)]
pub struct DeliveryFilter {
    pub state: Option<DeliveryState>,
    pub period: Option<Period>,
    pub account: Option<AccountNumber>,
    pub message_id: Option<String>,
}

#[derive(FromRow)]
struct DueRecord {
    delivery_key: Key,
    statement_key: Key,
    room_number: String,
    recipient: String,
    recipient_name: Option<String>,
    message_id: String,
    queued_at: i64,
    attempts: i64,
    state: String,
}

#[derive(FromRow)]
struct DeliveryRecord {
    delivery_key: Key,
    account_number: String,
    period: String,
    revision: i64,
    room_number: String,
    recipient: String,
    state: String,
    attempts: i64,
    message_id: String,
    last_answer: Option<String>,
    queued_at: i64,
    next_attempt_at: Option<i64>,
}

impl Tx {
    /// Claims up to `limit` due deliveries of published statements, the longest due first.
    pub async fn claim_deliveries(&mut self, now: DateTime<Utc>, limit: u32) -> Result<Vec<DueDelivery>, StoreError> {
        const DUE: &str = "SELECT d.delivery_key, d.statement_key, d.room_number, d.recipient, d.recipient_name,
                    d.message_id, d.queued_at, d.attempts, d.state
             FROM delivery d JOIN statement s ON s.statement_key = d.statement_key
             WHERE d.next_attempt_at <= $1 AND d.state IN ('queued', 'deferred', 'unknown')
               AND s.published_at IS NOT NULL
             ORDER BY d.next_attempt_at, d.delivery_key LIMIT $2";
        const CLAIM: &str = "UPDATE delivery SET state = 'sending', step = NULL, attempts = attempts + 1,
                    next_attempt_at = NULL, changed_at = $2
             WHERE delivery_key = $1 AND state IN ('queued', 'deferred', 'unknown')";
        let records =
            fetch!(all, self, sqlx::query_as::<_, DueRecord>(DUE).bind(now.timestamp()).bind(i64::from(limit)));
        let mut claimed = Vec::with_capacity(records.len());
        for record in records {
            let written = execute!(self, sqlx::query(CLAIM).bind(record.delivery_key).bind(now.timestamp()));
            if written == 1 {
                claimed.push(record.try_into()?);
            }
        }
        Ok(claimed)
    }

    /// Notes how far the conversation came, before the step is taken.
    pub async fn note_step(&mut self, delivery: Key, step: &'static str) -> Result<(), StoreError> {
        let written = execute!(
            self,
            sqlx::query("UPDATE delivery SET step = $2 WHERE delivery_key = $1 AND state = 'sending'")
                .bind(delivery)
                .bind(step)
        );
        StoreError::expect_one(written, "delivery that is being sent")
    }

    /// Ends an attempt.
    pub async fn record_verdict(
        &mut self,
        delivery: Key,
        verdict: &Verdict,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let written =
            execute!(self, sqlx::query(
            "UPDATE delivery SET state = $2, step = NULL, next_attempt_at = $3, last_answer = $4, changed_at = $5
             WHERE delivery_key = $1 AND state = 'sending'"
        )
        .bind(delivery)
        .bind(verdict.state.as_str())
        .bind(verdict.next_attempt_at.map(|at| at.timestamp()))
        .bind(verdict.answer.as_str())
        .bind(now.timestamp()));
        StoreError::expect_one(written, "delivery that was being sent")
    }

    /// What a process that died was sending: (key, whether the body was under way).
    pub async fn interrupted_deliveries(&mut self) -> Result<Vec<(Key, bool)>, StoreError> {
        let rows = fetch!(
            all,
            self,
            sqlx::query_as::<_, (Key, Option<String>)>(
                "SELECT delivery_key, step FROM delivery WHERE state = 'sending' ORDER BY delivery_key"
            )
        );
        Ok(rows.into_iter().map(|(key, step)| (key, step.as_deref() == Some("body_under_way"))).collect())
    }

    /// The ledger, ordered by period, account, revision, room, recipient.
    pub async fn deliveries(&mut self, filter: &DeliveryFilter) -> Result<Vec<Delivery>, StoreError> {
        const SQL: &str = "SELECT d.delivery_key, a.account_number, s.period, s.revision, d.room_number, d.recipient,
                    d.state, d.attempts, d.message_id, d.last_answer, d.queued_at, d.next_attempt_at
             FROM delivery d JOIN statement s ON s.statement_key = d.statement_key
                  JOIN account a ON a.account_key = s.account_key
             WHERE ($1 IS NULL OR d.state = $1) AND ($2 IS NULL OR s.period = $2)
               AND ($3 IS NULL OR a.account_number = $3) AND ($4 IS NULL OR d.message_id = $4)
             ORDER BY s.period, a.account_number, s.revision, d.room_number, d.recipient, d.resend";
        let records = fetch!(
            all,
            self,
            sqlx::query_as::<_, DeliveryRecord>(SQL)
                .bind(filter.state.map(DeliveryState::as_str))
                .bind(filter.period.map(String::from))
                .bind(filter.account.as_ref().map(|account| account.as_str()))
                .bind(filter.message_id.as_deref())
        );
        records.into_iter().map(Delivery::try_from).collect()
    }

    /// Moves a delivery by hand, if it is in one of `from`; false if it is not.
    pub async fn move_delivery(
        &mut self,
        delivery: Key,
        from: &[DeliveryState],
        verdict: &Verdict,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        const SQL: &str = "UPDATE delivery SET state = $2, next_attempt_at = $3, last_answer = $4, changed_at = $5
             WHERE delivery_key = $1 AND state = $6";
        let mut written = 0;
        for state in from {
            written += execute!(
                self,
                sqlx::query(SQL)
                    .bind(delivery)
                    .bind(verdict.state.as_str())
                    .bind(verdict.next_attempt_at.map(|at| at.timestamp()))
                    .bind(verdict.answer.as_str())
                    .bind(now.timestamp())
                    .bind(state.as_str())
            );
        }
        Ok(written > 0)
    }
}

impl TryFrom<DueRecord> for DueDelivery {
    type Error = StoreError;

    fn try_from(record: DueRecord) -> Result<Self, StoreError> {
        let row = record.delivery_key.to_string();
        Ok(Self {
            key: record.delivery_key,
            statement: StatementKey(record.statement_key),
            room: room(&row, &record.room_number)?,
            recipient: parse("delivery", &row, "recipient", &record.recipient)?,
            recipient_name: parse_optional("delivery", &row, "recipient_name", record.recipient_name.as_deref())?,
            message_id: record.message_id,
            queued_at: instant(&row, record.queued_at)?,
            attempts: count(&row, record.attempts)? + 1,
            was_unknown: record.state == DeliveryState::Unknown.as_str(),
        })
    }
}

impl TryFrom<DeliveryRecord> for Delivery {
    type Error = StoreError;

    fn try_from(record: DeliveryRecord) -> Result<Self, StoreError> {
        let row = record.delivery_key.to_string();
        Ok(Self {
            account: parse("account", &row, "account_number", &record.account_number)?,
            period: parse("statement", &row, "period", &record.period)?,
            revision: count(&row, record.revision)?,
            room: room(&row, &record.room_number)?,
            recipient: parse("delivery", &row, "recipient", &record.recipient)?,
            state: parse("delivery", &row, "state", &record.state)?,
            attempts: count(&row, record.attempts)?,
            message_id: record.message_id,
            last_answer: record.last_answer,
            key: record.delivery_key,
            queued_at: instant(&row, record.queued_at)?,
            next_attempt_at: record.next_attempt_at.map(|at| instant(&row, at)).transpose()?,
        })
    }
}

fn room(row: &str, number: &str) -> Result<Option<RoomNumber>, StoreError> {
    parse_optional("delivery", row, "room_number", Some(number).filter(|number| !number.is_empty()))
}

fn count(row: &str, number: i64) -> Result<u32, StoreError> {
    u32::try_from(number).map_err(|error| StoreError::corrupt("delivery", row, "attempts")(error.to_string()))
}
