//! Usage and settings that are well formed but implausible.

use crate::support::database::{Database, on_each_engine};
use crate::support::operator::{ACCOUNTS, Operator, TARIFFS};

on_each_engine!(
    a_leg_that_has_not_happened_yet_is_refused,
    an_id_that_was_used_before_makes_no_conference_of_a_month,
    usage_before_the_first_closed_month_is_refused_or_always_carried,
    a_clock_that_was_reset_parks_the_account_until_the_legs_are_voided,
    a_first_month_long_ago_can_be_approved,
    unknown_locales_are_refused,
);

const NOVEMBER: &str = "2026-11-05T06:00:00Z";
const DECEMBER: &str = "2026-12-05T06:00:00Z";

async fn a_leg_that_has_not_happened_yet_is_refused(database: Database) {
    let operator = Operator::new(database);
    let now = statementd::clock::Clock::System.now();
    let leg = |id: &str, ahead: i64| {
        let start = now + chrono::TimeDelta::minutes(ahead);
        let time = |at: chrono::DateTime<chrono::Utc>| at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
        format!("{id},C{id},400001,LOCAL,{},{},,", time(start), time(start + chrono::TimeDelta::minutes(5)))
    };
    let report = operator.usage("a.csv", &[&leg("F1", 70), &leg("F2", 50), &leg("F3", 60 * 24 * 365 * 36)]);
    assert_eq!((&report["stored"], &report["rejected"]), (&1.into(), &2.into()));
    let reason = report["reasons"][0]["reason"].as_str().unwrap();
    assert!(reason.contains("future") && reason.contains("billing.clock_tolerance"), "{reason}");
}

async fn an_id_that_was_used_before_makes_no_conference_of_a_month(database: Database) {
    let operator = Operator::new(database);
    let leg = |id: &str, day: u32, minutes: u32| {
        format!("{id},C1,400001,LOCAL,2026-10-{day:02}T10:00:00Z,2026-10-{day:02}T10:{minutes:02}:00Z,,")
    };
    let report = operator.usage("a.csv", &[&leg("L1", 5, 30), &leg("L2", 6, 30), &leg("L3", 7, 1)]);
    assert_eq!((&report["stored"], &report["rejected"]), (&2.into(), &1.into()), "48 h and a minute");
    let report = operator.usage("b.csv", &[&leg("L4", 31, 30), &leg("L5", 4, 30)]);
    assert_eq!((&report["stored"], &report["rejected"]), (&0.into(), &2.into()), "in another file, and in front");
    let reason = report["reasons"][0]["reason"].as_str().unwrap();
    assert!(reason.contains("billing.longest_conference"), "{reason}");
    operator.ok(&["usage", "void", "L1", "--reason", "wrong day"]);
    assert_eq!(operator.json(&["import", "retry", "--json"])["stored"], 1, "a voided leg stretches nothing");
}

async fn usage_before_the_first_closed_month_is_refused_or_always_carried(database: Database) {
    let operator = Operator::with(database, "billing.late_usage = \"revise\"");
    operator.usage("a.csv", &["L1,C1,400001,LOCAL,2026-10-05T10:00:00Z,2026-10-05T10:30:00Z,,"]);
    operator.close("2026-10", NOVEMBER);
    let old = [
        "L2,C2,400001,LOCAL,2000-01-01T00:05:00Z,2000-01-01T00:35:00Z,,",
        "L3,C3,400001,LOCAL,2026-08-05T10:00:00Z,2026-08-05T10:30:00Z,,",
    ];
    let report = operator.usage("old.csv", &old);
    assert_eq!((&report["stored"], &report["rejected"]), (&0.into(), &2.into()));
    let reason = report["reasons"][0]["reason"].as_str().unwrap();
    assert!(reason.contains("--accept-older"), "{reason}");
    let id = operator.json(&["import", "rejects", "list", "--json"])[1]["id"].to_string();
    let retried = operator.json(&["import", "retry", "--id", &id, "--accept-older", "--json"]);
    assert_eq!((&retried["stored"], &retried["late"]), (&1.into(), &1.into()));
    operator.json(&["import", "rejects", "dismiss", "--all", "--json"]);

    operator.usage("b.csv", &["L4,C4,400001,LOCAL,2026-11-05T10:00:00Z,2026-11-05T10:30:00Z,,"]);
    let closed = operator.close("2026-11", DECEMBER);
    assert_eq!(closed.status, 0, "{}\n{}", closed.stdout, closed.stderr);
    let november = operator.statement("2026-11", 1);
    assert_eq!(november["totals"]["charge"], "5.40");
    let carried: Vec<_> =
        november["lines"].as_array().unwrap().iter().map(|line| line["late_from"].as_str()).collect();
    assert_eq!(carried, [Some("2026-08"), None]);
    let months: Vec<_> = std::fs::read_dir(operator.program().archive())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.starts_with("20"))
        .collect();
    assert_eq!(months.len(), 2, "no month of its own: {months:?}");
    let checked = operator.run(&["check", "--deep"]);
    assert!(checked.stdout.lines().any(|line| line.starts_with("ok") && line.contains("data")), "{}", checked.stdout);
}

async fn a_clock_that_was_reset_parks_the_account_until_the_legs_are_voided(database: Database) {
    let operator = Operator::new(database);
    operator.usage(
        "a.csv",
        &[
            "L1,C1,400001,LOCAL,2000-01-01T00:05:00Z,2000-01-01T00:35:00Z,,",
            "L2,C2,400001,LOCAL,2000-02-01T00:05:00Z,2000-02-01T00:35:00Z,,",
            "L3,C3,400001,LOCAL,2026-10-05T10:00:00Z,2026-10-05T10:30:00Z,,",
        ],
    );
    let closed = operator.close("2026-10", NOVEMBER);
    assert_eq!(closed.status, 3, "{}", closed.stdout);
    let status = operator.json(&["status", "--json", "--as-of", NOVEMBER]);
    let parked = &status["periods"][0];
    let reason = parked["reason"].as_str().unwrap();
    assert_eq!((&parked["period"], &parked["state"]), (&"2000-01".into(), &"parked".into()));
    assert!(reason.contains("L1, L2") && reason.contains("usage void") && !reason.contains("L3"), "{reason}");
    operator.ok(&["usage", "void", "L1", "L2", "--reason", "clock of the switch"]);
    let closed = operator.close("2026-10", NOVEMBER);
    assert_eq!(closed.status, 0, "{}\n{}", closed.stdout, closed.stderr);
    assert_eq!(operator.statement("2026-10", 1)["totals"]["charge"], "2.70");
    assert!(!operator.program().archive().join("2000-01").exists());
    assert_eq!(operator.ok(&["status", "--as-of", NOVEMBER]).matches("parked").count(), 0);
}

async fn a_first_month_long_ago_can_be_approved(database: Database) {
    let approve = "[[approve]]\nperiod = \"2025-06\"\naccounts = [\"700001\"]";
    let operator = Operator::with(database, approve);
    operator.import("tariffs", "tariffs.csv", TARIFFS);
    operator.usage(
        "a.csv",
        &[
            "L1,C1,400001,LOCAL,2025-06-01T10:05:00Z,2025-06-01T10:35:00Z,,",
            "L3,C3,400001,LOCAL,2026-10-05T10:00:00Z,2026-10-05T10:30:00Z,,",
        ],
    );
    let closed = operator.close("2026-10", NOVEMBER);
    assert_eq!(closed.status, 0, "{}\n{}", closed.stdout, closed.stderr);
    assert_eq!(operator.statement("2025-06", 1)["totals"]["charge"], "2.70");
}

async fn unknown_locales_are_refused(database: Database) {
    let operator = Operator::new(database);
    let header = ACCOUNTS.lines().next().unwrap();
    let account = |number: u32, locale: &str| format!("{number},A,EUR,Europe/Paris,{locale},BASE,O,o@one.example");
    let rows = [account(700_002, "jp-JP"), account(700_003, "en-UK"), account(700_004, "en-GB")].join("\n");
    let report = operator.import("accounts", "more.csv", format!("{header}\n{rows}\n"));
    assert_eq!((&report["stored"], &report["rejected"]), (&1.into(), &2.into()));
    let told = report["reasons"].to_string();
    assert!(told.contains("did you mean ja-JP") && told.contains("did you mean en-GB"), "{told}");
}

#[test]
fn a_currency_has_one_bound() {
    let program = crate::support::Program::with("billing.hold_above = [\"5 EUR\", \"10 USD\", \"7 EUR\"]");
    let run = program.run(&["status"]);
    assert_eq!(run.status, 2);
    assert!(run.stderr.contains("hold_above") && run.stderr.contains("EUR twice"), "{}", run.stderr);
}
