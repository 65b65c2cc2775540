//! The operator's own people: how they get in, and that no one else does.

use statementd::portal::{ROUTES, STAFF_ROUTES, StaffRoute, StaffWho, guest_paths};
use statementd::second_factor::SecondFactor;

use super::browser::{Answer, Browser};
use super::{HOLDER, OWNER, PASSWORD, Site};
use crate::support::Program;

pub const STAFF: &str = "finance@op.example";
pub const CONFIGURATION: &str = "staff = [\"finance@op.example\", \"Support@op.example\"]";

/// An app goes by its own clock, whatever day the daemon takes it for.
fn now() -> chrono::DateTime<chrono::Utc> {
    statementd::clock::Clock::System.now()
}

/// The next code, half a minute ahead: that of now was used to set the factor up.
fn next_code(secret: &SecondFactor) -> String {
    secret.code(now() + chrono::TimeDelta::seconds(30)).unwrap()
}

pub fn site() -> Site {
    Site::with(Program::new(), CONFIGURATION, &[])
}

/// The command with the configuration of the daemon.
pub fn command(site: &Site, arguments: &[&str]) -> String {
    let file = site.program.path("portal.toml").display().to_string();
    let all: Vec<&str> = ["--config", &file].into_iter().chain(arguments.iter().copied()).collect();
    site.program.ok(&all)
}

/// A link of `portal staff invite` or `reset`, without the site.
fn link(site: &Site, order: &str, address: &str) -> String {
    let shown = command(site, &["portal", "staff", order, address]);
    let (_, path) = shown.split_once("/staff/link/").unwrap_or_else(|| panic!("no link in {shown}"));
    format!("/staff/link/{}", path.lines().next().unwrap())
}

fn secret(page: &Answer) -> SecondFactor {
    let text = page.text();
    let shown = text.split("<code>").nth(1).unwrap_or_else(|| panic!("no secret in\n{text}"));
    SecondFactor::from_text(shown.split("</code>").next().unwrap()).unwrap()
}

/// Sets password and second factor by a link; returns the browser, which is signed in then.
fn set_up(site: &Site, link: &str) -> (Browser, SecondFactor, Vec<String>) {
    set_up_at(site.browser_address(), link)
}

pub fn set_up_at(address: &str, link: &str) -> (Browser, SecondFactor, Vec<String>) {
    let mut browser = Browser::new(address);
    let set = browser.post(link, &[("password", PASSWORD)]);
    assert_eq!((set.status, set.location()), (303, "/staff/sign-in/second-factor"), "{}", set.text());
    let secret = secret(&browser.get("/staff/sign-in/second-factor"));
    let shown = browser.post("/staff/sign-in/second-factor", &[("code", &secret.code(now()).unwrap())]);
    let codes: Vec<String> =
        shown.text().split("<code>").skip(1).map(|part| part.split('<').next().unwrap().to_owned()).collect();
    assert_eq!((shown.status, codes.len()), (200, 10), "{}", shown.text());
    (browser, secret, codes)
}

pub fn signed_in(site: &Site) -> Browser {
    set_up(site, &link(site, "invite", STAFF)).0
}

fn sign_in(browser: &mut Browser, email: &str, password: &str) -> Answer {
    browser.post("/staff/sign-in", &[("email", email), ("password", password)])
}

#[test]
fn a_link_a_password_and_a_second_factor_lead_in_and_a_password_alone_does_not() {
    let site = site();
    let link = link(&site, "invite", STAFF);
    for _ in 0..3 {
        assert_eq!(site.browser().get(&link).status, 200, "looking uses nothing up");
    }
    let (mut browser, secret, recovery) = set_up(&site, &link);
    assert_eq!(browser.get("/staff").status, 200);
    assert_eq!(site.browser().post(&link, &[("password", PASSWORD)]).status, 404, "a link works once");

    let mut other = site.browser();
    assert_eq!(sign_in(&mut other, STAFF, "gelb regnet kamel").status, 401);
    let asked = sign_in(&mut other, &STAFF.to_uppercase(), PASSWORD);
    assert_eq!((asked.status, asked.location()), (303, "/staff/sign-in/code"));
    assert_eq!(other.get("/staff").location(), "/staff/sign-in", "not signed in yet");
    assert_eq!(
        other.get("/staff/sign-in/second-factor").location(),
        "/staff/sign-in/code",
        "the secret is not shown again"
    );
    assert_eq!(other.post("/staff/sign-in/code", &[("code", "000000")]).status, 401);
    let code = next_code(&secret);
    assert_eq!(other.post("/staff/sign-in/code", &[("code", &code)]).location(), "/staff");
    assert_eq!(other.get("/staff").status, 200);
    let mut third = site.browser();
    sign_in(&mut third, STAFF, PASSWORD);
    assert_eq!(third.post("/staff/sign-in/code", &[("code", &code)]).status, 401, "a code counts once");
    assert_eq!(third.post("/staff/sign-in/code", &[("code", &recovery[0])]).status, 303);

    assert_eq!(browser.post("/staff/sign-out", &[]).location(), "/staff/sign-in");
    assert_eq!(browser.get("/staff").status, 303);
    let listed = command(&site, &["portal", "staff", "list"]);
    assert!(
        listed.contains("ready") && listed.contains("support@op.example") && listed.contains("not invited"),
        "{listed}"
    );
    let log = command(&site, &["log"]);
    assert_eq!(log.matches("signed in").count(), 3, "{log}");
}

#[test]
fn a_reset_and_a_removal_end_everything_at_once() {
    let site = site();
    let mut browser = signed_in(&site);
    let link = link(&site, "reset", STAFF);
    assert_eq!(browser.get("/staff").status, 303);
    assert_eq!(sign_in(&mut site.browser(), STAFF, PASSWORD).status, 401);
    let (mut again, _, _) = set_up(&site, &link);
    assert_eq!(again.get("/staff").status, 200);
    assert!(command(&site, &["portal", "staff", "remove", STAFF]).contains("Removed"));
    assert_eq!(again.get("/staff").status, 303);
    assert_eq!(sign_in(&mut site.browser(), STAFF, PASSWORD).status, 401);
}

#[test]
fn only_those_whom_the_configuration_names_get_in_and_only_while_it_does() {
    let mut site = site();
    let mut browser = signed_in(&site);
    let file = site.program.path("portal.toml").display().to_string();
    let stranger = site.program.run(&["--config", &file, "portal", "staff", "invite", "else@op.example"]);
    assert!(stranger.stderr.contains("portal.staff does not name"), "{}", stranger.stderr);
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, text.replace("finance@op.example", "other@op.example")).unwrap();
    site.running.until("staff to be signed out", || browser.clone().get("/staff").status == 303);
    assert_eq!(sign_in(&mut site.browser(), STAFF, PASSWORD).status, 401);
    std::fs::write(&file, text.replace(CONFIGURATION, "")).unwrap();
    site.running.until("the pages to be gone", || browser.clone().get("/staff/sign-in").status == 404);
    for route in STAFF_ROUTES {
        let (staff, nothing) =
            (browser.ask(route.method, &path(route, true), ""), browser.ask(route.method, "/nothing", ""));
        assert_eq!(staff.whole(), nothing.whole(), "{route:?}");
    }
}

#[test]
fn staff_from_elsewhere_find_nothing() {
    let configuration =
        format!("{CONFIGURATION}\nstaff_networks = [\"10.1.0.0/16\"]\ntrusted_proxies = [\"127.0.0.1\"]");
    let site = Site::with(Program::new(), &configuration, &[]);
    let mut browser = site.browser();
    assert_eq!(browser.get("/staff/sign-in").whole(), browser.get("/nothing").whole());
    browser.headers.push(("X-Forwarded-For".into(), "10.1.2.3".into()));
    assert_eq!(browser.get("/staff/sign-in").status, 200);
}

/// The route's path for what exists, or for what does not.
fn path(route: &StaffRoute, exists: bool) -> String {
    filled(route.path, exists)
}

fn filled(pattern: &str, exists: bool) -> String {
    let given = |name: &str| match (name, exists) {
        ("token", _) => "no-token",
        ("period", true) => "2009-04",
        ("period", false) => "1999-01",
        ("account", true) => "602127",
        ("account", false) => "999999",
        ("room", _) if pattern.contains("/statements/") => "332703.xlsx",
        ("room" | "holder", _) => "332703",
        ("conference", _) => "C000002",
        ("revision" | "set", _) => "1",
        ("file", _) if pattern.contains("/as-") => "332703.xlsx",
        ("file", _) if pattern.contains("/months/") => "index.csv",
        ("file", _) => "account.xlsx",
        ("id", true) => "2009-06-fix",
        ("id", false) => "no-such-rerun",
        ("ending", _) => "csv",
        _ => panic!("{pattern} has a part that the matrix does not know: give it one"),
    };
    super::access::filled(pattern, given)
}

#[test]
fn every_kind_of_person_tries_every_route() {
    let (mut site, staff) = whole_site(Program::new());
    let tries = [
        ("signed out", site.browser(), false),
        ("an owner", site.signed_in("602127", OWNER), false),
        ("a cardholder", site.signed_in("332703", HOLDER), false),
        ("staff", staff.clone(), true),
    ];
    let mut wrong = Vec::new();
    for (who, browser, is_staff) in &tries {
        for route in STAFF_ROUTES.iter().filter(|route| route.path != "/staff/sign-out") {
            let there = browser.clone().ask(route.method, &path(route, true), "");
            let absent = browser.clone().ask(route.method, &path(route, false), "");
            let is_right = match (route.who, is_staff) {
                (StaffWho::Anyone, _) => there.status != 500 && !there.location().contains("next="),
                (StaffWho::Staff, true) => {
                    let has_part = route.path.contains('{');
                    there.status == 200 && absent.status == if has_part { 404 } else { 200 }
                }
                (StaffWho::Staff, false) => {
                    let is_asked =
                        |answer: &Answer| answer.status == 303 && answer.location().starts_with("/staff/sign-in");
                    is_asked(&there) && is_asked(&absent)
                }
            };
            if !is_right {
                wrong.push(format!(
                    "{who} {} {}: {}, absent {}",
                    route.method, route.path, there.status, absent.status
                ));
            }
        }
    }
    wrong.extend(tries.iter().flat_map(|(who, browser, is_staff)| wrong_in_customers_place(who, browser, *is_staff)));
    assert!(wrong.is_empty(), "{wrong:#?}");
    // A session of staff opens nothing of customers' pages, and is none of theirs.
    assert!(staff.clone().get("/a/602127").location().starts_with("/sign-in"));
    assert_eq!(staff.clone().get("/").status, 303);
}

/// Every page of customers that is about an account, on behalf of its owner and of a cardholder.
fn wrong_in_customers_place(who: &str, browser: &Browser, is_staff: bool) -> Vec<String> {
    let mut wrong = Vec::new();
    for route in ROUTES {
        for path in guest_paths(route).into_iter().flatten() {
            let there = browser.clone().ask(route.method, &filled(&path, true), "code=X&conference=332703/C000002");
            let absent = browser.clone().ask(route.method, &filled(&path, false), "");
            let is_owners = route.who == statementd::portal::Who::Owner && path.contains("/as-cardholder/");
            let expected = match (is_staff, route.method) {
                (false, _) => (303, 303),
                // Nothing can be changed, whatever customer is looked at.
                (true, "POST") => (405, 404),
                (true, _) if is_owners => (404, 404),
                (true, _) => (200, 404),
            };
            let is_way_in = there.status != 303 || there.location().starts_with("/staff/sign-in");
            if there.status != expected.0 || absent.status != expected.1 || !is_way_in {
                wrong.push(format!("{who} {} {path}: {}, absent {}", route.method, there.status, absent.status));
            }
        }
    }
    wrong
}

/// Staff, and a rerun of April in this state.
pub fn with_rerun(state: &str) -> String {
    format!(
        "{CONFIGURATION}\n[[rerun]]\nid = \"2009-06-fix\"\nperiod = \"2009-04\"\nreason = \"a try\"\nstate = \"{state}\""
    )
}

/// With a rerun that was rehearsed.
pub fn whole_site(program: Program) -> (Site, Browser) {
    let mut site = Site::with(program, &with_rerun("rehearse"), &[]);
    let staff = signed_in(&site);
    let tried = staff.clone();
    site.running.until("the rehearsal", || tried.clone().get("/staff/reruns/2009-06-fix/report.csv").status == 200);
    (site, staff)
}
