//! What all requests of staff share: readings that serve several, limits, and what is under way.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::sync::{Notify, Semaphore};

use super::account_index::KeptIndex;
use super::months::{MOST_MONTHS, MonthReading};
use super::reading_cache::ReadingCache;
use super::seen::SeenMembers;
use crate::domain::Period;
use crate::jobs::{MonthCounts, Overview, PARTS_AGE, Part, VerifyReport};
use crate::portal::throttle::Throttle;
use crate::store::{Delivery, DeliveryCount, MonthProgress, MonthTotals, RejectReason, RerunRow, StoreError};

const ZIPS_AT_ONCE: usize = 2;
/// A bill run is seen to move.
const RUNS_FRESH: Duration = Duration::from_secs(6);
/// Pages of messages that are remembered.
const MOST_PAGES: usize = 32;
/// How long the last state of the parts is shown while they are looked at again.
const PARTS_SHOWN: Duration = Duration::from_mins(10);
/// Months whose last reading is remembered.
const MOST_CHECKS: usize = 24;

/// What all requests of staff share.
pub(in crate::portal) struct Office {
    /// Limits of their own, so that customers and staff do not lock each other out.
    pub(super) throttle: Throttle,
    pub(super) home: ReadingCache<(), HomeReading, StoreError>,
    /// Apart from the rest of home, which costs many times as much: people who watch a bill run see it move.
    pub(super) runs: ReadingCache<Period, MonthProgress, StoreError>,
    pub(super) rejects: ReadingCache<(), RejectsReading, StoreError>,
    pub(super) parts: ReadingCache<(), Vec<Part>, Infallible>,
    pub(super) months: ReadingCache<Period, MonthReading, StoreError>,
    pub(super) mail: ReadingCache<Period, MailReading, StoreError>,
    /// Pages of what did not reach its reader, of a month or of all.
    pub(super) undelivered: ReadingCache<(Option<Period>, usize), MailPage, StoreError>,
    pub(super) accounts: KeptIndex,
    pub(super) archives: ReadingCache<Period, ArchiveReading, Infallible>,
    pub(super) checks: Checks,
    pub(super) seen: SeenMembers,
    /// ZIPs and verifications under way, each of which reads a whole month.
    pub(super) zips: Arc<Semaphore>,
}

impl Default for Office {
    fn default() -> Self {
        Self {
            throttle: Throttle::new(),
            home: ReadingCache::new(1),
            runs: ReadingCache::new(MOST_MONTHS).at_most(RUNS_FRESH),
            rejects: ReadingCache::new(1),
            parts: ReadingCache::new(1).for_longer(PARTS_AGE, PARTS_SHOWN),
            months: ReadingCache::new(MOST_MONTHS),
            mail: ReadingCache::new(MOST_MONTHS),
            undelivered: ReadingCache::new(MOST_PAGES),
            accounts: KeptIndex::default(),
            archives: ReadingCache::new(MOST_MONTHS),
            checks: Checks::default(),
            seen: SeenMembers::default(),
            zips: Arc::new(Semaphore::new(ZIPS_AT_ONCE)),
        }
    }
}

/// What home shows, of one moment.
pub(super) struct HomeReading {
    pub(super) overview: Overview,
    /// The month of the newest bill run.
    pub(super) newest: Option<MonthCounts>,
    pub(super) totals: Vec<MonthTotals>,
    /// The newest of them, the last one first.
    pub(super) reruns: Vec<RerunRow>,
}

/// Of each of a month's own files whether it is there, and what there is to say of it; read whole each time, so that a
/// reading serves several. When it was begun; `None`: it goes on.
pub(super) struct ArchiveReading(pub(super) Vec<(&'static str, bool, String)>, pub(super) Option<DateTime<Utc>>);

/// Why rows wait, by reason: a look at all of them.
pub(super) struct RejectsReading {
    pub(super) taken_at: DateTime<Utc>,
    pub(super) rows: u64,
    /// The most frequent first.
    pub(super) reasons: Vec<RejectReason>,
}

/// How many messages of a month there were in each state at a moment: a look at all of them.
pub(super) struct MailReading(pub(super) Vec<DeliveryCount>, pub(super) DateTime<Utc>);

/// How many messages there are on all pages, and those of one, at a moment.
pub(super) struct MailPage {
    pub(super) all: usize,
    pub(super) deliveries: Vec<Delivery>,
    pub(super) taken_at: DateTime<Utc>,
}

/// The result of a reading; an error is shown as it is.
type VerifyOutcome = Result<VerifyReport, String>;

/// A reading of a month.
#[derive(Clone)]
pub(super) struct Check {
    pub(super) begun: DateTime<Utc>,
    /// `None` while it goes on.
    pub(super) ended: Option<(DateTime<Utc>, Arc<VerifyOutcome>)>,
    pub(super) woken: Arc<Notify>,
}

/// The last reading of each month, since the daemon started.
#[derive(Default)]
pub(super) struct Checks(Mutex<BTreeMap<Period, Check>>);

impl Checks {
    pub(super) fn last(&self, period: Period) -> Option<Check> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&period).cloned()
    }

    pub(super) fn note(&self, period: Period, check: Check) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let oldest = kept.iter().filter(|(_, check)| check.ended.is_some()).min_by_key(|(_, check)| check.begun);
        if let Some(oldest) = oldest.map(|(period, _)| *period).filter(|_| kept.len() >= MOST_CHECKS) {
            kept.remove(&oldest);
        }
        kept.insert(period, check);
    }
}
