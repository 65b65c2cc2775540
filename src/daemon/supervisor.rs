//! Restarts the daemon's tasks. A task that ends is started again, after pauses that grow, and the pages, the metrics
//! and the daily mail say so. One that ends again and again ends the process with an error, so that its service
//! manager restarts everything.

use std::any::Any;
use std::collections::BTreeMap;
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::task::JoinError;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::jobs::Part;

/// Before the first restart; doubled with each further one.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
/// Ends in a row after which the process gives up: half a minute of pauses.
const MOST_ENDS: u32 = 6;
/// After a task has run for so long, counting begins anew.
const LONG_RUN: Duration = Duration::from_mins(10);
/// How long `/readyz` mentions a task that ended, since it may end again.
const RECENT: Duration = Duration::from_mins(10);
/// How long the daily mail may mention it.
const DAY: Duration = Duration::from_hours(24);

/// Runs the daemon's tasks. Cheap to clone.
#[derive(Clone)]
pub(super) struct Supervisor {
    tracker: TaskTracker,
    stop: CancellationToken,
    given_up: CancellationToken,
    tasks: Arc<Mutex<BTreeMap<&'static str, Task>>>,
    first_pause: Duration,
}

/// The state of a task.
#[derive(Debug, Clone, Default)]
pub(super) struct Task {
    pub is_running: bool,
    /// Since the start.
    pub ends: u64,
    last_end: Option<(Instant, String)>,
}

impl Supervisor {
    pub(super) fn new(stop: CancellationToken) -> Self {
        Self {
            tracker: TaskTracker::new(),
            stop,
            given_up: CancellationToken::new(),
            tasks: Arc::default(),
            first_pause: FIRST_PAUSE,
        }
    }

    /// For tasks that run until another moment; they are reported with the others.
    pub(super) fn until(&self, stop: CancellationToken) -> Self {
        Self { tracker: TaskTracker::new(), stop, ..self.clone() }
    }

    /// Runs what `start` makes until the daemon stops, again and again if it ends by itself. `name` continues "the
    /// task that".
    pub(super) fn run<F>(&self, name: &'static str, mut start: impl FnMut() -> F + Send + 'static)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let supervisor = self.clone();
        self.tracker.spawn(async move {
            let (mut ends, mut pause) = (0, supervisor.first_pause);
            loop {
                let began = Instant::now();
                supervisor.note(name, |task| task.is_running = true);
                let ended = tokio::spawn(start()).await;
                if supervisor.stop.is_cancelled() {
                    return;
                }
                if began.elapsed() > LONG_RUN {
                    (ends, pause) = (0, supervisor.first_pause);
                }
                ends += 1;
                let why = ended.map_or_else(words_of, |()| "it returned".to_owned());
                supervisor.note(name, |task| task.end(&why));
                if ends == MOST_ENDS {
                    tracing::error!(task = name, "The task that {name} ended {ends} times in a row: {why}");
                    return supervisor.given_up.cancel();
                }
                let pause_s = pause.as_secs();
                tracing::error!(task = name, "The task that {name} ended and is started again in {pause_s} s: {why}");
                tokio::select! {
                    () = supervisor.stop.cancelled() => return,
                    () = tokio::time::sleep(pause) => pause *= 2,
                }
            }
        });
    }

    /// Waits until a task has ended too often.
    pub(super) async fn gave_up(&self) {
        self.given_up.cancelled().await;
    }

    /// Waits until all tasks have ended, after the daemon was told to stop.
    pub(super) async fn finished(&self) {
        self.tracker.close();
        self.tracker.wait().await;
    }

    /// Every task, by name.
    pub(super) fn tasks(&self) -> BTreeMap<&'static str, Task> {
        self.lock().clone()
    }

    /// Tasks that are not running now.
    pub(super) fn down(&self) -> Option<String> {
        let tasks = self.lock();
        let down: Vec<_> = tasks.iter().filter(|(_, task)| !task.is_running).map(|(name, _)| *name).collect();
        (!down.is_empty()).then(|| format!("not running: the task that {}", down.join(", the task that ")))
    }

    /// The state of the daemon's tasks as one of the parts that are checked.
    pub(super) fn part(&self) -> Part {
        Part { name: "tasks", fault: self.ended_within(RECENT) }
    }

    /// Like [`Self::part`], of the last day.
    pub(super) fn part_of_day(&self) -> Part {
        Part { name: "tasks", fault: self.ended_within(DAY) }
    }

    fn ended_within(&self, time: Duration) -> Option<String> {
        let tasks = self.lock();
        let told = tasks.iter().filter_map(|(name, task)| {
            let (at, why) = task.last_end.as_ref().filter(|(at, _)| at.elapsed() < time)?;
            let (minutes, ends) = (at.elapsed().as_secs() / 60, task.ends);
            Some(format!("the task that {name} ended {ends} times, the last time {minutes} minutes ago: {why}"))
        });
        let told: Vec<_> = told.collect();
        (!told.is_empty()).then(|| format!("{}. Each was started again; the log says more", told.join("; ")))
    }

    fn note(&self, name: &'static str, change: impl FnOnce(&mut Task)) {
        change(self.lock().entry(name).or_default());
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<&'static str, Task>> {
        self.tasks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Task {
    fn end(&mut self, why: &str) {
        self.is_running = false;
        self.ends += 1;
        self.last_end = Some((Instant::now(), why.to_owned()));
    }
}

fn words_of(error: JoinError) -> String {
    let panic: Box<dyn Any + Send> = match error.try_into_panic() {
        Ok(panic) => panic,
        Err(error) => return error.to_string(),
    };
    let words = panic.downcast_ref::<&str>().map(|words| (*words).to_owned());
    let words = words.or_else(|| panic.downcast_ref::<String>().cloned());
    format!("it panicked: {}", words.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    fn impatient(stop: CancellationToken) -> Supervisor {
        Supervisor { first_pause: Duration::from_millis(1), ..Supervisor::new(stop) }
    }

    #[tokio::test]
    async fn a_task_that_ends_is_started_again_and_told_of() {
        let (stop, starts) = (CancellationToken::new(), Arc::new(AtomicUsize::new(0)));
        let supervisor = impatient(stop.clone());
        let (counted, stopped) = (Arc::clone(&starts), stop.clone());
        supervisor.run("counts", move || {
            let (n, stopped) = (counted.fetch_add(1, Ordering::Relaxed), stopped.clone());
            async move {
                assert!(n >= 2, "start {n}");
                stopped.cancelled().await;
            }
        });
        while starts.load(Ordering::Relaxed) < 3 {
            tokio::task::yield_now().await;
        }
        assert_eq!(supervisor.down(), None);
        let fault = supervisor.part().fault.unwrap();
        assert!(fault.starts_with("the task that counts ended 2 times") && fault.contains("start 1"), "{fault}");
        stop.cancel();
        supervisor.finished().await;
    }

    #[tokio::test]
    async fn a_task_that_ends_again_and_again_is_given_up() {
        let supervisor = impatient(CancellationToken::new());
        supervisor.run("returns", || async {});
        supervisor.gave_up().await;
        assert_eq!(supervisor.tasks()["returns"].ends, u64::from(MOST_ENDS));
        assert_eq!(supervisor.down().unwrap(), "not running: the task that returns");
    }
}
