//! The one place that asks what time it is.

use chrono::{DateTime, TimeDelta, Utc};

/// The source of the present time. Cheap to copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Clock {
    /// The machine's.
    System,
    /// Stands still at an instant: `--as-of` on commands that do one thing.
    Fixed(DateTime<Utc>),
    /// Runs on at the machine's pace from another instant: `--as-of` on the daemon.
    Shifted(TimeDelta),
}

impl Clock {
    /// A clock that shows `instant` now and runs on from there.
    pub fn starting_at(instant: DateTime<Utc>) -> Self {
        Self::Shifted(instant - system_now())
    }

    pub fn now(self) -> DateTime<Utc> {
        match self {
            Self::System => system_now(),
            Self::Fixed(instant) => instant,
            Self::Shifted(shift) => system_now() + shift,
        }
    }
}

/// An instant as people read it, wherever no time zone of theirs is known.
pub fn to_the_minute(instant: DateTime<Utc>) -> String {
    instant.format("%Y-%m-%d %H:%M UTC").to_string()
}

#[expect(clippy::disallowed_methods, reason = "this is the place that the lint points to")]
fn system_now() -> DateTime<Utc> {
    Utc::now()
}
