//! The second factor: set up, asked for, each code once, and what helps when it is lost.

use statementd::second_factor::SecondFactor;

use super::browser::{Answer, Browser};
use super::{OWNER, PASSWORD, Site};
use crate::support::Program;

/// An app goes by its own clock, whatever day the daemon takes it for.
fn now() -> chrono::DateTime<chrono::Utc> {
    statementd::clock::Clock::System.now()
}

/// The secret that a page shows.
fn secret(page: &Answer) -> SecondFactor {
    let text = page.text();
    let shown = text.split("<code>").nth(1).unwrap_or_else(|| panic!("no secret in\n{text}"));
    SecondFactor::from_text(&shown.split("</code>").next().unwrap().replace(' ', "")).unwrap()
}

/// The last is the code that set it up, which is used.
fn with_factor(site: &mut Site) -> (Browser, SecondFactor, Vec<String>, String) {
    let mut owner = site.signed_in("602127", OWNER);
    let secret = secret(&owner.post("/me/second-factor/begin", &[]));
    assert_eq!(owner.post("/me/second-factor/confirm", &[("code", "000000")]).status, 422);
    let code = secret.code(now()).unwrap();
    let shown = owner.post("/me/second-factor/confirm", &[("code", &code)]);
    let codes: Vec<String> =
        shown.text().split("<code>").skip(1).map(|part| part.split('<').next().unwrap().to_owned()).collect();
    assert_eq!(codes.len(), 10, "{}", shown.text());
    (owner, secret, codes, code)
}

#[test]
fn a_password_alone_opens_nothing_and_each_code_counts_once() {
    let mut site = Site::with(Program::new(), "", &[]);
    let (mut owner, secret, recovery, used) = with_factor(&mut site);
    let mut other = site.browser();
    let asked = other.sign_in("602127", OWNER, PASSWORD);
    assert_eq!((asked.status, asked.location()), (303, "/sign-in/code"));
    assert!(other.get("/a/602127").location().starts_with("/sign-in"), "not signed in yet");
    // The code that set it up was used.
    assert_eq!(other.post("/sign-in/code", &[("code", &used)]).status, 401);
    // The next code is half a minute ahead, which apps may be.
    let next = secret.code(now() + chrono::TimeDelta::seconds(30)).unwrap();
    let signed_in = other.post("/sign-in/code", &[("code", &next)]);
    assert_eq!((signed_in.status, signed_in.location()), (303, "/a/602127"), "{}", signed_in.text());
    assert_eq!(other.get("/a/602127").status, 200);

    let mut third = site.browser();
    third.sign_in("602127", OWNER, PASSWORD);
    assert_eq!(third.post("/sign-in/code", &[("code", &next)]).status, 401);
    assert_eq!(third.post("/sign-in/code", &[("code", &recovery[0].to_lowercase())]).status, 303);
    let mut fourth = site.browser();
    fourth.sign_in("602127", OWNER, PASSWORD);
    assert_eq!(fourth.post("/sign-in/code", &[("code", &recovery[0])]).status, 401);
    // A link sets a password, and does not go round the second factor.
    let link = site.link("602127", OWNER);
    let set = fourth.post(&link, &[("password", "gelb regnet kamel")]);
    assert_eq!((set.status, set.location()), (303, "/sign-in/code"));
    assert_eq!(fourth.post("/sign-in/code", &[("code", &recovery[1])]).status, 303);
    assert!(owner.get("/me").location().starts_with("/sign-in"), "a new password ends all sessions");
    // Taken away by a code, and by the operator.
    assert_eq!(fourth.post("/me/second-factor/remove", &[("code", "000000")]).status, 422);
    assert_eq!(fourth.post("/me/second-factor/remove", &[("code", &recovery[2])]).status, 200);
    let mut last = site.browser();
    assert_eq!(last.sign_in("602127", OWNER, "gelb regnet kamel").location(), "/a/602127");
}

#[test]
fn the_operator_takes_a_lost_second_factor_away() {
    let mut site = Site::with(Program::new(), "", &[]);
    with_factor(&mut site);
    let taken = site.program.ok(&["portal", "sessions", "--forget-second-factor", OWNER]);
    assert!(taken.contains("taken away"), "{taken}");
    assert_eq!(site.browser().sign_in("602127", OWNER, PASSWORD).location(), "/a/602127");
}
