//! The audit: who or what caused each effect that someone may ask about later.

use chrono::{DateTime, Utc};
use serde::Serialize;
use sqlx::AssertSqlSafe;

use crate::domain::{AccountNumber, Period};
use crate::store::engine::decode::instant;
use crate::store::{Reports, StoreError, execute, fetch, record};

/// An effect on its way into the audit.
#[derive(Debug, Clone, Copy)]
pub struct NewAuditEntry<'a> {
    pub at: DateTime<Utc>,
    /// `tick`, `command (user name)` or `rerun id`.
    pub actor: &'a str,
    /// A stable word: `closed`, `revised`, `resent`, `held`, `released`, `expired`, …
    pub action: &'static str,
    /// `None` if the effect concerns no single account.
    pub account: Option<&'a AccountNumber>,
    pub period: Option<Period>,
    pub revision: Option<u32>,
    pub detail: Option<&'a str>,
}

/// An effect as it was written down.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AuditEntry {
    pub at: DateTime<Utc>,
    pub actor: String,
    pub action: String,
    pub account: String,
    /// `YYYY-MM`; `None` if the effect concerns no single month.
    pub period: Option<String>,
    pub revision: Option<i64>,
    pub detail: Option<String>,
}

/// Which effects; a `None` does not narrow.
#[derive(Debug, Clone, Default)]
pub struct AuditFilter {
    pub period: Option<Period>,
    pub account: Option<AccountNumber>,
}

record! {
    struct AuditRecord {
        at: i64,
        actor: String,
        action: String,
        account_number: String,
        period: Option<String>,
        revision: Option<i64>,
        detail: Option<String>,
    }
}

impl Reports<'_> {
    /// To be called in the transaction of the effect, so that neither exists without the other.
    pub async fn audit(&mut self, entry: &NewAuditEntry<'_>) -> Result<(), StoreError> {
        const SQL: &str = "INSERT INTO audit (at, actor, action, account_number, period, revision, detail)
             VALUES ($1, $2, $3, $4, $5, $6, $7)";
        execute!(
            self.tx,
            sqlx::query(SQL)
                .bind(entry.at.timestamp())
                .bind(entry.actor)
                .bind(entry.action)
                .bind(entry.account.map_or("", |account| account.as_str()))
                .bind(entry.period.map(String::from))
                .bind(entry.revision.map(i64::from))
                .bind(entry.detail)
        );
        Ok(())
    }

    /// When anything was last written down.
    pub async fn last_recorded_at(&mut self) -> Result<Option<DateTime<Utc>>, StoreError> {
        const SQL: &str = "SELECT at FROM audit ORDER BY audit_key DESC LIMIT 1";
        let at: Option<i64> = fetch!(optional, self.tx, sqlx::query_scalar(SQL));
        at.map(|at| instant("audit", "the newest", "at", at)).transpose()
    }

    /// The newest `limit` effects, oldest of them first.
    pub async fn audit_entries(&mut self, filter: &AuditFilter, limit: u32) -> Result<Vec<AuditEntry>, StoreError> {
        // Only what narrows is asked for, so that the engines find the index of it.
        let period = if filter.period.is_some() { "period = $1" } else { "TRUE" };
        let account = if filter.account.is_some() { "account_number = $2" } else { "TRUE" };
        let sql = format!(
            "SELECT at, actor, action, account_number, period, revision, detail FROM audit
             WHERE {period} AND {account} ORDER BY audit_key DESC LIMIT $3"
        );
        let records = fetch!(
            all,
            self.tx,
            sqlx::query_as::<_, AuditRecord>(AssertSqlSafe(sql.clone()))
                .bind(filter.period.map(String::from))
                .bind(filter.account.as_ref().map(|account| account.as_str()))
                .bind(i64::from(limit))
        );
        records.into_iter().rev().map(AuditEntry::try_from).collect()
    }
}

impl TryFrom<AuditRecord> for AuditEntry {
    type Error = StoreError;

    fn try_from(record: AuditRecord) -> Result<Self, StoreError> {
        Ok(Self {
            at: instant("audit", &record.account_number, "at", record.at)?,
            actor: record.actor,
            action: record.action,
            account: record.account_number,
            period: record.period,
            revision: record.revision,
            detail: record.detail,
        })
    }
}
