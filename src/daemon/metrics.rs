//! Figures for Prometheus, named by its conventions, without personal data: no names, addresses or numbers.
//!
//! What the daemon does is counted where it happens; what is in the database is read when metrics are scraped.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;
use std::future::Future;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use metrics::{Unit, counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};

use super::reload::ReloadReport;
use super::snapshot::Snapshot;
use super::supervisor::Task;
use crate::clock::Clock;
use crate::jobs::{Attention, Part, SourceOverview, WaitingFiles};
use crate::store::{DeliveryState, IntakeFileState};
use crate::zone_files::zone_data_in_use;

const STAGE_SECONDS: &str = "statementd_stage_duration_seconds";
const STAGE_FAILURES: &str = "statementd_stage_failures_total";
const PERIODS: &str = "statementd_periods";
const PARKED: &str = "statementd_parked_accounts";
const UNFINISHED_AGE: &str = "statementd_oldest_unfinished_seconds";
const ATTENTION: &str = "statementd_attention";
const OVERDUE: &str = "statementd_overdue";
const STATEMENTS: &str = "statementd_statements";
const DELIVERIES: &str = "statementd_deliveries";
const LAST_USAGE: &str = "statementd_last_usage_timestamp_seconds";
const LATE_LEGS: &str = "statementd_late_legs";
const REJECTED_ROWS: &str = "statementd_rejected_rows";
const KEPT_ACCOUNTS: &str = "statementd_expiry_held_accounts";
const INTAKE_ITEMS: &str = "statementd_intake_items";
const INTAKE_LAST: &str = "statementd_intake_last_taken_timestamp_seconds";
const INTAKE_WAITING: &str = "statementd_intake_waiting_files";
const INTAKE_OLDEST: &str = "statementd_intake_oldest_waiting_seconds";
const INTAKE_OPEN: &str = "statementd_intake_open_legs";
const INTAKE_UNTAKEN: &str = "statementd_intake_untaken_files";
const INTAKE_SILENT: &str = "statementd_intake_silent_seconds";
const LOOK_AGE: &str = "statementd_look_age_seconds";
const PART_UP: &str = "statementd_part_up";
const TASK_UP: &str = "statementd_task_up";
const TASK_ENDS: &str = "statementd_task_ends_total";
const LAST_TICK: &str = "statementd_last_tick_timestamp_seconds";
const RELOADS: &str = "statementd_config_reloads_total";
const CONFIG_REFUSED: &str = "statementd_config_refused";
const RESTART_NEEDED: &str = "statementd_config_restart_needed";
const ZONE_DATA_INFO: &str = "statementd_time_zone_data_info";
const ZONE_DATA_OLD: &str = "statementd_time_zone_data_old";
const BUILD_INFO: &str = "statementd_build_info";

/// From a tick that finds nothing to a month of a large operator.
const BUCKETS: [f64; 12] = [0.01, 0.05, 0.25, 1.0, 5.0, 15.0, 60.0, 300.0, 900.0, 3_600.0, 14_400.0, 43_200.0];

/// The process's figures. Cheap to clone.
#[derive(Clone)]
pub(super) struct Metrics {
    handle: PrometheusHandle,
    /// Series whose labels come and go: they are set to zero when they are gone, and do not stay at an old value.
    seen: Arc<Mutex<BTreeSet<(&'static str, String)>>>,
}

impl Metrics {
    /// Of this process, which has one set of figures however often this is called.
    pub(super) fn of_process() -> Self {
        static HANDLE: OnceLock<PrometheusHandle> = OnceLock::new();
        let handle = HANDLE.get_or_init(|| {
            let matcher = Matcher::Full(STAGE_SECONDS.to_owned());
            let builder = PrometheusBuilder::new();
            // Fails only for an empty list of buckets.
            let builder = builder.set_buckets_for_metric(matcher, &BUCKETS).unwrap_or_default();
            let recorder = builder.build_recorder();
            let handle = recorder.handle();
            if metrics::set_global_recorder(recorder).is_err() {
                tracing::warn!("Figures of this process are recorded elsewhere, and missing in /metrics");
            }
            describe();
            gauge!(BUILD_INFO, "version" => env!("CARGO_PKG_VERSION")).set(1.0);
            handle
        });
        Self { handle: handle.clone(), seen: Arc::default() }
    }

    /// Notes a tick of the scheduler, by the machine's clock, which is also Prometheus'.
    pub(super) fn ticked(&self) {
        let zones = zone_data_in_use(Clock::System.now());
        gauge!(ZONE_DATA_INFO, "version" => zones.version, "source" => zones.source).set(1.0);
        gauge!(ZONE_DATA_OLD).set(f64::from(u8::from(zones.is_old)));
        gauge!(LAST_TICK).set(seconds(Clock::System.now().timestamp()));
        // Without this, observations that are not scraped pile up.
        self.handle.run_upkeep();
    }

    /// Shows what a snapshot says.
    pub(super) fn show(&self, snapshot: &Snapshot) {
        let mut by_state = BTreeMap::new();
        for month in &snapshot.months {
            for (state, accounts) in month.by_state() {
                *by_state.entry(state).or_insert(0) += accounts;
            }
        }
        for state in ["closed", "empty", "open", "due", "parked", "failed"] {
            gauge!(PERIODS, "state" => state).set(count(by_state.get(state).copied().unwrap_or(0)));
        }
        for state in ["published", "waiting", "failed"] {
            gauge!(STATEMENTS, "state" => state).set(signed(snapshot.statements.get(state)));
        }
        for state in DeliveryState::ALL {
            gauge!(DELIVERIES, "state" => state.as_str()).set(signed(snapshot.deliveries.get(state.as_str())));
        }
        self.set_all(PARKED, "reason", &snapshot.parked);
        self.set_all(LATE_LEGS, "period", &snapshot.late_legs);
        self.set_all(REJECTED_ROWS, "kind", &snapshot.rejected_rows);
        self.set_all(KEPT_ACCOUNTS, "reason", &snapshot.kept_accounts);
        snapshot.intake.iter().for_each(show_source);
        let attention = &snapshot.attention;
        let age = attention.unfinished_since.map_or(0, |since| (snapshot.taken_at - since).num_seconds().max(0));
        if let Some(at) = snapshot.last_usage {
            gauge!(LAST_USAGE).set(seconds(at.timestamp()));
        }
        gauge!(UNFINISHED_AGE).set(seconds(age));
        gauge!(OVERDUE).set(f64::from(u8::from(attention.is_overdue)));
    }

    /// Shows what waits at a source of usage, as it was looked at last.
    pub(super) fn show_waiting(waiting: &WaitingFiles<'_>) {
        let oldest = waiting.oldest.unwrap_or_default().as_secs_f64();
        gauge!(INTAKE_WAITING, "source" => waiting.source.to_owned()).set(count(waiting.files));
        gauge!(INTAKE_OLDEST, "source" => waiting.source.to_owned()).set(oldest);
    }

    /// Shows what needs a person; parts and configuration included.
    pub(super) fn show_attention(attention: &Attention) {
        for (topic, items) in attention.counts() {
            gauge!(ATTENTION, "topic" => topic.word()).set(count(items));
        }
    }

    /// Shows whether the parts outside answer, and the state of reloading and of the daemon's own tasks.
    pub(super) fn show_health(parts: &[Part], reload: &ReloadReport, tasks: &BTreeMap<&'static str, Task>) {
        for (name, task) in tasks {
            gauge!(TASK_UP, "task" => *name).set(f64::from(u8::from(task.is_running)));
            counter!(TASK_ENDS, "task" => *name).absolute(task.ends);
        }
        for part in parts {
            gauge!(PART_UP, "part" => part.name).set(f64::from(u8::from(part.fault.is_none())));
        }
        counter!(RELOADS, "result" => "accepted").absolute(reload.accepted);
        counter!(RELOADS, "result" => "refused").absolute(reload.refused);
        gauge!(CONFIG_REFUSED).set(f64::from(u8::from(reload.failure.is_some())));
        gauge!(RESTART_NEEDED).set(f64::from(u8::from(!reload.restart_needed.is_empty())));
    }

    /// Shows how long ago what is shown was seen.
    pub(super) fn show_ages(ages: &[(&'static str, Duration)]) {
        for (what, age) in ages {
            gauge!(LOOK_AGE, "what" => *what).set(age.as_secs_f64());
        }
    }

    /// All figures, as Prometheus reads them.
    pub(super) fn text(&self) -> String {
        self.handle.render()
    }

    fn set_all(&self, name: &'static str, label: &'static str, values: &BTreeMap<String, i64>) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        for (_, gone) in seen.iter().filter(|(known, value)| *known == name && !values.contains_key(value)) {
            gauge!(name, label => gone.clone()).set(0.0);
        }
        for (value, number) in values {
            gauge!(name, label => value.clone()).set(signed(Some(number)));
            seen.insert((name, value.clone()));
        }
    }
}

/// Shows what the database knows of a source of usage.
fn show_source(source: &SourceOverview) {
    let name = || source.name.clone();
    for (outcome, items) in source.outcomes() {
        gauge!(INTAKE_ITEMS, "source" => name(), "outcome" => outcome).set(count(items));
    }
    gauge!(INTAKE_LAST, "source" => name()).set(seconds(source.last_taken_at.map_or(0, |at| at.timestamp())));
    gauge!(INTAKE_OPEN, "source" => name()).set(count(source.open_legs));
    gauge!(INTAKE_SILENT, "source" => name()).set(seconds(source.silent_seconds.unwrap_or(0)));
    for state in IntakeFileState::UNTAKEN {
        let files = source.untaken.iter().filter(|file| file.state == state).count() as u64;
        gauge!(INTAKE_UNTAKEN, "source" => name(), "state" => state.as_str()).set(count(files));
    }
}

/// Runs a stage of the work, and records how long it took and whether it failed.
pub(super) async fn timed<T, E: Display>(
    stage: &'static str,
    work: impl Future<Output = Result<T, E>>,
) -> Result<T, E> {
    let start = Instant::now();
    let outcome = work.await;
    histogram!(STAGE_SECONDS, "stage" => stage).record(start.elapsed().as_secs_f64());
    counter!(STAGE_FAILURES, "stage" => stage).increment(u64::from(outcome.is_err()));
    outcome
}

fn describe() {
    describe_histogram!(STAGE_SECONDS, Unit::Seconds, "How long a round of a stage took");
    describe_counter!(STAGE_FAILURES, "Rounds of a stage that ended with an error");
    describe_gauge!(PERIODS, "Accounts' periods by state; due: its time has come and it is not closed yet");
    describe_gauge!(PARKED, "Accounts' periods that cannot be closed, by obstacle");
    describe_gauge!(UNFINISHED_AGE, Unit::Seconds, "How long the oldest work has been due that is not done; 0: none");
    describe_gauge!(INTAKE_ITEMS, "What came from each source of usage, by what became of it");
    describe_gauge!(INTAKE_LAST, Unit::Seconds, "When something last came from each source of usage; 0: never");
    describe_gauge!(ATTENTION, "Things that a person should look at, by topic, as \"statementd status\" lists them");
    describe_gauge!(OVERDUE, "1 when that is longer than operations.overdue_after");
    describe_gauge!(STATEMENTS, "Revisions; published: stands verified in the archive");
    describe_gauge!(DELIVERIES, "Messages in the ledger by state");
    describe_gauge!(LAST_USAGE, Unit::Seconds, "When new usage was last stored");
    describe_gauge!(LATE_LEGS, "Legs that came after their period had closed and that no statement charges yet");
    describe_gauge!(REJECTED_ROWS, "Rows of imported files that wait for their cause to be mended");
    describe_gauge!(
        KEPT_ACCOUNTS,
        "Accounts whose older months stay in the archive; damaged: their newer months, read back, are not whole"
    );
    describe_gauge!(INTAKE_WAITING, "Files of this source that are there and not read yet");
    describe_gauge!(INTAKE_OLDEST, Unit::Seconds, "How long the oldest file of this source has waited to be read");
    describe_gauge!(INTAKE_OPEN, "Legs of this source of which one end has come");
    describe_gauge!(INTAKE_UNTAKEN, "Files of this source that are not whole, or refused");
    describe_gauge!(
        INTAKE_SILENT,
        Unit::Seconds,
        "For how long nothing has come, beyond expect_every; 0: it is not silent"
    );
    describe_gauge!(LOOK_AGE, Unit::Seconds, "How long ago the daemon looked at the database and at the other parts");
    describe_gauge!(PART_UP, "1 when the part answered at the last look");
    describe_gauge!(TASK_UP, "1 while this task of the daemon runs");
    describe_counter!(TASK_ENDS, "How often this task ended by itself, which none should, and was started again");
    describe_gauge!(LAST_TICK, Unit::Seconds, "When the scheduler last looked for work");
    describe_counter!(
        "statementd_live_differs_total",
        "Rooms and accounts whose month closed with other figures than were shown online before"
    );
    describe_counter!(RELOADS, "Changes of configuration since the start");
    describe_gauge!(CONFIG_REFUSED, "1 when the configuration files as they are now are not in force");
    describe_gauge!(RESTART_NEEDED, "1 when a changed setting waits for a restart");
    describe_gauge!(ZONE_DATA_INFO, "Always 1; its labels say which time zone data count");
    describe_gauge!(ZONE_DATA_OLD, "1 when the time zone data are older than a year");
    describe_gauge!(BUILD_INFO, "Always 1; its label says which program this is");
}

fn signed(number: Option<&i64>) -> f64 {
    seconds(number.copied().unwrap_or(0))
}

#[expect(clippy::cast_precision_loss, reason = "Prometheus knows no other numbers, and these are far below 2^53")]
fn seconds(number: i64) -> f64 {
    number as f64
}

#[expect(clippy::cast_precision_loss, reason = "Prometheus knows no other numbers, and these are far below 2^53")]
fn count(number: u64) -> f64 {
    number as f64
}
