//! Money and months by hand: long division, and months that are found by looking at each minute.

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;

use super::model::Rate;

/// (year, month)
pub type Month = (i32, u32);

pub fn without_zeros(rate: &str) -> String {
    if rate.contains('.') { rate.trim_end_matches('0').trim_end_matches('.').to_owned() } else { rate.to_owned() }
}

/// Second by second, as the rule reads.
pub fn billed(duration: u64, rate: &Rate) -> u64 {
    let mut seconds = duration;
    while seconds < rate.minimum || !seconds.is_multiple_of(rate.increment) {
        seconds += 1;
    }
    seconds
}

/// rate × seconds ÷ 60 in minor units, by long division; a rest of half or more rounds away from zero.
pub fn charge(rate: &str, seconds: u64, minor_digits: u32) -> i128 {
    let (whole, fraction) = rate.split_once('.').unwrap_or((rate, ""));
    let numerator: i128 = format!("{whole}{fraction}").parse().unwrap();
    let denominator = 10_i128.pow(u32::try_from(fraction.len()).unwrap());
    let numerator = numerator * i128::from(seconds) * 10_i128.pow(minor_digits);
    let denominator = denominator * 60;
    let (quotient, rest) = (numerator / denominator, numerator % denominator);
    if rest >= denominator - rest { quotient + 1 } else { quotient }
}

pub fn local(instant: i64, zone: Tz) -> DateTime<Tz> {
    zone.timestamp_opt(instant, 0).unwrap()
}

pub fn following((year, month): Month) -> Month {
    if month == 12 { (year + 1, 1) } else { (year, month + 1) }
}

/// The month whose first instant is the last one not after `instant`.
pub fn month_of(instant: i64, zone: Tz) -> Month {
    let date = local(instant, zone).date_naive();
    let shown = (date.year(), date.month());
    let before = if shown.1 == 1 { (shown.0 - 1, 12) } else { (shown.0, shown.1 - 1) };
    [following(shown), shown, before].into_iter().find(|month| first_instant(*month, zone) <= instant).unwrap()
}

/// The first minute at which clocks show the month's first day, or a later one: found by looking at each.
pub fn first_instant((year, month): Month, zone: Tz) -> i64 {
    thread_local! {
        static FOUND: std::cell::RefCell<BTreeMap<(Month, &'static str), i64>> = std::cell::RefCell::default();
    }
    let key = ((year, month), zone.name());
    if let Some(found) = FOUND.with_borrow(|found| found.get(&key).copied()) {
        return found;
    }
    let first_day = chrono::NaiveDate::from_ymd_opt(year, month, 1).unwrap();
    let mut instant: DateTime<Utc> = first_day.and_hms_opt(0, 0, 0).unwrap().and_utc() - TimeDelta::hours(16);
    while instant.with_timezone(&zone).date_naive() < first_day {
        instant += TimeDelta::minutes(1);
    }
    FOUND.with_borrow_mut(|found| found.insert(key, instant.timestamp()));
    instant.timestamp()
}
