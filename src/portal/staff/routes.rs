//! The table of everything that staff can ask for. As with customers' pages, what is not in it does not exist.

use crate::portal::routes::{Found, find_in};

/// Who may ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StaffWho {
    /// Anyone who comes from where staff come from: the way in.
    Anyone,
    /// Someone of `portal.staff` with a session.
    Staff,
}

/// One line of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StaffRoute {
    pub method: &'static str,
    /// With `{name}` for the text of a segment, perhaps followed by an ending.
    pub path: &'static str,
    pub who: StaffWho,
    pub(super) page: StaffPage,
}

/// The handler.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum StaffPage {
    SignInForm,
    SignIn,
    CodeForm,
    GiveCode,
    SetUpForm,
    SetUp,
    LinkForm,
    SetPassword,
    SignOut,
    Home,
    Accounts,
    Month,
    MonthZip,
    MonthObject,
    Verify,
    Account,
    Revision,
    StatementFile,
    Deliveries,
    Usage,
    Reruns,
    Rerun,
    RerunReport,
}

const fn route(method: &'static str, path: &'static str, who: StaffWho, page: StaffPage) -> StaffRoute {
    StaffRoute { method, path, who, page }
}

/// The first one that fits is used.
pub const STAFF_ROUTES: &[StaffRoute] = &[
    route("GET", "/staff/sign-in", StaffWho::Anyone, StaffPage::SignInForm),
    route("POST", "/staff/sign-in", StaffWho::Anyone, StaffPage::SignIn),
    route("GET", "/staff/sign-in/code", StaffWho::Anyone, StaffPage::CodeForm),
    route("POST", "/staff/sign-in/code", StaffWho::Anyone, StaffPage::GiveCode),
    route("GET", "/staff/sign-in/second-factor", StaffWho::Anyone, StaffPage::SetUpForm),
    route("POST", "/staff/sign-in/second-factor", StaffWho::Anyone, StaffPage::SetUp),
    route("GET", "/staff/link/{token}", StaffWho::Anyone, StaffPage::LinkForm),
    route("POST", "/staff/link/{token}", StaffWho::Anyone, StaffPage::SetPassword),
    route("POST", "/staff/sign-out", StaffWho::Anyone, StaffPage::SignOut),
    route("GET", "/staff", StaffWho::Staff, StaffPage::Home),
    route("GET", "/staff/accounts.xlsx", StaffWho::Staff, StaffPage::Accounts),
    route("GET", "/staff/accounts.csv", StaffWho::Staff, StaffPage::Accounts),
    route("GET", "/staff/accounts", StaffWho::Staff, StaffPage::Accounts),
    route("GET", "/staff/months/{period}.xlsx", StaffWho::Staff, StaffPage::Month),
    route("GET", "/staff/months/{period}.csv", StaffWho::Staff, StaffPage::Month),
    route("GET", "/staff/months/{period}.zip", StaffWho::Staff, StaffPage::MonthZip),
    route("GET", "/staff/months/{period}/verify", StaffWho::Staff, StaffPage::Verify),
    route("GET", "/staff/months/{period}/{file}", StaffWho::Staff, StaffPage::MonthObject),
    route("GET", "/staff/months/{period}", StaffWho::Staff, StaffPage::Month),
    route("GET", "/staff/accounts/{account}", StaffWho::Staff, StaffPage::Account),
    route("GET", "/staff/accounts/{account}/statements/{period}/r{revision}", StaffWho::Staff, StaffPage::Revision),
    route(
        "GET",
        "/staff/accounts/{account}/statements/{period}/r{revision}/rooms/{room}",
        StaffWho::Staff,
        StaffPage::StatementFile,
    ),
    route(
        "GET",
        "/staff/accounts/{account}/statements/{period}/r{revision}/{file}",
        StaffWho::Staff,
        StaffPage::StatementFile,
    ),
    route("GET", "/staff/deliveries.xlsx", StaffWho::Staff, StaffPage::Deliveries),
    route("GET", "/staff/deliveries.csv", StaffWho::Staff, StaffPage::Deliveries),
    route("GET", "/staff/deliveries", StaffWho::Staff, StaffPage::Deliveries),
    route("GET", "/staff/usage.xlsx", StaffWho::Staff, StaffPage::Usage),
    route("GET", "/staff/usage.csv", StaffWho::Staff, StaffPage::Usage),
    route("GET", "/staff/usage", StaffWho::Staff, StaffPage::Usage),
    route("GET", "/staff/reruns", StaffWho::Staff, StaffPage::Reruns),
    route("GET", "/staff/reruns/{id}/report.{ending}", StaffWho::Staff, StaffPage::RerunReport),
    route("GET", "/staff/reruns/{id}", StaffWho::Staff, StaffPage::Rerun),
];

pub(super) fn find(method: &str, path: &str) -> Found<StaffRoute> {
    find_in(STAFF_ROUTES, |route| (route.method, route.path), (method, path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_staff_can_ask_for_changes_anything_but_their_own_sign_in() {
        for route in STAFF_ROUTES {
            assert!(route.path == "/staff" || route.path.starts_with("/staff/"), "{route:?}");
            assert!(route.method == "GET" || route.who == StaffWho::Anyone, "{route:?}");
        }
    }
}
