//! Rows that were refused: kept with file, line and reason until they can be stored.

use std::collections::HashSet;

use chrono::{DateTime, Utc};

use crate::store::{Key, StoreError, Tx, execute, fetch, record};

/// A refused row on its way in.
#[derive(Debug, Clone, Copy)]
pub struct Rejection<'a> {
    pub line: u64,
    pub column: Option<&'a str>,
    pub reason: &'a str,
    /// The file's header and the row itself, as CSV records.
    pub header: &'a [u8],
    pub record: &'a [u8],
}

record! {
    /// A refused row that still waits.
    #[derive(Debug, Clone)]
    pub struct RejectedRow {
        pub rejected_key: Key,
        pub kind: String,
        pub file: String,
        pub line: i64,
        pub column_name: Option<String>,
        pub reason: String,
        pub header: Vec<u8>,
        pub record: Vec<u8>,
    }
}

impl Tx {
    /// Keeps refused rows; one that is already there gets the newer reason. If it was settled, it stays so: a row
    /// that somebody mended does not come back when the file that it was taken from is imported once more.
    pub async fn store_rejections(
        &mut self,
        kind: &str,
        file: &str,
        rejections: &[Rejection<'_>],
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        const SQL: &str =
            "INSERT INTO rejected_row (kind, file, line, column_name, reason, header, record, rejected_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
             ON CONFLICT (kind, file, line, record) DO UPDATE SET
                 column_name = excluded.column_name, reason = excluded.reason";
        for rejection in rejections {
            execute!(
                self,
                sqlx::query(SQL)
                    .bind(kind)
                    .bind(file)
                    .bind(rejection.line.cast_signed())
                    .bind(rejection.column)
                    .bind(rejection.reason)
                    .bind(rejection.header)
                    .bind(rejection.record)
                    .bind(now.timestamp())
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
        Ok(fetch!(
            all,
            self,
            sqlx::query_as::<_, RejectedRow>(
                "SELECT rejected_key, kind, file, line, column_name, reason, header, record FROM rejected_row
             WHERE resolved_at IS NULL AND kind = $1 AND rejected_key > $2 ORDER BY rejected_key LIMIT $3"
            )
            .bind(kind)
            .bind(after)
            .bind(i64::from(limit))
        ))
    }

    /// The lines of a file with rows that wait.
    pub async fn waiting_lines(&mut self, kind: &str, file: &str) -> Result<HashSet<u64>, StoreError> {
        const SQL: &str = "SELECT line FROM rejected_row WHERE kind = $1 AND file = $2 AND resolved_at IS NULL";
        let lines = fetch!(all, self, sqlx::query_scalar::<_, i64>(SQL).bind(kind).bind(file));
        Ok(lines.into_iter().map(i64::cast_unsigned).collect())
    }

    /// Settles what waits of a line, because its row is stored; with `record`, only that very row.
    pub async fn resolve_line(
        &mut self,
        (kind, file, line): (&str, &str, u64),
        record: Option<&[u8]>,
        now: DateTime<Utc>,
    ) -> Result<u64, StoreError> {
        const SQL: &str = "UPDATE rejected_row SET resolved_at = $5
             WHERE kind = $1 AND file = $2 AND line = $3 AND record = COALESCE($4, record) AND resolved_at IS NULL";
        Ok(execute!(
            self,
            sqlx::query(SQL).bind(kind).bind(file).bind(line.cast_signed()).bind(record).bind(now.timestamp())
        ))
    }

    pub async fn resolve_rejected(&mut self, row: Key, now: DateTime<Utc>) -> Result<(), StoreError> {
        let written = execute!(
            self,
            sqlx::query("UPDATE rejected_row SET resolved_at = $2 WHERE rejected_key = $1")
                .bind(row)
                .bind(now.timestamp())
        );
        StoreError::expect_one(written, "rejected row")
    }

    /// A row was tried again and refused again, perhaps for another reason.
    pub async fn refuse_again(&mut self, row: Key, column: Option<&str>, reason: &str) -> Result<(), StoreError> {
        let written = execute!(
            self,
            sqlx::query("UPDATE rejected_row SET column_name = $2, reason = $3 WHERE rejected_key = $1")
                .bind(row)
                .bind(column)
                .bind(reason)
        );
        StoreError::expect_one(written, "rejected row")
    }
}
