//! The sheet `Participants`: one row per leg.

use std::borrow::Cow;

use rust_xlsxwriter::{Workbook, Worksheet};

use super::cells::{Cell, CellKind, Column, instant_number, named, with_offset};
use super::list::{List, Print};
use super::styles::Styles;
use crate::domain::{Callers, Participant};
use crate::render::RenderError;
use crate::render::catalogues::PARTICIPANT_HEADINGS;
use crate::render::view::Reader;

const COLUMNS: [Column; 8] = [
    Column { heading: Cow::Borrowed("ROOM NUMBER"), kind: CellKind::Text, width: 15, total: false },
    Column { heading: Cow::Borrowed("CONFERENCE ID"), kind: CellKind::Text, width: 18, total: false },
    Column { heading: Cow::Borrowed("SERVICE TYPE"), kind: CellKind::Text, width: 18, total: false },
    Column { heading: Cow::Borrowed("JOINED"), kind: CellKind::Instant, width: 26, total: false },
    Column { heading: Cow::Borrowed("LEFT"), kind: CellKind::Instant, width: 26, total: false },
    Column { heading: Cow::Borrowed("DURATION"), kind: CellKind::Duration, width: 14, total: true },
    Column { heading: Cow::Borrowed("LATE FROM"), kind: CellKind::Text, width: 12, total: false },
    Column { heading: Cow::Borrowed("CALLER"), kind: CellKind::Text, width: 18, total: false },
];

/// The list that is being written.
pub(super) struct Participants {
    list: List,
    callers: Callers,
    unknown_caller: String,
}

impl Participants {
    pub(super) fn new(reader: &Reader<'_>, print: Print, rows: u64, callers: Callers) -> Result<Self, RenderError> {
        // The last column alone depends on a setting, so that no other moves.
        let shown = if callers == Callers::None { COLUMNS.len() - 1 } else { COLUMNS.len() };
        let list = List::new(
            ("Participants", reader.heading("Participants", "participants")?),
            named(reader, &COLUMNS[..shown], &PARTICIPANT_HEADINGS)?,
            reader.statement.account.currency,
            reader.catalogue.word("total")?,
            print,
            rows,
        );
        Ok(Self { list, callers, unknown_caller: reader.catalogue.word("caller-unknown")? })
    }

    pub(super) fn add(
        &mut self,
        workbook: &mut Workbook,
        reader: &Reader<'_>,
        styles: &Styles,
        participants: &[Participant],
    ) -> Result<(), RenderError> {
        let zone = reader.statement.account.time_zone;
        for leg in participants {
            let duration = u64::try_from((leg.left_at - leg.joined_at).num_seconds()).unwrap_or(0);
            let late = leg.late_from.map(|period| period.to_string());
            let caller =
                leg.caller.as_ref().and_then(|caller| self.callers.show(caller.as_str(), &self.unknown_caller));
            let [joined, left] = [leg.joined_at, leg.left_at].map(|at| at.with_timezone(&zone).naive_local());
            let [joined_twice, left_twice] = [leg.joined_at, leg.left_at]
                .map(|at| with_offset(&styles.instant, &styles.instant_pattern, at, zone));
            let cells = [
                Cell::Text(leg.room.as_str()),
                Cell::Text(leg.conference_id.as_str()),
                Cell::Text(reader.statement.service_label(&leg.service_type)),
                joined_twice
                    .as_ref()
                    .map_or(Cell::Instant(joined), |format| Cell::Doubled(instant_number(joined), format)),
                left_twice.as_ref().map_or(Cell::Instant(left), |format| Cell::Doubled(instant_number(left), format)),
                Cell::Duration(duration),
                late.as_deref().map_or(Cell::Empty, Cell::Text),
                caller.as_deref().map_or(Cell::Empty, Cell::Text),
            ];
            let shown = if self.callers == Callers::None { cells.len() - 1 } else { cells.len() };
            self.list.push(workbook, styles, &cells[..shown])?;
        }
        Ok(())
    }

    pub(super) fn finish(self, workbook: &mut Workbook, styles: &Styles) -> Result<Vec<Worksheet>, RenderError> {
        self.list.finish(workbook, styles)
    }
}
