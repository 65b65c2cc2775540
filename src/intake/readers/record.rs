//! One leg as a bridge wrote it.

use serde::{Deserialize, Serialize};

/// The contract's columns of one leg, as text. What a bridge does not know is empty.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct UsageRecord {
    pub leg_id: String,
    pub conference_id: String,
    pub room_number: String,
    pub service_type: String,
    pub joined_at: String,
    pub left_at: String,
    pub caller: String,
    pub billing_code: String,
    /// The dialled number, by which the service type is found where the bridge does not name one.
    pub access_number: String,
    /// Its place in the file: the line, or the number of the item.
    pub line: u64,
}

impl UsageRecord {
    /// Columns in the order of [`UsageRecord::fields`].
    pub const COLUMNS: [&'static str; 9] = [
        "leg_id",
        "conference_id",
        "room_number",
        "service_type",
        "joined_at",
        "left_at",
        "caller",
        "billing_code",
        "access_number",
    ];

    /// Both ends of a leg are known.
    pub fn is_over(&self) -> bool {
        !self.leg_id.is_empty() && !self.left_at.is_empty()
    }

    pub fn fields(&self) -> [&str; 9] {
        [
            &self.leg_id,
            &self.conference_id,
            &self.room_number,
            &self.service_type,
            &self.joined_at,
            &self.left_at,
            &self.caller,
            &self.billing_code,
            &self.access_number,
        ]
    }
}
