//! Every line must list exactly the legs it charges: what is printed adds up, or is not printed.

use super::RenderError;
use crate::domain::{Line, Participant, RoomNumber, Statement};

/// Compares a room's legs, as they come, with its lines, which are in the same order.
pub(super) struct Charged<'a> {
    room: &'a RoomNumber,
    /// The lines from the one on whose legs are coming.
    lines: &'a [Line],
    /// Legs of the first of `lines` that came, and their seconds.
    count: u64,
    seconds: u64,
}

impl<'a> Charged<'a> {
    pub(super) fn of(statement: &'a Statement, room: &'a RoomNumber) -> Self {
        Self { room, lines: statement.lines_of(room), count: 0, seconds: 0 }
    }

    pub(super) fn add(&mut self, leg: &Participant) -> Result<(), RenderError> {
        while let Some((line, rest)) = self.lines.split_first() {
            if belongs(leg, line) {
                self.count += 1;
                self.seconds += (leg.left_at - leg.joined_at).num_seconds().unsigned_abs();
                return Ok(());
            }
            self.end_line(line)?;
            self.lines = rest;
        }
        Err(self.differs(format!("a leg of conference {} belongs to no line, or out of order", leg.conference_id)))
    }

    /// No more legs come.
    pub(super) fn finish(mut self) -> Result<(), RenderError> {
        let lines = self.lines;
        lines.iter().try_for_each(|line| self.end_line(line))
    }

    fn end_line(&mut self, line: &Line) -> Result<(), RenderError> {
        let (count, seconds) = (std::mem::take(&mut self.count), std::mem::take(&mut self.seconds));
        if count == line.quantity && seconds == line.accumulated_seconds {
            return Ok(());
        }
        let Line { conference_id, service_type, quantity, accumulated_seconds, .. } = line;
        Err(self.differs(format!(
            "conference {conference_id}, {service_type}: {quantity} legs of {accumulated_seconds} s were charged, \
             {count} of {seconds} s are at hand"
        )))
    }

    fn differs(&self, what: String) -> RenderError {
        RenderError::DetailDiffers { room: self.room.to_string(), what }
    }
}

fn belongs(leg: &Participant, line: &Line) -> bool {
    leg.conference_id == line.conference_id && leg.service_type == line.service_type && leg.room == line.room
}
