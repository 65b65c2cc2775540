//! What a month's table of contents is made from, and which months need a new one.

use sqlx::FromRow;

use super::document::StatementSummary;
use super::master::parse;
use super::{StoreError, Tx, execute, fetch};
use crate::domain::{AccountNumber, Amount, Currency, Period, Totals};

/// A month whose table of contents no longer shows what is published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StaleIndex {
    pub period: Period,
    /// Grows with every change; a page counts only if nothing changed while it was made.
    generation: i64,
}

/// A current, published statement as the table of contents shows it.
#[derive(Debug, Clone)]
pub struct IndexedStatement {
    pub account: AccountNumber,
    pub revision: u32,
    pub totals: Totals,
    pub currency: Currency,
    pub summary: StatementSummary,
    pub manifest_sha256: String,
    /// Extensions of its files, as `xlsx,html`.
    pub formats: String,
}

#[derive(FromRow)]
struct IndexRecord {
    account_number: String,
    revision: i64,
    conferences: i64,
    participants: i64,
    accumulated_seconds: i64,
    charge: i64,
    currency: String,
    summary: String,
    manifest_sha256: Option<String>,
    formats: Option<String>,
}

impl Tx {
    pub async fn stale_indexes(&mut self) -> Result<Vec<StaleIndex>, StoreError> {
        let rows = fetch!(
            all,
            self,
            sqlx::query_as::<_, (String, i64)>("SELECT period, generation FROM stale_index ORDER BY period")
        );
        rows.into_iter()
            .map(|(period, generation)| {
                Ok(StaleIndex { period: parse("stale_index", &period, "period", &period)?, generation })
            })
            .collect()
    }

    /// The table of contents that was made for `stale` stands in the archive.
    pub async fn mark_indexed(&mut self, stale: &StaleIndex) -> Result<(), StoreError> {
        execute!(
            self,
            sqlx::query("DELETE FROM stale_index WHERE period = $1 AND generation = $2")
                .bind(stale.period.to_string())
                .bind(stale.generation)
        );
        Ok(())
    }

    /// The month's current statements that are published, ordered by account.
    pub async fn indexed_statements(&mut self, period: Period) -> Result<Vec<IndexedStatement>, StoreError> {
        const SQL: &str = "SELECT a.account_number, s.revision, s.conferences, s.participants, s.accumulated_seconds,
                    s.charge, s.currency, s.summary, s.manifest_sha256, s.formats
             FROM statement s JOIN account a ON a.account_key = s.account_key
             WHERE s.period = $1 AND s.is_current AND s.published_at IS NOT NULL
             ORDER BY a.account_number";
        let records = fetch!(all, self, sqlx::query_as::<_, IndexRecord>(SQL).bind(period.to_string()));
        records.into_iter().map(IndexedStatement::try_from).collect()
    }
}

impl TryFrom<IndexRecord> for IndexedStatement {
    type Error = StoreError;

    fn try_from(record: IndexRecord) -> Result<Self, StoreError> {
        let row = record.account_number.as_str();
        let corrupt = |column, why: String| StoreError::corrupt("statement", row, column)(why);
        Ok(Self {
            account: parse("account", row, "account_number", row)?,
            revision: u32::try_from(record.revision).map_err(|error| corrupt("revision", error.to_string()))?,
            totals: Totals {
                conferences: record.conferences.cast_unsigned(),
                participants: record.participants.cast_unsigned(),
                accumulated_seconds: record.accumulated_seconds.cast_unsigned(),
                charge: Amount(record.charge),
            },
            currency: parse("statement", row, "currency", &record.currency)?,
            summary: serde_json::from_str(&record.summary).map_err(|error| corrupt("summary", error.to_string()))?,
            manifest_sha256: record.manifest_sha256.unwrap_or_default(),
            formats: record.formats.unwrap_or_default(),
        })
    }
}
