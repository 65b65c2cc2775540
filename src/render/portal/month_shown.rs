//! A month as the person who asks may see it, and where its pages are.

use chrono::{DateTime, Utc};

use crate::domain::{CodeShare, CodesNow, ConferenceId, Line, Participant, RoomNumber, RoomTotal, Statement};

/// A month as the person who asks may see it.
#[derive(Debug, Clone, Copy)]
pub struct MonthShown<'a> {
    pub statement: &'a Statement,
    pub standing: Standing,
    /// Where the account's pages are.
    pub account_path: &'a str,
    /// The rooms that may be seen; `None` means all, and the account's totals.
    pub rooms: Option<&'a [RoomNumber]>,
    /// Codes that were given since it closed.
    pub codes: &'a CodesNow,
    /// What its rooms come to by code.
    pub shares: &'a [CodeShare],
}

/// The state of a month.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Closed: the figures are a statement's.
    Statement,
    /// Closed without usage.
    Empty,
    /// Running, or waiting to be closed: the figures are those of this instant.
    NotInvoiced {
        as_of: DateTime<Utc>,
        /// More usage is known, and being added up.
        is_behind: bool,
    },
    /// Closed or not, no figures are shown yet.
    Checked,
}

/// A conference beside those who took part.
#[derive(Debug, Clone, Copy)]
pub struct ConferenceFigures<'a> {
    /// At least one.
    pub lines: &'a [Line],
    pub participants: &'a [Participant],
}

impl<'a> MonthShown<'a> {
    /// The rooms that may be seen, in order.
    pub(super) fn visible_rooms(&self) -> impl Iterator<Item = &'a RoomTotal> {
        let rooms = self.rooms;
        self.statement.rooms.iter().filter(move |room| rooms.is_none_or(|rooms| rooms.contains(&room.number)))
    }

    pub(super) fn room(&self, number: &RoomNumber) -> Option<&'a RoomTotal> {
        self.visible_rooms().find(|room| room.number == *number)
    }

    pub(super) fn room_path(&self, room: &RoomNumber) -> String {
        format!("{}/rooms/{room}", self.account_path)
    }

    pub(super) fn conference_path(&self, line: &Line) -> String {
        format!("{}/conferences/{}", self.room_path(&line.room), encoded(line.conference_id.as_str()))
    }
}

/// A conference's id as one segment of a path.
pub fn path_segment(id: &ConferenceId) -> String {
    encoded(id.as_str())
}

/// For one segment of a path.
pub(super) fn encoded(segment: &str) -> String {
    use std::fmt::Write;

    segment.bytes().fold(String::with_capacity(segment.len()), |mut path, byte| {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            path.push(char::from(byte));
        } else {
            let _ = write!(path, "%{byte:02X}");
        }
        path
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_of_any_kind_is_one_segment_of_a_path() {
        assert_eq!(encoded("a/b?c=é#~"), "a%2Fb%3Fc%3D%C3%A9%23~");
    }
}
