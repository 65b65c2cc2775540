//! Holds a running program at a place of its code: see `src/pause_points.rs`.

use std::path::PathBuf;
use std::process::Command;

use super::{Program, Running};

/// Places at which programs wait.
pub struct Pauses {
    folder: tempfile::TempDir,
}

impl Pauses {
    pub fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    /// The first process that comes to `place` waits there.
    pub fn at(place: &str) -> Self {
        let pauses = Self::new();
        pauses.arm(place);
        pauses
    }

    pub fn arm(&self, place: &str) {
        std::fs::write(self.folder.path().join(place), "").unwrap();
    }

    /// A command that pauses at these places.
    pub fn command(&self, program: &Program, arguments: &[&str]) -> Command {
        let mut command = program.command(arguments);
        command.env("STATEMENTD_TEST_PAUSES", self.folder.path());
        command
    }

    /// Starts a command, and returns once it waits at `place`.
    pub fn start_until(&self, program: &Program, arguments: &[&str], place: &str) -> Running {
        let mut running = Running::new(self.command(program, arguments));
        self.until(&mut running, place);
        running
    }

    /// Returns once `running` waits at `place`.
    pub fn until(&self, running: &mut Running, place: &str) {
        let reached = self.reached(place);
        running.until(&format!("the pause {place}"), || reached.exists());
    }

    /// Lets the one that waits go on.
    pub fn resume(&self, place: &str) {
        std::fs::remove_file(self.reached(place)).unwrap();
    }

    fn reached(&self, place: &str) -> PathBuf {
        self.folder.path().join(place).with_extension("reached")
    }
}
