//! Locks are taken in one order, so that no two transactions wait for each other; and where the server ends one to
//! break a deadlock all the same, the work is repeated.

use std::fmt::Write as _;

use sqlx::{Connection, PgConnection};
use statementd::store::{Store, WhenLocked};

use crate::support::{Program, Run, csv, office, postgres};

/// The accounts of `office`, changed, the last one first.
fn changed_accounts(accounts: u32) -> String {
    let mut csv = csv!(accounts).to_owned();
    for n in (0..accounts).rev() {
        let (account, zone) = (500_000 + n, ["Europe/Paris", "UTC", "America/New_York"][n as usize % 3]);
        writeln!(csv, "{account},New name {n},EUR,{zone},fr-FR,BASE-EUR,Owner,owner{n}@example.org").unwrap();
    }
    csv
}

#[tokio::test]
async fn accounts_are_locked_in_the_order_of_their_keys_whatever_that_of_the_file() {
    let url = postgres::new_database().await;
    let program = Program::on(&url, "");
    office::import_accounts(&program, 2);
    let store = Store::open(&url).await.unwrap();
    let accounts: Vec<_> = store
        .read()
        .await
        .unwrap()
        .closings()
        .next_periods(None)
        .await
        .unwrap()
        .into_iter()
        .map(|due| due.key)
        .collect();
    // Like a closing that holds the first account and comes to the second.
    let mut tx = store.write().await.unwrap();
    assert!(tx.work().lock_account(accounts[0], WhenLocked::Skip).await.unwrap());
    let file = program.write("changed.csv", changed_accounts(2));
    let import = tokio::task::spawn_blocking(move || program.run(&["import", "accounts", &file]));
    postgres::until_a_session_waits(&url).await;
    assert!(
        tx.work().lock_account(accounts[1], WhenLocked::Skip).await.unwrap(),
        "a transaction that waits for the first holds no other"
    );
    tx.commit().await.unwrap();
    let run = import.await.unwrap();
    assert_eq!(run.status, 0, "{}", run.stderr);
}

#[tokio::test]
async fn an_import_that_the_server_ends_to_break_a_deadlock_is_done_again() {
    let url = postgres::new_database().await;
    let program = Program::on(&url, "");
    office::import_accounts(&program, 2);
    let mut other = PgConnection::connect(&url).await.unwrap();
    // Only the import looks for deadlocks, and so it is the one that is ended.
    sqlx::raw_sql(
        "SET deadlock_timeout = '1h';
         BEGIN; SELECT 1 FROM account WHERE account_number = '500001' FOR UPDATE",
    )
    .execute(&mut other)
    .await
    .unwrap();
    let file = program.write("changed.csv", changed_accounts(2));
    let import = tokio::task::spawn_blocking(move || program.run(&["import", "accounts", &file]));
    postgres::until_a_session_waits(&url).await;
    sqlx::raw_sql("SELECT 1 FROM account WHERE account_number = '500000' FOR UPDATE; COMMIT")
        .execute(&mut other)
        .await
        .expect("the import was ended, and this goes on");
    let run = import.await.unwrap();
    assert_eq!(run.status, 0, "{}", run.stderr);
    assert!(run.stderr.contains("tried again"), "{}", run.stderr);
}

/// Runs a command, lets the server end its transaction to break a deadlock, and returns how the command ended: it
/// waits for `table`, which another transaction holds that then waits for its account.
async fn broken_at(
    program: Program,
    url: &str,
    table: &'static str,
    arguments: &'static [&'static str],
) -> (Program, Run) {
    let mut other = PgConnection::connect(url).await.unwrap();
    // Only the command looks for deadlocks, and so it is the one that is ended.
    let hold = format!("SET deadlock_timeout = '1h'; BEGIN; LOCK TABLE {table} IN SHARE MODE");
    sqlx::raw_sql(sqlx::AssertSqlSafe(hold)).execute(&mut other).await.unwrap();
    let command = tokio::task::spawn_blocking(move || {
        let run = program.run(arguments);
        (program, run)
    });
    postgres::until_a_session_waits(url).await;
    sqlx::raw_sql("SELECT 1 FROM account ORDER BY account_key FOR UPDATE; COMMIT")
        .execute(&mut other)
        .await
        .expect("the command was ended, and this goes on");
    command.await.unwrap()
}

#[tokio::test]
async fn a_closing_that_the_server_ends_to_break_a_deadlock_is_done_again() {
    let url = postgres::new_database().await;
    let program = Program::on(&url, "mail.transport = \"off\"");
    program.import_sample();
    let close = &["close", "--period", "2009-05", "--as-of", "2009-06-05T12:00:00Z"];
    let (program, run) = broken_at(program, &url, "statement", close).await;
    assert_eq!(run.status, 0, "{}{}", run.stdout, run.stderr);
    assert!(run.stderr.contains("tried again"), "{}", run.stderr);
    let closed = super::number(&url, "SELECT COUNT(*) FROM closing WHERE period = '2009-05'").await;
    assert_eq!(closed, super::number(&url, "SELECT COUNT(*) FROM account").await);
    program.ok(&["check", "--deep"]);
}

#[tokio::test]
async fn a_void_that_the_server_ends_to_break_a_deadlock_is_done_again() {
    let url = postgres::new_database().await;
    let program = Program::on(&url, "mail.transport = \"off\"");
    program.import_sample();
    let void = &["usage", "void", "C000069-04", "--reason", "test call"];
    let (program, run) = broken_at(program, &url, "voided_leg", void).await;
    assert_eq!(run.status, 0, "{}{}", run.stdout, run.stderr);
    assert!(run.stderr.contains("tried again"), "{}", run.stderr);
    assert_eq!(super::number(&url, "SELECT COUNT(*) FROM voided_leg").await, 1);
    program.ok(&["check", "--deep"]);
}
