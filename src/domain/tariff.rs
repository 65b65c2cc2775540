//! What a minute costs: rows of a tariff with the day from which each is valid.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::{Currency, Name, ServiceType, TariffName};

/// The price of one service type from a day on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TariffRow {
    pub tariff: TariffName,
    pub service_type: ServiceType,
    /// What statements call the service.
    pub label: Name,
    pub currency: Currency,
    /// Not negative.
    pub rate_per_minute: Decimal,
    /// At least 1.
    pub increment_seconds: u32,
    pub minimum_seconds: u32,
    /// A date in the account's time zone.
    pub valid_from: NaiveDate,
}

/// All rows under one name.
#[derive(Debug, Clone, Default)]
pub struct Tariff {
    rows: BTreeMap<ServiceType, BTreeMap<NaiveDate, TariffRow>>,
}

impl Tariff {
    /// The row with the latest `valid_from` on or before `date`.
    pub fn row_at(&self, service_type: &ServiceType, date: NaiveDate) -> Option<&TariffRow> {
        self.rows.get(service_type)?.range(..=date).next_back().map(|(_, row)| row)
    }

    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }
}

impl FromIterator<TariffRow> for Tariff {
    fn from_iter<I: IntoIterator<Item = TariffRow>>(rows: I) -> Self {
        let mut tariff = Self::default();
        for row in rows {
            tariff.rows.entry(row.service_type.clone()).or_default().insert(row.valid_from, row);
        }
        tariff
    }
}
