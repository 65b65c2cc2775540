//! Legs taken out: charged nowhere from then on, kept by earlier revisions, and brought back.

use crate::support::database::{Database, on_each_engine};
use crate::support::operator::Operator;

on_each_engine!(
    a_voided_leg_of_an_open_month_is_never_charged_and_its_id_is_free_for_other_content,
    a_void_in_a_closed_month_makes_a_revision_although_late_usage_is_carried,
    a_void_that_is_undone_before_a_revision_leaves_no_trace_and_afterwards_comes_late,
    a_void_frees_what_was_refused_because_the_id_was_taken,
    all_legs_are_voided_or_none,
    a_carried_leg_is_taken_out_of_the_month_that_charges_it,
    a_conference_that_lost_its_first_leg_begins_with_the_next,
);

const FIRST: &str = "L1,C1,400001,LOCAL,2026-10-05T10:00:00Z,2026-10-05T10:30:00Z,,";
const SECOND: &str = "L2,C1,400001,LOCAL,2026-10-05T10:10:00Z,2026-10-05T10:40:00Z,,";
const NOVEMBER: &str = "2026-11-05T06:00:00Z";
const DECEMBER: &str = "2026-12-05T06:00:00Z";

fn void(operator: &Operator, legs: &[&str]) -> serde_json::Value {
    let mut arguments = vec!["usage", "void", "--json", "--reason", "test calls"];
    arguments.extend(legs);
    operator.json(&arguments)
}

fn charge(operator: &Operator, period: &str, revision: u32) -> (i64, String) {
    let statement = operator.statement(period, revision);
    let totals = &statement["totals"];
    (totals["participants"].as_i64().unwrap(), totals["charge"].as_str().unwrap().to_owned())
}

fn assert_sound(operator: &Operator) {
    let checked = operator.run(&["check", "--deep"]);
    let data = checked.stdout.lines().find(|line| line.contains("data")).unwrap_or_default().to_owned();
    assert!(data.starts_with("ok"), "{}\n{}", checked.stdout, checked.stderr);
}

async fn a_voided_leg_of_an_open_month_is_never_charged_and_its_id_is_free_for_other_content(database: Database) {
    let operator = Operator::new(database);
    operator.usage("a.csv", &[FIRST, SECOND]);
    let report = void(&operator, &["L1"]);
    assert_eq!((&report["legs"][0]["leg_id"], &report["legs"][0]["charged_in"]), (&"L1".into(), &().into()));
    let again = operator.usage("a.csv", &[FIRST, SECOND]);
    assert_eq!((&again["stored"], &again["duplicates"]), (&0.into(), &2.into()));
    let listed = operator.json(&["usage", "list", "--voided", "--json"]);
    assert_eq!((&listed[0]["state"], &listed[0]["void_reason"]), (&"voided".into(), &"test calls".into()));

    let other = FIRST.replace("10:30:00Z", "10:20:00Z");
    assert_eq!(operator.usage("b.csv", &[&other])["stored"], 1);
    assert_eq!(operator.run(&["usage", "void", "L1", "--undo"]).status, 1, "the id belongs to another leg");
    operator.close("2026-10", NOVEMBER);
    assert_eq!(charge(&operator, "2026-10", 1), (2, "4.50".to_owned()));
    assert!(operator.ok(&["log"]).contains("voided"));
    assert_sound(&operator);
}

async fn a_void_in_a_closed_month_makes_a_revision_although_late_usage_is_carried(database: Database) {
    let operator = Operator::new(database);
    operator.usage("a.csv", &[FIRST, SECOND]);
    operator.close("2026-10", NOVEMBER);
    let folder = operator.program().archive().join("2026-10/700001/r1");
    let pages = ["account.json", "account.html", "rooms/400001.html"];
    let before = pages.map(|name| std::fs::read(folder.join(name)).unwrap());
    assert_eq!(void(&operator, &["L1"])["legs"][0]["charged_in"], "2026-10");
    assert_sound(&operator);
    operator.close("2026-10", NOVEMBER);
    assert_eq!(charge(&operator, "2026-10", 2), (1, "2.70".to_owned()));
    assert_eq!(operator.statement("2026-10", 2)["lines"][0]["started_at"], "2026-10-05T12:10:00+02:00");
    assert_sound(&operator);

    std::fs::remove_dir_all(operator.program().archive()).unwrap();
    operator.ok(&["archive", "restore"]);
    assert!(
        pages.map(|name| std::fs::read(folder.join(name)).unwrap()) == before,
        "revision 1 keeps its participants"
    );
    assert_eq!(operator.usage("a.csv", &[FIRST])["duplicates"], 1);
    operator.close("2026-10", NOVEMBER);
    assert!(!operator.program().archive().join("2026-10/700001/r3").exists(), "a void makes one revision");
}

async fn a_void_that_is_undone_before_a_revision_leaves_no_trace_and_afterwards_comes_late(database: Database) {
    let operator = Operator::new(database);
    operator.usage("a.csv", &[FIRST, SECOND]);
    operator.close("2026-10", NOVEMBER);
    void(&operator, &["L1"]);
    assert_eq!(operator.ok(&["usage", "void", "L1", "--undo"]).trim(), "1 leg brought back");
    operator.close("2026-10", NOVEMBER);
    assert!(!operator.program().archive().join("2026-10/700001/r2").exists());

    void(&operator, &["L1"]);
    operator.close("2026-10", NOVEMBER);
    assert_eq!(charge(&operator, "2026-10", 2).0, 1);
    let undone = operator.ok(&["usage", "void", "L1", "--undo", "--reason", "it was true"]);
    assert!(undone.starts_with("1 leg brought back\nL1: "), "{undone}");
    assert!(undone.contains("it is late, the next month charges it"), "{undone}");
    operator.close("2026-11", DECEMBER);
    assert_eq!(operator.statement("2026-11", 1)["lines"][0]["late_from"], "2026-10");
    assert_eq!(charge(&operator, "2026-11", 1), (1, "2.70".to_owned()));
    assert_sound(&operator);
    assert_eq!(operator.usage("a.csv", &[FIRST])["duplicates"], 1);
}

async fn a_void_frees_what_was_refused_because_the_id_was_taken(database: Database) {
    let operator = Operator::new(database);
    let right = FIRST.replace("10:30:00Z", "11:30:00Z");
    operator.usage("a.csv", &[FIRST, &right]);
    assert_eq!(void(&operator, &["L1"])["rejected"], 1);
    assert_eq!(operator.json(&["import", "retry", "--json"])["stored"], 1);
    assert!(operator.waiting().is_empty());
    assert_eq!(operator.usage("a.csv", &[FIRST, &right])["duplicates"], 2);
    operator.close("2026-10", NOVEMBER);
    assert_eq!(charge(&operator, "2026-10", 1), (1, "8.10".to_owned()));
}

async fn all_legs_are_voided_or_none(database: Database) {
    let operator = Operator::new(database);
    operator.usage("a.csv", &[FIRST]);
    let run = operator.run(&["usage", "void", "L1", "L9", "--reason", "x"]);
    assert_eq!(run.status, 1);
    assert!(run.stderr.contains("L9") && run.stderr.contains("nothing was changed"), "{}", run.stderr);
    assert_eq!(operator.json(&["usage", "list", "L1", "--json"])[0]["state"], "open");
    assert_eq!(operator.run(&["usage", "void", "L1"]).status, 2, "a reason is needed");
    assert_eq!(operator.run(&["usage", "list"]).status, 1, "all usage would be a long list");
}

async fn a_carried_leg_is_taken_out_of_the_month_that_charges_it(database: Database) {
    let operator = Operator::new(database);
    operator.usage("a.csv", &[FIRST]);
    operator.close("2026-10", NOVEMBER);
    operator.usage("late.csv", &[SECOND]);
    assert_eq!(
        operator.json(&["usage", "list", "--account", "700001", "--period", "2026-10", "--json"])[1]["state"],
        "late"
    );
    operator.close("2026-11", DECEMBER);
    assert_eq!(charge(&operator, "2026-11", 1).0, 1);
    assert_eq!(void(&operator, &["L2"])["legs"][0]["charged_in"], "2026-11");
    operator.close("2026-11", DECEMBER);
    assert_eq!(charge(&operator, "2026-11", 2), (0, "0.00".to_owned()));
    assert!(!operator.program().archive().join("2026-10/700001/r2").exists());
    assert_sound(&operator);
}

async fn a_conference_that_lost_its_first_leg_begins_with_the_next(database: Database) {
    let operator = Operator::new(database);
    let early = "L0,C9,400001,LOCAL,2026-10-31T22:50:00Z,2026-10-31T23:10:00Z,,";
    let next = "L5,C9,400001,LOCAL,2026-10-31T23:30:00Z,2026-10-31T23:40:00Z,,";
    operator.usage("a.csv", &[FIRST, early, next]);
    void(&operator, &["L0"]);
    operator.close("2026-11", DECEMBER);
    assert_eq!(charge(&operator, "2026-10", 1).0, 1);
    assert_eq!(charge(&operator, "2026-11", 1).0, 1);
}
