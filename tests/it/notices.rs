//! Mail to the operator: each thing is reported once, and customers appear by their numbers only.

use std::path::PathBuf;

use mail_parser::{MessageParser, MimeHeaders};

use crate::mail::fault_server::FaultServer;
use crate::support::{AFTER_MAY, Program, csv, postgres};

const NOTIFY: &str = "operations.notify = [\"ops@operator.example\"]";

/// Finished files of notices of a kind, for example `report-2009-05` or `daily`.
pub fn notices(program: &Program, kind: &str) -> Vec<PathBuf> {
    let files = std::fs::read_dir(program.mail()).into_iter().flatten().flatten().map(|entry| entry.path());
    let is_of_kind = |path: &PathBuf| {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        name.starts_with(kind) && path.extension().is_some_and(|end| end == "eml")
    };
    files.filter(is_of_kind).collect()
}

/// Subject, text, and the attachments' content.
pub fn read(path: &PathBuf) -> (String, String, Vec<String>) {
    let bytes = std::fs::read(path).unwrap();
    let message = MessageParser::default().parse(&bytes).unwrap();
    let attachments = message.attachments().filter(|part| part.attachment_name().is_some());
    let attachments = attachments.map(|part| String::from_utf8(part.contents().to_vec()).unwrap()).collect();
    (message.subject().unwrap().into(), message.body_text(0).unwrap().into_owned(), attachments)
}

fn run_until(program: &Program, what: &str, condition: impl Fn() -> bool) {
    let mut daemon = program.start(&["run", "--as-of", AFTER_MAY]);
    daemon.until(what, condition);
    daemon.signal("TERM");
    assert_eq!(daemon.wait(), Some(0));
}

#[test]
fn a_closed_month_is_reported_once_with_its_totals_and_without_names() {
    let program = Program::with(NOTIFY);
    program.import_sample();
    run_until(&program, "the report", || notices(&program, "report-").len() == 4);
    // Another daemon finds nothing left to say; its own work shows that it has looked.
    std::fs::remove_dir_all(program.mail()).unwrap();
    let late = program.write("late.csv", csv!(usage, "X-1,X,999,WEB,2009-05-01T10:00:00Z,2009-05-01T10:10:00Z,,"));
    program.run(&["import", "usage", &late]);
    run_until(&program, "the daily mail", || !notices(&program, "daily-").is_empty());
    assert!(notices(&program, "report-").is_empty());
}

#[test]
fn the_report_compares_with_the_month_before_and_names_no_one() {
    let program = Program::with(NOTIFY);
    program.import_sample();
    run_until(&program, "the report", || !notices(&program, "report-2009-05").is_empty());
    let (subject, text, attachments) = read(&notices(&program, "report-2009-05")[0]);
    assert_eq!(subject, "statementd: 2009-05 closed");
    assert!(text.contains("closed            1"), "{text}");
    assert!(text.contains("EUR           132.07"), "{text}");
    let index = std::fs::read(program.archive().join("2009-05/manifest.json")).unwrap();
    assert!(text.contains(&statementd::digest::sha256_hex(&index)), "{text}");
    assert!(
        attachments[0].starts_with("\u{feff}account,period,state,revision,currency,charge,charge_before,detail\r\n")
    );
    assert!(attachments[0].contains("\n602127,2009-05,closed,1,EUR,132.07,"), "{}", attachments[0]);
    for name in ["Leo", "BALLESTER", "Codeau", "@"] {
        assert!(!text.contains(name) && !attachments[0].contains(name), "{name}");
    }
}

#[test]
fn what_needs_a_person_is_said_once_a_day() {
    let program = Program::with(NOTIFY);
    program.import_sample();
    let rooms =
        program.write("usage.csv", csv!(usage, "X-1,X,332703,NOBODY,2009-05-01T10:00:00Z,2009-05-01T10:10:00Z,,"));
    program.run(&["import", "usage", &rooms]);
    run_until(&program, "the daily mail", || !notices(&program, "daily-2009-06-05").is_empty());
    let (subject, text, _) = read(&notices(&program, "daily-2009-06-05")[0]);
    assert_eq!(subject, "statementd: 1 thing needs you", "{text}");
    assert!(text.contains("usage: 1 rejected row waits"), "{text}");
    std::fs::remove_dir_all(program.mail()).unwrap();
    let mut daemon = program.start(&["run", "--as-of", "2009-06-06T06:00:00Z"]);
    daemon.until("the next day's mail", || !notices(&program, "daily-2009-06-06").is_empty());
    assert!(notices(&program, "daily-2009-06-05").is_empty());
}

#[test]
fn months_that_stay_in_the_archive_against_their_time_are_told() {
    let program = Program::with(&format!("archive.keep_months = 1\n{NOTIFY}"));
    program.import_sample();
    run_until(&program, "the daily mail", || !notices(&program, "daily-2009-06-05").is_empty());
    let (_, text, _) = read(&notices(&program, "daily-2009-06-05")[0]);
    assert!(text.contains("Older months that stay in the archive although their time is over (1)"), "{text}");
    assert!(
        text.contains("account 602127, kept: older months")
            && text.contains("(since 2009-06-05")
            && text.contains("archive expire --confirm"),
        "{text}"
    );
}

/// The subjects of the operator's mail, in alphabetical order.
fn subjects(server: &FaultServer) -> Vec<String> {
    let ours = server.stored().into_iter().filter(|mail| mail.recipient.contains("ops@operator.example"));
    let subject = |bytes: &[u8]| MessageParser::default().parse(bytes).unwrap().subject().unwrap().to_owned();
    let mut subjects: Vec<String> = ours.map(|mail| subject(&mail.bytes)).collect();
    subjects.sort();
    subjects
}

#[tokio::test(flavor = "multi_thread")]
async fn two_daemons_on_one_server_send_each_notice_once() {
    let (database, smtp) = (postgres::new_database().await, FaultServer::sound().await);
    let mail = format!(
        "mail.transport = \"smtp\"\nmail.host = \"127.0.0.1\"\nmail.port = {}\nmail.tls = \"none\"\nmail.from = \"a@b.example\"\n{NOTIFY}",
        smtp.port
    );
    let first = Program::on(&database, &mail);
    // Two machines with one database and one archive.
    let mut second = Program::on(&database, &mail);
    second.configured_by(&[first.path("statementd.toml").display().to_string()]);
    first.import_sample();
    let unknown = csv!(usage, "X-1,X,999,WEB,2009-05-01T10:00:00Z,2009-05-01T10:10:00Z,,");
    first.run(&["import", "usage", &first.write("late.csv", unknown)]);

    let mut wanted: Vec<String> = ["2009-02", "2009-03", "2009-04", "2009-05"]
        .map(|period| format!("statementd: {period} closed"))
        .into_iter()
        .chain(["statementd: 1 thing needs you".to_owned()])
        .collect();
    for day in [AFTER_MAY, "2009-06-06T06:00:00Z"] {
        wanted.sort();
        let mut daemons = [first.start(&["run", "--as-of", day]), second.start(&["run", "--as-of", day])];
        let [one, other] = &mut daemons;
        one.until("the notices", || subjects(&smtp).len() >= wanted.len());
        other.until_logged("statementd is running");
        for daemon in daemons {
            daemon.signal("TERM");
            assert_eq!(daemon.wait(), Some(0));
        }
        assert_eq!(subjects(&smtp), wanted, "{day}");
        wanted.push("statementd: 1 thing needs you".to_owned());
    }
}
