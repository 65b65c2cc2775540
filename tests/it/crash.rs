//! Killed at any moment, the job goes on and ends the same: no second statement, no second mail, none missing.

use std::time::Duration;

use proptest::prelude::RngExt as _;

use crate::support::{AFTER_MAY, Program, files_below, finished_files, letters};

/// How often a run is killed before it may finish.
const KILLS: u32 = 25;

#[test]
fn killing_the_daemon_at_any_moment_loses_and_doubles_nothing() {
    let quiet = Program::new();
    quiet.import_sample();
    quiet.ok(&["close", "--period", "2009-05", "--as-of", AFTER_MAY]);

    let program = Program::new();
    program.import_sample();
    let mut random = proptest::test_runner::TestRng::deterministic_rng(proptest::test_runner::RngAlgorithm::ChaCha);
    for _ in 0..KILLS {
        let daemon = program.start(&["run", "--as-of", AFTER_MAY]);
        std::thread::sleep(Duration::from_millis(random.random_range(5..400)));
        daemon.signal("KILL");
        assert_eq!(daemon.wait(), None);
    }
    let mut daemon = program.start(&["run", "--as-of", AFTER_MAY]);
    let all_sent = || {
        let status = program.json(&["status", "--json", "--as-of", AFTER_MAY]);
        status["deliveries"] == serde_json::json!({"accepted": 16})
    };
    daemon.until_logged("statementd is running");
    daemon.until("all mail accepted", all_sent);
    let shown = || finished_files(&program.archive()) == files_below(&quiet.archive());
    daemon.until("the archive as after one quiet run", shown);
    daemon.signal("TERM");
    assert_eq!(daemon.wait(), Some(0));

    assert_eq!(letters(&program.mail()), letters(&quiet.mail()));
    let (ours, expected) = (files_below(&program.archive()), files_below(&quiet.archive()));
    assert_eq!(ours.keys().collect::<Vec<_>>(), expected.keys().collect::<Vec<_>>());
    assert!(ours == expected, "some file differs");
    program.ok(&["archive", "verify"]);
    program.ok(&["check", "--deep"]);
}
