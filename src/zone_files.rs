//! The system's time zone data: found, and used where they are newer than those that the program carries.
//!
//! Called once, when a command starts. Without it, as in tests of single parts, the program's own data count.

use std::path::{Path, PathBuf};

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use serde::Serialize;

use crate::domain::{NewerData, use_newer, zone_data};

/// Where Linux keeps them; `TZDIR` names another place, as for every other program.
const FOLDER: &str = "/usr/share/zoneinfo";
/// A larger file is not a zone's.
const LARGEST: u64 = 1024 * 1024;

/// The data in use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ZoneDataInUse {
    /// For example `2026f`.
    pub version: &'static str,
    /// `program`, or the folder that they are read from.
    pub source: String,
    /// They are older than a year: governments change their clocks several times in one.
    pub is_old: bool,
}

/// Uses the system's data if they are newer.
pub fn use_system_data() {
    if let Some(version) = version_in(&folder()) {
        use_newer(NewerData { version, read });
    }
}

/// The data in use now.
pub fn zone_data_in_use(now: DateTime<Utc>) -> ZoneDataInUse {
    let (version, is_own) = zone_data();
    let source = if is_own { "program".to_owned() } else { folder().display().to_string() };
    let is_old = released(version).is_some_and(|released| {
        released.with_year(released.year() + 1).is_some_and(|anniversary| now.date_naive() > anniversary)
    });
    ZoneDataInUse { version, source, is_old }
}

impl ZoneDataInUse {
    /// What to do about old data.
    pub fn advice(&self) -> Option<String> {
        self.is_old.then(|| {
            format!(
                "the time zone data are of {}, older than a year: install the newest ones (Debian: apt-get install tzdata) and \
                 restart, or months may begin an hour off",
                self.version
            )
        })
    }
}

fn folder() -> PathBuf {
    std::env::var_os("TZDIR").filter(|folder| !folder.is_empty()).map_or_else(|| FOLDER.into(), PathBuf::from)
}

fn read(zone: &str) -> Option<Vec<u8>> {
    let path = folder().join(zone);
    let is_file = std::fs::metadata(&path).is_ok_and(|metadata| metadata.is_file() && metadata.len() <= LARGEST);
    if is_file { std::fs::read(path).ok() } else { None }
}

/// The version that the first line of `tzdata.zi` names, or the file `+VERSION`.
fn version_in(folder: &Path) -> Option<String> {
    let first_line = |name: &str| {
        let text = std::fs::read(folder.join(name)).ok()?;
        let line = text.split(|byte| *byte == b'\n').next()?;
        Some(String::from_utf8_lossy(line).trim().to_owned())
    };
    let named = first_line("tzdata.zi").and_then(|line| line.strip_prefix("# version ").map(str::to_owned));
    named.or_else(|| first_line("+VERSION")).filter(|version| released(version).is_some())
}

/// About when: a year has six or fewer versions, lettered from `a` on.
fn released(version: &str) -> Option<NaiveDate> {
    let (year, letter) = version.split_at_checked(4)?;
    let letter = letter.bytes().next().filter(u8::is_ascii_lowercase)?;
    let month = (u32::from(letter - b'a') * 2 + 2).min(12);
    NaiveDate::from_ymd_opt(year.parse().ok()?, month, 28)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_dated_by_year_and_letter() {
        for (version, date) in [("2025b", "2025-04-28"), ("2026f", "2026-12-28"), ("2024a", "2024-02-28")] {
            assert_eq!(released(version).unwrap().to_string(), date);
        }
        for none in ["", "2025", "unknown", "20256"] {
            assert_eq!(released(none), None, "{none}");
        }
    }

    #[test]
    fn a_folders_version_is_read_from_either_file() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(version_in(folder.path()), None);
        std::fs::write(folder.path().join("+VERSION"), "2026e\n").unwrap();
        assert_eq!(version_in(folder.path()).as_deref(), Some("2026e"));
        std::fs::write(folder.path().join("tzdata.zi"), "# version 2026f\nR d 1916 o\n").unwrap();
        assert_eq!(version_in(folder.path()).as_deref(), Some("2026f"));
    }
}
