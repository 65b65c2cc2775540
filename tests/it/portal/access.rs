//! Who may see what: every route of the table, tried by every kind of person.

use statementd::portal::{ROUTES, Route, Who};

use super::browser::{Answer, Browser};
use super::{HOLDER, OWNER, Site};
use crate::support::{Program, csv};

/// A person who tries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    SignedOut,
    Owner,
    OtherOwner,
    Holder,
    OtherHolder,
    /// Of a room that someone else has now.
    FormerHolder,
}

const OTHER_OWNER: &str = "owner@other.example";
const OTHER_HOLDER: &str = "leo@phoenix.example";
const FORMER_HOLDER: &str = "jb.codeau@phoenix.example";

fn site() -> Site {
    let program = Program::new();
    program.import_sample();
    let accounts = csv!(accounts, "700001,Other,EUR,Europe/Paris,fr-FR,BASE-EUR,,owner@other.example");
    program.ok(&["import", "accounts", &program.write("other.csv", accounts)]);
    program.run(&["close", "--period", "2009-04", "--as-of", super::EVENING]);
    Site::serving(program, "", &[])
}

/// The room 335948 gets another cardholder after its statements were sent.
fn hand_over(site: &Site) {
    let rooms = csv!(rooms + "valid_from", "335948,602127,Somebody Else,else@phoenix.example,,true,2009-05-31");
    site.program.ok(&["import", "rooms", &site.program.write("rooms2.csv", rooms)]);
}

/// The route's path for the account 602127 and its room 332703, or for others that do not exist.
fn path(route: &Route, exists: bool) -> String {
    let given = |name: &str| match (name, exists) {
        ("account", true) => "602127",
        ("account", false) => "999999",
        ("room", _) => "332703",
        ("conference", _) => "C000002",
        ("period", _) => "2009-04",
        ("revision" | "set", _) => "1",
        ("file", _) => "332703.xlsx",
        ("token", _) => "no-token",
        ("name", _) => "no-name.css",
        _ => panic!("{} has a part that the matrix does not know: give it one", route.path),
    };
    filled(route.path, given)
}

/// A path with what is given for each of its parts in braces.
pub fn filled<'a>(pattern: &'a str, given: impl Fn(&'a str) -> &'a str) -> String {
    let mut path = String::new();
    let mut rest = pattern;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, behind) = after.split_once('}').unwrap();
        path.push_str(before);
        path.push_str(given(name));
        rest = behind;
    }
    path + rest
}

fn try_it(browser: &mut Browser, route: &Route, exists: bool) -> Answer {
    // Someone else's conference among one's own changes nothing: the form names one of the room 332703.
    let body = if route.path.ends_with("/codes/assign") { "conference=332703/C000002&code=X" } else { "" };
    browser.ask(route.method, &path(route, exists), body)
}

/// What each gets; one that may see something gets something else than "not found".
fn may(role: Role, route: &Route) -> bool {
    match route.who {
        Who::Anyone => true,
        Who::SignedIn => role != Role::SignedOut,
        // Another cardholder of the account sees its pages, with their own rooms; the room and its files they do not.
        Who::Account if route.path.contains("{file}") => matches!(role, Role::Owner | Role::Holder),
        // A change that the owner made: who made it, and the owner, can take it back.
        Who::Account if route.path.contains("{set}") => role == Role::Owner,
        Who::Account if route.path.ends_with("/codes/assign") => matches!(role, Role::Owner | Role::Holder),
        Who::Account => matches!(role, Role::Owner | Role::Holder | Role::OtherHolder),
        Who::Owner => role == Role::Owner,
        Who::Room => matches!(role, Role::Owner | Role::Holder),
    }
}

#[test]
fn every_kind_of_person_tries_every_route() {
    let mut site = site();
    let mut roles = vec![(Role::SignedOut, site.browser())];
    for (role, number, email) in [
        (Role::Owner, "602127", OWNER),
        (Role::OtherOwner, "700001", OTHER_OWNER),
        (Role::Holder, "332703", HOLDER),
        (Role::OtherHolder, "320026", OTHER_HOLDER),
        (Role::FormerHolder, "335948", FORMER_HOLDER),
    ] {
        roles.push((role, site.signed_in(number, email)));
    }
    hand_over(&site);
    let mut wrong = Vec::new();
    for (role, browser) in &roles {
        for route in ROUTES {
            // Each from a browser of its own, since signing out is a route too, and ends the session last.
            if route.path == "/sign-out" || route.path == "/me/sessions/end" {
                continue;
            }
            let (there, absent) =
                (try_it(&mut browser.clone(), route, true), try_it(&mut browser.clone(), route, false));
            let is_right = match (may(*role, route), route.who) {
                // Without a right password before it, the second factor is asked of no one.
                (_, Who::Anyone) if route.path == "/sign-in/code" => there.location() == "/sign-in",
                (_, Who::Anyone) => there.status != 303 || !there.location().starts_with("/sign-in"),
                (false, _) if *role == Role::SignedOut => {
                    there.status == 303 && there.location().starts_with("/sign-in") && absent.status == 303
                }
                (false, _) => there.status == 404 && there.whole() == absent.whole(),
                (true, Who::SignedIn) => [200, 303, 422].contains(&there.status),
                // A code that is there already, or an overtaken change: answered, unlike what is not theirs.
                (true, _) if route.method == "POST" => there.status != 404 && absent.status == 404,
                (true, _) => there.status == 200 && absent.status == 404,
            };
            if !is_right {
                wrong.push(format!(
                    "{role:?} {} {}: {}, absent {}",
                    route.method, route.path, there.status, absent.status
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn sessions_end_for_their_owner_alone_and_a_session_that_ended_opens_nothing() {
    let mut site = site();
    let mut owner = site.signed_in("602127", OWNER);
    let mut second = site.browser();
    assert_eq!(second.sign_in("602127", OWNER, super::PASSWORD).status, 303);
    let mut holder = site.signed_in("332703", HOLDER);
    let me = second.get("/me").text();
    let id = me.split("name=\"session\" value=\"").nth(1).unwrap()[..16].to_owned();
    // Someone else's session is not one of one's own.
    assert_eq!(holder.post("/me/sessions/end", &[("session", &id)]).status, 200);
    assert_eq!(owner.get("/me").status, 200);
    assert_eq!(second.post("/me/sessions/end", &[("session", &id)]).status, 200);
    assert_eq!(owner.get("/me").status, 303);
    let kept = second.cookies.clone();
    assert_eq!(second.post("/sign-out", &[]).location(), "/sign-in");
    second.cookies = kept;
    assert_eq!(second.get("/me").status, 303);
    assert_eq!(holder.get("/me").status, 200);
}
