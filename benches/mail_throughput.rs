//! How fast mail leaves, beside the fastest sender there is for it: Postfix's `smtp-source` into `smtp-sink`, with as
//! many connections and messages as large. Ours composes every message, checks its files, and makes the ledger durable
//! before and after each. Needs Postfix; `cargo bench --bench mail_throughput`. Ends with status 1 below 80 %.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a measurement that cannot go on has failed")]

use std::process::{Child, Command, ExitCode};
use std::time::{Duration, Instant};

use statementd::mail::{Transport, Waits};

#[path = "../tests/it/mail/fixture.rs"]
#[expect(dead_code, reason = "the tests use more of it")]
mod fixture;

use fixture::{Fixture, Plan, messages_in, smtp};

const MESSAGES: usize = 4000;
const CONNECTIONS: usize = 8;
/// What is wanted of smtp-source's rate.
const WANTED: f64 = 0.8;
/// The better of so many runs, turn by turn, since other programs use the machine too.
const RUNS: usize = 3;

struct Sink(Child);

impl Drop for Sink {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let server = format!("127.0.0.1:{port}");
    let sink = Command::new("smtp-sink").args(["-u", "nobody", &server, "100"]).spawn();
    let _sink = Sink(sink.unwrap());
    while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
        std::thread::sleep(Duration::from_millis(20));
    }
    let size = message_size().await;
    let (mut source, mut ours) = (0.0, 0.0);
    for _ in 0..RUNS {
        source = f64::max(source, source_rate(&server, size));
        ours = f64::max(ours, our_rate(port).await);
    }
    println!("messages of {size} bytes over {CONNECTIONS} connections, best of {RUNS} runs of {MESSAGES}");
    println!(
        "smtp-source: {source:.0} messages/s   statementd: {ours:.0} messages/s   {:.0} %",
        100.0 * ours / source
    );
    if ours >= WANTED * source { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

async fn message_size() -> usize {
    let fixture = Fixture::published(&Plan::one_owner(), Transport::Off).await;
    let dir = fixture.mail_dir();
    let fixture = fixture.with_transport(Transport::File { dir });
    fixture.round().await;
    messages_in(&fixture.mail_dir()).into_values().next().unwrap().len()
}

fn source_rate(server: &str, size: usize) -> f64 {
    let start = Instant::now();
    let (connections, messages, size) = (CONNECTIONS.to_string(), MESSAGES.to_string(), size.to_string());
    let arguments =
        ["-d", "-s", &connections, "-m", &messages, "-l", &size, "-f", "a@b.example", "-t", "c@d.example"];
    assert!(Command::new("smtp-source").args(arguments).arg(server).status().unwrap().success());
    rate(start)
}

async fn our_rate(port: u16) -> f64 {
    let settings = statementd::mail::SmtpSettings { waits: Waits::default(), ..smtp(port) };
    let fixture = Fixture::published(&Plan::recipients(MESSAGES), Transport::Smtp(settings)).await;
    let fixture = fixture.with_rules(|rules| rules.concurrency = CONNECTIONS);
    let start = Instant::now();
    let report = fixture.round().await;
    let rate = rate(start);
    assert_eq!((report.accepted, report.trouble), (MESSAGES as u64, None));
    rate
}

#[expect(clippy::cast_precision_loss, reason = "thousands")]
fn rate(start: Instant) -> f64 {
    MESSAGES as f64 / start.elapsed().as_secs_f64()
}
