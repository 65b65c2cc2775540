//! Object keys. Made from checked identifiers only, so nothing that was imported can leave the prefix.

use std::fmt;

use crate::domain::{Format, Period, RoomNumber, StatementId};

/// The manifest's own name within a statement's folder.
pub const MANIFEST: &str = "manifest.json";

/// What the probe writes; no object of a statement.
pub const PROBE: &str = "statementd-probe";

/// The folder, beside the months', of what has left the archive.
pub const EXPIRED: &str = "expired";
/// The folder of the reports of reruns.
pub const RERUNS: &str = "reruns";

/// Where one revision of one account's period lies: `2009-05/602127/r1`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct StatementFolder {
    pub id: StatementId,
}

/// A month's own objects, beside its statements' folders.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MonthObject {
    /// `2009-05/index.csv`
    Csv,
    /// `2009-05/index.html`
    Html,
    /// `2009-05/manifest.json`: pins every statement's manifest.
    Manifest,
    /// `expired/2009-05.csv`: what has left; stays.
    Expired,
}

impl StatementFolder {
    /// The key of a file in this folder, for example `2009-05/602127/r1/account.xlsx`.
    pub fn key(&self, file: &str) -> String {
        format!("{self}/{file}")
    }

    /// The folder of its rooms' files.
    pub fn rooms(&self) -> String {
        self.key("rooms")
    }

    /// Relative to the period's folder, as index pages link it.
    pub fn within_period(&self, file: &str) -> String {
        format!("{}/r{}/{file}", self.id.account, self.id.revision)
    }

    /// The folder and the file's name of a key below a month; `None` where the key is not of a statement.
    pub fn split(key: &str) -> Option<(Self, &str)> {
        let mut parts = key.splitn(4, '/');
        let (period, account) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
        let revision = parts.next()?.strip_prefix('r')?;
        let folder = Self { id: StatementId { period, account, revision: revision.parse().ok()? } };
        let name = parts.next()?;
        // "r01" or "r+1" would be another key for the same revision.
        (folder.key(name) == key).then_some((folder, name))
    }
}

impl From<StatementId> for StatementFolder {
    fn from(id: StatementId) -> Self {
        Self { id }
    }
}

/// Whether a name below a statement's folder is one that this program writes there.
pub fn is_own_file(name: &str) -> bool {
    let Some((stem, extension)) = name.rsplit_once('.') else { return false };
    let is_format = extension.parse::<Format>().is_ok();
    match stem.strip_prefix("rooms/") {
        Some(room) => is_format && room.parse::<RoomNumber>().is_ok(),
        None => name == MANIFEST || (stem == "account" && (is_format || extension == "json")),
    }
}

impl MonthObject {
    pub const ALL: [Self; 4] = [Self::Csv, Self::Html, Self::Manifest, Self::Expired];

    pub fn key(self, period: Period) -> String {
        match self {
            Self::Csv => format!("{period}/index.csv"),
            Self::Html => format!("{period}/index.html"),
            Self::Manifest => format!("{period}/{MANIFEST}"),
            Self::Expired => format!("{EXPIRED}/{period}.csv"),
        }
    }
}

/// `reruns/2026-11-tariff-fix/report.html`; the id was checked when the configuration was read.
pub fn rerun_key(id: &str, extension: &str) -> String {
    format!("{RERUNS}/{id}/report.{extension}")
}

impl fmt::Display for StatementFolder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/r{}", self.id.period, self.id.account, self.id.revision)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::{AccountNumber, FileName};

    proptest! {
        /// Whatever a file of input contains: either it is refused, or its key stays below its month.
        #[test]
        fn no_text_leaves_the_prefix(account in ".{0,40}", room in ".{0,40}", revision in 1_u32..) {
            let (Ok(account), Ok(room)) = (account.parse(), room.parse()) else { return Ok(()) };
            stays_inside(account, room, revision)?;
        }

        #[test]
        fn every_accepted_identifier_reads_back_from_its_key(
            account in "[A-Za-z0-9_-]{1,32}", room in "[A-Za-z0-9_-]{1,32}", revision in 1_u32..,
        ) {
            stays_inside(account.parse().unwrap(), room.parse().unwrap(), revision)?;
        }
    }

    fn stays_inside(account: AccountNumber, room: RoomNumber, revision: u32) -> Result<(), TestCaseError> {
        let folder = StatementFolder { id: StatementId { period: "2009-05".parse().unwrap(), account, revision } };
        let name = FileName::Room(room, Format::Xlsx).to_string();
        let key = folder.key(&name);
        let parts: Vec<_> = key.split('/').collect();
        prop_assert_eq!(parts.len(), 5);
        prop_assert!(parts.iter().all(|part| !part.is_empty() && *part != "." && *part != ".."));
        prop_assert!(key.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_./".contains(&byte)));
        let path = object_store::path::Path::parse(&key).unwrap();
        prop_assert_eq!(path.as_ref(), &key);
        prop_assert!(is_own_file(&name));
        prop_assert_eq!(StatementFolder::split(&key), Some((folder, name.as_str())));
        Ok(())
    }

    #[test]
    fn only_names_that_are_written_are_own() {
        for own in ["account.xlsx", "account.html", "account.json", "manifest.json", "rooms/332703.html"] {
            assert!(is_own_file(own), "{own}");
        }
        for foreign in
            ["notes.txt", "account.pdf", "rooms/332703.json", "rooms/a b.html", "rooms/x/1.html", "account"]
        {
            assert!(!is_own_file(foreign), "{foreign}");
        }
    }

    #[test]
    fn keys_that_only_look_like_a_statements_are_not() {
        for foreign in
            ["2009-05/602127/r01/x", "2009-05/602127/r+1/x", "2009-05/602127/x", "2009-13/602127/r1/x", "a"]
        {
            assert_eq!(StatementFolder::split(foreign), None, "{foreign}");
        }
    }
}
