//! When usage last came: what a monitor asks, so that a file that stops coming is noticed before the month closes.

use chrono::{DateTime, Utc};

use crate::store::engine::decode::instant;
use crate::store::{StoreError, Usage, execute, fetch};

impl Usage<'_> {
    /// Notes that new legs were stored.
    pub(crate) async fn note_arrival(&mut self, now: DateTime<Utc>) -> Result<(), StoreError> {
        const SQL: &str = "INSERT INTO usage_arrival (usage_arrival_key, stored_at) VALUES (1, $1)
             ON CONFLICT (usage_arrival_key) DO UPDATE SET stored_at = excluded.stored_at";
        execute!(self.tx, sqlx::query(SQL).bind(now.timestamp()));
        Ok(())
    }

    /// When new legs were last stored; `None` if none were since this is noted.
    pub async fn arrived_at(&mut self) -> Result<Option<DateTime<Utc>>, StoreError> {
        let at: Option<i64> = fetch!(optional, self.tx, sqlx::query_scalar("SELECT stored_at FROM usage_arrival"));
        at.map(|at| instant("usage_arrival", "1", "stored_at", at)).transpose()
    }
}
