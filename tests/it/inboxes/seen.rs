//! What is seen of sources: metrics, the daily mail, the list and the log.

use super::{bridge, conference, daemon, installed};
use crate::http::Served;
use crate::notices::{notices, read};
use crate::support::Program;

const NEXT_DAY: &str = "2009-05-21T01:30:00Z";

/// Two sources, of which one gets a whole file and half a one, and the other nothing.
fn two_sources(more: &str) -> (Program, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let (inbox, quiet) = (folder.path().join("busy"), folder.path().join("quiet"));
    for folder in [&inbox, &quiet] {
        std::fs::create_dir(folder).unwrap();
    }
    let sources = [("busy", &inbox), ("quiet", &quiet)]
        .map(|(name, folder)| bridge(name, &format!("{}/", folder.display()), "expect_every = \"24h\""));
    let program = installed(Program::with(&format!("{more}\n{}", sources.concat())));
    let (name, text) = conference(1);
    std::fs::write(inbox.join(name), text).unwrap();
    std::fs::write(inbox.join("9a3c4b6e-1111-4e0f-8a55-0a0b0c0d0e0f.cdr.xml"), "<cdr><conference>").unwrap();
    (program, folder)
}

fn until_taken(program: &Program) {
    let mut running = daemon(program);
    let source = || program.json(&["intake", "list", "--json"])[0].clone();
    running.until("one file is taken, and the half is known", || {
        source()["files"] == 1 && source()["untaken"][0]["state"] == "incomplete"
    });
    running.signal("TERM");
    running.wait();
}

#[test]
fn each_source_has_its_figures() {
    let (program, folder) = two_sources("");
    until_taken(&program);
    let mut served = Served::start(&program, "", &["--as-of", NEXT_DAY]);
    let wanted = [
        "statementd_intake_items{source=\"busy\",outcome=\"files\"} 1",
        "statementd_intake_items{source=\"busy\",outcome=\"stored\"} 3",
        "statementd_intake_items{source=\"busy\",outcome=\"rejected\"} 0",
        "statementd_intake_untaken_files{source=\"busy\",state=\"incomplete\"} 1",
        "statementd_intake_untaken_files{source=\"busy\",state=\"refused\"} 0",
        "statementd_intake_open_legs{source=\"busy\"} 0",
        "statementd_intake_last_taken_timestamp_seconds{source=\"quiet\"} 0",
        "statementd_intake_waiting_files{source=\"busy\"} 0",
        "statementd_intake_waiting_files{source=\"quiet\"} 0",
    ];
    served.until("/metrics", |metrics| wanted.iter().all(|line| metrics.body.contains(line)));
    let metrics = served.get("/metrics").body;
    let silent = |source: &str| {
        let name = format!("statementd_intake_silent_seconds{{source=\"{source}\"}} ");
        metrics.lines().find_map(|line| line.strip_prefix(&name)?.parse::<f64>().ok()).unwrap()
    };
    // Both have been silent since the 20th: one took a file then, of the other nothing was ever seen.
    assert!(silent("busy") > 86_400.0, "{metrics}");
    // A file that is still written to waits.
    let (name, text) = conference(2);
    let writing = folder.path().join("busy").join(name);
    served.until("/metrics", |metrics| {
        std::fs::write(&writing, &text).unwrap();
        metrics.body.contains("statementd_intake_waiting_files{source=\"busy\"} 1")
    });
}

#[test]
fn the_daily_mail_names_each_source_that_needs_a_person() {
    let (program, _folder) = two_sources("operations.notify = [\"ops@operator.example\"]");
    until_taken(&program);
    let mut running = program.start(&["run", "--as-of", NEXT_DAY]);
    running.until("the daily mail", || !notices(&program, "daily-2009-05-21").is_empty());
    let (_, text, _) = read(&notices(&program, "daily-2009-05-21")[0]);
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let is_told = |what: &str| text.contains("busy") && text.contains(what);
    assert!(is_told("9a3c4b6e-1111-4e0f-8a55-0a0b0c0d0e0f.cdr.xml has not been whole"), "{text}");
    assert!(is_told("is silent since 25 h"), "{text}");
    assert!(!text.contains("33199000101"), "no number of a caller: {text}");
}

#[test]
fn a_folder_that_is_not_there_is_named() {
    let program = installed(Program::with(&bridge("gone", "/nowhere/inbox/*.xml", "")));
    let mut running = daemon(&program);
    running.until("the fault is known", || !program.json(&["intake", "list", "--json"])[0]["fault"].is_null());
    let fault = program.json(&["intake", "list", "--json"])[0]["fault"].to_string();
    assert!(fault.starts_with("\"/nowhere/inbox: No such file"), "{fault}");
}

#[test]
fn the_log_says_which_files_were_taken_and_which_were_refused() {
    let (program, folder) = two_sources("");
    until_taken(&program);
    std::fs::write(folder.path().join("busy/channel.cdr.xml"), "<cdr><channel_data/><variables></variables></cdr>")
        .unwrap();
    let mut running = daemon(&program);
    let source = || program.json(&["intake", "list", "--json"])[0].clone();
    running.until("the wrong file is refused", || {
        source()["untaken"].as_array().is_some_and(|files| files.iter().any(|file| file["state"] == "refused"))
    });
    let log = program.json(&["log", "--json"]);
    let told: Vec<String> = log
        .as_array()
        .unwrap()
        .iter()
        .filter(|entry| entry["action"] == "taken" || entry["action"] == "refused")
        .map(|entry| format!("{} {}", entry["action"].as_str().unwrap(), entry["detail"].as_str().unwrap()))
        .collect();
    let (name, _) = conference(1);
    assert_eq!(told.len(), 2, "{log}");
    assert_eq!(told[0], format!("taken busy: {name}: 3 stored"));
    assert!(told[1].starts_with("refused busy: channel.cdr.xml: "), "{told:?}");
}
