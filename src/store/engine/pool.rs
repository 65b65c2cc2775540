//! What holds for the pools of connections of both engines.

use std::time::Duration;

/// How long a person's request waits for a connection.
pub(crate) const PEOPLE_WAIT: Duration = Duration::from_secs(2);

/// Connections live as long as their pool. sqlx's task that ends idle and old ones counts the idle by a counter that
/// wraps for a moment when one is given back while another is taken (sqlx 0.9, `pool/inner.rs`): read in that moment,
/// it keeps a thread busy for ever, and whatever that thread had in hand never goes on.
pub(crate) fn without_maintenance<DB: sqlx::Database>(
    options: sqlx::pool::PoolOptions<DB>,
) -> sqlx::pool::PoolOptions<DB> {
    options.idle_timeout(None).max_lifetime(None)
}
