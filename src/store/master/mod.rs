//! Master data: tariffs, accounts, rooms. Importing updates what has the same key.
//!
//! What belongs to accounts and rooms counts from a moment on: currency and tariff per period (`terms`), zones per
//! period (`time_zones`), a room's account and cardholder by instant (`rooms`). `directory` is what usage is checked
//! against.

pub(crate) mod access_numbers;
pub(crate) mod accounts;
pub(crate) mod directory;
pub(crate) mod listing;
pub(crate) mod notes;
pub(crate) mod reassign;
pub(crate) mod rooms;
mod service_labels;
pub(crate) mod terms;
pub(crate) mod time_zones;

use std::collections::BTreeMap;

use crate::domain::{Tariff, TariffName, TariffRow};
use crate::store::engine::decode::parse;
use crate::store::master::notes::{MasterNote, MasterOutcome};
use crate::store::{StoreError, Tariffs, execute, fetch, record};

record! {
    struct TariffRecord {
        tariff: String,
        service_type: String,
        valid_from: String,
        label: String,
        currency: String,
        rate_per_minute: String,
        increment_seconds: i64,
        minimum_seconds: i64,
    }
}

impl Tariffs<'_> {
    /// Stores the row, or changes the one with its key.
    ///
    /// Labels in languages that the row does not name stay as they are.
    pub async fn upsert_tariff_row(&mut self, row: &TariffRow) -> Result<MasterOutcome, StoreError> {
        const SQL: &str =
            "INSERT INTO tariff_row (tariff, service_type, valid_from, label, currency, rate_per_minute,
                                                   increment_seconds, minimum_seconds)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
             ON CONFLICT (tariff, service_type, valid_from) DO UPDATE SET label = excluded.label,
                 currency = excluded.currency, rate_per_minute = excluded.rate_per_minute,
                 increment_seconds = excluded.increment_seconds, minimum_seconds = excluded.minimum_seconds
             WHERE (tariff_row.label, tariff_row.currency, tariff_row.rate_per_minute, tariff_row.increment_seconds,
                    tariff_row.minimum_seconds)
                IS DISTINCT FROM (excluded.label, excluded.currency, excluded.rate_per_minute,
                                  excluded.increment_seconds, excluded.minimum_seconds)";
        let was_priced_so = self.prices_the_same(row).await?;
        let written = execute!(
            self.tx,
            sqlx::query(SQL)
                .bind(row.tariff.as_str())
                .bind(row.service_type.as_str())
                .bind(row.valid_from.to_string())
                .bind(row.label.as_str())
                .bind(row.currency.code())
                .bind(row.rate_per_minute.normalize().to_string())
                .bind(i64::from(row.increment_seconds))
                .bind(i64::from(row.minimum_seconds))
        );
        let labelled = self.store_service_labels(row).await?;
        let mut outcome = MasterOutcome::stored(written > 0 || labelled);
        if outcome.stored {
            self.tx.usage().note_master_change().await?;
        }
        if !was_priced_so {
            outcome.notes.extend(self.closed_under(row).await?);
        }
        Ok(outcome)
    }

    /// Whether the row is there, with the same price.
    async fn prices_the_same(&mut self, row: &TariffRow) -> Result<bool, StoreError> {
        const SQL: &str = "SELECT EXISTS (SELECT 1 FROM tariff_row
             WHERE tariff = $1 AND service_type = $2 AND valid_from = $3 AND currency = $4 AND rate_per_minute = $5
               AND increment_seconds = $6 AND minimum_seconds = $7)";
        Ok(fetch!(
            one,
            self.tx,
            sqlx::query_scalar(SQL)
                .bind(row.tariff.as_str())
                .bind(row.service_type.as_str())
                .bind(row.valid_from.to_string())
                .bind(row.currency.code())
                .bind(row.rate_per_minute.normalize().to_string())
                .bind(i64::from(row.increment_seconds))
                .bind(i64::from(row.minimum_seconds))
        ))
    }

    /// The closed periods with usage in which a row, new or with another price, would have counted.
    async fn closed_under(&mut self, row: &TariffRow) -> Result<Option<MasterNote>, StoreError> {
        const SQL: &str = "SELECT COUNT(DISTINCT account_key), MIN(period), MAX(period) FROM closing
             WHERE tariff = $1 AND state = 'closed' AND period >= $2
               AND period <= COALESCE((SELECT MIN(valid_from) FROM tariff_row
                                       WHERE tariff = $1 AND service_type = $3 AND valid_from > $4), '~')";
        let (valid_from, month) = (row.valid_from.to_string(), row.valid_from.format("%Y-%m").to_string());
        let (accounts, first, last) = fetch!(
            one,
            self.tx,
            sqlx::query_as::<_, (i64, Option<String>, Option<String>)>(SQL)
                .bind(row.tariff.as_str())
                .bind(month)
                .bind(row.service_type.as_str())
                .bind(valid_from)
        );
        let (Some(first), Some(last)) = (first, last) else { return Ok(None) };
        Ok(Some(MasterNote::RateOfClosedPeriods {
            tariff: row.tariff.clone(),
            service_type: row.service_type.clone(),
            accounts,
            first: parse("closing", &first, "period", &first)?,
            last: parse("closing", &last, "period", &last)?,
        }))
    }

    /// All rows under a tariff's name; empty if there is none.
    pub async fn tariff(&mut self, name: &TariffName) -> Result<Tariff, StoreError> {
        const SQL: &str =
            "SELECT tariff, service_type, valid_from, label, currency, rate_per_minute, increment_seconds,
                    minimum_seconds
             FROM tariff_row WHERE tariff = $1";
        let records = fetch!(all, self.tx, sqlx::query_as::<_, TariffRecord>(SQL).bind(name.as_str()));
        let mut labels = self.service_labels(name).await?;
        let with_labels = |record: TariffRecord| {
            let labels = labels.remove(&(record.service_type.clone(), record.valid_from.clone()));
            Ok(TariffRow { labels: labels.unwrap_or_default(), ..TariffRow::try_from(record)? })
        };
        records.into_iter().map(with_labels).collect()
    }
}

impl TryFrom<TariffRecord> for TariffRow {
    type Error = StoreError;

    fn try_from(record: TariffRecord) -> Result<Self, StoreError> {
        let row = format!("{} {} {}", record.tariff, record.service_type, record.valid_from);
        let parsed = |column| (row.clone(), column);
        let seconds = |value: i64, (row, column): (String, &'static str)| {
            u32::try_from(value).map_err(|error| StoreError::corrupt("tariff_row", row, column)(error.to_string()))
        };
        Ok(Self {
            tariff: parse("tariff_row", &row, "tariff", &record.tariff)?,
            service_type: parse("tariff_row", &row, "service_type", &record.service_type)?,
            label: parse("tariff_row", &row, "label", &record.label)?,
            labels: BTreeMap::new(),
            currency: parse("tariff_row", &row, "currency", &record.currency)?,
            rate_per_minute: parse("tariff_row", &row, "rate_per_minute", &record.rate_per_minute)?,
            increment_seconds: seconds(record.increment_seconds, parsed("increment_seconds"))?,
            minimum_seconds: seconds(record.minimum_seconds, parsed("minimum_seconds"))?,
            valid_from: parse("tariff_row", &row, "valid_from", &record.valid_from)?,
        })
    }
}
