//! The real binary with a configuration, a database, an archive and a mail folder of its own.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::AFTER_MAY;

/// Longer than anything here takes, short enough to fail within the patience of anyone who waits.
pub const PATIENCE: Duration = Duration::from_mins(2);

/// The shortest pause between two questions of a test that waits.
const PAUSE: Duration = Duration::from_millis(20);

/// A folder in which statementd is installed and configured.
pub struct Program {
    folder: TempDir,
    arguments: Vec<String>,
}

/// The result of a finished command.
pub struct Run {
    pub status: i32,
    pub stdout: String,
    pub stderr: String,
}

/// A command that goes on; killed when dropped.
pub struct Running {
    child: Child,
    log: Arc<Mutex<String>>,
}

impl Program {
    pub fn new() -> Self {
        Self::with("")
    }

    /// `extra` is appended to the configuration.
    pub fn with(extra: &str) -> Self {
        Self::install(None, None, extra)
    }

    /// On another database than one of its own.
    pub fn on(database: &str, extra: &str) -> Self {
        Self::install(Some(database), None, extra)
    }

    /// With another archive than a folder of its own; `archive` are the lines of the configuration that name it.
    pub fn archiving(archive: &str) -> Self {
        Self::install(None, Some(archive), "")
    }

    fn install(database: Option<&str>, archive: Option<&str>, extra: &str) -> Self {
        let folder = TempDir::new().unwrap();
        let at = |name: &str| folder.path().join(name).display().to_string();
        let own_database = format!("sqlite://{}", at("statementd.db"));
        let own_archive = format!("archive.url = \"file:{}\"", at("archive"));
        let configuration = format!(
            "database.url = \"{}\"\n{}\nmail.dir = \"{}\"\nhttp.listen = \"off\"\n\
             schedule.heartbeat = \"1s\"\n{extra}\n",
            database.unwrap_or(&own_database),
            archive.unwrap_or(&own_archive),
            at("mail"),
        );
        std::fs::write(folder.path().join("statementd.toml"), configuration).unwrap();
        let arguments = vec!["--config".into(), at("statementd.toml")];
        Self { folder, arguments }
    }

    /// Reads these files instead of one of its own.
    pub fn configured_by(&mut self, files: &[String]) {
        self.arguments = files.iter().flat_map(|file| ["--config".to_owned(), file.clone()]).collect();
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn archive(&self) -> PathBuf {
        self.path("archive")
    }

    pub fn mail(&self) -> PathBuf {
        self.path("mail")
    }

    /// Writes a file and returns its path.
    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        let path = self.path(name);
        std::fs::write(&path, content).unwrap();
        path.display().to_string()
    }

    /// Runs a command to its end.
    pub fn run(&self, arguments: &[&str]) -> Run {
        let output = self.command(arguments).output().unwrap();
        Run {
            status: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Runs a command that must end with status 0; returns its stdout.
    pub fn ok(&self, arguments: &[&str]) -> String {
        let run = self.run(arguments);
        assert_eq!(run.status, 0, "{arguments:?}\n{}\n{}", run.stdout, run.stderr);
        run.stdout
    }

    /// Like [`Program::ok`], with stdout read as JSON.
    pub fn json(&self, arguments: &[&str]) -> serde_json::Value {
        let run = self.run(arguments);
        serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{arguments:?}: {error}\n{}", run.stderr))
    }

    /// Messages that a server accepted, as `status` says after May; `None` while the database does not answer.
    pub fn accepted_messages(&self) -> Option<u64> {
        let run = self.run(&["status", "--json", "--as-of", AFTER_MAY]);
        let status: serde_json::Value = serde_json::from_str(&run.stdout).ok()?;
        status["deliveries"]["accepted"].as_u64().or(Some(0))
    }

    pub fn start(&self, arguments: &[&str]) -> Running {
        Running::new(self.command(arguments))
    }

    /// Imports the bundled sample.
    pub fn import_sample(&self) {
        for kind in ["tariffs", "accounts", "rooms", "usage"] {
            self.ok(&["import", kind, &sample(&format!("{kind}.csv"))]);
        }
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_statementd"));
        command.current_dir(self.folder.path()).env_clear().args(&self.arguments).args(arguments);
        command.stdin(Stdio::null());
        command
    }
}

impl Running {
    /// Starts a command of [`Program::command`].
    pub fn new(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let log = Arc::new(Mutex::new(String::new()));
        let (stderr, into) = (child.stderr.take().unwrap(), Arc::clone(&log));
        std::thread::spawn(move || {
            for line in BufReader::new(stderr).lines().map_while(Result::ok) {
                let mut log = into.lock().unwrap();
                log.push_str(&line);
                log.push('\n');
            }
        });
        Self { child, log }
    }

    pub fn log(&self) -> String {
        self.log.lock().unwrap().clone()
    }

    pub fn has_ended(&mut self) -> bool {
        self.child.try_wait().unwrap().is_some()
    }

    /// Waits until `condition` holds; fails the test with the log if it never does, or if the program ends.
    pub fn until(&mut self, what: &str, condition: impl Fn() -> bool) {
        let start = Instant::now();
        let mut asked = start;
        while !condition() {
            assert!(start.elapsed() < PATIENCE, "{what} did not happen\n{}", self.log());
            let ended = self.child.try_wait().unwrap();
            assert!(ended.is_none() || condition(), "ended with {ended:?} before {what}\n{}", self.log());
            std::thread::sleep(pause_after(asked));
            asked = Instant::now();
        }
    }

    /// Waits for a line of the log.
    pub fn until_logged(&mut self, text: &str) {
        let log = Arc::clone(&self.log);
        self.until(&format!("the log line {text:?}"), || log.lock().unwrap().contains(text));
    }

    pub fn signal(&self, name: &str) {
        let sent = Command::new("kill").args([&format!("-{name}"), &self.child.id().to_string()]).status().unwrap();
        assert!(sent.success());
    }

    /// Waits for the end; returns the exit status, `None` if it was killed.
    pub fn wait(mut self) -> Option<i32> {
        let start = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code();
            }
            assert!(start.elapsed() < PATIENCE, "does not end\n{}", self.log());
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Waits until `condition` holds; fails the test if it never does.
pub fn wait_until(what: &str, mut condition: impl FnMut() -> bool) {
    let start = Instant::now();
    let mut asked = start;
    while !condition() {
        assert!(start.elapsed() < PATIENCE, "{what} did not happen");
        std::thread::sleep(pause_after(asked));
        asked = Instant::now();
    }
}

/// Asks again until there is an answer; fails the test if there never is.
pub async fn eventually<T>(what: &str, mut ask: impl AsyncFnMut() -> Option<T>) -> T {
    let asking = async {
        loop {
            let asked = Instant::now();
            if let Some(answer) = ask().await {
                return answer;
            }
            tokio::time::sleep(pause_after(asked)).await;
        }
    };
    tokio::time::timeout(PATIENCE, asking).await.unwrap_or_else(|_| panic!("{what} did not happen"))
}

/// As long as the question itself took: it is often a process of its own, and many tests wait at once.
fn pause_after(asked: Instant) -> Duration {
    asked.elapsed().max(PAUSE)
}

/// A file of the bundled sample.
pub fn sample(name: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("sample").join(name).display().to_string()
}
