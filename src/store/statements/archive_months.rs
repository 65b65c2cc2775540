//! What a month's own objects in the archive are made from, and which months need new ones.
//!
//! A change of what is published counts up the month's generation. A change of deliveries leaves a row in
//! `delivery_change`, in its own transaction and by a trigger, so that no way of changing one forgets it; rows are
//! collected in bulk, and a month that has any counts up once. No clock has a part in this: two that differ, or a
//! transaction that took its time, would leave a month showing for ever what was so long ago.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, Utc};

use crate::digest::Sha256;
use crate::domain::{AccountNumber, Currency, Formats, Period, RoomNumber, Totals};
use crate::store::engine::decode::{parse, revision_number, room, totals};
use crate::store::engine::lists::{list, list_sql};
use crate::store::statements::document::StatementSummary;
use crate::store::{ArchiveMonths, Key, StatementKey, StoreError, execute, fetch, record};

/// A month of the archive, and which state of it its own objects show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArchiveMonth {
    pub period: Period,
    /// Grows with every change of what is published.
    pub generation: i64,
    /// The generation that the objects show.
    pub shown_generation: i64,
    /// Grows with every change of the state of its deliveries that was collected; and what the objects show of it.
    pub deliveries_changed: i64,
    pub deliveries_shown: i64,
    /// When the objects were last made.
    pub shown_at: Option<i64>,
    pub digests: MonthDigests,
}

/// SHA-256 of each of a month's own objects as they were written; `None` if there is none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct MonthDigests {
    pub manifest: Option<Sha256>,
    pub csv: Option<Sha256>,
    pub html: Option<Sha256>,
    pub expired: Option<Sha256>,
}

/// A current, published statement as the table of contents shows it.
#[derive(Debug, Clone)]
pub struct IndexedStatement {
    pub key: StatementKey,
    pub account: AccountNumber,
    pub revision: u32,
    pub totals: Totals,
    pub currency: Currency,
    pub summary: StatementSummary,
    pub formats: Formats,
}

/// Counts per state of the messages that brought a statement, or one room's part of it (`None` means the account's).
pub type DeliveryStates = HashMap<(StatementKey, Option<RoomNumber>), Vec<(String, i64)>>;

record! {
    struct MonthRecord {
        period: String,
        generation: i64,
        shown_generation: i64,
        deliveries_changed: i64,
        deliveries_shown: i64,
        shown_at: Option<i64>,
        manifest_sha256: Option<Sha256>,
        csv_sha256: Option<Sha256>,
        html_sha256: Option<Sha256>,
        expired_sha256: Option<Sha256>,
    }

    struct IndexRecord {
        statement_key: Key,
        account_number: String,
        revision: i64,
        conferences: i64,
        participants: i64,
        accumulated_seconds: i64,
        charge: i64,
        currency: String,
        summary: String,
        formats: Option<String>,
    }

    /// How many messages of a statement, or of one room's part of it, are in a state.
    struct StateRecord {
        statement_key: Key,
        room_number: String,
        state: String,
        deliveries: i64,
    }
}

impl ArchiveMonths<'_> {
    /// Every month that has, or had, something in the archive; oldest first.
    pub async fn list(&mut self) -> Result<Vec<ArchiveMonth>, StoreError> {
        const SQL: &str =
            "SELECT period, generation, shown_generation, deliveries_changed, deliveries_shown, shown_at,
                    manifest_sha256, csv_sha256, html_sha256, expired_sha256
             FROM archive_month ORDER BY period";
        let records = fetch!(all, self.tx, sqlx::query_as::<_, MonthRecord>(SQL));
        records.into_iter().map(ArchiveMonth::try_from).collect()
    }

    /// What is published of a month has changed: its own objects are stale.
    pub async fn mark_index_stale(&mut self, period: Period) -> Result<(), StoreError> {
        const SQL: &str = "INSERT INTO archive_month
                    (period, generation, shown_generation, deliveries_changed, deliveries_shown)
             VALUES ($1, 1, 0, 0, 0)
             ON CONFLICT (period) DO UPDATE SET generation = archive_month.generation + 1";
        execute!(self.tx, sqlx::query(SQL).bind(period.to_string()));
        Ok(())
    }

    /// Whether states of deliveries have changed since that was last collected, of any month.
    pub async fn has_delivery_changes(&mut self) -> Result<bool, StoreError> {
        Ok(fetch!(one, self.tx, sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM delivery_change)")))
    }

    /// The months whose deliveries have changed their states since that was last collected.
    pub async fn months_with_delivery_changes(&mut self) -> Result<Vec<Period>, StoreError> {
        const SQL: &str = "SELECT DISTINCT period FROM delivery_change ORDER BY period";
        let periods = fetch!(all, self.tx, sqlx::query_scalar::<_, String>(SQL));
        periods.into_iter().map(|period| parse("delivery_change", &period, "period", &period)).collect()
    }

    /// Counts up the months whose deliveries have changed their state. A change that is committed after this is
    /// collected the next time.
    pub async fn collect_delivery_changes(&mut self) -> Result<(), StoreError> {
        const COUNT_UP: &str =
            "UPDATE archive_month SET deliveries_changed = deliveries_changed + 1 WHERE period = $1";
        let changed =
            fetch!(all, self.tx, sqlx::query_scalar::<_, String>("DELETE FROM delivery_change RETURNING period"));
        // In one order everywhere, so that no two processes wait for each other.
        for period in changed.into_iter().collect::<BTreeSet<_>>() {
            execute!(self.tx, sqlx::query(COUNT_UP).bind(period));
        }
        Ok(())
    }

    /// Whether messages of this month are still to be sent for the first time, or under way.
    pub async fn has_mail_in_motion(&mut self, period: Period) -> Result<bool, StoreError> {
        const SQL: &str =
            "SELECT d.delivery_key FROM delivery d JOIN statement s ON s.statement_key = d.statement_key
             WHERE s.period = $1 AND d.state IN ('queued', 'sending') LIMIT 1";
        let found = fetch!(optional, self.tx, sqlx::query_scalar::<_, Key>(SQL).bind(period.to_string()));
        Ok(found.is_some())
    }

    /// The month's own objects were written as `digests` say, from the state that `month` names.
    pub async fn mark_shown(
        &mut self,
        month: &ArchiveMonth,
        digests: &MonthDigests,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        const SQL: &str = "UPDATE archive_month SET shown_generation = $2, deliveries_shown = $3, shown_at = $4,
                    manifest_sha256 = $5, csv_sha256 = $6, html_sha256 = $7, expired_sha256 = $8
             WHERE period = $1 AND shown_generation <= $2";
        execute!(
            self.tx,
            sqlx::query(SQL)
                .bind(month.period.to_string())
                .bind(month.generation)
                .bind(month.deliveries_changed)
                .bind(now.timestamp())
                .bind(digests.manifest)
                .bind(digests.csv)
                .bind(digests.html)
                .bind(digests.expired)
        );
        Ok(())
    }

    /// The month's current statements that are published, ordered by account: up to `limit` of those after `after`.
    pub async fn indexed_statements(
        &mut self,
        period: Period,
        after: Option<&AccountNumber>,
        limit: u32,
    ) -> Result<Vec<IndexedStatement>, StoreError> {
        // In the order of accounts, which an index has: SQLite takes a CROSS JOIN as it is written.
        const SQL: &str = "SELECT s.statement_key, a.account_number, s.revision, s.conferences, s.participants,
                    s.accumulated_seconds, s.charge, s.currency, s.summary, s.formats
             FROM account a CROSS JOIN statement s
             WHERE a.account_number > $2 AND s.account_key = a.account_key AND s.period = $1 AND s.is_current
               AND s.published_at IS NOT NULL AND s.expired_at IS NULL
             ORDER BY a.account_number LIMIT $3";
        let records = fetch!(
            all,
            self.tx,
            sqlx::query_as::<_, IndexRecord>(SQL)
                .bind(period.to_string())
                .bind(after.map_or("", |account| account.as_str()))
                .bind(i64::from(limit))
        );
        records.into_iter().map(IndexedStatement::try_from).collect()
    }

    /// How the messages of statements fare; of a message that was sent again, the last counts.
    pub async fn delivery_states(&mut self, statements: &[IndexedStatement]) -> Result<DeliveryStates, StoreError> {
        const SQL: &str = "SELECT d.statement_key, d.room_number, d.state, COUNT(*) AS deliveries FROM {list}
             CROSS JOIN delivery d
             WHERE d.statement_key = CAST(item.value ->> 0 AS BIGINT) AND NOT EXISTS (
                 SELECT 1 FROM delivery later
                 WHERE later.statement_key = d.statement_key AND later.room_number = d.room_number
                   AND later.recipient = d.recipient AND later.resend > d.resend)
             GROUP BY d.statement_key, d.room_number, d.state ORDER BY d.state";
        let keys = list(statements.iter().map(|statement| (statement.key.0,)))?;
        let sql = list_sql(self.tx, SQL);
        let mut states = DeliveryStates::new();
        for record in fetch!(all, self.tx, sqlx::query_as::<_, StateRecord>(sql).bind(keys)) {
            let room = room(&record.statement_key.to_string(), &record.room_number)?;
            let statement = StatementKey(record.statement_key);
            states.entry((statement, room)).or_default().push((record.state, record.deliveries));
        }
        Ok(states)
    }
}

impl TryFrom<MonthRecord> for ArchiveMonth {
    type Error = StoreError;

    fn try_from(record: MonthRecord) -> Result<Self, StoreError> {
        Ok(Self {
            period: parse("archive_month", &record.period, "period", &record.period)?,
            generation: record.generation,
            shown_generation: record.shown_generation,
            deliveries_changed: record.deliveries_changed,
            deliveries_shown: record.deliveries_shown,
            shown_at: record.shown_at,
            digests: MonthDigests {
                manifest: record.manifest_sha256,
                csv: record.csv_sha256,
                html: record.html_sha256,
                expired: record.expired_sha256,
            },
        })
    }
}

impl TryFrom<IndexRecord> for IndexedStatement {
    type Error = StoreError;

    fn try_from(record: IndexRecord) -> Result<Self, StoreError> {
        let row = record.account_number.as_str();
        let corrupt = |column, why: String| StoreError::corrupt("statement", row, column)(why);
        Ok(Self {
            key: StatementKey(record.statement_key),
            account: parse("account", row, "account_number", row)?,
            revision: revision_number(row, record.revision)?,
            totals: totals(record.conferences, record.participants, record.accumulated_seconds, record.charge),
            currency: parse("statement", row, "currency", &record.currency)?,
            summary: serde_json::from_str(&record.summary).map_err(|error| corrupt("summary", error.to_string()))?,
            formats: parse("statement", row, "formats", record.formats.as_deref().unwrap_or_default())?,
        })
    }
}
