//! Several daemons on one PostgreSQL server, killed, frozen and cut off: every month is closed once, every message
//! made once, and the archive ends as a single quiet daemon leaves it.
//!
//! `STATEMENTD_TEST_ACCOUNTS=2000` runs it at full size.

use std::time::{Duration, Instant};

use proptest::prelude::RngExt as _;

use crate::support::crashing_postgres::CrashingPostgres;
use crate::support::{AFTER_MAY, Pauses, Program, Running, finished_files, letters, office, postgres};

const DAEMONS: usize = 4;
const LEASE: Duration = Duration::from_secs(2);
const CONFIGURATION: &str = "database.lease = \"2s\"\nmail.concurrency = 2";
/// An account that does not end within this, on the slowest machine, never will.
const PATIENCE_PER_ACCOUNT: Duration = Duration::from_secs(1);
const PATIENCE: Duration = Duration::from_mins(2);

fn accounts() -> u32 {
    std::env::var("STATEMENTD_TEST_ACCOUNTS").map_or(200, |number| number.parse().unwrap())
}

/// What an undisturbed daemon makes of the same accounts.
fn quiet(accounts: u32) -> Program {
    let program = Program::new();
    office::import_accounts(&program, accounts);
    program.ok(&["close", "--period", "2009-05", "--as-of", AFTER_MAY]);
    program
}

fn daemon(program: &Program) -> Running {
    program.start(&["run", "--as-of", AFTER_MAY])
}

fn assert_same_as_quiet(program: &Program, quiet: &Program) {
    for each in [program, quiet] {
        // States of delivery are shown at a slower pace than they change.
        each.ok(&["archive", "index"]);
    }
    assert_eq!(letters(&program.mail()), letters(&quiet.mail()));
    let (found, expected) = (finished_files(&program.archive()), finished_files(&quiet.archive()));
    assert_eq!(found.keys().collect::<Vec<_>>(), expected.keys().collect::<Vec<_>>());
    let different: Vec<_> = expected.iter().filter(|(name, bytes)| found[*name] != **bytes).collect();
    assert!(different.is_empty(), "{} files differ, as {:?}", different.len(), different[0].0);
    program.ok(&["archive", "verify"]);
}

#[tokio::test]
async fn four_daemons_that_are_killed_frozen_and_cut_off_do_everything_once() {
    let accounts = accounts();
    let quiet = quiet(accounts);
    let mut server = CrashingPostgres::start().await;
    let program = Program::on(&server.url(), CONFIGURATION);
    office::import_accounts(&program, accounts);

    let mut storm = Storm::over(&program);
    let start = Instant::now();
    while program.accepted_messages() != Some(u64::from(accounts)) {
        assert!(start.elapsed() < PATIENCE + PATIENCE_PER_ACCOUNT * accounts, "does not end\n{}", storm.log());
        storm.strike(&mut server).await;
    }
    println!(
        "{accounts} accounts in {:?} with {} kills, {} freezes, {} crashes of the server",
        start.elapsed(),
        storm.kills,
        storm.freezes,
        storm.crashes
    );
    let logs = storm.end();
    assert!(!logs.contains("panicked"), "{logs}");
    assert_same_as_quiet(&program, &quiet);
}

/// Daemons, and what happens to them.
struct Storm<'a> {
    program: &'a Program,
    daemons: Vec<Running>,
    /// Which of them are frozen, and until when.
    frozen: Vec<(usize, Instant)>,
    /// The logs of daemons that have ended.
    logs: String,
    random: proptest::test_runner::TestRng,
    kills: u32,
    freezes: u32,
    crashes: u32,
}

impl<'a> Storm<'a> {
    fn over(program: &'a Program) -> Self {
        Self {
            program,
            daemons: (0..DAEMONS).map(|_| daemon(program)).collect(),
            frozen: Vec::new(),
            logs: String::new(),
            random: proptest::test_runner::TestRng::deterministic_rng(proptest::test_runner::RngAlgorithm::ChaCha),
            kills: 0,
            freezes: 0,
            crashes: 0,
        }
    }

    /// One of: a daemon killed, a daemon frozen beyond its lease, a crash of the server.
    async fn strike(&mut self, server: &mut CrashingPostgres) {
        let victim = self.random.random_range(0..DAEMONS);
        match self.random.random_range(0..20) {
            0..10 => {
                self.daemons[victim].signal("KILL");
                self.kills += 1;
            }
            10..19 => {
                self.daemons[victim].signal("STOP");
                self.frozen.push((victim, Instant::now() + LEASE + Duration::from_secs(1)));
                self.freezes += 1;
            }
            _ => {
                server.crash().await;
                self.crashes += 1;
            }
        }
        std::thread::sleep(Duration::from_millis(self.random.random_range(50..1500)));
        for (resumed, _) in self.frozen.extract_if(.., |(_, until)| *until <= Instant::now()) {
            self.daemons[resumed].signal("CONT");
        }
        self.restart_ended();
    }

    /// As a service manager does, also for one that found the server away when it started.
    fn restart_ended(&mut self) {
        for running in &mut self.daemons {
            if running.has_ended() {
                self.logs.push_str(&running.log());
                *running = daemon(self.program);
            }
        }
    }

    fn log(&self) -> String {
        self.daemons.iter().map(Running::log).collect()
    }

    /// Lets all daemons end in order; returns everything that any of them has logged.
    fn end(mut self) -> String {
        for running in &self.daemons {
            running.signal("CONT");
        }
        self.restart_ended();
        let mut logs = self.logs;
        for mut running in self.daemons {
            running.until_logged("statementd is running");
            running.signal("TERM");
            logs.push_str(&running.log());
            assert_eq!(running.wait(), Some(0));
        }
        logs
    }
}

#[tokio::test]
async fn a_daemon_that_was_frozen_beyond_its_lease_writes_nothing_when_it_wakes() {
    let quiet = quiet(40);
    let program = Program::on(&postgres::new_database().await, CONFIGURATION);
    office::import_accounts(&program, 40);
    // Frozen in the middle of a statement, with which it goes on when it wakes, however fast the machine is.
    let (place, manifest) = ("before-a-statement-is-written", |name: &String| name.ends_with("manifest.json"));
    let pauses = Pauses::at(place);
    let frozen_run = ["run", "--as-of", AFTER_MAY];
    let mut frozen = pauses.start_until(&program, &frozen_run, place);
    frozen.until("some statements in the archive", || finished_files(&program.archive()).keys().any(manifest));
    frozen.signal("STOP");
    pauses.resume(place);
    assert!(finished_files(&program.archive()).keys().filter(|name| manifest(name)).count() < 40);

    let mut other = daemon(&program);
    other.until("all mail accepted", || program.accepted_messages() == Some(40));
    other.signal("TERM");
    assert_eq!(other.wait(), Some(0));
    // The month's own pages may be written again with later states of deliveries; that is new work.
    let left = || {
        let mut files = finished_files(&program.archive());
        files.retain(|name, _| name.contains("/r1/"));
        (files, program.json(&["mail", "list", "--json"]))
    };
    let before = left();

    frozen.signal("CONT");
    frozen.until_logged("silent for longer than its lease");
    frozen.signal("TERM");
    assert_eq!(frozen.wait(), Some(0));
    assert!(before == left());
    assert_same_as_quiet(&program, &quiet);
}
