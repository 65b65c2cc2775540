//! An attempt at one message: claimed, judged, or left by a process that died.

use chrono::{DateTime, Utc};

use crate::domain::{EmailAddress, Name, RoomNumber};
use crate::store::work::membership::WorkerKey;
use crate::store::{DeliveryState, Key, StatementKey};

/// The right to send one delivery now; void once a later attempt has begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeliveryClaim {
    pub delivery: Key,
    pub attempt: u32,
}

/// A message whose time has come, claimed by this process.
#[derive(Debug, Clone)]
pub struct DueDelivery {
    pub claim: DeliveryClaim,
    /// Who claimed it: once it is given back, another process may use the number of the attempt.
    pub(crate) worker: WorkerKey,
    pub statement: StatementKey,
    pub room: Option<RoomNumber>,
    pub recipient: EmailAddress,
    pub recipient_name: Option<Name>,
    /// Without angle brackets.
    pub message_id: String,
    /// When the first attempt was made since it was queued or retried by hand; the time of this one if it is the
    /// first.
    pub trying_since: DateTime<Utc>,
    /// How often the whole message went out and no answer came back.
    pub lost_answers: u32,
    /// State and due time before the claim, for giving it back untouched.
    pub state_before: DeliveryState,
    pub due_since: DateTime<Utc>,
}

/// The result of an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    pub state: DeliveryState,
    pub next_attempt_at: Option<DateTime<Utc>>,
    /// The server's words or ours.
    pub answer: String,
    /// The whole message went out, and no one knows whether it was taken.
    pub answer_lost: bool,
}

/// An attempt with its result, and when it ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndedAttempt {
    pub claim: DeliveryClaim,
    /// How often no answer had come before this attempt.
    pub lost_before: u32,
    pub verdict: Verdict,
    pub at: DateTime<Utc>,
}

/// A delivery that a process left when it died.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InterruptedDelivery {
    pub claim: DeliveryClaim,
    pub body_under_way: bool,
    pub lost_answers: u32,
}
