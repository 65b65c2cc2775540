//! Strangers at the daemon's HTTP listener can neither stop its work nor have it answer for another machine.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::Command;

use crate::http::Served;
use crate::support::{AFTER_MAY, Program, Running, finished_files};

/// The daemon may open this many files; as few as its work needs, so that a test can open more connections.
const OPEN_FILES: usize = 160;

#[test]
fn half_requests_in_any_number_stop_neither_the_answers_nor_the_work() {
    let program = Program::new();
    let command =
        program.command(&["--config", &program.write("http.toml", "http.listen = \"127.0.0.1:0\"\n"), "run"]);
    let mut limited = Command::new("sh");
    limited.current_dir(program.path("")).env_clear().args([
        "-c",
        &format!("ulimit -n {OPEN_FILES}; exec \"$@\""),
        "sh",
    ]);
    limited.arg(command.get_program()).args(command.get_args()).args(["--as-of", AFTER_MAY]);
    let mut daemon = Served::of(Running::new(limited));
    let half: Vec<TcpStream> = (0..3 * OPEN_FILES)
        .map(|_| {
            let mut stream = TcpStream::connect(daemon.address()).unwrap();
            // Those that came first have been cut already.
            let _ = stream.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\nX");
            stream
        })
        .collect();
    assert_eq!(daemon.get("/healthz").status, 200);
    program.import_sample();
    daemon.until("/", |page| page.body.contains("accepted 16"));
    assert_eq!(finished_files(&program.mail()).len(), 16);
    assert!(!daemon.running.log().contains("Too many open files"), "{}", daemon.running.log());
    drop(half);
}

#[test]
fn a_connection_that_stays_half_said_does_not_hold_up_the_end() {
    let program = Program::new();
    let daemon = Served::start(&program, "", &[]);
    let mut half = TcpStream::connect(daemon.address()).unwrap();
    half.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\nX").unwrap();
    assert_eq!(daemon.get("/healthz").status, 200);
    daemon.running.signal("TERM");
    assert_eq!(daemon.running.wait(), Some(0));
    let mut rest = Vec::new();
    let _ = half.read_to_end(&mut rest);
    assert_eq!(rest, b"");
}

#[test]
fn a_page_of_another_name_reads_nothing() {
    let program = Program::new();
    let daemon = Served::start(&program, "http.hosts = [\"status.example.com\"]", &[]);
    for path in ["/", "/healthz", "/readyz", "/metrics", "/nothing"] {
        let refused = daemon.get_as(path, "evil.example");
        assert_eq!(refused.status, 421, "{path}");
        assert!(!refused.body.contains("evil") && refused.has("x-content-type-options: nosniff"), "{}", refused.body);
    }
    for known in ["localhost", "127.0.0.1:9464", "[::1]", "status.example.com", "STATUS.example.com:8080"] {
        assert_eq!(daemon.get_as("/healthz", known).status, 200, "{known}");
    }
}
