//! Anyone who can send mail to the address of bounces: they end nothing, hide nothing, and cancel nothing.

use std::fmt::Write as _;
use std::process::Command;

use statementd::digest::Sha256;
use statementd::jobs::{MailOrder, order_mail};
use statementd::mail::Transport;
use statementd::store::{BounceAttempt, DeliveryFilter};

use super::bounces::{maildir_with, report, sent};
use super::fault_server::FaultServer;
use super::fixture::{CLOSING_DAY, Fixture, Plan, smtp};
use crate::support::Program;

/// Kilobytes of address space that must be enough for every mail.
const SMALL: &str = "524288";

fn mbox(mails: impl Iterator<Item = String>) -> String {
    mails.fold(String::new(), |mut all, mail| {
        let _ = write!(all, "From x Wed Jun  3 06:00:00 2009\n{mail}\n");
        all
    })
}

#[tokio::test]
async fn ten_thousand_forged_reports_do_not_hide_the_true_one_behind_them() {
    let (fixture, _server) = sent(&Plan::one_owner()).await;
    let id = fixture.delivery().await.message_id;
    let forged = (0..10_000).map(|number| report(&format!("{number:032x}@operator.example"), "failed"));
    let content = mbox(forged.chain([report(&id, "Failed")]));
    std::fs::write(fixture.root.path().join("bounces"), content).unwrap();
    let mut rounds = 0;
    while fixture.states().await != [("bounced", 1)].into() {
        fixture.round().await;
        rounds += 1;
        assert!(rounds < 20, "each round goes on where the last one ended");
    }
}

#[tokio::test]
async fn a_report_about_mail_that_was_never_sent_cancels_nothing() {
    let server = FaultServer::sound().await;
    let fixture = Fixture::published(&Plan::one_owner(), Transport::Smtp(smtp(server.port))).await;
    order_mail(&fixture.context, &DeliveryFilter::default(), MailOrder::Hold).await.unwrap();
    let bounces = fixture.root.path().join("bounces");
    maildir_with(&bounces, &[report(&fixture.delivery().await.message_id, "failed")]);
    let fixture = fixture.with_rules(|rules| rules.bounces = Some(bounces));
    assert_eq!(fixture.round().await.came_back, 0);
    assert_eq!(fixture.states().await, [("held", 1)].into());
    order_mail(&fixture.context, &DeliveryFilter::default(), MailOrder::Release).await.unwrap();
    assert_eq!(fixture.round().await.accepted, 1);
}

#[tokio::test]
async fn a_mail_that_a_process_died_of_is_passed_over() {
    let (fixture, _server) = sent(&Plan::recipients(2)).await;
    let deliveries = fixture.deliveries().await;
    let mails: Vec<_> = deliveries.iter().map(|delivery| report(&delivery.message_id, "failed")).collect();
    maildir_with(&fixture.root.path().join("bounces"), &mails);
    let mut tx = fixture.context.store.write().await.unwrap();
    let before: chrono::DateTime<chrono::Utc> = CLOSING_DAY.parse().unwrap();
    let died = tx.bounces().begin(Sha256::of(mails[0].as_bytes()), before).await.unwrap();
    assert_eq!(died, BounceAttempt::Begun);
    tx.commit().await.unwrap();
    // Another process may still be at it: it waits, and does not stop the others.
    assert_eq!(fixture.round().await.came_back, 1);
    let mut later = fixture;
    later.later(chrono::TimeDelta::hours(1));
    assert_eq!(later.round().await.came_back, 0);
    assert_eq!(later.states().await, [("accepted", 1), ("bounced", 1)].into());
    assert_eq!(std::fs::read_dir(later.root.path().join("bounces/new")).unwrap().count(), 0);
}

#[tokio::test]
async fn a_path_that_leads_nowhere_is_told_and_keeps_no_mail_back() {
    let server = FaultServer::sound().await;
    let fixture = Fixture::published(&Plan::one_owner(), Transport::Smtp(smtp(server.port))).await;
    let misspelt = fixture.root.path().join("misspelt/bounces");
    let fixture = fixture.with_rules(|rules| rules.bounces = Some(misspelt));
    let report = fixture.round().await;
    assert_eq!(report.accepted, 1);
    assert!(report.trouble.unwrap().contains("misspelt"));
}

#[test]
fn the_path_of_bounces_is_checked() {
    let program = Program::new();
    let checked = |path: &str| {
        let file = program.write("bounces.toml", format!("mail.bounces = \"{}\"\n", program.path(path).display()));
        program.run(&["--config", &file, "check"])
    };
    assert!(checked("no-folder/bounces").stdout.contains("FAILED  bounces"));
    let not_yet = checked("not-yet").stdout;
    let told: Vec<&str> = not_yet.lines().filter(|line| line.contains("not-yet")).collect();
    assert!(told.len() == 1 && told[0].starts_with("warn") && told[0].contains("is not there yet"), "{told:?}");
    maildir_with(&program.path("box"), &["Subject: x\r\n\r\n".into()]);
    assert!(checked("box").stdout.contains("is a maildir, 1 mails unread"));
}

/// A real process with little memory, which mails made to end it or to fill it are sent to.
#[test]
fn no_mail_ends_the_process_or_fills_its_memory() {
    let (program, id) = sent_into_a_folder();
    let status = "a:\n\n".repeat(10 * 1024 * 1024 / 4);
    let mails = [
        "Content-Type: message/rfc822\r\n\r\n".repeat(40_000),
        "Content-Type: message/global\r\n\r\n".repeat(400_000),
        report("x@y.example", "failed").replace("Reporting-MTA", &format!("{status}Reporting-MTA")),
        report("x@y.example", "failed").replace("\r\n\r\n--B--", &"\r\na:b\r\n\r\n".repeat(1_000_000)),
        (0..100_000).fold(String::new(), |mut all, depth| {
            let _ = write!(all, "Content-Type: multipart/mixed; boundary={depth}\r\n\r\n--{depth}\r\n");
            all
        }),
        "x".repeat(50_000_000),
        report(&id, "failed"),
    ];
    maildir_with(&program.path("bounces"), &mails);
    let mut limited = Command::new("sh");
    let command = command(&program, &["mail", "send"]);
    limited.args(["-c", &format!("ulimit -v {SMALL}; exec \"$@\""), "sh"]).arg(command.get_program());
    let ended = limited.args(command.get_args()).current_dir(program.path("")).env_clear().output().unwrap();
    assert!(ended.status.code().is_some(), "{}", String::from_utf8_lossy(&ended.stderr));
    assert_eq!(bounced(&program), 1, "{}", String::from_utf8_lossy(&ended.stderr));
    assert_eq!(std::fs::read_dir(program.path("bounces/new")).unwrap().count(), 0);
}

/// As under the shipped unit: the maildir may be read and not written to. Needs root, which becomes another user.
#[test]
fn a_maildir_that_is_read_only_is_read_once_and_to_its_end() {
    let (program, id) = sent_into_a_folder();
    let mut mails: Vec<String> = (0..10_000).map(|number| format!("Subject: spam {number}\r\n\r\n")).collect();
    mails.push(report(&id, "failed"));
    maildir_with(&program.path("bounces"), &mails);
    let user = |command: &mut Command| assert!(command.status().unwrap().success());
    user(Command::new("chown").args(["-R", "65534:65534"]).arg(program.path("")));
    user(Command::new("chown").args(["-R", "root:root"]).arg(program.path("bounces")));
    let as_other = |arguments: &[&str]| {
        let command = command(&program, arguments);
        let mut other = Command::new("setpriv");
        other.args(["--reuid=65534", "--regid=65534", "--clear-groups"]).arg(command.get_program());
        let ended = other.args(command.get_args()).current_dir(program.path("")).env_clear().output().unwrap();
        assert!(ended.status.code().is_some_and(|code| code != 1), "{}", String::from_utf8_lossy(&ended.stderr));
        String::from_utf8_lossy(&ended.stdout).into_owned()
    };
    let mut rounds = 0;
    while !as_other(&["mail", "list", "--state", "bounced", "--json"]).contains(&id) {
        as_other(&["mail", "send"]);
        rounds += 1;
        assert!(rounds < 20, "each round goes on where the last one ended");
    }
    assert_eq!(std::fs::read_dir(program.path("bounces/new")).unwrap().count(), mails.len(), "nothing was moved");
}

/// Mail that was accepted, by a program that reads bounces; and the id of one message.
fn sent_into_a_folder() -> (Program, String) {
    let program = Program::new();
    program.import_sample();
    program.ok(&["close", "--period", "2009-05"]);
    let listed = program.json(&["mail", "list", "--json"]);
    let id = listed[0]["message_id"].as_str().unwrap().to_owned();
    let lines = format!("mail.bounces = \"{}\"\n", program.path("bounces").display());
    program.write("bounces.toml", lines);
    (program, id)
}

fn command(program: &Program, arguments: &[&str]) -> Command {
    let file = program.path("bounces.toml").display().to_string();
    program.command(&[&["--config", file.as_str()], arguments].concat())
}

fn bounced(program: &Program) -> usize {
    program.json(&["mail", "list", "--state", "bounced", "--json"]).as_array().unwrap().len()
}

#[test]
fn no_one_else_can_compute_a_message_s_id_and_a_backup_keeps_what_it_takes() {
    let ids = |program: &Program| {
        let listed = program.json(&["mail", "list", "--json"]);
        let ids = listed.as_array().unwrap().iter().map(|delivery| delivery["message_id"].to_string());
        ids.collect::<Vec<_>>()
    };
    let (one, other) = (Program::new(), Program::new());
    for program in [&one, &other] {
        program.import_sample();
    }
    // Before anything is closed: the ids are made by the secret alone.
    let backup = one.path("backup.db").display().to_string();
    one.ok(&["backup", &backup]);
    let copy = format!("sqlite://{}", one.path("copy.db").display());
    one.ok(&["copy", "--to", &copy]);
    for program in [&one, &other] {
        program.ok(&["close", "--period", "2009-05"]);
    }
    let first = ids(&one);
    assert!(!first.is_empty() && first.iter().all(|id| !ids(&other).contains(id)));
    for database in [format!("sqlite://{backup}"), copy] {
        let restored = Program::on(&database, "");
        restored.ok(&["close", "--period", "2009-05"]);
        assert_eq!(ids(&restored), first, "{database}");
    }
}
