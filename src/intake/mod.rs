//! Reads files: bytes become checked values, or a refusal that names line, column and reason.
//!
//! Reading order: `source` (what is CSV at all), `fields` and `records` (lines taken apart), `table` (a header's
//! columns, a row's fields), one file per kind of row, `batch` (many rows at a time, for a thread that reads ahead of
//! the one that stores). Nothing here knows the store: what rows may refer to is asked through [`Known`].

mod access_numbers;
mod accounts;
mod batch;
mod codes;
mod error;
mod faults;
mod fields;
mod heading_hint;
pub mod readers;
mod records;
mod rejects;
mod rooms;
mod source;
mod table;
mod tariffs;
mod usage;

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;

use crate::domain::{AccountNumber, Invalid, Period, RoomNumber, ServiceType};
use crate::shortened::shortened;

pub use access_numbers::AccessNumberRows;
pub use accounts::AccountRows;
pub use batch::{Batch, BatchReader, Refused};
pub use codes::CodeRows;
pub use error::FileError;
pub use records::Record;
pub use rejects::RejectsFile;
pub use rooms::RoomRows;
pub use source::{STANDARD_INPUT, Source};
pub use table::{Columns, Field, Row, Rows, csv_record};
pub use tariffs::TariffRows;
pub use usage::UsageRows;

/// The kinds of files, in the order in which their rows refer to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    Tariffs,
    Accounts,
    Rooms,
    AccessNumbers,
    Codes,
    Usage,
}

/// Why a row cannot be used; stored and written beside the file, never logged, because it may quote the row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// `None` means the row as a whole.
    pub column: Option<&'static str>,
    pub reason: String,
}

/// What an operator can set about usage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// A longer leg means that the switch missed the end of a call.
    pub longest_leg: TimeDelta,
    /// How far ahead of now a leg may begin: clocks differ.
    pub clock_tolerance: TimeDelta,
    /// A leg that would make its conference longer has the id of another one.
    pub longest_conference: TimeDelta,
    /// Usage from before the first month that was closed for its account is taken, too.
    pub accept_older: bool,
    /// The first period that is billed, of accounts that name none of their own.
    pub first_period: Option<Period>,
}

/// What rows may refer to. Returning the stored value spares a copy of its text for each of ten million rows.
pub trait Known {
    fn account(&self, number: &str) -> Option<AccountNumber>;
    fn room(&self, number: &str) -> Option<RoomNumber>;
    /// Only what some tariff prices.
    fn service_type(&self, code: &str) -> Option<ServiceType>;
    fn now(&self) -> DateTime<Utc>;
    /// Of the number that was dialled, on the day of `at`.
    fn service_type_of_number(&self, dialled: &str, at: DateTime<Utc>) -> Option<ServiceType>;
    /// Likewise, on the day that `at` is where the account of `room` is.
    fn service_type_dialled(&self, dialled: &str, at: DateTime<Utc>, room: &RoomNumber) -> Option<ServiceType> {
        let _ = room;
        self.service_type_of_number(dialled, at)
    }
}

impl Kind {
    pub const ALL: [Self; 6] =
        [Self::Tariffs, Self::Accounts, Self::Rooms, Self::AccessNumbers, Self::Codes, Self::Usage];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Tariffs => "tariffs",
            Self::Accounts => "accounts",
            Self::Rooms => "rooms",
            Self::AccessNumbers => "access-numbers",
            Self::Codes => "codes",
            Self::Usage => "usage",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Kind {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let found = Self::ALL.into_iter().find(|kind| kind.as_str() == text);
        found.ok_or_else(|| {
            Invalid(format!("must be tariffs, accounts, rooms, access-numbers, codes or usage, not {text:?}"))
        })
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            longest_leg: TimeDelta::hours(24),
            clock_tolerance: TimeDelta::hours(1),
            longest_conference: TimeDelta::hours(48),
            accept_older: false,
            first_period: None,
        }
    }
}

/// Longest reason, in characters: one that quotes a damaged field must not be as long as the damage.
const LONGEST_REASON: usize = 300;

impl Refusal {
    pub fn row(reason: impl Into<String>) -> Self {
        Self::of(None, reason)
    }

    pub fn column(column: &'static str, reason: impl Into<String>) -> Self {
        Self::of(Some(column), reason)
    }

    fn of(column: Option<&'static str>, reason: impl Into<String>) -> Self {
        Self { column, reason: shortened(&reason.into(), LONGEST_REASON) }
    }
}
