//! Passwords by one-time links: asking for one, and using it.
//!
//! Looking at a link uses nothing up, since mail filters look at all of them. No one is kept from asking by wrong
//! passwords.

use axum::http::StatusCode;
use serde::Deserialize;

use super::respond::{Refusal, html, with_status};
use super::sign_in;
use super::visit::{Answer, Visit};
use super::{blocklist, passwords};
use crate::domain::EmailAddress;
use crate::jobs::Context;
use crate::render::{FormPage, Message};
use crate::store::{PersonKey, PortalMailKind};
use crate::token::Token;

/// How many characters of a number are kept with a request for a link.
const LONGEST_NUMBER: usize = 64;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ForgottenForm {
    number: String,
    email: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct PasswordForm {
    password: String,
}

pub(super) fn forgotten_form(visit: &Visit) -> Answer {
    let page = FormPage::Forgotten { number: String::new(), email: String::new() };
    Ok(html(visit.context.renderer.form_page(&visit.frame, &page, None)?))
}

/// The same answer for everyone; who gets a message is found out when it is sent.
pub(super) async fn forgotten(visit: &Visit) -> Answer {
    let form: ForgottenForm = visit.form()?;
    visit.shared.throttle.link(visit.network, &form.email)?;
    let number: String = form.number.chars().filter(|c| !c.is_whitespace() && !c.is_control()).collect();
    if let Ok(address) = form.email.trim().parse::<EmailAddress>()
        && number.chars().count() <= LONGEST_NUMBER
    {
        let now = visit.context.clock.now();
        let mut tx = visit.context.store.write().await?;
        tx.portal_mail().queue_mail(PortalMailKind::Forgotten, &address, &number, now).await?;
        tx.commit().await?;
        visit.shared.mail.notify_one();
    }
    Ok(html(visit.context.renderer.message_page(&visit.frame, Message::LinkSent)?))
}

pub(super) async fn password_form(visit: &Visit) -> Answer {
    person(visit).await?;
    form_page(visit, None)
}

/// Sets the password, ends whatever sessions there were, and signs in.
pub(super) async fn set_password(visit: &Visit) -> Answer {
    let (token, person, address) = person(visit).await?;
    let form: PasswordForm = visit.form()?;
    let shortest = visit.context.settings.portal.shortest_password;
    if let Some(problem) = problem_of(visit, &form.password, shortest, &address).await? {
        return form_page(visit, Some(problem));
    }
    let kept = visit.shared.passwords.keep(&form.password).await?;
    let now = visit.context.clock.now();
    let mut tx = visit.context.store.write().await?;
    if !tx.portal_sessions().use_link(&token.sha256(), person, now).await? {
        return Err(used());
    }
    tx.portal_people().set_password(person, &kept, now).await?;
    tx.portal_mail().queue_mail(PortalMailKind::Changed, &address, "", now).await?;
    tx.commit().await?;
    visit.shared.mail.notify_one();
    sign_in::begin_or_ask(visit, person, "/").await
}

/// What is wrong with a new password, if anything.
pub(super) async fn problem_of(
    visit: &Visit,
    password: &str,
    shortest: usize,
    address: &EmailAddress,
) -> Result<Option<Message>, Refusal> {
    let places =
        visit.context.store.read_for_people().await?.portal().places(address, visit.context.clock.now()).await?;
    let mut words = vec![address.to_string(), "statementd".to_owned()];
    for place in places {
        words.extend([place.account.to_string(), place.company.to_string()]);
        words.extend(place.room.into_iter().flat_map(|(room, name)| [room.to_string(), name.to_string()]));
    }
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    weakness(&visit.context, password, shortest, &words).await
}

/// What is wrong with a new password: it is short, made of `words`, or in the operator's list.
pub(super) async fn weakness(
    context: &Context,
    password: &str,
    shortest: usize,
    words: &[&str],
) -> Result<Option<Message>, Refusal> {
    if let Some(problem) = passwords::problem(password, shortest, words) {
        return Ok(Some(problem));
    }
    let Some(list) = context.settings.portal.password_blocklist.clone() else { return Ok(None) };
    let password = password.to_owned();
    let listed = tokio::task::spawn_blocking(move || blocklist::has(&list, &password)).await;
    let listed = listed.map_err(|error| Refusal::Broken(error.to_string()))?;
    let listed = listed.map_err(|error| Refusal::Broken(format!("portal.password_blocklist: {error}")))?;
    Ok(listed.then_some(Message::PasswordWeak))
}

/// The person whose link is in the path.
async fn person(visit: &Visit) -> Result<(Token, PersonKey, EmailAddress), Refusal> {
    let token = Token::parse(visit.parameters.get("token")).ok_or_else(used)?;
    let now = visit.context.clock.now();
    let found =
        visit.context.store.read_for_people().await?.portal_sessions().link_person(&token.sha256(), now).await?;
    let (person, address) = found.ok_or_else(used)?;
    Ok((token, person, address))
}

fn used() -> Refusal {
    Refusal::Said(StatusCode::NOT_FOUND, Message::LinkUsed)
}

fn form_page(visit: &Visit, error: Option<Message>) -> Answer {
    let shortest = visit.context.settings.portal.shortest_password;
    let page = FormPage::Password { path: visit.path.clone(), shortest };
    let response = html(visit.context.renderer.form_page(&visit.frame, &page, error)?);
    Ok(if error.is_some() { with_status(StatusCode::UNPROCESSABLE_ENTITY, response) } else { response })
}
