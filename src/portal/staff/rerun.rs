//! A rerun: how far it is, and its report, account by account and line by line.

use chrono::DateTime;

use super::lists::row_link;
use super::reruns::row_of;
use super::visit::{Opened, StaffVisit};
use crate::digest::Sha256;
use crate::domain::{Currency, Line};
use crate::jobs::{AccountOutcome, ShortReport, short_rerun_report};
use crate::portal::respond::Refusal;
use crate::portal::visit::Answer;
use crate::render::{
    StaffCell, StaffColumn, StaffCrumb, StaffLink, StaffPage, StaffRow, StaffSection, StaffTable, staff_difference,
    staff_instant,
};
use crate::store::RerunRow;

/// In bytes: longer reports are for files.
const LONGEST_REPORT: u64 = 4 * 1024 * 1024;
/// Of each that the page shows; the files have all.
const MOST_ACCOUNTS: usize = 100;
const MOST_LINES: usize = 300;

pub(super) async fn rerun(visit: &StaffVisit) -> Answer {
    let row = row_of(visit).await?;
    let at = |seconds: Option<i64>| {
        seconds.and_then(|at| DateTime::from_timestamp(at, 0)).map_or_else(|| "no".to_owned(), staff_instant)
    };
    let (said, accounts) = read(visit, &row).await?;
    let is_made = row.rehearsed_at.is_some() || row.applied_at.is_some();
    let report = |file: &str| format!("/staff/reruns/{}/report.{file}", row.rerun_id);
    let files = [("As a page", "html"), ("CSV", "csv"), ("JSON", "json")].into_iter().filter(|_| is_made);
    let mut first = StaffSection {
        id: "report",
        heading: if row.applied_at.is_some() { "What changed" } else { "What would change" }.into(),
        text: said,
        buttons: files.map(|(text, file)| StaffLink::new(text, report(file))).collect(),
        ..StaffSection::default()
    };
    if !accounts.is_empty() {
        first.table = Some(accounts_table(&accounts)?);
    }
    let mut sections = vec![first];
    sections.extend(lines_section(&accounts)?);
    visit.page(&StaffPage {
        title: row.rerun_id.clone(),
        kind: "Rerun".into(),
        crumbs: vec![StaffCrumb::new("Reruns", "/staff/reruns")],
        facts: vec![
            ("Month".into(), row.period.clone()),
            ("Rehearsed".into(), at(row.rehearsed_at)),
            ("Applied".into(), at(row.applied_at)),
            ("Result".into(), row.summary.clone().unwrap_or_default()),
        ],
        sections,
        ..StaffPage::default()
    })
}

/// What there is to say of the report, and the accounts in it.
async fn read(visit: &StaffVisit, row: &RerunRow) -> Result<(String, Vec<AccountOutcome>), Refusal> {
    if row.rehearsed_at.is_none() && row.applied_at.is_none() {
        return Ok(("There is no report yet: the daemon makes it.".into(), Vec::new()));
    }
    visit.note(Opened { period: row.period.parse().ok(), what: "a rerun's report", ..Opened::default() }).await?;
    let (what, accounts) = match short_rerun_report(&visit.context, &row.rerun_id, LONGEST_REPORT).await? {
        ShortReport::Long => return Ok(("It is long: read it as a page, or as CSV.".into(), Vec::new())),
        ShortReport::Read(json, _) if row.json_sha256.is_some_and(|kept| kept != Sha256::of(&json)) => {
            ("was changed since it was written", Vec::new())
        }
        ShortReport::Missing => ("is missing", Vec::new()),
        ShortReport::Read(_, accounts) if accounts.is_empty() => return Ok(("No account differs.".into(), accounts)),
        ShortReport::Read(_, accounts) => return Ok((shown_of(&accounts), accounts)),
    };
    tracing::error!("Staff asked for a report that is not as it was written: that of rerun {} {what}", row.rerun_id);
    Ok((format!("The report {what}; its result stands in \"statementd rerun show\"."), accounts))
}

/// Empty where the page shows all.
fn shown_of(accounts: &[AccountOutcome]) -> String {
    let lines: usize = accounts.iter().map(|account| changed_lines(account).count()).sum();
    if accounts.len() <= MOST_ACCOUNTS && lines <= MOST_LINES {
        return String::new();
    }
    format!(
        "The first {} of {} accounts and {} of {lines} lines; the files have all.",
        accounts.len().min(MOST_ACCOUNTS),
        accounts.len(),
        lines.min(MOST_LINES)
    )
}

fn accounts_table(accounts: &[AccountOutcome]) -> Result<StaffTable, Refusal> {
    let row = |outcome: &AccountOutcome| {
        let (before, after) = (outcome.before.charge, outcome.after.charge);
        let cells = vec![
            StaffCell::text(outcome.account.as_str()),
            StaffCell::text(outcome.company.as_str()),
            StaffCell::Text(outcome.verdict.sentence()),
            StaffCell::Money(before, outcome.currency),
            StaffCell::Money(after, outcome.currency),
            StaffCell::Text(staff_difference(after, before, outcome.currency)?),
            StaffCell::Count(outcome.messages as u64),
        ];
        let mut row = StaffRow::new(cells, Some(row_link(&outcome.account)));
        row.problem = outcome.is_parked().then_some(2);
        Ok(row)
    };
    let rows = accounts.iter().take(MOST_ACCOUNTS).map(row).collect::<Result<Vec<_>, Refusal>>()?;
    let columns = vec![
        StaffColumn::text("", "Account"),
        StaffColumn::text("", "Company"),
        StaffColumn::text("", "Result"),
        StaffColumn::money("", "Charge before"),
        StaffColumn::money("", "Charge after"),
        StaffColumn::number("", "Difference"),
        StaffColumn::number("", "Messages"),
    ];
    Ok(StaffTable::of("Accounts", columns, &rows, &[])?)
}

/// The lines that differ; `None` if there are none.
fn lines_section(accounts: &[AccountOutcome]) -> Result<Option<StaffSection>, Refusal> {
    let lines = accounts.iter().flat_map(|outcome| changed_lines(outcome).map(move |change| (outcome, change)));
    let rows: Vec<_> = lines.take(MOST_LINES).filter_map(|(outcome, change)| line_row(outcome, change)).collect();
    if rows.is_empty() {
        return Ok(None);
    }
    let columns = vec![
        StaffColumn::text("", "Account"),
        StaffColumn::text("", "Room"),
        StaffColumn::text("", "Conference"),
        StaffColumn::text("", "Started"),
        StaffColumn::text("", "Service"),
        StaffColumn::number("", "Time before"),
        StaffColumn::number("", "Time after"),
        StaffColumn::money("", "Charge before"),
        StaffColumn::money("", "Charge after"),
    ];
    Ok(Some(StaffSection {
        id: "lines",
        heading: "Line by line".into(),
        table: Some(StaffTable::of("Lines that differ", columns, &rows, &[])?),
        ..StaffSection::default()
    }))
}

fn changed_lines(outcome: &AccountOutcome) -> impl Iterator<Item = (Option<&Line>, Option<&Line>)> {
    let changes = outcome.changes.iter().flat_map(|changes| &changes.lines);
    changes.map(|change| (change.before.as_ref(), change.after.as_ref()))
}

fn line_row(outcome: &AccountOutcome, (before, after): (Option<&Line>, Option<&Line>)) -> Option<StaffRow> {
    let line = after.or(before)?;
    let time =
        |line: Option<&Line>| line.map_or(StaffCell::Empty, |line| StaffCell::Duration(line.accumulated_seconds));
    let charge = |line: Option<&Line>, currency: Currency| {
        line.map_or(StaffCell::Empty, |line| StaffCell::Money(line.charge, currency))
    };
    let cells = vec![
        StaffCell::text(outcome.account.as_str()),
        StaffCell::Text(line.room.to_string()),
        StaffCell::Text(line.conference_id.to_string()),
        StaffCell::Instant(line.started_at),
        StaffCell::Text(line.service_type.to_string()),
        time(before),
        time(after),
        charge(before, outcome.currency),
        charge(after, outcome.currency),
    ];
    Some(StaffRow { cells, ..StaffRow::default() })
}
