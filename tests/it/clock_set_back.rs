//! The machine's clock is set back while the daemon runs: rounds go on by the clock that no one can set.

use std::path::PathBuf;

use crate::supervision::page;
use crate::support::skip::missing_tool;
use crate::support::{Program, Running, free_port};

/// Where Debian's package `faketime` has its library.
fn library() -> Option<PathBuf> {
    let folders = std::fs::read_dir("/usr/lib").ok()?.flatten();
    folders.map(|folder| folder.path().join("faketime/libfaketimeMT.so.1")).find(|path| path.exists())
}

#[test]
fn rounds_go_on_and_the_jump_is_told() {
    let Some(library) = library() else {
        return missing_tool("Debian's package faketime is not installed");
    };
    let port = free_port();
    let program = Program::new();
    let configuration = std::fs::read_to_string(program.path("statementd.toml")).unwrap();
    program.write("statementd.toml", configuration.replace("\"off\"", &format!("\"127.0.0.1:{port}\"")));
    program.import_sample();
    let time = program.write("time", "@2009-06-05 06:00:00");
    let mut command = program.command(&["run"]);
    command
        .env("LD_PRELOAD", library)
        .env("FAKETIME_TIMESTAMP_FILE", &time)
        .env("FAKETIME_NO_CACHE", "1")
        .env("FAKETIME_DONT_FAKE_MONOTONIC", "1")
        .env("DONT_FAKE_MONOTONIC", "1");
    let mut daemon = Running::new(command);
    daemon.until("the first rounds", || program.archive().join("2009-05/602127/r1/manifest.json").exists());
    program.write("time", "@2009-06-03 06:00:00");
    daemon.until_logged("The clock has jumped backwards by ");
    let rounds = rounds_of_mail(port);
    daemon.until("further rounds", || rounds_of_mail(port) >= rounds + 3);
}

fn rounds_of_mail(port: u16) -> u64 {
    let (_, metrics) = page(port, "/metrics");
    let line =
        metrics.lines().find(|line| line.starts_with("statementd_stage_duration_seconds_count{stage=\"deliver\"}"));
    line.and_then(|line| line.rsplit(' ').next()?.parse().ok()).unwrap_or(0)
}
