//! Kept statements and their files.

use serde::Deserialize;

use super::respond::{self, Refusal, html};
use super::visit::{Answer, Visit};
use crate::content::Content;
use crate::domain::Period;
use crate::jobs::{
    RevisionOffer, ask_for_revision, kept_revisions, make_asked_revisions, offered_revision, revision_file,
};
use crate::render::{Frame, RevisionAnswer, RevisionView};
use crate::store::AccountAccess;

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
        can_be_revised: kept.is_recoded && access.is_owner(),
    };
    let revisions: Vec<RevisionView> = revisions.into_iter().map(view).collect();
    let frame = Frame { language: access.locale.to_string(), ..visit.frame.clone() };
    Ok(html(visit.context.renderer.statements_page(&frame, (access.number(), &access.locale), &revisions)?))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ReviseForm {
    confirmed: String,
}

/// A revised statement with the codes of now: first what it would change, then the request for it.
pub(super) async fn revise(visit: &Visit) -> Answer {
    let access = visit.access()?;
    let period: Period = visit.parameters.get("period").parse().map_err(|_| Refusal::NotFound)?;
    let form: ReviseForm = visit.form()?;
    let offer = offered_revision(&visit.context, access, period).await?;
    let answer = match offer {
        RevisionOffer::Possible(_) if !form.confirmed.is_empty() => {
            match ask_for_revision(&visit.context, access, period).await? {
                None => {
                    make_it(visit, access.clone());
                    RevisionAnswer::Asked
                }
                Some(refused) => answer_of(refused)?,
            }
        }
        offer => answer_of(offer)?,
    };
    let frame = Frame { language: access.locale.language().to_owned(), ..visit.frame.clone() };
    let place = (access.number(), &access.locale, period);
    Ok(html(visit.context.renderer.revision_page(&frame, place, &answer)?))
}

fn answer_of(offer: RevisionOffer) -> Result<RevisionAnswer, Refusal> {
    Ok(match offer {
        RevisionOffer::Possible(after) => RevisionAnswer::Offer(after),
        RevisionOffer::TooSoon => RevisionAnswer::TooSoon,
        RevisionOffer::NothingToRevise => RevisionAnswer::Nothing,
        RevisionOffer::UnderWay => RevisionAnswer::UnderWay,
        RevisionOffer::Blocked => RevisionAnswer::Blocked,
        RevisionOffer::Busy => RevisionAnswer::Busy,
        RevisionOffer::NotFound => return Err(Refusal::NotFound),
    })
}

/// At once, beside the answer; where that fails, the process that closes months makes it.
fn make_it(visit: &Visit, access: AccountAccess) {
    let context = visit.context.clone();
    tokio::spawn(async move {
        if let Err(error) = make_asked_revisions(&context, &access).await {
            tracing::warn!("A revised statement that was asked for is made later: {error}");
        }
    });
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
