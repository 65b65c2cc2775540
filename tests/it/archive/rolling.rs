//! Months expire one by one, when the newer ones are there; whatever looks like a mistake waits for a person.

use super::{close, findings, months, program_with_months};
use crate::support::files_below;

#[test]
fn five_months_closed_in_a_row_leave_exactly_four_verified() {
    let program = program_with_months(6, "");
    close(&program, 6);
    assert_eq!(months(&program).len(), 5, "closing alone deletes nothing");
    let before = files_below(&program.archive());

    let plan = program.json(&["archive", "expire", "--dry-run", "--json"]);
    assert_eq!(plan["expired"][0]["period"], "2009-02");
    assert!(files_below(&program.archive()) == before, "a dry run changes nothing");

    program.ok(&["archive", "expire"]);
    assert_eq!(months(&program), ["2009-03", "2009-04", "2009-05", "2009-06"]);
    assert_eq!(findings(&program), []);
    let after = files_below(&program.archive());
    for (name, bytes) in after.iter().filter(|(name, _)| !name.starts_with("expired/")) {
        assert!(before.get(name) == Some(bytes), "{name} is as it was");
    }
    let log = String::from_utf8(after["expired/2009-02.csv"].clone()).unwrap();
    assert!(log.lines().nth(1).unwrap().starts_with("602127,1,"), "{log}");

    let listed = program.json(&["archive", "list", "--json", "--period", "2009-02"]);
    assert_eq!(listed[0]["state"], "expired");
    let get = program.run(&["archive", "get", "--period", "2009-02", "--account", "602127"]);
    assert!(get.status == 1 && get.stderr.contains("has left the archive"), "{}", get.stderr);
    assert_eq!(program.ok(&["archive", "expire"]), "Nothing is older than what archive.keep_months keeps.\n");
}

#[test]
fn several_months_at_once_wait_for_a_person() {
    let program = program_with_months(7, "");
    close(&program, 7);
    let run = program.run(&["archive", "expire", "--json"]);
    assert_eq!(run.status, 3);
    let report: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(report["held"][0]["reason"], "sudden");
    assert_eq!(report["held"][0]["periods"], serde_json::json!(["2009-02", "2009-03"]));
    assert_eq!(months(&program).len(), 6);
    program.ok(&["archive", "expire", "--confirm"]);
    assert_eq!(months(&program), ["2009-04", "2009-05", "2009-06", "2009-07"]);
    assert_eq!(findings(&program), []);
}

#[test]
fn the_daemon_lets_one_month_go_when_a_fifth_is_there() {
    let program = program_with_months(6, "");
    let mut daemon = program.start(&["run", "--as-of", "2009-07-05T12:00:00Z"]);
    let expected = ["2009-03", "2009-04", "2009-05", "2009-06"];
    daemon.until("the oldest month leaving", || program.archive().is_dir() && months(&program) == expected);
    daemon.until("its log", || program.archive().join("expired/2009-02.csv").is_file());
    daemon.signal("TERM");
    assert_eq!(daemon.wait(), Some(0));
    assert_eq!(findings(&program), []);
}

#[test]
fn a_clock_a_year_ahead_deletes_nothing() {
    let program = program_with_months(5, "");
    close(&program, 5);
    let before = files_below(&program.archive());
    let mut daemon = program.start(&["run", "--as-of", "2010-06-05T12:00:00Z"]);
    daemon.until_logged("Older months stay in the archive");
    daemon.signal("TERM");
    assert_eq!(daemon.wait(), Some(0));
    assert!(files_below(&program.archive()) == before);
}

#[test]
fn a_damaged_newer_month_keeps_the_older_one() {
    let program = program_with_months(6, "");
    close(&program, 6);
    let file = program.archive().join("2009-04/602127/r1/account.xlsx");
    let mut bytes = std::fs::read(&file).unwrap();
    bytes[100] ^= 1;
    std::fs::write(&file, bytes).unwrap();
    let run = program.run(&["archive", "expire"]);
    assert_eq!(run.status, 3);
    assert!(run.stdout.contains("2009-04/602127/r1/account.xlsx is changed"), "{}", run.stdout);
    assert_eq!(months(&program).len(), 5);
    program.ok(&["archive", "restore"]);
    program.ok(&["archive", "expire"]);
    assert_eq!(months(&program).len(), 4);
}

#[test]
fn what_others_put_into_a_month_stays_and_is_named() {
    let program = program_with_months(6, "");
    close(&program, 6);
    let foreign = program.archive().join("2009-02/602127/r1/notes.txt");
    std::fs::write(&foreign, "mine").unwrap();
    program.ok(&["archive", "expire"]);
    assert_eq!(std::fs::read(&foreign).unwrap(), b"mine");
    assert_eq!(findings(&program), [("2009-02/602127/r1/notes.txt".to_owned(), "unexpected".to_owned())]);
}
