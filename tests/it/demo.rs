//! `demo` on the golden months: the mini-guide's own May 2009, to the cent and the second.

use serde_json::Value;

use crate::support::{Program, files_below, mail_ids};

fn demo() -> (Program, String) {
    let program = Program::new();
    let printed = program.ok(&["demo", "--dir", "demo"]);
    (program, printed)
}

fn json(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes).unwrap()
}

#[test]
fn the_last_month_is_printed_as_the_mini_guide_shows_it() {
    let (_program, printed) = demo();
    // The space between figure and sign is the one that French typography asks for.
    let printed = printed.replace(['\u{a0}', '\u{202f}'], " ");
    for row in [
        ["32 002 6", "Leo", "00:01:00", "0,09 €"],
        ["33 270 3", "Mariline BALLESTER", "23:50:16", "116,59 €"],
        ["33 594 8", "Jean-Baptiste Codeau", "02:58:52", "15,39 €"],
        ["Total", "", "26:50:08", "132,07 €"],
    ] {
        let found = printed.lines().any(|line| row.iter().all(|cell| line.contains(cell)));
        assert!(found, "{row:?} is not in\n{printed}");
    }
}

#[test]
fn from_a_bridge_s_files_it_is_the_same_to_the_cent() {
    let program = Program::new();
    let printed = program.ok(&["demo", "--dir", "demo", "--from-bridge"]).replace(['\u{a0}', '\u{202f}'], " ");
    assert!(printed.contains("132,07 €") && printed.contains("26:50:08"), "{printed}");
    let files = files_below(&program.path("demo/archive"));
    let expected: Value = json(include_bytes!("../../sample/expected.json"));
    for (period, expected) in expected["periods"].as_object().unwrap() {
        let statement = json(&files[&format!("{period}/602127/r1/account.json")]);
        assert_eq!(statement["totals"]["charge"], expected["charge"], "{period}");
    }
}

#[test]
fn all_four_months_are_as_expected() {
    let (program, _) = demo();
    let expected: Value = json(include_bytes!("../../sample/expected.json"));
    let files = files_below(&program.path("demo/archive"));
    for (period, expected) in expected["periods"].as_object().unwrap() {
        let statement = json(&files[&format!("{period}/602127/r1/account.json")]);
        assert_eq!(statement["totals"]["charge"], expected["charge"], "{period}");
        assert_eq!(statement["totals"]["accumulated_seconds"], expected["accumulated_seconds"], "{period}");
        assert_eq!(statement["lines"].as_array().unwrap().len() as u64, expected["lines"].as_u64().unwrap());
        for (number, expected) in expected["rooms"].as_object().unwrap() {
            let rooms = statement["rooms"].as_array().unwrap();
            let room = rooms.iter().find(|room| room["number"] == number.as_str()).unwrap();
            assert_eq!(room["charge"], expected["charge"], "{period} {number}");
            assert_eq!(room["accumulated_seconds"], expected["accumulated_seconds"], "{period} {number}");
            let lines = statement["lines"].as_array().unwrap();
            let lines = lines.iter().filter(|line| line["room"] == number.as_str()).count();
            assert_eq!(lines as u64, expected["lines"].as_u64().unwrap(), "{period} {number}");
        }
    }
}

#[test]
fn account_json_is_as_the_contract_prints_it() {
    let (program, _) = demo();
    let text = std::fs::read_to_string(program.path("demo/archive/2009-05/602127/r1/account.json")).unwrap();
    insta::assert_snapshot!(text);
}

#[test]
fn every_owner_and_cardholder_gets_one_message_per_statement() {
    let (program, _) = demo();
    // Four months; the owner, and the three cardholders whose rooms were used in each. Room 341207 has none.
    let ids = mail_ids(&program.path("demo/mail"));
    assert_eq!(ids.len(), 16);
    let mut distinct = ids.clone();
    distinct.dedup();
    assert_eq!(distinct, ids);
}

#[test]
fn running_it_again_changes_nothing() {
    let (program, printed) = demo();
    let before = files_below(&program.path("demo/archive"));
    let mail = files_below(&program.path("demo/mail"));
    assert_eq!(program.ok(&["demo", "--dir", "demo"]), printed);
    assert_eq!(files_below(&program.path("demo/archive")), before);
    assert_eq!(files_below(&program.path("demo/mail")), mail);
}

#[test]
fn an_empty_database_gives_the_same_bytes() {
    let (first, _) = demo();
    let second = Program::new();
    let mut command = second.command(&["demo", "--dir", "elsewhere"]);
    command.env("TZ", "Pacific/Auckland").env("LANG", "ar_EG.UTF-8");
    assert!(command.output().unwrap().status.success());
    let (first_files, second_files) =
        (files_below(&first.path("demo/archive")), files_below(&second.path("elsewhere/archive")));
    assert_eq!(first_files.keys().collect::<Vec<_>>(), second_files.keys().collect::<Vec<_>>());
    for (name, bytes) in &first_files {
        assert!(second_files[name] == *bytes, "{name} differs");
    }
    assert!(files_below(&first.path("demo/mail")) == files_below(&second.path("elsewhere/mail")), "mail differs");
}

#[test]
fn the_archive_holds_the_files_of_the_contract_and_verifies() {
    let (program, _) = demo();
    let files = files_below(&program.path("demo/archive"));
    let expected = [
        "account.html",
        "account.json",
        "account.xlsx",
        "manifest.json",
        "rooms/320026.html",
        "rooms/320026.xlsx",
        "rooms/332703.html",
        "rooms/332703.xlsx",
        "rooms/335948.html",
        "rooms/335948.xlsx",
    ];
    let found: Vec<_> = files.keys().filter_map(|name| name.strip_prefix("2009-05/602127/r1/")).collect();
    assert_eq!(found, expected);
    assert!(files.contains_key("2009-05/index.csv") && files.contains_key("2009-05/index.html"));
}
