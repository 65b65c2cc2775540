//! First passwords, by the one-time links of `portal staff invite` and `reset`. Looking at a link uses nothing up.

use axum::http::StatusCode;
use serde::Deserialize;

use super::second_factor;
use super::visit::{StaffVisit, is_named};
use crate::domain::EmailAddress;
use crate::portal::link::weakness;
use crate::portal::respond::{Refusal, with_status};
use crate::portal::visit::Answer;
use crate::render::{Message, StaffForm};
use crate::store::StaffKey;
use crate::token::Token;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct PasswordForm {
    password: String,
}

pub(super) async fn form(visit: &StaffVisit) -> Answer {
    let (_, _, address) = person(visit).await?;
    page(visit, &address, None)
}

/// Sets the password, ends whatever sessions there were, and goes on to the second factor.
pub(super) async fn set_password(visit: &StaffVisit) -> Answer {
    let (token, person, address) = person(visit).await?;
    let form: PasswordForm = visit.form()?;
    if let Some(problem) = problem_of(visit, &form.password, &address).await? {
        return page(visit, &address, Some(problem));
    }
    let kept = visit.shared.passwords.keep(&form.password).await?;
    let now = visit.context.clock.now();
    let mut tx = visit.write().await?;
    if !tx.staff_sessions().use_link(&token.sha256(), now).await? {
        return Err(used());
    }
    tx.staff_people().set_password(person, &kept, now).await?;
    tx.commit().await?;
    second_factor::challenge(visit, person, "/staff").await
}

async fn problem_of(visit: &StaffVisit, password: &str, address: &EmailAddress) -> Result<Option<Message>, Refusal> {
    let rules = &visit.context.settings.portal;
    let address = address.to_string();
    let words = [address.as_str(), "statementd", visit.context.renderer.brand_name()];
    weakness(&visit.context, password, rules.shortest_password, &words).await
}

/// The person whose link is in the path.
async fn person(visit: &StaffVisit) -> Result<(Token, StaffKey, EmailAddress), Refusal> {
    let token = Token::parse(visit.parameters.get("token")).ok_or_else(used)?;
    let now = visit.context.clock.now();
    let found = visit.context.store.read_for_people().await?.staff_sessions().link(&token.sha256(), now).await?;
    let found = found.filter(|(_, address)| is_named(&visit.context, address));
    let (person, address) = found.ok_or_else(used)?;
    Ok((token, person, address))
}

fn used() -> Refusal {
    Refusal::Said(StatusCode::NOT_FOUND, Message::LinkUsed)
}

fn page(visit: &StaffVisit, address: &EmailAddress, error: Option<Message>) -> Answer {
    let shortest = visit.context.settings.portal.shortest_password;
    let form = StaffForm::Password { path: visit.path.clone(), email: address.to_string(), shortest, error };
    let page = visit.page(&form)?;
    Ok(if error.is_some() { with_status(StatusCode::UNPROCESSABLE_ENTITY, page) } else { page })
}
