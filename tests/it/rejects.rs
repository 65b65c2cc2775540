//! Rejected rows are records, not places: what settles them, what does not, and how they are taken out.

use crate::support::database::{Database, on_each_engine};
use crate::support::operator::{Operator, ROOMS};

on_each_engine!(
    a_corrected_row_settles_its_own_rejection_whatever_file_and_line_it_was_on,
    rows_corrected_in_the_file_itself_and_half_lines_are_settled_and_repeated_headings_are_no_rows,
    an_earlier_record_settles_nothing_that_was_refused_after_it,
    a_conflict_waits_until_it_is_dismissed,
    a_list_of_another_supplier_settles_nothing,
    what_is_dismissed_stays_out_until_it_is_asked_for,
    a_header_is_stored_once_per_file,
    master_data_is_settled_by_its_key,
);

async fn a_corrected_row_settles_its_own_rejection_whatever_file_and_line_it_was_on(database: Database) {
    let operator = Operator::new(database);
    operator.usage("cdr.csv", &["D1,C1,499991,LOCAL,2026-10-05T10:00:00Z,2026-10-05T11:30:00Z,,"]);
    operator.usage("cdr.csv", &["D2,C2,40001,LOCAL,2026-10-06T10:00:00Z,2026-10-06T10:30:00Z,,"]);
    let list = std::fs::read_to_string(operator.path("cdr.csv.rejected.csv")).unwrap();
    operator.import("usage", "mended.csv", list.replace(",40001,", ",400001,"));
    assert_eq!(operator.waiting(), ["D1"]);
    operator.import("rooms", "rooms.csv", format!("{ROOMS}499991,700001,Cy Three,,,true\n"));
    let retried = operator.json(&["import", "retry", "--json"]);
    assert_eq!((&retried["stored"], &retried["rejected"]), (&1.into(), &0.into()));
    assert!(operator.waiting().is_empty());
}

async fn rows_corrected_in_the_file_itself_and_half_lines_are_settled_and_repeated_headings_are_no_rows(
    database: Database,
) {
    let operator = Operator::new(database);
    operator.usage("a.csv", &["A1,C1,40001,LOCAL,2026-10-05T10:00:00Z,2026-10-05T10:30:00Z,,"]);
    operator.usage("a.csv", &["A1,C1,400001,LOCAL,2026-10-05T10:00:00Z,2026-10-05T10:30:00Z,,"]);
    operator.usage("d.csv", &["G1,C4,400001,LOCAL,2026-10-05T10:00:00Z,2026-10-05T10:3"]);
    assert_eq!(operator.waiting(), ["G1"]);
    operator.usage("d.csv", &["G1,C4,400001,LOCAL,2026-10-05T10:00:00Z,2026-10-05T10:30:00Z,,"]);
    let leg = "E1,C3,400001,LOCAL,2026-10-05T10:00:00Z,2026-10-05T10:30:00Z,,";
    let report = operator.usage("c.csv", &[leg, &format!("\u{feff}{}", Operator::USAGE), leg]);
    assert_eq!((&report["rows"], &report["duplicates"], &report["rejected"]), (&2.into(), &1.into(), &0.into()));
    // Below the bad row of the same file is the good one.
    let bad = "H1,C5,400001,LOCAL,2026-10-05T10:00:00Z,2026-10-05T09:30:00Z,,";
    operator.usage("e.csv", &[bad, "H1,C5,400001,LOCAL,2026-10-05T10:00:00Z,2026-10-05T10:30:00Z,,"]);
    assert!(operator.waiting().is_empty(), "{:?}", operator.waiting());
}

async fn an_earlier_record_settles_nothing_that_was_refused_after_it(database: Database) {
    let operator = Operator::new(database);
    let good = "L1,C1,400001,LOCAL,2026-10-05T10:00:00Z,2026-10-05T10:30:00Z,,";
    operator.usage("a.csv", &[good]);
    operator.usage("b.csv", &["L1,C1,400001,LOCAL,2026-10-05T10:00:00Z,2026-10-05T09:30:00Z,,"]);
    operator.usage("a.csv", &[good]);
    assert_eq!(operator.waiting(), ["L1"]);
}

async fn a_conflict_waits_until_it_is_dismissed(database: Database) {
    let operator = Operator::new(database);
    let first = "L1,C1,400001,LOCAL,2026-10-05T10:00:00Z,2026-10-05T10:30:00Z,,";
    let other = "L1,C1,400001,LOCAL,2026-10-05T10:00:00Z,2026-10-05T11:30:00Z,,";
    operator.usage("a.csv", &[first, other]);
    operator.usage("a.csv", &[first]);
    operator.json(&["import", "retry", "--json"]);
    assert_eq!(operator.waiting(), ["L1"], "neither the first nor a retry settles it");
    let dismissed = operator.json(&["import", "rejects", "dismiss", "--reason", "other content", "--json"]);
    assert_eq!(dismissed["dismissed"], 1);
    assert!(operator.waiting().is_empty());
}

async fn a_list_of_another_supplier_settles_nothing(database: Database) {
    let operator = Operator::new(database);
    operator.usage("cdr.csv", &["D1,C1,499991,LOCAL,2026-10-05T10:00:00Z,2026-10-05T11:30:00Z,,"]);
    let old = "L1,C1,400001,LOCAL,2026-10-05T10:00:00Z,2026-10-05T10:30:00Z,,";
    operator.usage("old.csv", &[old]);
    let file = operator.path("cdr.csv");
    let foreign = format!(
        "rejected_file,rejected_line,rejected_column,rejected_reason,{}\n{},2,room_number,unknown,{old}\n",
        Operator::USAGE,
        file.display()
    );
    operator.import("usage", "foreign.csv", &foreign);
    assert_eq!(operator.waiting(), ["D1"]);
}

async fn what_is_dismissed_stays_out_until_it_is_asked_for(database: Database) {
    let operator = Operator::new(database);
    let footer = "TOTAL,1 record";
    operator.usage("b.csv", &["B1,C2,400001,LOCAL,2026-10-05T10:00:00Z,2026-10-05T10:30:00Z,,", footer]);
    let wrong = "W1,C2,499991,LOCAL,2026-10-05T10:00:00Z,2026-10-05T10:30:00Z,,";
    operator.usage("w.csv", &[wrong]);
    let listed = operator.json(&["import", "rejects", "list", "--json"]);
    assert_eq!((&listed[0]["key"], &listed[0]["line"]), (&"TOTAL".into(), &3.into()));
    assert_eq!(operator.json(&["import", "rejects", "dismiss", "--file", "b.csv", "--json"])["dismissed"], 1);
    let id = listed[1]["id"].to_string();
    operator.ok(&["import", "rejects", "dismiss", &id, "--note", "test calls"]);
    assert_eq!(operator.run(&["import", "rejects", "dismiss", &id]).status, 1, "it does not wait any more");
    assert_eq!(operator.json(&["import", "rejects", "list", "--dismissed", "--json"]).as_array().unwrap().len(), 2);

    operator.usage("b.csv", &[footer]);
    operator.usage("w.csv", &[wrong]);
    assert_eq!(operator.json(&["import", "retry", "--json"])["rows"], 0, "a plain retry leaves them alone");
    assert!(operator.waiting().is_empty());
    let log = operator.ok(&["log"]);
    assert!(log.contains("dismissed") && log.contains("test calls"), "{log}");

    let asked = operator.json(&["import", "retry", "--id", &id, "--json"]);
    assert_eq!((&asked["rows"], &asked["rejected"]), (&1.into(), &1.into()));
    assert_eq!(operator.waiting(), ["W1"], "refused again, it waits again");
    operator.import("rooms", "rooms.csv", format!("{ROOMS}499991,700001,Cy Three,,,true\n"));
    assert_eq!(operator.json(&["import", "retry", "--id", &id, "--json"])["stored"], 1);
    assert!(operator.waiting().is_empty());
    assert_eq!(operator.run(&["import", "retry", "--id", "4711"]).status, 1);
}

async fn a_header_is_stored_once_per_file(database: Database) {
    let operator = Operator::new(database);
    let wide = format!("{},{}", Operator::USAGE, "x".repeat(15_000));
    let rows = (0..300).map(|row| format!("R{row},1")).collect::<Vec<_>>().join("\n");
    operator.import("usage", "wide.csv", format!("{wide}\n{rows}"));
    let mut tx = operator.store().read().await.unwrap();
    let kept = tx.rejects().rejected_rows("usage", 0, 1000).await.unwrap();
    assert_eq!(kept.len(), 300);
    assert!(kept.iter().all(|row| row.header_key == kept[0].header_key && row.header.len() > 15_000));
    let too_wide = format!("{},{}\n", Operator::USAGE, "x".repeat(17_000));
    let run = operator.try_import("usage", "wider.csv", &too_wide);
    assert_eq!(run.status, 1);
    assert!(run.stderr.contains("longer than 16 KiB"), "{}", run.stderr);
}

async fn master_data_is_settled_by_its_key(database: Database) {
    let operator = Operator::new(database);
    operator.import("rooms", "r.csv", format!("{}499992,799999,Di,,,true\n", first_line(ROOMS)));
    assert_eq!(operator.waiting(), ["499992"]);
    operator.import("rooms", "other.csv", format!("{}499992,700001,Di,,,true\n", first_line(ROOMS)));
    assert!(operator.waiting().is_empty());
}

fn first_line(text: &str) -> &str {
    text.split_inclusive('\n').next().unwrap()
}
