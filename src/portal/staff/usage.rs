//! Usage that did not come in: the state of the sources, rejected rows by reason.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::lists::{Chosen, Parts, counted, file_of_parts, is_file};
use super::office::RejectsReading;
use super::reading_cache::ReadFuture;
use super::visit::{Opened, StaffVisit};
use crate::jobs::intake::known_sources;
use crate::jobs::{Context, SourceOverview};
use crate::portal::respond::Refusal;
use crate::portal::visit::Answer;
use crate::render::{
    STAFF_ROWS, StaffCell, StaffColumn, StaffPage, StaffRow, StaffSection, StaffTable, staff_instant,
};
use crate::store::{ListedRejection, RejectReason, StoreError};

/// Reasons that the page shows.
const REASONS: usize = 100;
/// Rows of a file that are read at once.
const PART: usize = 5_000;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Query {
    page: usize,
}

pub(super) async fn usage(visit: &StaffVisit) -> Answer {
    let context = &visit.context;
    visit.note(Opened { what: "rejected rows", ..Opened::default() }).await?;
    if is_file(visit) {
        return file_of_parts(visit, "rejected", columns(), async |parts| all(visit, parts).await).await;
    }
    let now = context.clock.now();
    let overview = {
        let mut tx = context.store.read_for_people().await?;
        known_sources(&mut tx, context, now).await?
    };
    let reading = visit.shared.staff.rejects.of((), || read(context)).await?;
    let waiting = usize::try_from(reading.rows).unwrap_or(usize::MAX);
    let query: Query = visit.query();
    let chosen = Chosen { path: "/staff/usage".into(), filters: Vec::new(), sort: "", page: query.page };
    let range = chosen.range(waiting);
    let rejected =
        context.store.read_for_people().await?.rejects().newest_rejections(None, (range.start, STAFF_ROWS)).await?;
    let rows: Vec<_> = rejected.iter().map(row).collect();
    let mut table = StaffTable::of("Rejected rows", columns(), &rows, &[])?;
    table.paging = chosen.paging(waiting);
    let list = StaffSection {
        id: "rows",
        heading: "Rejected rows, the newest first".into(),
        text: "\"statementd import rejects list\" shows each in full; correct the cause, then \"statementd import retry\".".into(),
        buttons: chosen.downloads(),
        table: Some(table),
        nothing: "No row waits.".into(),
        ..StaffSection::default()
    };
    let sections = vec![
        sources_section(&overview, now)?,
        source_reasons_section(&overview)?,
        reasons_section(&reading, waiting)?,
        list,
    ];
    visit.page(&StaffPage {
        title: "Usage that did not come in".into(),
        as_of: staff_instant(reading.taken_at),
        sections,
        ..StaffPage::default()
    })
}

fn read(context: &Context) -> ReadFuture<RejectsReading, StoreError> {
    let context = context.clone();
    Box::pin(async move {
        let taken_at = context.clock.now();
        let mut tx = context.store.read_for_people().await?;
        let waiting = tx.reports().waiting_rejects().await?;
        let rows = waiting.iter().map(|(_, rows)| rows.cast_unsigned()).sum();
        Ok(RejectsReading { taken_at, rows, reasons: tx.rejects().reject_reasons(REASONS).await? })
    })
}

/// All of them, part by part.
async fn all(visit: &StaffVisit, parts: &Parts) -> Result<(), Refusal> {
    let mut tx = visit.context.store.read_for_people().await?;
    let mut last = None;
    loop {
        let rejected = tx.rejects().newest_rejections(last, (0, PART)).await?;
        parts.add(rejected.iter().map(row).collect()).await;
        match rejected.last() {
            Some(row) if rejected.len() == PART => last = Some(row.id),
            _ => return Ok(()),
        }
    }
}

fn columns() -> Vec<StaffColumn> {
    vec![
        StaffColumn::number("", "Id"),
        StaffColumn::text("", "Kind"),
        StaffColumn::text("", "File"),
        StaffColumn::number("", "Line"),
        StaffColumn::text("", "Column"),
        StaffColumn::text("", "Reason"),
        StaffColumn::text("", "Rejected"),
    ]
}

fn row(rejection: &ListedRejection) -> StaffRow {
    StaffRow {
        cells: vec![
            StaffCell::Count(rejection.id.cast_unsigned()),
            StaffCell::Text(rejection.kind.clone()),
            StaffCell::Text(rejection.file.clone()),
            StaffCell::Count(rejection.line.cast_unsigned()),
            StaffCell::Text(rejection.column.clone().unwrap_or_default()),
            StaffCell::Text(rejection.reason.clone()),
            StaffCell::Instant(rejection.rejected_at),
        ],
        ..StaffRow::default()
    }
}

fn reasons_section(reading: &RejectsReading, waiting: usize) -> Result<StaffSection, Refusal> {
    let row = |reason: &RejectReason| StaffRow {
        cells: vec![
            StaffCell::text(reason.kind.as_str()),
            StaffCell::text(reason.column.as_str()),
            StaffCell::text(reason.reason.as_str()),
            StaffCell::Count(reason.rows),
        ],
        ..StaffRow::default()
    };
    let rows: Vec<_> = reading.reasons.iter().map(row).collect();
    let columns = vec![
        StaffColumn::text("", "Kind"),
        StaffColumn::text("", "Column"),
        StaffColumn::text("", "Reason"),
        StaffColumn::number("", "Rows"),
    ];
    Ok(StaffSection {
        id: "reasons",
        heading: format!("{}, by reason", counted(waiting, "rejected row")),
        table: Some(StaffTable::of("Reasons", columns, &rows, &[])?),
        nothing: "No row waits.".into(),
        ..StaffSection::default()
    })
}

fn sources_section(sources: &[SourceOverview], now: chrono::DateTime<chrono::Utc>) -> Result<StaffSection, Refusal> {
    let row = |source: &SourceOverview| {
        let problems = source.problems(now);
        StaffRow {
            cells: vec![
                StaffCell::text(source.name.as_str()),
                StaffCell::Count(source.files),
                StaffCell::Count(source.stored),
                StaffCell::Count(source.rejected),
                StaffCell::Count(source.open_legs),
                source.last_taken_at.map_or(StaffCell::Empty, StaffCell::Instant),
                StaffCell::Text(problems.join("; ")),
            ],
            problem: (!problems.is_empty()).then_some(6),
            ..StaffRow::default()
        }
    };
    let rows: Vec<_> = sources.iter().map(row).collect();
    let columns = vec![
        StaffColumn::text("", "Source"),
        StaffColumn::number("", "Files"),
        StaffColumn::number("", "Stored"),
        StaffColumn::number("", "Rejected"),
        StaffColumn::number("", "Open legs"),
        StaffColumn::text("", "Last taken"),
        StaffColumn::text("", "Problem"),
    ];
    Ok(StaffSection {
        id: "sources",
        heading: "Sources of usage".into(),
        table: Some(StaffTable::of("Sources of usage", columns, &rows, &[])?),
        nothing: "No source is configured: files are imported by command.".into(),
        ..StaffSection::default()
    })
}

/// What sources did not deliver, by reason: files that were not taken, items that were skipped.
fn source_reasons_section(sources: &[SourceOverview]) -> Result<StaffSection, Refusal> {
    let mut reasons = BTreeMap::<(&str, String, &str), u64>::new();
    for source in sources {
        if let Some(fault) = &source.fault {
            reasons.insert((&source.name, "cannot be looked at".to_owned(), fault), 1);
        }
        for file in &source.untaken {
            *reasons.entry((&source.name, format!("{} file", file.state), &file.reason)).or_default() += 1;
        }
        for (reason, items) in &source.skipped {
            *reasons.entry((&source.name, "skipped item".to_owned(), reason)).or_default() += items;
        }
    }
    let is_skipped = |what: &str| what == "skipped item";
    let row = |((source, what, reason), count): (&(&str, String, &str), &u64)| StaffRow {
        cells: vec![
            StaffCell::text(*source),
            StaffCell::text(what.as_str()),
            StaffCell::text(*reason),
            StaffCell::Count(*count),
        ],
        problem: (!is_skipped(what)).then_some(1),
        ..StaffRow::default()
    };
    let rows: Vec<_> = reasons.iter().map(row).collect();
    let columns = vec![
        StaffColumn::text("", "Source"),
        StaffColumn::text("", "What"),
        StaffColumn::text("", "Reason"),
        StaffColumn::number("", "How many"),
    ];
    Ok(StaffSection {
        id: "by-source",
        heading: "What sources did not give, by reason".into(),
        text: "Skipped items need no one's attention: they are no usage, by the reader's rules.".into(),
        table: Some(StaffTable::of("What sources did not give", columns, &rows, &[])?),
        nothing: "Every file was taken whole, and nothing was skipped.".into(),
        ..StaffSection::default()
    })
}
