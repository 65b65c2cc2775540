//! `run`: what is due is done without being asked, by one daemon at a time.

use std::time::Instant;

use crate::support::{Program, mail_ids};

#[test]
fn a_month_that_becomes_due_is_closed_archived_and_mailed_without_being_asked() {
    let program = Program::new();
    program.import_sample();
    // Two seconds before May is due: the months before it are caught up at once, May when its time comes.
    let mut daemon = program.start(&["run", "--as-of", "2009-06-01T21:59:58Z"]);
    let april = program.archive().join("2009-04/602127/r1/manifest.json");
    daemon.until("April in the archive", || april.exists());
    let may = program.archive().join("2009-05/602127/r1/manifest.json");
    daemon.until("May in the archive", || may.exists());
    daemon.until("all mail", || mail_ids_or_none(&program).len() == 16);
    daemon.signal("TERM");
    assert_eq!(daemon.wait(), Some(0));
}

/// While the daemon writes, a file may still have its temporary name.
fn mail_ids_or_none(program: &Program) -> Vec<String> {
    let complete = std::fs::read_dir(program.mail())
        .map(|entries| entries.flatten().all(|entry| entry.path().extension().is_some_and(|end| end == "eml")));
    if complete.unwrap_or(false) { mail_ids(&program.mail()) } else { Vec::new() }
}

#[test]
fn a_second_daemon_says_who_holds_the_database_and_ends() {
    let program = Program::new();
    let mut first = program.start(&["run"]);
    first.until_logged("statementd is running");
    let second = program.run(&["run"]);
    assert_eq!(second.status, 1);
    assert!(second.stderr.contains("another statementd holds this database: process"), "{}", second.stderr);
    first.signal("INT");
    assert_eq!(first.wait(), Some(0));
    let mut third = program.start(&["run"]);
    third.until_logged("statementd is running");
}

#[test]
fn it_stops_well_within_thirty_seconds() {
    let program = Program::new();
    program.import_sample();
    let mut daemon = program.start(&["run", "--as-of", "2009-06-05T06:00:00Z"]);
    daemon.until_logged("statementd is running");
    let asked = Instant::now();
    daemon.signal("TERM");
    assert_eq!(daemon.wait(), Some(0));
    assert!(asked.elapsed().as_secs() < 30);
}

#[test]
fn changed_configuration_is_taken_up_and_a_broken_one_is_not() {
    let program = Program::with("schedule.grace = \"60d\"");
    program.import_sample();
    let mut daemon = program.start(&["run", "--as-of", "2009-06-05T06:00:00Z"]);
    let may = program.archive().join("2009-05/602127/r1/manifest.json");
    daemon.until("March in the archive", || program.archive().join("2009-03/602127/r1/manifest.json").exists());

    let file = program.path("statementd.toml");
    let good = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, good.replace("60d", "60 years")).unwrap();
    daemon.until_logged("schedule.grace must be a duration");
    assert!(!may.exists());
    std::fs::write(&file, good.replace("60d", "24h")).unwrap();
    daemon.until("May in the archive", || may.exists());
    daemon.until_logged("\"changed\":\"schedule.grace\"");
    daemon.signal("TERM");
    assert_eq!(daemon.wait(), Some(0));
}
