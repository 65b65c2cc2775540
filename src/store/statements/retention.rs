//! Retention: months that leave the archive, and why some have to wait.
//!
//! The decision to expire a statement is written down before its objects are deleted and stays for good, so that a
//! death in between is taken up again and nothing leaves unlisted.

use chrono::{DateTime, Utc};
use sqlx::AssertSqlSafe;

use crate::digest::Sha256;
use crate::domain::{AccountNumber, Amount, Currency, Period, StatementId};
use crate::store::engine::decode::{instant, parse, revision_number};
use crate::store::{Key, Retention, StatementKey, StoreError, execute, fetch, record};

/// A revision of an account's month that is, or was, in the archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgedStatement {
    pub key: StatementKey,
    pub account_key: Key,
    pub account: AccountNumber,
    pub period: Period,
    pub revision: u32,
    /// Seconds since 1970; None before it is published.
    pub published_at: Option<i64>,
    /// Another revision of its month has left before.
    pub is_straggler: bool,
}

impl AgedStatement {
    pub fn id(&self) -> StatementId {
        StatementId { period: self.period, account: self.account.clone(), revision: self.revision }
    }
}

/// One of an account's newest closed months.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptMonth {
    pub period: Period,
    /// `None` if the month has no statement, for example because it had no usage.
    pub statement: Option<KeptStatement>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptStatement {
    pub revision: u32,
    /// None before it is published.
    pub manifest_sha256: Option<Sha256>,
}

/// Why an account's older months stay although their retention is over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpiryHold {
    pub account_key: Key,
    pub account: AccountNumber,
    /// A stable word.
    pub reason: String,
    /// What to do, for people.
    pub detail: String,
    pub since: DateTime<Utc>,
    pub checked_at: DateTime<Utc>,
}

/// A line of the log of what has left.
#[derive(Debug, Clone)]
pub struct ExpiredStatement {
    pub account: AccountNumber,
    pub revision: u32,
    pub charge: Amount,
    pub currency: Currency,
    /// `None` if it was never published.
    pub manifest_sha256: Option<Sha256>,
    pub expired_at: DateTime<Utc>,
    /// `None` while its objects are still being deleted.
    pub deleted: Option<Deleted>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deleted {
    pub objects: u64,
    pub bytes: u64,
}

record! {
    struct AgedRecord {
        statement_key: Key,
        account_key: Key,
        account_number: String,
        period: String,
        revision: i64,
        published_at: Option<i64>,
        earlier_gone: i64,
    }

    struct ExpiredRecord {
        account_number: String,
        revision: i64,
        charge: i64,
        currency: String,
        manifest_sha256: Option<Sha256>,
        expired_at: i64,
        deleted_objects: Option<i64>,
        deleted_bytes: Option<i64>,
    }

    struct HoldRecord {
        account_key: Key,
        account_number: String,
        reason: String,
        detail: String,
        since: i64,
        checked_at: i64,
    }
}

/// Statements that fulfil a condition.
fn aged_sql(condition: &str) -> AssertSqlSafe<String> {
    AssertSqlSafe(format!(
        "SELECT s.statement_key, s.account_key, a.account_number, s.period, s.revision, s.published_at,
                (SELECT COUNT(*) FROM statement e WHERE e.account_key = s.account_key AND e.period = s.period
                 AND e.expired_at IS NOT NULL) AS earlier_gone
         FROM statement s JOIN account a ON a.account_key = s.account_key
         WHERE {condition} ORDER BY a.account_number, s.period, s.revision"
    ))
}

/// Holds mail of a statement that has left: it waits for nothing any more.
fn hold_mail_sql(condition: &str) -> AssertSqlSafe<String> {
    AssertSqlSafe(format!(
        "UPDATE delivery SET state = 'held', next_attempt_at = NULL, changed_at = $2,
                last_answer = 'the month has left the archive (archive.keep_months): nothing is left to send'
         WHERE {condition}"
    ))
}

impl Retention<'_> {
    /// Statements that `keep` closed months of their account are newer than; ordered by account and period.
    pub async fn statements_past_retention(&mut self, keep: u32) -> Result<Vec<AgedStatement>, StoreError> {
        const PAST_RETENTION: &str = "s.expired_at IS NULL AND (SELECT COUNT(*) FROM closing k
                  WHERE k.account_key = s.account_key AND k.period > s.period) >= $1";
        let records =
            fetch!(all, self.tx, sqlx::query_as::<_, AgedRecord>(aged_sql(PAST_RETENTION)).bind(i64::from(keep)));
        records.into_iter().map(AgedStatement::try_from).collect()
    }

    /// Statements that have expired, but whose objects may still be there.
    pub async fn leaving_statements(&mut self) -> Result<Vec<AgedStatement>, StoreError> {
        const LEAVING: &str = "s.expired_at IS NOT NULL AND s.deleted_at IS NULL";
        let records = fetch!(all, self.tx, sqlx::query_as::<_, AgedRecord>(aged_sql(LEAVING)));
        records.into_iter().map(AgedStatement::try_from).collect()
    }

    /// An account's `keep` newest closed months, newest first, each with all its revisions.
    pub async fn kept_months(&mut self, account: Key, keep: u32) -> Result<Vec<KeptMonth>, StoreError> {
        const SQL: &str = "SELECT k.period, s.revision, s.manifest_sha256
             FROM (SELECT account_key, period FROM closing WHERE account_key = $1 ORDER BY period DESC LIMIT $2) k
                  LEFT JOIN statement s ON s.account_key = k.account_key AND s.period = k.period
                       AND s.expired_at IS NULL
             ORDER BY k.period DESC, s.revision";
        type Row = (String, Option<i64>, Option<Sha256>);
        let rows = fetch!(all, self.tx, sqlx::query_as::<_, Row>(SQL).bind(account).bind(i64::from(keep)));
        rows.into_iter()
            .map(|(period, revision, manifest_sha256)| {
                let revision =
                    revision.map(|revision| revision_number(&account.to_string(), revision)).transpose()?;
                let statement = revision.map(|revision| KeptStatement { revision, manifest_sha256 });
                Ok(KeptMonth { period: parse("closing", &period, "period", &period)?, statement })
            })
            .collect()
    }

    /// Messages of a statement that wait for their time or are under way.
    pub async fn mail_in_motion(&mut self, statement: StatementKey) -> Result<i64, StoreError> {
        const SQL: &str = "SELECT COUNT(*) FROM delivery
             WHERE statement_key = $1 AND (next_attempt_at IS NOT NULL OR state = 'sending')";
        Ok(fetch!(one, self.tx, sqlx::query_scalar(SQL).bind(statement.0)))
    }

    /// Marks a statement as expired; false if it was before. Its mail that was not sent yet is held, with the reason.
    pub async fn expire_statement(
        &mut self,
        statement: &AgedStatement,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        // Not before it was published, whatever the clocks of the two processes say: `check --deep` goes by that order.
        const EXPIRE: &str =
            "UPDATE statement SET expired_at = CASE WHEN published_at > $2 THEN published_at ELSE $2 END
             WHERE statement_key = $1 AND expired_at IS NULL";
        const WAITING_MAIL: &str = "statement_key = $1 AND state IN ('queued', 'deferred', 'unknown')";
        let written = execute!(self.tx, sqlx::query(EXPIRE).bind(statement.key.0).bind(now.timestamp()));
        if written == 0 {
            return Ok(false);
        }
        execute!(self.tx, sqlx::query(hold_mail_sql(WAITING_MAIL)).bind(statement.key.0).bind(now.timestamp()));
        self.tx.archive_months().mark_index_stale(statement.period).await?;
        Ok(true)
    }

    /// Holds a delivery that waits for another attempt although its statement has left: it was being sent when that
    /// did.
    pub(crate) async fn hold_mail_of_left(&mut self, delivery: Key, now: DateTime<Utc>) -> Result<(), StoreError> {
        const LEFT: &str = "delivery_key = $1 AND next_attempt_at IS NOT NULL
               AND statement_key IN (SELECT statement_key FROM statement WHERE expired_at IS NOT NULL)";
        execute!(self.tx, sqlx::query(hold_mail_sql(LEFT)).bind(delivery).bind(now.timestamp()));
        Ok(())
    }

    /// The statement's objects are gone.
    pub async fn mark_deleted(
        &mut self,
        statement: &AgedStatement,
        deleted: Deleted,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        const SQL: &str = "UPDATE statement SET deleted_at = $2, deleted_objects = $3, deleted_bytes = $4
             WHERE statement_key = $1 AND deleted_at IS NULL";
        execute!(
            self.tx,
            sqlx::query(SQL)
                .bind(statement.key.0)
                .bind(now.timestamp())
                .bind(deleted.objects.cast_signed())
                .bind(deleted.bytes.cast_signed())
        );
        self.tx.archive_months().mark_index_stale(statement.period).await
    }

    /// What has left of a month, ordered by account and revision.
    pub async fn expired_statements(&mut self, period: Period) -> Result<Vec<ExpiredStatement>, StoreError> {
        const SQL: &str = "SELECT a.account_number, s.revision, s.charge, s.currency, s.manifest_sha256,
                    s.expired_at, s.deleted_objects, s.deleted_bytes
             FROM statement s JOIN account a ON a.account_key = s.account_key
             WHERE s.period = $1 AND s.expired_at IS NOT NULL ORDER BY a.account_number, s.revision";
        let records = fetch!(all, self.tx, sqlx::query_as::<_, ExpiredRecord>(SQL).bind(period.to_string()));
        records.into_iter().map(ExpiredStatement::try_from).collect()
    }

    /// Accounts whose older months wait, ordered by account.
    pub async fn expiry_holds(&mut self) -> Result<Vec<ExpiryHold>, StoreError> {
        const SQL: &str = "SELECT h.account_key, a.account_number, h.reason, h.detail, h.since, h.checked_at
             FROM expiry_hold h JOIN account a ON a.account_key = h.account_key ORDER BY a.account_number";
        let records = fetch!(all, self.tx, sqlx::query_as::<_, HoldRecord>(SQL));
        records.into_iter().map(ExpiryHold::try_from).collect()
    }

    /// Notes why an account's older months stay; since when is that of the same reason's first time.
    pub async fn hold_expiry(
        &mut self,
        account: Key,
        reason: &str,
        detail: &str,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        const SQL: &str = "INSERT INTO expiry_hold (account_key, reason, detail, since, checked_at)
             VALUES ($1, $2, $3, $4, $4)
             ON CONFLICT (account_key) DO UPDATE SET
                 since = CASE WHEN expiry_hold.reason = excluded.reason THEN expiry_hold.since ELSE excluded.since END,
                 reason = excluded.reason, detail = excluded.detail, checked_at = excluded.checked_at";
        execute!(self.tx, sqlx::query(SQL).bind(account).bind(reason).bind(detail).bind(now.timestamp()));
        Ok(())
    }

    pub async fn release_expiry(&mut self, account: Key) -> Result<(), StoreError> {
        execute!(self.tx, sqlx::query("DELETE FROM expiry_hold WHERE account_key = $1").bind(account));
        Ok(())
    }
}

impl TryFrom<AgedRecord> for AgedStatement {
    type Error = StoreError;

    fn try_from(record: AgedRecord) -> Result<Self, StoreError> {
        let row = record.account_number.as_str();
        Ok(Self {
            key: StatementKey(record.statement_key),
            account_key: record.account_key,
            account: parse("account", row, "account_number", row)?,
            period: parse("statement", row, "period", &record.period)?,
            revision: revision_number(row, record.revision)?,
            published_at: record.published_at,
            is_straggler: record.earlier_gone > 0,
        })
    }
}

impl TryFrom<ExpiredRecord> for ExpiredStatement {
    type Error = StoreError;

    fn try_from(record: ExpiredRecord) -> Result<Self, StoreError> {
        let row = record.account_number.as_str();
        let deleted = record.deleted_objects.zip(record.deleted_bytes);
        Ok(Self {
            account: parse("account", row, "account_number", row)?,
            revision: revision_number(row, record.revision)?,
            charge: Amount(record.charge),
            currency: parse("statement", row, "currency", &record.currency)?,
            manifest_sha256: record.manifest_sha256,
            expired_at: instant("statement", row, "expired_at", record.expired_at)?,
            deleted: deleted
                .map(|(objects, bytes)| Deleted { objects: objects.cast_unsigned(), bytes: bytes.cast_unsigned() }),
        })
    }
}

impl TryFrom<HoldRecord> for ExpiryHold {
    type Error = StoreError;

    fn try_from(record: HoldRecord) -> Result<Self, StoreError> {
        let row = record.account_number.as_str();
        Ok(Self {
            account_key: record.account_key,
            account: parse("account", row, "account_number", row)?,
            since: instant("expiry_hold", row, "since", record.since)?,
            checked_at: instant("expiry_hold", row, "checked_at", record.checked_at)?,
            reason: record.reason,
            detail: record.detail,
        })
    }
}
