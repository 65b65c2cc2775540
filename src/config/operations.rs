//! `[operations]`: when and where the operator is told that something is wrong.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use super::setting::list;
use super::values::interval;
use crate::domain::EmailAddress;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Operations {
    /// How long something may be due and unfinished before `/readyz` and the metrics call it overdue.
    #[serde(with = "interval")]
    pub overdue_after: TimeDelta,
    /// Who gets one mail a day while something needs a person, and a report after each month's closing.
    #[serde(with = "list")]
    pub notify: Vec<EmailAddress>,
}

impl Default for Operations {
    fn default() -> Self {
        Self { overdue_after: TimeDelta::hours(12), notify: Vec::new() }
    }
}
