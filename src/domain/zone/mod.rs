//! Time zones by the newest rules at hand.
//!
//! The program carries the zones of the IANA database as they were when it was built; where newer data were handed to
//! it ([`use_newer`]), those are used. What was frozen keeps the offsets that it was frozen with, whatever rules say
//! now.

mod local_time;

use std::collections::HashMap;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;
use std::sync::{LazyLock, OnceLock, PoisonError, RwLock};

use chrono::{DateTime, Offset as _, TimeZone as _, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use super::Invalid;

pub use local_time::{ZoneOffset, first_instant};

/// A zone of the IANA database, with its rules.
#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Zone(&'static NamedRules);

struct NamedRules {
    name: String,
    rules: Rules,
}

enum Rules {
    BuiltIn(Tz),
    Newer(jiff::tz::TimeZone),
    Frozen(Vec<FrozenOffset>),
}

/// Seconds east of UTC, from an instant in seconds since 1970 on.
pub type FrozenOffset = (i64, i32);

type KnownZones = HashMap<(String, Vec<FrozenOffset>), Zone>;

/// Data newer than those that the program carries.
#[derive(Debug)]
pub struct NewerData {
    /// For example `2026f`.
    pub version: String,
    /// Returns a zone's compiled rules (RFC 9636) by its name.
    pub read: fn(&str) -> Option<Vec<u8>>,
}

static NEWER: OnceLock<NewerData> = OnceLock::new();
/// By name and frozen offsets: each is made once and stays.
static KNOWN: LazyLock<RwLock<KnownZones>> = LazyLock::new(RwLock::default);

/// Regions of the database: what else lies in its folder is no zone to bill by.
const REGIONS: [&str; 10] = [
    "Africa/",
    "America/",
    "Antarctica/",
    "Arctic/",
    "Asia/",
    "Atlantic/",
    "Australia/",
    "Europe/",
    "Indian/",
    "Pacific/",
];
/// Clocks never change twice within this time.
const STEP_SECONDS: i64 = 12 * 60 * 60;

/// Uses data that are newer than the program's; to be called before the first zone is read.
pub fn use_newer(data: NewerData) {
    if data.version.as_str() > chrono_tz::IANA_TZDB_VERSION {
        // An earlier call has set the same data.
        let _ = NEWER.set(data);
    }
}

/// The version of the data in use, for example `2026f`, and whether they are those that the program carries.
pub fn zone_data() -> (&'static str, bool) {
    NEWER.get().map_or((chrono_tz::IANA_TZDB_VERSION, true), |newer| (newer.version.as_str(), false))
}

impl Zone {
    pub fn utc() -> Self {
        Self::from(Tz::UTC)
    }

    pub fn name(self) -> &'static str {
        &self.0.name
    }

    /// The names that the program knows by itself, for suggestions.
    pub fn names() -> impl Iterator<Item = &'static str> {
        chrono_tz::TZ_VARIANTS.iter().map(|zone| zone.name())
    }

    /// The same zone, with these offsets for good; as it is where there are none.
    #[must_use]
    pub fn frozen(self, offsets: &[FrozenOffset]) -> Self {
        if offsets.is_empty() {
            return self;
        }
        Self::once(self.name(), offsets, || Some(Rules::Frozen(offsets.to_vec()))).unwrap_or(self)
    }

    /// The offsets in force between two instants, for [`Self::frozen`].
    pub fn offsets_between(self, start: DateTime<Utc>, end: DateTime<Utc>) -> Vec<FrozenOffset> {
        let (mut at, end) = (start.timestamp(), end.timestamp());
        let mut offsets = vec![(at, self.offset_at(at))];
        while at < end {
            let next = (at + STEP_SECONDS).min(end);
            let (before, after) = (self.offset_at(at), self.offset_at(next));
            if before != after {
                offsets.push((first_after(at, next, |instant| self.offset_at(instant) == after), after));
            }
            at = next;
        }
        offsets
    }

    /// Seconds east of UTC at an instant in seconds since 1970.
    fn offset_at(self, instant: i64) -> i32 {
        match &self.0.rules {
            Rules::BuiltIn(zone) => {
                let instant = DateTime::from_timestamp(instant, 0).unwrap_or_default();
                zone.offset_from_utc_datetime(&instant.naive_utc()).fix().local_minus_utc()
            }
            Rules::Newer(zone) => {
                let instant = jiff::Timestamp::from_second(instant).unwrap_or_default();
                zone.to_offset(instant).seconds()
            }
            Rules::Frozen(offsets) => {
                let after = offsets.partition_point(|(from, _)| *from <= instant);
                offsets.get(after.saturating_sub(1)).map_or(0, |(_, offset)| *offset)
            }
        }
    }

    /// The zone of this name and these frozen offsets, made at most once. `None` if there is no such zone.
    fn once(name: &str, frozen: &[FrozenOffset], make: impl FnOnce() -> Option<Rules>) -> Option<Self> {
        let key = (name.to_owned(), frozen.to_vec());
        if let Some(known) = KNOWN.read().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return Some(*known);
        }
        let rules = make()?;
        let mut known = KNOWN.write().unwrap_or_else(PoisonError::into_inner);
        let new = || Self(Box::leak(Box::new(NamedRules { name: name.to_owned(), rules })));
        Some(*known.entry(key).or_insert_with(new))
    }
}

/// The first instant after `low`, and not after `high`, from which on `holds` does.
fn first_after(mut low: i64, mut high: i64, holds: impl Fn(i64) -> bool) -> i64 {
    while high - low > 1 {
        let middle = low + (high - low) / 2;
        if holds(middle) {
            high = middle;
        } else {
            low = middle;
        }
    }
    high
}

/// Newer rules for a name, if there are any.
fn newer(name: &str) -> Option<Rules> {
    let data = NEWER.get()?;
    let is_plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/_+-".contains(&byte));
    let is_zone = REGIONS.iter().any(|region| name.starts_with(region)) || name.parse::<Tz>().is_ok();
    if !is_plain || !is_zone {
        return None;
    }
    let rules = (data.read)(name)?;
    jiff::tz::TimeZone::tzif(name, &rules).ok().map(Rules::Newer)
}

impl FromStr for Zone {
    type Err = Invalid;

    fn from_str(name: &str) -> Result<Self, Invalid> {
        let rules = || newer(name).or_else(|| name.parse().ok().map(Rules::BuiltIn));
        let refuse = || Invalid("is not the name of an IANA time zone such as Europe/Paris".into());
        Self::once(name, &[], rules).ok_or_else(refuse)
    }
}

impl From<Tz> for Zone {
    fn from(zone: Tz) -> Self {
        let name = zone.name();
        let rules = || Some(newer(name).unwrap_or(Rules::BuiltIn(zone)));
        let made = Self::once(name, &[], rules);
        made.unwrap_or_else(|| {
            Self(Box::leak(Box::new(NamedRules { name: name.into(), rules: Rules::BuiltIn(zone) })))
        })
    }
}

impl TryFrom<String> for Zone {
    type Error = Invalid;

    fn try_from(name: String) -> Result<Self, Invalid> {
        name.parse()
    }
}

impl From<Zone> for String {
    fn from(zone: Zone) -> Self {
        zone.name().to_owned()
    }
}

impl PartialEq for Zone {
    fn eq(&self, other: &Self) -> bool {
        self.name() == other.name()
    }
}

impl Eq for Zone {}

impl Hash for Zone {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name().hash(state);
    }
}

impl fmt::Debug for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
