//! What a test does if a part that it needs is missing.
//!
//! `tests/run` sets `STATEMENTD_TESTS=all`: then a missing part is a failure. Otherwise the test says what it lacks,
//! and passes.

use super::postgres::is_root;

/// A tool that `tests/run` installs is not there.
pub fn missing_tool(what: &str) {
    assert!(!is_whole_run(), "{what}, and STATEMENTD_TESTS=all lets nothing be skipped");
    say(what);
}

/// What only root can set up could not be set up; for root that is a failure.
pub fn needs_root(what: &str) {
    assert!(!(is_whole_run() && is_root()), "{what}: this is root, and STATEMENTD_TESTS=all lets nothing be skipped");
    say(what);
}

fn is_whole_run() -> bool {
    std::env::var("STATEMENTD_TESTS").is_ok_and(|tests| tests == "all")
}

#[expect(clippy::print_stderr, reason = "the reader of the test's output should know")]
fn say(what: &str) {
    eprintln!("skipped: {what}");
}
