//! The sheet `Conferences`: the mini-guide's nine columns in its order, then what scripts find useful.

use std::borrow::Cow;

use rust_xlsxwriter::{Workbook, Worksheet};

use super::Scope;
use super::cells::{Cell, CellKind, Column, local_parts, named, time_number, with_offset};
use super::list::List;
use super::styles::TIME;
use crate::render::RenderError;
use crate::render::catalogues::CONFERENCE_HEADINGS;

const COLUMNS: [Column; 12] = [
    Column { heading: Cow::Borrowed("DATE"), kind: CellKind::Date, width: 12, total: false },
    Column { heading: Cow::Borrowed("START TIME"), kind: CellKind::Time, width: 17, total: false },
    Column { heading: Cow::Borrowed("ROOM NUMBER"), kind: CellKind::Text, width: 15, total: false },
    Column { heading: Cow::Borrowed("CARDHOLDER"), kind: CellKind::Text, width: 26, total: false },
    Column { heading: Cow::Borrowed("PARTICIPANTS"), kind: CellKind::Count, width: 15, total: true },
    Column { heading: Cow::Borrowed("BILLING CODE"), kind: CellKind::Text, width: 18, total: false },
    Column { heading: Cow::Borrowed("CONFERENCE LENGTH"), kind: CellKind::Duration, width: 22, total: false },
    Column { heading: Cow::Borrowed("ACCUMULATED TIME"), kind: CellKind::Duration, width: 21, total: true },
    Column { heading: Cow::Borrowed("CHARGES"), kind: CellKind::Money, width: 24, total: true },
    Column { heading: Cow::Borrowed("SERVICE TYPE"), kind: CellKind::Text, width: 18, total: false },
    Column { heading: Cow::Borrowed("CONFERENCE ID"), kind: CellKind::Text, width: 18, total: false },
    Column { heading: Cow::Borrowed("LATE FROM"), kind: CellKind::Text, width: 12, total: false },
];

pub(super) fn conferences(workbook: &mut Workbook, scope: &Scope<'_>) -> Result<Vec<Worksheet>, RenderError> {
    let statement = scope.reader.statement;
    let zone = statement.account.time_zone;
    let unallocated = scope.reader.catalogue.word("unallocated")?;
    let rooms = scope.room.map_or(statement.rooms.as_slice(), std::slice::from_ref);
    let rows = rooms.iter().map(|room| statement.lines_of(&room.number).len() as u64).sum();
    let mut list = List::new(
        ("Conferences", scope.reader.heading("Conferences", "conferences")?),
        named(scope.reader, &COLUMNS, &CONFERENCE_HEADINGS)?,
        statement.account.currency,
        scope.reader.catalogue.word("total")?,
        scope.print()?,
        rows,
    );
    for room in rooms {
        for line in statement.lines_of(&room.number) {
            let (date, time) = local_parts(line.started_at, zone);
            let doubled = with_offset(&scope.styles.time, TIME, line.started_at, zone);
            let late = line.late_from.map(|period| period.to_string());
            let cells = [
                Cell::Date(date),
                doubled.as_ref().map_or(Cell::Time(time), |format| Cell::Doubled(time_number(time), format)),
                Cell::Text(line.room.as_str()),
                Cell::Text(room.cardholder.as_str()),
                Cell::Count(line.quantity),
                Cell::Text(line.billing_code.as_ref().map_or(&unallocated, |code| code.as_str())),
                Cell::Duration(line.length_seconds),
                Cell::Duration(line.accumulated_seconds),
                Cell::Money(line.charge),
                Cell::Text(statement.service_label(&line.service_type)),
                Cell::Text(line.conference_id.as_str()),
                late.as_deref().map_or(Cell::Empty, Cell::Text),
            ];
            list.push(workbook, scope.styles, &cells)?;
        }
    }
    list.finish(workbook, scope.styles)
}
