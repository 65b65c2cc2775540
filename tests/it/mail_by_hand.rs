//! What a person does with mail: approvals, which bulk orders do not give, corrected addresses, settled bounces, a
//! pause.

use serde_json::Value;

use crate::support::{AFTER_MAY, Program, csv, mail_ids, postgres};

const ACCOUNTS: &str = csv!(accounts);
const ROOMS: &str = csv!(rooms);

async fn on_each_engine(extra: &str) -> [Program; 2] {
    let programs = [Program::with(extra), Program::on(&postgres::new_database().await, extra)];
    for program in &programs {
        program.import_sample();
    }
    programs
}

fn close(program: &Program) {
    program.run(&["close", "--period", "2009-05", "--as-of", AFTER_MAY]);
}

fn list(program: &Program, more: &[&str]) -> Vec<Value> {
    let arguments: Vec<_> = ["mail", "list", "--json"].into_iter().chain(more.iter().copied()).collect();
    program.json(&arguments).as_array().unwrap().clone()
}

fn configure(program: &Program, extra: &str) {
    let path = program.path("statementd.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, format!("{text}\n{extra}\n")).unwrap();
}

/// Lets the message come back, as the mail system reports it in the mailbox of bounces.
fn bounce(program: &Program, message: &Value) {
    let id = message["message_id"].as_str().unwrap();
    let report = format!(
        "From x Wed Jun  3 06:00:00 2009\nFrom: MAILER-DAEMON@mx.example\nMIME-Version: 1.0\n\
         Content-Type: multipart/report; report-type=delivery-status; boundary=\"B\"\n\n--B\n\
         Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n\n\
         Final-Recipient: rfc822; x@y.example\nAction: failed\nStatus: 5.1.1\n\
         Diagnostic-Code: smtp; 550 no such user\n\n--B\nContent-Type: text/rfc822-headers\n\n\
         Message-ID: <{id}>\n\n--B--\n\n"
    );
    std::fs::write(program.path("bounces"), report).unwrap();
    program.run(&["mail", "send"]);
    let bounced = list(program, &["--message-id", id]);
    assert_eq!(bounced[0]["state"], "bounced", "{bounced:?}");
}

fn with_bounces(program: &Program) {
    configure(program, &format!("mail.bounces = \"{}\"", program.path("bounces").display()));
}

fn message_to(program: &Program, recipient: &str, period: &str) -> Value {
    list(program, &["--recipient", recipient, "--period", period]).last().unwrap().clone()
}

fn undelivered(program: &Program) -> usize {
    let status = program.json(&["status", "--json", "--as-of", AFTER_MAY]);
    let csv = program.ok(&["mail", "undelivered"]);
    let listed = csv.lines().count() - 1;
    assert_eq!(status["undelivered"].as_array().unwrap().len(), listed, "{csv}");
    listed
}

#[tokio::test]
async fn a_release_of_all_leaves_what_waits_for_approval() {
    for program in on_each_engine("billing.hold_above = [\"300 EUR\"]").await {
        program.run(&["close", "--no-send", "--period", "2009-05", "--as-of", AFTER_MAY]);
        program.ok(&["mail", "hold", "--period", "2009-05"]);
        let waiting = list(&program, &["--state", "held", "--period", "2009-02"]).len();
        assert_eq!(waiting, 4);
        let report = program.json(&["mail", "release", "--all", "--json"]);
        assert_eq!(report["awaiting_approval"], 8, "{report}");
        assert_eq!(report["moved"], list(&program, &["--period", "2009-05"]).len(), "{report}");
        program.ok(&["mail", "send"]);
        assert_eq!(list(&program, &["--state", "held"]).len(), 8);
        let id = list(&program, &["--state", "held"])[0]["message_id"].as_str().unwrap().to_owned();
        program.ok(&["mail", "release", "--message-id", &id]);
        assert_eq!(list(&program, &["--state", "held"]).len(), 8, "not by its name either");
    }
}

#[tokio::test]
async fn the_approval_that_status_prints_is_configuration_and_sends() {
    for program in on_each_engine("billing.hold_above = [\"300 EUR\"]").await {
        close(&program);
        let status = program.run(&["status", "--as-of", AFTER_MAY]).stdout;
        let from = status.find("[[approve]]\n").unwrap_or_else(|| panic!("{status}"));
        let pasted: Vec<_> = status[from..].lines().take(3).collect();
        assert!(pasted[1].contains("2009-02"), "{status}");
        configure(&program, &pasted.join("\n"));
        close(&program);
        let held = list(&program, &["--state", "held"]);
        assert!(!held.is_empty() && held.iter().all(|delivery| delivery["period"] == "2009-03"), "{held:?}");
    }
}

#[tokio::test]
async fn a_retry_goes_to_the_corrected_address_and_settles_the_bounce() {
    for program in on_each_engine("").await {
        close(&program);
        with_bounces(&program);
        for recipient in ["compta@phoenix.example", "leo@phoenix.example"] {
            bounce(&program, &message_to(&program, recipient, "2009-05"));
        }
        assert_eq!(undelivered(&program), 2);
        let mended =
            "602127,MeetingOne Phoenix,EUR,Europe/Paris,fr-FR,BASE-EUR,Service comptabilité,new@phoenix.example\n";
        program.ok(&["import", "accounts", &program.write("accounts.csv", format!("{ACCOUNTS}{mended}"))]);
        let mended = "320026,602127,Leo,leo.b@phoenix.example,,true\n";
        program.ok(&["import", "rooms", &program.write("rooms.csv", format!("{ROOMS}{mended}"))]);
        let report = program.json(&["mail", "retry", "--state", "bounced", "--json"]);
        assert_eq!((&report["moved"], &report["readdressed"]), (&2.into(), &2.into()));
        program.ok(&["mail", "send"]);
        for recipient in ["new@phoenix.example", "leo.b@phoenix.example"] {
            assert_eq!(message_to(&program, recipient, "2009-05")["state"], "accepted");
        }
        assert_eq!(undelivered(&program), 0, "the bounces are settled");
        let again = program.json(&["mail", "retry", "--state", "bounced", "--json"]);
        assert_eq!(again["moved"], 0, "what was replaced is not tried again: {again}");
    }
}

#[tokio::test]
async fn a_retry_to_an_address_by_hand_and_one_to_the_same_address() {
    for program in on_each_engine("").await {
        close(&program);
        with_bounces(&program);
        let leo = message_to(&program, "leo@phoenix.example", "2009-05");
        bounce(&program, &leo);
        let sent = mail_ids(&program.mail()).len();
        program.ok(&["mail", "retry", "--state", "bounced"]);
        program.ok(&["mail", "send"]);
        assert_eq!(message_to(&program, "leo@phoenix.example", "2009-05")["state"], "accepted");
        assert_eq!(mail_ids(&program.mail()).len(), sent, "the same message, with the same Message-ID");

        let compta = message_to(&program, "compta@phoenix.example", "2009-05");
        bounce(&program, &compta);
        for order in ["retry", "hold", "release"] {
            let none = program.run(&["mail", order, "--message-id", "0123456789ab"]);
            assert_eq!(none.status, 1, "{order}: {}", none.stdout);
            assert!(none.stderr.contains("0123456789ab") && none.stderr.contains("mail list"), "{}", none.stderr);
        }
        let id = &compta["message_id"].as_str().unwrap()[..12];
        program.ok(&["mail", "retry", "--message-id", id, "--to", "chef@phoenix.example"]);
        program.ok(&["mail", "send"]);
        assert_eq!(message_to(&program, "chef@phoenix.example", "2009-05")["state"], "accepted");
        assert_eq!(undelivered(&program), 0);
    }
}

#[tokio::test]
async fn a_statement_is_sent_once_more_to_its_reader_or_to_a_named_address() {
    for program in on_each_engine("").await {
        close(&program);
        with_bounces(&program);
        let before = list(&program, &["--period", "2009-05"]).len();
        program.ok(&["mail", "resend", "--period", "2009-05", "--account", "602127"]);
        program.ok(&["mail", "send"]);
        let owners = list(&program, &["--period", "2009-05", "--recipient", "compta@phoenix.example"]);
        assert_eq!(owners.len(), 2);
        assert!(owners.iter().all(|delivery| delivery["state"] == "accepted"));
        assert_eq!(list(&program, &["--period", "2009-05"]).len(), before + 1, "no one else gets anything");

        bounce(&program, &message_to(&program, "leo@phoenix.example", "2009-05"));
        let to = ["mail", "resend", "--period", "2009-05", "--account", "602127", "--room", "320026"];
        program.ok(&[&to[..], &["--to", "Leo.New@phoenix.example"]].concat());
        program.ok(&["mail", "send"]);
        let new = message_to(&program, "leo.new@phoenix.example", "2009-05");
        assert_eq!((&new["state"], &new["room"]), (&"accepted".into(), &"320026".into()));
        assert_eq!(undelivered(&program), 0, "the bounce is settled");
        let unknown = program.run(&["mail", "resend", "--period", "2009-05", "--account", "1"]);
        assert_eq!(unknown.status, 1);
        assert!(unknown.stderr.contains("account 1 does not exist"), "{}", unknown.stderr);
    }
}

#[tokio::test]
async fn a_bounce_is_settled_by_a_newer_revision_that_arrived() {
    for program in on_each_engine("billing.late_usage = \"revise\"").await {
        close(&program);
        with_bounces(&program);
        bounce(&program, &message_to(&program, "compta@phoenix.example", "2009-05"));
        assert_eq!(undelivered(&program), 1);
        let late =
            program.write("late.csv", csv!(usage, "L-1,L,332703,LOCAL,2009-05-20T10:00:00Z,2009-05-20T10:10:00Z,,"));
        program.ok(&["import", "usage", &late]);
        close(&program);
        let owner = list(&program, &["--period", "2009-05", "--recipient", "compta@phoenix.example"]);
        assert_eq!(owner.iter().map(|delivery| &delivery["state"]).collect::<Vec<_>>(), ["bounced", "accepted"]);
        assert_eq!(undelivered(&program), 0);
    }
}

#[tokio::test]
async fn a_bounce_whose_reader_is_gone_is_dismissed_and_brought_back_by_its_id() {
    for program in on_each_engine("").await {
        close(&program);
        with_bounces(&program);
        let leo = message_to(&program, "leo@phoenix.example", "2009-05");
        bounce(&program, &leo);
        bounce(&program, &message_to(&program, "compta@phoenix.example", "2009-05"));
        let id = leo["message_id"].as_str().unwrap();
        assert_eq!(undelivered(&program), 2);

        program.ok(&["mail", "dismiss", "--message-id", id]);
        assert_eq!(undelivered(&program), 1, "the other one still needs a person");
        let shown = program.ok(&["mail", "list", "--state", "bounced"]);
        assert!(shown.contains("bounced, dismissed"), "{shown}");
        let retried = program.json(&["mail", "retry", "--state", "bounced", "--account", "602127", "--json"]);
        assert_eq!(retried["moved"], 1, "no order for many brings it back: {retried}");
        let dismissed = program.json(&["log", "--json"]);
        assert!(dismissed.as_array().unwrap().iter().any(|entry| entry["action"] == "dismissed"), "{dismissed}");

        program.ok(&["mail", "retry", "--message-id", id, "--to", "lea@phoenix.example"]);
        program.ok(&["mail", "send"]);
        assert_eq!(message_to(&program, "lea@phoenix.example", "2009-05")["state"], "accepted");
        assert_eq!(undelivered(&program), 0);
    }
}

#[tokio::test]
async fn what_is_queued_or_arrived_is_not_dismissed() {
    for program in on_each_engine("billing.hold_above = [\"300 EUR\"]").await {
        program.run(&["close", "--no-send", "--period", "2009-05", "--as-of", AFTER_MAY]);
        let report = program.json(&["mail", "dismiss", "--all", "--json"]);
        assert_eq!(report["moved"], 0, "neither what is queued nor what waits for approval: {report}");
        program.ok(&["mail", "hold", "--period", "2009-05"]);
        let report = program.json(&["mail", "dismiss", "--period", "2009-05", "--json"]);
        let held = list(&program, &["--period", "2009-05", "--state", "held"]).len();
        assert_eq!(report["moved"], held, "{report}");
        let released = program.json(&["mail", "release", "--all", "--json"]);
        assert_eq!(released["moved"], 0, "{released}");
    }
}

#[tokio::test]
async fn a_pause_lasts_until_it_is_ended_and_covers_what_comes() {
    for program in on_each_engine("").await {
        program.ok(&["mail", "pause"]);
        close(&program);
        assert!(mail_ids(&program.mail()).is_empty());
        let send = program.run(&["mail", "send"]);
        assert_eq!(send.status, 3);
        assert!(send.stdout.contains("mail is paused since"), "{}", send.stdout);
        let status = program.run(&["status", "--as-of", AFTER_MAY]).stdout;
        assert!(status.contains("mail resume"), "{status}");
        let paused = program.json(&["mail", "pause", "--json"]);
        assert_eq!(paused["changed"], false);
        program.ok(&["mail", "resume"]);
        program.ok(&["mail", "send"]);
        assert_eq!(mail_ids(&program.mail()).len(), list(&program, &[]).len());
        let log = program.json(&["log", "--json"]);
        let actions: Vec<_> = log.as_array().unwrap().iter().map(|entry| entry["action"].as_str().unwrap()).collect();
        assert!(actions.contains(&"mail_paused") && actions.contains(&"mail_resumed"), "{actions:?}");
    }
}
