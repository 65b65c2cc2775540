//! Usage that did not come in: the state of the sources, rejected rows by reason.

use std::collections::BTreeMap;

use super::lists::{Chosen, counted, file, is_file};
use super::visit::{Opened, StaffVisit};
use crate::jobs::SourceOverview;
use crate::jobs::intake::known_sources;
use crate::portal::respond::Refusal;
use crate::portal::visit::Answer;
use crate::render::{StaffCell, StaffColumn, StaffPage, StaffRow, StaffSection, StaffTable};
use crate::store::{ListedRejection, RejectsFilter};

/// Rows that the page shows; the files have all.
const NEWEST: usize = 100;

pub(super) async fn usage(visit: &StaffVisit) -> Answer {
    let context = &visit.context;
    let mut rejected =
        context.store.read_for_people().await?.rejects().listed_rejections(&RejectsFilter::default()).await?;
    rejected.reverse();
    visit.note(Opened { what: "rejected rows", ..Opened::default() }).await?;
    let columns = vec![
        StaffColumn::number("", "Id"),
        StaffColumn::text("", "Kind"),
        StaffColumn::text("", "File"),
        StaffColumn::number("", "Line"),
        StaffColumn::text("", "Column"),
        StaffColumn::text("", "Reason"),
        StaffColumn::text("", "Rejected"),
    ];
    if is_file(visit) {
        return file(visit, "rejected", columns, rejected.iter().map(row).collect()).await;
    }
    let now = context.clock.now();
    let overview = {
        let mut tx = context.store.read_for_people().await?;
        known_sources(&mut tx, context, now).await?
    };
    let rows: Vec<_> = rejected.iter().take(NEWEST).map(row).collect();
    let chosen = Chosen { path: "/staff/usage".into(), filters: Vec::new(), sort: "", page: 1 };
    let list = StaffSection {
        id: "rows",
        heading: "Rejected rows, the newest".into(),
        text: "\"statementd import rejects list\" shows each in full; correct the cause, then \"statementd import retry\".".into(),
        buttons: chosen.downloads(),
        table: Some(StaffTable::of("Rejected rows", columns, &rows, &[])?),
        nothing: "No row waits.".into(),
        ..StaffSection::default()
    };
    let sections =
        vec![sources_section(&overview, now)?, source_reasons_section(&overview)?, reasons_section(&rejected)?, list];
    visit.page(&StaffPage { title: "Usage that did not come in".into(), sections, ..StaffPage::default() })
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

fn reasons_section(rejected: &[ListedRejection]) -> Result<StaffSection, Refusal> {
    let mut reasons = BTreeMap::<(&str, &str, &str), u64>::new();
    for row in rejected {
        *reasons.entry((&row.kind, row.column.as_deref().unwrap_or_default(), &row.reason)).or_default() += 1;
    }
    let mut reasons: Vec<_> = reasons.into_iter().collect();
    reasons.sort_by_key(|(_, rows)| std::cmp::Reverse(*rows));
    let row = |((kind, column, reason), rows): &((&str, &str, &str), u64)| StaffRow {
        cells: vec![
            StaffCell::text(*kind),
            StaffCell::text(*column),
            StaffCell::text(*reason),
            StaffCell::Count(*rows),
        ],
        ..StaffRow::default()
    };
    let rows: Vec<_> = reasons.iter().take(NEWEST).map(row).collect();
    let columns = vec![
        StaffColumn::text("", "Kind"),
        StaffColumn::text("", "Column"),
        StaffColumn::text("", "Reason"),
        StaffColumn::number("", "Rows"),
    ];
    Ok(StaffSection {
        id: "reasons",
        heading: format!("{}, by reason", counted(rejected.len(), "rejected row")),
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
        StaffColumn::text("", "Trouble"),
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
