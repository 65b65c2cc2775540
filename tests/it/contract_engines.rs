//! The same on both engines: what users get must not depend on where the state is kept.

use std::time::Duration;

use sqlx::Connection;
use sqlx::postgres::PgConnection;
use statementd::store::Store;

use crate::support::{AFTER_MAY, Program, files_below, mail_ids, postgres};

/// The sample months on an engine of each kind, closed, archived and mailed.
async fn on_both() -> [Program; 2] {
    let (sqlite, database) = (Program::new(), postgres::new_database().await);
    // An empty database with the secret that makes Message-IDs.
    sqlite.ok(&["migrate"]);
    sqlite.ok(&["copy", "--to", &database]);
    let programs = [sqlite, Program::on(&database, "")];
    for program in &programs {
        program.import_sample();
        program.ok(&["close", "--period", "2009-05", "--as-of", AFTER_MAY]);
    }
    programs
}

#[tokio::test]
async fn the_sample_months_give_the_same_archive_and_mail_on_both_engines() {
    let [sqlite, postgres] = on_both().await;
    let (expected, found) = (files_below(&sqlite.archive()), files_below(&postgres.archive()));
    assert_eq!(found.keys().collect::<Vec<_>>(), expected.keys().collect::<Vec<_>>());
    for (name, bytes) in &expected {
        assert!(found[name] == *bytes, "{name} differs");
    }
    assert!(expected.contains_key("2009-05/602127/r1/account.xlsx"), "workbooks are among them");
    assert_eq!(mail_ids(&postgres.mail()), mail_ids(&sqlite.mail()));
}

#[tokio::test]
async fn every_report_is_the_same_on_both_engines() {
    let [sqlite, postgres] = on_both().await;
    for report in [
        &["status", "--json", "--as-of", AFTER_MAY][..],
        &["status", "--json", "--period", "2009-04", "--as-of", AFTER_MAY],
        &["status", "--as-of", AFTER_MAY],
        &["mail", "list", "--json"],
        &["mail", "list", "--json", "--period", "2009-03"],
        &["mail", "list"],
        &["archive", "list", "--json"],
        &["archive", "verify"],
    ] {
        let [expected, found] = [&sqlite, &postgres].map(|program| program.run(report));
        let [expected_text, found_text] = [&expected, &found].map(|run| without_import_time(&run.stdout));
        assert_eq!(found_text, expected_text, "{report:?}\n{}", found.stderr);
        assert_eq!(found.status, expected.status, "{report:?}");
    }
}

/// The time of the last import is the machine's, whatever `--as-of` says: the second import may be in the next minute.
fn without_import_time(text: &str) -> String {
    let is_of_import = |line: &&str| line.contains("\"last_usage\"") || line.starts_with("Last usage: ");
    text.lines().filter(|line| !is_of_import(line)).collect::<Vec<_>>().join("\n")
}

#[tokio::test]
async fn the_whole_job_done_again_changes_nothing_on_both_engines() {
    for program in on_both().await {
        let before = files_below(&program.archive());
        program.import_sample();
        program.ok(&["close", "--period", "2009-05", "--as-of", AFTER_MAY]);
        assert!(files_below(&program.archive()) == before);
        assert_eq!(mail_ids(&program.mail()).len(), 16);
    }
}

#[tokio::test]
async fn a_transaction_that_is_cut_off_while_it_begins_leaves_no_connection_inside_one() {
    let url = postgres::new_database().await;
    let store = Store::open(&url).await.unwrap();
    for step in 0..300 {
        let _ = tokio::time::timeout(Duration::from_micros(step * 5), store.write()).await;
        let _ = tokio::time::timeout(Duration::from_micros(step * 5), store.read()).await;
    }
    // All cancelled connections have been returned once all of the pool's connections can be taken at the same time.
    let all: Vec<_> = futures_util::future::join_all((0..12).map(|_| store.write())).await;
    assert!(all.iter().all(Result::is_ok));
    for tx in all {
        tx.unwrap().roll_back().await.unwrap();
    }
    let mut observer = PgConnection::connect(&url).await.unwrap();
    let sql = "SELECT COUNT(*) FROM pg_stat_activity
               WHERE datname = current_database() AND state LIKE 'idle in transaction%'";
    assert_eq!(sqlx::query_scalar::<_, i64>(sql).fetch_one(&mut observer).await.unwrap(), 0);
}
