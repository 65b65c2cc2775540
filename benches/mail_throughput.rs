//! How fast mail is sent, compared with the fastest sender there is: Postfix's `smtp-source` into `smtp-sink`, with
//! as many connections and messages as large. Ours takes each message from queue to verdict as the daemon does:
//! claimed, composed from the frozen statement and the archived files, and durable in the ledger (SQLite on disk)
//! before and after. `smtp-source` sends the same body again and again. Needs Postfix; `cargo bench --bench
//! mail_throughput`. Ends with status 1 below 80 %.
//!
//! Measured with fifty recipients per statement, whose files are read and encoded once; for comparison also with a
//! statement for each recipient.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a measurement that cannot go on has failed")]

use std::process::{Child, Command, ExitCode};
use std::time::{Duration, Instant};

use statementd::mail::{MailFolder, Transport, Waits};

#[path = "../tests/it/support/csv_files.rs"]
mod csv_files;
#[path = "../tests/it/mail/fixture.rs"]
#[expect(dead_code, reason = "the tests use more of it")]
mod fixture;
/// Where the fixture looks for what tests share.
mod support {
    pub(crate) use crate::csv_files::csv;
}

use fixture::{Fixture, Plan, messages_in, smtp};

const MESSAGES: usize = 4000;
/// With a statement of its own for each message.
const STATEMENTS: usize = 1000;
const CONNECTIONS: usize = 8;
/// Linux counts a process's time in hundredths of a second.
const MICROSECONDS_PER_TICK: usize = 10_000;
/// The required share of smtp-source's rate.
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
    let sink = Sink(sink.unwrap());
    while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
        std::thread::sleep(Duration::from_millis(20));
    }
    let size = message_size().await;
    // Kept to the end: thousands of files that are deleted keep the disk busy while the next run is measured.
    let mut kept = Vec::new();
    let (mut source, mut ours) = (0.0, 0.0);
    for _ in 0..RUNS {
        source = f64::max(source, source_rate(&server, size));
        ours = f64::max(ours, our_rate(port, sink.0.id(), &Plan::recipients(MESSAGES), &mut kept).await);
    }
    println!("messages of {size} bytes over {CONNECTIONS} connections, best of {RUNS} runs of {MESSAGES}");
    println!(
        "smtp-source: {source:.0} messages/s   statementd: {ours:.0} messages/s   {:.0} %",
        100.0 * ours / source
    );
    let single = our_rate(port, sink.0.id(), &one_each(), &mut kept).await;
    println!(
        "a statement for each of {STATEMENTS} recipients: {single:.0} messages/s   {:.0} %",
        100.0 * single / source
    );
    if ours >= WANTED * source { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn one_each() -> Plan {
    let owners = (0..STATEMENTS).map(|number| vec![format!("r{number}@customer.example")]);
    Plan { owners: owners.collect(), cardholders: false }
}

async fn message_size() -> usize {
    let fixture = Fixture::published(&Plan::one_owner(), Transport::Off).await;
    let dir = fixture.mail_dir();
    let fixture = fixture.with_transport(Transport::File(MailFolder::at(dir)));
    fixture.round().await;
    messages_in(&fixture.mail_dir()).into_values().next().unwrap().len()
}

fn source_rate(server: &str, size: usize) -> f64 {
    let start = Instant::now();
    let (connections, messages, size) = (CONNECTIONS.to_string(), MESSAGES.to_string(), size.to_string());
    let arguments =
        ["-d", "-s", &connections, "-m", &messages, "-l", &size, "-f", "a@b.example", "-t", "c@d.example"];
    assert!(Command::new("smtp-source").args(arguments).arg(server).status().unwrap().success());
    rate(MESSAGES, start)
}

async fn our_rate(port: u16, sink: u32, plan: &Plan, kept: &mut Vec<Fixture>) -> f64 {
    let settings = statementd::mail::SmtpSettings { waits: Waits::default(), ..smtp(port) };
    let fixture = Fixture::published(plan, Transport::Smtp(settings)).await;
    let fixture = fixture.with_rules(|rules| rules.concurrency = CONNECTIONS);
    // What publishing has left to be written.
    assert!(Command::new("sync").status().unwrap().success());
    let messages = plan.owners.iter().map(Vec::len).sum::<usize>();
    let before = [cpu_ticks(std::process::id()), cpu_ticks(sink)];
    let start = Instant::now();
    let report = fixture.round().await;
    let rate = rate(messages, start);
    let [ours, sinks] = [cpu_ticks(std::process::id()) - before[0], cpu_ticks(sink) - before[1]];
    assert_eq!((report.accepted, report.trouble), (messages as u64, None));
    let per_message = |ticks: usize| ticks * MICROSECONDS_PER_TICK / messages;
    println!(
        "  statementd {rate:.0} messages/s, CPU per message: ours {} us, smtp-sink's {} us",
        per_message(ours),
        per_message(sinks)
    );
    kept.push(fixture);
    rate
}

#[expect(clippy::cast_precision_loss, reason = "thousands")]
fn rate(messages: usize, start: Instant) -> f64 {
    messages as f64 / start.elapsed().as_secs_f64()
}

/// What a process has used.
fn cpu_ticks(process: u32) -> usize {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap();
    let fields: Vec<_> = stat.rsplit_once(')').unwrap().1.split_whitespace().collect();
    fields[11].parse::<usize>().unwrap() + fields[12].parse::<usize>().unwrap()
}
