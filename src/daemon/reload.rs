//! Changed configuration, taken up by a running daemon: whole or not at all.
//!
//! Files are read again when their folder says that something happened, when SIGHUP asks, and, since watching can
//! fail in silence (network file systems, a folder that was replaced), from time to time. What is compared is what
//! the files hold, so that a busy folder costs a look and nothing more.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use notify::{EventKind, RecommendedWatcher, RecursiveMode, Watcher};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::{Mutex, Notify, watch};
use tokio::time::{MissedTickBehavior, interval, timeout};
use tokio_util::sync::CancellationToken;

use crate::app;
use crate::clock::Clock;
use crate::config::{Config, ConfigErrors, Sources};
use crate::digest::sha256_hex;
use crate::fault_injection;

/// Editors and copies write in several steps; a folder that is quiet for this long is taken to be complete.
const QUIET: Duration = Duration::from_millis(250);
/// A folder that is never quiet is looked at nevertheless.
const LONGEST_DEBOUNCE: Duration = Duration::from_secs(3);
/// After this many reads of files that keep changing, the last read is used; the next look sees what changed since.
const MOST_READS: usize = 5;
/// How often files are looked at without being told.
const LOOK_AGAIN: Duration = Duration::from_secs(30);

/// The configuration in force, as it changes. Cheap to clone.
#[derive(Clone)]
pub struct Reloader {
    /// Each accepted configuration, and the same again after SIGHUP: templates may have changed.
    pub config: watch::Receiver<Arc<Config>>,
    pub report: watch::Receiver<ReloadReport>,
    /// Something may have happened to a file.
    changed: Arc<Notify>,
    task: Arc<Mutex<ReloadTask>>,
}

/// The state of reloading; for `status` and metrics.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReloadReport {
    /// Changes taken up since the start.
    pub accepted: u64,
    /// Changes turned down since the start.
    pub refused: u64,
    /// When the files were last found changed, or SIGHUP came.
    pub last_attempt: Option<DateTime<Utc>>,
    /// Why the files as they are now are not in force.
    pub failure: Option<String>,
    /// Changed keys that wait for the daemon's next start.
    pub restart_needed: Vec<String>,
}

impl Reloader {
    /// Watches what `initial` was loaded from. `apply` puts a new configuration into force; one that it cannot use is
    /// refused as well.
    pub fn new(
        sources: Sources,
        initial: Arc<Config>,
        clock: Clock,
        apply: impl Fn(&Config) -> anyhow::Result<()> + Send + Sync + 'static,
    ) -> std::io::Result<Self> {
        let hangups = signal(SignalKind::hangup())?;
        let (config_sender, config) = watch::channel(Arc::clone(&initial));
        let (report_sender, report) = watch::channel(ReloadReport::default());
        let changed = Arc::new(Notify::new());
        let mut task = ReloadTask {
            seen: None,
            whole: Contents::of(&sources, &initial).whole_files().collect(),
            folders: Folders::new(&changed),
            started_with: initial,
            sources,
            clock,
            apply: Arc::new(apply),
            config: config_sender,
            report: report_sender,
            hangups,
        };
        task.folders.follow(&task.sources, &task.started_with);
        Ok(Self { config, report, changed, task: Arc::new(Mutex::new(task)) })
    }

    /// Keeps the configuration up to date until `stop`; can be begun again where it ended.
    pub async fn watch(self, stop: CancellationToken) {
        let mut task = self.task.lock().await;
        let mut again = interval(LOOK_AGAIN);
        again.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let asked = tokio::select! {
                biased;
                () = stop.cancelled() => return,
                _ = task.hangups.recv() => true,
                () = self.changed.notified() => {
                    quiet(&self.changed).await;
                    false
                }
                _ = again.tick() => false,
            };
            fault_injection::point("reload");
            task.look(asked).await;
        }
    }
}

/// Waits until nothing has happened for a while.
async fn quiet(changed: &Notify) {
    let until_quiet = async { while timeout(QUIET, changed.notified()).await.is_ok() {} };
    let _ = timeout(LONGEST_DEBOUNCE, until_quiet).await;
}

type Apply = dyn Fn(&Config) -> anyhow::Result<()> + Send + Sync;

/// Keeps the configuration in force.
struct ReloadTask {
    sources: Sources,
    /// What the parts that cannot change were built from.
    started_with: Arc<Config>,
    /// What the files held when they were last read; None before the first look, which finds what was changed
    /// between the daemon's start and now.
    seen: Option<Contents>,
    /// Files whose last line had an end in what is in force: without it they have been cut off, perhaps within a
    /// number.
    whole: BTreeSet<PathBuf>,
    folders: Folders,
    clock: Clock,
    apply: Arc<Apply>,
    config: watch::Sender<Arc<Config>>,
    report: watch::Sender<ReloadReport>,
    hangups: Signal,
}

impl ReloadTask {
    /// Reads the files if they hold something new, if someone asked, or if they were refused: what was wrong can
    /// have been corrected elsewhere, for example in a file that they name.
    async fn look(&mut self, asked: bool) {
        let forced = asked || self.report.borrow().failure.is_some();
        let in_force = Arc::clone(&self.config.borrow());
        let (sources, config, seen) = (self.sources.clone(), Arc::clone(&in_force), self.seen.clone());
        let read = tokio::task::spawn_blocking(move || {
            (forced || seen.as_ref() != Some(&Contents::of(&sources, &config))).then(|| read_whole(&sources, &config))
        });
        match read.await {
            Ok(None) => {}
            Ok(Some((Ok(config), contents))) => {
                let is_new = self.seen.as_ref() != Some(&contents);
                let whole: BTreeSet<PathBuf> = contents.whole_files().collect();
                let is_first_look = self.seen.replace(contents).is_none();
                let changed = in_force.changed_keys(&config);
                let complete = self.refuse_cut_off(&whole).and_then(|()| in_force.refuse_disappeared(&config));
                if let Err(why) = complete {
                    self.refuse(why, is_new);
                    return;
                }
                self.whole = whole;
                self.folders.follow(&self.sources, &config);
                if asked || !is_first_look || !changed.is_empty() {
                    self.take_up(&changed, Arc::new(config)).await;
                }
            }
            Ok(Some((Err(errors), contents))) => {
                let is_new = self.seen.as_ref() != Some(&contents);
                self.seen = Some(contents);
                self.refuse(errors.without_values().to_string(), is_new);
            }
            Err(error) => tracing::error!("The configuration could not be read again: {error}"),
        }
    }

    /// Half of a file can be a configuration too: `keep_months = 12`, cut off behind the 1.
    fn refuse_cut_off(&self, whole: &BTreeSet<PathBuf>) -> Result<(), String> {
        let files: BTreeSet<PathBuf> = self.sources.changeable_files().map(Path::to_owned).collect();
        match self.whole.difference(whole).find(|file| files.contains(*file)) {
            Some(file) => Err(format!(
                "{} ends in the middle of its last line, and did not before, as if it were cut off: write it to its end, \
                 with a line end",
                file.display()
            )),
            None => Ok(()),
        }
    }

    async fn take_up(&self, changed: &[String], config: Arc<Config>) {
        let (apply, new) = (Arc::clone(&self.apply), Arc::clone(&config));
        match tokio::task::spawn_blocking(move || apply(&new)).await {
            Ok(Ok(())) => self.accept(changed, config),
            Ok(Err(error)) => self.refuse(format!("it cannot be used: {error:#}"), true),
            Err(error) => self.refuse(format!("it cannot be used: {error}"), true),
        }
    }

    fn accept(&self, changed: &[String], config: Arc<Config>) {
        let restart_needed = Config::needing_restart(&self.started_with.changed_keys(&config));
        if changed.is_empty() {
            tracing::info!("Configuration read again: no key has changed");
        } else {
            tracing::info!(changed = changed.join(", "), "Configuration changed");
        }
        if !Config::needing_restart(changed).is_empty() {
            tracing::warn!(keys = restart_needed.join(", "), "Some settings take effect only after a restart");
        }
        self.config.send_replace(config);
        let now = self.clock.now();
        self.report.send_modify(|report| {
            report.accepted += u64::from(!changed.is_empty());
            report.last_attempt = Some(now);
            report.failure = None;
            report.restart_needed = restart_needed;
        });
    }

    fn refuse(&self, why: String, is_new: bool) {
        if !is_new && self.report.borrow().failure.as_ref() == Some(&why) {
            return;
        }
        tracing::error!("The old configuration stays in force: {why}");
        let now = self.clock.now();
        self.report.send_modify(|report| {
            report.refused += u64::from(is_new);
            report.last_attempt = Some(now);
            report.failure = Some(why);
        });
    }
}

/// Reads the configuration together with what its files hold, so that a change in between is not overlooked.
fn read_whole(sources: &Sources, in_force: &Config) -> (Result<Config, ConfigErrors>, Contents) {
    let mut before = Contents::of(sources, in_force);
    let mut loaded = app::load(sources);
    for _ in 0..MOST_READS {
        // Also different when the new configuration names other files than the old one.
        let after = Contents::of(sources, loaded.as_ref().unwrap_or(in_force));
        if after == before {
            break;
        }
        before = after;
        loaded = app::load(sources);
    }
    (loaded, before)
}

/// Of each file a hash of its content, and whether its last line has an end; None for one that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Contents(Vec<(PathBuf, Option<(String, bool)>)>);

impl Contents {
    fn of(sources: &Sources, config: &Config) -> Self {
        let look = |bytes: Vec<u8>| (sha256_hex(&bytes), bytes.ends_with(b"\n"));
        let files = sources.changeable_files().chain(config.named_files());
        Self(files.map(|path| (path.to_owned(), std::fs::read(path).ok().map(look))).collect())
    }

    fn whole_files(&self) -> impl Iterator<Item = PathBuf> {
        let whole = self.0.iter().filter(|(_, content)| content.as_ref().is_some_and(|(_, is_whole)| *is_whole));
        whole.map(|(path, _)| path.clone())
    }
}

/// The folders of the files, and of what these are links to; editors replace files, so files are not watched.
struct Folders {
    watcher: Option<RecommendedWatcher>,
    watched: BTreeSet<PathBuf>,
}

impl Folders {
    fn new(changed: &Arc<Notify>) -> Self {
        let changed = Arc::clone(changed);
        let told = move |event: notify::Result<notify::Event>| {
            if !event.is_ok_and(|event| matches!(event.kind, EventKind::Access(_))) {
                changed.notify_one();
            }
        };
        let watcher = notify::recommended_watcher(told);
        let watcher = watcher.inspect_err(|error| {
            tracing::warn!("Configuration files are looked at every 30 s, because watching them failed: {error}");
        });
        Self { watcher: watcher.ok(), watched: BTreeSet::new() }
    }

    /// Watches the folders that matter now, and no others.
    fn follow(&mut self, sources: &Sources, config: &Config) {
        let Some(watcher) = &mut self.watcher else { return };
        let files = sources.changeable_files().chain(config.named_files());
        let wanted: BTreeSet<PathBuf> = files.flat_map(folders_of).collect();
        for gone in self.watched.difference(&wanted) {
            // It fails for a folder that no longer exists, which does not matter.
            let _ = watcher.unwatch(gone);
        }
        let mut kept: BTreeSet<PathBuf> = self.watched.intersection(&wanted).cloned().collect();
        for new in wanted.difference(&self.watched) {
            match watcher.watch(new, RecursiveMode::NonRecursive) {
                Ok(()) => drop(kept.insert(new.clone())),
                Err(error) => tracing::warn!("Files in {} are looked at every 30 s only: {error}", new.display()),
            }
        }
        self.watched = kept;
    }
}

fn folders_of(file: &Path) -> Vec<PathBuf> {
    let folder = |path: &Path| match path.parent() {
        Some(parent) if parent.as_os_str().is_empty() => PathBuf::from("."),
        Some(parent) => parent.to_owned(),
        None => path.to_owned(),
    };
    let target = std::fs::canonicalize(file).ok();
    std::iter::once(folder(file)).chain(target.as_deref().map(folder)).collect()
}

#[cfg(test)]
mod tests;
