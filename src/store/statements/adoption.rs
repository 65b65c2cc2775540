//! Statements whose files were in the archive before this database wrote any: it was restored from a backup, and they
//! were published, and perhaps mailed, after that backup.

use chrono::{DateTime, Utc};

use crate::store::engine::lists::{list, list_sql};
use crate::store::{StatementKey, Statements, StoreError, execute};

/// What deliveries of an adopted statement say.
pub(crate) const MAY_HAVE_BEEN_SENT: &str = "the archive had this statement before the database did, which was restored \
    from a backup: its mail may have been sent. \"statementd mail release\" sends it";

/// Why an older revision's message is held.
const NEWER_WAS_SENT: &str = "held: a newer revision was sent before this one was in the archive";

impl Statements<'_> {
    /// Notes that the folders of these statements are written from now on. Must be durable before anything is.
    pub async fn note_writing(&mut self, statements: &[StatementKey], now: DateTime<Utc>) -> Result<(), StoreError> {
        const SQL: &str = "UPDATE statement SET writing_at = $2 FROM {list}
             WHERE statement_key = CAST(item.value ->> 0 AS BIGINT) AND writing_at IS NULL";
        let rows = list(statements.iter().map(|statement| (statement.0,)))?;
        let sql = list_sql(self.tx, SQL);
        execute!(self.tx, sqlx::query(sql).bind(rows).bind(now.timestamp()));
        Ok(())
    }

    /// Takes over files that were there; holds the messages that were to bring them, and returns how many.
    ///
    /// Those that wait for approval go on waiting, and are held when it comes (`release_approved`).
    pub async fn adopt(&mut self, statement: StatementKey, now: DateTime<Utc>) -> Result<u64, StoreError> {
        const ADOPT: &str = "UPDATE statement SET adopted_at = $2, writing_at = $2 WHERE statement_key = $1";
        const HOLD: &str =
            "UPDATE delivery SET state = 'held', next_attempt_at = NULL, changed_at = $2, last_answer = $3
             WHERE statement_key = $1 AND state IN ('queued', 'deferred', 'unknown')";
        let written = execute!(self.tx, sqlx::query(ADOPT).bind(statement.0).bind(now.timestamp()));
        StoreError::expect_one(written, "statement whose files were adopted")?;
        Ok(execute!(self.tx, sqlx::query(HOLD).bind(statement.0).bind(now.timestamp()).bind(MAY_HAVE_BEEN_SENT)))
    }

    /// Holds messages of a statement whose reader has got a newer revision already, as where this one could not be
    /// written into the archive for long: the last one that a reader gets is the one that counts.
    pub async fn hold_behind_newer(
        &mut self,
        statement: StatementKey,
        now: DateTime<Utc>,
    ) -> Result<u64, StoreError> {
        const SQL: &str = "UPDATE delivery SET state = 'held', next_attempt_at = NULL, changed_at = $2, last_answer = $3
             WHERE statement_key = $1 AND state IN ('queued', 'deferred') AND EXISTS (
                 SELECT 1 FROM statement s
                     JOIN statement n ON n.account_key = s.account_key AND n.period = s.period AND n.revision > s.revision
                     JOIN delivery e ON e.statement_key = n.statement_key
                 WHERE s.statement_key = $1 AND e.room_number = delivery.room_number AND e.recipient = delivery.recipient
                   AND e.state = 'accepted')";
        Ok(execute!(self.tx, sqlx::query(SQL).bind(statement.0).bind(now.timestamp()).bind(NEWER_WAS_SENT)))
    }
}
