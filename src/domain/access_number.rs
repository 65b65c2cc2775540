//! Dialled numbers, by which the service type of a leg is found where the bridge does not name one.

use std::collections::HashMap;
use std::fmt;
use std::str::FromStr;

use chrono::NaiveDate;

use super::{Invalid, ServiceType};

/// Longest number: E.164 has 15 digits, some exchanges dial a few more in front.
const MOST_DIGITS: usize = 32;

/// A number, or the beginning of many (`1800*`); digits only.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct AccessNumber {
    digits: String,
    is_prefix: bool,
}

/// What a number is priced as from a date on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessNumberRow {
    pub number: AccessNumber,
    pub service_type: ServiceType,
    pub valid_from: NaiveDate,
}

/// All numbers that are known.
#[derive(Debug, Clone, Default)]
pub struct AccessNumbers {
    /// Newest date first.
    dates: HashMap<AccessNumber, Vec<(NaiveDate, ServiceType)>>,
    longest_prefix: usize,
}

impl AccessNumber {
    pub fn new(digits: &str, is_prefix: bool) -> Result<Self, Invalid> {
        let is_number = (1..=MOST_DIGITS).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
        if is_number {
            Ok(Self { digits: digits.to_owned(), is_prefix })
        } else {
            Err(Invalid(format!(
                "must be a number of at most {MOST_DIGITS} digits, such as 33199001000, or a prefix, such as 1800*"
            )))
        }
    }

    pub fn digits(&self) -> &str {
        &self.digits
    }

    /// Whether it means all numbers that begin with it.
    pub fn is_prefix(&self) -> bool {
        self.is_prefix
    }
}

impl FromStr for AccessNumber {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        match text.strip_suffix('*') {
            Some(prefix) => Self::new(&digits_of(prefix), true),
            None => Self::new(&digits_of(text), false),
        }
    }
}

impl fmt::Display for AccessNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.digits, if self.is_prefix { "*" } else { "" })
    }
}

impl AccessNumbers {
    pub fn add(&mut self, row: AccessNumberRow) {
        if row.number.is_prefix {
            self.longest_prefix = self.longest_prefix.max(row.number.digits.len());
        }
        let dates = self.dates.entry(row.number).or_default();
        let place = dates.partition_point(|(date, _)| *date > row.valid_from);
        dates.insert(place, (row.valid_from, row.service_type));
    }

    /// Of the number as it was dialled, on `date`: the whole number before prefixes, the longest prefix before shorter
    /// ones. `None` if nothing that is valid on that date matches.
    pub fn service_type(&self, dialled: &str, date: NaiveDate) -> Option<&ServiceType> {
        let digits = digits_of(dialled);
        let whole = AccessNumber::new(&digits, false).ok()?;
        self.on(&whole, date).or_else(|| {
            (1..=digits.len().min(self.longest_prefix))
                .rev()
                .find_map(|length| self.on(&AccessNumber::new(&digits[..length], true).ok()?, date))
        })
    }

    fn on(&self, number: &AccessNumber, date: NaiveDate) -> Option<&ServiceType> {
        let dates = self.dates.get(number)?;
        dates.iter().find(|(from, _)| *from <= date).map(|(_, service_type)| service_type)
    }
}

/// The digits of a number as it was dialled or written: without `sip:…@…`, blanks and signs, `+` and the international
/// `00` in front.
fn digits_of(text: &str) -> String {
    let text = text.trim();
    let text = ["sip:", "sips:", "tel:"].iter().find_map(|scheme| text.strip_prefix(scheme)).unwrap_or(text);
    let user = text.split(['@', ';']).next().unwrap_or_default();
    let digits: String = user.chars().filter(|sign| !" \u{a0}.-()/".contains(*sign)).collect();
    let digits = digits.strip_prefix('+').or_else(|| digits.strip_prefix("00")).unwrap_or(&digits);
    digits.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(rows: &[(&str, &str, &str)]) -> AccessNumbers {
        let mut numbers = AccessNumbers::default();
        for (number, service_type, valid_from) in rows {
            numbers.add(AccessNumberRow {
                number: number.parse().unwrap(),
                service_type: service_type.parse().unwrap(),
                valid_from: valid_from.parse().unwrap(),
            });
        }
        numbers
    }

    #[test]
    fn the_longest_match_that_is_valid_on_the_day_counts() {
        let numbers = numbers(&[
            ("+33 1 99 00 10 00", "LOCAL", "2009-01-01"),
            ("331990010*", "WEB", "2000-01-01"),
            ("33199001000", "TOLLFREE", "2010-01-01"),
            ("33*", "NATIONAL", "2000-01-01"),
        ]);
        let on = |dialled, date: &str| {
            numbers.service_type(dialled, date.parse().unwrap()).map(|service_type| service_type.as_str().to_owned())
        };
        for (dialled, date, wanted) in [
            ("33199001000", "2009-05-06", Some("LOCAL")),
            ("0033199001000", "2010-01-01", Some("TOLLFREE")),
            ("sip:+33199001000@bridge.example.net", "2009-12-31", Some("LOCAL")),
            ("33199001000", "2008-12-31", Some("WEB")),
            ("33199001001", "2009-05-06", Some("WEB")),
            ("33 (0) 5", "2009-05-06", Some("NATIONAL")),
            ("44", "2009-05-06", None),
            ("anonymous", "2009-05-06", None),
            ("", "2009-05-06", None),
        ] {
            assert_eq!(on(dialled, date).as_deref(), wanted, "{dialled} on {date}");
        }
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for text in ["", "*", "abc", "12*3", "1234567890123456789012345678901234"] {
            assert!(text.parse::<AccessNumber>().is_err(), "{text}");
        }
    }
}
