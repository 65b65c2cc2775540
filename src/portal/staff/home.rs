//! Home: is everything all right, how the bill run goes, and the last months.

use std::collections::BTreeMap;

use super::lists::{address, row_link};
use super::visit::StaffVisit;
use crate::domain::{Amount, Currency, Period};
use crate::jobs::{Attention, Item, MonthCounts, Overview, Topic, look_at_parts};
use crate::portal::respond::Refusal;
use crate::portal::visit::Answer;
use crate::render::{
    StaffBar, StaffCell, StaffColumn, StaffItem, StaffPage, StaffRow, StaffSection, StaffStanding, StaffTable,
    staff_difference, staff_instant, staff_month,
};
use crate::store::{MonthProgress, MonthTotals};

/// Months with totals, the oldest of them to compare with.
const MONTHS: u32 = 13;
/// A page with more items helps no one; the rest is counted.
const MOST_ITEMS: usize = 100;

pub(super) async fn home(visit: &StaffVisit) -> Answer {
    let context = &visit.context;
    let now = context.clock.now();
    let parts = look_at_parts(context);
    let read = async {
        let mut tx = context.store.read_for_people().await?;
        let overview = Overview::read(&mut tx, context, &context.settings.portal.due, now).await?;
        let newest = overview.months.iter().rfind(|month| month.closed + month.empty + month.parked + month.due > 0);
        let newest = newest.cloned();
        let progress = match &newest {
            Some(month) => tx.month_progress(month.period).await?,
            None => MonthProgress::default(),
        };
        let from = newest.as_ref().map(|month| (0..MONTHS).fold(month.period, |period, _| period.previous()));
        let totals = match from {
            Some(from) => tx.month_totals(from).await?,
            None => Vec::new(),
        };
        Ok::<_, Refusal>((overview, newest, progress, totals))
    };
    let (parts, read) = tokio::join!(parts, read);
    let (overview, newest, progress, totals) = read?;
    let mut attention = overview.attention;
    attention.add_parts(&parts);
    let mut sections = vec![attention_section(&attention)];
    if let Some(month) = &newest {
        sections.push(run_section(month, progress)?);
    }
    sections.push(months_section(&overview.months, &totals)?);
    let is_well = !attention.needs_a_person();
    visit.page(&StaffPage {
        title: if is_well { "All is well" } else { "Needs attention" }.to_owned(),
        as_of: staff_instant(now),
        sections,
        ..StaffPage::default()
    })
}

/// In the words of `status`, each item with a way to where it is explained.
fn attention_section(attention: &Attention) -> StaffSection {
    let items = attention.items.iter().take(MOST_ITEMS).map(|item| StaffItem {
        heading: item.topic.heading().to_owned(),
        link: where_explained(item),
        text: item.line(),
        hint: item.topic.what_to_do().to_owned(),
        is_trouble: item.topic.needs_a_person(),
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
        (Topic::Rejected | Topic::Source, None) => Some("/staff/usage".to_owned()),
        (Topic::Paused, None) => Some("/staff/deliveries".to_owned()),
        _ => None,
    }
}

fn run_section(month: &MonthCounts, progress: MonthProgress) -> Result<StaffSection, Refusal> {
    let accounts = month.by_state().iter().map(|(_, accounts)| accounts).sum::<u64>();
    let bar = |label: &str, done: u64, of: u64| StaffBar {
        label: label.to_owned(),
        text: format!("{done} of {of}"),
        percent: (done * 100).checked_div(of).unwrap_or_default(),
    };
    Ok(StaffSection {
        id: "run",
        heading: format!("The bill run of {}", staff_month(month.period)?),
        buttons: vec![crate::render::StaffLink::new("All accounts", format!("/staff/months/{}", month.period))],
        bars: vec![
            bar("Accounts closed", month.closed + month.empty + month.failed, accounts),
            bar("Statements in the archive", progress.published, progress.statements),
            bar("Messages taken by the mail server", progress.accepted, progress.messages),
        ],
        ..StaffSection::default()
    })
}

fn months_section(months: &[MonthCounts], totals: &[MonthTotals]) -> Result<StaffSection, Refusal> {
    let by_month: BTreeMap<(Period, &str), &MonthTotals> =
        totals.iter().map(|total| ((total.period, total.currency.code()), total)).collect();
    let mut rows = Vec::new();
    for total in totals.iter().rev() {
        let counts = months.iter().find(|month| month.period == total.period);
        let trouble = counts.map_or(0, |month| month.parked + month.failed);
        let before = by_month.get(&(total.period.previous(), total.currency.code()));
        let link = format!("/staff/months/{}", total.period);
        let mut row = StaffRow::new(
            vec![
                StaffCell::Text(staff_month(total.period)?),
                StaffCell::Count(total.statements),
                StaffCell::Count(trouble),
                StaffCell::Duration(total.accumulated_seconds),
                StaffCell::Money(total.charge, total.currency),
                difference(total.charge, before.map(|before| before.charge), total.currency)?,
            ],
            Some(link),
        );
        row.trouble = (trouble > 0).then_some(2);
        rows.push(row);
    }
    rows.truncate(MONTHS as usize * 3);
    let columns = vec![
        StaffColumn::text("", "Month"),
        StaffColumn::number("", "Statements"),
        StaffColumn::number("", "Parked or failed"),
        StaffColumn::number("", "Accumulated time"),
        StaffColumn::number("", "Charge"),
        StaffColumn::number("", "Beside the month before"),
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
