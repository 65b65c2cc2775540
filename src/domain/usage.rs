//! What was used: legs as they arrive, and conferences as they are billed.

use chrono::{DateTime, Utc};

use super::{BillingCode, Caller, ConferenceId, LegId, Participant, Period, RoomNumber, ServiceType};

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

impl Leg {
    /// Whether both are of one conference.
    pub fn is_beside(&self, other: &Self) -> bool {
        self.conference_id == other.conference_id && self.room == other.room
    }
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
    /// be in another one.
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
    /// The code that it was given online.
    pub assigned_code: Option<BillingCode>,
}

impl ConferenceUsage {
    /// The legs that describe the conference: start, length and billing code.
    ///
    /// In the month that the conference belongs to these are the legs it charges, so that a leg that arrived later
    /// and is charged elsewhere does not change what was sent; a carried conference is described as it is known now.
    pub fn describing_legs(&self) -> impl Iterator<Item = &UsageLeg> {
        self.legs.iter().filter(|leg| leg.charged_here || self.late_from.is_some())
    }

    /// First join; None if the statement at hand charges no leg.
    pub fn started_at(&self) -> Option<DateTime<Utc>> {
        self.describing_legs().map(|leg| leg.joined_at).min()
    }

    /// The participants of the legs that the statement at hand charges.
    pub fn into_charged(self) -> impl Iterator<Item = Participant> {
        let Self { room, id, legs, late_from, .. } = self;
        legs.into_iter().filter(|leg| leg.charged_here).map(move |leg| Participant {
            room: room.clone(),
            conference_id: id.clone(),
            service_type: leg.service_type,
            joined_at: leg.joined_at,
            left_at: leg.left_at,
            caller: leg.caller,
            late_from,
        })
    }
}

impl UsageLeg {
    /// Seconds between joining and leaving; never negative.
    pub fn duration_seconds(&self) -> u64 {
        u64::try_from((self.left_at - self.joined_at).num_seconds()).unwrap_or(0)
    }
}
