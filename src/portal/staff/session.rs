//! A session of staff as it begins, and its cookies.

use std::time::Duration;

use super::visit::StaffVisit;
use crate::domain::EmailAddress;
use crate::jobs::Actor;
use crate::portal::client;
use crate::portal::session::{BROWSER_KNOWN, cookie_name, new_tokens, set_cookie};
use crate::portal::shared::Shared;
use crate::portal::visit::Answer;
use crate::store::{NewAuditEntry, NewStaffSession, StaffKey};

/// Begins a session of a person who gave both factors, and puts its cookies into `answer`.
pub(super) async fn begin(
    visit: &StaffVisit,
    (person, address): (StaffKey, &EmailAddress),
    answer: Answer,
) -> Answer {
    let (session, browser) = new_tokens(&visit.headers, browser_cookie(&visit.shared))?;
    let now = visit.context.clock.now();
    let mut tx = visit.write().await?;
    if let Some(before) = &visit.member {
        tx.staff_sessions().end_session(before).await?;
    }
    let new = NewStaffSession {
        token_sha256: &session.sha256(),
        person,
        browser: client::browser(&visit.headers),
        browser_sha256: &browser.sha256(),
    };
    tx.staff_sessions().begin_session(&new, now).await?;
    let entry = NewAuditEntry {
        at: now,
        actor: &Actor::Staff { address: address.clone() }.to_string(),
        action: "signed in",
        account: None,
        period: None,
        revision: None,
        detail: None,
    };
    tx.reports().audit(&entry).await?;
    tx.commit().await?;
    let mut response = answer?;
    set_cookie(&mut response, &visit.shared, (session_cookie(&visit.shared), session.expose()), None);
    let browser = (browser_cookie(&visit.shared), browser.expose());
    set_cookie(&mut response, &visit.shared, browser, Some(BROWSER_KNOWN));
    set_cookie(&mut response, &visit.shared, (challenge_cookie(&visit.shared), ""), Some(Duration::ZERO));
    Ok(response)
}

pub(super) fn session_cookie(shared: &Shared) -> &'static str {
    cookie_name(shared, "__Host-statementd-staff")
}

/// The cookie of a person who still has to give the second factor.
pub(super) fn challenge_cookie(shared: &Shared) -> &'static str {
    cookie_name(shared, "__Host-statementd-staff-code")
}

pub(super) fn browser_cookie(shared: &Shared) -> &'static str {
    cookie_name(shared, "__Host-statementd-staff-browser")
}
