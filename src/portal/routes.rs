//! The one table of what can be asked for: method, path, who may, and what answers.
//!
//! The dispatcher goes by it, and so does the test of who may see what: a route that is not in it does not exist.

use percent_encoding::percent_decode_str;

/// Who may ask. What a person may not see is answered like what is not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    Anyone,
    /// Anyone who is signed in, about themselves.
    SignedIn,
    /// The owners of `{account}`, and the cardholders of its rooms, each for what is theirs.
    Account,
    /// The owners of `{account}` alone.
    Owner,
    /// The owners of `{account}`, and the cardholder of `{room}`.
    Room,
}

/// One line of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Route {
    pub method: &'static str,
    /// With `{name}` for the text of a segment, perhaps followed by an ending.
    pub path: &'static str,
    pub who: Who,
    pub(super) page: Page,
}

/// The format of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Page,
    Workbook,
    Csv,
}

/// The handler.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Page {
    SignInForm,
    SignIn,
    SignOut,
    CodeForm,
    GiveCode,
    SecondFactor,
    BeginSecondFactor,
    ConfirmSecondFactor,
    RemoveSecondFactor,
    ForgottenForm,
    Forgotten,
    PasswordForm,
    SetPassword,
    Home,
    Account(Form),
    Room(Form),
    Conference(Form),
    AssignCode,
    UndoCodes,
    CodeList,
    SetCodeList,
    Statements,
    StatementFile,
    Revise,
    Me,
    ChangePassword,
    EndSessions,
    Asset,
}

const fn route(method: &'static str, path: &'static str, who: Who, page: Page) -> Route {
    Route { method, path, who, page }
}

/// The first one that fits is used.
pub const ROUTES: &[Route] = &[
    route("GET", "/assets/{name}", Who::Anyone, Page::Asset),
    route("GET", "/sign-in", Who::Anyone, Page::SignInForm),
    route("POST", "/sign-in", Who::Anyone, Page::SignIn),
    route("GET", "/sign-in/code", Who::Anyone, Page::CodeForm),
    route("POST", "/sign-in/code", Who::Anyone, Page::GiveCode),
    route("POST", "/sign-out", Who::Anyone, Page::SignOut),
    route("GET", "/password/forgot", Who::Anyone, Page::ForgottenForm),
    route("POST", "/password/forgot", Who::Anyone, Page::Forgotten),
    route("GET", "/password/{token}", Who::Anyone, Page::PasswordForm),
    route("POST", "/password/{token}", Who::Anyone, Page::SetPassword),
    route("GET", "/", Who::SignedIn, Page::Home),
    route("GET", "/me", Who::SignedIn, Page::Me),
    route("POST", "/me/password", Who::SignedIn, Page::ChangePassword),
    route("POST", "/me/sessions/end", Who::SignedIn, Page::EndSessions),
    route("GET", "/me/second-factor", Who::SignedIn, Page::SecondFactor),
    route("POST", "/me/second-factor/begin", Who::SignedIn, Page::BeginSecondFactor),
    route("POST", "/me/second-factor/confirm", Who::SignedIn, Page::ConfirmSecondFactor),
    route("POST", "/me/second-factor/remove", Who::SignedIn, Page::RemoveSecondFactor),
    route("GET", "/a/{account}.xlsx", Who::Account, Page::Account(Form::Workbook)),
    route("GET", "/a/{account}.csv", Who::Account, Page::Account(Form::Csv)),
    route("GET", "/a/{account}", Who::Account, Page::Account(Form::Page)),
    route("GET", "/a/{account}/rooms/{room}.xlsx", Who::Room, Page::Room(Form::Workbook)),
    route("GET", "/a/{account}/rooms/{room}.csv", Who::Room, Page::Room(Form::Csv)),
    route("GET", "/a/{account}/rooms/{room}", Who::Room, Page::Room(Form::Page)),
    route(
        "GET",
        "/a/{account}/rooms/{room}/conferences/{conference}.xlsx",
        Who::Room,
        Page::Conference(Form::Workbook),
    ),
    route("GET", "/a/{account}/rooms/{room}/conferences/{conference}.csv", Who::Room, Page::Conference(Form::Csv)),
    route("GET", "/a/{account}/rooms/{room}/conferences/{conference}", Who::Room, Page::Conference(Form::Page)),
    route("POST", "/a/{account}/codes/assign", Who::Account, Page::AssignCode),
    route("POST", "/a/{account}/codes/changes/{set}/undo", Who::Account, Page::UndoCodes),
    route("GET", "/a/{account}/codes", Who::Owner, Page::CodeList),
    route("POST", "/a/{account}/codes", Who::Owner, Page::SetCodeList),
    route("GET", "/a/{account}/statements", Who::Account, Page::Statements),
    route("GET", "/a/{account}/statements/{period}/r{revision}/{file}", Who::Account, Page::StatementFile),
    route("POST", "/a/{account}/statements/{period}/revise", Who::Owner, Page::Revise),
];

/// The parts of a path for which the table has names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Parameters(Vec<(&'static str, String)>);

impl Parameters {
    pub(super) fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(known, _)| *known == name).map_or("", |(_, value)| value)
    }
}

/// How a request fits a table of routes.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found<R = Route> {
    Route(R, Parameters),
    /// There is such a path, for another method.
    OtherMethod,
    Nothing,
}

pub(super) fn find(method: &str, path: &str) -> Found {
    find_in(ROUTES, |route| (route.method, route.path), (method, path))
}

/// The first of `routes` that fits; `asked` returns a route's method and path.
pub(super) fn find_in<R: Copy>(
    routes: &[R],
    asked: impl Fn(&R) -> (&'static str, &'static str),
    (method, path): (&str, &str),
) -> Found<R> {
    // A HEAD is a GET whose body is not sent.
    let method = if method == "HEAD" { "GET" } else { method };
    let mut found = Found::Nothing;
    for route in routes {
        let (taken, pattern) = asked(route);
        let Some(parameters) = fit(pattern, path) else { continue };
        if taken == method {
            return Found::Route(*route, parameters);
        }
        found = Found::OtherMethod;
    }
    found
}

fn fit(pattern: &'static str, path: &str) -> Option<Parameters> {
    let mut parameters = Parameters::default();
    let (mut wanted, mut given) = (pattern.split('/'), path.split('/'));
    loop {
        match (wanted.next(), given.next()) {
            (None, None) => return Some(parameters),
            (Some(wanted), Some(given)) => {
                let given = percent_decode_str(given).decode_utf8().ok()?;
                match wanted.split_once('{') {
                    None if wanted == given => {}
                    None => return None,
                    Some((before, named)) => {
                        let (name, after) = named.split_once('}')?;
                        let value = given.strip_prefix(before)?.strip_suffix(after)?;
                        if value.is_empty() {
                            return None;
                        }
                        parameters.0.push((name, value.to_owned()));
                    }
                }
            }
            _ => return None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_finds_its_route_and_its_parameters() {
        let Found::Route(route, parameters) = find("GET", "/a/602127/rooms/332703/conferences/a%2Fb.xlsx") else {
            panic!("not found")
        };
        assert_eq!(route.page, Page::Conference(Form::Workbook));
        assert_eq!(
            (parameters.get("account"), parameters.get("room"), parameters.get("conference")),
            ("602127", "332703", "a/b")
        );
        let Found::Route(route, parameters) = find("HEAD", "/a/602127/statements/2009-05/r12/account.xlsx") else {
            panic!("not found")
        };
        assert_eq!((route.page, parameters.get("revision")), (Page::StatementFile, "12"));
    }

    #[test]
    fn what_is_not_in_the_table_is_not_there() {
        for path in ["", "//", "/a", "/a/", "/a/602127/", "/A/602127", "/a/%ff", "/staff", "/a/602127/rooms"] {
            assert_eq!(find("GET", path), Found::Nothing, "{path}");
        }
        assert_eq!(find("DELETE", "/a/602127"), Found::OtherMethod);
        assert_eq!(find("POST", "/a/602127"), Found::OtherMethod);
    }

    #[test]
    fn asking_changes_nothing_and_pages_about_an_account_ask_who() {
        for route in ROUTES {
            assert!(["GET", "POST"].contains(&route.method), "{route:?}");
            assert_eq!(
                route.path.contains("{account}"),
                matches!(route.who, Who::Account | Who::Owner | Who::Room),
                "{route:?}"
            );
            assert_eq!(route.path.contains("{room}"), route.who == Who::Room, "{route:?}");
        }
    }
}
