//! The sheet `Changes` of a revision: line by line, what was charged before and what is charged now.

use std::borrow::Cow;

use rust_xlsxwriter::{Workbook, Worksheet};

use super::Scope;
use super::cells::{Cell, CellKind, Column, local_parts, named};
use super::list::List;
use crate::domain::{Amount, LineChange};
use crate::render::RenderError;
use crate::render::catalogues::CHANGE_HEADINGS;

const COLUMNS: [Column; 8] = [
    Column { heading: Cow::Borrowed("DATE"), kind: CellKind::Date, width: 12, total: false },
    Column { heading: Cow::Borrowed("START TIME"), kind: CellKind::Time, width: 14, total: false },
    Column { heading: Cow::Borrowed("ROOM NUMBER"), kind: CellKind::Text, width: 16, total: false },
    Column { heading: Cow::Borrowed("CONFERENCE ID"), kind: CellKind::Text, width: 18, total: false },
    Column { heading: Cow::Borrowed("SERVICE TYPE"), kind: CellKind::Text, width: 18, total: false },
    Column { heading: Cow::Borrowed("CHARGES BEFORE"), kind: CellKind::Money, width: 18, total: true },
    Column { heading: Cow::Borrowed("CHARGES"), kind: CellKind::Money, width: 16, total: true },
    Column { heading: Cow::Borrowed("DIFFERENCE"), kind: CellKind::Money, width: 16, total: true },
];

/// `None` in a first revision, and if the figures are those of the revision before.
pub(super) fn changes(workbook: &mut Workbook, scope: &Scope<'_>) -> Result<Vec<Worksheet>, RenderError> {
    let statement = scope.reader.statement;
    let concerned = |change: &&LineChange| {
        let line = change.after.as_ref().or(change.before.as_ref());
        line.is_some_and(|line| scope.room.is_none_or(|room| room.number == line.room))
    };
    let changes: Vec<_> = statement.changes.iter().flat_map(|changes| &changes.lines).filter(concerned).collect();
    if changes.is_empty() {
        return Ok(Vec::new());
    }
    let mut list = List::new(
        ("Changes", scope.reader.heading("Changes", "sheet-changes")?),
        named(scope.reader, &COLUMNS, &CHANGE_HEADINGS)?,
        statement.account.currency,
        scope.reader.catalogue.word("total")?,
        scope.print()?,
        changes.len() as u64,
    );
    for change in changes {
        let Some(line) = change.after.as_ref().or(change.before.as_ref()) else { continue };
        let (date, time) = local_parts(line.started_at, statement.account.time_zone);
        let before = change.before.as_ref().map(|line| line.charge);
        let after = change.after.as_ref().map(|line| line.charge);
        let difference = after.unwrap_or_default().0.saturating_sub(before.unwrap_or_default().0);
        let cells = [
            Cell::Date(date),
            Cell::Time(time),
            Cell::Text(line.room.as_str()),
            Cell::Text(line.conference_id.as_str()),
            Cell::Text(statement.service_label(&line.service_type)),
            before.map_or(Cell::Empty, Cell::Money),
            after.map_or(Cell::Empty, Cell::Money),
            Cell::Money(Amount(difference)),
        ];
        list.push(workbook, scope.styles, &cells)?;
    }
    list.finish(workbook, scope.styles)
}
