//! The kinds of values that sections share: durations, sizes, secrets, URLs, mailboxes.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use chrono::TimeDelta;
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;

use super::setting::Setting;
use crate::domain::Invalid;

/// A length of time, written as `24h`, `15m`, `90s`, `7d` or a sequence of these (`1h30m`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Interval(TimeDelta);

/// Longest interval that means anything here; it also keeps sums far from the ends of time.
const LONGEST_INTERVAL_DAYS: i64 = 3660;

/// `#[serde(with = "interval")]`: a field of any of the types that hold a length of time.
pub(super) mod interval {
    use serde::{Deserializer, Serializer};

    use super::Interval;
    use crate::config::setting::text;

    pub fn serialize<T: Copy + Into<Interval>, S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
        text::serialize(&(*value).into(), serializer)
    }

    pub fn deserialize<'de, T: From<Interval>, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
        text::deserialize(deserializer).map(|interval: Interval| interval.into())
    }
}

impl From<TimeDelta> for Interval {
    fn from(delta: TimeDelta) -> Self {
        Self(delta)
    }
}

impl From<Interval> for TimeDelta {
    fn from(interval: Interval) -> Self {
        interval.0
    }
}

impl From<Duration> for Interval {
    fn from(duration: Duration) -> Self {
        Self(TimeDelta::from_std(duration).unwrap_or(TimeDelta::MAX))
    }
}

impl From<Interval> for Duration {
    fn from(interval: Interval) -> Self {
        interval.0.to_std().unwrap_or_default()
    }
}

impl Setting for Interval {
    const WANTED: &'static str = "a duration in quotes, as \"24h\", \"15m\", \"90s\" or \"7d\"";
}

impl FromStr for Interval {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let refuse = || Invalid("must be a duration such as \"24h\", \"15m\", \"90s\" or \"7d\"".into());
        let mut rest = text.trim();
        let mut seconds: i64 = 0;
        if rest.is_empty() {
            return Err(refuse());
        }
        while !rest.is_empty() {
            let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
            let number: i64 = rest[..digits].parse().map_err(|_| refuse())?;
            let unit = rest[digits..].chars().next().ok_or_else(refuse)?;
            let size = match unit {
                'd' => 86_400,
                'h' => 3_600,
                'm' => 60,
                's' => 1,
                _ => return Err(refuse()),
            };
            seconds = number.checked_mul(size).and_then(|part| seconds.checked_add(part)).ok_or_else(refuse)?;
            rest = rest[digits + unit.len_utf8()..].trim_start();
        }
        if seconds > LONGEST_INTERVAL_DAYS * 86_400 {
            return Err(Invalid(format!("is longer than {LONGEST_INTERVAL_DAYS} days")));
        }
        Ok(Self(TimeDelta::seconds(seconds)))
    }
}

impl fmt::Display for Interval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.num_seconds();
        match seconds {
            _ if seconds > 86_400 && seconds % 86_400 == 0 => write!(f, "{}d", seconds / 86_400),
            _ if seconds >= 3_600 && seconds % 3_600 == 0 => write!(f, "{}h", seconds / 3_600),
            _ if seconds >= 60 && seconds % 60 == 0 => write!(f, "{}m", seconds / 60),
            _ => write!(f, "{seconds}s"),
        }
    }
}

/// A number of bytes, written as `10MB` (10,000,000) or `10MiB` (10,485,760).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ByteSize(pub u64);

const BYTE_UNITS: [(&str, u64); 7] = [
    ("GiB", 1 << 30),
    ("MiB", 1 << 20),
    ("KiB", 1 << 10),
    ("GB", 1_000_000_000),
    ("MB", 1_000_000),
    ("kB", 1_000),
    ("B", 1),
];

impl Setting for ByteSize {
    const WANTED: &'static str = "a size in quotes, as \"10MB\" or \"512KiB\"";
}

impl FromStr for ByteSize {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let refuse = || Invalid("must be a size such as \"10MB\" or \"512KiB\"".into());
        let (number, unit) =
            BYTE_UNITS.iter().find_map(|(unit, size)| Some((text.strip_suffix(unit)?, *size))).ok_or_else(refuse)?;
        let number: u64 = number.trim().parse().map_err(|_| refuse())?;
        number.checked_mul(unit).map(Self).ok_or_else(refuse)
    }
}

impl fmt::Display for ByteSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fits = |(_, size): &&(&str, u64)| self.0 != 0 && self.0.is_multiple_of(*size);
        let (unit, size) = BYTE_UNITS.iter().filter(fits).max_by_key(|(_, size)| *size).unwrap_or(&("B", 1));
        write!(f, "{}{unit}", self.0 / size)
    }
}

/// A text that is never printed, compared by its content.
#[derive(Debug, Clone)]
pub struct Secret(SecretString);

impl Secret {
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into().into())
    }

    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    pub fn as_secret(&self) -> &SecretString {
        &self.0
    }
}

impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        self.expose() == other.expose()
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(hidden)")
    }
}

impl Setting for Secret {
    const WANTED: &'static str = "text in quotes";
}

impl FromStr for Secret {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        Ok(Self::new(text))
    }
}

impl Serialize for Secret {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// The path of a file or folder; a relative one starts at the working directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilePath(PathBuf);

impl FilePath {
    pub fn as_path(&self) -> &Path {
        &self.0
    }

    pub fn to_path_buf(&self) -> PathBuf {
        self.0.clone()
    }
}

/// `~/x` and `~user/x`, which only shells know; a file may be called `~x`.
pub(super) fn starts_with_tilde(path: &str) -> bool {
    path == "~" || (path.starts_with('~') && path.contains('/'))
}

pub(super) const NO_TILDE: &str = "begins with ~, which is not expanded here: write the whole path";

impl From<&str> for FilePath {
    fn from(path: &str) -> Self {
        Self(path.into())
    }
}

impl Setting for FilePath {
    const WANTED: &'static str = "a path in quotes";
}

impl FromStr for FilePath {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        if text.is_empty() || text.contains('\0') {
            return Err(Invalid("must be a path".into()));
        }
        if starts_with_tilde(text) {
            return Err(Invalid(NO_TILDE.into()));
        }
        Ok(Self(text.into()))
    }
}

impl fmt::Display for FilePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.display().fmt(f)
    }
}
