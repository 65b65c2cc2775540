//! The command line's habits: help, exit statuses, JSON, quiet pipes.

use crate::support::{AFTER_MAY, Program};

#[test]
fn a_wrong_configuration_stops_every_command_with_status_2_and_says_where() {
    let program = Program::with("[statements]\nformats = [\"pdf\"]\ncolor = \"red\"\n");
    for command in [&["run"][..], &["status"], &["close", "--period", "2009-05"]] {
        let run = program.run(command);
        assert_eq!(run.status, 2, "{command:?}: {}", run.stderr);
        for part in ["statements.formats", "pdf", "statements.color", "statementd.toml"] {
            assert!(run.stderr.contains(part), "{part} is not in {}", run.stderr);
        }
    }
}

#[test]
fn wrong_usage_ends_with_status_2() {
    let program = Program::new();
    for arguments in [&["close"][..], &["close", "--period", "2009-13"], &["no-such-command"], &["import", "usage"]] {
        assert_eq!(program.run(arguments).status, 2, "{arguments:?}");
    }
}

#[test]
fn every_command_explains_itself() {
    let program = Program::new();
    for command in
        ["run", "demo", "import", "close", "preview", "status", "archive", "mail", "templates", "check", "migrate"]
    {
        let help = program.ok(&[command, "--help"]);
        assert!(help.contains("Usage: statementd"), "{command}: {help}");
    }
    assert!(program.ok(&["--help"]).contains("Examples:"));
}

#[test]
fn stdout_holds_results_alone() {
    let program = Program::new();
    program.import_sample();
    let run = program.run(&["close", "--json", "--period", "2009-05", "--as-of", AFTER_MAY]);
    serde_json::from_str::<serde_json::Value>(&run.stdout).unwrap();
    assert_eq!(run.stderr, "", "nothing to say in a pipe");
}

#[test]
fn the_ledger_of_mail_lists_what_the_contract_names() {
    let program = Program::new();
    program.import_sample();
    program.ok(&["close", "--period", "2009-05", "--as-of", AFTER_MAY]);
    let ledger = program.json(&["mail", "list", "--json"]);
    let rows = ledger.as_array().unwrap();
    assert_eq!(rows.len(), 16);
    let keys: Vec<_> = rows[0].as_object().unwrap().keys().cloned().collect();
    for key in
        ["account", "period", "revision", "room", "recipient", "state", "attempts", "message_id", "last_answer"]
    {
        assert!(keys.iter().any(|found| found == key), "{key} is missing in {keys:?}");
    }
    assert!(rows.iter().all(|row| row["state"] == "accepted" && row["attempts"] == 1));
}

#[test]
fn get_brings_a_file_and_list_its_folder() {
    let program = Program::new();
    program.import_sample();
    program.ok(&["close", "--period", "2009-05", "--as-of", AFTER_MAY]);
    let listed = program.json(&["archive", "list", "--json", "--period", "2009-05"]);
    assert_eq!(listed[0]["folder"], "2009-05/602127/r1");
    let out = program.path("may.xlsx").display().to_string();
    program.ok(&["archive", "get", "--period", "2009-05", "--account", "602127", "--out", &out]);
    let kept = std::fs::read(program.archive().join("2009-05/602127/r1/account.xlsx")).unwrap();
    assert!(std::fs::read(&out).unwrap() == kept);
    let room = program.run(&["archive", "get", "--period", "2009-05", "--account", "602127", "--room", "341207"]);
    assert_eq!(room.status, 1);
    assert!(room.stderr.contains("had no usage"), "{}", room.stderr);
}

#[test]
fn verify_finds_what_is_missing_changed_or_foreign() {
    let program = Program::new();
    program.import_sample();
    program.ok(&["close", "--period", "2009-05", "--as-of", AFTER_MAY]);
    let folder = program.archive().join("2009-05/602127/r1");
    std::fs::remove_file(folder.join("rooms/320026.html")).unwrap();
    std::fs::write(folder.join("account.json"), "{}").unwrap();
    std::fs::write(folder.join("foreign.txt"), "x").unwrap();
    let run = program.run(&["archive", "verify", "--json"]);
    assert_eq!(run.status, 3);
    let verified: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    let mut found: Vec<_> = verified["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| (finding["key"].as_str().unwrap(), finding["problem"].as_str().unwrap()))
        .collect();
    found.sort_unstable();
    assert_eq!(
        found,
        [
            ("2009-05/602127/r1/account.json", "changed"),
            ("2009-05/602127/r1/foreign.txt", "unexpected"),
            ("2009-05/602127/r1/rooms/320026.html", "missing"),
        ]
    );
}

#[tokio::test]
async fn an_account_s_statements_are_verified_alone() {
    let program = Program::new();
    program.import_sample();
    program.ok(&["close", "--period", "2009-05", "--as-of", "2009-06-10T06:00:00Z"]);
    std::fs::write(program.archive().join("2009-05/loose.txt"), "not of any account").unwrap();
    assert_eq!(program.run(&["archive", "verify"]).status, 3);
    let verified = program.json(&["archive", "verify", "--account", "602127", "--json"]);
    assert_eq!((&verified["statements"], &verified["findings"]), (&4.into(), &serde_json::json!([])), "{verified:#}");
    std::fs::remove_file(program.archive().join("2009-05/602127/r1/account.xlsx")).unwrap();
    let run = program.run(&["archive", "verify", "--account", "602127", "--period", "2009-05"]);
    assert_eq!(run.status, 3);
    assert!(run.stdout.contains("2009-05/602127/r1/account.xlsx"), "{}", run.stdout);
    let unknown = program.run(&["archive", "verify", "--account", "999999"]);
    assert_eq!(unknown.status, 1);
    assert!(unknown.stderr.starts_with("statementd: "), "{}", unknown.stderr);
}

#[test]
fn what_is_fetched_and_exported_is_told_in_json() {
    let program = Program::new();
    program.import_sample();
    program.ok(&["close", "--period", "2009-05", "--as-of", "2009-06-10T06:00:00Z"]);
    let fetched = program.json(&["archive", "get", "--period", "2009-05", "--out", "may.zip", "--json"]);
    assert_eq!(fetched, serde_json::json!({ "statements": 1, "out": "may.zip" }));
    let files = program.json(&["templates", "export", "--dir", "templates", "--json"]);
    assert!(files.as_array().unwrap().contains(&"templates/account.html".into()), "{files}");
    assert_eq!(program.run(&["archive", "get", "--period", "2009-05", "--json"]).status, 2, "stdout has the files");
}

#[test]
fn wrong_usage_bears_the_program_s_name() {
    let program = Program::new();
    for words in [&["status", "--nope"][..], &["nope"], &["mail", "show"], &["close", "--period", "May"]] {
        let run = program.run(words);
        assert_eq!(run.status, 2, "{words:?}");
        assert!(run.stderr.starts_with("statementd: "), "{words:?}: {}", run.stderr);
    }
    assert!(program.run(&["import"]).stderr.starts_with("Reads "), "help is no error");
}

#[test]
fn check_says_of_each_part_whether_it_is_there() {
    let program = Program::new();
    let checked = program.ok(&["check"]);
    for part in ["configuration", "database", "templates", "mail", "archive"] {
        assert!(checked.lines().any(|line| line.contains(part)), "{part} is not in {checked}");
    }
}

/// Commands that have `--json`, with what they need besides.
const WITH_JSON: &[&[&str]] = &[
    &["accounts", "list"],
    &["archive", "index"],
    &["archive", "url", "--account", "602127", "--period", "2009-05"],
    &["backup", "copy.db"],
    &["import", "access-numbers", "numbers.csv"],
    &["import", "accounts", "accounts.csv"],
    &["import", "codes", "codes.csv"],
    &["import", "convert", "--reader", "statementd", "usage.csv"],
    &["import", "rooms", "rooms.csv"],
    &["import", "tariffs", "tariffs.csv"],
    &["intake", "list"],
    &["migrate"],
    &["preview", "--account", "602127", "--period", "2009-05", "--out", "may"],
    &["rerun", "show", "x"],
    &["rooms", "list"],
    &["tariffs", "list"],
    &["templates", "check"],
    &["archive", "diff", "--account", "602127", "--period", "2009-05"],
    &["archive", "expire"],
    &["archive", "get", "--period", "2009-05", "--out", "may"],
    &["archive", "list"],
    &["archive", "restore"],
    &["archive", "verify"],
    &["check"],
    &["close", "--period", "2009-05"],
    &["copy", "--to", "sqlite://copy.db"],
    &["import", "rejects", "dismiss", "1", "--reason", "none"],
    &["import", "rejects", "list"],
    &["import", "retry"],
    &["import", "usage", "usage.csv"],
    &["log"],
    &["mail", "dismiss", "--all"],
    &["mail", "hold", "--all"],
    &["mail", "list"],
    &["mail", "pause"],
    &["mail", "release", "--all"],
    &["mail", "resend", "--account", "602127", "--period", "2009-05"],
    &["mail", "resume"],
    &["mail", "retry", "--all"],
    &["mail", "send"],
    &["mail", "show", "x"],
    &["mail", "undelivered"],
    &["portal", "invite"],
    &["portal", "sessions"],
    &["portal", "staff", "invite", "finance@op.example"],
    &["portal", "staff", "list"],
    &["portal", "staff", "remove", "finance@op.example"],
    &["portal", "staff", "reset", "finance@op.example"],
    &["status"],
    &["usage", "list", "L-1"],
    &["usage", "void", "L-1", "--reason", "none"],
];

/// Commands that need no configuration, are made to fail in another way, or print nothing of their own.
const WITHOUT_CONFIGURATION: &[&str] = &["templates export"];

#[test]
fn every_command_with_json_is_tried() {
    let mut root = statementd::cli::definition();
    root.build();
    let mut untried = Vec::new();
    for (words, command) in crate::help::leaves_of(&root) {
        let has_json = command.get_arguments().any(|argument| argument.get_id() == "json");
        let words = words.trim_start_matches("statementd ").to_owned();
        let is_tried = WITH_JSON.iter().any(|tried| tried.join(" ").starts_with(&words));
        if has_json && !is_tried && !WITHOUT_CONFIGURATION.contains(&words.as_str()) {
            untried.push(words);
        }
    }
    assert!(untried.is_empty(), "{untried:?}");
}

#[test]
fn a_command_that_fails_says_so_in_json_if_it_was_asked_for_json() {
    let program = Program::new();
    program.write("statementd.toml", "mail.port = \"none\"\n");
    for command in WITH_JSON {
        let run = program.run(&[command, ["--json"].as_slice()].concat());
        assert_eq!(run.status, 2, "{command:?}: {}{}", run.stdout, run.stderr);
        let said: serde_json::Value =
            serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{command:?}: {error}: {}", run.stdout));
        assert!(said["error"].as_str().is_some_and(|why| why.contains("mail.port")), "{command:?}: {said}");
        assert!(run.stderr.contains("mail.port"), "people are told as ever");
    }
}

#[test]
fn check_warns_where_no_customer_gets_mail() {
    let program = Program::with("mail.redirect_to = \"rehearsal@operator.example\"");
    let checked = program.run(&["check"]).stdout;
    let mail = checked.lines().find(|line| line.contains(" mail ")).unwrap();
    assert!(mail.starts_with("warn") && mail.contains("mail.redirect_to"), "{checked}");
}

#[test]
fn check_says_that_the_folder_of_a_source_is_not_there() {
    let program = Program::with(
        "[[intake]]\nname = \"bridge1\"\nreader = \"freeswitch-conference\"\nfrom = \"no-such/*.xml\"\n",
    );
    program.import_sample();
    let run = program.run(&["check"]);
    assert_eq!(run.status, 1);
    let line = run.stdout.lines().find(|line| line.contains("bridge1")).unwrap_or_default().to_owned();
    assert!(line.starts_with("FAILED") && line.contains("no-such is not there"), "{line}");
}
