//! What has become of an account's month.

use std::fmt;
use std::str::FromStr;

use serde::Serialize;

use crate::domain::Invalid;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PeriodState {
    /// Frozen.
    Closed,
    /// Closed without usage: there is no statement.
    Empty,
    /// Before the first billed month: its figures are computed, but there is no statement.
    History,
    /// It is not closed yet.
    Open,
    /// It should be closed by now.
    Due,
    /// An obstacle keeps it from closing.
    Parked,
    /// Frozen, but it could not be published.
    Failed,
}

impl PeriodState {
    pub const ALL: [Self; 7] =
        [Self::Closed, Self::Empty, Self::History, Self::Open, Self::Due, Self::Parked, Self::Failed];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::Empty => "empty",
            Self::History => "history",
            Self::Open => "open",
            Self::Due => "due",
            Self::Parked => "parked",
            Self::Failed => "failed",
        }
    }
}

impl fmt::Display for PeriodState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for PeriodState {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let known = Self::ALL.into_iter().find(|state| state.as_str() == text);
        known.ok_or_else(|| Invalid(format!("is no state of a month: {text:?}")))
    }
}
