//! Signing in and out.
//!
//! In this order: limits, before anything is looked up; one reading; one computation, whether there is such a person or
//! not; one answer for all that can be wrong. Failures are written down beside the answer, not in its way.

use axum::http::{StatusCode, Uri};
use serde::Deserialize;

use super::respond::{Refusal, html, retry_after, with_status};
use super::session::{begin, browser_cookie, session_cookie, signed_out};
use super::visit::{Answer, Visit, write_beside};
use super::{client, second_factor};
use crate::domain::EmailAddress;
use crate::render::{FormPage, Message};
use crate::store::{Person, PersonKey, Place};
use crate::token::Token;
use crate::web::TooOften;

/// Wrong passwords in a row after which only a link helps.
pub(super) const MOST_FAILURES: i64 = 100;
const LONGEST_NEXT: usize = 512;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct SignInForm {
    number: String,
    email: String,
    password: String,
    next: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct SignInQuery {
    next: String,
    number: String,
}

pub(super) fn form(visit: &Visit) -> Answer {
    let SignInQuery { next, number } = visit.query();
    let page =
        FormPage::SignIn { number, email: String::new(), next: own_path(&next).unwrap_or_default().to_owned() };
    Ok(html(visit.context.renderer.form_page(&visit.frame, &page, None)?))
}

pub(super) async fn sign_in(visit: &Visit) -> Answer {
    let form: SignInForm = visit.form()?;
    let browser = client::cookie(&visit.headers, browser_cookie(&visit.shared)).and_then(Token::parse);
    let browser = browser.map(|token| token.sha256());
    let address = form.email.trim().parse::<EmailAddress>().ok();
    let known = known_browser(visit, browser.as_deref(), address.as_ref()).await?;
    if let Err(TooOften(wait)) =
        visit.shared.throttle.sign_in(visit.network, &form.email, known.and(browser.as_deref()))
    {
        return refuse(visit, form, StatusCode::TOO_MANY_REQUESTS, Message::TooOften)
            .map(|page| retry_after(wait, page));
    }
    let number: String = form.number.chars().filter(|c| !c.is_whitespace()).collect();
    let (person, place) = look_up(visit, address.as_ref(), &number).await?;
    let kept = person.as_ref().and_then(|person| person.password.as_deref());
    let is_right = visit.shared.passwords.is_right(&form.password, kept).await?;
    let failures = known.or(person.as_ref().map(|person| person.failures)).unwrap_or_default();
    match (person, place) {
        (Some(person), Some(place)) if is_right && failures < MOST_FAILURES => {
            let target = own_path(&form.next).map_or_else(|| path_of(&place), str::to_owned);
            begin_or_ask(visit, person.key, &target).await
        }
        _ => {
            if let Some(address) = address.filter(|_| !is_right) {
                count_failure(visit, address, known.and(browser));
            }
            refuse(visit, form, StatusCode::UNAUTHORIZED, Message::WrongSignIn)
        }
    }
}

pub(super) async fn sign_out(visit: &Visit) -> Answer {
    if let Some(viewer) = &visit.viewer {
        let mut tx = visit.context.store.write().await?;
        tx.portal_sessions().end_session(viewer.person(), viewer.token_sha256()).await?;
        tx.commit().await?;
    }
    Ok(signed_out(&visit.shared, session_cookie(&visit.shared), "/sign-in"))
}

/// Begins a session, or asks for the second factor first where there is one.
pub(super) async fn begin_or_ask(visit: &Visit, person: PersonKey, target: &str) -> Answer {
    if second_factor::is_required(&visit.context, person).await? {
        return second_factor::challenge(visit, person, target).await;
    }
    begin(visit, person, target).await
}

/// The page again, with what was typed except the password.
fn refuse(visit: &Visit, form: SignInForm, status: StatusCode, message: Message) -> Answer {
    let SignInForm { number, email, next, .. } = form;
    let next = own_path(&next).unwrap_or_default().to_owned();
    let page = FormPage::SignIn { number, email, next };
    Ok(with_status(status, html(visit.context.renderer.form_page(&visit.frame, &page, Some(message))?)))
}

async fn known_browser(
    visit: &Visit,
    browser: Option<&str>,
    address: Option<&EmailAddress>,
) -> Result<Option<i64>, Refusal> {
    let (Some(browser), Some(address)) = (browser, address) else { return Ok(None) };
    Ok(visit.context.store.read_for_people().await?.portal_sessions().browser_failures(browser, address).await?)
}

async fn look_up(
    visit: &Visit,
    address: Option<&EmailAddress>,
    number: &str,
) -> Result<(Option<Person>, Option<Place>), Refusal> {
    let Some(address) = address else { return Ok((None, None)) };
    let mut tx = visit.context.store.read_for_people().await?;
    Ok((
        tx.portal_people().person(address).await?,
        tx.portal().place_named(address, number, visit.context.clock.now()).await?,
    ))
}

/// Written without delaying the answer: only real people have a row, and the delay would show who is one.
fn count_failure(visit: &Visit, address: EmailAddress, browser: Option<String>) {
    let store = visit.context.store.clone();
    write_beside("That a password was wrong", async move {
        let mut tx = store.write().await?;
        tx.portal_people().count_failure(&address, browser.as_deref()).await?;
        tx.commit().await
    });
}

pub(super) fn path_of(place: &Place) -> String {
    match &place.room {
        None => format!("/a/{}", place.account),
        Some((room, _)) => format!("/a/{}/rooms/{room}", place.account),
    }
}

/// The path of the sign-in page, which leads on to the page that was wanted.
pub(super) fn path_with_next(wanted: Option<&Uri>) -> String {
    let next = wanted.and_then(|uri| uri.path_and_query()).map(|path| path.as_str());
    match next.and_then(own_path) {
        Some(next) => {
            let query = serde_urlencoded::to_string([("next", next)]).unwrap_or_default();
            format!("/sign-in?{query}")
        }
        None => "/sign-in".to_owned(),
    }
}

/// A path of this site that is worth going to after signing in; `None` if it is not one.
fn own_path(next: &str) -> Option<&str> {
    (is_plain_path(next) && (next.starts_with("/a/") || next == "/me")).then_some(next)
}

/// It contains nothing that browsers read differently than we do.
pub(super) fn is_plain_path(next: &str) -> bool {
    next.len() <= LONGEST_NEXT && next.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signing_in_leads_nowhere_else() {
        assert_eq!(own_path("/a/602127?period=2009-05"), Some("/a/602127?period=2009-05"));
        for bad in
            ["//evil.example", "https://evil.example", "/\\evil.example", "/a/\\evil", "/a/\r\nx", "/sign-out", ""]
        {
            assert_eq!(own_path(bad), None, "{bad:?}");
        }
    }
}
