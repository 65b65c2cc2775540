//! Kill -9 while months are published and while one leaves, again and again.

use std::time::Duration;

use proptest::prelude::RngExt;

use super::{close, findings, months, program_with_months};
use crate::support::{Pauses, files_below};

const KILLS: u32 = 12;

#[test]
fn killed_while_publishing_and_expiring_it_ends_with_the_newest_four() {
    let program = program_with_months(6, "mail.transport = \"off\"");
    let mut random = proptest::test_runner::TestRng::deterministic_rng(proptest::test_runner::RngAlgorithm::ChaCha);
    for _ in 0..KILLS {
        let daemon = program.start(&["run", "--as-of", "2009-07-05T12:00:00Z"]);
        std::thread::sleep(Duration::from_millis(random.random_range(20..600)));
        daemon.signal("KILL");
        assert_eq!(daemon.wait(), None);
        nothing_looks_whole_that_is_not(&program);
    }
    let mut daemon = program.start(&["run", "--as-of", "2009-07-05T12:00:00Z"]);
    let rolled = || program.archive().join("expired/2009-02.csv").is_file() && findings(&program).is_empty();
    daemon.until("exactly four months, verified", || rolled() && months(&program).len() == 4);
    daemon.signal("TERM");
    assert_eq!(daemon.wait(), Some(0));
    assert_eq!(months(&program), ["2009-03", "2009-04", "2009-05", "2009-06"]);
    let left = files_below(&program.archive());
    assert!(left.keys().all(|name| !name.contains('#')), "nothing half-written is left: {:?}", left.keys());
}

#[test]
fn killed_while_a_month_leaves_it_is_gone_whole_after_the_next_round() {
    let mut random = proptest::test_runner::TestRng::deterministic_rng(proptest::test_runner::RngAlgorithm::ChaCha);
    let program = program_with_months(6, "mail.transport = \"off\"");
    close(&program, 6);
    for _ in 0..KILLS {
        let expire = program.start(&["archive", "expire"]);
        std::thread::sleep(Duration::from_millis(random.random_range(10..150)));
        expire.signal("KILL");
        // It may have ended before.
        expire.wait();
        nothing_looks_whole_that_is_not(&program);
        assert!(months(&program).len() >= 4, "none of the newest four is touched");
    }
    program.ok(&["archive", "expire"]);
    assert_eq!(months(&program), ["2009-03", "2009-04", "2009-05", "2009-06"]);
    assert_eq!(findings(&program), []);
    let log = std::fs::read_to_string(program.archive().join("expired/2009-02.csv")).unwrap();
    assert_eq!(log.lines().count(), 2, "listed once: {log}");
}

#[test]
fn folders_that_a_killed_process_left_empty_go_with_the_next_round() {
    const PAUSE: &str = "before-objects-are-deleted";
    let program = program_with_months(7, "mail.transport = \"off\"");
    // A process that is killed after a folder's last file has gone leaves the folder: here that of the rooms, then
    // all of the statement's.
    for (close_month, oldest, emptied) in [(6, "2009-02", "602127/r1/rooms"), (7, "2009-03", "")] {
        close(&program, close_month);
        let pauses = Pauses::at(PAUSE);
        let expire = pauses.start_until(&program, &["archive", "expire"], PAUSE);
        expire.signal("KILL");
        assert_eq!(expire.wait(), None);
        let month = program.archive().join(oldest);
        let emptied = month.join(emptied);
        let files = files_below(&emptied);
        assert!(!files.is_empty());
        for name in files.keys() {
            std::fs::remove_file(emptied.join(name)).unwrap();
        }
        assert!(month.join("602127/r1/rooms").is_dir());

        program.ok(&["archive", "expire"]);
        assert!(!month.exists(), "{oldest}: {:?}", files_below(&month).keys());
    }
    // The month's own folder, after its last page has gone.
    let month = program.archive().join("2009-02");
    std::fs::create_dir(&month).unwrap();
    program.ok(&["archive", "index", "--period", "2009-02"]);
    assert!(!month.exists());
    assert_eq!(findings(&program), []);
}

/// A manifest is there only beside all the files that it names, as it names them.
fn nothing_looks_whole_that_is_not(program: &crate::support::Program) {
    let files = files_below(&program.archive());
    let manifests = files.iter().filter(|(name, _)| name.ends_with("/r1/manifest.json"));
    for (name, bytes) in manifests {
        let manifest: serde_json::Value = serde_json::from_slice(bytes).unwrap();
        for file in manifest["files"].as_array().unwrap() {
            let key = name.replace("manifest.json", file["name"].as_str().unwrap());
            let size = files.get(&key).map(|bytes| bytes.len() as u64);
            assert_eq!(size, file["size"].as_u64(), "{key}");
        }
    }
}
