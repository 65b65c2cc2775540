//! `run`: what is due is done without being asked, by one daemon at a time.

use crate::support::{AFTER_MAY, Program, finished_files, mail_ids, sample};

#[test]
fn a_month_that_becomes_due_is_closed_archived_and_mailed_without_being_asked() {
    let program = Program::new();
    program.import_sample();
    // Two seconds before May is due: the months before it are caught up at once, May when its time comes.
    let mut daemon = program.start(&["run", "--as-of", "2009-06-02T05:59:58Z"]);
    let april = program.archive().join("2009-04/602127/r1/manifest.json");
    daemon.until("April in the archive", || april.exists());
    let may = program.archive().join("2009-05/602127/r1/manifest.json");
    daemon.until("May in the archive", || may.exists());
    daemon.until("all mail", || finished_files(&program.mail()).len() == 16);
    daemon.signal("TERM");
    assert_eq!(daemon.wait(), Some(0));
    assert_eq!(mail_ids(&program.mail()).len(), 16);
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
fn rounds_are_logged_under_the_id_of_the_tick_that_set_them_going() {
    let program = Program::new();
    program.import_sample();
    let mut daemon = program.start(&["run", "--as-of", AFTER_MAY]);
    // In either order: mail goes out as soon as a statement is published.
    daemon.until_logged("\"message\":\"Mail sent\"");
    daemon.until_logged("Months closed");
    let log = daemon.log();
    let id_of = |message: &str| {
        let line = log.lines().find(|line| line.contains(message)).unwrap();
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        line["span"]["id"].as_str().unwrap_or_else(|| panic!("no id in {line}")).to_owned()
    };
    let ticks = ["Months closed", "Mail sent"].map(id_of);
    let of_process = id_of("statementd is running");
    assert!(ticks.iter().all(|id| id.starts_with(&format!("{of_process}-"))), "{ticks:?}, {of_process}");
}

#[test]
fn it_stops_when_it_is_asked_to_with_all_finished() {
    let program = Program::new();
    program.import_sample();
    let mut daemon = program.start(&["run", "--as-of", AFTER_MAY]);
    daemon.until_logged("statementd is running");
    daemon.signal("TERM");
    // It gives up after 25 seconds, before a service manager kills it, and then does not end with 0.
    assert_eq!(daemon.wait(), Some(0));
}

#[test]
fn changed_configuration_is_taken_up_and_a_broken_one_is_not() {
    let program = Program::with("schedule.grace = \"60d\"");
    program.import_sample();
    let mut daemon = program.start(&["run", "--as-of", AFTER_MAY]);
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

/// The months that a daemon closes at once, in that order, after February was closed in time.
fn caught_up(as_of: &str, last: &str) -> Vec<String> {
    let program = Program::with("mail.transport = \"off\"\narchive.keep_months = 12");
    program.import_sample();
    program.ok(&["close", "--period", "2009-02", "--as-of", "2009-03-05T06:00:00Z"]);
    let mut daemon = program.start(&["-v", "run", "--as-of", as_of]);
    let last = program.archive().join(last).join("602127/r1/manifest.json");
    daemon.until("the last missed month in the archive", || last.exists());
    daemon.until_logged("Months closed");
    daemon.signal("TERM");
    let log = daemon.log();
    assert_eq!(daemon.wait(), Some(0));
    program.ok(&["check", "--deep"]);
    let closed = log.lines().filter(|line| line.contains("\"Month closed\""));
    closed
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap())
        .map(|line| line["period"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn a_daemon_that_was_down_for_forty_days_closes_the_month_it_missed() {
    assert_eq!(caught_up("2009-04-14T06:00:00Z", "2009-03"), ["2009-03"]);
}

#[test]
fn a_daemon_that_was_down_for_four_months_closes_them_oldest_first() {
    // June has no usage, and is recorded as empty.
    assert_eq!(caught_up("2009-07-05T06:00:00Z", "2009-05"), ["2009-03", "2009-04", "2009-05", "2009-06"]);
}

#[test]
fn a_parked_account_closes_by_itself_once_its_tariff_is_there() {
    let program = Program::new();
    let renamed = |file: &str| std::fs::read_to_string(sample(file)).unwrap().replace("BASE-EUR", "LATER");
    program.ok(&["import", "tariffs", &sample("tariffs.csv")]);
    program.ok(&["import", "accounts", &program.write("accounts.csv", renamed("accounts.csv"))]);
    for kind in ["rooms", "usage"] {
        program.ok(&["import", kind, &sample(&format!("{kind}.csv"))]);
    }
    let as_of = AFTER_MAY;
    let mut daemon = program.start(&["run", "--as-of", as_of]);
    daemon.until_logged("Account parked");
    let status = program.run(&["status", "--json", "--as-of", as_of]);
    assert_eq!(status.status, 3);
    let status: serde_json::Value = serde_json::from_str(&status.stdout).unwrap();
    assert_eq!(
        (&status["periods"][0]["state"], &status["periods"][0]["period"]),
        (&"parked".into(), &"2009-02".into())
    );
    assert!(status["periods"][0]["reason"].as_str().unwrap().contains("tariff LATER does not exist"), "{status}");

    program.ok(&["import", "tariffs", &program.write("later.csv", renamed("tariffs.csv"))]);
    let may = program.archive().join("2009-05/602127/r1/manifest.json");
    daemon.until("May in the archive", || may.exists());
    daemon.until("all mail", || finished_files(&program.mail()).len() == 16);
    let status = program.json(&["status", "--json", "--as-of", as_of]);
    let periods = status["periods"].as_array().unwrap();
    assert!(!periods.is_empty() && periods.iter().all(|row| row["state"] != "parked"), "{status}");
}
