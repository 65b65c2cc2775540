//! Rows that were refused: kept until they are stored, or until someone takes them out (`listing`).
//!
//! A rejected row is a record and not a place: it is known by what it says (`content_sha256`), and settled by what it
//! is about (`record_key`). File and line say where it was, for people: the same name comes every day.

pub(crate) mod listing;

use chrono::{DateTime, Utc};
use serde::Serialize;
use sqlx::AssertSqlSafe;

use crate::digest::Sha256;
use crate::store::engine::lists::{list, list_sql};
use crate::store::{Key, Rejects, StoreError, execute, fetch, record};

/// A refused row on its way in.
#[derive(Debug, Clone, Copy)]
pub struct Rejection<'a> {
    pub line: u64,
    pub column: Option<&'a str>,
    pub reason: &'a str,
    /// Its leg's id is taken by other content.
    pub is_conflict: bool,
    /// The row as a CSV record.
    pub record: &'a [u8],
    pub identity: &'a RecordIdentity,
    /// A record with its key came later in the file, and was stored.
    pub is_settled: bool,
}

/// The identity of a rejected row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordIdentity {
    /// What it is about; `None` where it does not say.
    pub key: Option<String>,
    /// A digest of what it says.
    pub content_sha256: Sha256,
}

record! {
    /// A refused row.
    #[derive(Debug, Clone)]
    pub struct RejectedRow {
        pub rejected_key: Key,
        pub kind: String,
        pub file: String,
        pub line: i64,
        pub column_name: Option<String>,
        pub reason: String,
        pub header_key: Key,
        pub header: Vec<u8>,
        pub record: Vec<u8>,
    }
}

/// Rows that fulfil conditions, which an order and a limit may follow.
fn rows_sql(conditions: &str) -> AssertSqlSafe<String> {
    AssertSqlSafe(format!(
        "SELECT r.rejected_key, r.kind, r.file, r.line, r.column_name, r.reason, r.header_key, h.header, r.record
         FROM rejected_record r JOIN rejected_header h ON h.header_key = r.header_key
         WHERE {conditions}"
    ))
}

impl Rejects<'_> {
    /// The key of a file's header, which is stored once however many of its rows are refused.
    pub async fn rejected_header(&mut self, kind: &str, file: &str, header: &[u8]) -> Result<Key, StoreError> {
        const FIND: &str = "SELECT header_key FROM rejected_header WHERE kind = $1 AND file = $2 AND header = $3";
        const ADD: &str = "INSERT INTO rejected_header (kind, file, header) VALUES ($1, $2, $3) RETURNING header_key";
        let found = fetch!(optional, self.tx, sqlx::query_scalar::<_, Key>(FIND).bind(kind).bind(file).bind(header));
        match found {
            Some(key) => Ok(key),
            None => Ok(fetch!(one, self.tx, sqlx::query_scalar::<_, Key>(ADD).bind(kind).bind(file).bind(header))),
        }
    }

    /// Keeps refused rows; one that is already there gets the newer reason. If it was settled or dismissed, it stays
    /// so: a row that someone corrected does not come back when the file that it was taken from is imported once
    /// more.
    pub async fn store_rejections(
        &mut self,
        (kind, file, header): (&str, &str, Key),
        rejections: &[Rejection<'_>],
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        const SQL: &str = "INSERT INTO rejected_record (kind, file, line, column_name, reason, header_key, record,
                                                        record_key, content_sha256, is_conflict, rejected_at, resolved_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
             ON CONFLICT (kind, content_sha256) DO UPDATE SET
                 column_name = excluded.column_name, reason = excluded.reason, is_conflict = excluded.is_conflict";
        for rejection in rejections {
            execute!(
                self.tx,
                sqlx::query(SQL)
                    .bind(kind)
                    .bind(file)
                    .bind(rejection.line.cast_signed())
                    .bind(rejection.column)
                    .bind(rejection.reason)
                    .bind(header)
                    .bind(rejection.record)
                    .bind(rejection.identity.key.as_deref())
                    .bind(rejection.identity.content_sha256)
                    .bind(rejection.is_conflict)
                    .bind(now.timestamp())
                    .bind(rejection.is_settled.then(|| now.timestamp()))
            );
        }
        Ok(())
    }

    /// Up to `limit` waiting rows of a kind after `after`, in the order in which they were refused.
    pub async fn rejected_rows(
        &mut self,
        kind: &str,
        after: Key,
        limit: u32,
    ) -> Result<Vec<RejectedRow>, StoreError> {
        const WAITING: &str =
            "r.resolved_at IS NULL AND r.dismissed_at IS NULL AND r.kind = $1 AND r.rejected_key > $2
             ORDER BY r.rejected_key LIMIT $3";
        let sql = rows_sql(WAITING);
        Ok(fetch!(all, self.tx, sqlx::query_as::<_, RejectedRow>(sql).bind(kind).bind(after).bind(i64::from(limit))))
    }

    /// How many rows of a file wait.
    pub async fn waiting_of_file(&mut self, kind: &str, file: &str) -> Result<u64, StoreError> {
        const SQL: &str = "SELECT COUNT(*) FROM rejected_record
             WHERE kind = $1 AND file = $2 AND resolved_at IS NULL AND dismissed_at IS NULL";
        let rows = fetch!(one, self.tx, sqlx::query_scalar::<_, i64>(SQL).bind(kind).bind(file));
        Ok(rows.cast_unsigned())
    }

    /// The key of the newest rejected row, of whatever kind.
    pub async fn newest_rejection(&mut self) -> Result<Key, StoreError> {
        const SQL: &str = "SELECT COALESCE(MAX(rejected_key), 0) FROM rejected_record";
        Ok(fetch!(one, self.tx, sqlx::query_scalar(SQL)))
    }

    /// What waiting rows of a kind after `after` are about.
    pub async fn waiting_record_keys(&mut self, kind: &str, after: Key) -> Result<Vec<String>, StoreError> {
        const SQL: &str = "SELECT DISTINCT record_key FROM rejected_record
             WHERE kind = $1 AND rejected_key > $2 AND resolved_at IS NULL AND dismissed_at IS NULL
               AND record_key IS NOT NULL";
        Ok(fetch!(all, self.tx, sqlx::query_scalar(SQL).bind(kind).bind(after)))
    }

    /// Settles what waits of these keys, since records with them are stored; not what is refused because its key is
    /// taken.
    pub async fn settle_by_key(&mut self, kind: &str, keys: &[String], now: DateTime<Utc>) -> Result<(), StoreError> {
        const SQL: &str = "UPDATE rejected_record SET resolved_at = $3
             WHERE kind = $2 AND resolved_at IS NULL AND dismissed_at IS NULL AND NOT is_conflict
               AND record_key IN (SELECT item.value ->> 0 FROM {list})";
        self.settle_listed(SQL, kind, keys, now).await
    }

    /// Settles the very records, which are stored.
    pub async fn settle_by_content(
        &mut self,
        kind: &str,
        digests: &[Sha256],
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        const SQL: &str = "UPDATE rejected_record SET resolved_at = $3
             WHERE kind = $2 AND resolved_at IS NULL AND content_sha256 IN (SELECT item.value ->> 0
             FROM {list})";
        self.settle_listed(SQL, kind, digests, now).await
    }

    async fn settle_listed(
        &mut self,
        sql: &str,
        kind: &str,
        values: &[impl Serialize],
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        if values.is_empty() {
            return Ok(());
        }
        let (sql, values) = (list_sql(self.tx, sql), list(values.iter().map(|value| (value,)))?);
        execute!(self.tx, sqlx::query(sql).bind(values).bind(kind).bind(now.timestamp()));
        Ok(())
    }

    pub async fn resolve_rejected(&mut self, row: Key, now: DateTime<Utc>) -> Result<(), StoreError> {
        const SQL: &str = "UPDATE rejected_record SET resolved_at = $2 WHERE rejected_key = $1";
        let written = execute!(self.tx, sqlx::query(SQL).bind(row).bind(now.timestamp()));
        StoreError::expect_one(written, "rejected row")
    }

    /// A row was tried again and refused again, perhaps for another reason: it waits, also if it had been dismissed.
    pub async fn refuse_again(
        &mut self,
        row: Key,
        (column, reason): (Option<&str>, &str),
        is_conflict: bool,
    ) -> Result<(), StoreError> {
        const SQL: &str =
            "UPDATE rejected_record SET column_name = $2, reason = $3, is_conflict = $4, dismissed_at = NULL
             WHERE rejected_key = $1";
        let written = execute!(self.tx, sqlx::query(SQL).bind(row).bind(column).bind(reason).bind(is_conflict));
        StoreError::expect_one(written, "rejected row")
    }

    /// Rows that an older program kept, of which is not known yet what they are about.
    pub async fn unread_rejections(&mut self, limit: u32) -> Result<Vec<RejectedRow>, StoreError> {
        let sql = rows_sql("r.content_sha256 IS NULL ORDER BY r.rejected_key LIMIT $1");
        Ok(fetch!(all, self.tx, sqlx::query_as::<_, RejectedRow>(sql).bind(i64::from(limit))))
    }

    /// Notes the identity of a row; two rows with the same content become one.
    pub async fn identify_rejection(
        &mut self,
        row: &RejectedRow,
        identity: &RecordIdentity,
    ) -> Result<(), StoreError> {
        const TWIN: &str = "SELECT COUNT(*) FROM rejected_record WHERE kind = $1 AND content_sha256 = $2";
        const NOTE: &str = "UPDATE rejected_record SET record_key = $2, content_sha256 = $3 WHERE rejected_key = $1";
        // The older one may have been settled under its own place while this one waits: then both wait.
        const WAIT: &str = "UPDATE rejected_record SET resolved_at = NULL
             WHERE kind = $1 AND content_sha256 = $2
               AND EXISTS (SELECT 1 FROM rejected_record w WHERE w.rejected_key = $3 AND w.resolved_at IS NULL)";
        let (key, digest) = (row.rejected_key, identity.content_sha256);
        let twins = fetch!(one, self.tx, sqlx::query_scalar::<_, i64>(TWIN).bind(row.kind.as_str()).bind(digest));
        if twins > 0 {
            execute!(self.tx, sqlx::query(WAIT).bind(row.kind.as_str()).bind(digest).bind(key));
            execute!(self.tx, sqlx::query("DELETE FROM rejected_record WHERE rejected_key = $1").bind(key));
        } else {
            execute!(self.tx, sqlx::query(NOTE).bind(key).bind(identity.key.as_deref()).bind(digest));
        }
        Ok(())
    }
}
