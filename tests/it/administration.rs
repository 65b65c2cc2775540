//! What an administrator looks up: what runs, what came, what belongs to whom, and files that are what their names
//! say.

use std::io::Read;
use std::os::unix::fs::MetadataExt;

use serde_json::{Value, json};
use sqlx::Connection;

use crate::support::database::{Database, on_each_engine};
use crate::support::operator::Operator;
use crate::support::{AFTER_MAY, Pauses, Program, csv, wait_until};

on_each_engine!(
    status_says_which_daemon_runs_and_when_it_closes_next,
    an_import_is_written_down_with_who_did_it,
    charges_below_the_bound_wait_for_approval,
    master_data_are_found_by_part_of_a_name_as_of_a_day,
    a_revision_is_compared_with_the_one_before,
);

/// A time after the sample's last month, May.
fn closed() -> Program {
    let program = Program::new();
    program.import_sample();
    program.ok(&["close", "--period", "2009-05", "--as-of", AFTER_MAY]);
    program
}

async fn status_says_which_daemon_runs_and_when_it_closes_next(database: Database) {
    let operator = Operator::with(database, "schedule.time_zone = \"Europe/Paris\"");
    operator.usage("u.csv", &["L1,C1,400001,LOCAL,2026-10-05T10:00:00Z,2026-10-05T10:30:00Z,,"]);
    let as_of = "2026-10-20T06:00:00Z";
    let status = operator.ok(&["status", "--as-of", as_of]);
    assert!(status.contains("Daemon: none has run on this database"), "{status}");
    assert!(status.contains("Next closing: 2026-11-02 06:00 Europe/Paris, 2026-10 of 1 account"), "{status}");
    assert!(status.contains("Last usage: "), "{status}");

    let mut daemon = operator.program().start(&["run", "--as-of", as_of]);
    let running = || operator.json(&["status", "--json", "--as-of", as_of])["daemons"][0]["running"] == true;
    daemon.until("its row", running);
    let status = operator.ok(&["status", "--as-of", as_of]);
    assert!(status.contains("Daemon: ") && status.contains("looked for work "), "{status}");
    // What is due is the daemon's to close, and no one else's.
    let due = operator.run(&["status", "--as-of", "2026-11-02T06:00:00Z"]);
    assert_eq!(due.status, 0, "{}", due.stdout);
    daemon.signal("TERM");
    assert_eq!(daemon.wait(), Some(0));
    let status = operator.ok(&["status", "--as-of", as_of]);
    assert!(status.contains("Daemon: none runs; ") && status.contains("last looked for work on "), "{status}");
    let due = operator.run(&["status", "--as-of", "2026-11-02T06:00:00Z"]);
    assert_eq!(due.status, 3);
    assert!(due.stdout.contains("account 700001, 2026-10, due: due since"), "{}", due.stdout);
}

async fn an_import_is_written_down_with_who_did_it(database: Database) {
    let operator = Operator::new(database);
    operator
        .usage("u.csv", &["L1,C1,400001,LOCAL,2026-10-05T10:00:00Z,2026-10-05T10:30:00Z,,", "L2,C1,999,LOCAL,x,,,"]);
    let log = operator.json(&["log", "--json"]);
    let last = log.as_array().unwrap().last().unwrap();
    assert_eq!(last["action"], "imported", "{log:#}");
    assert_eq!(last["detail"], "usage u.csv: 2 rows, 1 stored, 1 rejected");
    assert!(last["actor"].as_str().unwrap().starts_with("command ("), "{last}");
}

async fn charges_below_the_bound_wait_for_approval(database: Database) {
    let operator = Operator::with(database, "billing.hold_below = [\"3 EUR\"]");
    operator.usage("u.csv", &["L1,C1,400001,LOCAL,2026-10-05T10:00:00Z,2026-10-05T10:30:00Z,,"]);
    operator.close("2026-10", "2026-11-03T06:00:00Z");
    assert_eq!(operator.json(&["mail", "list", "--json"])[0]["state"], "held");
    let status = operator.run(&["status", "--as-of", "2026-11-03T06:00:00Z"]).stdout;
    assert!(status.contains("the charge of 2.70 EUR is below 3 EUR"), "{status}");
}

async fn master_data_are_found_by_part_of_a_name_as_of_a_day(database: Database) {
    let operator = Operator::new(database);
    let header = csv!(rooms + "valid_from");
    operator.import(
        "rooms",
        "moved.csv",
        format!("{header}400001,700001,Éva Trois,eva@one.example,,true,2026-12-01\n"),
    );
    let names = |list: Value, field: &str| {
        list.as_array().unwrap().iter().map(|row| row[field].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let rooms =
        |arguments: &[&str]| names(operator.json(&[&["rooms", "list", "--json"], arguments].concat()), "cardholder");
    assert_eq!(rooms(&["--as-of", "2026-11-30"]), ["Ann One", "Bob Two"]);
    assert_eq!(rooms(&["--as-of", "2026-12-01"]), ["Éva Trois", "Bob Two"]);
    assert_eq!(rooms(&["--as-of", "2026-12-01", "--match", "éVA"]), ["Éva Trois"]);
    assert_eq!(rooms(&["--match", "example ltd", "--as-of", "2026-11-30"]).len(), 2, "by the company, too");
    let accounts = operator.json(&["accounts", "list", "--match", "OWNER@one", "--json"]);
    assert_eq!(
        (&accounts[0]["account"], &accounts[0]["tariff"], &accounts[0]["rooms"]),
        (&json!("700001"), &json!("BASE"), &json!(2))
    );
    assert_eq!(operator.json(&["accounts", "list", "--match", "nobody", "--json"]), json!([]));
    operator.import("tariffs", "t.csv", csv!(tariffs, "BASE,LOCAL,Local access,EUR,0.10,1,0,2026-11-01"));
    let rates = |day: &str| names(operator.json(&["tariffs", "list", "--as-of", day, "--json"]), "rate_per_minute");
    assert_eq!((rates("2026-10-31"), rates("2026-11-01")), (vec!["0.09".to_owned()], vec!["0.1".to_owned()]));
    assert!(operator.ok(&["rooms", "list", "--account", "700001"]).contains("Bob Two"));
}

async fn a_revision_is_compared_with_the_one_before(database: Database) {
    let operator = Operator::with(database, "billing.late_usage = \"revise\"");
    operator.usage("u.csv", &["L1,C1,400001,LOCAL,2026-10-05T10:00:00Z,2026-10-05T10:30:00Z,,"]);
    operator.close("2026-10", "2026-11-03T06:00:00Z");
    let alone = operator.run(&["archive", "diff", "--period", "2026-10", "--account", "700001"]);
    assert!(alone.status == 1 && alone.stderr.contains("one revision only"), "{}", alone.stderr);
    operator.usage("l.csv", &["L2,C2,400002,LOCAL,2026-10-06T10:00:00Z,2026-10-06T10:10:00Z,,"]);
    operator.close("2026-10", "2026-11-04T06:00:00Z");
    let diff = operator.json(&["archive", "diff", "--period", "2026-10", "--account", "700001", "--json"]);
    assert_eq!((&diff["from"], &diff["to"]), (&json!(1), &json!(2)));
    assert_eq!((&diff["charge_before"], &diff["charge_after"]), (&json!("2.70"), &json!("3.60")));
    let line = &diff["lines"][0];
    assert_eq!(
        (&line["room"], &line["charge_before"], &line["charge_after"]),
        (&json!("400002"), &Value::Null, &json!("0.90"))
    );
    let text = operator.ok(&["archive", "diff", "--period", "2026-10", "--account", "700001"]);
    assert!(text.contains("revision 1 charges 2.70 EUR, revision 2 3.60 EUR"), "{text}");
}

#[test]
fn a_statement_is_found_by_its_company_and_its_rerun_s_report_by_its_id() {
    let program = closed();
    let found = program.json(&["archive", "list", "--match", "meetingone PHOENIX", "--json"]);
    assert_eq!(found.as_array().unwrap().len(), 4);
    assert_eq!(program.json(&["archive", "list", "--match", "nobody", "--json"]), json!([]));
    let path = program.path("statementd.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    let order = "[[rerun]]\nid = \"look\"\nperiod = \"2009-05\"\nreason = \"to see\"\nstate = \"rehearse\"\n";
    std::fs::write(&path, format!("{text}\n{order}")).unwrap();
    assert!(program.ok(&["rerun", "show"]).contains("waiting for the daemon"));
    let mut daemon = program.start(&["run", "--as-of", AFTER_MAY]);
    daemon.until_logged("Rerun rehearsed");
    daemon.signal("TERM");
    assert_eq!(daemon.wait(), Some(0));
    let shown = program.ok(&["rerun", "show", "look"]);
    let report = program.archive().join("reruns/look/report.html");
    assert!(shown.contains("rehearsed: 1 unchanged") && shown.contains(&report.display().to_string()), "{shown}");
    assert_eq!(program.json(&["rerun", "show", "look", "--json"])["id"], "look");
    assert!(program.run(&["rerun", "show", "other"]).stderr.contains("no rerun has the id other"));
}

#[test]
fn a_file_is_what_its_name_says() {
    let program = closed();
    let get = |name: &str, more: &[&str]| {
        let out = program.path(name).display().to_string();
        let run = program
            .run(&[&["archive", "get", "--period", "2009-05", "--account", "602127", "--out", &out], more].concat());
        (run.status, run.stderr, std::fs::read(&out).unwrap_or_default())
    };
    assert!(
        get("may.html", &[]).2.starts_with(b"<!doctype html>")
            || get("may.html", &[]).2.starts_with(b"<!DOCTYPE html>")
    );
    assert!(get("may.xlsx", &[]).2.starts_with(b"PK"));
    assert!(get("may.json", &[]).2.starts_with(b"{"));
    let (status, why, written) = get("may.pdf", &[]);
    assert!(status == 1 && why.contains("there is no .pdf of a statement") && written.is_empty(), "{why}");
    let (status, why, written) = get("other.html", &["--format", "xlsx"]);
    assert!(status == 1 && why.contains("--format names another format") && written.is_empty(), "{why}");
}

#[test]
fn the_files_of_an_account_s_zip_have_names_and_a_date() {
    let program = closed();
    let zip = program.path("one.zip");
    program.ok(&["archive", "get", "--account", "602127", "--out", &zip.display().to_string()]);
    let mut zip = zip::ZipArchive::new(std::fs::File::open(zip).unwrap()).unwrap();
    let names: Vec<String> =
        (0..zip.len()).map(|index| zip.by_index(index).unwrap().name().unwrap().into_owned()).collect();
    assert!(names.contains(&"2009-05/602127/r1/602127-2009-05.xlsx".to_owned()), "{names:?}");
    assert!(names.contains(&"2009-04/602127/r1/rooms/332703-2009-04.html".to_owned()), "{names:?}");
    assert_eq!(zip.by_index(0).unwrap().last_modified().unwrap().year(), 2009);
}

#[test]
fn a_backup_goes_to_stdout_and_leaves_nothing_behind() {
    let program = closed();
    let beside = |program: &Program| {
        let folder = program.path("statementd.db").parent().unwrap().to_owned();
        std::fs::read_dir(folder)
            .unwrap()
            .filter(|entry| entry.as_ref().unwrap().file_name().to_string_lossy().contains("backup"))
            .count()
    };
    let output = program.command(&["backup", "-"]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(output.stdout.starts_with(b"SQLite format 3\0"));
    assert_eq!(beside(&program), 0);
    let unmounted = program.path("disk/today.db");
    let run = program.run(&["backup", &unmounted.display().to_string()]);
    assert_eq!(run.status, 1);
    assert!(run.stderr.contains("disk is not there") && !program.path("disk").exists(), "{}", run.stderr);
}

#[test]
fn other_commands_can_go_on_with_the_demo() {
    let program = Program::new();
    let folder = program.path("demo").display().to_string();
    program.ok(&["demo", "--dir", &folder]);
    let configuration = format!("{folder}/statementd.toml");
    let status = program.ok(&["--config", &configuration, "status", "--as-of", AFTER_MAY]);
    assert!(status.contains("accepted 16"), "{status}");
}

#[test]
fn the_journal_gets_priorities_and_no_second_time() {
    let program = Program::with("log.level = \"info\"");
    program.import_sample();
    let log = program.path("journal");
    let file = std::fs::File::create(&log).unwrap();
    let metadata = file.metadata().unwrap();
    let mut command = program.command(&["run", "--as-of", AFTER_MAY]);
    command.env("JOURNAL_STREAM", format!("{}:{}", metadata.dev(), metadata.ino())).stderr(file);
    let mut child = command.spawn().unwrap();
    let read = || {
        let mut text = String::new();
        std::fs::File::open(&log).unwrap().read_to_string(&mut text).unwrap();
        text
    };
    wait_until("the start", || {
        assert!(child.try_wait().unwrap().is_none(), "{}", read());
        read().contains("statementd is running")
    });
    std::process::Command::new("kill").arg(child.id().to_string()).status().unwrap();
    assert!(child.wait().unwrap().success());
    let text = read();
    assert!(text.lines().all(|line| line.starts_with('<')), "{text}");
    let running = text.lines().find(|line| line.contains("statementd is running")).unwrap();
    assert!(running.starts_with("<6>"), "{running}");
}

/// While another process reads, SQLite's log cannot begin anew, however much is erased.
#[tokio::test]
async fn no_one_reads_while_usage_is_erased() {
    let program = Program::with("archive.keep_months = 3\ndatabase.keep_usage = 3\nmail.transport = \"off\"");
    program.import_sample();
    program.ok(&["close", "--period", "2009-05", "--as-of", AFTER_MAY]);
    let pauses = Pauses::at("before-usage-is-erased");
    let daemon = pauses.start_until(&program, &["run", "--as-of", AFTER_MAY], "before-usage-is-erased");
    let url = format!("sqlite://{}", program.path("statementd.db").display());
    let mut connection = sqlx::SqliteConnection::connect(&url).await.unwrap();
    let folded: (i64, i64, i64) =
        sqlx::query_as("PRAGMA wal_checkpoint(TRUNCATE)").fetch_one(&mut connection).await.unwrap();
    assert_eq!(folded, (0, 0, 0), "busy, pages in the log, pages folded in");
    connection.close().await.unwrap();
    pauses.resume("before-usage-is-erased");
    daemon.signal("TERM");
    assert_eq!(daemon.wait(), Some(0));
}
