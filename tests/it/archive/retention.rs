//! Usage and callers leave the database when nothing needs them any more, and do not come back.

use super::{close, findings, months, program_with_months, usage};
use crate::support::{Program, csv, sample};

const KEEP: &str = "archive.keep_months = 3\ndatabase.keep_usage = 3\nmail.transport = \"off\"";

/// February has left the archive, and its usage the database.
fn program_without_february() -> Program {
    let program = program_with_months(5, KEEP);
    close(&program, 5);
    let mut daemon = program.start(&["run", "--as-of", "2009-06-05T12:00:00Z"]);
    daemon.until_logged("Usage that has had its time was erased");
    daemon.signal("TERM");
    assert_eq!(daemon.wait(), Some(0));
    assert_eq!(months(&program), ["2009-03", "2009-04", "2009-05"]);
    program
}

#[test]
fn erased_usage_is_not_taken_in_again() {
    let program = program_without_february();
    let again = program.write("again.csv", std::fs::read(sample("usage.csv")).unwrap());
    let run = program.run(&["import", "usage", &again, "--json"]);
    assert_eq!(run.status, 3, "{}", run.stderr);
    let imported: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    let of_february = std::fs::read_to_string(sample("usage.csv")).unwrap();
    let of_february = of_february.lines().filter(|line| line.contains(",2009-02-")).count();
    assert_eq!(imported[0]["stored"], 0, "{imported}");
    assert!(imported[0]["rejected"].as_u64().unwrap() >= of_february as u64, "{imported}");
    assert_eq!(findings(&program), []);
}

#[test]
fn months_go_on_closing_after_their_usage_has_left() {
    let program = program_without_february();
    program.ok(&["import", "usage", &program.write("june.csv", usage(6..=6))]);
    close(&program, 6);
    let status = program.json(&["status", "--json", "--period", "2009-06", "--as-of", "2009-07-05T12:00:00Z"]);
    assert_eq!(status["periods"][0]["state"], "closed");
}

#[test]
fn erased_callers_change_no_figure_and_no_file() {
    let program = program_with_months(5, "privacy.erase_callers_after = \"30d\"\nmail.transport = \"off\"");
    close(&program, 5);
    let before = crate::support::files_below(&program.archive());
    let mut daemon = program.start(&["run", "--as-of", "2009-06-05T12:00:00Z"]);
    daemon.until_logged("Usage that has had its time was erased");
    daemon.signal("TERM");
    assert_eq!(daemon.wait(), Some(0));
    assert!(crate::support::files_below(&program.archive()) == before);

    let again = program.json(&["import", "usage", &sample("usage.csv"), "--json"]);
    assert_eq!(
        (&again[0]["stored"], &again[0]["rejected"]),
        (&0.into(), &0.into()),
        "the same legs, though without callers"
    );

    // Files that showed callers cannot be made again, and are not made without them.
    std::fs::remove_file(program.archive().join("2009-02/602127/r1/account.xlsx")).unwrap();
    let run = program.run(&["archive", "restore"]);
    assert_eq!(run.status, 3);
    assert!(run.stdout.contains("callers"), "{}", run.stdout);
    // May is younger than thirty days.
    std::fs::remove_file(program.archive().join("2009-05/602127/r1/account.xlsx")).unwrap();
    program.ok(&["archive", "restore", "--period", "2009-05"]);
}

fn add(program: &Program, configuration: &str) {
    let path = program.path("statementd.toml");
    let before = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, format!("{before}\n{configuration}")).unwrap();
}

fn rerun(id: &str, period: &str, more: &str) -> String {
    format!("[[rerun]]\nid = \"{id}\"\nperiod = \"{period}\"\nreason = \"mended\"\nstate = \"apply\"\n{more}\n")
}

/// Runs the daemon until it has done something.
fn daemon_until(program: &Program, as_of: &str, logged: &[&str]) {
    let mut daemon = program.start(&["run", "--as-of", as_of]);
    for text in logged {
        daemon.until_logged(text);
    }
    daemon.signal("TERM");
    assert_eq!(daemon.wait(), Some(0));
}

#[test]
fn a_rerun_of_a_month_whose_usage_has_left_says_so_and_others_run() {
    let program = program_without_february();
    for (id, period, what) in [
        ("1-figures", "2009-02", "what = \"figures\""),
        ("2-look", "2009-02", "what = \"presentation\""),
        ("3-mail", "2009-02", "what = \"mail\""),
        ("4-april", "2009-04", "what = \"figures\""),
    ] {
        add(&program, &rerun(id, period, what));
    }
    daemon_until(&program, "2009-06-05T12:00:00Z", &["\"result\":\"1 unchanged"]);
    let status = program.json(&["status", "--json", "--as-of", "2009-06-05T12:00:00Z"]);
    let results: Vec<&str> =
        status["reruns"].as_array().unwrap().iter().map(|rerun| rerun["state"].as_str().unwrap()).collect();
    assert_eq!(results.len(), 4, "{results:?}");
    assert!(results[..3].iter().all(|result| result.contains("1 cannot be computed")), "{results:?}");
    assert!(results[3].contains("1 unchanged"), "{results:?}");
}

#[test]
fn a_month_that_charges_erased_late_usage_is_neither_wrong_nor_computed_again() {
    let keep = "archive.keep_months = 3\ndatabase.keep_usage = 4\nmail.transport = \"off\"";
    let program = program_with_months(6, keep);
    close(&program, 2);
    let late = csv!(usage, "L-1,L,332703,LOCAL,2009-02-20T10:00:00Z,2009-02-20T10:10:00Z,,");
    program.ok(&["import", "usage", &program.write("late.csv", late)]);
    close(&program, 5);
    daemon_until(&program, "2009-06-05T12:00:00Z", &["left the archive"]);
    close(&program, 6);
    daemon_until(&program, "2009-07-05T12:00:00Z", &["Usage that has had its time was erased"]);
    program.ok(&["check", "--deep"]);
    // March carried the late leg of February, which no one knows any more.
    add(&program, &rerun("march", "2009-03", ""));
    daemon_until(&program, "2009-07-05T12:00:00Z", &["Rerun applied"]);
    let status = program.json(&["status", "--json", "--as-of", "2009-07-05T12:00:00Z"]);
    assert!(status["reruns"][0]["state"].as_str().unwrap().contains("1 cannot be computed"), "{status}");
    program.ok(&["check", "--deep"]);
}

#[test]
fn a_statement_that_has_left_the_archive_is_not_queued_again() {
    let program = program_with_months(5, "archive.keep_months = 3\nmail.transport = \"off\"");
    close(&program, 5);
    daemon_until(&program, "2009-06-05T12:00:00Z", &["left the archive"]);
    let queued = || program.json(&["mail", "list", "--json"]).as_array().unwrap().len();
    let before = queued();
    add(&program, &rerun("1-mail", "2009-02", "what = \"mail\""));
    add(&program, &rerun("2-unchanged", "2009-02", "send = \"all\""));
    add(&program, &rerun("3-april", "2009-04", "send = \"none\""));
    daemon_until(&program, "2009-06-05T12:00:00Z", &["\"result\":\"1 unchanged"]);
    assert_eq!(queued(), before);
    let status = program.json(&["status", "--json", "--as-of", "2009-06-05T12:00:00Z"]);
    let results = &status["reruns"].as_array().unwrap()[..2];
    let cannot = |row: &serde_json::Value| row["state"].as_str().unwrap().contains("1 cannot be computed");
    assert!(results.iter().all(cannot), "{results:?}");
}
