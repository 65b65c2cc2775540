//! Errors of the store, for the person who has to act.

use std::path::PathBuf;

/// An error of the database, or of what is stored in it.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("database: {0}")]
    Database(#[from] sqlx::Error),
    #[error("database schema: {0}")]
    Migration(#[from] sqlx::migrate::MigrateError),
    #[error(
        "the database has a newer schema than this program (migration {0}): install the newer statementd, \
         or restore the backup that was made before it ran"
    )]
    NewerSchema(i64),
    #[error("the database has not been migrated: run \"statementd migrate\"")]
    NotMigrated,
    #[error("database.url {url:?}: {why}")]
    BadUrl { url: String, why: String },
    #[error("the database server {server} {why}")]
    Unreachable { server: String, why: String },
    #[error(
        "the database's encoding is {0}, which cannot hold every name: make one with \"createdb --encoding=UTF8 \
         --template=template0\""
    )]
    Encoding(String),
    #[error("the database file {0} was replaced or removed while it was in use: nothing more is written; start anew")]
    Replaced(PathBuf),
    #[error("{path}: {source}")]
    File { path: PathBuf, source: std::io::Error },
    #[error("another statementd holds this database: {holder}. Stop it, or wait until it is done")]
    Held { holder: String },
    #[error("table {table}, row {row}: column {column} {why}; the row was not used")]
    Corrupt { table: &'static str, row: String, column: &'static str, why: String },
    #[error(
        "the database to copy to is not empty (table {table} has {rows} rows): nothing was copied. Name an empty one"
    )]
    NotEmpty { table: &'static str, rows: i64 },
    #[error("this database is in use by {}: nothing was copied. Stop it first", .0.join(", "))]
    InUse(Vec<String>),
    #[error("{0} is not known to this program: nothing was copied")]
    UnknownTable(String),
    #[error("table {table}: {left} rows left and {arrived} arrived, or their content differs: nothing was copied")]
    CopyDiffers { table: &'static str, left: u64, arrived: u64 },
    #[error(
        "a PostgreSQL database is backed up by its own tools, as \"pg_dump --format=custom\": nothing was written"
    )]
    BackupElsewhere,
    #[error("{0} exists: nothing was written. Name a new file")]
    BackupExists(PathBuf),
    #[error("the backup {path} is damaged ({verdict}): check the disk, remove it and try again")]
    BackupDamaged { path: PathBuf, verdict: String },
    #[error("another process has taken this work over; nothing was written")]
    ClaimLost,
    #[error("the frozen statement has left the database together with its usage (database.keep_usage)")]
    DocumentGone,
    #[error("{0} rows were written where exactly one should have been: {1}")]
    UnexpectedRows(u64, &'static str),
}

impl StoreError {
    /// Whether the database cannot be asked, or has too much to do to answer.
    pub fn is_away(&self) -> bool {
        match self {
            Self::Unreachable { .. }
            | Self::Replaced(_)
            | Self::Database(sqlx::Error::PoolTimedOut | sqlx::Error::Io(_) | sqlx::Error::WorkerCrashed) => true,
            // Of PostgreSQL: the connection failed, there are too many, the server ends or begins.
            Self::Database(sqlx::Error::Database(error)) => {
                let code = error.code().unwrap_or_default();
                ["08", "53", "57P0"].iter().any(|class| code.starts_with(class))
            }
            _ => false,
        }
    }

    /// Whether only the row at hand cannot be used: work on other rows can go on.
    pub fn concerns_one_row(&self) -> bool {
        matches!(self, Self::Corrupt { .. } | Self::DocumentGone)
    }

    pub(crate) fn corrupt(
        table: &'static str,
        row: impl Into<String>,
        column: &'static str,
    ) -> impl FnOnce(String) -> Self {
        let row = row.into();
        move |why| Self::Corrupt { table, row, column, why }
    }

    /// Whether the server ended a transaction only because others stood in its way (a deadlock, or an order that cannot
    /// be): nothing of it has happened, and the same may succeed now.
    pub fn was_in_the_way(&self) -> bool {
        const CODES: [&str; 2] = ["40P01", "40001"];
        let Self::Database(sqlx::Error::Database(error)) = self else { return false };
        error.code().is_some_and(|code| CODES.contains(&code.as_ref()))
    }

    /// An account that a row refers to is not there.
    pub(crate) fn missing_account(number: &crate::domain::AccountNumber) -> Self {
        Self::corrupt("account", number.as_str(), "account_number")("is not there".to_owned())
    }

    /// Checks that a write hit exactly one row.
    pub(crate) fn expect_one(rows: u64, what: &'static str) -> Result<(), Self> {
        if rows == 1 { Ok(()) } else { Err(Self::UnexpectedRows(rows, what)) }
    }
}
