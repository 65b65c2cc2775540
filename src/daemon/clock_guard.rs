//! Whether the time of a tick can be trusted.
//!
//! A machine's clock can be set wrong, by a person or by a time server. A month that is closed too early cannot be
//! opened again, so after a jump nothing is closed until a second tick agrees with the first.

use std::fmt;
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};

/// A clock that gained or lost more than this between two ticks has been set.
const LARGEST_JUMP: TimeDelta = TimeDelta::days(1);
/// Time servers step a clock back by less than this.
const LARGEST_STEP_BACK: TimeDelta = TimeDelta::seconds(5);

/// By how much the wall clock and the time that has really passed differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Jump(TimeDelta);

/// Compares the wall clock with the time that has really passed since the tick before.
#[derive(Debug, Default)]
pub(super) struct ClockGuard {
    previous: Option<(DateTime<Utc>, Instant)>,
}

impl ClockGuard {
    /// Takes note of a tick; returns by how much the clock jumped since the one before, if it did.
    pub(super) fn jump(&mut self, wall: DateTime<Utc>, monotonic: Instant) -> Option<Jump> {
        let (wall_before, monotonic_before) = self.previous.replace((wall, monotonic))?;
        let passed = monotonic.checked_duration_since(monotonic_before).unwrap_or(Duration::ZERO);
        let passed = TimeDelta::from_std(passed).unwrap_or(TimeDelta::MAX);
        let jump = (wall - wall_before) - passed;
        (jump > LARGEST_JUMP || jump < -LARGEST_STEP_BACK).then_some(Jump(jump))
    }
}

impl fmt::Display for Jump {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let direction = if self.0 < TimeDelta::zero() { "backwards" } else { "ahead" };
        let seconds = self.0.num_seconds().abs();
        match seconds / 3600 {
            0 => write!(f, "{direction} by {seconds} s"),
            hours => write!(f, "{direction} by {hours} h"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ticks(walls: &[&str]) -> Vec<bool> {
        let (mut guard, start) = (ClockGuard::default(), Instant::now());
        let ticks = walls.iter().zip(0_u32..);
        ticks
            .map(|(wall, n)| guard.jump(wall.parse().unwrap(), start + Duration::from_mins(1) * n).is_none())
            .collect()
    }

    #[test]
    fn a_steady_clock_is_believed() {
        assert_eq!(ticks(&["2026-11-01T00:00:00Z", "2026-11-01T00:01:00Z", "2026-11-01T00:02:01Z"]), [true; 3]);
    }

    #[test]
    fn a_jump_ahead_is_believed_only_when_the_next_tick_agrees() {
        let walls = ["2026-11-01T00:00:00Z", "2027-11-01T00:00:00Z", "2027-11-01T00:01:00Z"];
        assert_eq!(ticks(&walls), [true, false, true]);
    }

    #[test]
    fn a_jump_says_its_direction() {
        assert_eq!(Jump(TimeDelta::days(-2)).to_string(), "backwards by 48 h");
        assert_eq!(Jump(TimeDelta::seconds(-20)).to_string(), "backwards by 20 s");
        assert_eq!(Jump(TimeDelta::days(2)).to_string(), "ahead by 48 h");
    }

    #[test]
    fn a_clock_set_back_and_put_right_closes_nothing_in_between() {
        let walls = ["2026-11-01T00:00:00Z", "2026-10-01T00:00:00Z", "2026-11-01T00:02:00Z", "2026-11-01T00:03:00Z"];
        assert_eq!(ticks(&walls), [true, false, false, true]);
    }
}
