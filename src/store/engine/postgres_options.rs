//! How a PostgreSQL server is reached, and advice where it is not.
//!
//! Nothing is asked of the server that a pooler in transaction mode lacks: no prepared statement outlives its
//! transaction, since the next one may run on another of the pooler's connections, and no start-up parameter is sent
//! that `PgBouncer` refuses by default.

use std::net::IpAddr;
use std::str::FromStr;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgConnection, PgSslMode};
use sqlx::{ConnectOptions, Connection, Executor, Row};

use crate::redacted;
use crate::store::StoreError;

/// A server that is there answers a new connection within this.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// The only encoding that can hold every name.
const ENCODING: &str = "UTF8";

/// What `url` says, and what holds beside it.
pub(crate) fn options(url: &str) -> Result<PgConnectOptions, StoreError> {
    let bad_url = |why: String| StoreError::BadUrl { url: redacted::url(url), why };
    let mut options = PgConnectOptions::from_str(url).map_err(|error| bad_url(error.to_string()))?;
    options = options.application_name("statementd").extra_float_digits(None).statement_cache_capacity(0);
    // Otherwise anyone who sits between could read the password, or pretend to be the server.
    let is_chosen = has_parameter(url, &["sslmode", "ssl-mode"]) || std::env::var_os("PGSSLMODE").is_some();
    if !is_chosen && options.get_socket().is_none() && !is_loopback(options.get_host()) {
        options = options.ssl_mode(PgSslMode::VerifyFull);
    }
    Ok(options)
}

/// Connects once, outside of any pool, which would try again in silence; an error says why the database cannot be used.
pub(crate) async fn try_out(options: &PgConnectOptions) -> Result<(), StoreError> {
    let mut connection = connect(options).await?;
    let encoding: String = connection.fetch_one("SHOW server_encoding").await?.try_get(0)?;
    connection.close().await?;
    if encoding == ENCODING { Ok(()) } else { Err(StoreError::Encoding(encoding)) }
}

/// The reason behind a pool that has no connection to give, if a new connection fails, too.
pub(crate) async fn why_exhausted(options: &PgConnectOptions, error: sqlx::Error) -> sqlx::Error {
    if !matches!(error, sqlx::Error::PoolTimedOut) {
        return error;
    }
    match tokio::time::timeout(CONNECT_TIMEOUT, options.connect()).await {
        Ok(Err(reason)) => reason,
        Ok(Ok(connection)) => {
            // All connections are busy, as the pool says.
            let _ = connection.close().await;
            error
        }
        Err(_) => error,
    }
}

/// The server's address, without user and password.
pub(crate) fn server_of(options: &PgConnectOptions) -> String {
    match options.get_socket() {
        Some(socket) => socket.display().to_string(),
        None => format!("{}:{}", options.get_host(), options.get_port()),
    }
}

async fn connect(options: &PgConnectOptions) -> Result<PgConnection, StoreError> {
    let server = server_of(options);
    let unreachable = |why: String| StoreError::Unreachable { server: server.clone(), why };
    match tokio::time::timeout(CONNECT_TIMEOUT, options.connect()).await {
        Ok(Ok(connection)) => Ok(connection),
        Ok(Err(error)) => Err(unreachable(explained(&error))),
        Err(_) => Err(unreachable(format!("gives no answer within {} s", CONNECT_TIMEOUT.as_secs()))),
    }
}

/// Continues the sentence after the server's name.
fn explained(error: &sqlx::Error) -> String {
    match error {
        sqlx::Error::Io(io) => match io.kind() {
            std::io::ErrorKind::ConnectionRefused => "refused the connection: is the server running?".into(),
            std::io::ErrorKind::NotFound => "is not there: is the server running?".into(),
            _ => format!("cannot be reached: {io}"),
        },
        sqlx::Error::Tls(tls) => format!(
            "cannot be trusted or does not speak TLS: {tls}. Name its authority with ?sslrootcert=FILE in database.url; only \
             in a network that is yours ?sslmode=prefer does without"
        ),
        sqlx::Error::Database(refusal) => format!("refuses: {}", refusal.message()),
        other => other.to_string(),
    }
}

fn has_parameter(url: &str, names: &[&str]) -> bool {
    url::Url::parse(url).is_ok_and(|url| url.query_pairs().any(|(name, _)| names.contains(&name.as_ref())))
}

fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || address.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_elsewhere_must_prove_who_it_is_unless_the_url_says_otherwise() {
        let mode = |url: &str| format!("{:?}", options(url).unwrap().get_ssl_mode());
        for far in ["postgres://u:p@db.internal/x", "postgres://u:p@192.0.2.7:5433/x"] {
            assert_eq!(mode(far), "VerifyFull", "{far}");
        }
        for near in ["postgres://u@localhost/x", "postgres://u@127.0.0.1:1/x", "postgres://u@[::1]/x"] {
            assert_eq!(mode(near), "Prefer", "{near}");
        }
        assert_eq!(mode("postgresql:///x?host=/run/postgresql"), "Prefer");
        assert_eq!(mode("postgres://u:p@db.internal/x?sslmode=require"), "Require");
        assert_eq!(mode("postgres://u:p@db.internal/x?sslmode=disable"), "Disable");
    }
}
