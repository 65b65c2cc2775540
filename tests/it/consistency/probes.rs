//! Probes of the archive do not disturb each other.

use statementd::archive::Archive;

use crate::support::{AFTER_MAY, Program};

#[tokio::test(flavor = "multi_thread")]
async fn probes_at_the_same_time_all_find_a_sound_archive() {
    let folder = tempfile::tempdir().unwrap();
    let archive =
        Archive::open(&format!("file:{}", folder.path().display()), &std::collections::BTreeMap::new()).unwrap();
    let mut probes = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let archive = archive.clone();
        probes.spawn(async move {
            for _ in 0..40 {
                archive.probe().await.unwrap();
            }
        });
    }
    probes.join_all().await;
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "nothing is left");
}

#[test]
fn what_a_killed_probe_left_is_no_damage() {
    let program = Program::new();
    program.import_sample();
    program.ok(&["close", "--period", "2009-05", "--as-of", AFTER_MAY]);
    std::fs::write(program.archive().join("statementd-probe-0123456789abcdef"), "x").unwrap();
    program.ok(&["archive", "verify"]);
}
