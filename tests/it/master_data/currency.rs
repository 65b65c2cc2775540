//! A currency belongs to a period.

use serde_json::json;

use super::{ACCOUNTS, ROOMS, TARIFFS, import, leg, programs, rerun, statement, two_customers, usage};
use crate::support::Program;
/// Lev until December 2025, euro from January 2026, by dated rows of one tariff.
fn bulgaria(program: &Program) {
    import(
        program,
        "tariffs",
        TARIFFS,
        &["BG,WEB,Web,BGN,1.00,1,0,2025-01-01", "BG,WEB,Web,EUR,0.50,1,0,2026-01-01"],
    );
    import(
        program,
        "accounts",
        ACCOUNTS,
        &[
            "700010,Sofia,BGN,Europe/Sofia,bg-BG,BG,Owner,owner@sofia.example,",
            "700010,Sofia,EUR,Europe/Sofia,bg-BG,BG,Owner,owner@sofia.example,2026-01",
        ],
    );
    import(program, "rooms", ROOMS, &["100020,700010,Ana,ana@sofia.example,,true,"]);
}

#[test]
fn a_currency_belongs_to_a_period_on_both_sides_of_its_change() {
    for program in programs("billing.hold_factor = \"1.2\"") {
        bulgaria(&program);
        usage(&program, &[leg("N1", "100020", "2025-11-05"), leg("D1", "100020", "2025-12-05")]);
        program.ok(&["close", "--period", "2025-12", "--as-of", "2026-01-05T08:00:00Z"]);
        // Four hours in January: 120 EUR, of which no multiple of the 60 BGN before says anything.
        let january = ["J1", "J2", "J3", "J4"].map(|id| leg(id, "100020", "2026-01-05"));
        usage(&program, &january);
        let late = usage(&program, &[leg("D2", "100020", "2025-12-06")]);
        assert_eq!(late["late"], 1);
        let closed = program.run(&["close", "--period", "2026-01", "--as-of", "2026-02-05T08:00:00Z"]);
        assert_eq!(closed.status, 3, "December's revision waits for approval: {}", closed.stdout);

        // December is revised, not carried into a month in euro.
        let december = statement(&program, "2025-12/700010/r2");
        assert_eq!(
            (&december["account"]["currency"], &december["totals"]["charge"]),
            (&json!("BGN"), &json!("120.00"))
        );
        let january = statement(&program, "2026-01/700010/r1");
        assert_eq!(
            (&january["account"]["currency"], &january["totals"]["charge"]),
            (&json!("EUR"), &json!("120.00"))
        );
        let lines = january["lines"].as_array().unwrap();
        assert!(!lines.is_empty() && lines.iter().all(|line| line["late_from"].is_null()), "{lines:?}");
        let held = program.json(&["mail", "list", "--json", "--state", "held", "--period", "2026-01"]);
        assert_eq!(held, json!([]));

        // Reruns keep the currency of their own month.
        import(
            &program,
            "tariffs",
            TARIFFS,
            &["BG,WEB,Web,BGN,2.00,1,0,2025-12-01", "BG,WEB,Web,EUR,1.00,1,0,2026-01-05"],
        );
        rerun(&program, "december", "2025-12", "2026-02-05T09:00:00Z");
        rerun(&program, "january", "2026-01", "2026-02-05T10:00:00Z");
        for (folder, currency, charge) in
            [("2025-12/700010/r3", "BGN", "240.00"), ("2026-01/700010/r2", "EUR", "240.00")]
        {
            let revised = statement(&program, folder);
            assert_eq!(
                (&revised["account"]["currency"], &revised["totals"]["charge"]),
                (&currency.into(), &charge.into())
            );
        }
        program.ok(&["check", "--deep"]);
    }
}

#[test]
fn the_files_of_a_currency_change_imported_again_change_nothing() {
    let program = Program::new();
    bulgaria(&program);
    usage(&program, &[leg("D1", "100020", "2025-12-05"), leg("J1", "100020", "2026-01-05")]);
    program.ok(&["close", "--period", "2026-01", "--as-of", "2026-02-05T08:00:00Z"]);
    let accounts = program.path("accounts.csv").display().to_string();
    let again = program.json(&["import", "--json", "accounts", &accounts]);
    assert_eq!((&again[0]["stored"], &again[0]["duplicates"]), (&json!(0), &json!(2)));
    usage(&program, &[leg("F1", "100020", "2026-02-05")]);
    program.ok(&["close", "--period", "2026-02", "--as-of", "2026-03-05T08:00:00Z"]);
    assert_eq!(statement(&program, "2026-02/700010/r1")["account"]["currency"], "EUR");
}

#[test]
fn a_currency_that_changes_without_a_date_counts_from_the_first_month_that_is_open() {
    let program = Program::new();
    two_customers(&program);
    usage(&program, &[leg("O", "100012", "2025-10-05"), leg("N", "100012", "2025-11-05")]);
    program.ok(&["close", "--period", "2025-10", "--as-of", "2025-11-05T08:00:00Z"]);
    import(&program, "tariffs", TARIFFS, &["J,WEB,Web,JPY,10,1,0,2025-01-01"]);
    import(&program, "accounts", ACCOUNTS, &["700001,Company,JPY,UTC,en,J,Owner,owner@x.example,"]);
    program.ok(&["close", "--period", "2025-11", "--as-of", "2025-12-05T08:00:00Z"]);
    assert_eq!(statement(&program, "2025-11/700001/r1")["totals"]["charge"], "600");
    import(&program, "tariffs", TARIFFS, &["T,WEB,Web,EUR,0.20,1,0,2025-10-01"]);
    rerun(&program, "october", "2025-10", "2025-12-05T09:00:00Z");
    let october = statement(&program, "2025-10/700001/r2");
    assert_eq!((&october["account"]["currency"], &october["totals"]["charge"]), (&json!("EUR"), &json!("12.00")));
}
