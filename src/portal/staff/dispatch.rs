//! A request of staff: what it asks for and who it is from. Decided here, once, before its handler answers.

use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;

use axum::body::Body;
use axum::http::{HeaderMap, Response, StatusCode};

use super::guest::{find_guest_page, guest_page};
use super::routes::{StaffPage, StaffWho, find};
use super::session::session_cookie;
use super::visit::{StaffVisit, is_named};
use super::{
    account, accounts, archive, deliveries, home, link, month, rerun, reruns, second_factor, sign_in, usage, verify,
};
use crate::jobs::{Actor, Context};
use crate::portal::client;
use crate::portal::respond::{self, Refusal};
use crate::portal::routes::Found;
use crate::portal::shared::Shared;
use crate::portal::visit::{Answer, whole_body, write_beside};
use crate::render::{Frame, Message, StaffFrame};
use crate::store::StaffMember;
use crate::token::Token;

/// Answers any request below `/staff`. Boxed, so that the future of customers' requests does not contain it.
pub(in crate::portal) fn answer(
    shared: Arc<Shared>,
    context: Context,
    peer: SocketAddr,
    request: axum::extract::Request,
) -> Pin<Box<dyn Future<Output = Response<Body>> + Send>> {
    Box::pin(answered(shared, context, peer, request))
}

async fn answered(
    shared: Arc<Shared>,
    context: Context,
    peer: SocketAddr,
    request: axum::extract::Request,
) -> Response<Body> {
    let address = client::client_address(peer.ip(), request.headers(), &shared.trusted_proxies);
    let rules = &context.settings.portal;
    let is_from_here =
        rules.staff_networks.is_empty() || rules.staff_networks.iter().any(|network| network.contains(&address));
    let renderer = Arc::clone(&context.renderer);
    if rules.staff.is_empty() || !is_from_here {
        // Answered like what is not there.
        let frame = Frame { language: respond::language(&renderer, request.headers()), ..Frame::default() };
        return respond::refused(&renderer, &frame, Refusal::NotFound);
    }
    let mut frame = StaffFrame::default();
    match visit(shared, context, &mut frame, crate::web::network(address), request).await {
        Ok(response) => response,
        Err(refusal) => refused(&renderer, &frame, refusal),
    }
}

async fn visit(
    shared: Arc<Shared>,
    context: Context,
    frame: &mut StaffFrame,
    network: std::net::IpAddr,
    request: axum::extract::Request,
) -> Answer {
    let (head, body) = request.into_parts();
    let guest = find_guest_page(head.method.as_str(), head.uri.path());
    let found = match (&guest, find(head.method.as_str(), head.uri.path())) {
        (_, Found::Route(route, parameters)) => Some((route, parameters)),
        (Some(_), _) => None,
        (None, Found::OtherMethod) => {
            return Err(Refusal::Said(StatusCode::METHOD_NOT_ALLOWED, Message::NotAllowed));
        }
        (None, Found::Nothing) => return Err(Refusal::NotFound),
    };
    let (member, away) = member(&shared, &context, &head.headers).await?;
    frame.signed_in = member.as_ref().map(|member| member.address().to_string());
    let who = found.as_ref().map_or(StaffWho::Staff, |(route, _)| route.who);
    if who == StaffWho::Staff && member.is_none() {
        return Ok(respond::see_other(&sign_in::path_with_next(&head.uri)));
    }
    let context = match &member {
        Some(member) => context.acting_as(Actor::Staff { address: member.address().clone() }),
        None => context,
    };
    if let Some(why) = away.as_ref().filter(|_| found.as_ref().is_none_or(|(route, _)| route.page != StaffPage::Home))
    {
        return Err(Refusal::Away(why.clone()));
    }
    let body = whole_body(body).await?;
    let (route, parameters) = found.unzip();
    let visit = StaffVisit {
        shared,
        context,
        parameters: parameters.unwrap_or_default(),
        query: head.uri.query().unwrap_or_default().to_owned(),
        path: head.uri.path().to_owned(),
        headers: head.headers,
        network,
        member,
        away,
        body,
    };
    match (route, guest) {
        (Some(route), _) => handle(route.page, &visit).await,
        (None, Some(page)) => guest_page(visit, page).await,
        (None, None) => Err(Refusal::NotFound),
    }
}

async fn handle(page: StaffPage, visit: &StaffVisit) -> Answer {
    match page {
        StaffPage::SignInForm => sign_in::form(visit),
        StaffPage::SignIn => sign_in::sign_in(visit).await,
        StaffPage::SignOut => sign_in::sign_out(visit).await,
        StaffPage::CodeForm => second_factor::code_form(visit).await,
        StaffPage::GiveCode => second_factor::give_code(visit).await,
        StaffPage::SetUpForm => second_factor::set_up_form(visit).await,
        StaffPage::SetUp => second_factor::set_up(visit).await,
        StaffPage::LinkForm => link::form(visit).await,
        StaffPage::SetPassword => link::set_password(visit).await,
        StaffPage::Home => home::home(visit).await,
        StaffPage::Accounts => accounts::accounts(visit).await,
        StaffPage::Month => month::month(visit).await,
        StaffPage::MonthZip => archive::month_zip(visit).await,
        StaffPage::MonthObject => archive::month_object(visit).await,
        StaffPage::Verify => verify::verify(visit).await,
        StaffPage::Account => account::account(visit).await,
        StaffPage::Revision => account::revision(visit).await,
        StaffPage::StatementFile => account::statement_file(visit).await,
        StaffPage::Deliveries => deliveries::deliveries(visit).await,
        StaffPage::Usage => usage::usage(visit).await,
        StaffPage::Reruns => reruns::reruns(visit).await,
        StaffPage::Rerun => rerun::rerun(visit).await,
        StaffPage::RerunReport => reruns::report(visit).await,
    }
}

/// Whose session the request has, if it is valid and `portal.staff` names the person; with the reason if the database
/// cannot be asked and the session is known from before.
async fn member(
    shared: &Shared,
    context: &Context,
    headers: &HeaderMap,
) -> Result<(Option<StaffMember>, Option<String>), Refusal> {
    let token = client::cookie(headers, session_cookie(shared)).and_then(Token::parse);
    let Some(token) = token.map(|token| token.sha256()) else { return Ok((None, None)) };
    let now = context.clock.now();
    let limits = context.settings.portal.session;
    let named = |member: Option<StaffMember>| member.filter(|member| is_named(context, member.address()));
    let read = async { context.store.read_for_people().await?.staff_sessions().member(&token, limits, now).await };
    let member = match read.await {
        Ok(member) => member,
        Err(error) => {
            let last = shared.staff.seen.last(&token).filter(|_| error.is_away());
            let member = last.ok_or_else(|| Refusal::from(&error))?;
            return Ok((named(Some(member)), Some(error.to_string())));
        }
    };
    shared.staff.seen.note(&token, member.as_ref());
    let member = named(member);
    if let Some(member) = member.clone().filter(|member| member.is_to_be_noted(now)) {
        let store = context.store.clone();
        write_beside("When a session of staff was last used", async move {
            let mut tx = store.write().await?;
            tx.staff_sessions().note_seen(&member, now).await?;
            tx.commit().await
        });
    }
    Ok((member, None))
}

/// The page of a refusal.
fn refused(renderer: &crate::render::Renderer, frame: &StaffFrame, refusal: Refusal) -> Response<Body> {
    let away = if let Refusal::Away(why) = &refusal { Some(why.clone()) } else { None };
    let Some(told) = refusal.told("A page for staff") else { return respond::see_other("/staff/sign-in") };
    let page = match away {
        Some(why) => {
            // Strangers need not learn that there is such a page.
            let detail = if frame.signed_in.is_some() { why.as_str() } else { "" };
            let hint = "Nothing is lost: all work goes on once it is back. Try again in a moment.";
            renderer.staff_refusal_page(frame, ("The database does not answer", hint, detail))
        }
        None => renderer.staff_message_page(frame, told.1),
    };
    respond::refusal_page(told, page.unwrap_or_default())
}
