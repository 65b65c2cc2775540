//! Frozen statements on their way to the archive, and what is in it.

pub(crate) mod adoption;
pub(crate) mod archive_months;
pub(crate) mod closings;
pub(crate) mod document;
pub(crate) mod due;
mod frozen;
pub(crate) mod history;
mod packed;
pub(crate) mod parts;
pub(crate) mod reruns;
pub(crate) mod retention;

use std::fmt;

use chrono::{DateTime, Utc};
use serde::Serialize;
use sqlx::AssertSqlSafe;

use crate::digest::Sha256;
use crate::domain::{AccountNumber, Amount, Currency, Formats, Period, Statement, StatementId, Totals};
use crate::store::engine::decode::{instant, parse, revision_number, totals};
use crate::store::statements::document::StatementSummary;
use crate::store::{Key, Statements, StoreError, Tx, execute, fetch, record};

/// One revision of one account's period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct StatementKey(pub(crate) Key);

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
    pub number: AccountNumber,
    pub period: Period,
    pub revision: u32,
    /// Processes on this database have begun to write its folder: what is there is theirs.
    pub is_begun: bool,
}

/// The current revision of an account's month, without its document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CurrentRevision {
    pub key: StatementKey,
    pub revision: u32,
    pub totals: Totals,
    /// `billing::shown_sha256` of it.
    pub shown_sha256: Sha256,
}

/// How a statement's files were made and what their manifest is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Publication {
    pub manifest_sha256: Sha256,
    pub formats: Formats,
    /// Version of statementd.
    pub program: String,
    /// Digest of the templates and words in force.
    pub templates: Sha256,
}

/// How far a statement has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Computed, not yet in the archive.
    Frozen,
    /// The last try at publishing it went wrong.
    Failed,
    Published,
    /// It has left the archive, or is leaving it.
    Expired,
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Frozen => "frozen",
            Self::Failed => "failed",
            Self::Published => "published",
            Self::Expired => "expired",
        })
    }
}

/// Where a statement is on its way.
#[derive(Debug, Clone)]
pub struct StatementRow {
    pub key: StatementKey,
    pub account_key: Key,
    pub account: AccountNumber,
    pub period: Period,
    pub revision: u32,
    pub is_current: bool,
    pub stage: Stage,
    pub published_at: Option<DateTime<Utc>>,
    pub charge: Amount,
    pub currency: Currency,
    /// None before it is published.
    pub publication: Option<Publication>,
    /// Why it could not be published.
    pub failure: Option<String>,
}

impl StatementRow {
    pub fn id(&self) -> StatementId {
        StatementId { period: self.period, account: self.account.clone(), revision: self.revision }
    }
}

/// Which statements; a `None` does not narrow.
#[derive(Debug, Clone, Default)]
pub struct StatementFilter {
    pub period: Option<Period>,
    pub account: Option<AccountNumber>,
}

record! {
    struct StatementRecord {
        statement_key: Key,
        account_key: Key,
        account_number: String,
        period: String,
        revision: i64,
        is_current: bool,
        charge: i64,
        currency: String,
        published_at: Option<i64>,
        expired_at: Option<i64>,
        manifest_sha256: Option<Sha256>,
        formats: Option<String>,
        program: Option<String>,
        templates: Option<Sha256>,
        failure: Option<String>,
    }

    struct RevisionRecord {
        statement_key: Key,
        revision: i64,
        conferences: i64,
        participants: i64,
        accumulated_seconds: i64,
        charge: i64,
        shown_sha256: Sha256,
    }
}

impl Statements<'_> {
    /// The current revision of an account's period.
    pub async fn current_statement(&mut self, account: Key, period: Period) -> Result<Option<Statement>, StoreError> {
        match self.current_statement_key(account, period).await? {
            Some(key) => self.statement(key).await.map(Some),
            None => Ok(None),
        }
    }

    pub async fn current_revision(
        &mut self,
        account: Key,
        period: Period,
    ) -> Result<Option<CurrentRevision>, StoreError> {
        const SQL: &str = "SELECT statement_key, revision, conferences, participants, accumulated_seconds, charge,
                    shown_sha256
             FROM statement WHERE account_key = $1 AND period = $2 AND is_current";
        let record = fetch!(
            optional,
            self.tx,
            sqlx::query_as::<_, RevisionRecord>(SQL).bind(account).bind(period.to_string())
        );
        record.map(CurrentRevision::try_from).transpose()
    }

    /// What a statement's rooms came to, without unpacking it.
    pub async fn statement_summary(&mut self, key: StatementKey) -> Result<StatementSummary, StoreError> {
        const SQL: &str = "SELECT summary FROM statement WHERE statement_key = $1";
        let summary = fetch!(one, self.tx, sqlx::query_scalar::<_, String>(SQL).bind(key.0));
        let corrupt = StoreError::corrupt("statement", key.0.to_string(), "summary");
        serde_json::from_str(&summary).map_err(|error| corrupt(error.to_string()))
    }

    /// Whether the current revision is frozen, but no process has begun to make its files.
    pub async fn is_waiting_for_publication(&mut self, account: Key, period: Period) -> Result<bool, StoreError> {
        const WAITING: &str =
            "SELECT statement_key FROM statement WHERE account_key = $1 AND period = $2 AND is_current
             AND published_at IS NULL";
        let waiting =
            fetch!(optional, self.tx, sqlx::query_scalar::<_, Key>(WAITING).bind(account).bind(period.to_string()));
        match waiting {
            Some(key) => Ok(!self.tx.work().is_worked_on(StatementKey(key)).await?),
            None => Ok(false),
        }
    }

    /// Whether [`Self::is_waiting_for_publication`] holds until this transaction ends: processes that look for work
    /// pass over it.
    pub(crate) async fn keep_from_publication(&mut self, account: Key, period: Period) -> Result<bool, StoreError> {
        const LOCK: &str = "SELECT statement_key FROM statement
             WHERE account_key = $1 AND period = $2 AND is_current FOR NO KEY UPDATE";
        if let Tx::Postgres(tx) = self.tx {
            sqlx::query(LOCK).bind(account).bind(period.to_string()).execute(&mut **tx).await?;
        }
        self.is_waiting_for_publication(account, period).await
    }

    /// Whether the current revision has left the archive, or is leaving it.
    pub async fn has_left_archive(&mut self, account: Key, period: Period) -> Result<bool, StoreError> {
        const SQL: &str = "SELECT EXISTS (SELECT 1 FROM statement
             WHERE account_key = $1 AND period = $2 AND is_current AND expired_at IS NOT NULL)";
        Ok(fetch!(one, self.tx, sqlx::query_scalar(SQL).bind(account).bind(period.to_string())))
    }

    async fn current_statement_key(
        &mut self,
        account: Key,
        period: Period,
    ) -> Result<Option<StatementKey>, StoreError> {
        const SQL: &str = "SELECT statement_key FROM statement WHERE account_key = $1 AND period = $2 AND is_current";
        let key = fetch!(optional, self.tx, sqlx::query_scalar::<_, Key>(SQL).bind(account).bind(period.to_string()));
        Ok(key.map(StatementKey))
    }

    /// The statement's objects are in the archive and were read back; an error if another process has marked it
    /// before.
    pub async fn mark_published(
        &mut self,
        statement: &PendingStatement,
        publication: &Publication,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        const SQL: &str = "UPDATE statement SET published_at = $2, manifest_sha256 = $3, formats = $4, program = $5,
                    templates = $6, failure = NULL
             WHERE statement_key = $1 AND published_at IS NULL AND expired_at IS NULL";
        let written = execute!(
            self.tx,
            sqlx::query(SQL)
                .bind(statement.key.0)
                .bind(now.timestamp())
                .bind(publication.manifest_sha256)
                .bind(publication.formats.to_string())
                .bind(publication.program.as_str())
                .bind(publication.templates)
        );
        StoreError::expect_one(written, "statement that was published")?;
        self.tx.archive_months().mark_index_stale(statement.period).await
    }

    pub async fn mark_publishing_failed(&mut self, key: StatementKey, failure: &str) -> Result<(), StoreError> {
        execute!(
            self.tx,
            sqlx::query("UPDATE statement SET failure = $2 WHERE statement_key = $1").bind(key.0).bind(failure)
        );
        Ok(())
    }

    /// The months that have statements, oldest first.
    pub async fn statement_periods(&mut self) -> Result<Vec<Period>, StoreError> {
        const SQL: &str = "SELECT DISTINCT period FROM statement ORDER BY period";
        let periods = fetch!(all, self.tx, sqlx::query_scalar::<_, String>(SQL));
        periods.into_iter().map(|period| parse("statement", &period, "period", &period)).collect()
    }

    /// Where statements are on their way; ordered by period, account, revision. No document is read.
    pub async fn statement_rows(&mut self, filter: &StatementFilter) -> Result<Vec<StatementRow>, StoreError> {
        // Only the conditions that narrow: among ranges that exclude nothing, SQLite chose the one of periods for a
        // query about one account.
        let period = if filter.period.is_some() { "s.period = $1" } else { "TRUE" };
        let account = if filter.account.is_some() { "a.account_number = $2" } else { "TRUE" };
        let sql = format!(
            "SELECT s.statement_key, s.account_key, a.account_number, s.period, s.revision, s.is_current,
                    s.charge, s.currency, s.published_at, s.expired_at, s.manifest_sha256, s.formats, s.program,
                    s.templates, s.failure
             FROM statement s JOIN account a ON a.account_key = s.account_key
             WHERE {period} AND {account}
             ORDER BY s.period, a.account_number, s.revision"
        );
        let period = filter.period.map(String::from);
        let account = filter.account.as_ref().map(|account| account.as_str());
        let records = fetch!(
            all,
            self.tx,
            sqlx::query_as::<_, StatementRecord>(AssertSqlSafe(sql.clone())).bind(period.as_deref()).bind(account)
        );
        records.into_iter().map(StatementRow::try_from).collect()
    }
}

impl TryFrom<StatementRecord> for StatementRow {
    type Error = StoreError;

    fn try_from(record: StatementRecord) -> Result<Self, StoreError> {
        let row = record.statement_key.to_string();
        let revision = revision_number(&row, record.revision)?;
        let stage = match (record.expired_at, record.published_at, &record.failure) {
            (Some(_), _, _) => Stage::Expired,
            (None, Some(_), _) => Stage::Published,
            (None, None, Some(_)) => Stage::Failed,
            (None, None, None) => Stage::Frozen,
        };
        let formats = parse("statement", &row, "formats", record.formats.as_deref().unwrap_or_default())?;
        let published_at =
            record.published_at.map(|at| instant("statement", &row, "published_at", at)).transpose()?;
        let manifest = record.published_at.and(record.manifest_sha256);
        let publication = manifest.zip(record.templates).map(|(manifest_sha256, templates)| Publication {
            manifest_sha256,
            formats,
            program: record.program.unwrap_or_default(),
            templates,
        });
        Ok(Self {
            key: StatementKey(record.statement_key),
            account_key: record.account_key,
            account: parse("account", &row, "account_number", &record.account_number)?,
            period: parse("statement", &row, "period", &record.period)?,
            revision,
            is_current: record.is_current,
            stage,
            published_at,
            charge: Amount(record.charge),
            currency: parse("statement", &row, "currency", &record.currency)?,
            publication,
            failure: record.failure,
        })
    }
}

impl TryFrom<RevisionRecord> for CurrentRevision {
    type Error = StoreError;

    fn try_from(record: RevisionRecord) -> Result<Self, StoreError> {
        Ok(Self {
            key: StatementKey(record.statement_key),
            revision: revision_number(&record.statement_key.to_string(), record.revision)?,
            totals: totals(record.conferences, record.participants, record.accumulated_seconds, record.charge),
            shown_sha256: record.shown_sha256,
        })
    }
}
