//! A real `PgBouncer` in transaction mode, with its default settings, between the program and PostgreSQL.

use std::process::{Child, Command, Stdio};

use crate::support::skip::missing_tool;
use crate::support::{AFTER_MAY, Program, free_port, postgres, wait_until};

/// Ends with the test.
struct Pooler {
    server: Child,
    port: u16,
    _folder: tempfile::TempDir,
}

impl Pooler {
    /// Before the server of `url`; `None` where Debian's package `pgbouncer` is not installed.
    fn before(url: &str) -> Option<Self> {
        let socket = url::Url::parse(url).unwrap().host_str().unwrap().replace("%2F", "/");
        let port = free_port();
        let folder = tempfile::Builder::new().prefix("statementd-pgbouncer-").tempdir().unwrap();
        let settings = format!(
            "[databases]\n* = host={socket} user=postgres\n[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\n\
             auth_type = any\npool_mode = transaction\ndefault_pool_size = 8\nunix_socket_dir =\n"
        );
        let file = folder.path().join("pgbouncer.ini");
        std::fs::write(&file, settings).unwrap();
        let opened = Command::new("chmod").args(["-R", "a+rX"]).arg(folder.path()).status().unwrap();
        assert!(opened.success());
        let mut command = postgres::command_as_server("pgbouncer");
        let server = command.arg("-q").arg(file).stdout(Stdio::null()).stderr(Stdio::null()).spawn().ok()?;
        let mut pooler = Self { server, port, _folder: folder };
        wait_until("a connection to pgbouncer", || {
            assert!(pooler.server.try_wait().unwrap().is_none(), "pgbouncer ends at once");
            std::net::TcpStream::connect(("127.0.0.1", port)).is_ok()
        });
        Some(pooler)
    }
}

impl Drop for Pooler {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

#[tokio::test]
async fn the_whole_job_is_done_behind_a_pooler_with_its_default_settings() {
    let url = postgres::new_database().await;
    let database = url.rsplit('/').next().unwrap();
    let Some(pooler) = Pooler::before(&url) else {
        return missing_tool("Debian's package pgbouncer is not installed");
    };
    let program = Program::on(&format!("postgres://postgres@127.0.0.1:{}/{database}", pooler.port), "");
    program.import_sample();
    // The daemon's tasks share the pooler's connections with each other and with the commands.
    let mut daemon = program.start(&["run", "--as-of", AFTER_MAY]);
    daemon.until("all mail", || program.accepted_messages() == Some(16));
    daemon.signal("TERM");
    assert_eq!(daemon.wait(), Some(0));
    program.ok(&["archive", "verify"]);
    program.ok(&["check", "--deep"]);
}

#[test]
fn a_server_that_is_down_is_named_at_once_with_the_reason() {
    let port = free_port();
    let program = Program::on(&format!("postgres://app:hunter2@127.0.0.1:{port}/st"), "");
    for command in [["status"], ["check"], ["migrate"]] {
        let run = program.run(&command);
        let told = format!("{}{}", run.stdout, run.stderr);
        assert_eq!(run.status, 1, "{command:?} {told}");
        assert!(told.contains(&format!("127.0.0.1:{port} refused the connection: is the server running?")), "{told}");
        assert!(!told.contains("hunter2"), "{told}");
    }
}

#[tokio::test]
async fn a_database_in_another_encoding_is_refused() {
    use sqlx::Connection;
    let url = postgres::new_database().await;
    let mut admin = sqlx::postgres::PgConnection::connect(&url).await.unwrap();
    let database = format!("{}_latin1", url.rsplit('/').next().unwrap());
    let sql = format!("CREATE DATABASE {database} ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0");
    sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&mut admin).await.unwrap();
    let program = Program::on(&url.replace(url.rsplit('/').next().unwrap(), &database), "");
    for command in ["check", "migrate"] {
        let run = program.run(&[command]);
        assert_eq!(run.status, 1);
        let told = format!("{}{}", run.stdout, run.stderr);
        assert!(told.contains("the database's encoding is LATIN1") && told.contains("--encoding=UTF8"), "{told}");
    }
}
