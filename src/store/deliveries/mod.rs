//! The ledger of mail: how far each delivery came, as people read it and move it by hand.
//!
//! `queued ▸ sending ▸ accepted | deferred | bounced | held | unknown`. How a row changes while its message is being
//! sent is in `sending`.

pub(crate) mod attempt;
pub(crate) mod bounces;
pub(crate) mod notices;
pub(crate) mod pause;
pub(crate) mod recipients;
pub(crate) mod sending;
pub(crate) mod superseded;
pub(crate) mod unwritten;
pub(crate) mod unwritten_queue;

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Utc};
use serde::Serialize;
use sqlx::AssertSqlSafe;

use crate::domain::{AccountNumber, EmailAddress, Name, Period, RoomNumber};
use crate::store::deliveries::superseded::{AND_NOT_ACCEPTED, SUPERSEDED};
use crate::store::engine::decode::{count, instant, parse, parse_optional, revision_number, room};
use crate::store::{Deliveries, Key, StatementKey, StoreError, execute, fetch, record};

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
    pub queued_at: DateTime<Utc>,
    /// When the server took it; also of what came back afterwards.
    pub accepted_at: Option<DateTime<Utc>>,
    /// A later message brings its reader the same, or it was dismissed: no one needs to look at this one any more.
    pub superseded: bool,
    /// When a person said that it is no longer needed.
    pub dismissed_at: Option<DateTime<Utc>>,
    #[serde(skip)]
    pub key: Key,
    #[serde(skip)]
    pub statement: StatementKey,
    #[serde(skip)]
    pub account_key: Key,
    #[serde(skip)]
    pub recipient_name: Option<Name>,
    /// `None` if nothing more is tried by itself.
    #[serde(skip)]
    pub next_attempt_at: Option<DateTime<Utc>>,
    #[serde(skip)]
    pub changed_at: DateTime<Utc>,
    /// How often the whole message went out and no answer came back.
    #[serde(skip)]
    pub lost_answers: u32,
    /// Held because its statement is beyond the safety bounds.
    #[serde(skip)]
    pub awaits_approval: bool,
    #[serde(skip)]
    pub company: Name,
}

impl Delivery {
    /// What is said after its state once it is settled.
    pub fn settled_by(&self) -> &'static str {
        match (self.dismissed_at, self.superseded) {
            (Some(_), _) => ", dismissed",
            (None, true) => ", sent anew",
            (None, false) => "",
        }
    }
}

/// Which rows of the ledger; a `None` does not narrow.
#[derive(Debug, Clone, Default)]
pub struct DeliveryFilter {
    pub state: Option<DeliveryState>,
    pub period: Option<Period>,
    pub account: Option<AccountNumber>,
    pub recipient: Option<EmailAddress>,
    /// A Message-ID, or the first digits of one.
    pub message_id: Option<String>,
}

record! {
    pub(crate) struct DeliveryRecord {
        delivery_key: Key,
        statement_key: Key,
        account_key: Key,
        account_number: String,
        period: String,
        revision: i64,
        room_number: String,
        recipient: String,
        recipient_name: Option<String>,
        state: String,
        attempts: i64,
        message_id: String,
        last_answer: Option<String>,
        queued_at: i64,
        accepted_at: Option<i64>,
        superseded: bool,
        dismissed_at: Option<i64>,
        next_attempt_at: Option<i64>,
        changed_at: i64,
        lost_answers: i64,
        awaits_approval: bool,
        company: String,
    }
}

/// What a [`DeliveryRecord`] is made of: a `delivery d`, its `statement s` and its `account a`.
pub(crate) fn delivery_columns() -> String {
    format!(
        "d.delivery_key, s.statement_key, s.account_key, a.account_number, s.period, s.revision, d.room_number,
         d.recipient, d.recipient_name, d.state, d.attempts, d.message_id, d.last_answer, d.queued_at, d.accepted_at,
         d.next_attempt_at, d.changed_at, d.lost_answers, d.awaits_approval, a.company, d.dismissed_at,
         CASE WHEN d.state IN ('bounced', 'unknown', 'held') THEN {SUPERSEDED} ELSE FALSE END AS superseded"
    )
}

impl Deliveries<'_> {
    /// The ledger, ordered by period, account, revision, room, recipient.
    pub async fn list(&mut self, filter: &DeliveryFilter) -> Result<Vec<Delivery>, StoreError> {
        let sql = format!(
            "SELECT {}
             FROM delivery d JOIN statement s ON s.statement_key = d.statement_key
                  JOIN account a ON a.account_key = s.account_key
             WHERE ($1 IS NULL OR d.state = $1) {} AND ($2 IS NULL OR s.period = $2)
               AND ($3 IS NULL OR a.account_number = $3) AND ($4 IS NULL OR SUBSTR(d.message_id, 1, LENGTH($4)) = $4)
               AND ($5 IS NULL OR LOWER(d.recipient) = LOWER($5))
             ORDER BY s.period, a.account_number, s.revision, d.room_number, d.recipient, d.resend",
            delivery_columns(),
            filter.state.filter(|state| *state != DeliveryState::Accepted).map_or("", |_| AND_NOT_ACCEPTED)
        );
        let records = fetch!(
            all,
            self.tx,
            sqlx::query_as::<_, DeliveryRecord>(AssertSqlSafe(sql.clone()))
                .bind(filter.state.map(DeliveryState::as_str))
                .bind(filter.period.map(String::from))
                .bind(filter.account.as_ref().map(|account| account.as_str()))
                .bind(filter.message_id.as_deref())
                .bind(filter.recipient.as_ref().map(EmailAddress::as_str))
        );
        records.into_iter().map(Delivery::try_from).collect()
    }

    /// Settles a delivery: no one needs to look at it any more. False if it has left the state in which it was seen.
    pub async fn dismiss(
        &mut self,
        delivery: Key,
        seen: DeliveryState,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        const SQL: &str = "UPDATE delivery SET dismissed_at = $3, next_attempt_at = NULL
             WHERE delivery_key = $1 AND state = $2";
        let written = execute!(self.tx, sqlx::query(SQL).bind(delivery).bind(seen.as_str()).bind(now.timestamp()));
        Ok(written == 1)
    }

    /// Moves a delivery from one state to another by hand; false if it is in another state by now.
    ///
    /// Where `next_attempt_at` is `None`, nothing is tried by itself. A new attempt counts as the first for back-off.
    pub async fn move_delivery(
        &mut self,
        delivery: Key,
        from: DeliveryState,
        to: DeliveryState,
        next_attempt_at: Option<DateTime<Utc>>,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        const SQL: &str =
            "UPDATE delivery SET state = $3, next_attempt_at = $4, trying_since = NULL, changed_at = $5,
                    dismissed_at = NULL
             WHERE delivery_key = $1 AND state = $2";
        let written = execute!(
            self.tx,
            sqlx::query(SQL)
                .bind(delivery)
                .bind(from.as_str())
                .bind(to.as_str())
                .bind(next_attempt_at.map(|at| at.timestamp()))
                .bind(now.timestamp())
        );
        Ok(written == 1)
    }
}

impl TryFrom<DeliveryRecord> for Delivery {
    type Error = StoreError;

    fn try_from(record: DeliveryRecord) -> Result<Self, StoreError> {
        let row = record.delivery_key.to_string();
        Ok(Self {
            account: parse("account", &row, "account_number", &record.account_number)?,
            period: parse("statement", &row, "period", &record.period)?,
            revision: revision_number(&row, record.revision)?,
            room: room(&row, &record.room_number)?,
            recipient: parse("delivery", &row, "recipient", &record.recipient)?,
            state: parse("delivery", &row, "state", &record.state)?,
            attempts: count("delivery", &row, "attempts", record.attempts)?,
            message_id: record.message_id,
            last_answer: record.last_answer,
            key: record.delivery_key,
            queued_at: instant("delivery", &row, "queued_at", record.queued_at)?,
            accepted_at: record.accepted_at.map(|at| instant("delivery", &row, "accepted_at", at)).transpose()?,
            superseded: record.superseded,
            dismissed_at: record.dismissed_at.map(|at| instant("delivery", &row, "dismissed_at", at)).transpose()?,
            statement: StatementKey(record.statement_key),
            account_key: record.account_key,
            recipient_name: parse_optional("delivery", &row, "recipient_name", record.recipient_name.as_deref())?,
            next_attempt_at: record
                .next_attempt_at
                .map(|at| instant("delivery", &row, "next_attempt_at", at))
                .transpose()?,
            changed_at: instant("delivery", &row, "changed_at", record.changed_at)?,
            lost_answers: count("delivery", &row, "lost_answers", record.lost_answers)?,
            awaits_approval: record.awaits_approval,
            company: parse("account", &row, "company", &record.company)?,
        })
    }
}
