//! Each part outside is broken in turn: `status`, `/readyz`, `/metrics` and the page say what is wrong and what to do,
//! and once the part is back all work is done without a further command.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use sqlx::Connection;

use crate::http::Served;
use crate::mail::fault_server::{self, FaultServer, Step};
use crate::support::crashing_postgres::CrashingPostgres;
use crate::support::skip::{missing_tool, needs_root};
use crate::support::{AFTER_MAY, Fault, FaultProxy, Program, S3, mail_ids};

/// A time at which every retry is due.
const NEXT_DAY: &str = "2009-06-06T06:00:00Z";

/// What the daemon shows while `part` is broken.
fn assert_daemon_names(daemon: &mut Served, part: &str, what_to_do: &str) {
    let wanted = format!("FAILED  {part}: ");
    let ready = daemon.until("/readyz", |ready| ready.body.contains(&wanted));
    assert_eq!(ready.status, 503);
    assert!(ready.body.contains(what_to_do), "{what_to_do:?} is not in\n{}", ready.body);
    let down = format!("statementd_part_up{{part=\"{part}\"}} 0");
    let metrics = daemon.get("/metrics").body;
    assert!(metrics.contains(&down), "{down} is not in\n{metrics}");
    let page = daemon.get("/").body;
    assert!(page.contains("Needs attention") && page.contains("failed: "), "{page}");
    assert_eq!(daemon.get("/healthz").status, 200, "a daemon that waits for others is alive");
}

fn assert_status_names(program: &Program, part: &str, what_to_do: &str) {
    let status = program.run(&["status", "--as-of", AFTER_MAY]);
    assert_eq!(status.status, 3, "{}\n{}", status.stdout, status.stderr);
    let named =
        status.stdout.lines().any(|line| line.starts_with(&format!("  {part}: ")) && line.contains(what_to_do));
    assert!(named, "{part} and {what_to_do:?} are not in\n{}", status.stdout);
}

fn assert_all_is_well(program: &Program) {
    let status = program.run(&["status", "--as-of", AFTER_MAY]);
    assert_eq!(status.status, 0, "{}\n{}", status.stdout, status.stderr);
    assert!(
        status.stdout.contains("Nothing needs attention") && status.stdout.contains("accepted 16"),
        "{}",
        status.stdout
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_server_that_is_away_is_named_and_mail_goes_out_once_it_is_back() {
    let is_away = Arc::new(AtomicBool::new(true));
    let plan = Arc::clone(&is_away);
    let server = FaultServer::start(move |step, _| {
        (step == Step::Connect && plan.load(Ordering::Relaxed)).then_some(fault_server::Fault::Drop)
    });
    let server = server.await;
    let program = Program::with(&format!(
        "mail.transport = \"smtp\"\nmail.host = \"127.0.0.1\"\nmail.port = {}\nmail.tls = \"none\"\n\
         mail.from = \"a@b.example\"\noperations.overdue_after = \"1h\"",
        server.port
    ));
    program.import_sample();
    let mut daemon = Served::start(&program, "", &["--as-of", AFTER_MAY]);
    daemon.running.until_logged("Mail waits: ");
    assert_daemon_names(&mut daemon, "mail", "Messages wait, and are sent when it is back");
    assert_status_names(&program, "mail", "Messages wait, and are sent when it is back");
    // A server that comes back for a moment does not cancel the retries.
    let late = program.run(&["status", "--as-of", NEXT_DAY]);
    assert!(late.stdout.contains("overdue: messages are not sent, the oldest since 2009-06-05"), "{}", late.stdout);
    assert_eq!(late.status, 3);
    drop(daemon);

    is_away.store(false, Ordering::Relaxed);
    let mut daemon = Served::start(&program, "", &["--as-of", NEXT_DAY]);
    daemon.running.until("all mail", || server.stored().len() == 16);
    daemon.until("/readyz", |ready| ready.status == 200);
    assert_all_is_well(&program);
}

#[test]
fn an_archive_that_is_away_is_named_and_filled_once_it_is_back() {
    let Some(s3) = S3::start() else {
        return missing_tool("moto_server is not installed");
    };
    let (program, proxy) = (Program::new(), FaultProxy::before(&s3));
    let configuration = std::fs::read_to_string(program.path("statementd.toml")).unwrap();
    program.write("statementd.toml", S3::configured(&configuration, proxy.port()));
    program.import_sample();
    proxy.set(Fault::Status(403));
    let mut daemon = Served::start(&program, "", &["--as-of", AFTER_MAY]);
    daemon.until("/", |page| page.body.contains(">failed</td>"));
    assert_daemon_names(&mut daemon, "archive", "Statements wait, and are archived when it is back");
    assert_status_names(&program, "archive", "Statements wait, and are archived when it is back");
    let status = program.run(&["status", "--as-of", AFTER_MAY]).stdout;
    assert!(status.contains("account 602127, 2009-05, failed: "), "{status}");

    proxy.set(Fault::None);
    daemon.running.until("all mail", || program.accepted_messages() == Some(16));
    assert_all_is_well(&program);
}

#[test]
fn an_archive_s_folder_that_cannot_be_made_is_named_before_anything_starts() {
    let program = Program::new();
    program.import_sample();
    let _ = std::fs::remove_dir_all(program.archive());
    std::fs::write(program.archive(), "in the way").unwrap();
    for command in ["status", "run"] {
        let run = program.run(&[command]);
        assert_eq!(run.status, 1);
        assert!(run.stderr.contains("archive.url \"file:") && run.stderr.contains("File exists"), "{}", run.stderr);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_away_is_named_and_work_goes_on_once_it_is_back() {
    let mut server = CrashingPostgres::start().await;
    let program = Program::on(&server.url(), "");
    program.import_sample();
    let mut daemon = Served::start(&program, "", &["--as-of", AFTER_MAY]);
    server.end();
    assert_daemon_names(&mut daemon, "database", "Everything waits, and goes on when it is back");
    let status = program.run(&["status"]);
    assert_eq!(status.status, 1);
    assert!(status.stderr.contains("cannot be opened (see [database] in the configuration)"), "{}", status.stderr);
    // At the start it is no different: the service manager tries again.
    assert_eq!(program.run(&["run"]).status, 1);

    server.come_back().await;
    daemon.running.until("all mail", || program.accepted_messages() == Some(16));
    assert_all_is_well(&program);
}

/// A file system of a size that can be changed, unmounted when dropped.
struct SmallDisk(PathBuf);

impl SmallDisk {
    /// `None` without the right to make one.
    fn mount(at: PathBuf) -> Option<Self> {
        std::fs::create_dir(&at).unwrap();
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", "size=400m", "none"]).arg(&at).output();
        mounted.is_ok_and(|output| output.status.success()).then_some(Self(at))
    }

    fn resize(&self, size: &str) {
        let resized = Command::new("mount").args(["-o", &format!("remount,size={size}")]).arg(&self.0).status();
        assert!(resized.unwrap().success());
    }

    /// Fills the disk.
    fn fill(&self) {
        let stat = rustix::fs::statvfs(&self.0).unwrap();
        self.resize(&((stat.f_blocks - stat.f_bfree) * stat.f_frsize + (1 << 20)).to_string());
        let mut filler = std::fs::File::create(self.0.join("filler")).unwrap();
        while filler.write_all(&[1; 4096]).is_ok() {}
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(&self.0).status();
    }
}

#[test]
fn a_disk_that_is_full_is_named_and_work_goes_on_once_there_is_room() {
    let mut program = Program::new();
    let Some(disk) = SmallDisk::mount(program.path("disk")) else {
        return needs_root("only root can mount a small disk");
    };
    let at = |name: &str| disk.0.join(name).display().to_string();
    let own = program.path("statementd.toml").display().to_string();
    let folders = format!(
        "database.url = \"sqlite://{}\"\narchive.url = \"file:{}\"\nmail.dir = \"{}\"\n",
        at("statementd.db"),
        at("archive"),
        at("mail")
    );
    program.configured_by(&[own, program.write("disk.toml", folders)]);
    program.import_sample();
    // The daemon starts, and closes nothing yet, while there is room.
    let mut daemon = Served::start(&program, "schedule.grace = \"60d\"", &["--as-of", AFTER_MAY]);
    daemon.running.until_logged("statementd is running");
    disk.fill();
    program.write("http.toml", "http.listen = \"127.0.0.1:0\"\nschedule.grace = \"24h\"\n");
    daemon.running.until_logged("Closing was interrupted and goes on at the next tick");
    assert_daemon_names(&mut daemon, "disk", "only 0 MB free; make room");
    assert_status_names(&program, "disk", "only 0 MB free; make room");

    disk.resize("400m");
    std::fs::remove_file(at("filler")).unwrap();
    daemon.running.until("all mail", || program.accepted_messages() == Some(16));
    assert_eq!(mail_ids(Path::new(&at("mail"))).len(), 16);
    assert_all_is_well(&program);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_has_fallen_behind_what_was_written_down_is_named() {
    let program = Program::new();
    program.import_sample();
    // Everything that is due at the true time is done, so that nothing more is written.
    let mut daemon = program.start(&["run"]);
    daemon.until_logged("Months closed");
    daemon.signal("TERM");
    assert_eq!(daemon.wait(), Some(0));
    set_last_record(&program, "2999-01-01").await;
    let mut daemon = Served::start(&program, "", &[]);
    assert_daemon_names(&mut daemon, "clock", "set the machine's clock");
    let status = program.run(&["status"]);
    assert!(status.status == 3 && status.stdout.contains("  clock: shows "), "{}", status.stdout);
    drop(daemon);

    set_last_record(&program, "2009-06-05").await;
    let mut daemon = Served::start(&program, "", &[]);
    daemon.until("/readyz", |ready| ready.body.contains("ok      clock"));
}

async fn set_last_record(program: &Program, day: &str) {
    let url = format!("sqlite://{}", program.path("statementd.db").display());
    let mut connection = sqlx::SqliteConnection::connect(&url).await.unwrap();
    let sql = "UPDATE audit SET at = CAST(strftime('%s', ?) AS INTEGER)";
    sqlx::query(sql).bind(day).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
}

#[test]
fn a_configuration_that_is_wrong_is_refused_at_its_place() {
    let program = Program::new();
    program.import_sample();
    let mut daemon = Served::start(&program, "schedule.grace = \"60d\"", &["--as-of", AFTER_MAY]);
    let wrong = program.write("http.toml", "http.listen = \"127.0.0.1:0\"\nschedule.grace = \"one day\"\n");
    daemon.running.until_logged("The old configuration stays in force");
    let place = format!("{wrong}:2: schedule.grace");
    let page = daemon.get("/").body;
    assert!(page.contains("Needs attention") && page.contains(&place), "{page}");
    assert!(daemon.get("/metrics").body.contains("statementd_config_refused 1"));
    let status = program.run(&["--config", &wrong, "status"]);
    assert_eq!(status.status, 2);
    assert!(status.stderr.contains(&place) && status.stderr.contains("must be a duration"), "{}", status.stderr);

    program.write("http.toml", "http.listen = \"127.0.0.1:0\"\nschedule.grace = \"24h\"\n");
    daemon.running.until("all mail", || program.accepted_messages() == Some(16));
    assert!(daemon.get("/metrics").body.contains("statementd_config_refused 0"));
    assert_all_is_well(&program);
}

#[tokio::test(flavor = "multi_thread")]
async fn check_asks_the_mail_server_up_to_the_recipient_and_sends_nothing() {
    let refusing = |step, _| (step == Step::Rcpt).then_some(fault_server::Fault::Reply("550 5.7.1 relaying denied"));
    for (server, status) in [(FaultServer::sound().await, 0), (FaultServer::start(refusing).await, 1)] {
        let program = Program::with(&format!(
            "mail.transport = \"smtp\"\nmail.host = \"127.0.0.1\"\nmail.port = {}\nmail.tls = \"none\"\n\
             mail.from = \"a@b.example\"",
            server.port
        ));
        let check = program.run(&["check"]);
        assert_eq!(check.status, status, "{}", check.stdout);
        assert_eq!(check.stdout.contains("FAILED  mail"), status == 1);
        assert_eq!(check.stdout.contains("relaying denied (after RCPT)"), status == 1, "{}", check.stdout);
        assert!(server.stored().is_empty() && !server.commands().contains(&"DATA".to_owned()));
    }
}

#[test]
fn root_does_not_write_into_another_users_database() {
    let program = Program::new();
    program.import_sample();
    let database = program.path("statementd.db");
    if std::os::unix::fs::chown(&database, Some(65_534), None).is_err() {
        return needs_root("only root can do this wrong");
    }
    for command in ["status", "check", "migrate", "run"] {
        let run = program.run(&[command]);
        assert_eq!(run.status, 1, "{command}");
        assert!(
            run.stderr.contains("run this as \"sudo -u nobody statementd --config /")
                && run.stderr.contains(&format!(" {command}\"")),
            "{}",
            run.stderr
        );
    }
}
