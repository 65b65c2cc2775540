//! The three lists of the mini-guide: an account's rooms, a room's conferences, a conference's participants.

use std::sync::Arc;

use chrono::{DateTime, MappedLocalTime, Offset, TimeZone, Utc};

use super::month_shown::MonthShown;
use super::table::{Arrangement, ConferenceRow, LineTraits, Rows, Table, TableCell, TableColumn};
use crate::domain::{BillingCode, Callers, Line, Participant, RoomNumber, RoomTotal, Statement, Zone};
use crate::render::RenderError;
use crate::render::catalogues::Catalogue;
use crate::render::locale::Formatters;
use crate::render::view::Reader;
use crate::render::workbook::cells::CellKind;

fn column(reader: &Reader<'_>, key: &'static str, word: &str, kind: CellKind) -> Result<TableColumn, RenderError> {
    let total = matches!(kind, CellKind::Duration | CellKind::Money | CellKind::Count);
    Ok(TableColumn { key, heading: reader.catalogue.word(word)?, kind, total, on_page: true })
}

struct RoomRows<'a> {
    month: MonthShown<'a>,
    rooms: Vec<&'a RoomTotal>,
}

/// `ACCOUNT SUMMARY`: the account's rooms.
pub(super) fn rooms<'a>(reader: &Reader<'_>, month: &MonthShown<'a>, all: bool) -> Result<Table<'a>, RenderError> {
    let columns = vec![
        column(reader, "room", "room-number", CellKind::Text)?,
        column(reader, "cardholder", "cardholder", CellKind::Text)?,
        column(reader, "code", "auto-billing-code", CellKind::Text)?,
        column(reader, "time", "accumulated-time", CellKind::Duration)?,
        column(reader, "charge", "charge", CellKind::Money)?,
    ];
    let rooms = month.visible_rooms().filter(|room| all || room.is_active()).collect();
    Ok(Table::new(columns, RoomRows { month: *month, rooms }, 1, month.statement.account.currency))
}

impl Rows for RoomRows<'_> {
    fn count(&self) -> usize {
        self.rooms.len()
    }

    fn cell(&self, row: usize, column: &str) -> TableCell<'_> {
        let room = self.rooms[row];
        match column {
            "room" => TableCell::Number(&room.number),
            "cardholder" => TableCell::Text(room.cardholder.as_str().into()),
            "code" => {
                room.auto_billing_code.as_ref().map_or(TableCell::Empty, |code| TableCell::Text(code.as_str().into()))
            }
            "time" => TableCell::Duration(room.totals.accumulated_seconds),
            _ => TableCell::Money(room.totals.charge),
        }
    }

    fn link(&self, row: usize) -> Option<String> {
        Some(self.month.room_path(&self.rooms[row].number))
    }
}

/// A room's lines, each a row.
struct LineRows<'a> {
    month: MonthShown<'a>,
    lines: &'a [Line],
    catalogue: &'a Catalogue,
    format: Arc<Formatters>,
    unallocated: String,
}

/// `CONFERENCE LIST`: a room's conferences; `kept`: what is known of its lines.
pub(super) fn conferences<'a>(
    reader: &Reader<'a>,
    month: &MonthShown<'a>,
    room: &RoomNumber,
    kept: Option<&Arrangement>,
) -> Result<Table<'a>, RenderError> {
    let lines = month.statement.lines_of(room);
    let known = kept.map_or_else(|| traits(lines, month), |kept| kept.lines.clone());
    let mut columns = conference_columns(reader, &known)?;
    // Files say in a column of their own what pages say beside the code.
    if known.is_recoded {
        let on_statement = column(reader, "on-statement", "portal-code-on-statement", CellKind::Text)?;
        columns.push(TableColumn { on_page: false, ..on_statement });
    }
    let unallocated = reader.catalogue.word("unallocated")?;
    let rows = LineRows {
        month: *month,
        lines,
        catalogue: reader.catalogue,
        format: Arc::clone(&reader.format),
        unallocated,
    };
    let mut table = Table::new(columns, rows, 0, month.statement.account.currency);
    table.arrangement = Arc::new(Arrangement { lines: known, ..Arrangement::default() });
    Ok(table)
}

fn traits(lines: &[Line], month: &MonthShown<'_>) -> LineTraits {
    let zone = month.statement.account.time_zone;
    let is_recoded = !month.codes.is_empty() && lines.iter().any(|line| month.codes.differs(line));
    LineTraits { offsets: offsets(lines.iter().map(|line| line.started_at), zone), is_recoded }
}

fn conference_columns(reader: &Reader<'_>, lines: &LineTraits) -> Result<Vec<TableColumn>, RenderError> {
    let zone = reader.statement.account.time_zone;
    let mut columns = vec![
        column(reader, "date", "date", CellKind::Date)?,
        column(reader, "start", "start-time", CellKind::Time)?,
        column(reader, "quantity", "quantity", CellKind::Count)?,
        column(reader, "service", "service-type", CellKind::Text)?,
        column(reader, "code", "billing-code", CellKind::Text)?,
        column(reader, "length", "length", CellKind::Duration)?,
        column(reader, "time", "portal-accumulated-short", CellKind::Duration)?,
        column(reader, "charge", "charge", CellKind::Money)?,
    ];
    // A conference's length is repeated on each of its lines: the sum would mean nothing.
    columns[5].total = false;
    columns[1].heading = format!("{} [{}]", columns[1].heading, offsets_named(&lines.offsets, zone));
    Ok(columns)
}

impl LineRows<'_> {
    fn code_text<'a>(&'a self, code: Option<&'a BillingCode>) -> &'a str {
        code.map_or(self.unallocated.as_str(), |code| code.as_str())
    }

    fn code_cell<'a>(&'a self, code: Option<&'a BillingCode>) -> TableCell<'a> {
        let text = self.code_text(code);
        if code.is_some() { TableCell::Text(text.into()) } else { TableCell::Lacking(text) }
    }
}

impl Rows for LineRows<'_> {
    fn count(&self) -> usize {
        self.lines.len()
    }

    fn cell(&self, row: usize, column: &str) -> TableCell<'_> {
        let line = &self.lines[row];
        let at = || line.started_at.with_timezone(&self.month.statement.account.time_zone);
        match column {
            "date" => TableCell::Date(at().date_naive()),
            "start" => TableCell::Time { at: at(), apart: comes_twice(&at()) },
            "quantity" => TableCell::Count(line.quantity),
            "service" => TableCell::Text(self.month.statement.service_label(&line.service_type).into()),
            "code" => self.code_cell(self.month.codes.of(line)),
            "length" => TableCell::Duration(line.length_seconds),
            "time" => TableCell::Duration(line.accumulated_seconds),
            "on-statement" => self.code_cell(line.billing_code.as_ref()),
            _ => TableCell::Money(line.charge),
        }
    }

    fn link(&self, row: usize) -> Option<String> {
        Some(self.month.conference_path(&self.lines[row]))
    }

    fn mark(&self, row: usize) -> Result<Option<String>, RenderError> {
        let Some(period) = self.lines[row].late_from else { return Ok(None) };
        self.catalogue.phrase("late-from", &[("period", &self.format.month(period))]).map(Some)
    }

    fn conference(&self, row: usize) -> Option<ConferenceRow<'_>> {
        let line = &self.lines[row];
        Some(ConferenceRow { room: &line.room, id: &line.conference_id, code: self.month.codes.of(line) })
    }

    fn code_mark(&self, row: usize) -> Result<Option<String>, RenderError> {
        let line = &self.lines[row];
        if !self.month.codes.differs(line) {
            return Ok(None);
        }
        let then = self.code_text(line.billing_code.as_ref());
        self.catalogue.phrase("portal-code-then", &[("code", then)]).map(Some)
    }
}

struct ParticipantRows<'a> {
    statement: &'a Statement,
    participants: &'a [Participant],
    callers: Callers,
    unknown: String,
}

/// Who took part in a conference.
pub(super) fn participants<'a>(
    reader: &Reader<'a>,
    participants: &'a [Participant],
    callers: Callers,
) -> Result<Table<'a>, RenderError> {
    let mut columns = vec![
        column(reader, "joined", "joined", CellKind::Instant)?,
        column(reader, "left", "left", CellKind::Instant)?,
        column(reader, "duration", "duration", CellKind::Duration)?,
        column(reader, "service", "service-type", CellKind::Text)?,
    ];
    if callers != Callers::None {
        columns.push(column(reader, "caller", "caller", CellKind::Text)?);
    }
    let unknown = reader.catalogue.word("caller-unknown")?;
    let rows = ParticipantRows { statement: reader.statement, participants, callers, unknown };
    Ok(Table::new(columns, rows, 0, reader.statement.account.currency))
}

impl Rows for ParticipantRows<'_> {
    fn count(&self) -> usize {
        self.participants.len()
    }

    fn cell(&self, row: usize, column: &str) -> TableCell<'_> {
        let (leg, zone) = (&self.participants[row], self.statement.account.time_zone);
        match column {
            "joined" => TableCell::Instant(leg.joined_at.with_timezone(&zone)),
            "left" => TableCell::Instant(leg.left_at.with_timezone(&zone)),
            "duration" => {
                let seconds = (leg.left_at - leg.joined_at).num_seconds();
                TableCell::Duration(u64::try_from(seconds).unwrap_or(0))
            }
            "service" => TableCell::Text(self.statement.service_label(&leg.service_type).into()),
            _ => {
                let caller = leg.caller.as_ref();
                let shown = caller.and_then(|caller| self.callers.show(caller.as_str(), &self.unknown));
                shown.map_or(TableCell::Lacking(&self.unknown), TableCell::Text)
            }
        }
    }
}

/// Those at which something began, in seconds, each once.
fn offsets(instants: impl Iterator<Item = DateTime<Utc>>, zone: Zone) -> Vec<i32> {
    let mut found = Vec::new();
    for instant in instants {
        let offset = zone.offset_from_utc_datetime(&instant.naive_utc()).fix().local_minus_utc();
        if !found.contains(&offset) {
            found.push(offset);
        }
    }
    found
}

/// For example `GMT+2`; both where the clock changed between them.
fn offsets_named(offsets: &[i32], zone: Zone) -> String {
    if offsets.is_empty() {
        return zone.to_string();
    }
    let named = offsets.iter().map(|seconds| {
        let minutes = seconds.abs() / 60;
        let rest = if minutes % 60 == 0 { String::new() } else { format!(":{:02}", minutes % 60) };
        let sign = if *seconds < 0 { '-' } else { '+' };
        if rest.is_empty() {
            format!("GMT{sign}{}", minutes / 60)
        } else {
            format!("GMT{sign}{:02}{rest}", minutes / 60)
        }
    });
    named.collect::<Vec<_>>().join(", ")
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
        let named =
            |instants: &[&str], zone: Zone| offsets_named(&offsets(instants.iter().map(|text| at(text)), zone), zone);
        assert_eq!(named(&night, zone), "GMT+2, GMT+1");
        for (zone, expected) in [
            ("Asia/Kolkata", "GMT+05:30"),
            ("America/St_Johns", "GMT-02:30"),
            ("America/New_York", "GMT-4"),
            ("UTC", "GMT+0"),
        ] {
            assert_eq!(named(&night[..1], zone.parse().unwrap()), expected);
        }
        assert_eq!(named(&[], zone), "Europe/Paris");
    }
}
