//! The local time of a zone, as chrono's `Offset` and `TimeZone` want it.

use std::fmt;

use chrono::{DateTime, FixedOffset, MappedLocalTime, NaiveDate, NaiveDateTime, NaiveTime, Offset, TimeZone, Utc};

use super::{Zone, first_after};

/// Clocks are at most this far from UTC, with a margin.
const FURTHEST_SECONDS: i64 = 15 * 60 * 60;
/// No local time is repeated or left out for a shorter time.
const SHORTEST_SECONDS: usize = 15 * 60;

/// A zone's offset from UTC at some moment.
#[derive(Clone, Copy)]
pub struct ZoneOffset {
    zone: Zone,
    offset: FixedOffset,
}

/// The first instant at which clocks in `zone` show `date`; where the date was skipped, the first one after it.
pub fn first_instant(date: NaiveDate, zone: Zone) -> DateTime<Utc> {
    let midnight = date.and_time(NaiveTime::MIN);
    let instant = match zone.from_local_datetime(&midnight) {
        MappedLocalTime::Single(only) => only.timestamp(),
        MappedLocalTime::Ambiguous(earlier, _) => earlier.timestamp(),
        MappedLocalTime::None => {
            let local = midnight.and_utc().timestamp();
            let shows_it = |instant: i64| instant + i64::from(zone.offset_at(instant)) >= local;
            first_after(local - FURTHEST_SECONDS, local + FURTHEST_SECONDS, shows_it)
        }
    };
    DateTime::from_timestamp(instant, 0).unwrap_or_else(|| midnight.and_utc())
}

impl Zone {
    fn offset(self, seconds: i32) -> ZoneOffset {
        let utc = FixedOffset::east_opt(0);
        let offset = FixedOffset::east_opt(seconds).or(utc).unwrap_or_else(|| Utc.fix());
        ZoneOffset { zone: self, offset }
    }

    /// The offsets by which clocks show `local`, in seconds, in the order of their instants.
    fn offsets_of(self, local: i64) -> Vec<i32> {
        let (first, last) = (self.offset_at(local - FURTHEST_SECONDS), self.offset_at(local + FURTHEST_SECONDS));
        if first == last {
            return vec![first];
        }
        let mut offsets: Vec<i32> = (local - FURTHEST_SECONDS..=local + FURTHEST_SECONDS)
            .step_by(SHORTEST_SECONDS)
            .map(|instant| self.offset_at(instant))
            .collect();
        offsets.sort_unstable();
        offsets.dedup();
        // The larger offset is the earlier instant.
        offsets.reverse();
        offsets.retain(|offset| self.offset_at(local - i64::from(*offset)) == *offset);
        offsets
    }
}

impl TimeZone for Zone {
    type Offset = ZoneOffset;

    fn from_offset(offset: &ZoneOffset) -> Self {
        offset.zone
    }

    fn offset_from_local_date(&self, local: &NaiveDate) -> MappedLocalTime<ZoneOffset> {
        self.offset_from_local_datetime(&local.and_time(NaiveTime::MIN))
    }

    fn offset_from_local_datetime(&self, local: &NaiveDateTime) -> MappedLocalTime<ZoneOffset> {
        match self.offsets_of(local.and_utc().timestamp()).as_slice() {
            [] => MappedLocalTime::None,
            [only] => MappedLocalTime::Single(self.offset(*only)),
            [earlier, .., later] => MappedLocalTime::Ambiguous(self.offset(*earlier), self.offset(*later)),
        }
    }

    fn offset_from_utc_date(&self, utc: &NaiveDate) -> ZoneOffset {
        self.offset_from_utc_datetime(&utc.and_time(NaiveTime::MIN))
    }

    fn offset_from_utc_datetime(&self, utc: &NaiveDateTime) -> ZoneOffset {
        self.offset(self.offset_at(utc.and_utc().timestamp()))
    }
}

impl Offset for ZoneOffset {
    fn fix(&self) -> FixedOffset {
        self.offset
    }
}

impl fmt::Debug for ZoneOffset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.offset, f)
    }
}

impl fmt::Display for ZoneOffset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.offset, f)
    }
}

#[cfg(test)]
mod tests {
    use chrono::Timelike as _;
    use chrono_tz::{GapInfo, Tz};

    use super::*;

    /// The same as chrono-tz returns, which has its own tables of gaps.
    fn by_chrono_tz(date: NaiveDate, zone: Tz) -> DateTime<Utc> {
        let midnight = date.and_time(NaiveTime::MIN);
        let local = match zone.from_local_datetime(&midnight) {
            MappedLocalTime::Single(only) => Some(only),
            MappedLocalTime::Ambiguous(earlier, _) => Some(earlier),
            MappedLocalTime::None => GapInfo::new(&midnight, &zone).and_then(|gap| gap.end),
        };
        local.unwrap().with_timezone(&Utc)
    }

    #[test]
    fn first_instants_of_every_zone_are_those_of_chrono_tz() {
        for zone in chrono_tz::TZ_VARIANTS {
            for year in (1990..2038).step_by(3) {
                for month in 1..=12 {
                    let date = NaiveDate::from_ymd_opt(year, month, 1).unwrap();
                    assert_eq!(first_instant(date, zone.into()), by_chrono_tz(date, zone), "{zone} {date}");
                }
            }
        }
    }

    #[test]
    fn offsets_that_were_frozen_are_those_of_the_zone() {
        let zone = Zone::from(chrono_tz::Europe::Paris);
        let (start, end) = ("2026-03-01T00:00:00Z".parse().unwrap(), "2026-11-01T00:00:00Z".parse().unwrap());
        let offsets = zone.offsets_between(start, end);
        let changes = [1_774_746_000, 1_792_890_000];
        assert_eq!(offsets, [(start.timestamp(), 3600), (changes[0], 7200), (changes[1], 3600)]);
        let frozen = zone.frozen(&offsets);
        let mut instant: DateTime<Utc> = start;
        while instant < end {
            let (live, frozen) = (instant.with_timezone(&zone), instant.with_timezone(&frozen));
            assert_eq!((live.offset().fix(), live.hour()), (frozen.offset().fix(), frozen.hour()), "{instant}");
            instant += chrono::TimeDelta::minutes(30);
        }
    }

    #[test]
    fn an_hour_that_comes_twice_is_shown_twice() {
        let zone = Zone::from(chrono_tz::Europe::Paris);
        let twice = NaiveDate::from_ymd_opt(2026, 10, 25).unwrap().and_hms_opt(2, 30, 0).unwrap();
        let MappedLocalTime::Ambiguous(earlier, later) = zone.from_local_datetime(&twice) else {
            panic!("once");
        };
        assert_eq!((later - earlier).num_minutes(), 60);
        let never = NaiveDate::from_ymd_opt(2026, 3, 29).unwrap().and_hms_opt(2, 30, 0).unwrap();
        assert!(matches!(zone.from_local_datetime(&never), MappedLocalTime::None));
    }
}
