//! A click while a large import runs: it waits for the transaction that is under way, and never for the import's end.

use std::fmt::Write as _;

use super::browser::{Answer, Browser};
use super::{OWNER, Site};
use crate::support::database::until_a_process_waits;
use crate::support::{Pauses, Program, csv, postgres};

const ROOM: &str = "/a/602127/rooms/332703";
/// Five transactions on SQLite, and more on PostgreSQL.
const LEGS: usize = 410_000;
const TRANSACTIONS: usize = 5;
const PAUSE: &str = "before-usage-is-committed";

/// In rooms and months of the account that a code is given in.
fn large_file(program: &Program) -> String {
    let mut text = csv!(usage).to_owned();
    for number in 0..LEGS {
        let (day, hour) = (1 + number % 28, number / 28 % 20);
        writeln!(
            text,
            "BIG{number},B{},320026,LOCAL,2009-05-{day:02}T{hour:02}:00:00Z,2009-05-{day:02}T{hour:02}:20:00Z,,",
            number % 560
        )
        .unwrap();
    }
    program.write("large.csv", text)
}

/// The form of the first conference in the list, sent by another person.
fn sent(browser: &Browser, page: &Answer) -> std::thread::JoinHandle<Answer> {
    let text = page.text();
    let value = |name: &str| {
        let after = text.split(&format!("name=\"{name}\" value=\"")).nth(1).unwrap();
        after.split('"').next().unwrap().to_owned()
    };
    let (mut browser, seen, conference) = (browser.clone(), value("seen"), value("conference"));
    std::thread::spawn(move || {
        let form = [("seen", seen.as_str()), ("code", "CLICK"), ("conference", conference.as_str())];
        browser.post("/a/602127/codes/assign?room=332703&period=2009-05", &form)
    })
}

/// Returns once a transaction waits for the one that writes.
async fn until_a_transaction_waits(program: &Program, server: Option<&str>) {
    match server {
        Some(url) => postgres::until_a_session_waits(url).await,
        None => until_a_process_waits(&program.path("statementd.db")).await,
    }
}

async fn is_answered_before_the_end(program: Program, server: Option<&str>) {
    program.import_sample();
    let mut site = Site::serving(program, "", &[]);
    let mut owner = site.signed_in("602127", OWNER);
    let path = format!("{ROOM}?period=2009-05");
    let page = owner.get(&path);
    let file = large_file(&site.program);
    let pauses = Pauses::at(PAUSE);
    let mut import = pauses.start_until(&site.program, &["import", "usage", &file], PAUSE);
    // The first transaction has everything that a click needs.
    let click = sent(&owner, &page);
    until_a_transaction_waits(&site.program, server).await;
    // Each time the import has reached its next transaction: the one that waited for the one before has been served.
    let mut transaction = 1;
    while transaction < TRANSACTIONS && !click.is_finished() {
        pauses.arm(PAUSE);
        pauses.resume(PAUSE);
        pauses.until(&mut import, PAUSE);
        transaction += 1;
    }
    let answer = click.join().unwrap();
    assert_eq!(answer.status, 303, "{}", answer.text());
    assert!(!import.has_ended());
    pauses.resume(PAUSE);
    assert_eq!(import.wait(), Some(0));
    let codes: Vec<String> = owner.get(&path).table().0.iter().map(|row| row[4].clone()).collect();
    assert_eq!(codes.iter().filter(|code| *code == "CLICK").count(), 1, "{codes:?}");
}

#[tokio::test]
async fn a_code_is_given_while_a_large_import_runs() {
    is_answered_before_the_end(Program::new(), None).await;
}

#[tokio::test]
async fn a_code_is_given_while_a_large_import_runs_on_postgres() {
    let url = postgres::new_database().await;
    is_answered_before_the_end(Program::on(&url, ""), Some(&url)).await;
}
