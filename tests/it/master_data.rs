//! Master data through time: who is charged, in which currency, and who gets the statement, when rooms move,
//! cardholders change and currencies too.

mod currency;

use serde_json::{Value, json};

use crate::support::{Program, csv, postgres};

const TARIFFS: &str = csv!(tariffs);
const ACCOUNTS: &str = csv!(accounts + "valid_from");
const ROOMS: &str = csv!(rooms + "valid_from");
const USAGE: &str = csv!(usage);

/// A program on each engine.
fn programs(extra: &str) -> [Program; 2] {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let url = runtime.block_on(postgres::new_database());
    [Program::with(extra), Program::on(&url, extra)]
}

fn import(program: &Program, kind: &str, header: &str, rows: &[&str]) -> Value {
    let file = program.write(&format!("{kind}.csv"), format!("{header}{}\n", rows.join("\n")));
    let report = program.json(&["import", "--json", kind, &file]);
    assert_eq!(report[0]["rejected"], 0, "{report}");
    report[0].clone()
}

/// A leg of one hour.
fn leg(id: &str, room: &str, day: &str) -> String {
    format!("{id},C-{id},{room},WEB,{day}T10:00:00Z,{day}T11:00:00Z,,")
}

fn usage(program: &Program, legs: &[String]) -> Value {
    import(program, "usage", USAGE, &legs.iter().map(String::as_str).collect::<Vec<_>>())
}

fn statement(program: &Program, folder: &str) -> Value {
    let path = program.archive().join(folder).join("account.json");
    serde_json::from_slice(&std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display())))
        .unwrap()
}

/// (account, revision, recipient) of all mail about a period's rooms.
fn room_mail(program: &Program, period: &str) -> Vec<(String, u64, String)> {
    let list = program.json(&["mail", "list", "--json", "--period", period]);
    let of_rooms = list.as_array().unwrap().iter().filter(|delivery| !delivery["room"].is_null());
    of_rooms
        .map(|delivery| {
            let text = |field: &str| delivery[field].as_str().unwrap().to_owned();
            (text("account"), delivery["revision"].as_u64().unwrap(), text("recipient"))
        })
        .collect()
}

fn rerun(program: &Program, id: &str, period: &str, as_of: &str) {
    rerun_of(program, (id, "apply", ""), period, as_of);
}

/// `more` are further lines of the order.
fn rerun_of(program: &Program, (id, state, more): (&str, &str, &str), period: &str, as_of: &str) {
    let file = program.path("statementd.toml");
    let before = std::fs::read_to_string(&file).unwrap();
    let order = format!(
        "[[rerun]]\nid = \"{id}\"\nperiod = \"{period}\"\nstate = \"{state}\"\nreason = \"a test\"\nsend = \"changed\"\n{more}\n"
    );
    std::fs::write(&file, format!("{before}\n{order}")).unwrap();
    let mut daemon = program.start(&["run", "--as-of", as_of]);
    daemon.until("the rerun", || {
        let status = program.json(&["status", "--json", "--as-of", as_of]);
        let reruns = status["reruns"].as_array().unwrap().clone();
        reruns.iter().any(|rerun| {
            rerun["id"] == id
                && rerun["state"].as_str().unwrap().starts_with(if state == "apply" {
                    "applied"
                } else {
                    "rehearsed"
                })
        })
    });
    daemon.signal("TERM");
    assert_eq!(daemon.wait(), Some(0));
}

fn two_customers(program: &Program) {
    import(program, "tariffs", TARIFFS, &["T,WEB,Web,EUR,0.10,1,0,2025-01-01"]);
    let account = |number: &str| format!("{number},Company {number},EUR,UTC,en,T,Owner,owner@{number}.example,");
    import(program, "accounts", ACCOUNTS, &[&account("700001"), &account("700002")]);
    import(program, "rooms", ROOMS, &["100012,700001,Ewa,ewa@lodz.example,,true,"]);
}

#[test]
fn a_moved_rooms_statement_goes_to_its_cardholder_of_then() {
    for program in programs("") {
        two_customers(&program);
        usage(&program, &[leg("OCT", "100012", "2025-10-05"), leg("BEFORE", "100012", "2025-11-20")]);
        program.ok(&["close", "--period", "2025-10", "--as-of", "2025-11-05T08:00:00Z"]);
        let moved = import(&program, "rooms", ROOMS, &["100012,700002,Ewa,ewa@dupont.example,,true,2025-11-25"]);
        assert!(moved["warnings"][0].as_str().unwrap().contains("belongs to account 700002"), "{moved}");
        // Also what comes later is charged to the account of its own day.
        usage(&program, &[leg("LATER", "100012", "2025-11-24"), leg("AFTER", "100012", "2025-11-25")]);
        program.ok(&["close", "--period", "2025-11", "--as-of", "2025-12-03T08:00:00Z"]);

        let lodz = |revision| ("700001".to_owned(), revision, "ewa@lodz.example".to_owned());
        assert_eq!(
            room_mail(&program, "2025-11"),
            [lodz(1), ("700002".to_owned(), 1, "ewa@dupont.example".to_owned())]
        );
        assert_eq!(statement(&program, "2025-11/700001/r1")["totals"]["charge"], "12.00");
        assert_eq!(statement(&program, "2025-11/700002/r1")["totals"]["charge"], "6.00");

        import(&program, "tariffs", TARIFFS, &["T,WEB,Web,EUR,0.20,1,0,2025-10-01"]);
        rerun(&program, "october", "2025-10", "2025-12-03T09:00:00Z");
        assert_eq!(statement(&program, "2025-10/700001/r2")["totals"]["charge"], "12.00");
        assert_eq!(room_mail(&program, "2025-10"), [lodz(1), lodz(2)]);
        program.ok(&["check", "--deep"]);
    }
}

#[test]
fn a_corrected_address_counts_for_a_revision_and_another_cardholders_does_not() {
    for program in programs("") {
        two_customers(&program);
        import(&program, "rooms", ROOMS, &["100013,700001,Jan,jan@lodz.example,,true,"]);
        usage(&program, &[leg("A", "100012", "2025-10-05"), leg("B", "100013", "2025-10-05")]);
        program.ok(&["close", "--period", "2025-10", "--as-of", "2025-11-05T08:00:00Z"]);
        import(
            &program,
            "rooms",
            ROOMS,
            &[
                "100012,700001,Ewa,ewa@new.example,,true,2025-11-01",
                "100013,700001,Ola,ola@lodz.example,,true,2025-11-01",
            ],
        );
        import(&program, "tariffs", TARIFFS, &["T,WEB,Web,EUR,0.20,1,0,2025-10-01"]);
        rerun(&program, "october", "2025-10", "2025-11-06T09:00:00Z");
        let second: Vec<String> =
            room_mail(&program, "2025-10").into_iter().filter(|mail| mail.1 == 2).map(|mail| mail.2).collect();
        assert_eq!(second, ["ewa@new.example", "jan@lodz.example"]);
        let revised = statement(&program, "2025-10/700001/r2");
        let cardholders: Vec<&Value> =
            revised["rooms"].as_array().unwrap().iter().map(|room| &room["cardholder"]).collect();
        assert_eq!(cardholders, ["Ewa", "Jan"]);
    }
}

#[test]
fn usage_of_a_room_that_is_not_active_is_rejected_and_taken_once_it_is() {
    for program in programs("") {
        two_customers(&program);
        import(&program, "rooms", ROOMS, &["100012,700001,Ewa,,,false,2025-11-01"]);
        let file = program.write("late.csv", format!("{USAGE}{}\n", leg("A", "100012", "2025-11-05")));
        let report = program.json(&["import", "--json", "usage", &file]);
        assert_eq!((&report[0]["stored"], &report[0]["rejected"]), (&json!(0), &json!(1)));
        import(&program, "rooms", ROOMS, &["100012,700001,Ewa,,,true,2025-11-01"]);
        assert_eq!(program.json(&["import", "retry", "--json"])["stored"], 1);
    }
}

#[test]
fn an_import_says_what_it_means_for_closed_months_and_what_is_not_there() {
    let program = Program::new();
    two_customers(&program);
    usage(&program, &[leg("O", "100012", "2025-10-05")]);
    program.ok(&["close", "--period", "2025-10", "--as-of", "2025-11-05T08:00:00Z"]);
    let warning = |report: &Value| report["warnings"][0].as_str().unwrap_or_default().to_owned();
    let rate = import(&program, "tariffs", TARIFFS, &["T,WEB,Web,EUR,0.20,1,0,2025-10-01"]);
    assert!(warning(&rate).contains("2025-10, 1 accounts"), "{rate}");
    assert!(warning(&rate).contains("any other revision"), "a void counts with the new rate: {rate}");
    let room = import(&program, "rooms", ROOMS, &["100012,700002,Ewa,,,true,2025-10-01"]);
    assert!(room["warnings"][1].as_str().unwrap().contains("stay charged to account 700001"), "{room}");
    let dated = import(&program, "accounts", ACCOUNTS, &["700001,Company,JPY,UTC,en,T,Owner,o@x.example,2025-10"]);
    assert!(warning(&dated).contains("count from 2025-11 on"), "{dated}");
    let unknown = import(&program, "accounts", ACCOUNTS, &["700003,Company,EUR,UTC,en,NOSUCH,,o@x.example,"]);
    assert!(warning(&unknown).contains("tariff NOSUCH is not there"), "{unknown}");
}

#[test]
fn every_fault_of_a_row_is_named_and_a_second_row_for_one_key_is_refused() {
    let program = Program::new();
    two_customers(&program);
    let rows = [
        "700004,Y,eur,Europe/Pariss,xx_YY,T,,a,",
        "700005,Y,EUR,UTC,en,T,,a@x.example,",
        "700005,Y,EUR,UTC,en,T,,b@x.example,",
    ];
    let file = program.write("faulty.csv", format!("{ACCOUNTS}{}\n", rows.join("\n")));
    let report = program.json(&["import", "--json", "accounts", &file]);
    assert_eq!((&report[0]["stored"], &report[0]["rejected"]), (&json!(1), &json!(2)));
    let rejects = std::fs::read_to_string(program.path("faulty.csv.rejected.csv")).unwrap();
    for fault in [
        "ISO 4217",
        "time_zone is not",
        "locale must be",
        "owner_email",
        "has the same account_number, valid_from as line 3",
    ] {
        assert!(rejects.contains(fault), "{fault}: {rejects}");
    }
}

#[test]
fn usage_before_the_first_period_is_history_that_no_one_is_mailed() {
    for program in programs("billing.hold_factor = \"3\"\nbilling.first_period = \"2025-09\"") {
        two_customers(&program);
        assert!(program.ok(&["accounts", "list"]).contains("from 2025-09"), "as the configuration says for all");
        // The account's own first period comes before that of the configuration.
        let header = ACCOUNTS.replace("valid_from", "first_period");
        import(&program, "accounts", &header, &["700001,Company,EUR,UTC,en,T,Owner,owner@x.example,2025-10"]);
        let history = ["2025-08-05", "2025-09-05"].map(|day| leg(day, "100012", day));
        usage(&program, &history);
        let october = (0..4).map(|hour| leg(&format!("O{hour}"), "100012", "2025-10-05")).collect::<Vec<_>>();
        usage(&program, &october);
        let as_of = "2025-11-05T08:00:00Z";
        let closed = program.json(&["close", "--json", "--period", "2025-10", "--as-of", as_of]);
        assert_eq!((&closed["history"], &closed["closed"]), (&json!(2), &json!(1)));
        // 24 EUR are more than three times the 6 of each month of history.
        let held = program.json(&["mail", "list", "--json"]);
        let held = held.as_array().unwrap();
        let is_held = |mail: &Value| mail["period"] == "2025-10" && mail["state"] == "held";
        assert!(!held.is_empty() && held.iter().all(is_held), "{held:?}");
        assert!(!program.archive().join("2025-09").exists());
        let states = || -> Vec<(String, String)> {
            let status = program.json(&["status", "--json", "--as-of", as_of]);
            let mut rows: Vec<_> = status["periods"]
                .as_array()
                .unwrap()
                .iter()
                .map(|row| (row["period"].as_str().unwrap().to_owned(), row["state"].as_str().unwrap().to_owned()))
                .collect();
            rows.sort();
            rows
        };
        let expected = [("2025-08", "history"), ("2025-09", "history"), ("2025-10", "closed"), ("2025-11", "open")];
        let expected = expected.map(|(period, state)| (period.to_owned(), state.to_owned()));
        assert_eq!(states(), expected);

        // What comes for it later is no late usage, and counts for the next comparison.
        let late = usage(&program, &[leg("S", "100012", "2025-09-06")]);
        assert_eq!(late["late"], 0);
        program.ok(&["close", "--period", "2025-10", "--as-of", as_of]);
        assert_eq!(states(), expected);
        rerun(&program, "september", "2025-09", "2025-11-06T08:00:00Z");
        assert!(!program.archive().join("2025-09/700001").exists());
        program.ok(&["check", "--deep"]);
    }
}

#[test]
fn from_the_end_of_an_account_on_no_period_begins() {
    for program in programs("") {
        two_customers(&program);
        usage(&program, &[leg("O", "100012", "2025-10-05")]);
        let header = ACCOUNTS.replace("valid_from", "closed_from");
        let account = |end: &str| format!("700001,Company,EUR,UTC,en,T,Owner,owner@x.example,{end}");
        let refused = program.write("ends.csv", format!("{header}{}\n", account("2025-10")));
        let report = program.json(&["import", "--json", "accounts", &refused]);
        assert_eq!(report[0]["rejected"], 1, "usage of October would be billed by no one");
        import(&program, "accounts", &header, &[&account("2025-11")]);
        let file = program.write("after.csv", format!("{USAGE}{}\n", leg("N", "100012", "2025-11-05")));
        assert_eq!(program.json(&["import", "--json", "usage", &file])[0]["rejected"], 1);
        program.ok(&["close", "--period", "2025-12", "--as-of", "2026-01-05T08:00:00Z"]);
        let status = program.json(&["status", "--json", "--as-of", "2026-01-05T08:00:00Z"]);
        let periods: Vec<&Value> = status["periods"].as_array().unwrap().iter().map(|row| &row["period"]).collect();
        assert_eq!(periods, ["2025-10"]);
        // Late usage has no next period to be carried into.
        usage(&program, &[leg("O2", "100012", "2025-10-06")]);
        program.ok(&["close", "--period", "2025-12", "--as-of", "2026-01-05T09:00:00Z"]);
        assert_eq!(statement(&program, "2025-10/700001/r2")["totals"]["charge"], "12.00");
        program.ok(&["check", "--deep"]);
    }
}

#[test]
fn a_rerun_that_names_both_accounts_takes_conferences_of_a_closed_month_along() {
    for program in programs("") {
        two_customers(&program);
        import(&program, "rooms", ROOMS, &["100013,700002,Jan,jan@dupont.example,,true,"]);
        usage(
            &program,
            &[leg("A", "100012", "2025-10-05"), leg("B", "100012", "2025-10-20"), leg("C", "100013", "2025-10-05")],
        );
        program.ok(&["close", "--period", "2025-10", "--as-of", "2025-11-05T08:00:00Z"]);
        import(&program, "rooms", ROOMS, &["100012,700002,Ewa,ewa@dupont.example,,true,2025-10-15"]);
        let both = "accounts = [\"700001\", \"700002\"]";
        let as_of = "2025-11-06T08:00:00Z";
        rerun_of(&program, ("first", "apply", "accounts = [\"700001\"]"), "2025-10", as_of);
        assert!(!program.archive().join("2025-10/700001/r2").exists(), "one account alone moves nothing");
        rerun_of(&program, ("look", "rehearse", both), "2025-10", as_of);
        assert!(!program.archive().join("2025-10/700001/r2").exists(), "a rehearsal moves nothing");
        rerun_of(&program, ("both", "apply", both), "2025-10", "2025-11-06T09:00:00Z");
        let charge = |folder: &str| statement(&program, folder)["totals"]["charge"].as_str().unwrap().to_owned();
        assert_eq!([charge("2025-10/700001/r1"), charge("2025-10/700001/r2")], ["12.00", "6.00"]);
        assert_eq!([charge("2025-10/700002/r1"), charge("2025-10/700002/r2")], ["6.00", "12.00"]);
        let report = std::fs::read(program.archive().join("reruns/look/report.json")).unwrap();
        let report: Value = serde_json::from_slice(&report).unwrap();
        assert_eq!(report["changed"], 2, "{report:#}");
        program.ok(&["check", "--deep"]);
        // What was published before can still be made again.
        for folder in ["2025-10/700001/r1", "2025-10/700002/r1"] {
            std::fs::remove_file(program.archive().join(folder).join("account.html")).unwrap();
        }
        let restored = program.json(&["archive", "restore", "--json"]);
        assert_eq!(restored["refused"], json!([]), "{restored:#}");
        program.ok(&["archive", "verify"]);
    }
}
