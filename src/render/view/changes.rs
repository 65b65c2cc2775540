//! What a revision changes against the one before it.

use serde::Serialize;

use super::Reader;
use crate::domain::{Amount, Changes, Line, LineChange, RoomChange, RoomTotal};
use crate::render::RenderError;

/// Lines of change that a page lists; the workbook has them all.
const LISTED_LINES: usize = 200;

#[derive(Debug, Serialize)]
pub(in crate::render) struct ChangesView {
    pub(in crate::render) title: String,
    /// How the total changed, or that it did not.
    pub(in crate::render) sentence: String,
    /// Of the account: rooms whose charge or usage differs.
    pub(in crate::render) rooms: Vec<RoomChangeView>,
    pub(in crate::render) lines: Vec<LineChangeView>,
    /// That there are more lines than are listed.
    pub(in crate::render) more: Option<String>,
}

#[derive(Debug, Serialize)]
pub(in crate::render) struct RoomChangeView {
    pub(in crate::render) number: String,
    pub(in crate::render) before: String,
    pub(in crate::render) after: String,
    pub(in crate::render) difference: String,
}

#[derive(Debug, Serialize)]
pub(in crate::render) struct LineChangeView {
    /// Added, removed or corrected, as a word.
    pub(in crate::render) kind: String,
    pub(in crate::render) room: String,
    pub(in crate::render) date: String,
    pub(in crate::render) time: String,
    pub(in crate::render) service: String,
    pub(in crate::render) before: Option<String>,
    pub(in crate::render) after: Option<String>,
    pub(in crate::render) difference: String,
}

/// `None` in a first revision. The view of a `room` shows nothing of other rooms.
pub(super) fn changes(reader: &Reader<'_>, room: Option<&RoomTotal>) -> Result<Option<ChangesView>, RenderError> {
    let Some(changes) = &reader.statement.changes else { return Ok(None) };
    let since = changes.since_revision.to_string();
    let concerned = |line: &LineChange| match (room, line.after.as_ref().or(line.before.as_ref())) {
        (Some(room), Some(line)) => line.room == room.number,
        (None, Some(_)) => true,
        (_, None) => false,
    };
    let lines: Vec<&LineChange> = changes.lines.iter().filter(|line| concerned(line)).collect();
    let unlisted = lines.len().saturating_sub(LISTED_LINES) as u64;
    Ok(Some(ChangesView {
        title: reader.catalogue.phrase("what-changed", &[("number", &since)])?,
        sentence: sentence(reader, changes, room, lines.is_empty(), &since)?,
        rooms: if room.is_none() { room_changes(reader, changes) } else { Vec::new() },
        lines: lines
            .into_iter()
            .take(LISTED_LINES)
            .map(|line| line_change(reader, line))
            .collect::<Result<_, _>>()?,
        more: (unlisted > 0).then(|| more(reader, unlisted)).transpose()?,
    }))
}

fn more(reader: &Reader<'_>, unlisted: u64) -> Result<String, RenderError> {
    let sheet = reader.heading("Changes", "sheet-changes")?;
    let word = reader.either("changes-in-workbook", "changes-on-request");
    reader.catalogue.counted(word, unlisted, &reader.format.count(unlisted), &[("sheet", &sheet)])
}

fn sentence(
    reader: &Reader<'_>,
    changes: &Changes,
    room: Option<&RoomTotal>,
    no_lines: bool,
    since: &str,
) -> Result<String, RenderError> {
    let (before, after) = match room {
        None => (changes.totals_before.charge, reader.statement.totals.charge),
        Some(room) => {
            let change = changes.rooms.iter().find(|change| change.number == room.number);
            let before = change.map_or(room.totals.charge, |change| change.before.charge);
            (before, room.totals.charge)
        }
    };
    if no_lines && before == after {
        let word =
            if room.is_none() && changes.lines.is_empty() { "changed-nothing" } else { "changed-nothing-here" };
        return reader.catalogue.phrase(word, &[("number", since)]);
    }
    reader.catalogue.phrase(
        "changed-total",
        &[
            ("before", &reader.format.money(before)),
            ("after", &reader.format.money(after)),
            ("difference", &difference(reader, before, after)),
        ],
    )
}

fn room_changes(reader: &Reader<'_>, changes: &Changes) -> Vec<RoomChangeView> {
    let view = |room: &RoomChange| RoomChangeView {
        number: room.number.grouped(),
        before: reader.format.money(room.before.charge),
        after: reader.format.money(room.after.charge),
        difference: difference(reader, room.before.charge, room.after.charge),
    };
    changes.rooms.iter().map(view).collect()
}

fn line_change(reader: &Reader<'_>, change: &LineChange) -> Result<LineChangeView, RenderError> {
    let word = match (&change.before, &change.after) {
        (None, _) => "added",
        (_, None) => "removed",
        _ => "corrected",
    };
    let amount = |line: &Option<Line>| line.as_ref().map(|line| line.charge);
    let shown = |line: &Option<Line>| amount(line).map(|amount| reader.format.money(amount));
    let zero = |line: &Option<Line>| amount(line).unwrap_or(Amount::ZERO);
    let line = change.after.as_ref().or(change.before.as_ref());
    let start = line.map(|line| line.started_at.with_timezone(&reader.statement.account.time_zone));
    Ok(LineChangeView {
        kind: reader.catalogue.word(word)?,
        room: line.map(|line| line.room.grouped()).unwrap_or_default(),
        date: start.map(|start| reader.format.date(start.date_naive())).unwrap_or_default(),
        time: start.map(|start| reader.format.time(&start)).unwrap_or_default(),
        service: line.map(|line| reader.statement.service_label(&line.service_type).to_owned()).unwrap_or_default(),
        before: shown(&change.before),
        after: shown(&change.after),
        difference: difference(reader, zero(&change.before), zero(&change.after)),
    })
}

fn difference(reader: &Reader<'_>, before: Amount, after: Amount) -> String {
    reader.format.difference(i128::from(after.0) - i128::from(before.0))
}
