//! A customer's request: what it asks for, who it is from, and what they may see. Decided here, once, before its
//! handler answers.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderMap, Response, StatusCode};

use super::respond::Refusal;
use super::routes::{Found, Page, Parameters, Route, Who, find};
use super::shared::Shared;
use super::visit::{Answer, Visit, whole_body, write_beside};
use super::{client, codes, link, lists, me, respond, second_factor, session, sign_in, statements};
use crate::domain::RoomNumber;
use crate::jobs::Context;
use crate::render::{Frame, Message};
use crate::store::{AccountAccess, Viewer};
use crate::token::Token;

/// Answers a request of a customer.
pub(super) async fn answer(
    shared: Arc<Shared>,
    context: Context,
    peer: SocketAddr,
    request: Request,
) -> Response<Body> {
    let frame = Frame { language: respond::language(&context.renderer, request.headers()), ..Frame::default() };
    let renderer = Arc::clone(&context.renderer);
    match visit(shared, context, frame.clone(), peer, request).await {
        Ok(response) => response,
        Err(refusal) => respond::refused(&renderer, &frame, refusal),
    }
}

async fn visit(
    shared: Arc<Shared>,
    context: Context,
    mut frame: Frame,
    peer: SocketAddr,
    request: Request,
) -> Answer {
    let (head, body) = request.into_parts();
    let (route, parameters) = match find(head.method.as_str(), head.uri.path()) {
        Found::Route(route, parameters) => (route, parameters),
        Found::OtherMethod => return Err(Refusal::Said(StatusCode::METHOD_NOT_ALLOWED, Message::NotAllowed)),
        Found::Nothing => return Err(Refusal::NotFound),
    };
    let viewer = viewer(&shared, &context, &head.headers).await?;
    frame.signed_in = viewer.as_ref().map(|viewer| viewer.address().to_string());
    if route.who != Who::Anyone && viewer.is_none() {
        let is_page = head.method != "POST";
        return Ok(respond::see_other(&sign_in::path_with_next(is_page.then_some(&head.uri))));
    }
    let (access, room) = access(&context, route, &parameters, viewer.as_ref()).await?;
    let address = client::client_address(peer.ip(), &head.headers, &shared.trusted_proxies);
    let body = whole_body(body).await?;
    let visit = Visit {
        shared,
        context,
        frame,
        parameters,
        query: head.uri.query().unwrap_or_default().to_owned(),
        path: head.uri.path().to_owned(),
        headers: head.headers,
        network: crate::web::network(address),
        viewer,
        access,
        room,
        body,
    };
    handle(route.page, visit).await
}

async fn handle(page: Page, visit: Visit) -> Answer {
    match page {
        Page::Asset => asset(&visit),
        Page::SignInForm => sign_in::form(&visit),
        Page::SignIn => sign_in::sign_in(&visit).await,
        Page::CodeForm => second_factor::code_form(&visit).await,
        Page::GiveCode => second_factor::give_code(&visit).await,
        Page::SecondFactor => second_factor::page(&visit).await,
        Page::BeginSecondFactor => second_factor::begin(&visit).await,
        Page::ConfirmSecondFactor => second_factor::confirm(&visit).await,
        Page::RemoveSecondFactor => second_factor::remove(&visit).await,
        Page::SignOut => sign_in::sign_out(&visit).await,
        Page::ForgottenForm => link::forgotten_form(&visit),
        Page::Forgotten => link::forgotten(&visit).await,
        Page::PasswordForm => link::password_form(&visit).await,
        Page::SetPassword => link::set_password(&visit).await,
        Page::Home => me::home(&visit).await,
        Page::Me => me::me(&visit, (None, None)).await,
        Page::ChangePassword => me::change_password(&visit).await,
        Page::EndSessions => me::end_sessions(&visit).await,
        Page::Account(form) => lists::account(&visit, form).await,
        Page::Room(form) => lists::room(&visit, form).await,
        Page::Conference(form) => lists::conference(&visit, form).await,
        Page::AssignCode => codes::assign(&visit).await,
        Page::UndoCodes => codes::undo(&visit).await,
        Page::CodeList => codes::list(&visit, None, false).await,
        Page::SetCodeList => codes::set_list(&visit).await,
        Page::Revise => statements::revise(&visit).await,
        Page::Statements => statements::kept(&visit).await,
        Page::StatementFile => statements::file(&visit).await,
    }
}

/// Whose session the request has, if it is valid. When it was last used is written down without delaying the answer.
async fn viewer(shared: &Shared, context: &Context, headers: &HeaderMap) -> Result<Option<Viewer>, Refusal> {
    let token = client::cookie(headers, session::session_cookie(shared)).and_then(Token::parse);
    let Some(token) = token else { return Ok(None) };
    let now = context.clock.now();
    let limits = context.settings.portal.session;
    let viewer =
        context.store.read_for_people().await?.portal_sessions().viewer(&token.sha256(), limits, now).await?;
    if let Some(viewer) = viewer.clone().filter(|viewer| viewer.is_to_be_noted(now)) {
        let store = context.store.clone();
        write_beside("When a session was last used", async move {
            let mut tx = store.write().await?;
            tx.portal_sessions().note_seen(&viewer, now).await?;
            tx.commit().await
        });
    }
    Ok(viewer)
}

/// What a route about an account or a room lets the viewer see of it.
async fn access(
    context: &Context,
    route: Route,
    parameters: &Parameters,
    viewer: Option<&Viewer>,
) -> Result<(Option<AccountAccess>, Option<RoomNumber>), Refusal> {
    let Some(viewer) = viewer.filter(|_| matches!(route.who, Who::Account | Who::Owner | Who::Room)) else {
        return Ok((None, None));
    };
    let number = parameters.get("account").parse().map_err(|_| Refusal::NotFound)?;
    let mut tx = context.store.read_for_people().await?;
    let access = tx.portal().access(viewer, &number, context.clock.now()).await?.ok_or(Refusal::NotFound)?;
    let room = allowed(route, parameters, &access)?;
    Ok((Some(access), room))
}

/// Refuses what a route does not show to someone with this access; returns the room that the route is about, if any.
fn allowed(route: Route, parameters: &Parameters, access: &AccountAccess) -> Result<Option<RoomNumber>, Refusal> {
    match route.who {
        Who::Account => return Ok(None),
        Who::Owner if access.is_owner() => return Ok(None),
        Who::Owner => return Err(Refusal::NotFound),
        _ => {}
    }
    let room: RoomNumber = parameters.get("room").parse().map_err(|_| Refusal::NotFound)?;
    if access.includes(&room) { Ok(Some(room)) } else { Err(Refusal::NotFound) }
}

/// Answers staff as the customer with the visit's access would be answered; of routes that change something, nothing.
pub(super) async fn answer_guest(route: Route, mut visit: Visit) -> Answer {
    if route.method != "GET" {
        return Err(Refusal::Said(StatusCode::METHOD_NOT_ALLOWED, Message::NotAllowed));
    }
    visit.room = allowed(route, &visit.parameters, visit.access()?)?;
    handle(route.page, visit).await
}

fn asset(visit: &Visit) -> Answer {
    let asset = visit.context.renderer.portal_asset(visit.parameters.get("name")).ok_or(Refusal::NotFound)?;
    Ok(respond::asset(&asset.media_type, asset.bytes.clone()))
}
