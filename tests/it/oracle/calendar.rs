//! Months and time zones, found by looking at each minute.

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, NaiveDate, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;

/// (year, month)
pub type YearMonth = (i32, u32);

/// The zones of an account through time.
#[derive(Debug)]
pub struct Zones {
    pub now: Tz,
    /// The months before this one are measured in that zone.
    past: BTreeMap<YearMonth, Tz>,
}

impl Zones {
    pub fn new(zone: Tz) -> Self {
        Self { now: zone, past: BTreeMap::new() }
    }

    /// The month under way ends as it began, if there is any usage.
    pub fn change(&mut self, zone: Tz, now: i64, is_used: bool) {
        if is_used && zone != self.now {
            let today = local(now, self.now);
            self.past.entry(following((today.year(), today.month()))).or_insert(self.now);
        }
        self.now = zone;
    }

    /// The zone in which a month is measured.
    pub fn of(&self, month: YearMonth) -> Tz {
        self.past.iter().find(|(before, _)| month < **before).map_or(self.now, |(_, zone)| *zone)
    }

    /// A month begins where the one before it ends.
    pub fn bounds(&self, month: YearMonth) -> (i64, i64) {
        let before = preceding(month);
        (first_instant(month, self.of(before)), first_instant(following(month), self.of(month)))
    }

    pub fn month_of(&self, instant: i64) -> YearMonth {
        let utc = DateTime::from_timestamp(instant, 0).unwrap();
        let near = (utc.year(), utc.month());
        let is_in = |month: &YearMonth| (self.bounds(*month).0..self.bounds(*month).1).contains(&instant);
        [preceding(near), near, following(near)].into_iter().find(is_in).unwrap()
    }
}

pub fn local(instant: i64, zone: Tz) -> DateTime<Tz> {
    zone.timestamp_opt(instant, 0).unwrap()
}

pub fn following((year, month): YearMonth) -> YearMonth {
    if month == 12 { (year + 1, 1) } else { (year, month + 1) }
}

fn preceding((year, month): YearMonth) -> YearMonth {
    if month == 1 { (year - 1, 12) } else { (year, month - 1) }
}

/// The first minute at which clocks show the month's first day, or a later one.
pub fn first_instant((year, month): YearMonth, zone: Tz) -> i64 {
    first_minute_of(NaiveDate::from_ymd_opt(year, month, 1).unwrap(), zone)
}

/// The first minute at which clocks show the day, or a later one: found by looking at each.
pub fn first_minute_of(day: NaiveDate, zone: Tz) -> i64 {
    thread_local! {
        static FOUND: std::cell::RefCell<BTreeMap<(NaiveDate, &'static str), i64>> = std::cell::RefCell::default();
    }
    let key = (day, zone.name());
    if let Some(found) = FOUND.with_borrow(|found| found.get(&key).copied()) {
        return found;
    }
    let mut instant: DateTime<Utc> = day.and_hms_opt(0, 0, 0).unwrap().and_utc() - TimeDelta::hours(16);
    while instant.with_timezone(&zone).date_naive() < day {
        instant += TimeDelta::minutes(1);
    }
    FOUND.with_borrow_mut(|found| found.insert(key, instant.timestamp()));
    instant.timestamp()
}
