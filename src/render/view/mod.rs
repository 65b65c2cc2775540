//! One view of a statement: every figure formatted once, for pages and mails alike.
//!
//! Templates see these structs and nothing else; workbook and JSON take the same exact figures from the statement.

mod changes;
mod conferences;
mod reader;
mod shares;
mod trend;

use serde::Serialize;

pub(super) use changes::ChangesView;
pub(super) use conferences::Detail;
pub(super) use reader::{PeriodView, Reader, RoomRow, TotalsView};
pub(super) use shares::{Share, billing_codes};
pub(super) use trend::TrendView;

use super::RenderError;
use crate::domain::{Line, RoomTotal};

/// A statement of an account, or of one of its rooms.
#[derive(Debug, Serialize)]
pub(super) struct StatementView {
    pub(super) title: String,
    pub(super) account_number: String,
    pub(super) company: String,
    /// `None` means the account's statement.
    pub(super) room: Option<RoomRow>,
    pub(super) period: PeriodView,
    /// Which zone the times are in, as a sentence.
    pub(super) zone: String,
    /// From the second revision on.
    pub(super) revision: Option<String>,
    pub(super) totals: TotalsView,
    /// The charge beside that of the month before, as a phrase; of the account, where there is one.
    pub(super) compared: Option<String>,
    pub(super) services: Vec<Share>,
    pub(super) billing_codes: Vec<Share>,
    /// None where there is no earlier month, and for rooms.
    pub(super) trend: Option<TrendView>,
    /// A sentence, if some lines belong to an earlier month.
    pub(super) late: Option<String>,
    pub(super) changes: Option<ChangesView>,
    /// Of the account: rooms with usage.
    pub(super) rooms: Vec<RoomRow>,
    pub(super) rooms_text: String,
    pub(super) idle_rooms: Vec<RoomRow>,
    pub(super) idle_rooms_text: String,
}

impl Reader<'_> {
    /// The account's statement, or that of `room`, which then holds nothing of other rooms.
    pub(super) fn view(&self, room: Option<&RoomTotal>) -> Result<StatementView, RenderError> {
        let statement = self.statement;
        let lines = room.map_or(statement.lines.as_slice(), |room| statement.lines_of(&room.number));
        let totals = room.map_or(&statement.totals, |room| &room.totals);
        let rooms = |active| {
            let all = room.is_none().then_some(&statement.rooms).into_iter().flatten();
            all.filter(move |room| room.is_active() == active).map(|room| self.room_row(room)).collect::<Vec<_>>()
        };
        let (active, idle) = (rooms(true), rooms(false));
        Ok(StatementView {
            title: self.title(room)?,
            account_number: statement.account.number.to_string(),
            company: statement.account.company.to_string(),
            room: room.map(|room| self.room_row(room)),
            period: self.period(),
            zone: self.zone()?,
            revision: (statement.revision > 1)
                .then(|| self.catalogue.phrase("revision", &[("number", &statement.revision.to_string())]))
                .transpose()?,
            totals: self.totals(totals)?,
            compared: if room.is_none() { trend::compared(self)? } else { None },
            services: shares::by_service(self, lines, totals),
            billing_codes: shares::by_billing_code(self, lines, totals)?,
            trend: if room.is_none() { trend::trend(self)? } else { None },
            late: self.late_note(lines)?,
            changes: changes::changes(self, room)?,
            rooms_text: self.counted("count-rooms", active.len() as u64)?,
            idle_rooms_text: self.counted("count-idle-rooms", idle.len() as u64)?,
            rooms: active,
            idle_rooms: idle,
        })
    }

    fn late_note(&self, lines: &[Line]) -> Result<Option<String>, RenderError> {
        let late = || lines.iter().filter(|line| line.late_from.is_some());
        let count = late().count() as u64;
        if count == 0 {
            return Ok(None);
        }
        let charge = self.format.money(late().map(|line| line.charge).sum());
        self.catalogue.counted("late-note", count, &self.format.count(count), &[("charge", &charge)]).map(Some)
    }
}
