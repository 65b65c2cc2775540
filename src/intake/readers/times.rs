//! Instants as bridges write them, as RFC 3339 in UTC.
//!
//! What cannot be read is handed on as it is: the check of the row, which follows, names the column and what is
//! allowed.

use chrono::{DateTime, NaiveDateTime, SecondsFormat, TimeDelta, TimeZone, Utc};

use crate::domain::Zone;

/// How a bridge writes instants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Times {
    Rfc3339,
    /// Seconds since 1970, with or without a fraction.
    Epoch,
    EpochMillis,
    /// A strftime form; without an offset in it, local time of the zone.
    Form {
        form: String,
        zone: Zone,
    },
}

/// Far longer than any gap of a time zone.
const LONGEST_GAP_HOURS: i64 = 48;

impl Times {
    pub(super) fn new(text: &str, zone: Option<Zone>) -> Result<Self, String> {
        let times = match text {
            "rfc3339" => Self::Rfc3339,
            "epoch" => Self::Epoch,
            "epoch_ms" => Self::EpochMillis,
            form if !form.contains('%') => {
                return Err(format!("times: must be rfc3339, epoch, epoch_ms or a strftime form, not {form:?}"));
            }
            form => {
                let has_offset = ["%z", "%:z", "%#z", "%+"].iter().any(|sign| form.contains(sign));
                let zone = match (has_offset, zone) {
                    (true, Some(_)) => return Err("time_zone: the times have an offset of their own".into()),
                    (true, None) => Zone::utc(),
                    (false, Some(zone)) => zone,
                    (false, None) => return Err("time_zone: is missing, and the times have no offset".into()),
                };
                return Ok(Self::Form { form: form.to_owned(), zone });
            }
        };
        if zone.is_some() { Err("time_zone: the times need none".into()) } else { Ok(times) }
    }

    /// As RFC 3339, whole seconds, UTC; what cannot be read as it is.
    pub(super) fn rewrite(&self, text: &str) -> String {
        self.parse(text.trim()).map_or_else(|| text.to_owned(), rfc3339)
    }

    pub(super) fn parse(&self, text: &str) -> Option<DateTime<Utc>> {
        match self {
            Self::Rfc3339 => DateTime::parse_from_rfc3339(text).ok().map(|instant| instant.to_utc()),
            // Zero means "never".
            Self::Epoch => epoch_seconds(text).filter(|seconds| *seconds > 0).and_then(from_seconds),
            Self::EpochMillis => text
                .parse()
                .ok()
                .filter(|millis: &i64| *millis > 0)
                .and_then(|millis| from_seconds(millis.div_euclid(1000))),
            Self::Form { form, zone } => match DateTime::parse_from_str(text, form) {
                Ok(instant) => Some(instant.to_utc()),
                Err(_) => NaiveDateTime::parse_from_str(text, form).ok().and_then(|local| instant_of(local, *zone)),
            },
        }
    }
}

pub(super) fn rfc3339(instant: DateTime<Utc>) -> String {
    instant.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// `joined_at` and a length in seconds; `None` if either cannot be read.
pub(super) fn after(joined: &str, seconds: &str) -> Option<String> {
    let joined = DateTime::parse_from_rfc3339(joined).ok()?.to_utc();
    let length = TimeDelta::try_seconds(epoch_seconds(seconds.trim())?)?;
    Some(rfc3339(joined.checked_add_signed(length)?))
}

pub(super) fn from_seconds(seconds: i64) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp(seconds, 0)
}

/// Whole seconds of `123` or `123.456`.
pub(super) fn epoch_seconds(text: &str) -> Option<i64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if is_number(whole) && is_number(fraction) { whole.parse().ok() } else { None }
}

/// The earlier one of an hour that comes twice; the first instant after an hour that does not come.
fn instant_of(local: NaiveDateTime, zone: Zone) -> Option<DateTime<Utc>> {
    let found = |local: NaiveDateTime| zone.from_local_datetime(&local).earliest().map(|instant| instant.to_utc());
    (0..LONGEST_GAP_HOURS * 60).find_map(|minutes| found(local.checked_add_signed(TimeDelta::minutes(minutes))?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_are_read_in_each_form_and_what_is_none_is_left_as_it_is() {
        let paris = Times::new("%Y-%m-%d %H:%M:%S%.f", Some(Zone::from(chrono_tz::Europe::Paris))).unwrap();
        for (times, text, wanted) in [
            (&Times::Epoch, "1241604862.001233", "2009-05-06T10:14:22Z"),
            (&Times::Epoch, "0", "0"),
            (&Times::EpochMillis, "1648751024163", "2022-03-31T18:23:44Z"),
            (&Times::Rfc3339, "2019-11-01T00:00:08.2589935Z", "2019-11-01T00:00:08Z"),
            (&paris, "2009-05-06 12:14:02", "2009-05-06T10:14:02Z"),
            (&paris, "2009-10-25 02:30:00.5", "2009-10-25T00:30:00Z"),
            (&paris, "2009-03-29 02:30:00", "2009-03-29T01:00:00Z"),
            (&paris, "noon", "noon"),
        ] {
            assert_eq!(times.rewrite(text), wanted, "{text}");
        }
    }

    #[test]
    fn a_zone_is_wanted_exactly_where_times_have_no_offset() {
        assert!(Times::new("%Y-%m-%d %H:%M", None).unwrap_err().starts_with("time_zone"));
        assert!(Times::new("rfc3339", Some(Zone::utc())).is_err());
        assert!(Times::new("%FT%T%z", Some(Zone::utc())).is_err());
        assert!(Times::new("iso", None).is_err());
    }
}
