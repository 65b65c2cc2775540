//! Rejected rows for people: listed, taken out, and erased once they have had their time.

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::store::engine::decode::instant;
use crate::store::rejects::{RejectedRow, rows_sql};
use crate::store::{Key, Rejects, StoreError, execute, fetch, record};

/// Which rejected rows; what is `None` or empty does not narrow.
#[derive(Debug, Clone, Default)]
pub struct RejectsFilter {
    pub ids: Vec<Key>,
    pub kind: Option<String>,
    /// The name of a file, with or without its folder.
    pub file: Option<String>,
    /// A part of the reason.
    pub reason: Option<String>,
    /// Those that were dismissed instead of those that wait.
    pub dismissed: bool,
}

/// A rejected row as it is listed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ListedRejection {
    pub id: Key,
    pub kind: String,
    pub file: String,
    pub line: i64,
    pub column: Option<String>,
    pub reason: String,
    /// What the row is about.
    pub key: Option<String>,
    /// The row itself, as CSV.
    pub record: String,
    pub rejected_at: DateTime<Utc>,
    pub dismissed_at: Option<DateTime<Utc>>,
}

/// Why rows of a kind wait.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RejectReason {
    pub kind: String,
    /// Empty where the reason is about the whole row.
    pub column: String,
    pub reason: String,
    pub rows: u64,
}

record! {
    struct Listed {
        rejected_key: Key,
        kind: String,
        file: String,
        line: i64,
        column_name: Option<String>,
        reason: String,
        record_key: Option<String>,
        record: Vec<u8>,
        rejected_at: i64,
        dismissed_at: Option<i64>,
    }
}

impl Rejects<'_> {
    /// In the order in which they were refused.
    pub async fn listed_rejections(&mut self, filter: &RejectsFilter) -> Result<Vec<ListedRejection>, StoreError> {
        const SQL: &str =
            "SELECT rejected_key, kind, file, line, column_name, reason, record_key, record, rejected_at,
                    dismissed_at
             FROM rejected_record
             WHERE resolved_at IS NULL AND (dismissed_at IS NOT NULL) = $1 AND ($2 IS NULL OR kind = $2)
             ORDER BY rejected_key";
        let rows = fetch!(
            all,
            self.tx,
            sqlx::query_as::<_, Listed>(SQL).bind(filter.dismissed).bind(filter.kind.as_deref())
        );
        rows.into_iter().filter(|row| filter.includes(row)).map(Listed::shown).collect()
    }

    /// Waiting rows, the newest first: `most` of them behind the first `passed`, of those that are older than `before`.
    pub async fn newest_rejections(
        &mut self,
        before: Option<Key>,
        (passed, most): (usize, usize),
    ) -> Result<Vec<ListedRejection>, StoreError> {
        const SQL: &str =
            "SELECT rejected_key, kind, file, line, column_name, reason, record_key, record, rejected_at,
                    dismissed_at
             FROM rejected_record
             WHERE resolved_at IS NULL AND dismissed_at IS NULL AND rejected_key < $1
             ORDER BY rejected_key DESC LIMIT $2 OFFSET $3";
        let limits = [most, passed].map(|rows| i64::try_from(rows).unwrap_or(i64::MAX));
        let rows = fetch!(
            all,
            self.tx,
            sqlx::query_as::<_, Listed>(SQL).bind(before.unwrap_or(Key::MAX)).bind(limits[0]).bind(limits[1])
        );
        rows.into_iter().map(Listed::shown).collect()
    }

    /// Why rows wait, the most frequent reasons first, `most` of them.
    pub async fn reject_reasons(&mut self, most: usize) -> Result<Vec<RejectReason>, StoreError> {
        const SQL: &str =
            "SELECT kind, COALESCE(column_name, '') AS column_name, reason, COUNT(*) AS waiting FROM rejected_record
             WHERE resolved_at IS NULL AND dismissed_at IS NULL
             GROUP BY kind, column_name, reason ORDER BY waiting DESC, kind, column_name, reason LIMIT $1";
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        let rows = fetch!(all, self.tx, sqlx::query_as::<_, (String, String, String, i64)>(SQL).bind(most));
        let reason = |(kind, column, reason, rows): (String, String, String, i64)| RejectReason {
            kind,
            column,
            reason,
            rows: rows.cast_unsigned(),
        };
        Ok(rows.into_iter().map(reason).collect())
    }

    /// Dismisses a waiting row; false if it did not wait.
    pub async fn dismiss_rejection(&mut self, row: Key, now: DateTime<Utc>) -> Result<bool, StoreError> {
        const SQL: &str = "UPDATE rejected_record SET dismissed_at = $2
             WHERE rejected_key = $1 AND resolved_at IS NULL AND dismissed_at IS NULL";
        Ok(execute!(self.tx, sqlx::query(SQL).bind(row).bind(now.timestamp())) > 0)
    }

    /// One row that is not stored yet, also if it was dismissed.
    pub async fn rejected_row(&mut self, row: Key) -> Result<Option<RejectedRow>, StoreError> {
        let sql = rows_sql("r.resolved_at IS NULL AND r.rejected_key = $1");
        Ok(fetch!(optional, self.tx, sqlx::query_as::<_, RejectedRow>(sql).bind(row)))
    }

    /// Deletes up to `batch` rows that were settled or dismissed before `before`; returns how many.
    pub async fn erase_settled_rejections(&mut self, before: DateTime<Utc>, batch: u32) -> Result<u64, StoreError> {
        const SQL: &str = "DELETE FROM rejected_record WHERE rejected_key IN
             (SELECT rejected_key FROM rejected_record WHERE COALESCE(resolved_at, dismissed_at) < $1
              ORDER BY rejected_key LIMIT $2)";
        Ok(execute!(self.tx, sqlx::query(SQL).bind(before.timestamp()).bind(i64::from(batch))))
    }

    /// Deletes headers that no row needs any more.
    pub async fn erase_unused_headers(&mut self) -> Result<u64, StoreError> {
        const SQL: &str =
            "DELETE FROM rejected_header WHERE header_key NOT IN (SELECT header_key FROM rejected_record)";
        Ok(execute!(self.tx, sqlx::query(SQL)))
    }

    /// Up to `batch` rows of usage that have waited since before `before` and still hold their callers.
    pub async fn rejections_with_callers(
        &mut self,
        before: DateTime<Utc>,
        batch: u32,
    ) -> Result<Vec<RejectedRow>, StoreError> {
        const WITH_CALLER: &str =
            "r.kind = 'usage' AND r.rejected_at < $1 AND r.caller_erased_at IS NULL AND r.resolved_at IS NULL
             ORDER BY r.rejected_key LIMIT $2";
        let sql = rows_sql(WITH_CALLER);
        Ok(fetch!(
            all,
            self.tx,
            sqlx::query_as::<_, RejectedRow>(sql).bind(before.timestamp()).bind(i64::from(batch))
        ))
    }

    /// Replaces a record by the same one without its caller.
    pub async fn erase_rejected_caller(
        &mut self,
        row: Key,
        record: &[u8],
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        const SQL: &str = "UPDATE rejected_record SET record = $2, caller_erased_at = $3 WHERE rejected_key = $1";
        let written = execute!(self.tx, sqlx::query(SQL).bind(row).bind(record).bind(now.timestamp()));
        StoreError::expect_one(written, "rejected row")
    }
}

impl RejectsFilter {
    fn includes(&self, row: &Listed) -> bool {
        (self.ids.is_empty() || self.ids.contains(&row.rejected_key))
            && self.file.as_deref().is_none_or(|file| is_named(&row.file, file))
            && self.reason.as_deref().is_none_or(|part| row.reason.contains(part))
    }
}

/// Whether a file is called so: by its whole name, or by its last part.
fn is_named(file: &str, name: &str) -> bool {
    let name = name.strip_prefix("./").unwrap_or(name);
    file == name || file.strip_suffix(name).is_some_and(|folder| folder.ends_with('/'))
}

impl Listed {
    fn shown(self) -> Result<ListedRejection, StoreError> {
        let row = self.rejected_key.to_string();
        Ok(ListedRejection {
            id: self.rejected_key,
            rejected_at: instant("rejected_record", &row, "rejected_at", self.rejected_at)?,
            dismissed_at: self
                .dismissed_at
                .map(|at| instant("rejected_record", &row, "dismissed_at", at))
                .transpose()?,
            kind: self.kind,
            file: self.file,
            line: self.line,
            column: self.column_name,
            reason: self.reason,
            key: self.record_key,
            record: String::from_utf8_lossy(&self.record).into_owned(),
        })
    }
}
