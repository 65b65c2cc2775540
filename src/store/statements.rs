//! Frozen statements on their way to the archive, and what stands in it.

use chrono::{DateTime, Utc};
use sqlx::FromRow;

use super::document::thaw;
use super::master::parse;
use super::{Key, StoreError, Tx, execute, fetch};
use crate::domain::{AccountNumber, Period, Statement};

/// One revision of one account's period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct StatementKey(pub(super) Key);

#[cfg(test)]
impl StatementKey {
    pub(crate) fn for_tests(key: Key) -> Self {
        Self(key)
    }
}

/// A statement that is frozen but not yet verified in the archive.
#[derive(Debug, Clone)]
pub struct PendingStatement {
    pub key: StatementKey,
    pub account: Key,
    pub period: Period,
}

/// Where a statement stands.
#[derive(Debug, Clone)]
pub struct StatementRow {
    pub key: StatementKey,
    pub account: AccountNumber,
    pub period: Period,
    pub revision: u32,
    pub is_current: bool,
    pub published: bool,
    pub manifest_sha256: Option<String>,
    pub failure: Option<String>,
}

#[derive(FromRow)]
struct StatementRecord {
    statement_key: Key,
    account_number: String,
    period: String,
    revision: i64,
    is_current: bool,
    published_at: Option<i64>,
    manifest_sha256: Option<String>,
    failure: Option<String>,
}

impl Tx {
    /// Statements to publish, oldest period first; `through` and `accounts` narrow them.
    pub async fn unpublished(&mut self) -> Result<Vec<PendingStatement>, StoreError> {
        let rows = fetch!(
            all,
            self,
            sqlx::query_as::<_, (Key, Key, String)>(
                "SELECT statement_key, account_key, period FROM statement WHERE published_at IS NULL
             ORDER BY period, statement_key"
            )
        );
        rows.into_iter()
            .map(|(key, account, period)| {
                let period = parse("statement", &period, "period", &period)?;
                Ok(PendingStatement { key: StatementKey(key), account, period })
            })
            .collect()
    }

    /// The frozen statement itself.
    pub async fn statement(&mut self, key: StatementKey) -> Result<Statement, StoreError> {
        let document = fetch!(
            one,
            self,
            sqlx::query_scalar::<_, Vec<u8>>("SELECT document FROM statement WHERE statement_key = $1").bind(key.0)
        );
        thaw(&key.0.to_string(), &document)
    }

    /// The current revision of an account's period.
    pub async fn current_statement(&mut self, account: Key, period: Period) -> Result<Option<Statement>, StoreError> {
        match self.current_statement_key(account, period).await? {
            Some(key) => self.statement(key).await.map(Some),
            None => Ok(None),
        }
    }

    /// Whether the current revision is frozen, but its files are not in the archive yet.
    pub async fn is_waiting_for_publication(&mut self, account: Key, period: Period) -> Result<bool, StoreError> {
        Ok(fetch!(
            one,
            self,
            sqlx::query_scalar::<_, bool>(
                "SELECT EXISTS (SELECT 1 FROM statement WHERE account_key = $1 AND period = $2 AND is_current
                            AND published_at IS NULL)"
            )
            .bind(account)
            .bind(period.to_string())
        ))
    }

    pub async fn current_statement_key(
        &mut self,
        account: Key,
        period: Period,
    ) -> Result<Option<StatementKey>, StoreError> {
        let key = fetch!(
            optional,
            self,
            sqlx::query_scalar::<_, Key>(
                "SELECT statement_key FROM statement WHERE account_key = $1 AND period = $2 AND is_current"
            )
            .bind(account)
            .bind(period.to_string())
        );
        Ok(key.map(StatementKey))
    }

    /// The statement's objects are in the archive and were read back; its month's table of contents is stale now.
    pub async fn mark_published(
        &mut self,
        statement: &PendingStatement,
        manifest_sha256: &str,
        formats: &str,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        const STALE: &str = "INSERT INTO stale_index (period, generation) VALUES ($1, 1)
             ON CONFLICT (period) DO UPDATE SET generation = stale_index.generation + 1";
        let written = execute!(
            self,
            sqlx::query(
                "UPDATE statement SET published_at = $2, manifest_sha256 = $3, formats = $4, failure = NULL
             WHERE statement_key = $1 AND published_at IS NULL"
            )
            .bind(statement.key.0)
            .bind(now.timestamp())
            .bind(manifest_sha256)
            .bind(formats)
        );
        StoreError::expect_one(written, "statement that was published")?;
        execute!(self, sqlx::query(STALE).bind(statement.period.to_string()));
        Ok(())
    }

    pub async fn mark_publishing_failed(&mut self, key: StatementKey, failure: &str) -> Result<(), StoreError> {
        execute!(
            self,
            sqlx::query("UPDATE statement SET failure = $2 WHERE statement_key = $1").bind(key.0).bind(failure)
        );
        Ok(())
    }

    /// Where the statements of one period, or of all, stand; ordered by period, account, revision.
    pub async fn statement_rows(&mut self, period: Option<Period>) -> Result<Vec<StatementRow>, StoreError> {
        let records = fetch!(
            all,
            self,
            sqlx::query_as::<_, StatementRecord>(
                "SELECT s.statement_key, a.account_number, s.period, s.revision, s.is_current, s.published_at,
                    s.manifest_sha256, s.failure
             FROM statement s JOIN account a ON a.account_key = s.account_key
             WHERE $1 IS NULL OR s.period = $1
             ORDER BY s.period, a.account_number, s.revision"
            )
            .bind(period.map(String::from))
        );
        records.into_iter().map(StatementRow::try_from).collect()
    }
}

impl TryFrom<StatementRecord> for StatementRow {
    type Error = StoreError;

    fn try_from(record: StatementRecord) -> Result<Self, StoreError> {
        let row = record.statement_key.to_string();
        let revision = u32::try_from(record.revision)
            .map_err(|error| StoreError::corrupt("statement", &row, "revision")(error.to_string()))?;
        Ok(Self {
            key: StatementKey(record.statement_key),
            account: parse("account", &row, "account_number", &record.account_number)?,
            period: parse("statement", &row, "period", &record.period)?,
            revision,
            is_current: record.is_current,
            published: record.published_at.is_some(),
            manifest_sha256: record.manifest_sha256,
            failure: record.failure,
        })
    }
}
