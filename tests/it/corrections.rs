//! Late usage, corrected tariffs, reruns, approvals: each correction makes a revision that shows it.

use serde_json::Value;

use crate::support::{AFTER_MAY, Program, csv, mail_ids, sample};

const AFTER_JUNE: &str = "2009-07-05T06:00:00Z";
const LATE: &str = csv!(usage, "L-1,L,332703,LOCAL,2009-05-20T10:00:00Z,2009-05-20T10:10:00Z,,");

fn closed(extra: &str) -> Program {
    let program = Program::with(extra);
    program.import_sample();
    program.ok(&["close", "--period", "2009-05", "--as-of", AFTER_MAY]);
    program
}

fn import_late(program: &Program) {
    let late = program.write("late.csv", LATE);
    let report = program.json(&["import", "--json", "usage", &late]);
    assert_eq!(report[0]["late"], 1);
}

fn statement(program: &Program, folder: &str) -> Value {
    let path = program.archive().join(folder).join("account.json");
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

fn double_local_rate(program: &Program) {
    let tariffs = program.write("mended.csv", csv!(tariffs, "BASE-EUR,LOCAL,Local access,EUR,0.10,1,0,2009-05-14"));
    program.ok(&["import", "tariffs", &tariffs]);
}

/// Replaces what was added to the configuration.
fn configure(program: &Program, extra: &str) {
    let path = program.path("statementd.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    let base = text.split("# added").next().unwrap();
    std::fs::write(&path, format!("{base}# added\n{extra}\n")).unwrap();
}

fn rerun(state: &str, more: &str) -> String {
    format!(
        "[[rerun]]\nid = \"2009-05-tariff\"\nperiod = \"2009-05\"\nreason = \"rate of LOCAL mended\"\n\
         state = \"{state}\"\n{more}"
    )
}

#[test]
fn late_usage_is_carried_into_the_next_month_in_marked_lines() {
    let program = closed("");
    import_late(&program);
    let status = program.json(&["status", "--json", "--as-of", AFTER_MAY]);
    assert_eq!(status["late_usage"], serde_json::json!({"2009-05": 1}));
    program.ok(&["close", "--period", "2009-06", "--as-of", AFTER_JUNE]);
    let june = statement(&program, "2009-06/602127/r1");
    let lines = june["lines"].as_array().unwrap();
    assert_eq!(lines.len(), 1);
    assert_eq!((&lines[0]["late_from"], &lines[0]["charge"]), (&"2009-05".into(), &"0.90".into()));
    assert_eq!(june["totals"]["charge"], "0.90");
    assert!(!program.archive().join("2009-05/602127/r2").exists(), "May stays as it was sent");
    let status = program.json(&["status", "--json", "--as-of", AFTER_JUNE]);
    assert_eq!(status["late_usage"], serde_json::json!({}));
    program.ok(&["check", "--deep"]);
}

#[test]
fn late_usage_makes_a_revision_of_its_own_month_if_that_is_wanted() {
    let program = closed("billing.late_usage = \"revise\"");
    let mail_before = mail_ids(&program.mail()).len();
    import_late(&program);
    let round = program.json(&["close", "--json", "--period", "2009-05", "--as-of", AFTER_MAY]);
    assert_eq!(round["revised"], 1);
    let may = statement(&program, "2009-05/602127/r2");
    assert_eq!(may["totals"]["charge"], "132.97");
    assert_eq!(may["changes"]["since_revision"], 1);
    assert_eq!(may["lines"].as_array().unwrap().iter().filter(|line| line["conference_id"] == "L").count(), 1);
    assert!(program.archive().join("2009-05/602127/r1/account.json").exists(), "the old revision stays readable");
    // The owner, and the cardholder of the one room that changed.
    assert_eq!(mail_ids(&program.mail()).len(), mail_before + 2);
    let again = program.json(&["close", "--json", "--period", "2009-05", "--as-of", AFTER_MAY]);
    assert_eq!(again["revised"], 0);
    program.ok(&["check", "--deep"]);
}

#[test]
fn a_company_named_like_a_formula_is_text_in_every_table_that_leaves_the_program() {
    let program = Program::with("");
    program.import_sample();
    let accounts = std::fs::read_to_string(sample("accounts.csv")).unwrap();
    let renamed = accounts.replace("MeetingOne Phoenix", "=HYPERLINK(0)");
    program.ok(&["import", "accounts", &program.write("renamed.csv", renamed)]);
    let broken = "mail.transport = \"smtp\"\nmail.from = \"bills@operator.example\"\nmail.host = \"127.0.0.1\"\nmail.port = 1\nmail.tls = \"none\"";
    configure(&program, broken);
    program.run(&["close", "--period", "2009-05", "--as-of", AFTER_MAY]);
    double_local_rate(&program);
    configure(&program, &format!("{broken}\n{}", rerun("rehearse", "")));
    let report = program.archive().join("reruns/2009-05-tariff/report.csv");
    let mut daemon = program.start(&["run", "--as-of", AFTER_MAY]);
    daemon.until("the rehearsal's report", || report.exists());
    let undelivered = program.path("undelivered.csv");
    program.run(&["mail", "undelivered", "--out", &undelivered.display().to_string()]);
    for table in [report, program.archive().join("2009-05/index.csv"), undelivered] {
        let text = String::from_utf8(std::fs::read(&table).unwrap()).unwrap();
        assert!(text.starts_with('\u{feff}'), "{}: {text}", table.display());
        assert!(text.contains(",'=HYPERLINK(0),"), "{}: {text}", table.display());
    }
}

#[test]
fn a_revision_that_cannot_be_made_is_settled_when_its_usage_is_carried_instead() {
    let program = closed("billing.late_usage = \"revise\"");
    let fax = |tariff: &str| {
        let header = csv!(heading tariffs);
        let row = format!("{header}\n{tariff},FAX,Fax,EUR,0.10,1,0,2009-01-01\n");
        program.ok(&["import", "tariffs", &program.write("fax.csv", row)]);
    };
    fax("OTHER");
    program.ok(&["import", "usage", &program.write("late.csv", LATE.replace("LOCAL", "FAX"))]);
    assert_eq!(program.run(&["close", "--period", "2009-05", "--as-of", AFTER_MAY]).status, 3);
    let parked = || {
        let status = program.json(&["status", "--json", "--as-of", AFTER_JUNE]);
        status["periods"].as_array().unwrap().iter().filter(|row| row["state"] == "parked").count()
    };
    assert_eq!(parked(), 1);
    let file = program.path("statementd.toml");
    std::fs::write(&file, std::fs::read_to_string(&file).unwrap().replace("\"revise\"", "\"carry\"")).unwrap();
    fax("BASE-EUR");
    program.ok(&["close", "--period", "2009-06", "--as-of", AFTER_JUNE]);
    assert_eq!(statement(&program, "2009-06/602127/r1")["totals"]["charge"], "1.00");
    assert_eq!(parked(), 0);
}

#[test]
fn a_corrected_tariff_is_rehearsed_applied_and_mailed_by_four_lines_of_configuration() {
    let program = closed("");
    let mail_before = mail_ids(&program.mail()).len();
    double_local_rate(&program);
    let mut daemon = program.start(&["run", "--as-of", AFTER_MAY]);
    daemon.until_logged("statementd is running");

    configure(&program, &rerun("rehearse", "send = \"changed\""));
    let report = program.archive().join("reruns/2009-05-tariff/report.json");
    daemon.until("the rehearsal's report", || report.exists());
    let rehearsed: Value = serde_json::from_slice(&std::fs::read(&report).unwrap()).unwrap();
    assert_eq!((&rehearsed["unchanged"], &rehearsed["changed"]), (&0.into(), &1.into()));
    assert!(!program.archive().join("2009-05/602127/r2").exists(), "a rehearsal changes nothing");
    assert_eq!(mail_ids(&program.mail()).len(), mail_before);

    configure(&program, &rerun("apply", "send = \"changed\""));
    let ledger = || program.json(&["mail", "list", "--json"]).as_array().unwrap().len();
    daemon.until("new messages", || ledger() > mail_before);
    let all_accepted = || {
        let deliveries = program.json(&["mail", "list", "--json"]);
        deliveries.as_array().unwrap().iter().all(|delivery| delivery["state"] == "accepted")
    };
    daemon.until("all mail accepted", all_accepted);
    let may = statement(&program, "2009-05/602127/r2");
    let applied: Value = serde_json::from_slice(&std::fs::read(&report).unwrap()).unwrap();
    assert_eq!(applied["accounts"][0]["changes"], rehearsed["accounts"][0]["changes"], "what was rehearsed was done");
    assert_ne!(may["totals"]["charge"], "132.07");
    // The owner and the two cardholders with LOCAL conferences from the 14th on.
    assert_eq!(ledger(), mail_before + 3);

    daemon.signal("TERM");
    assert_eq!(daemon.wait(), Some(0));
    let mut again = program.start(&["run", "--as-of", AFTER_MAY]);
    again.until_logged("statementd is running");
    configure(&program, &rerun("apply", "send = \"all\""));
    again.until_logged("was asked for before with other content");
    assert!(!program.archive().join("2009-05/602127/r3").exists());
    program.ok(&["check", "--deep"]);
    assert_eq!(ledger(), mail_before + 3);
}

#[test]
fn a_rerun_that_changes_nothing_makes_no_revision() {
    let program = closed("");
    let mut daemon = program.start(&["run", "--as-of", AFTER_MAY]);
    daemon.until_logged("statementd is running");
    configure(&program, &rerun("apply", "send = \"changed\""));
    daemon.until_logged("Rerun applied");
    assert!(!program.archive().join("2009-05/602127/r2").exists());
    let status = program.json(&["status", "--json", "--as-of", AFTER_MAY]);
    assert_eq!(status["reruns"][0]["state"], "applied: 1 unchanged, 0 changed, 0 messages");
}

/// Its row holds from the beginning, so it holds in the closed month, too.
#[test]
fn a_room_that_came_since_and_has_no_usage_in_the_month_makes_no_revision() {
    let program = closed("");
    let rooms = csv!(rooms, "888888,602127,Nora New,nora@phoenix.example,,true");
    program.ok(&["import", "rooms", &program.write("new.csv", rooms)]);
    let mut daemon = program.start(&["run", "--as-of", AFTER_MAY]);
    daemon.until_logged("statementd is running");
    configure(&program, &rerun("apply", "send = \"changed\""));
    daemon.until_logged("Rerun applied");
    let status = program.json(&["status", "--json", "--as-of", AFTER_MAY]);
    assert_eq!(status["reruns"][0]["state"], "applied: 1 unchanged, 0 changed, 0 messages");
    assert!(!program.archive().join("2009-05/602127/r2").exists());
    // A revision for another reason does not list it either.
    double_local_rate(&program);
    configure(&program, &rerun("apply", "send = \"none\"").replace("05-tariff", "05-again"));
    let second = program.archive().join("2009-05/602127/r2/manifest.json");
    daemon.until("the second revision", || second.exists());
    let rooms = |revision: &str| {
        statement(&program, &format!("2009-05/602127/{revision}"))["rooms"].as_array().unwrap().len()
    };
    assert_eq!(rooms("r2"), rooms("r1"));
}

#[test]
fn a_rerun_that_no_daemon_has_taken_up_is_told_to_wait_for_one() {
    let program = closed("");
    configure(&program, &rerun("rehearse", ""));
    let states = |program: &Program| {
        let shown = program.json(&["rerun", "show", "--json"]);
        shown.as_array().unwrap().iter().map(|it| it["state"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(states(&program), ["waiting for the daemon"]);
    let told = program.json(&["status", "--json", "--as-of", AFTER_MAY]);
    assert_eq!(told["reruns"][0]["state"], "waiting for the daemon");
    assert!(program.ok(&["rerun", "show", "2009-05-tariff"]).contains("waiting for the daemon"));
    double_local_rate(&program);
    let mut daemon = program.start(&["run", "--as-of", AFTER_MAY]);
    daemon.until("the rehearsal", || states(&program)[0].starts_with("rehearsed: "));
    daemon.signal("TERM");
    daemon.wait();
    configure(&program, &rerun("apply", ""));
    assert!(states(&program)[0].ends_with("; applying waits for the daemon"), "{:?}", states(&program));
    let shown = program.ok(&["rerun", "show", "2009-05-tariff"]);
    assert!(shown.contains("602127") && shown.contains("132.07"), "what changes, account by account: {shown}");
}

#[test]
fn a_rerun_says_which_of_its_accounts_have_no_closed_month() {
    let program = closed("");
    let mut daemon = program.start(&["run", "--as-of", AFTER_MAY]);
    daemon.until_logged("statementd is running");
    configure(&program, &rerun("apply", "accounts = [\"602127\", \"602128\"]"));
    daemon.until_logged("Rerun applied");
    let status = program.json(&["status", "--json", "--as-of", AFTER_MAY]);
    let state = "applied: 1 unchanged, 0 changed, without a closed 2009-05: 602128, 0 messages";
    assert_eq!(status["reruns"][0]["state"], state);
    let report = std::fs::read(program.archive().join("reruns/2009-05-tariff/report.json")).unwrap();
    let report: Value = serde_json::from_slice(&report).unwrap();
    assert_eq!(report["not_closed"], serde_json::json!(["602128"]));
}

#[test]
fn a_new_look_is_a_revision_that_says_so_and_mail_can_be_sent_once_more() {
    let program = closed("");
    let mail_before = mail_ids(&program.mail()).len();
    let mut daemon = program.start(&["run", "--as-of", AFTER_MAY]);
    daemon.until_logged("statementd is running");
    let presentation = rerun("apply", "what = \"presentation\"\nsend = \"none\"").replace("05-tariff", "05-look");
    configure(&program, &format!("[brand]\nname = \"New name\"\n{presentation}"));
    let second = program.archive().join("2009-05/602127/r2/manifest.json");
    daemon.until("the second revision", || second.exists());
    let (old, new) = (statement(&program, "2009-05/602127/r1"), statement(&program, "2009-05/602127/r2"));
    assert_eq!((&new["lines"], &new["totals"]), (&old["lines"], &old["totals"]));
    assert_eq!(mail_ids(&program.mail()).len(), mail_before);

    let resend = rerun("apply", "what = \"mail\"\nsend = \"all\"\nrecipients = [\"leo@phoenix.example\"]");
    configure(&program, &resend.replace("05-tariff", "05-again"));
    daemon.until("one message more", || {
        let deliveries = program.json(&["mail", "list", "--json", "--state", "accepted"]);
        deliveries.as_array().unwrap().len() == mail_before + 1
    });
}

#[test]
fn a_broken_configuration_leaves_the_old_one_in_force_and_says_what_is_wrong_where() {
    let program = closed("");
    let mut daemon = program.start(&["run", "--as-of", AFTER_MAY]);
    daemon.until_logged("statementd is running");
    configure(&program, "[statements]\nformats = [\"pdf\"]\n");
    daemon.until_logged("statements.formats");
    assert!(daemon.log().contains("statementd.toml"), "{}", daemon.log());
    configure(&program, &rerun("rehearse", ""));
    let report = program.archive().join("reruns/2009-05-tariff/report.html");
    daemon.until("the next good configuration at work", || report.exists());
}

#[test]
fn a_charge_beyond_the_bounds_is_archived_and_mailed_only_when_approved() {
    let program = Program::with("billing.hold_above = [\"300 EUR\"]");
    program.import_sample();
    let closed = program.run(&["close", "--period", "2009-05", "--as-of", AFTER_MAY]);
    assert_eq!(closed.status, 3, "what waits for a person is not done: {}", closed.stdout);
    assert!(closed.stdout.contains("held 8"), "{}", closed.stdout);
    // February and March charge more than 300 €; each has the owner and three cardholders.
    let held = program.json(&["mail", "list", "--json", "--state", "held"]);
    assert_eq!(held.as_array().unwrap().len(), 8);
    assert!(held[0]["last_answer"].as_str().unwrap().contains("[[approve]]"), "{held}");
    assert!(program.archive().join("2009-02/602127/r1/manifest.json").exists());
    let status = program.run(&["status", "--json", "--as-of", AFTER_MAY]);
    assert_eq!(status.status, 3, "{}", status.stdout);
    let status: Value = serde_json::from_str(&status.stdout).unwrap();
    assert_eq!(status["awaiting_approval"].as_array().unwrap().len(), 2);
    assert_eq!(status["undelivered"], serde_json::json!([]), "what waits for approval is told apart");
    configure(&program, "[[approve]]\nperiod = \"2009-02\"\naccounts = [\"602127\"]");
    program.ok(&["close", "--period", "2009-05", "--as-of", AFTER_MAY]);
    let held = program.json(&["mail", "list", "--json", "--state", "held"]);
    let held = held.as_array().unwrap();
    assert!(!held.is_empty() && held.iter().all(|delivery| delivery["period"] == "2009-03"), "{held:?}");
    assert_eq!(mail_ids(&program.mail()).len(), 12);
}

#[test]
fn a_charge_beyond_the_bounds_is_not_mailed_by_a_rerun_either() {
    let program = Program::with("billing.hold_above = [\"300 EUR\"]");
    program.import_sample();
    program.run(&["close", "--period", "2009-02", "--as-of", AFTER_MAY]);
    let mut daemon = program.start(&["run", "--as-of", "2009-03-05T06:00:00Z"]);
    daemon.until_logged("statementd is running");
    let resend = rerun("apply", "what = \"mail\"\nsend = \"all\"").replace("2009-05", "2009-02");
    configure(&program, &resend);
    daemon.until_logged("Rerun applied");
    daemon.signal("TERM");
    assert_eq!(daemon.wait(), Some(0));
    program.ok(&["mail", "send"]);
    assert_eq!(program.json(&["mail", "list", "--json", "--state", "accepted"]), serde_json::json!([]));
    assert_eq!(program.json(&["mail", "list", "--json", "--state", "held"]).as_array().unwrap().len(), 8);
}
