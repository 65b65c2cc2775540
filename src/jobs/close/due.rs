//! When a period is to be closed.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use croner::Cron;

use crate::domain::{PeriodBounds, Zone};

/// When closing is wanted, as a cron pattern in a time zone.
#[derive(Debug, Clone)]
pub struct ClosingSchedule {
    pub cron: Cron,
    pub time_zone: Zone,
}

/// A period is due when its end and the grace have passed. The daemon waits further for the first scheduled time
/// after the period's end, so that an operator decides at which hour of which day a month is closed; since the rule
/// asks for the first such time and not for a tick, nothing is missed while the daemon is down.
#[derive(Debug, Clone)]
pub struct DueRule {
    pub grace: TimeDelta,
    /// Do not wait for late usage to become quiet before a period is revised for it.
    pub revise_at_once: bool,
    pub schedule: Option<ClosingSchedule>,
}

impl DueRule {
    pub fn is_due(&self, period: &PeriodBounds, now: DateTime<Utc>) -> bool {
        self.due_at(period) <= now
    }

    pub fn due_at(&self, period: &PeriodBounds) -> DateTime<Utc> {
        let grace_over = period.end.checked_add_signed(self.grace).unwrap_or(DateTime::<Utc>::MAX_UTC);
        let scheduled = self.schedule.as_ref().and_then(|schedule| schedule.first_from(period.end));
        scheduled.map_or(grace_over, |scheduled| scheduled.max(grace_over))
    }
}

/// When many periods are due: those that end together are due together, and a schedule takes its time to say when.
#[derive(Debug)]
pub struct DueTimes<'a> {
    rule: &'a DueRule,
    /// By the period's end.
    known: HashMap<DateTime<Utc>, DateTime<Utc>>,
}

impl<'a> DueTimes<'a> {
    pub fn new(rule: &'a DueRule) -> Self {
        Self { rule, known: HashMap::new() }
    }

    /// See [`DueRule::due_at`].
    pub fn due_at(&mut self, period: &PeriodBounds) -> DateTime<Utc> {
        *self.known.entry(period.end).or_insert_with(|| self.rule.due_at(period))
    }
}

impl ClosingSchedule {
    /// The first scheduled time at or after `from`. A pattern that never occurs again, as the 31st of February, has
    /// none: the grace alone decides then.
    fn first_from(&self, from: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let next = self.cron.find_next_occurrence(&from.with_timezone(&self.time_zone), true);
        next.ok().map(|next| next.with_timezone(&Utc))
    }
}

#[cfg(test)]
mod tests {
    use std::str::FromStr;

    use super::*;
    use crate::domain::Period;

    fn may() -> PeriodBounds {
        "2009-05".parse::<Period>().unwrap().bounds(Zone::from(chrono_tz::Europe::Paris))
    }

    fn is_due(grace_hours: i64, pattern: Option<&str>, now: &str) -> bool {
        let schedule = pattern.map(|pattern| ClosingSchedule {
            cron: croner::parser::CronParser::builder()
                .seconds(croner::parser::Seconds::Optional)
                .build()
                .parse(pattern)
                .unwrap(),
            time_zone: Zone::utc(),
        });
        let rule = DueRule { grace: TimeDelta::hours(grace_hours), revise_at_once: false, schedule };
        rule.is_due(&may(), DateTime::from_str(now).unwrap())
    }

    #[test]
    fn a_period_is_due_at_its_end_plus_grace_and_not_a_second_before() {
        assert!(!is_due(24, None, "2009-06-01T21:59:59Z"));
        assert!(is_due(24, None, "2009-06-01T22:00:00Z"));
    }

    #[test]
    fn the_daemon_waits_for_the_first_scheduled_time_after_the_end() {
        let pattern = Some("0 0 6 3 * *");
        assert!(!is_due(24, pattern, "2009-06-03T05:59:59Z"));
        assert!(is_due(24, pattern, "2009-06-03T06:00:00Z"));
        assert!(is_due(24, pattern, "2009-09-20T00:00:00Z"), "and makes up for what was missed");
    }

    #[test]
    fn a_grace_longer_than_the_schedule_decides() {
        assert!(!is_due(24, Some("0 0 6 1 * *"), "2009-06-01T06:00:00Z"));
        assert!(is_due(24, Some("0 0 6 1 * *"), "2009-06-01T22:00:00Z"));
    }
}
