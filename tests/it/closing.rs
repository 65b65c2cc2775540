//! `close`, `preview` and `status` on the sample months.

use sqlx::Connection;

use crate::support::{AFTER_MAY, Program, csv, files_below, mail_ids, office};

fn closed() -> Program {
    let program = Program::new();
    program.import_sample();
    program.ok(&["close", "--period", "2009-05", "--as-of", AFTER_MAY]);
    program
}

#[tokio::test]
async fn an_account_with_an_unreadable_row_is_parked_and_its_neighbours_close() {
    let program = Program::with("mail.transport = \"off\"");
    office::import_accounts(&program, 3);
    let url = format!("sqlite://{}", program.path("statementd.db").display());
    let mut database = sqlx::SqliteConnection::connect(&url).await.unwrap();
    let spoilt = "UPDATE leg SET service_type = 'a\tb' WHERE leg_id LIKE 'L1000000-%'";
    assert!(sqlx::query(spoilt).execute(&mut database).await.unwrap().rows_affected() > 0);
    let run = program.run(&["close", "--period", "2009-05", "--as-of", AFTER_MAY, "--json"]);
    assert_eq!(run.status, 3, "{}", run.stderr);
    let closed: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(closed["closed"], 2, "{closed}");
    let status = program.json(&["status", "--json", "--as-of", AFTER_MAY]);
    let parked = status["periods"].as_array().unwrap().iter().find(|row| row["state"] == "parked").unwrap();
    assert_eq!(parked["account"], "500000");
    assert!(parked["reason"].as_str().unwrap().contains("table leg"), "{parked}");
}

#[test]
fn a_month_is_not_closed_before_its_grace_has_passed_unless_forced() {
    let program = Program::new();
    program.import_sample();
    // February ends at 23:00 UTC on the 28th; the grace is 24 h.
    let close = |as_of: &str, more: &[&str]| {
        let mut arguments = vec!["close", "--json", "--period", "2009-02", "--as-of", as_of];
        arguments.extend(more);
        program.json(&arguments)["closed"].clone()
    };
    assert_eq!(close("2009-03-01T22:59:59Z", &[]), 0);
    assert_eq!(close("2009-02-28T22:59:59Z", &["--force"]), 0, "the month has not ended");
    assert_eq!(close("2009-02-28T23:00:00Z", &["--force"]), 1);
}

#[test]
fn closing_twice_changes_nothing() {
    let program = closed();
    let before = (files_below(&program.archive()), mail_ids(&program.mail()));
    let again = program.json(&["close", "--json", "--period", "2009-05", "--as-of", AFTER_MAY]);
    assert_eq!((&again["closed"], &again["published"], &again["accepted"]), (&0.into(), &0.into(), &0.into()));
    assert_eq!((files_below(&program.archive()), mail_ids(&program.mail())), before);
}

#[test]
fn months_close_oldest_first_and_only_up_to_the_one_named() {
    let program = Program::new();
    program.import_sample();
    program.ok(&["close", "--period", "2009-03", "--as-of", AFTER_MAY]);
    let shown = program.json(&["status", "--json", "--as-of", AFTER_MAY]);
    let states: Vec<_> = shown["periods"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| (row["period"].as_str().unwrap(), row["state"].as_str().unwrap()))
        .collect();
    assert_eq!(states, [("2009-04", "open"), ("2009-02", "closed"), ("2009-03", "closed")]);
}

#[test]
fn an_account_without_a_rate_is_parked_and_its_neighbours_close() {
    let program = Program::new();
    program.import_sample();
    let accounts = program.write(
        "more.csv",
        csv!(accounts, "700001,Ohne Tarif GmbH,EUR,Europe/Berlin,de-DE,NO-SUCH,Buchhaltung,buch@ohne.example"),
    );
    let rooms = program.write("more-rooms.csv", csv!(rooms, "700100,700001,Jürgen,juergen@ohne.example,,true"));
    let usage =
        program.write("more-usage.csv", csv!(usage, "X-1,X,700100,WEB,2009-05-04T10:00:00Z,2009-05-04T10:30:00Z,,"));
    program.ok(&["import", "accounts", &accounts]);
    program.ok(&["import", "rooms", &rooms]);
    program.ok(&["import", "usage", &usage]);

    let run = program.run(&["close", "--period", "2009-05", "--as-of", AFTER_MAY]);
    assert_eq!(run.status, 3, "{}", run.stderr);
    assert!(run.stdout.contains("tariff NO-SUCH does not exist"), "{}", run.stdout);
    assert!(run.stderr.contains("Account parked"), "{}", run.stderr);
    let again = program.run(&["close", "--period", "2009-05", "--as-of", AFTER_MAY]);
    assert!(again.stdout.contains("tariff NO-SUCH does not exist"), "{}", again.stdout);
    assert!(!again.stderr.contains("Account parked"), "the log says it once: {}", again.stderr);
    assert!(program.archive().join("2009-05/602127/r1/manifest.json").exists());
    assert!(!program.archive().join("2009-05/700001").exists());

    let status = program.run(&["status", "--json", "--as-of", AFTER_MAY]);
    assert_eq!(status.status, 3);
    let status: serde_json::Value = serde_json::from_str(&status.stdout).unwrap();
    let first = &status["periods"][0];
    assert_eq!((&first["account"], &first["state"]), (&"700001".into(), &"parked".into()), "parked ones come first");
    assert!(first["reason"].as_str().unwrap().contains("import its rows"));

    let tariffs = program.write("tariff.csv", csv!(tariffs, "NO-SUCH,WEB,Web,EUR,0.05,1,0,2009-01-01"));
    program.ok(&["import", "tariffs", &tariffs]);
    program.ok(&["close", "--period", "2009-05", "--as-of", AFTER_MAY]);
    assert!(program.archive().join("2009-05/700001/r1/account.json").exists());
}

#[test]
fn a_month_without_usage_closes_as_empty_without_files_or_mail() {
    let program = closed();
    let mail = mail_ids(&program.mail());
    let run = program.json(&["close", "--json", "--period", "2009-06", "--as-of", "2009-07-05T06:00:00Z"]);
    assert_eq!((&run["closed"], &run["empty"]), (&0.into(), &1.into()));
    assert!(!program.archive().join("2009-06").exists());
    assert_eq!(mail_ids(&program.mail()), mail);
}

#[test]
fn without_sending_mail_waits_until_it_is_asked_for() {
    let program = Program::new();
    program.import_sample();
    program.ok(&["close", "--no-send", "--period", "2009-05", "--as-of", AFTER_MAY]);
    assert!(mail_ids(&program.mail()).is_empty());
    program.ok(&["mail", "send"]);
    assert_eq!(mail_ids(&program.mail()).len(), 16);
}

#[test]
fn a_preview_stores_and_sends_nothing_and_shows_what_closing_makes() {
    let program = Program::new();
    program.import_sample();
    let out = program.path("preview").display().to_string();
    program.ok(&["preview", "--period", "2009-05", "--account", "602127", "--out", &out, "--as-of", AFTER_MAY]);
    assert!(files_below(&program.archive()).is_empty());
    assert!(mail_ids(&program.mail()).is_empty());
    let previewed = files_below(&program.path("preview"));

    program.ok(&["close", "--period", "2009-05", "--as-of", AFTER_MAY]);
    let closed = files_below(&program.archive().join("2009-05/602127/r1"));
    // The months before were still open, so the preview knows no history.
    assert_eq!(previewed["rooms/332703.xlsx"], closed["rooms/332703.xlsx"]);
    assert_eq!(previewed["rooms/332703.html"], closed["rooms/332703.html"]);
    assert_eq!(previewed["account.json"], closed["account.json"]);
}

#[test]
fn closing_an_account_that_does_not_exist_says_so() {
    let program = Program::new();
    program.ok(&["migrate"]);
    let run = program.run(&["close", "--period", "2009-05", "--account", "999"]);
    assert_eq!(run.status, 1);
    assert!(run.stderr.contains("account 999 does not exist"), "{}", run.stderr);
}
