//! A customer's session as it begins, and the cookies of the session and of the browser.

use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, Response, header};

use super::client;
use super::respond::{Refusal, see_other};
use super::shared::Shared;
use super::visit::{Answer, Visit};
use crate::store::{NewSession, PersonKey};
use crate::token::Token;

/// How long a browser is known.
pub(super) const BROWSER_KNOWN: Duration = Duration::from_hours(24 * 365);

/// Begins a session, whatever session there was, and leads to `target`.
pub(super) async fn begin(visit: &Visit, person: PersonKey, target: &str) -> Answer {
    let (session, browser) = new_tokens(&visit.headers, browser_cookie(&visit.shared))?;
    let now = visit.context.clock.now();
    // Does not wait for the disk: after a loss of power, people have to sign in again.
    let mut tx = visit.context.store.write_soon().await?;
    if let Some(before) = &visit.viewer {
        tx.portal_sessions().end_session(before.person(), before.token_sha256()).await?;
    }
    let new = NewSession {
        token_sha256: &session.sha256(),
        person,
        browser: client::browser(&visit.headers),
        browser_sha256: &browser.sha256(),
    };
    tx.portal_sessions().begin_session(&new, now).await?;
    tx.commit_async().await?;
    let mut response = see_other(target);
    set_cookie(&mut response, &visit.shared, (session_cookie(&visit.shared), session.expose()), None);
    let browser = (browser_cookie(&visit.shared), browser.expose());
    set_cookie(&mut response, &visit.shared, browser, Some(BROWSER_KNOWN));
    Ok(response)
}

/// Of a session that begins, and of the browser, which keeps the one that it has.
pub(super) fn new_tokens(headers: &HeaderMap, browser_cookie: &str) -> Result<(Token, Token), Refusal> {
    let random = || Token::random().map_err(|error| Refusal::Broken(error.to_string()));
    let browser = match client::cookie(headers, browser_cookie).and_then(Token::parse) {
        Some(known) => known,
        None => random()?,
    };
    Ok((random()?, browser))
}

/// A cookie's name: with the prefix that ties it to this host and https; a loopback address without https has none.
pub(super) fn cookie_name(shared: &Shared, with_prefix: &'static str) -> &'static str {
    if shared.is_secure { with_prefix } else { with_prefix.trim_start_matches("__Host-") }
}

pub(super) fn session_cookie(shared: &Shared) -> &'static str {
    cookie_name(shared, "__Host-statementd")
}

/// The cookie of a person who still has to give the second factor.
pub(super) fn challenge_cookie(shared: &Shared) -> &'static str {
    cookie_name(shared, "__Host-statementd-code")
}

pub(super) fn browser_cookie(shared: &Shared) -> &'static str {
    cookie_name(shared, "__Host-statementd-browser")
}

/// Leads someone who has signed out to `target`, and takes the session's cookie and what the browser kept.
pub(super) fn signed_out(shared: &Shared, session_cookie: &str, target: &str) -> Response<Body> {
    let mut response = see_other(target);
    set_cookie(&mut response, shared, (session_cookie, ""), Some(Duration::ZERO));
    response.headers_mut().insert("clear-site-data", HeaderValue::from_static("\"cache\", \"storage\""));
    response
}

/// `lasts` is `None` for a cookie that lasts until the browser is closed.
pub(super) fn set_cookie(
    response: &mut Response<Body>,
    shared: &Shared,
    (name, value): (&str, &str),
    lasts: Option<Duration>,
) {
    let secure = if shared.is_secure { "; Secure" } else { "" };
    let lasts = lasts.map(|lasts| format!("; Max-Age={}", lasts.as_secs())).unwrap_or_default();
    let cookie = format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax{secure}{lasts}");
    if let Ok(cookie) = cookie.parse() {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
}
