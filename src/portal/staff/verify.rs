//! Whether a month verifies: every object of it read back, as `archive verify` does, beside the requests.
//!
//! A month of any size is read, so that the page tells of a reading that goes on, and shows the last one's findings.

use std::sync::Arc;
use std::time::Duration;

use super::lists::counted;
use super::office::Check;
use super::visit::{Opened, StaffVisit};
use crate::domain::Period;
use crate::jobs::{Context, VerifyReport, verify_archive, what_to_run};
use crate::portal::respond::{Refusal, see_other};
use crate::portal::visit::Answer;
use crate::render::{
    Message, StaffCell, StaffColumn, StaffCrumb, StaffLink, StaffPage, StaffRow, StaffSection, StaffTable,
    staff_instant, staff_month,
};

/// How long a page waits for a reading, so that a small month needs no second look.
const PATIENCE: Duration = Duration::from_secs(2);
/// Findings that a page shows.
const MOST_FINDINGS: usize = 200;

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
struct Query {
    anew: String,
}

pub(super) async fn verify(visit: &StaffVisit) -> Answer {
    let period: Period = visit.parameters.get("period").parse().map_err(|_| Refusal::NotFound)?;
    let known = visit.context.store.read_for_people().await?.statements().statement_periods().await?;
    if !known.contains(&period) {
        return Err(Refusal::NotFound);
    }
    let is_anew = !visit.query::<Query>().anew.is_empty();
    let last = visit.shared.staff.checks.last(period);
    let check = match last {
        Some(check) if check.ended.is_none() || !is_anew => check,
        _ => begin(visit, period).await?,
    };
    if check.ended.is_none() {
        // `notify_waiters` before this line is seen by the second look.
        let woken = check.woken.notified();
        if visit.shared.staff.checks.last(period).is_some_and(|check| check.ended.is_none()) {
            let _ = tokio::time::timeout(PATIENCE, woken).await;
        }
    }
    if is_anew {
        // Loading this page again shows the result, and reads nothing again.
        return Ok(see_other(&visit.path));
    }
    page(visit, period, &visit.shared.staff.checks.last(period).unwrap_or(check))
}

/// Begins to read in the background.
async fn begin(visit: &StaffVisit, period: Period) -> Result<Check, Refusal> {
    let busy = |_| Refusal::Said(axum::http::StatusCode::SERVICE_UNAVAILABLE, Message::Unavailable);
    let permit = Arc::clone(&visit.shared.staff.zips).try_acquire_owned().map_err(busy)?;
    visit.note(Opened { period: Some(period), what: "whether the month verifies", ..Opened::default() }).await?;
    let context = visit.context.clone();
    let check = Check { begun: context.clock.now(), ended: None, woken: Arc::default() };
    let (shared, reading) = (Arc::clone(&visit.shared), check.clone());
    visit.shared.staff.checks.note(period, check.clone());
    tokio::spawn(async move {
        // On a task of its own, so that a panic is told and no one waits for ever.
        let result = tokio::spawn({
            let context = context.clone();
            async move { read(&context, period).await }
        });
        let result = result.await.unwrap_or_else(|_| Err("reading the month stopped: see the log".into()));
        let ended = Some((context.clock.now(), Arc::new(result)));
        shared.staff.checks.note(period, Check { ended, ..reading.clone() });
        reading.woken.notify_waiters();
        drop(permit);
    });
    Ok(check)
}

async fn read(context: &Context, period: Period) -> Result<VerifyReport, String> {
    match verify_archive(context, Some(period), None).await {
        Ok(report) => {
            if !report.findings.is_empty() {
                let problems = report.findings.len();
                tracing::error!(%period, problems, "Staff verified a month, which is not as it was written");
            }
            Ok(report)
        }
        Err(error) => {
            tracing::error!("{period} could not be verified for staff: {error}");
            Err(error.to_string())
        }
    }
}

/// The result of the last reading, in a few words.
pub(super) fn said(check: &Check) -> String {
    match &check.ended {
        None => format!("Every file is being read since {}.", staff_instant(check.begun)),
        Some((at, result)) => match result.as_ref() {
            Ok(report) if report.findings.is_empty() => {
                format!("Every file was as it was written at {}.", staff_instant(*at))
            }
            Ok(report) => format!("{} found at {}.", counted(report.findings.len(), "problem"), staff_instant(*at)),
            Err(error) => format!("It could not be verified: {error}"),
        },
    }
}

fn page(visit: &StaffVisit, period: Period, check: &Check) -> Answer {
    let path = format!("/staff/months/{period}/verify");
    let mut section = StaffSection {
        id: "reading",
        heading: "What reading came to".into(),
        text: said(check),
        ..StaffSection::default()
    };
    let mut sections = Vec::new();
    match check.ended.as_ref().map(|(_, result)| result.as_ref()) {
        None => section.buttons = vec![StaffLink::new("Look again", path)],
        Some(Err(_)) => section.buttons = vec![StaffLink::new("Try again", format!("{path}?anew=1"))],
        Some(Ok(report)) => {
            section.buttons = vec![StaffLink::new("Verify again", format!("{path}?anew=1"))];
            section.table = Some(read_table(report)?);
            sections.push(findings_section(period, report)?);
        }
    }
    sections.insert(0, section);
    let is_well = matches!(&check.ended, Some((_, result)) if result.as_ref().as_ref().is_ok_and(|report| report.findings.is_empty()));
    let standing = match &check.ended {
        None => super::home::standing("Being read", false),
        Some(_) if is_well => super::home::standing("Verified", true),
        Some(_) => super::home::standing("Not verified", false),
    };
    visit.page(&StaffPage {
        title: format!("Does {} verify?", staff_month(period)?),
        kind: "Month".into(),
        crumbs: vec![
            StaffCrumb::new("Home", "/staff"),
            StaffCrumb::new(staff_month(period)?, format!("/staff/months/{period}")),
        ],
        standing: Some(standing),
        sections,
        ..StaffPage::default()
    })
}

fn read_table(report: &VerifyReport) -> Result<StaffTable, Refusal> {
    let rows = report.months.iter().map(|month| StaffRow {
        cells: vec![
            StaffCell::Count(month.statements),
            StaffCell::Count(month.unpublished),
            StaffCell::Count(month.objects),
            StaffCell::Count(month.bytes),
            StaffCell::text(month.manifest_sha256.map(|digest| digest.to_string()).unwrap_or_default()),
        ],
        ..StaffRow::default()
    });
    let columns = vec![
        StaffColumn::number("", "Statements"),
        StaffColumn::number("", "Not in the archive yet"),
        StaffColumn::number("", "Files read"),
        StaffColumn::number("", "Bytes"),
        StaffColumn::text("", "SHA-256 of the manifest"),
    ];
    Ok(StaffTable::of("What was read", columns, &rows.collect::<Vec<_>>(), &[])?)
}

fn findings_section(period: Period, report: &VerifyReport) -> Result<StaffSection, Refusal> {
    let findings = &report.findings;
    let rows = findings.iter().take(MOST_FINDINGS).map(|finding| StaffRow {
        cells: vec![
            StaffCell::text(finding.problem.to_string()),
            StaffCell::text(finding.key.as_str()),
            StaffCell::Text(what_to_run(period, finding)),
        ],
        problem: Some(0),
        ..StaffRow::default()
    });
    let rows: Vec<_> = rows.collect();
    let columns =
        vec![StaffColumn::text("", "Problem"), StaffColumn::text("", "File"), StaffColumn::text("", "What to run")];
    let text = match findings.len() {
        0 => String::new(),
        all if all > MOST_FINDINGS => {
            format!("The first {MOST_FINDINGS} of {all}; \"statementd archive verify --period {period}\" names all.")
        }
        _ => "The person who runs statementd should see this.".to_owned(),
    };
    Ok(StaffSection {
        id: "problems",
        heading: counted(findings.len(), "problem"),
        text,
        table: Some(StaffTable::of("Problems", columns, &rows, &[])?),
        nothing: "Everything is as it was written, and nothing lies beside it.".into(),
        ..StaffSection::default()
    })
}
