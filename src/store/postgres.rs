//! What only PostgreSQL does: the pool's settings.

use std::str::FromStr;
use std::time::Duration;

use sqlx::PgPool;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use super::StoreError;

/// Connections of one daemon; closing, publishing and mail together use fewer.
const CONNECTIONS: u32 = 12;
/// How long to wait for a free connection before saying so.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(30);

pub(super) async fn open(url: &str) -> Result<PgPool, StoreError> {
    let options = PgConnectOptions::from_str(url)
        // The URL may hold a password: name only its scheme.
        .map_err(|error| StoreError::BadUrl { url: "postgres://…".into(), why: error.to_string() })?
        .application_name("statementd");
    Ok(PgPoolOptions::new()
        .max_connections(CONNECTIONS)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .connect_with(options)
        .await?)
}
