//! `[schedule]`: when months are closed.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use chrono::{DateTime, Datelike, TimeDelta, TimeZone, Utc};
use croner::Cron;
use croner::parser::{CronParser, Seconds, Year};
use serde::{Deserialize, Serialize};

use super::findings::{Findings, nearest};
use super::setting::{Setting, text};
use super::values::interval;
use crate::domain::{Invalid, Zone};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Schedule {
    /// When the daemon closes what is due: second, minute, hour, day of the month, month, day of the week.
    #[serde(with = "text")]
    pub close: CronPattern,
    /// The zone in which `close` is meant.
    #[serde(with = "text")]
    pub time_zone: ScheduleZone,
    /// How long after its end a month waits for usage that is still under way.
    #[serde(with = "interval")]
    pub grace: TimeDelta,
    /// How often the daemon looks for work.
    #[serde(with = "interval")]
    pub heartbeat: Duration,
}

/// Times of a pattern that are looked at for months without one: two years of monthly ones.
const LOOKED_AT: usize = 24;

impl Default for Schedule {
    fn default() -> Self {
        Self {
            #[expect(clippy::expect_used, reason = "a constant, covered by every test of the defaults")]
            close: "0 0 6 2 * *".parse().expect("is a pattern"),
            time_zone: ScheduleZone(Zone::utc()),
            grace: TimeDelta::hours(24),
            heartbeat: Duration::from_mins(1),
        }
    }
}

impl Schedule {
    /// The next three times of `close`, where some months have none: a pattern with day 31 means seven closings a year.
    pub fn skips_months(&self, now: DateTime<Utc>) -> Option<Vec<DateTime<Zone>>> {
        let from = now.with_timezone(&self.time_zone.0);
        let times: Vec<_> = self.close.cron.iter_from(from, croner::Direction::Forward).take(LOOKED_AT).collect();
        let mut months: Vec<_> = times.iter().map(|time| time.year() * 12 + time.month().cast_signed()).collect();
        months.dedup();
        let skips = months.windows(2).any(|pair| pair[1] > pair[0] + 1);
        skips.then(|| times.into_iter().take(3).collect())
    }

    /// Where the grace of the month that ends next is still running at the time of `close`, the grace decides: that
    /// time, and when the month closes instead. Months end in each account's zone; this one is that of `close`.
    pub fn overruled_by_grace(&self, now: DateTime<Utc>) -> Option<(DateTime<Zone>, DateTime<Zone>)> {
        let month = crate::domain::Period::containing(now, self.time_zone.0).bounds(self.time_zone.0);
        let wanted = self.close.cron.find_next_occurrence(&month.end.with_timezone(&self.time_zone.0), true).ok()?;
        let instead = (month.end + self.grace).with_timezone(&self.time_zone.0);
        (wanted < instead).then_some((wanted, instead))
    }

    pub(super) fn check(&mut self, findings: &mut Findings) {
        if self.heartbeat.is_zero() || self.heartbeat > Duration::from_hours(24) {
            findings.add("schedule.heartbeat", "must be from \"1s\" to \"24h\"");
        }
    }
}

/// A cron pattern of six fields, the first of them seconds.
#[derive(Debug, Clone)]
pub struct CronPattern {
    text: String,
    cron: Cron,
}

impl CronPattern {
    pub fn cron(&self) -> &Cron {
        &self.cron
    }
}

impl PartialEq for CronPattern {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Setting for CronPattern {
    const WANTED: &'static str = "a cron pattern in quotes, as \"0 0 6 2 * *\"";
}

impl FromStr for CronPattern {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        if text.split_whitespace().count() != 6 {
            return Err(Invalid(
                "must have six fields: second, minute, hour, day of the month, month, day of the week".into(),
            ));
        }
        let parser = CronParser::builder().seconds(Seconds::Required).year(Year::Disallowed).build();
        let cron = parser.parse(text).map_err(|why| Invalid(format!("is not a cron pattern: {why}")))?;
        let from = chrono::Utc.timestamp_opt(0, 0).single().unwrap_or_default();
        if cron.find_next_occurrence(&from, true).is_err() {
            return Err(Invalid("names a day that never comes".into()));
        }
        Ok(Self { text: text.to_owned(), cron })
    }
}

impl fmt::Display for CronPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// An IANA time zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ScheduleZone(pub Zone);

impl Setting for ScheduleZone {
    const WANTED: &'static str = "a time zone in quotes, as \"Europe/Paris\"";
}

impl FromStr for ScheduleZone {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        text.parse().map(Self).map_err(|_| {
            let known = Zone::names();
            let hint = nearest(text, known).map_or_else(String::new, |zone| format!("; did you mean {zone:?}?"));
            Invalid(format!("is not a time zone of the IANA database{hint}"))
        })
    }
}

impl fmt::Display for ScheduleZone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_have_six_fields_and_come_true() {
        for good in ["0 0 6 1 * *", "0 30 5 L * *", "0 0 6 * * MON#1", "0 0 0 29 2 *"] {
            assert!(good.parse::<CronPattern>().is_ok(), "{good}");
        }
        for bad in ["", "0 6 1 * *", "0 0 6 1 * * 2027", "0 0 25 1 * *", "0 0 6 31 2 *", "* * * * * ×", "@monthly"] {
            assert!(bad.parse::<CronPattern>().is_err(), "{bad}");
        }
    }

    #[test]
    fn months_without_a_closing_are_found_with_the_dates_that_are_meant() {
        let skipped = |close: &str| {
            let schedule = Schedule { close: close.parse().unwrap(), ..Schedule::default() };
            schedule.skips_months("2026-11-24T00:00:00Z".parse().unwrap())
        };
        let dates: Vec<_> =
            skipped("0 0 6 31 * *").unwrap().iter().map(|time| time.date_naive().to_string()).collect();
        assert_eq!(dates, ["2026-12-31", "2027-01-31", "2027-03-31"]);
        assert!(skipped("0 0 6 29 * *").is_some() && skipped("0 0 6 1 1 *").is_some());
        for every in ["0 0 6 1 * *", "0 0 6 L * *", "0 0 6 28 * *", "0 0 * * * *", "0 0 6 * * MON#1"] {
            assert!(skipped(every).is_none(), "{every}");
        }
    }

    #[test]
    fn a_grace_that_outlasts_the_time_of_closing_is_found() {
        let overruled = |close: &str, grace: i64| {
            let grace = TimeDelta::hours(grace);
            let schedule = Schedule { close: close.parse().unwrap(), grace, ..Schedule::default() };
            let times = schedule.overruled_by_grace("2026-11-24T00:00:00Z".parse().unwrap());
            times.map(|(wanted, instead)| [wanted, instead].map(|time| time.naive_local().to_string()))
        };
        assert_eq!(overruled("0 0 6 1 * *", 24).unwrap(), ["2026-12-01 06:00:00", "2026-12-02 00:00:00"]);
        assert!(overruled("0 0 6 2 * *", 24).is_none() && overruled("0 0 6 1 * *", 6).is_none());
        assert_eq!(Schedule::default().overruled_by_grace("2026-11-24T00:00:00Z".parse().unwrap()), None);
    }

    #[test]
    fn a_misspelt_zone_is_recognised() {
        let why = "europe/paris".parse::<ScheduleZone>().unwrap_err().to_string();
        assert!(why.contains("\"Europe/Paris\""), "{why}");
    }
}
