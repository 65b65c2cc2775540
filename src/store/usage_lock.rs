//! Importing and closing keep out of each other's way.
//!
//! A closing reads an account's usage and then records that its period has closed; an import looks at what has closed
//! and then stores legs. Were both under way at once, a leg could be too late for the one and not late for the other,
//! and nobody would charge it. On SQLite, transactions that write follow one another anyway.

use super::{StoreError, Tx};

/// Any number does that nothing else in this database uses: "usage" in ASCII.
const USAGE: i64 = 0x75_73_61_67_65;

impl Tx {
    /// For who stores usage: alone until the end of the transaction. Taken before anything is read.
    pub async fn lock_usage(&mut self) -> Result<(), StoreError> {
        self.take_lock("SELECT pg_advisory_xact_lock($1)").await
    }

    /// For who closes or revises a period: beside others who do, but with no import under way until the end of the
    /// transaction. Taken before anything is read.
    pub async fn lock_usage_for_closing(&mut self) -> Result<(), StoreError> {
        self.take_lock("SELECT pg_advisory_xact_lock_shared($1)").await
    }

    async fn take_lock(&mut self, sql: &'static str) -> Result<(), StoreError> {
        if let Self::Postgres(tx) = self {
            sqlx::query(sql).bind(USAGE).execute(&mut **tx).await?;
        }
        Ok(())
    }
}
