//! Billing periods: calendar months in an account's time zone, half-open, without gap or overlap.
//!
//! Local midnight of the 1st can be missing (Asunción 2017-10-01) or doubled (Havana 2026-11-01); a period starts
//! at the first instant that carries its date, and ends where the next one starts.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use super::{Invalid, Zone, first_instant};

/// A calendar month, `YYYY-MM`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Period {
    year: i32,
    month: u32,
}

/// A period with the instants `start <= t < end` that belong to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PeriodBounds {
    pub id: Period,
    pub start: DateTime<Utc>,
    pub end: DateTime<Utc>,
}

impl Period {
    /// The period of an account in `zone` that `instant` falls into.
    pub fn containing(instant: DateTime<Utc>, zone: Zone) -> Self {
        let local = instant.with_timezone(&zone).date_naive();
        let by_date = Self { year: local.year(), month: local.month() };
        // A clock set back over midnight shows the old month's date again after the new month has begun.
        if instant < by_date.start(zone) {
            by_date.previous()
        } else if instant >= by_date.next().start(zone) {
            by_date.next()
        } else {
            by_date
        }
    }

    pub fn next(self) -> Self {
        if self.month == 12 { Self { year: self.year + 1, month: 1 } } else { Self { month: self.month + 1, ..self } }
    }

    pub fn previous(self) -> Self {
        if self.month == 1 { Self { year: self.year - 1, month: 12 } } else { Self { month: self.month - 1, ..self } }
    }

    /// How many months `other` is after this one.
    pub fn months_until(self, other: Self) -> i64 {
        i64::from(other.year - self.year) * 12 + i64::from(other.month) - i64::from(self.month)
    }

    pub fn year(self) -> i32 {
        self.year
    }

    pub fn month(self) -> u32 {
        self.month
    }

    pub fn first_day(self) -> NaiveDate {
        NaiveDate::from_ymd_opt(self.year, self.month, 1).unwrap_or(NaiveDate::MIN)
    }

    pub fn start(self, zone: Zone) -> DateTime<Utc> {
        first_instant(self.first_day(), zone)
    }

    pub fn bounds(self, zone: impl Into<Zone>) -> PeriodBounds {
        let zone = zone.into();
        PeriodBounds { id: self, start: self.start(zone), end: self.next().start(zone) }
    }
}

impl PeriodBounds {
    /// The period after this one, for an account that is now in `zone`: it starts where this one ended, so that a
    /// change of zone leaves neither gap nor overlap.
    pub fn following(self, zone: Zone) -> Self {
        let id = self.id.next();
        Self { id, start: self.end, end: id.next().start(zone) }
    }

    pub fn contains(&self, instant: DateTime<Utc>) -> bool {
        self.start <= instant && instant < self.end
    }
}

impl FromStr for Period {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let refuse = || Invalid(format!("must be a month as YYYY-MM, not {text:?}"));
        let (year, month) = text.split_once('-').ok_or_else(refuse)?;
        let digits = |part: &str, count| part.len() == count && part.bytes().all(|b| b.is_ascii_digit());
        if !digits(year, 4) || !digits(month, 2) {
            return Err(refuse());
        }
        let (year, month) = (year.parse().map_err(|_| refuse())?, month.parse().map_err(|_| refuse())?);
        NaiveDate::from_ymd_opt(year, month, 1).map(|_| Self { year, month }).ok_or_else(refuse)
    }
}

impl TryFrom<String> for Period {
    type Error = Invalid;

    fn try_from(text: String) -> Result<Self, Invalid> {
        text.parse()
    }
}

impl From<Period> for String {
    fn from(period: Period) -> Self {
        period.to_string()
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{:04}-{:02}", self.year, self.month))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn period(text: &str) -> Period {
        text.parse().unwrap()
    }

    #[test]
    fn periods_of_every_zone_tile_time() {
        for zone in chrono_tz::TZ_VARIANTS.map(Zone::from) {
            let mut current = period("2000-01");
            while current.year() < 2038 {
                let bounds = current.bounds(zone);
                assert!(bounds.start < bounds.end, "{zone} {current}");
                assert_eq!(bounds.end, current.next().start(zone), "{zone} {current}");
                for inside in [bounds.start, bounds.end - chrono::TimeDelta::seconds(1)] {
                    assert_eq!(Period::containing(inside, zone), current, "{zone} {inside}");
                }
                current = current.next();
            }
        }
    }

    #[test]
    fn a_missing_midnight_starts_after_the_gap() {
        let start = period("2017-10").start(Zone::from(chrono_tz::America::Asuncion));
        assert_eq!(start.to_rfc3339(), "2017-10-01T04:00:00+00:00");
    }

    #[test]
    fn a_doubled_midnight_starts_at_the_earlier() {
        let start = period("2026-11").start(Zone::from(chrono_tz::America::Havana));
        assert_eq!(start.to_rfc3339(), "2026-11-01T04:00:00+00:00");
    }

    #[test]
    fn a_change_of_zone_leaves_no_gap() {
        let may = period("2009-05").bounds(Zone::from(chrono_tz::Europe::Paris));
        let june = may.following(Zone::from(chrono_tz::America::New_York));
        assert_eq!(june.start, may.end);
        assert_eq!(june.end, period("2009-07").start(Zone::from(chrono_tz::America::New_York)));
    }

    #[test]
    fn only_months_parse() {
        for bad in ["2009-13", "2009-00", "2009-5", "09-05", "2009", "2009-05-01", "+009-05", ""] {
            assert!(bad.parse::<Period>().is_err(), "{bad}");
        }
        assert_eq!(period("2009-12").next().to_string(), "2010-01");
        assert_eq!(period("2009-01").previous().to_string(), "2008-12");
    }
}
