//! Billing codes: given, taken away, taken back, and the account's list of them.

use axum::http::StatusCode;
use serde::Deserialize;

use super::lists;
use super::respond::{Refusal, html, see_other, with_status};
use super::visit::{Answer, Visit};
use crate::digest::sha256_hex;
use crate::domain::{AccountCode, BillingCode, CodePolicy, ConferenceId, RoomNumber};
use crate::jobs::{
    CodeOrder, CodeOutcome, CodeRefusal, ListOutcome, UndoOutcome, assign_codes, change_code_list, undo_codes,
};
use crate::render::{CodeAnswer, CodeListPage, CodeProblem, Frame, RenderError};
use crate::store::CodeSetKey;

/// How many characters of a digest distinguish two states of a list.
const SEEN_DIGITS: usize = 16;

/// What a form about conferences has; `conference` any number of times.
#[derive(Debug, Default)]
struct AssignForm {
    conferences: Vec<String>,
    code: String,
    seen: Option<CodeSetKey>,
    all: bool,
    meant: bool,
}

/// Where a form came from.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Origin {
    room: Option<String>,
    conference: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ListForm {
    policy: String,
    codes: String,
    required: String,
    cardholders: String,
    seen: String,
}

pub(super) async fn assign(visit: &Visit) -> Answer {
    let access = visit.access()?;
    let form = assign_form(visit)?;
    let origin: Origin = visit.query();
    let (conferences, seen) = if form.all {
        let room: RoomNumber = origin.room.as_deref().unwrap_or_default().parse().map_err(|_| Refusal::NotFound)?;
        if !access.includes(&room) {
            return Err(Refusal::NotFound);
        }
        // The form says what was seen: rows that came since match too, and changes since are reported.
        (lists::listed_conferences(visit, &room).await?.0, form.seen)
    } else {
        let named = form.conferences.iter().map(|name| conference(name).ok_or(Refusal::NotFound));
        (named.collect::<Result<Vec<_>, _>>()?, form.seen)
    };
    if conferences.is_empty() {
        return problem(visit, &form, CodeProblem::NoneChosen);
    }
    let code = match form.code.trim() {
        "" => None,
        text => match text.parse::<BillingCode>() {
            Ok(code) => Some(code),
            Err(_) => return problem(visit, &form, CodeProblem::BadCode(text.to_owned())),
        },
    };
    let order = CodeOrder { conferences, code, seen, is_meant: form.meant };
    match assign_codes(&visit.context, visit.viewer()?, access, &order).await? {
        CodeOutcome::Changed(changed) => Ok(see_other(&back(visit, &[("changed", key_of(changed))]))),
        CodeOutcome::Overtaken(conferences) => {
            let named = conferences.iter().map(|(room, id)| format!("{} · {id}", room.grouped()));
            problem(visit, &form, CodeProblem::Overtaken(named.collect()))
        }
        CodeOutcome::Busy => problem(visit, &form, CodeProblem::Busy),
        CodeOutcome::NotFound => Err(Refusal::NotFound),
        CodeOutcome::Refused(refusal) => problem(visit, &form, CodeProblem::from(refusal)),
    }
}

pub(super) async fn undo(visit: &Visit) -> Answer {
    let set = visit.parameters.get("set").parse().map(CodeSetKey).map_err(|_| Refusal::NotFound)?;
    match undo_codes(&visit.context, visit.viewer()?, visit.access()?, set).await? {
        UndoOutcome::Undone(changed, _) => {
            Ok(see_other(&back(visit, &[("changed", key_of(changed)), ("undone", set.0)])))
        }
        UndoOutcome::Busy => problem(visit, &AssignForm::default(), CodeProblem::Busy),
        UndoOutcome::NotFound => Err(Refusal::NotFound),
        UndoOutcome::Refused(refusal) => problem(visit, &AssignForm::default(), CodeProblem::from(refusal)),
    }
}

/// The account's codes: its owner sets them.
pub(super) async fn list(visit: &Visit, problem: Option<CodeProblem>, is_saved: bool) -> Answer {
    let access = visit.access()?;
    let (policy, mut codes) = {
        let mut tx = visit.context.store.read_for_people().await?;
        (tx.codes().policy(access.account_key()).await?, tx.codes().account_codes(access.account_key()).await?)
    };
    codes.retain(|code| code.active);
    let status = match &problem {
        Some(CodeProblem::ListOvertaken) => StatusCode::CONFLICT,
        Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
        None => StatusCode::OK,
    };
    let page = CodeListPage {
        account: access.number().clone(),
        company: access.company.clone(),
        policy,
        seen: state_of(policy, &codes),
        codes,
        problem,
        is_saved,
    };
    let frame = Frame { language: access.locale.language().to_owned(), ..visit.frame.clone() };
    Ok(with_status(status, html(visit.context.renderer.code_list_page(&frame, &page)?)))
}

pub(super) async fn set_list(visit: &Visit) -> Answer {
    let access = visit.access()?;
    let form: ListForm = visit.form()?;
    let mut codes = Vec::new();
    for line in form.codes.lines().map(str::trim).filter(|line| !line.is_empty()) {
        match line.parse::<BillingCode>() {
            Ok(code) => codes.push(code),
            Err(_) => return list(visit, Some(CodeProblem::BadCode(line.to_owned())), false).await,
        }
    }
    codes.sort_unstable();
    codes.dedup();
    let policy = CodePolicy {
        is_listed: form.policy == "listed",
        is_required: !form.required.is_empty(),
        cardholders_assign: !form.cardholders.is_empty(),
    };
    let is_seen = |policy: CodePolicy, codes: &[AccountCode]| state_of(policy, codes) == form.seen;
    match change_code_list(&visit.context, access, (policy, &codes), &is_seen).await? {
        ListOutcome::Changed => list(visit, None, true).await,
        ListOutcome::Overtaken => list(visit, Some(CodeProblem::ListOvertaken), false).await,
        ListOutcome::Busy => list(visit, Some(CodeProblem::Busy), false).await,
    }
}

fn state_of(policy: CodePolicy, codes: &[AccountCode]) -> String {
    let active = codes.iter().filter(|code| code.active).map(|code| code.code.as_str());
    let text = format!("{policy:?}\n{}", active.collect::<Vec<_>>().join("\n"));
    sha256_hex(text.as_bytes())[..SEEN_DIGITS].to_owned()
}

fn assign_form(visit: &Visit) -> Result<AssignForm, Refusal> {
    let mut form = AssignForm::default();
    for (name, value) in visit.form::<Vec<(String, String)>>()? {
        match name.as_str() {
            "conference" => form.conferences.push(value),
            "code" => form.code = value,
            "seen" => form.seen = value.parse().ok().filter(|seen| *seen > 0).map(CodeSetKey),
            "all" => form.all = true,
            "meant" => form.meant = true,
            _ => {}
        }
    }
    Ok(form)
}

/// As forms name it: `room/conference_id`.
fn conference(name: &str) -> Option<(RoomNumber, ConferenceId)> {
    let (room, id) = name.split_once('/')?;
    Some((room.parse().ok()?, id.parse().ok()?))
}

/// 0 if nothing was changed.
fn key_of(changed: Option<(CodeSetKey, usize)>) -> i64 {
    changed.map_or(0, |(set, _)| set.0)
}

/// The page of the form, a list or a conference; `told` is what to say there.
fn back(visit: &Visit, told: &[(&str, i64)]) -> String {
    let origin: Origin = visit.query();
    let account = visit.parameters.get("account");
    let pairs: Vec<(String, String)> = visit.query();
    let kept = pairs
        .into_iter()
        .filter(|(name, _)| !["room", "conference", "changed", "undone", "select"].contains(&name.as_str()));
    let told = told.iter().map(|(name, key)| ((*name).to_owned(), key.to_string()));
    let kept: Vec<(String, String)> = kept.chain(told).collect();
    let query = serde_urlencoded::to_string(kept).unwrap_or_default();
    let room = origin.room.and_then(|room| room.parse::<RoomNumber>().ok());
    let path = match (room, origin.conference.as_deref().and_then(conference)) {
        (_, Some((room, id))) => {
            format!("/a/{account}/rooms/{room}/conferences/{}", crate::render::path_segment(&id))
        }
        (Some(room), None) => format!("/a/{account}/rooms/{room}"),
        (None, None) => format!("/a/{account}"),
    };
    if query.is_empty() { path } else { format!("{path}?{query}") }
}

/// Why nothing was changed, with the form as it was sent.
fn problem(visit: &Visit, form: &AssignForm, problem: CodeProblem) -> Answer {
    let status = match &problem {
        CodeProblem::Overtaken(_) => StatusCode::CONFLICT,
        CodeProblem::Busy => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::UNPROCESSABLE_ENTITY,
    };
    let mut fields: Vec<(String, String)> =
        form.conferences.iter().map(|name| ("conference".to_owned(), name.clone())).collect();
    fields.extend(form.all.then(|| ("all".to_owned(), "1".to_owned())));
    fields.extend(form.seen.map(|seen| ("seen".to_owned(), seen.0.to_string())));
    let action = format!("{}?{}", visit.path, visit.query);
    let answer = CodeAnswer { problem, action, back: back(visit, &[]), fields, code: form.code.clone() };
    let frame = Frame { language: visit.access()?.locale.language().to_owned(), ..visit.frame.clone() };
    let page: Result<Vec<u8>, RenderError> = visit.context.renderer.code_answer_page(&frame, &answer);
    Ok(with_status(status, html(page?)))
}

impl From<CodeRefusal> for CodeProblem {
    fn from(refusal: CodeRefusal) -> Self {
        match refusal {
            CodeRefusal::NotListed => Self::NotListed,
            CodeRefusal::Almost(known) => Self::Almost(known),
            CodeRefusal::Locked => Self::Locked,
            CodeRefusal::TooOld => Self::TooOld,
            CodeRefusal::OwnersOnly => Self::OwnersOnly,
            CodeRefusal::TooMany => Self::TooMany,
        }
    }
}
