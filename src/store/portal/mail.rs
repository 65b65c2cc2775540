//! Messages about passwords: asked for, claimed by the process that sends, and how each ended.

use chrono::{DateTime, TimeDelta, Utc};

use crate::domain::EmailAddress;
use crate::store::engine::decode::{instant, parse};
use crate::store::{Key, PortalMailQueue, StoreError, execute, fetch, record};

/// A message that is due.
#[derive(Debug, Clone)]
pub struct PortalMail {
    pub key: Key,
    pub kind: PortalMailKind,
    pub address: EmailAddress,
    /// The account or room that was named.
    pub number: String,
    /// Attempts begun so far, this one included.
    pub attempts: i64,
    pub queued_at: DateTime<Utc>,
}

/// What a message is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PortalMailKind {
    /// A first password, by the operator's wish.
    Invite,
    /// A link that was asked for on the page.
    Forgotten,
    /// Says that the password was changed.
    Changed,
}

/// The state of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailState {
    Queued,
    Sent,
    /// `mail.only` does not list its domain.
    Held,
    Failed,
    /// The address has no right to the number: there is nothing to send.
    Nothing,
}

record! {
    struct MailRecord {
        mail_key: Key,
        kind: String,
        address: String,
        number: String,
        attempts: i64,
        queued_at: i64,
    }
}

impl PortalMailQueue<'_> {
    /// Queues a message, unless the same one waits already.
    pub async fn queue_mail(
        &mut self,
        kind: PortalMailKind,
        address: &EmailAddress,
        number: &str,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        const SQL: &str =
            "INSERT INTO portal_mail (kind, address, number, state, attempts, queued_at, next_attempt_at)
             SELECT $1, $2, $3, 'queued', 0, $4, $4
             WHERE NOT EXISTS (SELECT 1 FROM portal_mail WHERE kind = $1 AND address = $2 AND number = $3
                               AND next_attempt_at IS NOT NULL AND attempts = 0)";
        let written = execute!(
            self.tx,
            sqlx::query(SQL).bind(kind.as_str()).bind(address.as_str()).bind(number).bind(now.timestamp())
        );
        Ok(written == 1)
    }

    /// Whether an invitation went to the address since then: its link still works.
    pub async fn was_invited_since(
        &mut self,
        address: &EmailAddress,
        since: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        const SQL: &str = "SELECT EXISTS (SELECT 1 FROM portal_mail
             WHERE kind = $1 AND address = $2 AND state = 'sent' AND ended_at > $3)";
        let kind = PortalMailKind::Invite.as_str();
        Ok(fetch!(one, self.tx, sqlx::query_scalar(SQL).bind(kind).bind(address.as_str()).bind(since.timestamp())))
    }

    pub async fn has_due_mail(&mut self, now: DateTime<Utc>) -> Result<bool, StoreError> {
        const SQL: &str = "SELECT EXISTS (SELECT 1 FROM portal_mail WHERE next_attempt_at <= $1)";
        Ok(fetch!(one, self.tx, sqlx::query_scalar(SQL).bind(now.timestamp())))
    }

    /// Takes the next message that is due. It is due again after `lease` unless its result is noted.
    pub async fn claim_mail(
        &mut self,
        now: DateTime<Utc>,
        lease: TimeDelta,
    ) -> Result<Option<PortalMail>, StoreError> {
        const SQL: &str = "UPDATE portal_mail SET attempts = attempts + 1, next_attempt_at = $2
             WHERE mail_key = (SELECT mail_key FROM portal_mail WHERE next_attempt_at <= $1
                               ORDER BY next_attempt_at, mail_key LIMIT 1)
               AND next_attempt_at <= $1
             RETURNING mail_key, kind, address, number, attempts, queued_at";
        let claimed = fetch!(
            optional,
            self.tx,
            sqlx::query_as::<_, MailRecord>(SQL).bind(now.timestamp()).bind((now + lease).timestamp())
        );
        claimed.map(PortalMail::try_from).transpose()
    }

    /// Notes how the attempt ended; `next` is when it is tried again. The result of an older attempt changes nothing.
    pub async fn settle_mail(
        &mut self,
        mail: &PortalMail,
        (state, answer): (MailState, Option<&str>),
        next: Option<DateTime<Utc>>,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        const SQL: &str = "UPDATE portal_mail SET state = $3, answer = $4, next_attempt_at = $5,
                    ended_at = CASE WHEN $5 IS NULL THEN $6 END
             WHERE mail_key = $1 AND attempts = $2";
        let written = execute!(
            self.tx,
            sqlx::query(SQL)
                .bind(mail.key)
                .bind(mail.attempts)
                .bind(state.as_str())
                .bind(answer)
                .bind(next.map(|next| next.timestamp()))
                .bind(now.timestamp())
        );
        Ok(written == 1)
    }

    /// How many messages are in each state.
    pub async fn mail_states(&mut self) -> Result<Vec<(String, i64)>, StoreError> {
        const SQL: &str = "SELECT state, COUNT(*) FROM portal_mail GROUP BY state ORDER BY state";
        Ok(fetch!(all, self.tx, sqlx::query_as::<_, (String, i64)>(SQL)))
    }
}

impl PortalMailKind {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Invite => "invite",
            Self::Forgotten => "forgotten",
            Self::Changed => "changed",
        }
    }
}

impl MailState {
    fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Sent => "sent",
            Self::Held => "held",
            Self::Failed => "failed",
            Self::Nothing => "nothing",
        }
    }
}

impl TryFrom<MailRecord> for PortalMail {
    type Error = StoreError;

    fn try_from(record: MailRecord) -> Result<Self, StoreError> {
        let row = record.mail_key.to_string();
        let kind = match record.kind.as_str() {
            "invite" => PortalMailKind::Invite,
            "forgotten" => PortalMailKind::Forgotten,
            _ => PortalMailKind::Changed,
        };
        Ok(Self {
            key: record.mail_key,
            kind,
            address: parse("portal_mail", &row, "address", &record.address)?,
            number: record.number,
            attempts: record.attempts,
            queued_at: instant("portal_mail", &row, "queued_at", record.queued_at)?,
        })
    }
}
