//! The schema: brought up to date by the first process that opens it, and never used by a program that is older than
//! it.

use sqlx::Connection;
use sqlx::postgres::PgConnection;
use statementd::store::{Store, StoreError};

use crate::support::database::{Database, on_each_engine};
use crate::support::{Program, postgres};

on_each_engine!(migrating_again_does_nothing);

async fn migrating_again_does_nothing(database: Database) {
    assert_eq!(database.store.migrate().await.unwrap(), 0);
    database.store.check_schema().await.unwrap();
}

#[tokio::test]
async fn processes_that_start_at_once_migrate_once() {
    let folder = tempfile::tempdir().unwrap();
    for url in [postgres::new_database().await, format!("sqlite://{}/new.db", folder.path().display())] {
        let start = async || {
            let store = Store::open(&url).await.unwrap();
            let applied = store.migrate().await.unwrap();
            store.check_schema().await.unwrap();
            applied
        };
        futures_util::future::join_all((0..8).map(|_| start())).await;
        assert_eq!(start().await, 0, "{url}");
    }
}

/// Each turns the log of a new file on, which the others' reading refuses.
#[test]
fn a_new_file_is_opened_by_many_at_once() {
    for _ in 0..20 {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}/new.db", folder.path().display());
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
                    runtime.block_on(async { Store::open(&url).await.unwrap() });
                });
            }
        });
    }
}

#[tokio::test]
async fn daemons_that_start_at_once_on_an_empty_server_all_run() {
    let program = Program::on(&postgres::new_database().await, "");
    let mut daemons: Vec<_> = (0..4).map(|_| program.start(&["run"])).collect();
    for daemon in &mut daemons {
        daemon.until_logged("statementd is running");
    }
    for daemon in daemons {
        daemon.signal("TERM");
        assert_eq!(daemon.wait(), Some(0));
    }
}

#[tokio::test]
async fn an_older_program_refuses_a_newer_schema() {
    let url = postgres::new_database().await;
    let store = Store::open(&url).await.unwrap();
    store.migrate().await.unwrap();
    let mut connection = PgConnection::connect(&url).await.unwrap();
    let newer = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
                 VALUES (9999, 'from the future', TRUE, 'x', 0)";
    sqlx::query(newer).execute(&mut connection).await.unwrap();
    assert!(matches!(store.migrate().await, Err(StoreError::NewerSchema(9999))));
    assert!(matches!(store.check_schema().await, Err(StoreError::NewerSchema(9999))));
    let refused = Program::on(&url, "").run(&["status"]);
    assert_eq!(refused.status, 1);
    assert!(refused.stderr.contains("newer schema than this program"), "{}", refused.stderr);
}

#[tokio::test]
async fn a_schema_that_was_not_made_is_said_so_where_migrating_is_not_wanted() {
    for program in [Program::new(), Program::on(&postgres::new_database().await, "")] {
        let refused = program.run(&["--no-migrate", "status"]);
        assert_eq!(refused.status, 1);
        assert!(refused.stderr.contains("statementd migrate"), "{}", refused.stderr);
        program.ok(&["migrate"]);
        program.ok(&["--no-migrate", "status"]);
    }
}
