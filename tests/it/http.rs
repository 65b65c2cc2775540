//! The daemon's health, metrics and status page, asked over a real connection; and what a service manager is told.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::unix::net::UnixDatagram;
use std::time::Duration;

use crate::support::{AFTER_MAY, Program, Running, csv, finished_files, free_port, wait_until};

/// A running daemon that is asked over HTTP.
pub struct Served {
    pub running: Running,
    address: String,
}

pub struct Answer {
    pub status: u16,
    head: String,
    pub body: String,
}

impl Served {
    pub fn start(program: &Program, extra: &str, arguments: &[&str]) -> Self {
        let file = program.write("http.toml", format!("http.listen = \"127.0.0.1:0\"\n{extra}\n"));
        let arguments: Vec<&str> = ["--config", &file, "run"].iter().chain(arguments).copied().collect();
        Self::of(program.start(&arguments))
    }

    /// A daemon that was started in another way.
    pub fn of(mut running: Running) -> Self {
        running.until_logged("Health, metrics and status are served");
        let log = running.log();
        let (_, after) = log.split_once("\"address\":\"").unwrap();
        let address = after.split('"').next().unwrap().to_owned();
        Self { running, address }
    }

    pub fn address(&self) -> &str {
        &self.address
    }

    pub fn get(&self, path: &str) -> Answer {
        ask(&self.address, "GET", path)
    }

    /// Asks for another machine.
    pub fn get_as(&self, path: &str, host: &str) -> Answer {
        ask_as(&self.address, "GET", path, host)
    }

    /// Asks until the answer is as it should be; readings are kept for some seconds.
    pub fn until(&mut self, path: &str, wanted: impl Fn(&Answer) -> bool) -> Answer {
        let address = self.address.clone();
        self.running.until(&format!("the right answer of {path}"), || wanted(&ask(&address, "GET", path)));
        self.get(path)
    }
}

impl Answer {
    pub fn has(&self, header: &str) -> bool {
        self.head.contains(header)
    }
}

fn ask(address: &str, method: &str, path: &str) -> Answer {
    ask_as(address, method, path, address)
}

fn ask_as(address: &str, method: &str, path: &str, host: &str) -> Answer {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_mins(1))).unwrap();
    write!(stream, "{method} {path} HTTP/1.0\r\nHost: {host}\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    Answer { status, head: head.to_lowercase(), body: body.to_owned() }
}

#[test]
fn a_daemon_whose_work_is_done_is_alive_and_ready_and_says_so_in_figures() {
    let program = Program::new();
    program.import_sample();
    let mut daemon = Served::start(&program, "", &["--as-of", AFTER_MAY]);
    let page = daemon.until("/", |page| page.body.contains("accepted 16"));
    assert!(page.body.contains("All is well") && page.body.contains("2009-05"), "{}", page.body);
    assert_eq!(finished_files(&program.mail()).len(), 16);
    assert_eq!(daemon.get("/healthz").status, 200);
    let ready = daemon.get("/readyz");
    assert_eq!(ready.status, 200);
    let lines: Vec<_> =
        ready.body.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    let parts = ["database", "archive", "mail", "disk", "clock", "tasks", "work"].map(|part| format!("ok {part}"));
    assert_eq!(lines[..7], parts, "{}", ready.body);
    assert!(lines[7].starts_with("looked at database ") && lines[8].starts_with("looked at parts "), "{lines:?}");

    let metrics = daemon.get("/metrics");
    assert!(metrics.head.contains("content-type: text/plain; version=0.0.4"), "{}", metrics.head);
    for line in [
        "statementd_periods{state=\"closed\"} 4",
        "statementd_periods{state=\"parked\"} 0",
        "statementd_statements{state=\"published\"} 4",
        "statementd_deliveries{state=\"accepted\"} 16",
        "statementd_deliveries{state=\"unknown\"} 0",
        "statementd_oldest_unfinished_seconds 0",
        "statementd_overdue 0",
        "statementd_part_up{part=\"archive\"} 1",
        "statementd_config_refused 0",
        "statementd_stage_duration_seconds_bucket{stage=\"publish\",le=\"+Inf\"}",
        "statementd_stage_failures_total{stage=\"close\"} 0",
        "statementd_build_info{version=",
        "# HELP statementd_last_tick_timestamp_seconds ",
    ] {
        assert!(metrics.body.contains(line), "{line} is not in\n{}", metrics.body);
    }
}

#[test]
fn parked_months_are_on_the_page_and_overdue_work_ends_readiness() {
    let program = Program::new();
    program.import_sample();
    let header = csv!(accounts);
    let account = "700001,Ohne <b>Tarif</b>,EUR,Europe/Berlin,de-DE,NO-SUCH,Buchhaltung,buch@ohne.example\n";
    program.ok(&["import", "accounts", &program.write("a.csv", format!("{header}{account}"))]);
    let header = csv!(rooms);
    let room = "700100,700001,Jürgen,juergen@ohne.example,,true\n";
    program.ok(&["import", "rooms", &program.write("r.csv", format!("{header}{room}"))]);
    let header = csv!(usage);
    let leg = "X-1,X,700100,WEB,2009-05-04T10:00:00Z,2009-05-04T10:30:00Z,+4930123456,\n";
    program.ok(&["import", "usage", &program.write("u.csv", format!("{header}{leg}"))]);

    let mut daemon = Served::start(&program, "", &["--as-of", "2009-06-10T06:00:00Z"]);
    let page = daemon.until("/", |page| page.body.contains("accepted 16") && page.body.contains("700001"));
    assert!(page.body.contains("Needs attention") && page.body.contains("import its rows"), "{}", page.body);
    let ready = daemon.until("/readyz", |ready| ready.body.contains("FAILED  work"));
    assert_eq!(ready.status, 503);
    assert!(ready.body.contains("has been due since 2009-06-02T06:00:00Z"), "{}", ready.body);
    let metrics = daemon.get("/metrics").body;
    for line in [
        "statementd_parked_accounts{reason=\"missing_tariff\"} 1",
        "statementd_periods{state=\"parked\"} 1",
        "statementd_overdue 1",
    ] {
        assert!(metrics.contains(line), "{line} is not in\n{metrics}");
    }
    for text in [&page.body, &ready.body, &metrics, &daemon.running.log()] {
        for personal in ["Jürgen", "ohne.example", "Tarif", "+4930123456", "MeetingOne", "Mariline"] {
            assert!(!text.contains(personal), "{personal} in\n{text}");
        }
    }

    let header = csv!(tariffs);
    let rate = "NO-SUCH,WEB,Web,EUR,0.05,1,0,2009-01-01\n";
    program.ok(&["import", "tariffs", &program.write("t.csv", format!("{header}{rate}"))]);
    daemon.until("/readyz", |ready| ready.status == 200);
    let metrics = daemon.get("/metrics").body;
    let gone = "statementd_parked_accounts{reason=\"missing_tariff\"} 0";
    assert!(metrics.contains(gone), "a series that is gone goes to zero:\n{metrics}");
}

#[test]
fn parts_that_do_not_answer_are_named() {
    let program = Program::new();
    let port = free_port();
    let mail = format!(
        "[mail]\ntransport = \"smtp\"\nhost = \"127.0.0.1\"\nport = {port}\ntls = \"none\"\nfrom = \"a@b.example\"\n"
    );
    std::fs::create_dir_all(program.archive()).unwrap();
    let daemon = Served::start(&program, &mail, &[]);
    std::fs::remove_dir_all(program.archive()).unwrap();
    std::fs::write(program.archive(), "in the way").unwrap();
    let ready = daemon.get("/readyz");
    assert_eq!(ready.status, 503);
    assert!(ready.body.contains("ok      database\n"), "{}", ready.body);
    assert!(ready.body.contains("FAILED  archive: ") && ready.body.contains("FAILED  mail: "), "{}", ready.body);
    assert_eq!(daemon.get("/healthz").status, 200, "a daemon that waits for others is alive");
    assert!(daemon.get("/metrics").body.contains("statementd_part_up{part=\"mail\"} 0"));
    assert!(daemon.get("/").body.contains("Needs attention"));
}

#[test]
fn a_refused_configuration_is_on_the_page() {
    let program = Program::new();
    let mut daemon = Served::start(&program, "", &[]);
    program.write("http.toml", "http.listen = \"127.0.0.1:0\"\nmail.port = \"<script>\"\n");
    daemon.running.until_logged("The old configuration stays in force");
    let page = daemon.get("/").body;
    assert!(page.contains("are not in force") && page.contains("mail.port must be a whole number"), "{page}");
    assert!(!page.contains("<script>"));
    let metrics = daemon.get("/metrics").body;
    assert!(metrics.contains("statementd_config_reloads_total{result=\"refused\"} 1"), "{metrics}");
    assert!(metrics.contains("statementd_config_refused 1"), "{metrics}");
}

#[test]
fn only_reading_is_possible_and_browsers_are_told_to_trust_nothing() {
    let program = Program::new();
    let daemon = Served::start(&program, "", &[]);
    assert_eq!(daemon.get("/nothing").status, 404);
    assert_eq!(ask(&daemon.address, "POST", "/").status, 405);
    let head = daemon.get("/").head;
    for header in
        ["content-security-policy: default-src 'none'", "x-content-type-options: nosniff", "cache-control: no-store"]
    {
        assert!(head.contains(header), "{header} is not in\n{head}");
    }
}

#[test]
fn a_port_that_is_taken_stops_the_start_and_is_named() {
    let program = Program::new();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap();
    let file = program.write("http.toml", format!("http.listen = \"{address}\"\n"));
    let run = program.run(&["--config", &file, "run"]);
    assert_eq!(run.status, 1);
    assert!(run.stderr.contains(&format!("http.listen = \"{address}\"")), "{}", run.stderr);
}

#[test]
fn a_service_manager_hears_of_start_life_and_stop() {
    let program = Program::new();
    let socket = program.path("notify");
    let manager = UnixDatagram::bind(&socket).unwrap();
    manager.set_read_timeout(Some(Duration::from_mins(1))).unwrap();
    let mut command = program.command(&["run"]);
    command.env("NOTIFY_SOCKET", &socket).env("WATCHDOG_USEC", "300000");
    let daemon = Running::new(command);
    let hear = |wanted: &str| {
        wait_until(wanted, || {
            let mut heard = [0; 1024];
            let length = manager.recv(&mut heard).expect(wanted);
            String::from_utf8_lossy(&heard[..length]).contains(wanted)
        });
    };
    hear("READY=1");
    hear("WATCHDOG=1");
    hear("WATCHDOG=1");
    daemon.signal("TERM");
    hear("STOPPING=1");
    assert_eq!(daemon.wait(), Some(0));
}
