//! Home: is everything all right, how the bill run goes, and the last months.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::lists::{address, row_link};
use super::office::HomeReading;
use super::reading_cache::ReadFuture;
use super::visit::StaffVisit;
use crate::domain::{Amount, Currency, Period};
use crate::jobs::{Attention, Context, Item, MonthCounts, Overview, Part, Topic, look_at_parts};
use crate::portal::respond::Refusal;
use crate::portal::visit::Answer;
use crate::render::{
    StaffBar, StaffCell, StaffColumn, StaffItem, StaffPage, StaffRow, StaffSection, StaffStanding, StaffTable,
    staff_difference, staff_instant, staff_month,
};
use crate::store::{MonthProgress, MonthTotals, RerunRow, StoreError};

/// Months with totals, the oldest of them to compare with.
const MONTHS: u32 = 13;
/// A page with more items is of no use to its reader; the rest is counted.
const MOST_ITEMS: usize = 100;
/// How long home waits for the parts.
const PARTS_PATIENCE: Duration = Duration::from_secs(2);
/// Reruns that home names.
const NEWEST_RERUNS: usize = 5;

pub(super) async fn home(visit: &StaffVisit) -> Answer {
    let (reading, away) = newest_reading(visit).await?;
    let HomeReading { overview, newest, totals, reruns } = reading.as_ref();
    let looked = visit.shared.staff.parts.soon((), look(&visit.context), PARTS_PATIENCE).await;
    let is_looked_at = looked.is_some();
    let mut parts = looked.map(|parts| parts.as_ref().clone()).unwrap_or_default();
    parts.extend(away.map(|why| Part {
        name: "database",
        fault: Some(format!("{why}. What stands here is what was last read; work goes on once the database is back")),
    }));
    let mut attention = overview.attention.clone();
    attention.add_parts(&parts);
    let mut sections = vec![attention_section(&attention)];
    if let Some(month) = newest {
        sections.extend(run_section(visit, month).await?);
    }
    sections.push(months_section(&overview.months, totals)?);
    sections.extend((!reruns.is_empty()).then(|| reruns_section(reruns)));
    sections.push(parts_section(&parts, is_looked_at)?);
    let is_well = !attention.needs_a_person();
    visit.page(&StaffPage {
        title: if is_well { "All is well" } else { "Needs attention" }.to_owned(),
        as_of: staff_instant(overview.taken_at),
        sections,
        ..StaffPage::default()
    })
}

fn read(context: &Context) -> ReadFuture<HomeReading, StoreError> {
    let context = context.clone();
    Box::pin(async move {
        let now = context.clock.now();
        let mut tx = context.store.read_for_people().await?;
        let overview = Overview::read(&mut tx, &context, &context.settings.portal.due, now).await?;
        let has_begun = |month: &&MonthCounts| month.closed + month.empty + month.parked + month.due > 0;
        let newest = overview.months.iter().rfind(has_begun).cloned();
        let mut reruns = tx.reruns().list().await?;
        reruns.reverse();
        reruns.truncate(NEWEST_RERUNS);
        let totals = match &newest {
            Some(month) => {
                let from = (0..MONTHS).fold(month.period, |period, _| period.previous());
                tx.staff().month_totals(from).await?
            }
            None => Vec::new(),
        };
        Ok(HomeReading { overview, newest, totals, reruns })
    })
}

/// The parts that the program depends on; one that does not answer keeps no one waiting.
fn look(context: &Context) -> ReadFuture<Vec<Part>, std::convert::Infallible> {
    let context = context.clone();
    Box::pin(async move { Ok(look_at_parts(&context).await) })
}

/// While the database is away, the last reading, and why there is no newer one.
async fn newest_reading(visit: &StaffVisit) -> Result<(Arc<HomeReading>, Option<String>), Refusal> {
    let home = &visit.shared.staff.home;
    let why = match &visit.away {
        Some(why) => why.clone(),
        None => match home.of((), || read(&visit.context)).await {
            Ok(reading) => return Ok((reading, None)),
            Err(error) if error.is_away() => error.to_string(),
            Err(error) => return Err(error.into()),
        },
    };
    let last = home.last(()).ok_or_else(|| Refusal::Away(why.clone()))?;
    Ok((last, Some(why)))
}

/// In the words of `status`, each item with a way to where it is explained.
fn attention_section(attention: &Attention) -> StaffSection {
    let items = attention.items.iter().take(MOST_ITEMS).map(|item| StaffItem {
        heading: item.topic.heading().to_owned(),
        link: where_explained(item),
        text: item.line(),
        hint: item.topic.what_to_do().to_owned(),
        is_problem: item.topic.needs_a_person(),
    });
    let more = attention.items.len().saturating_sub(MOST_ITEMS);
    let text = match (attention.items.len(), more) {
        (0, _) => "Nothing needs attention.".to_owned(),
        (_, 0) => String::new(),
        _ => format!("and {more} more: see \"statementd status --all\""),
    };
    StaffSection {
        id: "attention",
        heading: "What needs a person".into(),
        text,
        items: items.collect(),
        ..StaffSection::default()
    }
}

fn where_explained(item: &Item) -> Option<String> {
    let period = item.period.map(|period| period.to_string());
    match (item.topic, &item.account) {
        (Topic::Bounced | Topic::Unknown | Topic::Held | Topic::Approval, Some(account)) => {
            let state = match item.topic {
                Topic::Bounced => "bounced",
                Topic::Unknown => "unknown",
                _ => "held",
            };
            let period = period.unwrap_or_default();
            Some(address(
                "/staff/deliveries",
                &[("state", state), ("period", &period), ("account", account.as_str())],
            ))
        }
        (_, Some(account)) => Some(row_link(account)),
        (Topic::Rejected, None) => Some("/staff/usage#reasons".to_owned()),
        (Topic::Source, None) => Some("/staff/usage#by-source".to_owned()),
        (Topic::Paused, None) => Some("/staff/deliveries".to_owned()),
        (Topic::Part, None) => Some("#parts".to_owned()),
        (_, None) => period.map(|period| format!("/staff/months/{period}")),
    }
}

fn read_run(context: &Context, period: Period) -> ReadFuture<MonthProgress, StoreError> {
    let context = context.clone();
    Box::pin(async move { context.store.read_for_people().await?.staff().month_progress(period).await })
}

/// `None` while the database is away and nothing was read before.
async fn run_section(visit: &StaffVisit, month: &MonthCounts) -> Result<Option<StaffSection>, Refusal> {
    let runs = &visit.shared.staff.runs;
    let read = match visit.away {
        Some(_) => None,
        None => match runs.of(month.period, || read_run(&visit.context, month.period)).await {
            Ok(progress) => Some(progress),
            Err(error) if error.is_away() => None,
            Err(error) => return Err(error.into()),
        },
    };
    let Some(progress) = read.or_else(|| runs.last(month.period)) else { return Ok(None) };
    let accounts = month.by_state().iter().map(|(_, accounts)| accounts).sum::<u64>().max(progress.closed);
    let bar = |label: &str, done: u64, of: u64| StaffBar {
        label: label.to_owned(),
        text: format!("{done} of {of}"),
        percent: (done * 100).checked_div(of).unwrap_or_default(),
    };
    Ok(Some(StaffSection {
        id: "run",
        heading: format!("The bill run of {}", staff_month(month.period)?),
        buttons: vec![crate::render::StaffLink::new("All accounts", format!("/staff/months/{}", month.period))],
        bars: vec![
            bar("Accounts closed", progress.closed, accounts),
            bar("Statements in the archive", progress.published, progress.statements),
            bar("Messages taken by the mail server", progress.accepted, progress.messages),
        ],
        ..StaffSection::default()
    }))
}

/// The parts that the program depends on, each with what is wrong with it.
fn parts_section(parts: &[Part], is_looked_at: bool) -> Result<StaffSection, Refusal> {
    let row = |part: &Part| StaffRow {
        cells: vec![StaffCell::text(part.name), StaffCell::text(part.fault.as_deref().unwrap_or("serves"))],
        problem: part.fault.is_some().then_some(1),
        ..StaffRow::default()
    };
    let rows: Vec<_> = parts.iter().map(row).collect();
    let columns = vec![StaffColumn::text("", "Part"), StaffColumn::text("", "State")];
    Ok(StaffSection {
        id: "parts",
        heading: "Parts".into(),
        text: if is_looked_at {
            "What statementd depends on. \"statementd check\" looks at each in full.".into()
        } else {
            "They are being looked at, and one takes its time to answer: come back in a moment.".into()
        },
        table: Some(StaffTable::of("Parts", columns, &rows, &[])?),
        ..StaffSection::default()
    })
}

fn reruns_section(reruns: &[RerunRow]) -> StaffSection {
    let item = |rerun: &RerunRow| StaffItem {
        heading: String::new(),
        link: Some(format!("/staff/reruns/{}", rerun.rerun_id)),
        text: format!("{}, {}: {}", rerun.rerun_id, rerun.period, rerun.progress()),
        hint: String::new(),
        is_problem: false,
    };
    StaffSection {
        id: "reruns",
        heading: "Reruns".into(),
        buttons: vec![crate::render::StaffLink::new("All reruns", "/staff/reruns")],
        items: reruns.iter().map(item).collect(),
        ..StaffSection::default()
    }
}

fn months_section(months: &[MonthCounts], totals: &[MonthTotals]) -> Result<StaffSection, Refusal> {
    let by_month: BTreeMap<(Period, &str), &MonthTotals> =
        totals.iter().map(|total| ((total.period, total.currency.code()), total)).collect();
    let mut rows = Vec::new();
    for total in totals.iter().rev() {
        let counts = months.iter().find(|month| month.period == total.period);
        let problem = counts.map_or(0, |month| month.parked + month.failed);
        let before = by_month.get(&(total.period.previous(), total.currency.code()));
        let link = format!("/staff/months/{}", total.period);
        let mut row = StaffRow::new(
            vec![
                StaffCell::Text(staff_month(total.period)?),
                StaffCell::Count(total.statements),
                StaffCell::Count(problem),
                StaffCell::Duration(total.accumulated_seconds),
                StaffCell::Money(total.charge, total.currency),
                difference(total.charge, before.map(|before| before.charge), total.currency)?,
            ],
            Some(link),
        );
        row.problem = (problem > 0).then_some(2);
        rows.push(row);
    }
    rows.truncate(MONTHS as usize * 3);
    let columns = vec![
        StaffColumn::text("", "Month"),
        StaffColumn::number("", "Statements"),
        StaffColumn::number("", "Parked or failed"),
        StaffColumn::number("", "Accumulated time"),
        StaffColumn::money("", "Charge"),
        StaffColumn::number("", "Against the month before"),
    ];
    Ok(StaffSection {
        id: "months",
        heading: "Months".into(),
        table: Some(StaffTable::of("Months", columns, &rows, &[])?),
        nothing: "No month has been closed yet.".into(),
        ..StaffSection::default()
    })
}

/// Beside another amount; empty where there is none.
fn difference(after: Amount, before: Option<Amount>, currency: Currency) -> Result<StaffCell, Refusal> {
    Ok(match before {
        Some(before) => StaffCell::Text(staff_difference(after, before, currency)?),
        None => StaffCell::Empty,
    })
}

/// Whether all is well, as a badge.
pub(super) fn standing(text: impl Into<String>, is_well: bool) -> StaffStanding {
    StaffStanding { text: text.into(), is_well }
}
