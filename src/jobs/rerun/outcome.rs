//! The result of a rerun for one account.

use serde::{Deserialize, Serialize};

use crate::domain::{AccountNumber, Changes, Currency, Totals};
use crate::jobs::JobError;

/// The account's part of a rerun, kept in the database until the report is written and after.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountOutcome {
    pub account: AccountNumber,
    pub company: String,
    pub currency: Currency,
    pub verdict: RerunVerdict,
    /// Of the revision before; zeros if there was none.
    pub before: Totals,
    pub after: Totals,
    pub changes: Option<Changes>,
    /// Messages that were queued, or would be.
    pub messages: usize,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RerunVerdict {
    /// The figures of now are those of the current revision.
    Unchanged,
    /// This revision was made, or would be.
    Changed { revision: u32 },
    /// The same figures in a new look: this revision was made, or would be.
    Presented { revision: u32 },
    /// The account's files were rendered again in place: no one had got them yet.
    Replaced,
    /// Only mail.
    Sent,
    /// The figures of now cannot be computed: what to do.
    Parked { detail: String },
}

impl RerunVerdict {
    /// For the report.
    pub(crate) fn sentence(&self) -> String {
        match self {
            Self::Unchanged => "unchanged".into(),
            Self::Changed { revision } => format!("revision {revision}"),
            Self::Presented { revision } => format!("revision {revision}, presentation only"),
            Self::Replaced => "files rendered again".into(),
            Self::Sent => "sent again".into(),
            Self::Parked { detail } => format!("cannot be computed: {detail}"),
        }
    }
}

impl AccountOutcome {
    /// Whether it could not be computed.
    pub(crate) fn is_parked(&self) -> bool {
        matches!(self.verdict, RerunVerdict::Parked { .. })
    }

    pub(crate) fn to_stored(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    pub(crate) fn from_stored(rerun: &str, text: &str) -> Result<Self, JobError> {
        serde_json::from_str(text).map_err(|error| JobError::BadRerunOutcome(rerun.to_owned(), error.to_string()))
    }

    /// Minor units by which the charge grew.
    pub fn difference(&self) -> i64 {
        if matches!(self.verdict, RerunVerdict::Changed { .. }) {
            self.after.charge.0 - self.before.charge.0
        } else {
            0
        }
    }
}
