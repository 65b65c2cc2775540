//! What tariffs call a service in other languages.

use std::collections::{BTreeMap, HashMap};

use crate::domain::{LocaleTag, Name, TariffName, TariffRow};
use crate::store::engine::decode::parse;
use crate::store::{StoreError, Tariffs, execute, fetch, record};

/// Of one row of a tariff, by language tag.
type Labels = BTreeMap<LocaleTag, Option<Name>>;

record! {
    struct LabelRecord {
        service_type: String,
        valid_from: String,
        locale: String,
        label: String,
    }
}

impl Tariffs<'_> {
    /// Stores the labels that the row names and takes away those that it empties; whether any changed.
    pub(crate) async fn store_service_labels(&mut self, row: &TariffRow) -> Result<bool, StoreError> {
        const PUT: &str = "INSERT INTO service_label (tariff, service_type, valid_from, locale, label)
             VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (tariff, service_type, valid_from, locale) DO UPDATE SET label = excluded.label
             WHERE service_label.label <> excluded.label";
        const TAKE_AWAY: &str = "DELETE FROM service_label
             WHERE tariff = $1 AND service_type = $2 AND valid_from = $3 AND locale = $4";
        let mut changed = 0;
        for (locale, label) in &row.labels {
            let (tariff, service_type) = (row.tariff.as_str(), row.service_type.as_str());
            let (valid_from, locale) = (row.valid_from.to_string(), locale.as_str());
            changed += match label {
                Some(label) => execute!(
                    self.tx,
                    sqlx::query(PUT)
                        .bind(tariff)
                        .bind(service_type)
                        .bind(valid_from.as_str())
                        .bind(locale)
                        .bind(label.as_str())
                ),
                None => execute!(
                    self.tx,
                    sqlx::query(TAKE_AWAY).bind(tariff).bind(service_type).bind(valid_from.as_str()).bind(locale)
                ),
            };
        }
        Ok(changed > 0)
    }

    /// Of all rows of a tariff, by service type and date.
    pub(crate) async fn service_labels(
        &mut self,
        tariff: &TariffName,
    ) -> Result<HashMap<(String, String), Labels>, StoreError> {
        const SQL: &str = "SELECT service_type, valid_from, locale, label FROM service_label WHERE tariff = $1";
        let records = fetch!(all, self.tx, sqlx::query_as::<_, LabelRecord>(SQL).bind(tariff.as_str()));
        let mut labels = HashMap::<_, Labels>::new();
        for LabelRecord { service_type, valid_from, locale, label } in records {
            let row = format!("{tariff} {service_type} {valid_from} {locale}");
            let locale = parse("service_label", &row, "locale", &locale)?;
            let label = parse("service_label", &row, "label", &label)?;
            labels.entry((service_type, valid_from)).or_default().insert(locale, Some(label));
        }
        Ok(labels)
    }
}
