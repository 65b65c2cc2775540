//! What a statement lists and charges: one conference's legs of one service type.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::{Amount, BillingCode, ConferenceId, Period, RoomNumber, ServiceType};

/// One (conference, service type): what a statement lists and charges.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    pub room: RoomNumber,
    pub conference_id: ConferenceId,
    pub started_at: DateTime<Utc>,
    pub service_type: ServiceType,
    /// Legs.
    pub quantity: u64,
    pub billing_code: Option<BillingCode>,
    /// First join to last leave of the whole conference.
    pub length_seconds: u64,
    pub accumulated_seconds: u64,
    pub billed_seconds: u64,
    pub rate_per_minute: Decimal,
    pub charge: Amount,
    /// The closed period that a carried line belongs to.
    pub late_from: Option<Period>,
}

#[cfg(test)]
impl Line {
    /// A line of room 332703, for tests.
    pub(crate) fn sample(conference: &str, charge: i64) -> Self {
        Self {
            room: "332703".parse().unwrap(),
            conference_id: conference.parse().unwrap(),
            started_at: "2009-05-06T10:00:00Z".parse().unwrap(),
            service_type: "WEB".parse().unwrap(),
            quantity: 1,
            billing_code: None,
            length_seconds: 60,
            accumulated_seconds: 60,
            billed_seconds: 60,
            rate_per_minute: rust_decimal::dec!(0.09),
            charge: Amount(charge),
            late_from: None,
        }
    }
}
