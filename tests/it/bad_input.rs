//! Bad rows of every kind: refused with file, line, column and reason, and nothing good is lost.

use crate::support::{AFTER_MAY, Program, csv};

const HEADER: &str = csv!(heading usage);

#[test]
fn bad_rows_are_refused_each_for_its_reason_and_good_ones_are_kept() {
    let program = Program::new();
    program.import_sample();
    let rows = [
        ("G-1,G,332703,WEB,2009-05-20T10:00:00Z,2009-05-20T10:10:00Z,,", None),
        ("B-1,B,999999,WEB,2009-05-20T10:00:00Z,2009-05-20T10:10:00Z,,", Some("room_number")),
        ("B-2,B,332703,FAX,2009-05-20T10:00:00Z,2009-05-20T10:10:00Z,,", Some("service_type")),
        ("B-3,B,332703,WEB,2009-05-20T10:10:00Z,2009-05-20T10:00:00Z,,", Some("left_at")),
        ("B-4,B,332703,WEB,2009-05-20T10:00:00Z,2009-05-21T10:00:01Z,,", Some("left_at")),
        ("B-5,B,332703,WEB,2009-05-20 10:00,2009-05-20T10:10:00Z,,", Some("joined_at")),
        ("B-6,B,332703,WEB,2009-05-20T10:00:00Z,2009-05-20T10:10:00Z,,\u{7}bell", Some("billing_code")),
        ("B-7,B,332703,WEB,2009-05-20T10:00:00Z,2009-05-20T10:10:00Z,,\"two\nlines\"", Some("billing_code")),
        ("G-2,G,332703,WEB,2009-05-20T10:00:00Z,2009-05-20T10:20:00Z,,", None),
    ];
    let mut content: Vec<u8> = format!("{HEADER}\n").into_bytes();
    for (row, _) in &rows {
        content.extend(row.as_bytes());
        content.push(b'\n');
    }
    content.extend(b"B-8,B,332703,WEB,2009-05-20T10:00:00Z,2009-05-20T10:10:00Z,,\xff\xfe\n");
    let file = program.write("usage-bad.csv", content);
    let run = program.run(&["import", "--json", "usage", &file]);
    assert_eq!(run.status, 3, "{}", run.stderr);
    let report: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(
        (&report[0]["rows"], &report[0]["stored"], &report[0]["rejected"]),
        (&10.into(), &2.into(), &8.into())
    );

    let rejects = std::fs::read(program.path("usage-bad.csv.rejected.csv")).unwrap();
    let rejects = String::from_utf8_lossy(&rejects);
    for (row, column) in rows.iter().filter_map(|(row, column)| Some((row, (*column)?))) {
        let id = row.split(',').next().unwrap();
        let line = rejects.lines().find(|line| line.contains(id)).unwrap_or_else(|| panic!("{id} in\n{rejects}"));
        assert!(line.contains(column) || rejects.contains(column), "{id}: {column} is not in {line}");
    }

    let rooms = program.write("rooms-new.csv", csv!(rooms, "999999,602127,Neu,,,true"));
    program.ok(&["import", "rooms", &rooms]);
    let retried = program.run(&["import", "retry", "--json"]);
    assert_eq!(retried.status, 3);
    let retried: serde_json::Value = serde_json::from_str(&retried.stdout).unwrap();
    assert_eq!((&retried["stored"], &retried["rejected"]), (&1.into(), &7.into()));
}

#[test]
fn a_file_without_a_needed_column_stores_nothing() {
    let program = Program::new();
    program.import_sample();
    let file = program.write("short.csv", "leg_id,conference_id,room_number\nA,B,332703\n");
    let run = program.run(&["import", "usage", &file]);
    assert_eq!(run.status, 1);
    assert!(run.stderr.contains("service_type") && run.stderr.contains("short.csv"), "{}", run.stderr);
}

#[test]
fn the_same_file_again_is_all_duplicates_and_other_content_is_refused() {
    let program = Program::new();
    program.import_sample();
    let again = program.json(&["import", "--json", "usage", &crate::support::sample("usage.csv")]);
    assert_eq!((&again[0]["stored"], &again[0]["duplicates"]), (&0.into(), &328.into()));
    let other = program.write(
        "other.csv",
        format!("{HEADER}\nC000069-04,C000069,332703,WEB,2009-04-10T11:47:35Z,2009-04-10T12:15:28Z,,0042\n"),
    );
    let run = program.run(&["import", "usage", &other]);
    assert_eq!(run.status, 1, "{}", run.stdout);
}

#[test]
fn a_file_of_which_nothing_could_be_stored_ends_with_status_1_and_its_rows_wait() {
    let program = Program::new();
    program.import_sample();
    let row = "N-1,N,999999,WEB,2009-05-20T10:00:00Z,2009-05-20T10:10:00Z,,";
    let file = program.write("hopeless.csv", format!("{HEADER}\n{row}\n"));
    assert_eq!(program.run(&["import", "usage", &file]).status, 1);
    assert_eq!(program.json(&["status", "--json", "--as-of", AFTER_MAY])["rejected"]["usage"], 1);
}
