//! What a closing is asked to close, and its result.

use chrono::{DateTime, Utc};

use crate::billing::Obstacle;
use crate::domain::{AccountNumber, Period, PeriodBounds};
use crate::jobs::JobError;
use crate::store::{Key, ParkedAccount, Tx};

/// Which accounts and periods to close.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    /// Up to and including this period; `None` means whatever is due.
    pub through: Option<Period>,
    /// Empty: all.
    pub accounts: Vec<AccountNumber>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CloseReport {
    pub closed: u64,
    pub empty: u64,
    pub revised: u64,
    /// Months before the first one that is billed.
    pub history: u64,
    /// Messages that wait for `[[approve]]`.
    pub held: u64,
    /// In this round: (account, period, what to do).
    pub parked: Vec<(AccountNumber, Period, String)>,
}

/// The result for one account's month.
pub(crate) enum CloseOutcome {
    /// `held`: messages of it that wait for `[[approve]]`.
    Closed {
        held: u64,
    },
    Empty,
    /// Not billed, since it lies before the account's first period.
    History,
    Parked {
        obstacle: Obstacle,
        /// It was not parked before, or for another reason.
        is_news: bool,
    },
    /// The result is what the current revision shows: no new one was made.
    Unchanged,
}

impl Selection {
    pub(crate) fn includes(&self, account: &AccountNumber, period: Period) -> bool {
        self.through.is_none_or(|through| period <= through)
            && (self.accounts.is_empty() || self.accounts.contains(account))
    }
}

impl CloseReport {
    pub(crate) fn add(&mut self, account: &AccountNumber, period: Period, outcome: &CloseOutcome) {
        match outcome {
            CloseOutcome::Closed { held } => {
                self.closed += 1;
                self.held += held;
            }
            CloseOutcome::Empty => self.empty += 1,
            CloseOutcome::History => self.history += 1,
            CloseOutcome::Unchanged => {}
            CloseOutcome::Parked { obstacle, is_news } => {
                // A daemon tries again every minute, and says the same only once.
                if *is_news {
                    tracing::warn!(%account, %period, reason = obstacle.code(), "Account parked: {obstacle}");
                }
                self.parked.push((account.clone(), period, obstacle.to_string()));
            }
        }
    }
}

/// Notes why a month cannot be computed.
pub(crate) async fn park(
    tx: &mut Tx,
    account: Key,
    bounds: &PeriodBounds,
    obstacle: Obstacle,
    now: DateTime<Utc>,
) -> Result<CloseOutcome, JobError> {
    let parked = ParkedAccount { account, period: bounds.id, reason: obstacle.code(), detail: obstacle.to_string() };
    let is_news = tx.closings().park(&parked, now).await?;
    Ok(CloseOutcome::Parked { obstacle, is_news })
}
