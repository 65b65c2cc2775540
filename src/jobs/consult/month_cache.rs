//! A cache of months: each is read once for all requests, and shown a little longer while it is read again.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::runtime::Handle;
use tokio::sync::{OnceCell, Semaphore};

use crate::domain::{Period, RoomNumber};
use crate::jobs::JobError;
use crate::jobs::consult::figures::{Month, MonthFigures};
use crate::jobs::consult::live::LiveTotals;
use crate::store::{CodeSetKey, Key, StatementKey, UsageState, WaitingLegs};

/// How old the figures of an open month may become, counted from the look at its usage, before newer usage is
/// computed. Figures that took long are shown for half of that time longer, so that computing does not take a whole
/// core.
const SHOWN_FOR: Duration = Duration::from_secs(2);
/// Figures of this age may be shown at once while they are computed again; where that takes long, figures up to three
/// times as old as it takes.
const RECENT: Duration = Duration::from_secs(5);
/// How long a request waits for newer figures where there are recent ones to show, and where there are only older
/// ones.
const PATIENCE: Duration = Duration::from_millis(150);
const LONG_PATIENCE: Duration = Duration::from_secs(2);
/// Lines and rooms of all months that are kept: some 50 MB.
const LINES_KEPT: usize = 200_000;
/// Months kept, however small.
const MONTHS_KEPT: usize = 200;

/// An account's totals of a month.
pub(super) type LiveMonth = (Key, Period, LiveTotals);

/// None for the room: the account's totals, or all of a closed month.
pub(super) type MonthKey = (Key, Period, Option<RoomNumber>);

/// The cached months.
pub(super) struct MonthCache {
    /// The newest last.
    kept: Mutex<Vec<CachedMonth>>,
    /// What was shown of months that have been seen closed since.
    closed: Mutex<Vec<LiveMonth>>,
    /// See [`SHOWN_FOR`]; `None` if nothing that has changed since is shown.
    shown_for: Option<Duration>,
}

struct CachedMonth {
    place: MonthKey,
    version: Version,
    reading: Arc<Reading>,
    /// When it was last known to be of the newest version.
    current_at: Instant,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Version {
    /// Never changes.
    Frozen(StatementKey),
    /// Of the usage, the terms and the codes of a moment, and of what was carried into the month then.
    Computed(UsageState, Option<CodeSetKey>, Carried),
}

/// What of the late usage that waits is in a month: a void in a closed month may take it out of every room of the
/// running one.
pub(super) type Carried = (WaitingLegs, Vec<Period>);

/// All requests for one month wait for one reading.
pub(super) struct Reading {
    done: OnceCell<Done>,
    /// It ended without a result: the next request begins another.
    is_lost: AtomicBool,
    begun: Instant,
    before: Before,
}

/// What was known before.
#[derive(Default)]
struct Before {
    /// Rooms that have not changed are not computed again.
    live: Option<LiveTotals>,
    /// What is shown to those who have waited for so long since the reading began.
    meanwhile: Option<(Done, Duration)>,
}

#[derive(Clone)]
pub(super) struct Done {
    pub(super) month: Month,
    /// Of an account's open month.
    pub(super) live: Option<LiveTotals>,
    at: Instant,
    took: Duration,
}

/// Says that a reading was lost, unless it was made.
struct Ending(Arc<Reading>);

impl Default for MonthCache {
    fn default() -> Self {
        Self { kept: Mutex::default(), closed: Mutex::default(), shown_for: Some(SHOWN_FOR) }
    }
}

impl MonthCache {
    pub(super) fn always_current() -> Self {
        Self { shown_for: None, ..Self::default() }
    }

    /// The reading that is kept, or an empty one in its place; with whether it is of this very version.
    pub(super) fn reading(&self, place: MonthKey, version: Version) -> (Arc<Reading>, bool) {
        // Nothing panics while it holds the lock; if something did, the list is still whole.
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let mut before = Before::default();
        if let Some(position) = kept.iter().position(|kept| kept.place == place) {
            let known = &mut kept[position];
            let is_current = known.version == version;
            if !known.reading.is_lost() && (is_current || known.is_still_shown(&version, self.shown_for)) {
                if is_current {
                    known.current_at = Instant::now();
                }
                return (Arc::clone(&known.reading), is_current);
            }
            let known = kept.remove(position);
            if let (Version::Frozen(_), Some(live)) = (&version, known.live()) {
                self.closed.lock().unwrap_or_else(PoisonError::into_inner).push(live);
            }
            before = known.before(&version, self.shown_for);
        }
        while kept.len() >= MONTHS_KEPT || kept.iter().map(CachedMonth::size).sum::<usize>() > LINES_KEPT {
            kept.remove(0);
        }
        let now = Instant::now();
        let reading = Reading { done: OnceCell::new(), is_lost: AtomicBool::new(false), begun: now, before };
        let reading = Arc::new(reading);
        kept.push(CachedMonth { place, version, reading: Arc::clone(&reading), current_at: now });
        (reading, true)
    }

    /// The account totals of open months that are at hand, and of those that were when they were seen closed.
    pub(super) fn live_months(&self) -> Vec<LiveMonth> {
        let mut months = std::mem::take(&mut *self.closed.lock().unwrap_or_else(PoisonError::into_inner));
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        months.extend(kept.iter().filter_map(CachedMonth::live));
        months
    }

    /// Drops what is kept of an account's open month.
    pub(super) fn forget_live(&self, (account, period): (Key, Period)) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|kept| (kept.place.0, kept.place.1) != (account, period) || kept.live().is_none());
    }
}

impl CachedMonth {
    /// Whether it is shown for a moment longer although something has changed; never after a change of codes.
    fn is_still_shown(&self, version: &Version, shown_for: Option<Duration>) -> bool {
        let Some(shown_for) = shown_for else { return false };
        let is_fresh = |done: &Done| done.at.elapsed() + done.took < shown_for.max(done.took * 3 / 2);
        self.has_codes_of(version) && self.reading.done.get().is_none_or(is_fresh)
    }

    /// What it hands to the reading that replaces it.
    fn before(self, version: &Version, shown_for: Option<Duration>) -> Before {
        let is_shown = shown_for.is_some() && self.has_codes_of(version);
        let Some(done) = self.reading.done.get() else {
            let Before { live, meanwhile } = &self.reading.before;
            return Before { live: live.clone(), meanwhile: meanwhile.clone().filter(|_| is_shown) };
        };
        let is_open = matches!(done.month.figures, MonthFigures::Open { .. });
        let is_recent = self.current_at.elapsed() <= RECENT.max(done.took * 3);
        let patience = if is_recent { PATIENCE } else { LONG_PATIENCE };
        let meanwhile = (is_shown && is_open).then(|| (done.clone(), patience));
        Before { live: done.live.clone(), meanwhile }
    }

    fn live(&self) -> Option<LiveMonth> {
        let live = self.reading.done.get()?.live.clone()?;
        Some((self.place.0, self.place.1, live))
    }

    fn size(&self) -> usize {
        let size = |done: &Done| done.month.statement.lines.len() + done.month.statement.rooms.len();
        self.reading.done.get().map_or(0, size)
    }

    fn has_codes_of(&self, version: &Version) -> bool {
        match (&self.version, version) {
            (Version::Computed(_, seen, _), Version::Computed(_, seen_now, _)) => seen == seen_now,
            _ => false,
        }
    }
}

impl Reading {
    /// The new result, and true; or what was known before, if making it takes longer than people wait. `make` goes on
    /// also when no request waits for it any more, on a thread of its own: adding up keeps no other answer waiting.
    ///
    /// `turns` bounds how many are made at once.
    pub(super) async fn shown<Making>(
        self: &Arc<Self>,
        turns: &Arc<Semaphore>,
        make: impl FnOnce(Option<LiveTotals>) -> Making + Send + 'static,
    ) -> Result<(Done, bool), JobError>
    where
        Making: Future<Output = Result<Done, JobError>> + Send + 'static,
    {
        if let Some(done) = self.done.get() {
            return Ok((done.clone(), true));
        }
        let meanwhile = self.before.meanwhile.as_ref();
        let meanwhile = meanwhile.map(|(done, patience)| (done, patience.saturating_sub(self.begun.elapsed())));
        if let Some((done, Duration::ZERO)) = meanwhile {
            return Ok((done.clone(), false));
        }
        let reading = tokio::spawn(Ending(Arc::clone(self)).make(Arc::clone(turns), make));
        let done = match meanwhile {
            None => reading.await,
            Some((done, patience)) => match tokio::time::timeout(patience, reading).await {
                Ok(done) => done,
                Err(_) => return Ok((done.clone(), false)),
            },
        };
        Ok((done??, true))
    }

    /// Whether all requests for it have ended and nothing was ever shown: only the list and the computation itself
    /// still refer to it.
    fn is_left_alone(self: &Arc<Self>) -> bool {
        self.before.meanwhile.is_none() && Arc::strong_count(self) <= 2
    }

    fn is_lost(&self) -> bool {
        self.is_lost.load(Ordering::Acquire) && self.done.get().is_none()
    }
}

impl Ending {
    async fn make<Making>(
        self,
        turns: Arc<Semaphore>,
        make: impl FnOnce(Option<LiveTotals>) -> Making + Send,
    ) -> Result<Done, JobError>
    where
        Making: Future<Output = Result<Done, JobError>> + Send + 'static,
    {
        let Self(reading) = &self;
        let on_a_thread = || async {
            // Waiting for a turn takes no thread.
            let turn = turns.acquire_owned().await.map_err(|_| JobError::Stopped)?;
            if reading.is_left_alone() {
                return Err(JobError::Stopped);
            }
            let (handle, making) = (Handle::current(), make(reading.before.live.clone()));
            let finished = tokio::task::spawn_blocking(move || (handle.block_on(making), turn).0);
            finished.await?
        };
        reading.done.get_or_try_init(on_a_thread).await.cloned()
    }
}

impl Drop for Ending {
    fn drop(&mut self) {
        if self.0.done.get().is_none() {
            self.0.is_lost.store(true, Ordering::Release);
        }
    }
}

impl Done {
    pub(super) fn now(month: Month, live: Option<LiveTotals>, started: Instant) -> Self {
        Self { month, live, at: Instant::now(), took: started.elapsed() }
    }
}

#[cfg(test)]
mod tests;
