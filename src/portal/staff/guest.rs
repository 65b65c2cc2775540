//! Customers' own pages as an account's owner or a cardholder sees them, for staff: the customers' routes under
//! another path, marked as such, written to the audit, and nothing on them can be changed.
//!
//! The table of customers' routes is the only one: a page that it gets is here too.

use std::pin::Pin;

use super::lists::row_link;
use super::visit::{Opened, StaffVisit};
use crate::domain::{AccountNumber, Period, RoomNumber};
use crate::portal::dispatch::answer_guest;
use crate::portal::respond::Refusal;
use crate::portal::routes::{Found, Parameters, Route, Who, find};
use crate::portal::visit::{Answer, Visit};
use crate::render::{Frame, Guest};

const ACCOUNTS: &str = "/staff/accounts/";
const AS_OWNER: &str = "as-owner";
const AS_CARDHOLDER: &str = "as-cardholder";

/// A customer's page that a member of staff asks for.
pub(super) struct GuestPage {
    route: Route,
    parameters: Parameters,
    /// On whose behalf: an owner, or the cardholder of this room.
    room: Option<String>,
    /// Where the account's pages begin.
    account_path: String,
    /// The rest of the path.
    page: String,
}

/// What a path asks for on behalf of a customer; `Nothing` also if it asks for something else.
pub(super) fn find_guest_page(method: &str, path: &str) -> Option<GuestPage> {
    let (account, rest) = path.strip_prefix(ACCOUNTS)?.split_once('/')?;
    let (room, page) = if let Some(page) = rest.strip_prefix(AS_OWNER) {
        (None, page)
    } else {
        let rest = rest.strip_prefix(AS_CARDHOLDER)?.strip_prefix('/')?;
        let end = rest.find(['/', '.']).unwrap_or(rest.len());
        (Some(rest[..end].to_owned()), &rest[end..])
    };
    if !page.is_empty() && !page.starts_with(['/', '.']) {
        return None;
    }
    let Found::Route(route, parameters) = find(method, &format!("/a/{account}{page}")) else { return None };
    let is_of_account = matches!(route.who, Who::Account | Who::Owner | Who::Room);
    let account_path = path[..path.len() - page.len()].to_owned();
    is_of_account.then(|| GuestPage { route, parameters, room, account_path, page: page.to_owned() })
}

/// Where staff find a customer's page about an account: on behalf of the owner, and of the cardholder of `{holder}`.
pub fn guest_paths(route: &Route) -> Option<[String; 2]> {
    let page = route.path.strip_prefix("/a/{account}")?;
    Some([
        format!("{ACCOUNTS}{{account}}/{AS_OWNER}{page}"),
        format!("{ACCOUNTS}{{account}}/{AS_CARDHOLDER}/{{holder}}{page}"),
    ])
}

pub(super) fn as_owner(account: &AccountNumber) -> String {
    format!("{}/{AS_OWNER}", row_link(account))
}

/// The room's page, which is where its cardholder begins.
pub(super) fn as_cardholder(account: &AccountNumber, room: &RoomNumber) -> String {
    format!("{}/{AS_CARDHOLDER}/{room}/rooms/{room}", row_link(account))
}

/// Boxed, so that the futures of other pages of staff do not contain it.
pub(super) fn guest_page(visit: StaffVisit, page: GuestPage) -> Pin<Box<dyn Future<Output = Answer> + Send>> {
    Box::pin(async move {
        let context = visit.context.clone();
        let number: AccountNumber = page.parameters.get("account").parse().map_err(|_| Refusal::NotFound)?;
        let room: Option<RoomNumber> =
            page.room.as_deref().map(str::parse).transpose().map_err(|_| Refusal::NotFound)?;
        let access = {
            let mut tx = context.store.read_for_people().await?;
            let place = (&number, room.as_ref());
            tx.portal()
                .access_in_place_of(visit.member()?, place, context.clock.now())
                .await?
                .ok_or(Refusal::NotFound)?
        };
        let whom = match &room {
            None => format!("the owner of account {number}"),
            Some(room) => format!("the cardholder of room {room}"),
        };
        let period = visit.query::<Asked>().period;
        let period: Option<Period> =
            [page.parameters.get("period"), &period].iter().find_map(|period| period.parse().ok());
        let what = format!("as {whom}: {}", if page.page.is_empty() { "/" } else { &page.page });
        visit.note(Opened { account: Some(&number), period, what: &what, ..Opened::default() }).await?;
        let says = format!("You see this as {whom} does. Nothing can be changed here.");
        let guest = Guest { account_path: page.account_path, says, back: row_link(&number) };
        let frame = Frame { language: access.locale.to_string(), signed_in: None, guest: Some(guest) };
        let as_customer = Visit {
            shared: visit.shared,
            context,
            frame,
            parameters: page.parameters,
            query: visit.query,
            path: visit.path,
            headers: visit.headers,
            network: visit.network,
            viewer: None,
            access: Some(access),
            room: None,
            body: Vec::new(),
        };
        answer_guest(page.route, as_customer).await
    })
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
struct Asked {
    period: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_asks_for_a_customers_page_on_their_behalf() {
        let found = |path| {
            let page = find_guest_page("GET", path)?;
            Some((page.route.path, page.room, page.account_path, page.page))
        };
        let own = |text: &str| text.to_owned();
        assert_eq!(
            found("/staff/accounts/602127/as-owner.xlsx"),
            Some(("/a/{account}.xlsx", None, own("/staff/accounts/602127/as-owner"), own(".xlsx")))
        );
        assert_eq!(
            found("/staff/accounts/602127/as-cardholder/332703/rooms/332703"),
            Some((
                "/a/{account}/rooms/{room}",
                Some(own("332703")),
                own("/staff/accounts/602127/as-cardholder/332703"),
                own("/rooms/332703")
            ))
        );
        for nothing in [
            "/staff/accounts/602127",
            "/staff/accounts/602127/as-owner/me",
            "/a/602127",
            "/staff/accounts/1/as-owners",
        ] {
            assert_eq!(found(nothing), None, "{nothing}");
        }
    }
}
