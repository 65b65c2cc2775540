//! How many there are of everything in each state: for metrics and the status page, so in numbers and not row by row.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use sqlx::AssertSqlSafe;

use crate::store::deliveries::superseded::AND_NOT_ACCEPTED;
use crate::store::engine::decode::instant;
use crate::store::{Reports, StoreError, fetch};

impl Reports<'_> {
    /// All revisions that are `published`, or `waiting` for it, or `failed` at the last attempt.
    pub async fn statement_counts(&mut self) -> Result<BTreeMap<String, i64>, StoreError> {
        const SQL: &str = "SELECT state, COUNT(*) FROM
                 (SELECT CASE WHEN published_at IS NOT NULL THEN 'published' WHEN failure IS NOT NULL THEN 'failed'
                              ELSE 'waiting' END AS state FROM statement) accounted
             GROUP BY state";
        Ok(fetch!(all, self.tx, sqlx::query_as::<_, (String, i64)>(SQL)).into_iter().collect())
    }

    /// When the oldest month was closed whose first statement is not in the archive yet.
    pub async fn unpublished_since(&mut self) -> Result<Option<DateTime<Utc>>, StoreError> {
        const SQL: &str = "SELECT MIN(k.closed_at) FROM statement s
                  JOIN closing k ON k.account_key = s.account_key AND k.period = s.period
             WHERE s.published_at IS NULL AND s.revision = 1";
        let (since,) = fetch!(one, self.tx, sqlx::query_as::<_, (Option<i64>,)>(SQL));
        since.map(|since| instant("closing", "the oldest unpublished", "closed_at", since)).transpose()
    }

    /// When the oldest message was queued that is still to be sent.
    pub async fn unsent_since(&mut self) -> Result<Option<DateTime<Utc>>, StoreError> {
        let sql = format!(
            "SELECT MIN(d.queued_at) FROM delivery d WHERE d.state IN ('queued', 'sending', 'deferred') {AND_NOT_ACCEPTED}"
        );
        let (since,) = fetch!(one, self.tx, sqlx::query_as::<_, (Option<i64>,)>(AssertSqlSafe(sql)));
        since.map(|since| instant("delivery", "the oldest unsent", "queued_at", since)).transpose()
    }
}
