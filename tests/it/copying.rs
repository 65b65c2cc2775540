//! Copying from SQLite to PostgreSQL and back: nothing is lost and nothing is done again.

use serde_json::Value;

use crate::support::{AFTER_MAY, Program, csv, files_below, letters, postgres};

/// A program on the database that `program` was copied to, with the same archive and mail.
fn moved(program: &Program, database: &str) -> Program {
    let copied = program.json(&["copy", "--json", "--to", database]);
    assert!(rows(&copied, "leg") > 300 && rows(&copied, "delivery") == 16, "{copied}");
    let there = Program::on(database, "");
    for folder in ["archive", "mail"] {
        std::fs::remove_dir_all(there.path(folder)).ok();
        std::os::unix::fs::symlink(program.path(folder), there.path(folder)).unwrap();
    }
    there
}

fn rows(copied: &Value, table: &str) -> u64 {
    let tables = copied.as_array().unwrap();
    tables.iter().find(|copied| copied["table"] == table).unwrap()["rows"].as_u64().unwrap()
}

/// Everything that reports show.
fn reports(program: &Program) -> Vec<String> {
    let reports: [&[&str]; 4] = [
        &["status", "--json", "--as-of", AFTER_MAY],
        &["mail", "list", "--json"],
        &["archive", "list", "--json"],
        &["archive", "verify"],
    ];
    reports.iter().map(|report| program.run(report).stdout).collect()
}

#[tokio::test]
async fn a_database_goes_to_postgresql_and_back_and_is_the_same() {
    let sqlite = Program::new();
    sqlite.import_sample();
    sqlite.ok(&["close", "--period", "2009-04", "--as-of", AFTER_MAY]);
    let bad = sqlite.write("bad.csv", csv!(usage, "X-1,X,999,WEB,2009-05-01T10:00:00Z,2009-05-01T10:10:00Z,,"));
    assert_ne!(sqlite.run(&["import", "usage", &bad]).status, 0, "a rejected row goes along");
    sqlite.ok(&["close", "--period", "2009-05", "--as-of", AFTER_MAY]);

    let postgres = moved(&sqlite, &postgres::new_database().await);
    assert_eq!(reports(&postgres), reports(&sqlite));
    let there = tempfile::tempdir().unwrap();
    let back = moved(&postgres, &format!("sqlite://{}/back.db", there.path().display()));
    assert_eq!(reports(&back), reports(&sqlite));

    let digests = |program: &Program, to: &str| program.json(&["copy", "--json", "--to", to]);
    let again = format!("sqlite://{}/again.db", there.path().display());
    let third = format!("sqlite://{}/third.db", there.path().display());
    assert_eq!(digests(&sqlite, &again), digests(&back, &third), "twice on the way, and not a bit has changed");
}

#[tokio::test]
async fn work_goes_on_in_the_new_house_and_nothing_is_done_again() {
    let sqlite = Program::new();
    sqlite.import_sample();
    sqlite.ok(&["close", "--period", "2009-04", "--as-of", AFTER_MAY]);
    let database = postgres::new_database().await;
    sqlite.ok(&["copy", "--to", &database]);
    let postgres = Program::on(&database, "");
    for folder in ["archive", "mail"] {
        std::fs::remove_dir_all(postgres.path(folder)).ok();
        std::os::unix::fs::symlink(sqlite.path(folder), postgres.path(folder)).unwrap();
    }
    postgres.import_sample();
    postgres.ok(&["close", "--period", "2009-05", "--as-of", AFTER_MAY]);
    let whole = Program::new();
    whole.import_sample();
    whole.ok(&["close", "--period", "2009-05", "--as-of", AFTER_MAY]);
    assert_eq!(letters(&postgres.mail()), letters(&whole.mail()));
    assert!(files_below(&postgres.archive()) == files_below(&whole.archive()));
    let more =
        postgres.write("more.csv", csv!(usage, "N-1,N,332703,WEB,2009-06-01T10:00:00Z,2009-06-01T10:10:00Z,,"));
    postgres.ok(&["import", "usage", &more]);
}

#[tokio::test]
async fn a_target_that_is_not_empty_is_refused_and_left_as_it_is() {
    let (full, other) = (Program::new(), Program::new());
    for program in [&full, &other] {
        program.import_sample();
    }
    let target = format!("sqlite://{}", other.path("statementd.db").display());
    let before = other.run(&["status", "--json", "--as-of", AFTER_MAY]).stdout;
    let refused = full.run(&["copy", "--to", &target]);
    assert_eq!(refused.status, 1);
    assert!(refused.stderr.contains("is not empty"), "{}", refused.stderr);
    assert_eq!(other.run(&["status", "--json", "--as-of", AFTER_MAY]).stdout, before);
}

#[tokio::test]
async fn a_database_whose_daemon_runs_is_not_copied() {
    let program = Program::new();
    program.import_sample();
    let mut daemon = program.start(&["run", "--as-of", AFTER_MAY]);
    daemon.until_logged("statementd is running");
    let refused = program.run(&["copy", "--to", &postgres::new_database().await]);
    assert_eq!(refused.status, 1);
    assert!(refused.stderr.contains("another statementd holds this database"), "{}", refused.stderr);
}
