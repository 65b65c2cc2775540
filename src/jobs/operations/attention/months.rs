//! How many accounts are in which state, month by month.

use std::collections::BTreeMap;

use chrono::{DateTime, SecondsFormat, Utc};
use serde::Serialize;

use crate::domain::{AccountNumber, Period, PeriodState};
use crate::store::PeriodCount;

/// The month that an account closes next.
#[derive(Debug, Clone)]
pub struct OpenMonth {
    pub account: AccountNumber,
    pub period: Period,
    pub due_at: DateTime<Utc>,
    pub is_due: bool,
    /// An obstacle keeps it from closing.
    pub is_parked: bool,
}

/// Accounts of one month per state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MonthCounts {
    pub period: Period,
    pub closed: u64,
    pub empty: u64,
    pub open: u64,
    pub due: u64,
    pub parked: u64,
    pub failed: u64,
}

impl OpenMonth {
    pub fn state(&self) -> PeriodState {
        if self.is_due { PeriodState::Due } else { PeriodState::Open }
    }

    /// For example `due since 2009-06-01T22:00:00Z, not closed yet`.
    pub fn words(&self) -> String {
        let due = self.due_at.to_rfc3339_opts(SecondsFormat::Secs, true);
        if self.is_due { format!("due since {due}, not closed yet") } else { format!("due {due}") }
    }
}

impl MonthCounts {
    /// Oldest first. `open` are the months that are not closed.
    pub(super) fn of(counts: &[PeriodCount], open: &[OpenMonth]) -> Vec<Self> {
        let accounts = |count: &PeriodCount| u64::try_from(count.accounts).unwrap_or(0);
        let counted = counts.iter().map(|count| (count.period, count.state, accounts(count)));
        let open = open.iter().filter(|month| !month.is_parked).map(|month| (month.period, month.state(), 1));
        Self::of_states(counted.chain(open))
    }

    /// Oldest first, made from the number of accounts per month and state.
    pub fn of_states(counts: impl Iterator<Item = (Period, PeriodState, u64)>) -> Vec<Self> {
        let mut months = BTreeMap::new();
        for (period, state, accounts) in counts {
            *months.entry(period).or_insert_with(|| Self::none(period)).in_state(state) += accounts;
        }
        months.into_values().collect()
    }

    fn none(period: Period) -> Self {
        Self { period, closed: 0, empty: 0, open: 0, due: 0, parked: 0, failed: 0 }
    }

    fn in_state(&mut self, state: PeriodState) -> &mut u64 {
        match state {
            PeriodState::Closed => &mut self.closed,
            PeriodState::Empty | PeriodState::History => &mut self.empty,
            PeriodState::Open => &mut self.open,
            PeriodState::Due => &mut self.due,
            PeriodState::Parked => &mut self.parked,
            PeriodState::Failed => &mut self.failed,
        }
    }

    /// With the states' names, as metrics label them.
    pub fn by_state(&self) -> [(&'static str, u64); 6] {
        [
            ("closed", self.closed),
            ("empty", self.empty),
            ("open", self.open),
            ("due", self.due),
            ("parked", self.parked),
            ("failed", self.failed),
        ]
    }

    /// Whether every account is closed.
    pub fn is_in_order(&self) -> bool {
        self.open + self.due + self.parked + self.failed == 0
    }
}
