//! What is handed out is what was published.

use std::collections::BTreeMap;
use std::io::{Cursor, Read};

use super::{close, program_with_months};
use crate::support::files_below;

#[test]
fn a_month_comes_as_a_folder_or_a_zip_and_each_is_what_the_archive_holds() {
    let program = program_with_months(5, "");
    close(&program, 5);
    let mut kept = files_below(&program.archive());
    kept.retain(|name, _| name.starts_with("2009-05/"));

    let folder = program.path("may").display().to_string();
    program.ok(&["archive", "get", "--period", "2009-05", "--out", &folder]);
    assert!(files_below(&program.path("may")) == kept);

    let zip = program.path("may.zip").display().to_string();
    program.ok(&["archive", "get", "--period", "2009-05", "--out", &zip]);
    let bytes = std::fs::read(&zip).unwrap();
    assert!(unzipped(&bytes) == kept);

    let piped = program.command(&["archive", "get", "--period", "2009-05"]).output().unwrap();
    assert!(piped.stdout == bytes, "the same bytes through a pipe");
}

#[test]
fn one_statement_comes_with_all_its_files() {
    let program = program_with_months(5, "");
    close(&program, 5);
    let zip = program.path("one.zip").display().to_string();
    program.ok(&["archive", "get", "--period", "2009-05", "--account", "602127", "--all", "--out", &zip]);
    let mut kept = files_below(&program.archive());
    kept.retain(|name, _| name.starts_with("2009-05/602127/"));
    let called = |name: String| match name.rsplit_once('/').unwrap() {
        (folder, "manifest.json") => format!("{folder}/manifest.json"),
        (folder, file) => {
            let (stem, ending) = file.split_once('.').unwrap();
            format!("{folder}/{}-2009-05.{ending}", if stem == "account" { "602127" } else { stem })
        }
    };
    let kept = kept.into_iter().map(|(name, content)| (called(name), content)).collect();
    assert!(unzipped(&std::fs::read(&zip).unwrap()) == kept);

    let account = program.path("account").display().to_string();
    program.ok(&["archive", "get", "--account", "602127", "--out", &account]);
    assert!(program.path("account").join("2009-02/602127/r1/account.xlsx").is_file(), "all its months");
}

#[test]
fn a_damaged_file_is_not_handed_out() {
    let program = program_with_months(5, "");
    close(&program, 5);
    std::fs::write(program.archive().join("2009-05/602127/r1/account.json"), "{}").unwrap();
    let run = program.run(&["archive", "get", "--period", "2009-05", "--account", "602127", "--format", "json"]);
    assert_eq!((run.status, run.stdout.as_str()), (1, ""));
    assert!(run.stderr.contains("archive restore --period 2009-05 --account 602127"), "{}", run.stderr);
    let zip = program.path("may.zip").display().to_string();
    assert_eq!(program.run(&["archive", "get", "--period", "2009-05", "--out", &zip]).status, 1);
    assert!(!program.path("may.zip").exists() && !program.path("may.zip.part").exists());
}

#[test]
fn a_month_s_own_pages_are_compared_too() {
    let program = program_with_months(5, "");
    close(&program, 5);
    let (page, zip) = (program.archive().join("2009-05/index.html"), program.path("may.zip"));
    let written = std::fs::read(&page).unwrap();
    for changed in [b"<script>alert(1)</script>".to_vec(), [written.as_slice(), b" "].concat()] {
        std::fs::write(&page, changed).unwrap();
        let run = program.run(&["archive", "get", "--period", "2009-05", "--out", &zip.display().to_string()]);
        assert_eq!(run.status, 1);
        assert!(run.stderr.contains("index.html was changed"), "{}", run.stderr);
        assert!(!zip.exists());
    }
}

#[test]
fn a_folder_has_no_links() {
    let program = program_with_months(5, "");
    close(&program, 5);
    let run = program.run(&["archive", "url", "--period", "2009-05", "--account", "602127", "--expires", "7d"]);
    assert_eq!(run.status, 1);
    assert!(run.stderr.contains("cannot sign links"), "{}", run.stderr);
}

fn unzipped(bytes: &[u8]) -> BTreeMap<String, Vec<u8>> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    (0..archive.len())
        .map(|index| {
            let mut file = archive.by_index(index).unwrap();
            let mut content = Vec::new();
            file.read_to_end(&mut content).unwrap();
            (file.name().unwrap().into_owned(), content)
        })
        .collect()
}
