//! `[billing]`: what happens to usage that comes late, and which usage is believed.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use super::findings::Findings;
use super::values::interval;
use crate::jobs::LateUsage;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Billing {
    pub late_usage: LateUsageKind,
    /// With `revise`: how long an account's late usage must have been quiet before the daemon makes the revision.
    #[serde(with = "interval")]
    pub revise_after: TimeDelta,
    /// A leg that lasts longer is rejected at import: a switch that forgot to hang up.
    #[serde(with = "interval")]
    pub longest_leg: TimeDelta,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LateUsageKind {
    /// The account's next month to close charges it, in marked lines.
    Carry,
    /// Its own month gets a new revision.
    Revise,
}

impl Default for Billing {
    fn default() -> Self {
        Self {
            late_usage: LateUsageKind::Carry,
            revise_after: TimeDelta::hours(1),
            longest_leg: TimeDelta::hours(24),
        }
    }
}

impl Billing {
    /// The form that `jobs` works with.
    pub fn late_usage(&self) -> LateUsage {
        match self.late_usage {
            LateUsageKind::Carry => LateUsage::Carry,
            LateUsageKind::Revise => LateUsage::Revise { quiet: self.revise_after },
        }
    }

    pub(super) fn check(&mut self, findings: &mut Findings) {
        if self.longest_leg.is_zero() {
            findings.add("billing.longest_leg", "must be longer than nothing");
        }
    }
}
