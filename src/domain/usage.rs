//! What was used: legs as they arrive, and conferences as they are billed.

use chrono::{DateTime, Utc};

use super::{BillingCode, Caller, ConferenceId, LegId, Period, RoomNumber, ServiceType};

/// One participant's connection, as it arrives; whole seconds, `joined_at <= left_at`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leg {
    pub leg_id: LegId,
    pub conference_id: ConferenceId,
    pub room: RoomNumber,
    pub service_type: ServiceType,
    pub joined_at: DateTime<Utc>,
    pub left_at: DateTime<Utc>,
    pub caller: Option<Caller>,
    pub billing_code: Option<BillingCode>,
}

/// A leg within its conference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsageLeg {
    pub leg_id: LegId,
    pub service_type: ServiceType,
    pub joined_at: DateTime<Utc>,
    pub left_at: DateTime<Utc>,
    pub caller: Option<Caller>,
    pub billing_code: Option<BillingCode>,
    /// Whether the statement at hand charges it: a leg of the same conference that arrived late, or in time, may
    /// stand in another one.
    pub charged_here: bool,
}

/// All known legs of one conference, ordered by join time, then leg id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConferenceUsage {
    pub room: RoomNumber,
    pub id: ConferenceId,
    pub legs: Vec<UsageLeg>,
    /// The closed period that the conference belongs to, if its legs here are carried into a later one.
    pub late_from: Option<Period>,
}

impl UsageLeg {
    /// Seconds between joining and leaving; never negative.
    pub fn duration_seconds(&self) -> u64 {
        u64::try_from((self.left_at - self.joined_at).num_seconds()).unwrap_or(0)
    }
}
