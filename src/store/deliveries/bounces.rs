//! Bounces: each report counts once, however often its mailbox is read; and how far a mailbox was read.

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::AssertSqlSafe;

use crate::digest::Sha256;
use crate::store::{Bounces, DeliveryState, Key, StoreError, Tx, execute, fetch};

/// What became of a report of failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BounceOutcome {
    /// The delivery is bounced now.
    Bounced,
    /// Read before, or about a delivery that has moved on, or never began.
    Nothing,
    /// The delivery is being sent right now: read the report again later.
    Later,
    /// No message of ours.
    Unknown,
}

/// Whether a mail may be parsed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BounceAttempt {
    Begun,
    /// Another process is at it.
    UnderWay,
    /// A process died of it, or in the middle of it.
    Fatal,
}

/// A mail takes milliseconds; a process that is at it for longer has died.
const LONGEST_ATTEMPT: TimeDelta = TimeDelta::minutes(10);

impl Bounces<'_> {
    /// Notes that the message `message_id` came back. `report`: a digest of the report.
    pub async fn note(
        &mut self,
        message_id: &str,
        report: Sha256,
        words: &str,
        now: DateTime<Utc>,
    ) -> Result<BounceOutcome, StoreError> {
        const FIND: &str = "SELECT delivery_key, state, attempts FROM delivery WHERE message_id = $1";
        const REPORTED: &str = "INSERT INTO bounce_report (report_sha256, delivery_key, read_at) VALUES ($1, $2, $3)
             ON CONFLICT (report_sha256) DO NOTHING";
        // What was never sent cannot have come back, whatever a report says.
        const BOUNCE: &str =
            "UPDATE delivery SET state = 'bounced', next_attempt_at = NULL, last_answer = $2, changed_at = $3
             WHERE delivery_key = $1 AND attempts > 0 AND state IN ('accepted', 'unknown', 'held')";
        // Locked, so that no process claims it between this look and what is written.
        let lock = if matches!(self.tx, Tx::Postgres(_)) { " FOR NO KEY UPDATE" } else { "" };
        let sql = AssertSqlSafe(format!("{FIND}{lock}"));
        let found = fetch!(optional, self.tx, sqlx::query_as::<_, (Key, String, i64)>(sql).bind(message_id));
        let Some((delivery, state, attempts)) = found else { return Ok(BounceOutcome::Unknown) };
        if state == DeliveryState::Sending.as_str() {
            return Ok(BounceOutcome::Later);
        }
        if attempts == 0 {
            return Ok(BounceOutcome::Nothing);
        }
        let at = now.timestamp();
        if execute!(self.tx, sqlx::query(REPORTED).bind(report).bind(delivery).bind(at)) == 0 {
            return Ok(BounceOutcome::Nothing);
        }
        let written = execute!(self.tx, sqlx::query(BOUNCE).bind(delivery).bind(words).bind(at));
        Ok(if written == 1 { BounceOutcome::Bounced } else { BounceOutcome::Nothing })
    }

    /// Notes that a mail is about to be parsed.
    pub async fn begin(&mut self, mail: Sha256, now: DateTime<Utc>) -> Result<BounceAttempt, StoreError> {
        const BEGIN: &str = "INSERT INTO bounce_attempt (mail_sha256, begun_at) VALUES ($1, $2)
             ON CONFLICT (mail_sha256) DO NOTHING";
        const BEGUN: &str = "SELECT begun_at FROM bounce_attempt WHERE mail_sha256 = $1";
        if execute!(self.tx, sqlx::query(BEGIN).bind(mail).bind(now.timestamp())) == 1 {
            return Ok(BounceAttempt::Begun);
        }
        let begun = fetch!(optional, self.tx, sqlx::query_scalar::<_, i64>(BEGUN).bind(mail));
        let is_old = begun.is_some_and(|begun| now.timestamp() - begun > LONGEST_ATTEMPT.num_seconds());
        Ok(if is_old { BounceAttempt::Fatal } else { BounceAttempt::UnderWay })
    }

    /// The mail was parsed without ending the process.
    pub async fn end(&mut self, mail: Sha256) -> Result<(), StoreError> {
        execute!(self.tx, sqlx::query("DELETE FROM bounce_attempt WHERE mail_sha256 = $1").bind(mail));
        Ok(())
    }

    /// How far the mbox `file` has been read: offset, and digest of the bytes before it.
    pub async fn place(&mut self, file: &str) -> Result<Option<(u64, Sha256)>, StoreError> {
        const SQL: &str = "SELECT read_to, before_sha256 FROM bounce_place WHERE file = $1";
        let found = fetch!(optional, self.tx, sqlx::query_as::<_, (i64, Sha256)>(SQL).bind(file));
        Ok(found.map(|(read_to, before)| (u64::try_from(read_to).unwrap_or_default(), before)))
    }

    pub async fn keep_place(&mut self, file: &str, read_to: u64, before: Sha256) -> Result<(), StoreError> {
        const SQL: &str = "INSERT INTO bounce_place (file, read_to, before_sha256) VALUES ($1, $2, $3)
             ON CONFLICT (file) DO UPDATE SET read_to = excluded.read_to, before_sha256 = excluded.before_sha256";
        let read_to = i64::try_from(read_to).unwrap_or(i64::MAX);
        execute!(self.tx, sqlx::query(SQL).bind(file).bind(read_to).bind(before));
        Ok(())
    }

    /// Mails of a maildir that were read and could not be marked there.
    pub async fn seen(&mut self, maildir: &str) -> Result<Vec<String>, StoreError> {
        const SQL: &str = "SELECT name FROM bounce_seen WHERE maildir = $1";
        Ok(fetch!(all, self.tx, sqlx::query_scalar(SQL).bind(maildir)))
    }

    pub async fn keep_seen(&mut self, maildir: &str, name: &str) -> Result<(), StoreError> {
        const SQL: &str = "INSERT INTO bounce_seen (maildir, name) VALUES ($1, $2) ON CONFLICT DO NOTHING";
        execute!(self.tx, sqlx::query(SQL).bind(maildir).bind(name));
        Ok(())
    }

    /// For a mail that has left its maildir.
    pub async fn forget_seen(&mut self, maildir: &str, name: &str) -> Result<(), StoreError> {
        const SQL: &str = "DELETE FROM bounce_seen WHERE maildir = $1 AND name = $2";
        execute!(self.tx, sqlx::query(SQL).bind(maildir).bind(name));
        Ok(())
    }
}
