//! Configuration: a file's text and one environment variable make a configuration, the same each time, or a refusal
//! whose every line names a place and can be shown on a terminal.
#![no_main]

use std::io::Write;

use libfuzzer_sys::fuzz_target;
use statementd::app;
use statementd::config::{Origin, Problem, Sources};

// The first line is a variable without its prefix, as `MAIL__PORT=25`; the rest is the file.
fuzz_target!(|input: &[u8]| {
    let (variable, text) = input.split_at(input.iter().position(|byte| *byte == b'\n').unwrap_or(0));
    let variable = String::from_utf8_lossy(variable).replace('\0', "");
    let (name, value) = variable.split_once('=').unwrap_or((&variable, ""));
    let mut file = tempfile::NamedTempFile::new_in(folder()).expect("a file in memory");
    file.write_all(text).expect("a file in memory");
    let variable = format!("STATEMENTD__{name}");
    let sources = Sources::isolated().with_files([file.path()]).with_environment([(&variable, value)]);
    let lines = 1 + text.iter().filter(|byte| **byte == b'\n').count();
    match (app::load(&sources), app::load(&sources)) {
        (Ok(first), Ok(second)) => assert!(first == second, "the same sources must mean the same"),
        (Err(first), Err(second)) => {
            assert_eq!(first, second);
            assert!(!first.0.is_empty(), "a refusal must say why");
            first.0.iter().for_each(|problem| check(problem, &variable, lines));
            first.without_values().0.iter().for_each(|problem| assert_eq!(problem.value, None));
        }
        _ => panic!("the same sources must mean the same"),
    }
});

/// Its reader must find the place.
fn check(problem: &Problem, variable: &str, lines: usize) {
    match &problem.origin {
        Origin::File(_, Some(line)) => assert!((1..=lines).contains(line), "{problem} in a file of {lines} lines"),
        Origin::Environment(name) => assert_eq!(name, variable),
        // What lacks a line must at least name the key, or be about the file as a whole.
        Origin::File(..) | Origin::Flag(_) => {}
        Origin::Default => assert!(!problem.key.is_empty(), "{problem}"),
    }
    let shown = problem.to_string();
    assert!(!problem.why.is_empty());
    assert!(!shown.contains(char::is_control), "{shown:?}");
}

/// In memory where there is such a folder.
fn folder() -> &'static str {
    if std::path::Path::new("/dev/shm").is_dir() { "/dev/shm" } else { "/tmp" }
}
