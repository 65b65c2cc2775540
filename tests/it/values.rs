//! Values in files as people and their programs write them.

use std::io::Write as _;
use std::process::Stdio;

use crate::support::database::{Database, on_each_engine};
use crate::support::operator::Operator;

on_each_engine!(
    blanks_around_values_are_no_part_of_them,
    what_is_refused_goes_through_a_spreadsheet_and_comes_back,
    rejected_rows_and_their_callers_have_their_time,
    a_row_of_usage_names_all_its_faults_at_once,
);

const LEG: &str = "L1,C1,400001,LOCAL,2026-10-05T10:00:00Z,2026-10-05T10:30:00Z,,42";

async fn blanks_around_values_are_no_part_of_them(database: Database) {
    let operator = Operator::new(database);
    operator.usage("a.csv", &[LEG, "L2,C2,400002,LOCAL,2026-10-06T10:00:00Z,2026-10-06T10:30:00Z,,"]);
    let padded = [
        "L1 ,C1,400001,LOCAL,2026-10-05T10:00:00Z,2026-10-05T10:30:00Z,,42",
        "\u{200b}L3,C3,400001,LOCAL,2026-10-07T10:00:00Z,2026-10-07T10:30:00Z,,42\u{a0}",
        "L4,C4,400002,LOCAL,2026-10-07T10:00:00Z,2026-10-07T10:30:00Z,, ",
        "L5,C5,400001,LOCAL ,2026-10-08T10:00:00Z,2026-10-08T10:30:00Z",
        "L6,C6,400001,LOCAL,\t2026-10-08T10:00:00Z,2026-10-08T10:30:00Z,,,,",
    ];
    let report = operator.usage("b.csv", &padded);
    assert_eq!((&report["stored"], &report["duplicates"]), (&4.into(), &1.into()), "{report}");
    operator.close("2026-10", "2026-11-05T06:00:00Z");
    let statement = operator.statement("2026-10", 1);
    assert_eq!(statement["totals"]["charge"], "16.20");
    let codes: Vec<_> =
        statement["billing_codes"].as_array().unwrap().iter().map(|code| code["code"].as_str()).collect();
    assert_eq!(codes.len(), 3, "{codes:?}");
    assert!(codes.contains(&Some("42")) && codes.contains(&Some("DESK")) && codes.contains(&None), "{codes:?}");
}

async fn what_is_refused_goes_through_a_spreadsheet_and_comes_back(database: Database) {
    let operator = Operator::new(database);
    operator.usage("a.csv", &["L1,C1,499999,LOCAL,2026-10-05T10:00:00Z,2026-10-05T10:30:00Z,+33491000004,=1+1"]);
    let list = std::fs::read_to_string(operator.path("a.csv.rejected.csv")).unwrap();
    assert!(list.starts_with('\u{feff}') && list.contains(",'+33491000004,'=1+1"), "{list}");
    operator.import("usage", "mended.csv", list.replace(",499999,", ",400001,"));
    assert!(operator.waiting().is_empty());
    let plain = "L1,C1,400001,LOCAL,2026-10-05T10:00:00Z,2026-10-05T10:30:00Z,+33491000004,=1+1";
    assert_eq!(operator.usage("b.csv", &[plain])["duplicates"], 1, "the guard is no part of the value");
}

async fn rejected_rows_and_their_callers_have_their_time(database: Database) {
    let operator = Operator::with(database, "privacy.erase_callers_after = \"720h\"");
    let bad = "L1,C1,499999,LOCAL,2026-10-05T10:00:00Z,2026-10-05T10:30:00Z,+33491000004,";
    operator.usage("a.csv", &[bad, "L2,C1,499998,LOCAL,2026-10-05T10:00:00Z,2026-10-05T10:30:00Z,+33491000005,"]);
    let ids = operator.json(&["import", "rejects", "list", "--json"]);
    operator.ok(&["import", "rejects", "dismiss", &ids[1]["id"].to_string()]);
    let later = statementd::clock::Clock::Fixed(statementd::clock::Clock::System.now() + chrono::TimeDelta::days(60));
    let sources = statementd::config::Sources::isolated()
        .with("database.url", operator.url())
        .with("archive.url", format!("file:{}", operator.path("archive").display()))
        .with("mail.transport", "off")
        .with("privacy.erase_callers_after", "720h");
    let app = statementd::app::App::open(statementd::app::load(&sources).unwrap(), later, true).await.unwrap();
    let erased = statementd::jobs::erase_past_retention(&app.context, &|| true).await.unwrap();
    assert_eq!(erased.rejected, 2);
    assert_eq!(statementd::jobs::erase_past_retention(&app.context, &|| true).await.unwrap().rejected, 0);
    app.close().await;
    let listed = operator.json(&["import", "rejects", "list", "--json"]);
    let record = listed[0]["record"].as_str().unwrap();
    assert!(record.starts_with("L1,C1") && !record.contains("33491000004"), "{record}");
    assert!(operator.json(&["import", "rejects", "list", "--dismissed", "--json"]).as_array().unwrap().is_empty());
}

async fn a_row_of_usage_names_all_its_faults_at_once(database: Database) {
    let operator = Operator::new(database);
    operator.usage("a.csv", &[",,499999,FAX,yesterday,2026-10-05T10:30:00,a\u{7}b,c\u{7}d"]);
    operator.usage("b.csv", &["L2,C2,499998,FAX,2062-01-01T00:00:00Z,2061-12-31T00:00:00Z,,"]);
    let listed = operator.json(&["import", "rejects", "list", "--json"]);
    let reason = |index: usize| {
        let (column, reason) = (&listed[index]["column"], &listed[index]["reason"]);
        format!("{} {}", column.as_str().unwrap_or_default(), reason.as_str().unwrap())
    };
    let parts = ["joined_at must be", "left_at must be", "leg_id is empty", "conference_id is empty"];
    let more = ["room 499999 is unknown", "service type FAX", "caller has a control", "billing_code has a control"];
    for part in parts.iter().chain(&more) {
        assert!(reason(0).contains(part), "{part}: {}", reason(0));
    }
    for part in ["lies in the future", "left_at is before joined_at", "room 499998 is unknown", "service type FAX"] {
        assert!(reason(1).contains(part), "{part}: {}", reason(1));
    }
}

fn operator() -> Operator {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    Operator::new(runtime.block_on(Database::sqlite()))
}

fn gzipped(text: &str) -> Vec<u8> {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packed.write_all(text.as_bytes()).unwrap();
    packed.finish().unwrap()
}

#[test]
fn a_file_is_read_compressed_from_a_pipe_and_below_a_separator_line() {
    let operator = operator();
    let text = format!("sep=,\r\n{}\r\n{LEG}\r\n", Operator::USAGE);
    assert_eq!(operator.import("usage", "a.csv", &text)["stored"], 1);
    assert_eq!(operator.import("usage", "a.csv.gz", gzipped(&text))["duplicates"], 1);
    let mut command = operator.program().command(&["import", "usage", "-"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let bad = LEG.replace("L1,", "L2,").replace("400001", "499999");
    child.stdin.take().unwrap().write_all(format!("{}\n{bad}\n", Operator::USAGE).as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let told = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1), "{told}");
    assert!(
        told.contains("import rejects list") && told.contains("1 x room_number room 499999 is unknown"),
        "{told}"
    );
    assert_eq!(operator.json(&["import", "rejects", "dismiss", "--file", "-", "--json"])["dismissed"], 1);
}

#[test]
fn one_quotation_mark_costs_its_own_row_only() {
    let operator = operator();
    let row = |number: usize, code: &str| {
        format!("Q{number},C{number},400001,LOCAL,2026-10-05T10:00:00Z,2026-10-05T10:30:00Z,,{code}")
    };
    let mut rows: Vec<String> = (0..400).map(|number| row(number, "A")).collect();
    rows[3] = row(3, "\"A");
    rows[200] = row(200, "\"A, B\"");
    rows[399] = row(399, "\"B");
    let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
    let report = operator.usage("q.csv", &rows);
    assert_eq!((&report["stored"], &report["rejected"]), (&398.into(), &2.into()), "{report}");
    let retried = operator.json(&["import", "retry", "--json"]);
    assert_eq!(retried["rejected"], 2, "judged again as before");
}

#[test]
fn what_is_no_csv_is_named_and_stops_none_of_the_other_files() {
    let operator = operator();
    let program = operator.program();
    let good = |name: &str, id: &str| {
        program.write(name, format!("{}\n{}\n", Operator::USAGE, LEG.replace("L1,", &format!("{id},"))))
    };
    let files = [
        good("1.csv", "F1"),
        program.write("2.csv", ""),
        program.write("3.xlsx", b"PK\x03\x04\x14\0\0\0\x08\0[Content_Types].xml xl/workbook.xml"),
        program.write("4.csv", "Leg ID,conference_id\n"),
        good("5.csv", "F5"),
    ];
    let mut arguments = vec!["import", "usage", "--json"];
    arguments.extend(files.iter().map(String::as_str));
    let run = operator.run(&arguments);
    assert_eq!(run.status, 3, "{}", run.stderr);
    let reports: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    let error = |at: usize| reports[at]["error"].as_str().unwrap_or_default().to_owned();
    assert_eq!((&reports[0]["stored"], &reports[4]["stored"]), (&1.into(), &1.into()), "{reports}");
    assert!(error(1).contains("is empty") && error(2).contains("an Excel workbook"), "{reports}");
    assert!(error(3).contains("did you mean leg_id"), "{reports}");
    assert!(run.stderr.contains("2.csv") && run.stderr.contains("3.xlsx"), "{}", run.stderr);

    let quiet = operator.run(&["-q", "import", "usage", &files[0]]);
    assert_eq!((quiet.status, quiet.stdout.as_str(), quiet.stderr.as_str()), (0, "", ""), "a night without a mail");
}
