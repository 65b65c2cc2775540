//! The audit: every effect that someone may ask about has a row that says who or what caused it.

use serde_json::Value;

use crate::support::{AFTER_MAY, Program};

/// (actor, action, period) of every entry, oldest first.
fn entries(program: &Program, arguments: &[&str]) -> Vec<(String, String, String)> {
    let log = program.json(&[&["log", "--json"], arguments].concat());
    let text = |entry: &Value, key: &str| entry[key].as_str().unwrap_or_default().to_owned();
    let entry = |entry: &Value| (text(entry, "actor"), text(entry, "action"), text(entry, "period"));
    log.as_array().unwrap().iter().map(entry).collect()
}

fn as_user(program: &Program, user: &str, arguments: &[&str]) {
    let output = program.command(arguments).env("USER", user).output().unwrap();
    assert!(output.status.success(), "{arguments:?}\n{}", String::from_utf8_lossy(&output.stderr));
}

fn has(entries: &[(String, String, String)], actor: &str, action: &str, period: &str) -> bool {
    entries.iter().any(|entry| *entry == (actor.into(), action.into(), period.into()))
}

#[test]
fn what_a_person_orders_bears_the_name_of_the_user() {
    let program = Program::new();
    program.import_sample();
    as_user(&program, "alice", &["close", "--period", "2009-05", "--as-of", AFTER_MAY, "--no-send"]);
    as_user(&program, "bob", &["mail", "hold", "--period", "2009-05"]);
    as_user(&program, "carol", &["mail", "release", "--period", "2009-05"]);
    let all = entries(&program, &[]);
    assert_eq!(all.iter().filter(|entry| entry.1 == "closed").count(), 4, "{all:?}");
    assert!(has(&all, "command (alice)", "closed", "2009-02"), "{all:?}");
    assert!(has(&all, "command (bob)", "held", "2009-05"), "{all:?}");
    assert!(has(&all, "command (carol)", "released", "2009-05"), "{all:?}");
    let april = entries(&program, &["--period", "2009-04"]);
    assert!(!april.is_empty() && april.iter().all(|entry| entry.2 == "2009-04"), "{april:?}");
    assert!(entries(&program, &["--account", "999999"]).is_empty());
    let newest = entries(&program, &["--limit", "1"]);
    assert_eq!(newest, [("command (carol)".into(), "released".into(), "2009-05".into())]);
}

#[test]
fn what_the_daemon_does_is_the_tick_s_and_what_a_rerun_wants_is_the_rerun_s() {
    let rerun = "[[rerun]]\nid = \"again\"\nperiod = \"2009-05\"\nreason = \"lost\"\nstate = \"apply\"\n\
                 what = \"mail\"\nsend = \"all\"";
    let program = Program::with(rerun);
    program.import_sample();
    let mut daemon = program.start(&["run", "--as-of", AFTER_MAY]);
    daemon.until_logged("Rerun applied");
    daemon.signal("TERM");
    assert_eq!(daemon.wait(), Some(0));
    let all = entries(&program, &[]);
    assert!(has(&all, "tick", "closed", "2009-05"), "{all:?}");
    assert!(has(&all, "rerun again", "resent", "2009-05"), "{all:?}");
}

#[test]
fn months_that_leave_and_charges_that_wait_are_in_the_audit() {
    let program = Program::with("archive.keep_months = 3\nbilling.hold_above = [\"100 EUR\"]");
    program.import_sample();
    let mut daemon = program.start(&["run", "--as-of", AFTER_MAY]);
    let first = program.archive().join("2009-05/602127/r1/manifest.json");
    daemon.until("May in the archive", || first.exists());
    let is_gone = || !program.archive().join("2009-02/602127/r1/manifest.json").exists();
    let expired = || is_gone() && has(&entries(&program, &[]), "tick", "expired", "2009-02");
    daemon.until("February gone", expired);
    daemon.signal("TERM");
    assert_eq!(daemon.wait(), Some(0));
    assert!(has(&entries(&program, &[]), "tick", "held", "2009-05"), "132.07 is above 100");
}
