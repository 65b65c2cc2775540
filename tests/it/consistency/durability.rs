//! What an import says is stored is there after a crash of the server.

use std::fmt::Write as _;

use super::{LEG_HEADER, number};
use crate::support::crashing_postgres::CrashingPostgres;
use crate::support::{AFTER_MAY, Program};

/// As many legs as go into one transaction.
const BATCH: usize = 20_000;

fn usage(legs: usize) -> String {
    let mut csv = format!("{LEG_HEADER}\n");
    for leg in 0..legs {
        let (conference, hour, minute) = (leg / 4, leg / 4 % 20, leg % 50);
        let day = format!("2009-05-1{}", conference % 9);
        writeln!(csv, "N{leg},C{conference},332703,LOCAL,{day}T{hour:02}:{minute:02}:00Z,{day}T{hour:02}:59:00Z,,")
            .unwrap();
    }
    csv
}

#[tokio::test]
async fn an_import_whose_last_batch_brings_nothing_new_survives_a_crash_of_the_server() {
    // The server writes its log by itself only every ten seconds.
    let mut server = CrashingPostgres::start_with("-c wal_writer_delay=10s").await;
    let program = Program::on(&server.url(), "");
    program.import_sample();
    let once = usage(BATCH);
    let rows = once.split_once('\n').unwrap().1;
    let twice = program.write("twice.csv", format!("{once}{rows}"));
    let imported = program.json(&["import", "usage", "--json", &twice]);
    assert_eq!((imported[0]["stored"].as_u64(), imported[0]["duplicates"].as_u64()), (Some(20_000), Some(20_000)));
    server.crash().await;
    assert_eq!(number(&server.url(), "SELECT COUNT(*) FROM leg WHERE leg_id LIKE 'N%'").await, 20_000);
}

#[tokio::test]
async fn what_close_has_reported_as_published_is_published_after_a_crash_of_the_server() {
    let mut server = CrashingPostgres::start_with("-c wal_writer_delay=10s").await;
    let program = Program::on(&server.url(), "mail.transport = \"off\"");
    program.import_sample();
    program.ok(&["close", "--period", "2009-05", "--as-of", AFTER_MAY, "--no-send"]);
    server.crash().await;
    assert_eq!(number(&server.url(), "SELECT COUNT(*) FROM statement WHERE published_at IS NULL").await, 0);
}
