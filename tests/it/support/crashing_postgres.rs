//! A PostgreSQL server of one test's own, which can crash and come back; with `fsync`, since crashes are what it is
//! for.

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use super::postgres::{as_server, connect_when_ready, is_root, programs, run};

/// Runs the server until its standard input closes, and then ends it as a crash would: nothing is finished, no session
/// is told, the next start recovers.
const KEEPER: &str = r#"
"$1/postgres" -D "$2/data" -k "$2" -c listen_addresses= -c max_connections=200 $3 </dev/null >>"$2/log" 2>&1 &
cat >/dev/null
kill -QUIT $!
wait
"#;

pub struct CrashingPostgres {
    /// More arguments of the server.
    arguments: &'static str,
    folder: tempfile::TempDir,
    keeper: Option<Child>,
}

impl CrashingPostgres {
    pub async fn start() -> Self {
        Self::start_with("").await
    }

    /// With more arguments for the server, for example `-c name=value`.
    pub async fn start_with(arguments: &'static str) -> Self {
        let folder = tempfile::Builder::new().prefix("statementd-postgres-").tempdir().unwrap();
        if is_root() {
            run(Command::new("chown").arg("postgres").arg(folder.path()));
        }
        let initdb = ["-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-D"];
        let data = folder.path().join("data");
        run(as_server(&programs().join("initdb")).args(initdb).arg(&data).current_dir(folder.path()));
        let mut server = Self { arguments, folder, keeper: None };
        server.keep();
        connect_when_ready(&server.url()).await;
        server
    }

    pub fn url(&self) -> String {
        let folder = self.folder.path().display().to_string().replace('/', "%2F");
        format!("postgres://postgres@{folder}/postgres")
    }

    /// The server dies and is started again; returns when it takes connections.
    pub async fn crash(&mut self) {
        self.end();
        self.come_back().await;
    }

    /// The server takes connections again.
    pub async fn come_back(&mut self) {
        self.keep();
        connect_when_ready(&self.url()).await;
    }

    fn keep(&mut self) {
        let mut keeper = as_server(&PathBuf::from("sh"));
        keeper.args(["-c", KEEPER, "sh"]).arg(programs()).arg(self.folder.path()).arg(self.arguments);
        self.keeper = Some(keeper.current_dir(self.folder.path()).stdin(Stdio::piped()).spawn().unwrap());
    }

    /// The server dies, and stays away.
    pub fn end(&mut self) {
        if let Some(mut keeper) = self.keeper.take() {
            drop(keeper.stdin.take());
            keeper.wait().unwrap();
        }
    }
}

impl Drop for CrashingPostgres {
    fn drop(&mut self) {
        self.end();
    }
}
