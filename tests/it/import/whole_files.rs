//! Whole files: the sample, and more than fits into one transaction.

use std::fmt::Write as _;
use std::path::Path;

use sqlx::Connection as _;
use statementd::clock::Clock;
use statementd::intake::{Kind, Limits};
use statementd::jobs::{ImportProgress, import_file};

use super::{Place, USAGE, counts};
use crate::support::AFTER_MAY;
use crate::support::database::{Database, on_each_engine};

on_each_engine!(an_import_that_died_is_simply_started_again, the_sample_months_are_imported_whole);

async fn the_sample_months_are_imported_whole(database: Database) {
    let place = Place(database);
    for (kind, rows) in [(Kind::Tariffs, 3), (Kind::Accounts, 1), (Kind::Rooms, 4), (Kind::Usage, 328)] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("sample/{kind}.csv"));
        let copy = place.0.write(&format!("{kind}.csv"), std::fs::read(path).unwrap());
        let report = place.try_import(kind, &copy).await.unwrap();
        assert_eq!((report.rows, report.stored), (rows, rows), "{kind}");
    }
}

#[tokio::test]
async fn sqlite_keeps_no_statistics_of_the_day_on_which_a_database_was_small() {
    let place = Place::new(Database::sqlite().await).await;
    let row = "A1,A,332703,WEB,2009-05-06T10:00:00Z,2009-05-06T11:00:00Z,,";
    assert_eq!(counts(&place.import_usage("usage.csv", &[row]).await), (1, 0, 0, 0));
    place.0.store.close().await;
    let url = format!("sqlite://{}/statementd.db", place.0.folder().display());
    let mut database = sqlx::SqliteConnection::connect(&url).await.unwrap();
    let sql = "SELECT COUNT(*) FROM sqlite_master WHERE name LIKE 'sqlite_stat%'";
    assert_eq!(sqlx::query_scalar::<_, i64>(sql).fetch_one(&mut database).await.unwrap(), 0);
}

/// More than fits into one transaction.
const MANY_LEGS: usize = 120_000;

async fn an_import_that_died_is_simply_started_again(database: Database) {
    let place = Place::new(database).await;
    let mut text = format!("{USAGE}\n");
    for leg in 0..MANY_LEGS {
        let conference = leg / 4;
        writeln!(text, "L{leg},C{conference},332703,WEB,2009-05-06T10:00:00Z,2009-05-06T11:00:00Z,,").unwrap();
    }
    let path = place.0.write("usage.csv", text);
    let store = place.0.store.clone();
    let clock = Clock::Fixed(AFTER_MAY.parse().unwrap());
    let (stored_some, some_stored) = std::sync::mpsc::channel();
    let import = tokio::spawn({
        let path = path.clone();
        async move {
            let progress = |progress: ImportProgress| stored_some.send(progress.rows).unwrap();
            import_file(&store, clock, Limits::default(), (Kind::Usage, &path), &progress)
                .await
                .map(|report| report.rows)
        }
    });
    let stored = tokio::task::spawn_blocking(move || some_stored.recv().unwrap()).await.unwrap();
    import.abort();
    // Whether it was still under way does not matter: what counts is that nothing is lost or doubled.
    let _ = import.await;

    let again = place.try_import(Kind::Usage, &path).await.unwrap();
    assert!(again.duplicates >= stored && again.stored + again.duplicates == MANY_LEGS as u64, "{again:?}");
    assert_eq!(counts(&place.try_import(Kind::Usage, &path).await.unwrap()), (0, MANY_LEGS as u64, 0, 0));
}
