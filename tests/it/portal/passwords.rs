//! Links, passwords, sessions: the first one, a forgotten one, a changed one.

use super::{HOLDER, OWNER, PASSWORD, Site};
use crate::support::{Program, files_below};

#[test]
fn a_link_is_used_once_and_looking_at_it_uses_nothing_up() {
    let mut site = Site::start();
    let mut before = site.signed_in("602127", OWNER);
    let link = site.link("602127", OWNER);
    for _ in 0..5 {
        assert_eq!(site.browser().get(&link).status, 200);
        assert_eq!(site.browser().ask("HEAD", &link, "").status, 200);
    }
    // A further request leaves the last link valid.
    site.link("602127", OWNER);
    let mut browser = site.browser();
    for (weak, status) in [("short", 422), ("phoenix602127phoenix", 422)] {
        assert_eq!(browser.post(&link, &[("password", weak)]).status, status, "{weak}");
    }
    let set = browser.post(&link, &[("password", "gelb regnet kamel")]);
    assert_eq!((set.status, set.location()), (303, "/"));
    assert_eq!(browser.get("/me").status, 200);
    assert_eq!(before.get("/me").status, 303, "a new password ends the sessions of before");
    for link in site.links() {
        assert_eq!(site.browser().post(&link, &[("password", PASSWORD)]).status, 404, "{link}");
    }
    assert_eq!(site.browser().sign_in("602127", OWNER, PASSWORD).status, 401);
    assert_eq!(site.browser().sign_in("602127", OWNER, "gelb regnet kamel").status, 303);
}

#[test]
fn known_and_unknown_addresses_are_answered_alike() {
    let mut site = Site::start();
    site.signed_in("602127", OWNER);
    let wish = |number: &str, email: &str| {
        site.browser().post("/password/forgot", &[("number", number), ("email", email)]).whole()
    };
    let known = wish("332703", HOLDER);
    assert_eq!(wish("332703", "nobody@phoenix.example"), known);
    assert_eq!(wish("nonsense", HOLDER), known);
    // Of the same length, so that what is typed can be put back.
    let refused = |number: &str, email: &str, password: &str| {
        let (status, headers, body) = site.browser().sign_in(number, email, password).whole();
        (status, headers, String::from_utf8(body).unwrap().replace(email, "ADDRESS").replace(number, "NUMBER"))
    };
    let wrong = refused("602127", OWNER, "not the password");
    assert_eq!(wrong.0, 401);
    assert_eq!(refused("602128", OWNER, PASSWORD), wrong, "another number");
    assert_eq!(refused("602127", "nobody@phoenix.example", PASSWORD).0, 401);
    let without = refused("602127", "cempta@phoenix.example", PASSWORD);
    assert_eq!(without, wrong, "no one with this address");
}

#[test]
fn only_those_with_a_right_are_mailed_and_rehearsals_hold() {
    let program = Program::with("mail.only = [\"phoenix.example\"]");
    program.import_sample();
    let accounts = std::fs::read_to_string(crate::support::sample("accounts.csv")).unwrap();
    let accounts = accounts.replace(OWNER, "compta@phoenix.example;boss@elsewhere.example");
    program.ok(&["import", "accounts", &program.write("two.csv", accounts)]);
    let file = program.write("url.toml", "portal.url = \"https://account.phoenix.example\"\n");
    let invited = program.run(&["--config", &file, "portal", "invite", "--account", "602127", "--json"]);
    let invited: serde_json::Value = serde_json::from_str(&invited.stdout).unwrap();
    // The owner elsewhere is held; the room without an address invites no one.
    assert_eq!((invited["invited"].as_u64(), invited["sent"].as_u64()), (Some(5), Some(4)));
    let mails = files_below(&program.mail());
    assert_eq!(mails.len(), 4);
    for (name, bytes) in &mails {
        let mail = String::from_utf8_lossy(bytes);
        assert!(name.starts_with("portal-invite-") && !mail.contains("elsewhere.example"), "{name}\n{mail}");
        assert!(mail.contains("Content-Language: fr") || mail.contains("lang=3D\"fr\""), "{mail}");
    }
    let again = |more: &[&str]| {
        let words = [&["--config", &file, "portal", "invite", "--account", "602127", "--json"], more].concat();
        serde_json::from_str::<serde_json::Value>(&program.run(&words).stdout).unwrap()
    };
    let second = again(&[]);
    assert_eq!((&second["sent"], &second["invited_before"]), (&0.into(), &4.into()), "their links still work");
    assert_eq!(again(&["--again"])["sent"], 4);
    let nowhere = program.run(&["portal", "invite"]);
    assert_eq!(nowhere.status, 1, "{}", nowhere.stderr);
    assert!(nowhere.stderr.contains("portal.url"), "{}", nowhere.stderr);
}

#[test]
fn a_password_is_changed_by_the_present_one_and_the_operator_can_end_sessions() {
    let mut site = Site::start();
    let mut browser = site.signed_in("602127", OWNER);
    let mut other = site.browser();
    assert_eq!(other.sign_in("602127", OWNER, PASSWORD).status, 303);
    let new = "gelb regnet kamel";
    let change = |current: &str| [("current", current.to_owned()), ("password", new.to_owned())];
    let wrong = change("not the password");
    let wrong: Vec<(&str, &str)> = wrong.iter().map(|(name, value)| (*name, value.as_str())).collect();
    assert_eq!(browser.post("/me/password", &wrong).status, 422);
    assert_eq!(browser.post("/me/password", &[("current", PASSWORD), ("password", new)]).location(), "/me");
    assert_eq!((browser.get("/me").status, other.get("/me").status), (200, 303));
    let sessions = site.program.json(&["portal", "sessions", "--json"]);
    assert_eq!(sessions[0]["address"], OWNER);
    assert_eq!(site.program.ok(&["portal", "sessions", "--end", OWNER]), "1 sessions ended\n");
    assert_eq!(browser.get("/me").status, 303);
    let mail = site.program.mail();
    site.running
        .until("a mail that says so", || files_below(&mail).keys().any(|name| name.starts_with("portal-changed-")));
}
