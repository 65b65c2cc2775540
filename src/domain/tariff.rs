//! What a minute costs: rows of a tariff with the day from which each is valid.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::{Currency, LocaleTag, Name, ServiceType, TariffName};

/// The price of one service type from a day on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TariffRow {
    pub tariff: TariffName,
    pub service_type: ServiceType,
    /// What statements call the service, in languages that have no label of their own.
    pub label: Name,
    /// The label in other languages, by language tag such as `fr` or `de-AT`. `None` takes one away.
    pub labels: BTreeMap<LocaleTag, Option<Name>>,
    pub currency: Currency,
    /// Not negative.
    pub rate_per_minute: Decimal,
    /// At least 1.
    pub increment_seconds: u32,
    pub minimum_seconds: u32,
    /// A date in the account's time zone.
    pub valid_from: NaiveDate,
}

impl TariffRow {
    /// What statements call the service in a locale: its own label, that of its language, or the one for all.
    pub fn label_in(&self, locale: &LocaleTag) -> &Name {
        locale.and_wider().find_map(|tag| self.labels.get(tag)?.as_ref()).unwrap_or(&self.label)
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_is_called_as_the_locale_calls_it_or_else_its_language() {
        let name = |text: &str| text.parse::<Name>().unwrap();
        let label = |tag: &str, label: Option<&str>| (tag.parse().unwrap(), label.map(name));
        let row = TariffRow {
            tariff: "T".parse().unwrap(),
            service_type: "LOCAL".parse().unwrap(),
            label: name("Local"),
            labels: [label("fr", Some("Local FR")), label("fr-CA", Some("Local CA")), label("de", None)].into(),
            currency: "EUR".parse().unwrap(),
            rate_per_minute: Decimal::ONE,
            increment_seconds: 1,
            minimum_seconds: 0,
            valid_from: NaiveDate::default(),
        };
        for (locale, expected) in
            [("fr-CA", "Local CA"), ("fr-FR", "Local FR"), ("fr", "Local FR"), ("de-AT", "Local"), ("nl-NL", "Local")]
        {
            assert_eq!(row.label_in(&locale.parse().unwrap()).as_str(), expected, "{locale}");
        }
    }
}
