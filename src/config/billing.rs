//! `[billing]`: what happens to usage that comes late, and which usage is believed.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use super::bounds::{Factor, Limit};
use super::findings::Findings;
use super::setting::{list, optional_text};
use super::values::interval;
use crate::domain::Period;

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
    /// A leg that would make its conference longer is rejected at import: an id that was used again.
    #[serde(with = "interval")]
    pub longest_conference: TimeDelta,
    /// How far ahead of now a leg may begin; beyond, it is rejected at import: a clock that is wrong.
    #[serde(with = "interval")]
    pub clock_tolerance: TimeDelta,
    /// Usage of earlier months is history: it counts for comparison, and is never billed. For accounts that name no first
    /// period of their own.
    #[serde(with = "optional_text")]
    pub first_period: Option<Period>,
    /// Statements that charge more than the amount in their currency are mailed only when `[[approve]]` says so.
    #[serde(with = "list")]
    pub hold_above: Vec<Limit>,
    /// Statements that charge more than this many times the average of the last three months wait likewise.
    #[serde(with = "optional_text")]
    pub hold_factor: Option<Factor>,
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
            longest_conference: TimeDelta::hours(48),
            clock_tolerance: TimeDelta::hours(1),
            first_period: None,
            hold_above: Vec::new(),
            hold_factor: None,
        }
    }
}

impl Billing {
    pub(super) fn check(&mut self, findings: &mut Findings) {
        if self.longest_leg.is_zero() {
            findings.add("billing.longest_leg", "must be longer than nothing");
        }
        if self.longest_conference.is_zero() {
            findings.add("billing.longest_conference", "must be longer than nothing");
        }
        for (position, limit) in self.hold_above.iter().enumerate() {
            if self.hold_above[..position].iter().any(|before| before.currency == limit.currency) {
                let why = format!("names {} twice: a currency has one bound", limit.currency);
                findings.add("billing.hold_above", why);
                break;
            }
        }
    }
}
