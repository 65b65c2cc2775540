//! Every kind of damage is found, and restored byte for byte where that is possible.

use std::path::Path;

use super::{close, findings, program_with_months};
use crate::support::files_below;

const FOLDER: &str = "2009-05/602127/r1";

/// Key, and what is done to it: false for lost, true for a flipped byte.
const DAMAGE: [(&str, bool); 9] = [
    ("account.xlsx", false),
    ("account.xlsx", true),
    ("account.html", true),
    ("account.json", false),
    ("rooms/332703.html", false),
    ("rooms/320026.xlsx", true),
    ("manifest.json", false),
    ("manifest.json", true),
    ("../../manifest.json", true),
];

#[test]
fn each_damage_is_found_and_healed_alone_and_together() {
    let program = program_with_months(5, "");
    close(&program, 5);
    let whole = files_below(&program.archive());
    let folder = program.archive().join(FOLDER);
    for damages in DAMAGE.chunks(1).chain([&[DAMAGE[0], DAMAGE[6]][..], &[DAMAGE[2], DAMAGE[4], DAMAGE[7]][..]]) {
        for (name, flipped) in damages {
            damage(&folder.join(name), *flipped);
        }
        assert!(!findings(&program).is_empty(), "{damages:?} is found");
        let healed = program.json(&["archive", "restore", "--period", "2009-05", "--json"]);
        assert_eq!(healed["restored"].as_array().unwrap().len(), damages.len(), "{damages:?}: {healed}");
        assert!(files_below(&program.archive()) == whole, "{damages:?} is healed, byte for byte");
        assert_eq!(findings(&program), []);
    }
}

#[test]
fn a_lost_month_comes_back_whole() {
    let program = program_with_months(5, "");
    close(&program, 5);
    let whole = files_below(&program.archive());
    std::fs::remove_dir_all(program.archive().join("2009-05")).unwrap();
    std::fs::remove_dir_all(program.archive().join("2009-02")).unwrap();
    program.ok(&["archive", "restore"]);
    assert!(files_below(&program.archive()) == whole);
}

#[test]
fn foreign_objects_are_named_wherever_they_lie_and_left_alone() {
    let program = program_with_months(5, "");
    close(&program, 5);
    let foreign =
        ["x.txt", "2009-05/x.txt", "2009-05/602127/r1/x.txt", "2009-05/602127/r9/x.txt", "2031-01/x", "other/x"];
    for key in foreign {
        let path = program.archive().join(key);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, "x").unwrap();
    }
    let mut expected: Vec<_> = foreign.iter().map(|key| ((*key).to_owned(), "unexpected".to_owned())).collect();
    expected.sort();
    assert_eq!(findings(&program), expected);
    program.ok(&["archive", "restore"]);
    assert_eq!(findings(&program), expected);
}

#[test]
fn files_are_not_rebuilt_with_another_look() {
    let program = program_with_months(5, "");
    close(&program, 5);
    let folder = program.archive().join(FOLDER);
    damage(&folder.join("account.html"), true);
    damage(&folder.join("account.json"), true);
    let damaged = std::fs::read(folder.join("account.html")).unwrap();
    let restore = || {
        let mut command = program.command(&["archive", "restore", "--json"]);
        command.env("STATEMENTD__BRAND__NAME", "Another").output().unwrap()
    };
    let output = restore();
    assert_eq!(output.status.code(), Some(3));
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["refused"][0]["key"], format!("{FOLDER}/account.html"));
    assert!(report["refused"][0]["why"].as_str().unwrap().contains("brand have changed"), "{report}");
    assert_eq!(report["restored"], serde_json::json!([format!("{FOLDER}/account.json")]), "it has no look");
    assert_eq!(std::fs::read(folder.join("account.html")).unwrap(), damaged);
    program.ok(&["archive", "restore"]);
    assert_eq!(findings(&program), []);
}

#[test]
fn a_manifest_whose_files_stand_comes_back_after_a_change_of_look() {
    let program = program_with_months(5, "");
    close(&program, 5);
    let whole = files_below(&program.archive());
    std::fs::remove_file(program.archive().join(FOLDER).join("manifest.json")).unwrap();
    let mut command = program.command(&["archive", "restore"]);
    assert!(command.env("STATEMENTD__BRAND__NAME", "Another").status().unwrap().success());
    assert!(files_below(&program.archive()) == whole);
}

fn damage(path: &Path, flip: bool) {
    if flip {
        let mut bytes = std::fs::read(path).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 0x20;
        std::fs::write(path, bytes).unwrap();
    } else {
        std::fs::remove_file(path).unwrap();
    }
}
