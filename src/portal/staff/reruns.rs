//! Reruns, rehearsed and applied, and the files of their reports; `rerun` shows one line by line.

use super::visit::{Opened, StaffVisit};
use crate::content::Content;
use crate::digest::Sha256;
use crate::jobs::rerun_report;
use crate::portal::respond::{self, Refusal};
use crate::portal::visit::Answer;
use crate::render::{StaffCell, StaffColumn, StaffFrame, StaffPage, StaffRow, StaffSection, StaffTable};
use crate::store::RerunRow;
use axum::http::StatusCode;

pub(super) async fn reruns(visit: &StaffVisit) -> Answer {
    let mut reruns = visit.context.store.read_for_people().await?.reruns().list().await?;
    reruns.reverse();
    let row = |rerun: &RerunRow| {
        let cells = vec![
            StaffCell::text(rerun.rerun_id.as_str()),
            StaffCell::text(rerun.period.as_str()),
            StaffCell::Text(rerun.progress()),
        ];
        StaffRow::new(cells, Some(format!("/staff/reruns/{}", rerun.rerun_id)))
    };
    let rows: Vec<_> = reruns.iter().map(row).collect();
    let columns =
        vec![StaffColumn::text("", "Rerun"), StaffColumn::text("", "Month"), StaffColumn::text("", "How far it is")];
    let section = StaffSection {
        id: "list",
        heading: "All reruns".into(),
        table: Some(StaffTable::of("Reruns", columns, &rows, &[])?),
        nothing: "No rerun has been asked for.".into(),
        ..StaffSection::default()
    };
    visit.page(&StaffPage { title: "Reruns".into(), sections: vec![section], ..StaffPage::default() })
}

/// A report, as it was written.
pub(super) async fn report(visit: &StaffVisit) -> Answer {
    let row = row_of(visit).await?;
    let ending = visit.parameters.get("ending");
    let kept = match ending {
        "html" => row.html_sha256,
        "csv" => row.csv_sha256,
        "json" => row.json_sha256,
        _ => return Err(Refusal::NotFound),
    };
    let bytes = rerun_report(&visit.context, &row.rerun_id, ending).await?;
    let is_made = row.rehearsed_at.is_some() || row.applied_at.is_some();
    let bytes = match bytes {
        _ if !is_made => return Err(Refusal::NotFound),
        None => return damaged(visit, &row, "is missing"),
        Some(bytes) if kept.is_some_and(|kept| kept != Sha256::of(&bytes)) => {
            return damaged(visit, &row, "was changed since it was written");
        }
        Some(bytes) => bytes,
    };
    let period = row.period.parse().ok();
    visit.note(Opened { period, what: "a rerun's report", ..Opened::default() }).await?;
    let media_type = match ending {
        "html" => return Ok(respond::statement_page(bytes)),
        "csv" => "text/csv; charset=utf-8",
        _ => "application/json",
    };
    respond::file(media_type, &format!("{}.{ending}", row.rerun_id), Content::from(bytes))
        .map_err(|error| Refusal::Broken(error.to_string()))
}

fn damaged(visit: &StaffVisit, row: &RerunRow, what: &str) -> Answer {
    let signed_in = visit.member.as_ref().map(|member| member.address().to_string());
    let frame = StaffFrame { signed_in, path: visit.path.clone() };
    let detail =
        format!("The report of rerun {} {what}; its result stands in \"statementd rerun show\".", row.rerun_id);
    tracing::error!("Staff asked for a report that is not as it was written: {detail}");
    let said = (
        "This file is damaged",
        "It is not handed out. The person who runs statementd should see this:",
        detail.as_str(),
    );
    let page = visit.context.renderer.staff_refusal_page(&frame, said)?;
    Ok(respond::with_status(StatusCode::INTERNAL_SERVER_ERROR, respond::html(page)))
}

pub(super) async fn row_of(visit: &StaffVisit) -> Result<RerunRow, Refusal> {
    let id = visit.parameters.get("id");
    let reruns = visit.context.store.read_for_people().await?.reruns().list().await?;
    reruns.into_iter().find(|row| row.rerun_id == id).ok_or(Refusal::NotFound)
}
