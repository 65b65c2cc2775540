//! Codes of conferences all of whose usage was taken out: kept until some of it comes back.
//!
//! A conference leaves with its last leg, and has another key when it comes again. Meanwhile its codes are kept under
//! the key of the void that took the leg, with a minus in front: no conference has such a key.

use crate::store::{Codes, Key, StoreError, execute, fetch};

impl Codes<'_> {
    /// Keeps the codes of a conference that is deleted with its last leg.
    pub(crate) async fn park_codes(&mut self, conference: Key, void: Key) -> Result<(), StoreError> {
        self.move_codes(conference, -void).await
    }

    /// Assigns to conferences that have come again the codes that they had; one that was given another since keeps
    /// that.
    pub(crate) async fn return_codes(&mut self) -> Result<(), StoreError> {
        const ANY: &str = "SELECT EXISTS (SELECT 1 FROM code_change WHERE conference_key < 0)";
        const FOUND: &str = "SELECT DISTINCT h.conference_key, c.conference_key,
                    EXISTS (SELECT 1 FROM code_change n WHERE n.conference_key = c.conference_key)
             FROM code_change h JOIN voided_leg v ON v.void_key = -h.conference_key
                  JOIN room r ON r.room_number = v.room_number
                  JOIN conference c ON c.room_key = r.room_key AND c.conference_id = v.conference_id
                                   AND c.account_key = v.account_key
             WHERE h.conference_key < 0";
        if !fetch!(one, self.tx, sqlx::query_scalar::<_, bool>(ANY)) {
            return Ok(());
        }
        for (parked, conference, has_newer) in fetch!(all, self.tx, sqlx::query_as::<_, (Key, Key, bool)>(FOUND)) {
            if has_newer {
                execute!(self.tx, sqlx::query("DELETE FROM code_assignment WHERE conference_key = $1").bind(parked));
            }
            self.move_codes(parked, conference).await?;
        }
        Ok(())
    }

    /// Deletes what was kept of an account's voided legs from before `end`, which are deleted too.
    pub(crate) async fn forget_parked_codes(&mut self, account: Key, end: i64) -> Result<(), StoreError> {
        const SQL: [&str; 2] = [
            "DELETE FROM code_assignment WHERE conference_key IN (SELECT -void_key FROM voided_leg
             WHERE account_key = $1 AND joined_at < $2 AND charged_in IS NULL)",
            "DELETE FROM code_change WHERE conference_key IN (SELECT -void_key FROM voided_leg
             WHERE account_key = $1 AND joined_at < $2 AND charged_in IS NULL)",
        ];
        for sql in SQL {
            execute!(self.tx, sqlx::query(sql).bind(account).bind(end));
        }
        Ok(())
    }

    async fn move_codes(&mut self, from: Key, to: Key) -> Result<(), StoreError> {
        const SQL: [&str; 2] = [
            "UPDATE code_assignment SET conference_key = $2 WHERE conference_key = $1",
            "UPDATE code_change SET conference_key = $2 WHERE conference_key = $1",
        ];
        for sql in SQL {
            execute!(self.tx, sqlx::query(sql).bind(from).bind(to));
        }
        Ok(())
    }
}
