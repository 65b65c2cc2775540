//! `[schedule]`: when months are closed.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use chrono::{TimeDelta, TimeZone};
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

impl Default for Schedule {
    fn default() -> Self {
        Self {
            #[expect(clippy::expect_used, reason = "a constant, covered by every test of the defaults")]
            close: "0 0 6 1 * *".parse().expect("is a pattern"),
            time_zone: ScheduleZone(Zone::utc()),
            grace: TimeDelta::hours(24),
            heartbeat: Duration::from_mins(1),
        }
    }
}

impl Schedule {
    /// The form that `jobs` works with.
    pub fn close(&self) -> crate::jobs::Schedule {
        crate::jobs::Schedule { cron: self.close.cron.clone(), time_zone: self.time_zone.0 }
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

impl PartialEq for CronPattern {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Setting for CronPattern {
    const WANTED: &'static str = "a cron pattern in quotes, as \"0 0 6 1 * *\"";
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
    fn a_misspelt_zone_is_recognised() {
        let why = "europe/paris".parse::<ScheduleZone>().unwrap_err().to_string();
        assert!(why.contains("\"Europe/Paris\""), "{why}");
    }
}
