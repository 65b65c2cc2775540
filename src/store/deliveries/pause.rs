//! All mail to customers paused, as long as a row says so: also messages to come, after restarts, by any daemon.

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::store::engine::decode::instant;
use crate::store::{Deliveries, StoreError, execute, fetch};

/// A pause: no message to a customer is sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MailPause {
    pub since: DateTime<Utc>,
    /// Who paused it, as the audit names them.
    pub actor: String,
}

impl Deliveries<'_> {
    /// False if it was paused before, and stays paused since then.
    pub async fn pause_mail(&mut self, actor: &str, now: DateTime<Utc>) -> Result<bool, StoreError> {
        const SQL: &str = "INSERT INTO mail_pause (mail_pause_key, since, actor) VALUES (1, $1, $2)
             ON CONFLICT (mail_pause_key) DO NOTHING";
        Ok(execute!(self.tx, sqlx::query(SQL).bind(now.timestamp()).bind(actor)) == 1)
    }

    /// False if it was not paused.
    pub async fn resume_mail(&mut self) -> Result<bool, StoreError> {
        Ok(execute!(self.tx, sqlx::query("DELETE FROM mail_pause")) == 1)
    }

    /// `None` if mail is sent.
    pub async fn mail_pause(&mut self) -> Result<Option<MailPause>, StoreError> {
        const SQL: &str = "SELECT since, actor FROM mail_pause";
        let found = fetch!(optional, self.tx, sqlx::query_as::<_, (i64, String)>(SQL));
        found
            .map(|(since, actor)| Ok(MailPause { since: instant("mail_pause", "1", "since", since)?, actor }))
            .transpose()
    }
}
