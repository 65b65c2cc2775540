//! One view of a statement: every figure formatted once, for pages and mails alike.
//!
//! Templates see these structs and nothing else; workbook and JSON take the same exact figures from the statement.

mod changes;
mod conferences;
mod shares;
mod trend;

use std::sync::Arc;

use serde::Serialize;

pub(super) use changes::ChangesView;
pub(super) use conferences::Detail;
pub(super) use shares::{Share, billing_codes};
pub(super) use trend::TrendView;

use super::RenderError;
use super::locale::{self, Formatters};
use super::words::Language;
use crate::domain::{Line, RoomTotal, Statement, Totals};

/// What a statement is shown by: its figures, its language's words, its locale's formatters.
pub(super) struct Reader<'a> {
    pub(super) statement: &'a Statement,
    pub(super) words: &'a Language,
    pub(super) format: Arc<Formatters>,
}

/// A statement of an account, or of one of its rooms.
#[derive(Debug, Serialize)]
pub(super) struct StatementView {
    pub(super) title: String,
    pub(super) account_number: String,
    pub(super) company: String,
    /// None: the account's statement.
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

#[derive(Debug, Serialize)]
pub(super) struct PeriodView {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) first_day: String,
    pub(super) last_day: String,
}

#[derive(Debug, Serialize)]
pub(super) struct TotalsView {
    pub(super) conferences: String,
    /// With the word, as `24 conferences`.
    pub(super) conferences_text: String,
    pub(super) participants: String,
    pub(super) participants_text: String,
    pub(super) time: String,
    pub(super) charge: String,
}

#[derive(Debug, Serialize)]
pub(super) struct RoomRow {
    /// As `332703`.
    pub(super) number: String,
    /// As `33 270 3`.
    pub(super) shown: String,
    pub(super) cardholder: String,
    pub(super) auto_billing_code: Option<String>,
    pub(super) conferences: String,
    pub(super) participants: String,
    pub(super) time: String,
    pub(super) charge: String,
}

impl<'a> Reader<'a> {
    pub(super) fn new(statement: &'a Statement, words: &'a Language) -> Result<Self, RenderError> {
        let format = Formatters::of(&statement.account.locale, statement.account.currency)?;
        Ok(Self { statement, words, format })
    }

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
                .then(|| self.words.phrase("revision", &[("number", &statement.revision.to_string())]))
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

    pub(super) fn title(&self, room: Option<&RoomTotal>) -> Result<String, RenderError> {
        let statement = self.statement;
        let month = self.format.month(statement.period.id);
        match room {
            None => self.words.phrase(
                "document-title-account",
                &[("period", &month), ("account", statement.account.number.as_str())],
            ),
            Some(room) => {
                self.words.phrase("document-title-room", &[("period", &month), ("room", &room.number.grouped())])
            }
        }
    }

    pub(super) fn period(&self) -> PeriodView {
        let period = self.statement.period.id;
        let last_day = period.next().first_day().pred_opt().unwrap_or_default();
        PeriodView {
            id: period.to_string(),
            name: self.format.month(period),
            first_day: self.format.long_date(period.first_day()),
            last_day: self.format.long_date(last_day),
        }
    }

    fn zone(&self) -> Result<String, RenderError> {
        let bounds = &self.statement.period;
        let zone = locale::zone_name(self.statement.account.time_zone, bounds.start, bounds.end);
        self.words.phrase("times-are-in", &[("zone", &zone)])
    }

    fn totals(&self, totals: &Totals) -> Result<TotalsView, RenderError> {
        Ok(TotalsView {
            conferences: self.format.count(totals.conferences),
            conferences_text: self.counted("count-conferences", totals.conferences)?,
            participants: self.format.count(totals.participants),
            participants_text: self.counted("count-participants", totals.participants)?,
            time: locale::duration(totals.accumulated_seconds),
            charge: self.format.money(totals.charge),
        })
    }

    pub(super) fn counted(&self, name: &str, count: u64) -> Result<String, RenderError> {
        self.words.counted(name, count, &self.format.count(count), &[])
    }

    pub(super) fn room_row(&self, room: &RoomTotal) -> RoomRow {
        RoomRow {
            number: room.number.to_string(),
            shown: room.number.grouped(),
            cardholder: room.cardholder.to_string(),
            auto_billing_code: room.auto_billing_code.as_ref().map(ToString::to_string),
            conferences: self.format.count(room.totals.conferences),
            participants: self.format.count(room.totals.participants),
            time: locale::duration(room.totals.accumulated_seconds),
            charge: self.format.money(room.totals.charge),
        }
    }

    fn late_note(&self, lines: &[Line]) -> Result<Option<String>, RenderError> {
        let late = || lines.iter().filter(|line| line.late_from.is_some());
        let count = late().count() as u64;
        if count == 0 {
            return Ok(None);
        }
        let charge = self.format.money(late().map(|line| line.charge).sum());
        self.words.counted("late-note", count, &self.format.count(count), &[("charge", &charge)]).map(Some)
    }
}
