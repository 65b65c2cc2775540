//! Signing in and out: the password, after which the second factor is always asked for.
//!
//! In the order of customers' sign-in: limits, one reading, one computation whether there is such a person or not,
//! one answer for all that can be wrong.

use axum::http::{StatusCode, Uri};
use serde::Deserialize;

use super::second_factor;
use super::session::{browser_cookie, session_cookie};
use super::visit::{StaffVisit, is_named};
use crate::domain::EmailAddress;
use crate::portal::client;
use crate::portal::respond::{retry_after, with_status};
use crate::portal::session::signed_out;
use crate::portal::sign_in::{MOST_FAILURES, is_plain_path};
use crate::portal::visit::{Answer, write_beside};
use crate::render::{Message, StaffForm};
use crate::token::Token;
use crate::web::TooOften;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct SignInForm {
    email: String,
    password: String,
    next: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct SignInQuery {
    next: String,
}

pub(super) fn form(visit: &StaffVisit) -> Answer {
    let SignInQuery { next } = visit.query();
    let next = own_path(&next).unwrap_or_default().to_owned();
    visit.page(&StaffForm::SignIn { email: String::new(), next, error: None })
}

pub(super) async fn sign_in(visit: &StaffVisit) -> Answer {
    let form: SignInForm = visit.form()?;
    let context = &visit.context;
    let address = form.email.trim().parse::<EmailAddress>().ok();
    let browser = client::cookie(&visit.headers, browser_cookie(&visit.shared)).and_then(Token::parse);
    let browser = browser.map(|token| token.sha256());
    let known = match (&browser, &address) {
        (Some(browser), Some(address)) => {
            context.store.read_for_people().await?.staff_sessions().browser_failures(browser, address).await?
        }
        _ => None,
    };
    let throttle = &visit.shared.staff.throttle;
    if let Err(TooOften(wait)) = throttle.sign_in(visit.network, &form.email, known.and(browser.as_deref())) {
        return refuse(visit, form, StatusCode::TOO_MANY_REQUESTS, Message::TooOften)
            .map(|page| retry_after(wait, page));
    }
    let person = match &address {
        Some(address) => context.store.read_for_people().await?.staff_people().person(address).await?,
        None => None,
    };
    let person = person.filter(|person| is_named(context, &person.address));
    let kept = person.as_ref().and_then(|person| person.password.as_deref());
    let is_right = visit.shared.passwords.is_right(&form.password, kept).await?;
    let failures = known.or(person.as_ref().map(|person| person.failures)).unwrap_or_default();
    match person {
        Some(person) if is_right && failures < MOST_FAILURES => {
            second_factor::challenge(visit, person.key, own_path(&form.next).unwrap_or("/staff")).await
        }
        _ => {
            if let Some(address) = address.filter(|_| !is_right) {
                count_failure(visit, address, known.and(browser));
            }
            refuse(visit, form, StatusCode::UNAUTHORIZED, Message::WrongSignIn)
        }
    }
}

pub(super) async fn sign_out(visit: &StaffVisit) -> Answer {
    if let Some(member) = &visit.member {
        let mut tx = visit.write().await?;
        tx.staff_sessions().end_session(member).await?;
        tx.commit().await?;
        visit.shared.staff.seen.note(member.token_sha256(), None);
    }
    Ok(signed_out(&visit.shared, session_cookie(&visit.shared), "/staff/sign-in"))
}

/// The page again, with what was typed except the password.
fn refuse(visit: &StaffVisit, form: SignInForm, status: StatusCode, message: Message) -> Answer {
    let next = own_path(&form.next).unwrap_or_default().to_owned();
    let page = visit.page(&StaffForm::SignIn { email: form.email, next, error: Some(message) });
    page.map(|page| with_status(status, page))
}

/// Written without delaying the answer: only real people have a row, and the delay would show who is one.
fn count_failure(visit: &StaffVisit, address: EmailAddress, browser: Option<String>) {
    let store = visit.context.store.clone();
    write_beside("That a password of staff was wrong", async move {
        let mut tx = store.write().await?;
        tx.staff_people().count_failure(&address, browser.as_deref()).await?;
        tx.commit().await
    });
}

/// The path of the sign-in page, which leads on to the page that was wanted.
pub(super) fn path_with_next(wanted: &Uri) -> String {
    match wanted.path_and_query().map(|path| path.as_str()).and_then(own_path).filter(|path| *path != "/staff") {
        Some(next) => {
            let query = serde_urlencoded::to_string([("next", next)]).unwrap_or_default();
            format!("/staff/sign-in?{query}")
        }
        None => "/staff/sign-in".to_owned(),
    }
}

/// A page of staff that is worth going to after signing in; `None` if it is not one.
fn own_path(next: &str) -> Option<&str> {
    let is_page = next == "/staff" || next.starts_with("/staff/") && !next.starts_with("/staff/sign-");
    (is_plain_path(next) && is_page && !next.starts_with("/staff/link/")).then_some(next)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signing_in_leads_to_pages_of_staff_and_nowhere_else() {
        assert_eq!(own_path("/staff/accounts?q=a"), Some("/staff/accounts?q=a"));
        for bad in ["//evil.example", "/a/602127", "/staffx", "/staff/\\evil", "/staff/sign-out", "/staff/link/x", ""]
        {
            assert_eq!(own_path(bad), None, "{bad:?}");
        }
    }
}
