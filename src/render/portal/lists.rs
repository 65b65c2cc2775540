//! The three lists of the mini-guide: an account's rooms, a room's conferences, a conference's participants.

use chrono::{DateTime, MappedLocalTime, TimeZone, Utc};

use super::table::{ConferenceRow, Holds, Table, TableCell, TableColumn, TableRow};
use crate::domain::{
    BillingCode, Callers, CodeShare, CodesNow, ConferenceId, Line, Participant, RoomNumber, RoomTotal, Statement,
    Zone,
};
use crate::render::RenderError;
use crate::render::view::Reader;

/// A month as somebody may see it.
#[derive(Debug, Clone, Copy)]
pub struct MonthShown<'a> {
    pub statement: &'a Statement,
    pub standing: Standing,
    /// The rooms that may be seen; None: all, and the account's totals.
    pub rooms: Option<&'a [RoomNumber]>,
    /// Codes that were given since it closed.
    pub codes: &'a CodesNow,
    /// What its rooms come to by code.
    pub shares: &'a [CodeShare],
}

/// How a month stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Closed: the figures are a statement's.
    Statement,
    /// Closed without usage.
    Empty,
    /// Running, or waiting to be closed: the figures are those of this instant.
    NotInvoiced { as_of: DateTime<Utc> },
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

    pub(super) fn account_path(&self) -> String {
        format!("/a/{}", self.statement.account.number)
    }

    pub(super) fn room_path(&self, room: &RoomNumber) -> String {
        format!("{}/rooms/{room}", self.account_path())
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

fn column(reader: &Reader<'_>, key: &'static str, word: &str, holds: Holds) -> Result<TableColumn, RenderError> {
    let total = matches!(holds, Holds::Duration | Holds::Money | Holds::Count);
    Ok(TableColumn { key, heading: reader.words.word(word)?, holds, total, on_page: true })
}

/// `ACCOUNT SUMMARY`: the account's rooms.
pub(super) fn rooms(reader: &Reader<'_>, month: &MonthShown<'_>, all: bool) -> Result<Table, RenderError> {
    let columns = vec![
        column(reader, "room", "room-number", Holds::Text)?,
        column(reader, "cardholder", "cardholder", Holds::Text)?,
        column(reader, "code", "auto-billing-code", Holds::Text)?,
        column(reader, "time", "accumulated-time", Holds::Duration)?,
        column(reader, "charge", "charge", Holds::Money)?,
    ];
    let row = |room: &RoomTotal| TableRow {
        cells: vec![
            TableCell::Number { plain: room.number.to_string(), grouped: room.number.grouped() },
            TableCell::Text(room.cardholder.to_string()),
            room.auto_billing_code.as_ref().map_or(TableCell::Empty, |code| TableCell::Text(code.to_string())),
            TableCell::Duration(room.totals.accumulated_seconds),
            TableCell::Money(room.totals.charge),
        ],
        link: Some(month.room_path(&room.number)),
        mark: None,
        conference: None,
    };
    let shown = month.visible_rooms().filter(|room| all || room.is_active());
    let currency = reader.statement.account.currency;
    Ok(Table { columns, rows: shown.map(row).collect(), link_column: 1, currency })
}

/// `CONFERENCE LIST`: a room's conferences.
pub(super) fn conferences(
    reader: &Reader<'_>,
    month: &MonthShown<'_>,
    room: &RoomNumber,
) -> Result<Table, RenderError> {
    let lines = reader.statement.lines_of(room);
    let zone = reader.statement.account.time_zone;
    let unallocated = reader.words.word("unallocated")?;
    let mut columns = conference_columns(reader, lines)?;
    // Files say in a column of their own what pages say beside the code.
    let is_recoded = lines.iter().any(|line| month.codes.differs(line));
    if is_recoded {
        let on_statement = column(reader, "on-statement", "portal-code-on-statement", Holds::Text)?;
        columns.push(TableColumn { on_page: false, ..on_statement });
    }
    let row = |line: &Line| {
        let at = line.started_at.with_timezone(&zone);
        let late = line
            .late_from
            .map(|period| reader.words.phrase("late-from", &[("period", &reader.format.month(period))]));
        let code = month.codes.of(line);
        let then = code_cell(line.billing_code.as_ref(), &unallocated);
        let differs = month.codes.differs(line).then(|| {
            let then = line.billing_code.as_ref().map_or(unallocated.as_str(), |code| code.as_str());
            reader.words.phrase("portal-code-then", &[("code", then)])
        });
        let mut row = TableRow {
            cells: vec![
                TableCell::Date(at.date_naive()),
                TableCell::Time { at, apart: comes_twice(&at) },
                TableCell::Count(line.quantity),
                TableCell::Text(reader.statement.service_label(&line.service_type).to_owned()),
                code_cell(code, &unallocated),
                TableCell::Duration(line.length_seconds),
                TableCell::Duration(line.accumulated_seconds),
                TableCell::Money(line.charge),
            ],
            link: Some(month.conference_path(line)),
            mark: late.transpose()?,
            conference: Some(ConferenceRow {
                name: (line.room.clone(), line.conference_id.clone()),
                code: code.cloned(),
                mark: differs.transpose()?,
            }),
        };
        row.cells.extend(is_recoded.then_some(then));
        Ok(row)
    };
    let rows = lines.iter().map(row).collect::<Result<Vec<_>, RenderError>>()?;
    Ok(Table { columns, rows, link_column: 0, currency: reader.statement.account.currency })
}

fn conference_columns(reader: &Reader<'_>, lines: &[Line]) -> Result<Vec<TableColumn>, RenderError> {
    let zone = reader.statement.account.time_zone;
    let mut columns = vec![
        column(reader, "date", "date", Holds::Date)?,
        column(reader, "start", "start-time", Holds::Time)?,
        column(reader, "quantity", "quantity", Holds::Count)?,
        column(reader, "service", "service-type", Holds::Text)?,
        column(reader, "code", "billing-code", Holds::Text)?,
        column(reader, "length", "length", Holds::Duration)?,
        column(reader, "time", "portal-accumulated-short", Holds::Duration)?,
        column(reader, "charge", "charge", Holds::Money)?,
    ];
    // The same conference's length stands on each of its lines: its sum would say nothing.
    columns[5].total = false;
    columns[1].heading =
        format!("{} [{}]", columns[1].heading, offsets(lines.iter().map(|line| line.started_at), zone));
    Ok(columns)
}

/// Who took part in a conference.
pub(super) fn participants(
    reader: &Reader<'_>,
    participants: &[Participant],
    callers: Callers,
) -> Result<Table, RenderError> {
    let zone = reader.statement.account.time_zone;
    let unknown = reader.words.word("caller-unknown")?;
    let mut columns = vec![
        column(reader, "joined", "joined", Holds::Instant)?,
        column(reader, "left", "left", Holds::Instant)?,
        column(reader, "duration", "duration", Holds::Duration)?,
        column(reader, "service", "service-type", Holds::Text)?,
    ];
    if callers != Callers::None {
        columns.push(column(reader, "caller", "caller", Holds::Text)?);
    }
    let row = |leg: &Participant| {
        let duration = u64::try_from((leg.left_at - leg.joined_at).num_seconds()).unwrap_or(0);
        let mut cells = vec![
            TableCell::Instant(leg.joined_at.with_timezone(&zone)),
            TableCell::Instant(leg.left_at.with_timezone(&zone)),
            TableCell::Duration(duration),
            TableCell::Text(reader.statement.service_label(&leg.service_type).to_owned()),
        ];
        if callers != Callers::None {
            let shown = leg.caller.as_ref().and_then(|caller| callers.show(caller.as_str(), &unknown));
            cells
                .push(shown.map_or(TableCell::Lacking(unknown.clone()), |shown| TableCell::Text(shown.into_owned())));
        }
        TableRow { cells, link: None, mark: None, conference: None }
    };
    let rows = participants.iter().map(row).collect();
    Ok(Table { columns, rows, link_column: 0, currency: reader.statement.account.currency })
}

fn code_cell(code: Option<&BillingCode>, unallocated: &str) -> TableCell {
    code.map_or_else(|| TableCell::Lacking(unallocated.to_owned()), |code| TableCell::Text(code.to_string()))
}

/// As `GMT+2`; both where the clock changed between them.
fn offsets(instants: impl Iterator<Item = DateTime<Utc>>, zone: Zone) -> String {
    let mut shown: Vec<String> = Vec::new();
    for instant in instants {
        let offset = instant.with_timezone(&zone).format("%:z").to_string();
        if !shown.contains(&offset) {
            shown.push(offset);
        }
    }
    if shown.is_empty() {
        return zone.to_string();
    }
    shown.iter().map(|offset| format!("GMT{}", short(offset))).collect::<Vec<_>>().join(", ")
}

/// `+02:00` as `+2`, `+05:30` as it is.
fn short(offset: &str) -> String {
    match offset.strip_suffix(":00") {
        Some(hours) => format!("{}{}", &hours[..1], hours[1..].trim_start_matches('0').parse::<u8>().unwrap_or(0)),
        None => offset.to_owned(),
    }
}

/// Whether the clock shows this time twice on this day.
fn comes_twice(at: &DateTime<Zone>) -> bool {
    matches!(at.timezone().from_local_datetime(&at.naive_local()), MappedLocalTime::Ambiguous(..))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_hour_that_comes_twice_is_told_apart_and_the_heading_names_both_offsets() {
        let zone: Zone = "Europe/Paris".parse().unwrap();
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        let night = ["2009-10-25T00:30:00Z", "2009-10-25T01:30:00Z"];
        assert!(night.iter().all(|text| comes_twice(&at(text).with_timezone(&zone))));
        assert!(!comes_twice(&at("2009-10-25T03:30:00Z").with_timezone(&zone)));
        assert_eq!(offsets(night.into_iter().map(at), zone), "GMT+2, GMT+1");
        assert_eq!(offsets([at(night[0])].into_iter(), "Asia/Kolkata".parse().unwrap()), "GMT+05:30");
        assert_eq!(offsets([at(night[0])].into_iter(), "UTC".parse().unwrap()), "GMT+0");
    }

    #[test]
    fn an_id_of_any_kind_is_one_segment_of_a_path() {
        assert_eq!(encoded("a/b?c=é#~"), "a%2Fb%3Fc%3D%C3%A9%23~");
    }
}
