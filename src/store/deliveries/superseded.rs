//! When a delivery itself needs no one any more: a later message speaks for it (a bounce whose reader got the statement
//! at the corrected address, or a newer revision of it), or a person has said so, since its reader is gone.

use crate::store::{Deliveries, Key, StoreError, execute};

/// Condition on a delivery `d` of a statement `s` of an account `a`: it was dismissed or replaced by hand, or a later
/// message brings the same reader the same statement or a newer revision. Whatever became of that message, it is the
/// one to look at.
///
/// The same reader is the same address; else the cardholder of the same name; else an owner of the same name, where
/// the old address is no longer one of the account's.
pub(crate) const SUPERSEDED: &str = "(d.dismissed_at IS NOT NULL OR d.replaced_by IS NOT NULL OR EXISTS (
    SELECT 1 FROM delivery e JOIN statement t ON t.statement_key = e.statement_key
    WHERE t.account_key = s.account_key AND t.period = s.period AND e.room_number = d.room_number
      AND e.delivery_key <> d.delivery_key
      AND (t.revision > s.revision OR (t.revision = s.revision AND (e.resend > d.resend OR e.queued_at > d.queued_at)))
      AND (e.recipient = d.recipient
           OR (COALESCE(e.recipient_name, '') = COALESCE(d.recipient_name, '')
               AND (d.room_number <> ''
                    OR (';' || a.owner_emails || ';') NOT LIKE ('%;' || d.recipient || ';%'))))))";

/// True of a delivery `d` in any other state, in a form for which the engines use the index of what is not accepted.
pub(crate) const AND_NOT_ACCEPTED: &str = "AND d.state <> 'accepted'";

impl Deliveries<'_> {
    /// The delivery with this Message-ID brings what `old`, and what `old` had replaced, did not.
    pub async fn replace(&mut self, old: Key, message_id: &str) -> Result<(), StoreError> {
        const SQL: &str = "UPDATE delivery
             SET next_attempt_at = NULL,
                 replaced_by = (SELECT MAX(n.delivery_key) FROM delivery n WHERE n.message_id = $2)
             WHERE delivery_key = $1 OR replaced_by = $1";
        let written = execute!(self.tx, sqlx::query(SQL).bind(old).bind(message_id));
        if written == 0 { Err(StoreError::UnexpectedRows(0, "delivery that was replaced")) } else { Ok(()) }
    }
}
