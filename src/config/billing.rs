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
    /// What happens to closed months in which billing codes were changed online.
    pub recoded: RecodedKind,
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
    /// Usage of earlier months is history: it counts for comparison, and is never billed. For accounts that name no
    /// first period of their own.
    #[serde(with = "optional_text")]
    pub first_period: Option<Period>,
    /// Statements that charge more than the amount in their currency are mailed only when `[[approve]]` says so.
    #[serde(with = "list")]
    pub hold_above: Vec<Limit>,
    /// Statements that charge less than the amount in their currency wait likewise: usage may be missing.
    #[serde(with = "list")]
    pub hold_below: Vec<Limit>,
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

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RecodedKind {
    /// An owner asks for a revised statement.
    Request,
    /// Their statements are revised once nothing was changed for `revise_after`.
    Revise,
    /// Codes of closed months cannot be changed.
    Locked,
}

impl Default for Billing {
    fn default() -> Self {
        Self {
            late_usage: LateUsageKind::Carry,
            recoded: RecodedKind::Request,
            revise_after: TimeDelta::hours(1),
            longest_leg: TimeDelta::hours(24),
            longest_conference: TimeDelta::hours(48),
            clock_tolerance: TimeDelta::hours(1),
            first_period: None,
            hold_above: Vec::new(),
            hold_below: Vec::new(),
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
        for (key, limits) in [("billing.hold_above", &self.hold_above), ("billing.hold_below", &self.hold_below)] {
            let is_second = |(position, limit): &(usize, &Limit)| {
                limits[..*position].iter().any(|before| before.currency == limit.currency)
            };
            if let Some((_, limit)) = limits.iter().enumerate().find(is_second) {
                findings.add(key, format!("names {} twice: a currency has one bound", limit.currency));
            }
        }
        let bound_above = |below: &Limit| self.hold_above.iter().find(|above| above.currency == below.currency);
        if self.hold_below.iter().any(|below| bound_above(below).is_some_and(|above| above.amount < below.amount)) {
            findings.add("billing.hold_below", "is more than billing.hold_above in the same currency");
        }
    }
}
