//! Places at which a test pauses the running program, to make happen on purpose how two processes rarely meet.
//!
//! A test names a folder in `STATEMENTD_TEST_PAUSES` and puts an empty file there that is named as the place. The
//! first process to come to the place renames the file with the ending `reached`, and goes on once that file is gone.
//!
//! It exists in builds with debug assertions only. In release builds (profiles `release` and `dist`) a place is an
//! empty function, and the variable's name does not occur in the program.

/// Reaches a place; waits there if a test has asked for that.
#[cfg(debug_assertions)]
pub(crate) async fn reach(place: &str) {
    let Some(folder) = std::env::var_os("STATEMENTD_TEST_PAUSES") else { return };
    let armed = std::path::Path::new(&folder).join(place);
    let reached = armed.with_extension("reached");
    if std::fs::rename(&armed, &reached).is_ok() {
        while reached.exists() {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
    }
}

#[cfg(not(debug_assertions))]
pub(crate) fn reach(_: &str) -> std::future::Ready<()> {
    std::future::ready(())
}
