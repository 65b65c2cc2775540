//! `[operations]`: when the operator wants to hear that something is wrong.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use super::values::interval;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Operations {
    /// How long something may be due and unfinished before `/readyz` and the metrics call it overdue.
    #[serde(with = "interval")]
    pub overdue_after: TimeDelta,
}

impl Default for Operations {
    fn default() -> Self {
        Self { overdue_after: TimeDelta::hours(12) }
    }
}
