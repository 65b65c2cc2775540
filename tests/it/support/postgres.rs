//! One PostgreSQL server for all tests of this process, on a socket in a temporary folder; a database per test.
//!
//! It needs Debian's package `postgresql`. The server refuses to run as root: started by root, it runs as `postgres`.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use sqlx::Connection;
use sqlx::postgres::PgConnection;

use super::program::eventually;

/// Runs the server until its standard input closes, which the end of this process does whatever ends it; then the
/// folder goes away too.
const KEEPER: &str = r#"
"$1/postgres" -D "$2/data" -k "$2" -c listen_addresses= -c fsync=off -c max_connections=200 \
    </dev/null >"$2/log" 2>&1 &
cat >/dev/null
kill -INT $!
wait
rm -rf "$2"
"#;

struct Server {
    folder: PathBuf,
    /// Holds the keeper's standard input open.
    _keeper: Child,
}

/// A new, empty database; its URL.
pub async fn new_database() -> String {
    static SERVER: OnceLock<Server> = OnceLock::new();
    static DATABASES: AtomicU32 = AtomicU32::new(0);
    let server = SERVER.get_or_init(start);
    let name = format!("test_{}", DATABASES.fetch_add(1, Ordering::Relaxed));
    let mut admin = connect_when_ready(&server.url("postgres")).await;
    // TEMPLATE template0: no one else can be connected to it.
    let sql = format!("CREATE DATABASE {name} TEMPLATE template0");
    sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&mut admin).await.unwrap();
    server.url(&name)
}

impl Server {
    fn url(&self, database: &str) -> String {
        let folder = self.folder.display().to_string().replace('/', "%2F");
        format!("postgres://postgres@{folder}/{database}")
    }
}

fn start() -> Server {
    let programs = programs();
    let folder = tempfile::Builder::new().prefix("statementd-postgres-").tempdir().unwrap().keep();
    if is_root() {
        run(Command::new("chown").arg("postgres").arg(&folder));
    }
    let data = folder.join("data");
    let initdb = ["-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync", "-D"];
    run(as_server(&programs.join("initdb")).args(initdb).arg(&data).current_dir(&folder));
    let mut keeper = as_server(Path::new("sh"));
    keeper.args(["-c", KEEPER, "sh"]).arg(&programs).arg(&folder).current_dir(&folder).stdin(Stdio::piped());
    Server { _keeper: keeper.spawn().unwrap(), folder }
}

/// Where this machine keeps the server's programs, which may not be on the path.
pub fn programs() -> PathBuf {
    let output = Command::new("pg_config").arg("--bindir").output();
    let output = output.expect("pg_config is needed: install Debian's postgresql and libpq-dev");
    PathBuf::from(String::from_utf8(output.stdout).unwrap().trim())
}

/// A command that the server's user runs.
pub(super) fn as_server(program: &Path) -> Command {
    if !is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid", "postgres", "--regid", "postgres", "--clear-groups", "--"]).arg(program);
    command
}

/// Returns once a session of the server waits for a lock.
pub async fn until_a_session_waits(url: &str) {
    const WAITING: &str = "SELECT COUNT(*) FROM pg_stat_activity
         WHERE datname = current_database() AND wait_event_type = 'Lock'";
    let mut connection = PgConnection::connect(url).await.unwrap();
    eventually("a session that waits for a lock", async || {
        let waiting: i64 = sqlx::query_scalar(WAITING).fetch_one(&mut connection).await.unwrap();
        (waiting > 0).then_some(())
    })
    .await;
}

/// A command of another server that refuses to run as root.
pub fn command_as_server(program: &str) -> Command {
    as_server(Path::new(program))
}

pub(super) fn is_root() -> bool {
    static ROOT: OnceLock<bool> = OnceLock::new();
    *ROOT.get_or_init(|| Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout == b"0\n"))
}

pub fn run(command: &mut Command) {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
}

pub(super) async fn connect_when_ready(url: &str) -> PgConnection {
    eventually("an answer of PostgreSQL", async || PgConnection::connect(url).await.ok()).await
}
