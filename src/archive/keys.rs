//! Object keys. Made from checked identifiers only, so nothing that was imported can leave the prefix.

use std::fmt;

use crate::domain::{AccountNumber, Period, RoomNumber};

/// Where one revision of one account's period lies: `2009-05/602127/r1`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatementFolder {
    pub period: Period,
    pub account: AccountNumber,
    pub revision: u32,
}

/// A file of a statement, relative to its folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileName {
    Account(&'static str),
    Room(RoomNumber, &'static str),
}

impl StatementFolder {
    /// The key of a file in this folder, as `2009-05/602127/r1/account.xlsx`.
    pub fn key(&self, file: &str) -> String {
        format!("{self}/{file}")
    }

    /// Relative to the period's folder, as index pages link it.
    pub fn within_period(&self, file: &str) -> String {
        format!("{}/r{}/{file}", self.account, self.revision)
    }
}

impl fmt::Display for StatementFolder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/r{}", self.period, self.account, self.revision)
    }
}

impl fmt::Display for FileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Account(extension) => write!(f, "account.{extension}"),
            Self::Room(room, extension) => write!(f, "rooms/{room}.{extension}"),
        }
    }
}

/// `2009-05/index.csv`
pub fn index_key(period: Period, extension: &str) -> String {
    format!("{period}/index.{extension}")
}

/// `reruns/2026-11-tariff-fix/report.html`; the id was checked when the configuration was read.
pub fn rerun_key(id: &str, extension: &str) -> String {
    format!("reruns/{id}/report.{extension}")
}
