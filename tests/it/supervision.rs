//! No task of the daemon dies unseen: each is made to panic, again and again or once.

use std::io::{Read, Write};
use std::net::TcpStream;

use crate::support::{AFTER_MAY, Program, Running, free_port, mail_ids, sample};

fn daemon_that_panics_at(program: &Program, order: &str) -> Running {
    let mut command = program.command(&["run", "--as-of", AFTER_MAY]);
    command.env("STATEMENTD_TEST_PANIC", order);
    // Set up as under a service manager with a watchdog; no one listens on the socket.
    command.env("WATCHDOG_USEC", "3000000");
    Running::new(command)
}

/// With the pages on a free port.
fn with_pages(program: &Program) -> u16 {
    let port = free_port();
    let configuration = std::fs::read_to_string(program.path("statementd.toml")).unwrap();
    program.write("statementd.toml", configuration.replace("\"off\"", &format!("\"127.0.0.1:{port}\"")));
    port
}

/// (status, body) of a page.
pub fn page(port: u16, path: &str) -> (u16, String) {
    let mut answer = String::new();
    let asked = TcpStream::connect(("127.0.0.1", port)).and_then(|mut stream| {
        write!(stream, "GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n")?;
        stream.read_to_string(&mut answer)
    });
    let status = answer.split(' ').nth(1).and_then(|status| status.parse().ok()).filter(|_| asked.is_ok());
    (status.unwrap_or(0), answer)
}

#[test]
fn a_task_that_dies_again_and_again_ends_the_process_for_its_service_manager() {
    // Side by side: each takes its half minute of pauses.
    let daemons = ["close", "deliver", "notify", "reload", "heartbeat", "http", "watchdog"].map(|task| {
        let program = Program::new();
        program.import_sample();
        with_pages(&program);
        let daemon = daemon_that_panics_at(&program, task);
        (task, program, daemon)
    });
    for (task, _program, mut daemon) in daemons {
        daemon.until_logged("ended and is started again in 1 s: it panicked: ordered at");
        daemon.until_logged("ended 6 times in a row");
        assert_eq!(daemon.wait(), Some(1), "{task}");
    }
}

#[test]
fn a_task_that_died_once_goes_on_and_the_pages_tell_of_it() {
    let program = Program::new();
    let port = with_pages(&program);
    program.import_sample();
    let mut daemon = daemon_that_panics_at(&program, "close*2");
    daemon.until("the page without the task", || {
        page(port, "/healthz").1.contains("not running: the task that closes")
    });
    daemon.until("months closed all the same", || program.archive().join("2009-05/index.html").exists());
    daemon.until("the mail", || {
        program
            .json(&["mail", "list", "--json"])
            .as_array()
            .is_some_and(|mail| !mail.is_empty() && mail.iter().all(|delivery| delivery["state"] == "accepted"))
    });
    assert_eq!(page(port, "/healthz").0, 200);
    let (status, body) = page(port, "/readyz");
    assert_eq!(status, 503, "{body}");
    assert!(body.contains("FAILED  tasks: the task that closes months ended 2 times"), "{body}");
    let metrics = page(port, "/metrics").1;
    assert!(metrics.contains("statementd_task_ends_total{task=\"closes months\"} 2"), "{metrics}");
    assert!(metrics.contains("statementd_task_up{task=\"closes months\"} 1"), "{metrics}");
    daemon.signal("TERM");
    assert_eq!(daemon.wait(), Some(0));
    let mut ids = mail_ids(&program.mail());
    let sent = ids.len();
    ids.dedup();
    assert_eq!(ids.len(), sent, "nothing went out twice");
}

#[test]
fn pages_whose_listener_died_are_served_again_and_closing_went_on() {
    let program = Program::new();
    let port = with_pages(&program);
    program.import_sample();
    let mut daemon = daemon_that_panics_at(&program, "http*2");
    daemon.until("months closed all the same", || program.archive().join("2009-05/index.html").exists());
    daemon.until("the pages", || page(port, "/healthz").0 == 200);
    let body = page(port, "/readyz").1;
    assert!(body.contains("ended 2 times"), "{body}");
    daemon.signal("TERM");
    assert_eq!(daemon.wait(), Some(0));
}

#[test]
fn a_lease_whose_heartbeat_died_is_taken_anew() {
    let program = Program::with("database.lease = \"3s\"");
    program.import_sample();
    let mut daemon = daemon_that_panics_at(&program, "lease*1");
    daemon.until_logged("ordered at lease");
    // A process registers when it has something to claim; by now everything may be done.
    let header = |kind: &str| std::fs::read_to_string(sample(kind)).unwrap().lines().next().unwrap().to_owned();
    for (kind, row) in [
        ("accounts", "700001,Later,EUR,Europe/Paris,fr-FR,BASE-EUR,Owner,owner@later.example"),
        ("rooms", "700011,700001,Lea,lea@later.example,,true"),
        ("usage", "LATER-1,LATER,700011,WEB,2009-05-10T10:00:00Z,2009-05-10T11:00:00Z,,"),
    ] {
        let name = format!("{kind}.csv");
        program.ok(&["import", kind, &program.write(&name, format!("{}\n{row}\n", header(&name)))]);
    }
    daemon.until_logged("it registers anew");
    daemon.until("May in the archive", || program.archive().join("2009-05/602127/r1/manifest.json").exists());
    daemon.until("the later account", || program.archive().join("2009-05/700001/r1/manifest.json").exists());
}

#[test]
fn the_daily_mail_tells_of_a_task_that_died() {
    let program = Program::with("operations.notify = [\"ops@operator.example\"]");
    program.import_sample();
    let mut daemon = daemon_that_panics_at(&program, "deliver*1");
    let told = || {
        let files = std::fs::read_dir(program.mail()).into_iter().flatten().flatten();
        files.filter(|file| file.file_name().to_string_lossy().starts_with("daily-")).any(|file| {
            std::fs::read_to_string(file.path())
                .is_ok_and(|text| text.contains("the task that sends mail ended 1 times"))
        })
    };
    daemon.until("the daily mail", told);
}
