//! Kept statements and their files.

use super::respond::{self, Refusal, html};
use super::visit::{Answer, Visit};
use crate::content::Content;
use crate::domain::Period;
use crate::jobs::{kept_revisions, revision_file};
use crate::render::{Frame, RevisionView};

pub(super) const WORKBOOK: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// Every revision that may be seen.
pub(super) async fn kept(visit: &Visit) -> Answer {
    let access = visit.access()?;
    let revisions = kept_revisions(&visit.context, access).await?;
    let view = |kept: crate::jobs::KeptRevision| RevisionView {
        period: kept.period,
        revision: kept.revision,
        is_current: kept.is_current,
        charge: kept.charge,
        files: kept.files,
    };
    let revisions: Vec<RevisionView> = revisions.into_iter().map(view).collect();
    let frame = Frame { language: access.locale.language().to_owned(), ..visit.frame.clone() };
    Ok(html(visit.context.renderer.statements_page(&frame, (access.number(), &access.locale), &revisions)?))
}

/// One file of a revision.
pub(super) async fn file(visit: &Visit) -> Answer {
    let access = visit.access()?;
    let period: Period = visit.parameters.get("period").parse().map_err(|_| Refusal::NotFound)?;
    let revision: u32 = visit.parameters.get("revision").parse().map_err(|_| Refusal::NotFound)?;
    let name = visit.parameters.get("file");
    let file = revision_file(&visit.context, access, (period, revision), name).await?.ok_or(Refusal::NotFound)?;
    let media_type = match file.extension {
        "html" => return Ok(respond::statement_page(file.bytes)),
        "xlsx" => WORKBOOK,
        _ => "application/json",
    };
    let saved_as = format!("{}-{period}-r{revision}-{name}", access.number());
    respond::file(media_type, &saved_as, Content::from(file.bytes))
        .map_err(|error| Refusal::Broken(error.to_string()))
}
