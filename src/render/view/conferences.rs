//! A room's conferences, line by line, each with its participants where the page has room for them.

use chrono::{DateTime, NaiveDate};
use serde::Serialize;

use super::Reader;
use crate::domain::{Callers, Line, Participant, RoomTotal, Zone};
use crate::render::RenderError;
use crate::render::locale;

/// How much of a room a page holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::render) enum Detail {
    /// Conferences with their participants.
    Participants,
    /// Conferences only.
    Conferences,
}

/// A room and its conferences.
#[derive(Debug, Serialize)]
pub(in crate::render) struct RoomGroup {
    pub(in crate::render) room: super::RoomRow,
    /// The lines in parts that a browser lays out one by one as they come into view.
    pub(in crate::render) parts: Vec<Vec<LineView>>,
}

#[derive(Debug, Serialize)]
pub(in crate::render) struct LineView {
    date: String,
    time: String,
    quantity: String,
    /// With the word, for example `3 participants`.
    quantity_text: String,
    service: String,
    /// `None` if it is unallocated.
    billing_code: Option<String>,
    length: String,
    accumulated: String,
    charge: String,
    /// As a mark, with the month.
    late: Option<String>,
    legs: Vec<LegView>,
}

#[derive(Debug, Serialize)]
pub(in crate::render) struct LegView {
    /// `None` if it was not transmitted, or is not to be shown.
    caller: Option<String>,
    joined: String,
    left: String,
    duration: String,
}

/// Lines per part: as many as a browser lays out at once without a delay.
const LINES_PER_PART: usize = 100;

impl Reader<'_> {
    /// The lines of `room`, if any are to be shown, with the legs of `participants`, which are in the order of the
    /// lines.
    pub(in crate::render) fn room_group(
        &self,
        room: &RoomTotal,
        participants: &[Participant],
        callers: Callers,
        detail: Option<Detail>,
    ) -> Result<RoomGroup, RenderError> {
        let lines = if detail.is_some() { self.statement.lines_of(&room.number) } else { &[] };
        let unknown = self.catalogue.word("caller-unknown")?;
        let mut rest = participants;
        let mut views = Vec::with_capacity(lines.len());
        for line in lines {
            let mut view = self.line(line)?;
            if detail == Some(Detail::Participants) {
                let count = usize::try_from(line.quantity).unwrap_or(usize::MAX).min(rest.len());
                let (legs, behind) = rest.split_at(count);
                rest = behind;
                let date = self.local_date(line.started_at);
                view.legs = legs.iter().map(|leg| self.leg(leg, date, (callers, &unknown))).collect();
            }
            views.push(view);
        }
        let mut parts = Vec::with_capacity(views.len() / LINES_PER_PART + 1);
        while !views.is_empty() {
            let behind = views.split_off(views.len().min(LINES_PER_PART));
            parts.push(std::mem::replace(&mut views, behind));
        }
        Ok(RoomGroup { room: self.room_row(room), parts })
    }

    fn line(&self, line: &Line) -> Result<LineView, RenderError> {
        let start = line.started_at.with_timezone(&self.statement.account.time_zone);
        let quantity = self.format.count(line.quantity);
        Ok(LineView {
            date: self.format.date(start.date_naive()),
            time: self.clock_time(&start),
            quantity_text: self.catalogue.counted("count-participants", line.quantity, &quantity, &[])?,
            quantity,
            service: self.statement.service_label(&line.service_type).to_owned(),
            billing_code: line.billing_code.as_ref().map(ToString::to_string),
            length: locale::duration(line.length_seconds),
            accumulated: locale::duration(line.accumulated_seconds),
            charge: self.format.money(line.charge),
            late: line
                .late_from
                .map(|period| self.catalogue.phrase("late-from", &[("period", &self.format.month(period))]))
                .transpose()?,
            legs: Vec::new(),
        })
    }

    fn leg(&self, leg: &Participant, line_date: NaiveDate, (callers, unknown): (Callers, &str)) -> LegView {
        let duration = u64::try_from((leg.left_at - leg.joined_at).num_seconds()).unwrap_or(0);
        LegView {
            caller: leg
                .caller
                .as_ref()
                .and_then(|caller| callers.show(caller.as_str(), unknown))
                .map(std::borrow::Cow::into_owned),
            joined: self.leg_time(leg.joined_at, line_date),
            left: self.leg_time(leg.left_at, line_date),
            duration: locale::duration(duration),
        }
    }

    /// With its date if that is not the conference's.
    fn leg_time(&self, instant: chrono::DateTime<chrono::Utc>, line_date: NaiveDate) -> String {
        let local = instant.with_timezone(&self.statement.account.time_zone);
        let time = self.clock_time(&local);
        if local.date_naive() == line_date {
            return time;
        }
        format!("{} {time}", self.format.date(local.date_naive()))
    }

    /// In an hour that comes twice, with its offset from UTC.
    fn clock_time(&self, local: &DateTime<Zone>) -> String {
        let time = self.format.time(local);
        match locale::offset_if_doubled(local) {
            Some(offset) => format!("{time} {offset}"),
            None => time,
        }
    }

    fn local_date(&self, instant: chrono::DateTime<chrono::Utc>) -> NaiveDate {
        instant.with_timezone(&self.statement.account.time_zone).date_naive()
    }
}
