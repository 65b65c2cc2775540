//! Bounces that came home: each report counts once, however often its mailbox is read.

use chrono::{DateTime, Utc};

use crate::store::{DeliveryState, Key, StoreError, Tx, execute, fetch};

/// What became of a report of failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BounceOutcome {
    /// The delivery is bounced now.
    Bounced,
    /// Read before, or about a delivery that has moved on.
    Nothing,
    /// The delivery is being sent right now: read the report again later.
    Later,
    /// No message of ours.
    Unknown,
}

impl Tx {
    /// Notes that the message `message_id` came back. `report`: a digest of the report.
    pub async fn note_bounce(
        &mut self,
        message_id: &str,
        report: &str,
        words: &str,
        now: DateTime<Utc>,
    ) -> Result<BounceOutcome, StoreError> {
        let found = fetch!(
            optional,
            self,
            sqlx::query_as::<_, (Key, String)>("SELECT delivery_key, state FROM delivery WHERE message_id = $1")
                .bind(message_id)
        );
        let Some((delivery, state)) = found else { return Ok(BounceOutcome::Unknown) };
        if state == DeliveryState::Sending.as_str() {
            return Ok(BounceOutcome::Later);
        }
        let is_new = execute!(
            self,
            sqlx::query(
                "INSERT INTO bounce_report (report_sha256, delivery_key, read_at) VALUES ($1, $2, $3)
                 ON CONFLICT (report_sha256) DO NOTHING"
            )
            .bind(report)
            .bind(delivery)
            .bind(now.timestamp())
        );
        if is_new == 0 {
            return Ok(BounceOutcome::Nothing);
        }
        let written = execute!(
            self,
            sqlx::query(
                "UPDATE delivery SET state = 'bounced', next_attempt_at = NULL, last_answer = $2, changed_at = $3
                 WHERE delivery_key = $1 AND state IN ('accepted', 'unknown', 'held')"
            )
            .bind(delivery)
            .bind(words)
            .bind(now.timestamp())
        );
        Ok(if written == 1 { BounceOutcome::Bounced } else { BounceOutcome::Nothing })
    }
}
