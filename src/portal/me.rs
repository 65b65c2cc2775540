//! Oneself: where to go, the password, the sessions.

use axum::http::StatusCode;
use serde::Deserialize;

use super::respond::{html, see_other, with_status};
use super::visit::{Answer, Visit};
use super::{link, session, sign_in};
use crate::render::{HomeView, MeView, Message, SessionView};
use crate::store::PortalMailKind;

/// How many digits of a session's digest name it in a form; a digest cannot be used to sign in.
const ID_DIGITS: usize = 16;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ChangeForm {
    current: String,
    password: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct EndForm {
    session: String,
}

/// The accounts and rooms that may be seen; if there is only one, redirects to it.
pub(super) async fn home(visit: &Visit) -> Answer {
    let places = visit
        .context
        .store
        .read_for_people()
        .await?
        .portal()
        .places(visit.viewer()?.address(), visit.context.clock.now())
        .await?;
    if let [only] = places.as_slice() {
        return Ok(see_other(&sign_in::path_of(only)));
    }
    let view =
        |place: crate::store::Place| HomeView { account: place.account, company: place.company, room: place.room };
    let places: Vec<HomeView> = places.into_iter().map(view).collect();
    Ok(html(visit.context.renderer.home_page(&visit.frame, &places)?))
}

/// `said` is a notice, and an error.
pub(super) async fn me(visit: &Visit, said: (Option<Message>, Option<Message>)) -> Answer {
    let viewer = visit.viewer()?;
    let sessions = visit.context.store.read_for_people().await?.portal_people().sessions_of(viewer.person()).await?;
    let view = |session: crate::store::SessionRow| SessionView {
        id: session.token_sha256[..ID_DIGITS].to_owned(),
        is_this: session.token_sha256 == viewer.token_sha256(),
        browser: session.browser,
        started_at: session.started_at,
        seen_at: session.seen_at,
    };
    let me = MeView {
        sessions: sessions.into_iter().map(view).collect(),
        shortest: visit.context.settings.portal.shortest_password,
    };
    let page = html(visit.context.renderer.me_page(&visit.frame, &me, said)?);
    Ok(if said.1.is_some() { with_status(StatusCode::UNPROCESSABLE_ENTITY, page) } else { page })
}

/// A new password for the present one; all sessions end, and this browser gets a new one.
pub(super) async fn change_password(visit: &Visit) -> Answer {
    let viewer = visit.viewer()?;
    let form: ChangeForm = visit.form()?;
    visit.shared.throttle.sign_in(visit.network, viewer.address().as_str(), Some(viewer.token_sha256()))?;
    let person = visit.context.store.read_for_people().await?.portal_people().person(viewer.address()).await?;
    let kept = person.as_ref().and_then(|person| person.password.as_deref());
    if !visit.shared.passwords.is_right(&form.current, kept).await? {
        return me(visit, (None, Some(Message::PasswordWrong))).await;
    }
    let shortest = visit.context.settings.portal.shortest_password;
    if let Some(problem) = link::problem_of(visit, &form.password, shortest, viewer.address()).await? {
        return me(visit, (None, Some(problem))).await;
    }
    let kept = visit.shared.passwords.keep(&form.password).await?;
    let now = visit.context.clock.now();
    let mut tx = visit.context.store.write().await?;
    tx.portal_people().set_password(viewer.person(), &kept, now).await?;
    tx.portal_mail().queue_mail(PortalMailKind::Changed, viewer.address(), "", now).await?;
    tx.commit().await?;
    visit.shared.mail.notify_one();
    session::begin(visit, viewer.person(), "/me").await
}

/// Ends one other session, or all others.
pub(super) async fn end_sessions(visit: &Visit) -> Answer {
    let viewer = visit.viewer()?;
    let form: EndForm = visit.form()?;
    let mut tx = visit.context.store.write().await?;
    if form.session.is_empty() {
        tx.portal_sessions().end_sessions(viewer.person(), Some(viewer.token_sha256())).await?;
    } else {
        let sessions = tx.portal_people().sessions_of(viewer.person()).await?;
        let meant = sessions.iter().filter(|session| session.token_sha256[..ID_DIGITS] == form.session);
        for session in meant.filter(|session| session.token_sha256 != viewer.token_sha256()) {
            tx.portal_sessions().end_session(viewer.person(), &session.token_sha256).await?;
        }
    }
    tx.commit().await?;
    me(visit, (Some(Message::SessionsEnded), None)).await
}
