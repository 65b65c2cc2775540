//! Rows of tariffs.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::faults::Faults;
use super::{Field, Kind, Refusal, Row, Rows};
use crate::domain::{Invalid, LocaleTag, Name, TariffRow};

const COLUMNS: [&str; 8] = [
    "tariff",
    "service_type",
    "label",
    "currency",
    "rate_per_minute",
    "increment_seconds",
    "minimum_seconds",
    "valid_from",
];

/// The prefix of columns with the label in a language, for example `label.fr`.
const LABEL_PREFIX: &str = "label.";

/// With at most this rate and these decimals, a year of seconds is charged exactly in 128 bits.
const HIGHEST_RATE: u32 = 1_000_000_000;
const MOST_DECIMALS: u32 = 12;
/// Longest increment and minimum: a day.
const LONGEST_STEP_SECONDS: u32 = 86_400;

#[derive(Debug, Default)]
pub struct TariffRows {
    /// Says why statements cannot be written in a language.
    pub judge_locale: Option<fn(&LocaleTag) -> Option<String>>,
}

impl Rows for TariffRows {
    type Entry = TariffRow;
    const KIND: Kind = Kind::Tariffs;
    const COLUMNS: &'static [&'static str] = &COLUMNS;
    const PREFIX: Option<&'static str> = Some(LABEL_PREFIX);
    const KEY: &'static [&'static str] = &["tariff", "service_type", "valid_from"];
    const SUBJECT: &'static [&'static str] = &["tariff", "service_type", "valid_from"];

    fn read(&mut self, row: &Row<'_>) -> Result<TariffRow, Refusal> {
        let [tariff, service_type, label, currency, rate, increment, minimum, valid_from] = row.fields(&COLUMNS);
        let mut faults = Faults::default();
        let read = (
            faults.check(tariff.parse()),
            faults.check(service_type.parse()),
            faults.check(label.parse()),
            faults.check(currency.parse()),
            faults.check(read_rate(rate)),
            faults.check(read_seconds(increment, 1)),
            faults.check(read_seconds(minimum, 0)),
            faults.check(read_date(valid_from)),
            faults.check(self.read_labels(row)),
        );
        let (
            Some(tariff),
            Some(service_type),
            Some(label),
            Some(currency),
            Some(rate_per_minute),
            Some(increment_seconds),
            Some(minimum_seconds),
            Some(valid_from),
            Some(labels),
        ) = read
        else {
            return Err(faults.into_refusal());
        };
        Ok(TariffRow {
            tariff,
            service_type,
            label,
            labels,
            currency,
            rate_per_minute,
            increment_seconds,
            minimum_seconds,
            valid_from,
        })
    }
}

impl TariffRows {
    /// An empty label takes a language's label away; a language without a column keeps the one that it has.
    fn read_labels(&self, row: &Row<'_>) -> Result<BTreeMap<LocaleTag, Option<Name>>, Refusal> {
        let mut labels = BTreeMap::new();
        for (tag, label) in row.prefixed_fields() {
            let refuse = |reason: String| Refusal::row(format!("{LABEL_PREFIX}{tag} {reason}"));
            let locale: LocaleTag = tag.parse().map_err(|error: Invalid| refuse(error.0))?;
            if let Some(why) = self.judge_locale.and_then(|judge| judge(&locale)) {
                return Err(refuse(format!("is for no one: {why}")));
            }
            let label = std::str::from_utf8(label).map_err(|_| refuse("is not UTF-8".into()))?;
            let label = (!label.is_empty()).then(|| label.parse()).transpose();
            labels.insert(locale, label.map_err(|error: Invalid| refuse(error.0))?);
        }
        Ok(labels)
    }
}

fn read_rate(field: Field<'_>) -> Result<Decimal, Refusal> {
    let text = field.text()?;
    let is_plain = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
        && text.bytes().next().is_some_and(|byte| byte.is_ascii_digit());
    let rate = if is_plain { Decimal::from_str_exact(text).ok() } else { None };
    let rate = rate.ok_or_else(|| field.refuse("must be a decimal number such as 0.09, not negative"))?;
    if rate > Decimal::from(HIGHEST_RATE) || rate.normalize().scale() > MOST_DECIMALS {
        return Err(field.refuse(format!("must be at most {HIGHEST_RATE}, with at most {MOST_DECIMALS} decimals")));
    }
    Ok(rate)
}

fn read_seconds(field: Field<'_>, least: u32) -> Result<u32, Refusal> {
    let text = field.text()?;
    let seconds = if text.bytes().all(|byte| byte.is_ascii_digit()) { text.parse().ok() } else { None };
    seconds.filter(|seconds| (least..=LONGEST_STEP_SECONDS).contains(seconds)).ok_or_else(|| {
        field.refuse(format!("must be a whole number of seconds from {least} to {LONGEST_STEP_SECONDS}"))
    })
}

pub(super) fn read_date(field: Field<'_>) -> Result<NaiveDate, Refusal> {
    let text = field.text()?;
    let date = if text.len() == 10 { NaiveDate::parse_from_str(text, "%Y-%m-%d").ok() } else { None };
    date.ok_or_else(|| field.refuse("must be a date as YYYY-MM-DD"))
}
