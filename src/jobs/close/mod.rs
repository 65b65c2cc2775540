//! Closing: per account the oldest open month that is due, until none is left.
//!
//! One account's month goes in whole, and together with those of other accounts: usage read, figures computed and
//! checked, statement and deliveries stored. An obstacle parks that account with its reason; the others go on.

pub(crate) mod account_batch;
pub(crate) mod addressees;
pub(crate) mod billed;
pub(crate) mod bounds;
pub(crate) mod clock_reset;
pub(crate) mod compute;
pub(crate) mod due;
pub(crate) mod history;
pub(crate) mod outcome;
pub(crate) mod prepared;
pub(crate) mod preview;
pub(crate) mod revise;
pub(crate) mod safety_bounds;

pub use outcome::{CloseReport, Selection};

use std::collections::HashSet;

use chrono::{DateTime, Utc};

use crate::billing::Obstacle;
use crate::domain::Period;
use crate::jobs::audit::{Effect, audit};
use crate::jobs::close::account_batch::{AccountWork, work_through};
use crate::jobs::close::billed::Billed;
use crate::jobs::close::clock_reset::clock_reset;
use crate::jobs::close::compute::compute;
use crate::jobs::close::history::compute_history;
use crate::jobs::close::outcome::{CloseOutcome, park};
use crate::jobs::close::prepared::ReadyStatement;
use crate::jobs::close::revise::Revising;
use crate::jobs::deliver::compose::deliveries_of;
use crate::jobs::{Context, DueRule, JobError, LateUsage, Recoded};
use crate::pause_points;
use crate::store::{AccountDue, Key, StoreError, Tx, UsageScope, WaitingLegs, WaitingRevision, WhenLocked};

/// Closes everything that is due by `rule`, oldest first per account and in turns over accounts.
///
/// Processes that close at the same time pass over each other's accounts, and wait for one only when nothing else is
/// left to do.
///
/// `keep_going` is asked between accounts, so that a daemon can stop.
pub async fn close_due(
    context: &Context,
    rule: &DueRule,
    selection: &Selection,
    keep_going: &(impl Fn() -> bool + Sync),
) -> Result<CloseReport, JobError> {
    let mut report = CloseReport::default();
    compute_history(context, selection, &mut report, keep_going).await?;
    revise_closed(context, rule, selection, &mut report, keep_going).await?;
    let mut parked = HashSet::new();
    let mut when_locked = WhenLocked::Skip;
    loop {
        let now = context.clock.now();
        let mut due = context.store.read().await?.closings().next_periods(context.settings.first_period).await?;
        due.retain(|account| {
            selection.includes(&account.number, account.next.id)
                && !parked.contains(&account.key)
                && rule.is_due(&account.next, now)
        });
        if due.is_empty() || !keep_going() {
            return Ok(report);
        }
        pause_points::reach("before-months-are-closed").await;
        let billed = Billed::look(context, due.iter().map(|account| account.next.id).collect()).await;
        let (closing, wanted) = (Closing { context: context.clone(), now, billed }, due.len());
        let mut note = |account: &AccountDue, outcome| {
            if matches!(outcome, CloseOutcome::Parked { .. }) {
                parked.insert(account.key);
            }
            report.add(&account.number, account.next.id, &outcome);
        };
        let busy = work_through(context, &closing, due, when_locked, keep_going, &mut note).await?;
        when_locked = if busy.len() < wanted { WhenLocked::Skip } else { WhenLocked::Wait };
    }
}

/// Makes new revisions of closed periods whose late usage waits and has been quiet for long enough: of all, or of
/// those from which it cannot be carried; and, whatever is done with late usage, of those that charge voided legs,
/// and of those whose billing codes were changed, where `billing.recoded` or an owner says so.
pub(crate) async fn revise_closed(
    context: &Context,
    rule: &DueRule,
    selection: &Selection,
    report: &mut CloseReport,
    keep_going: &(impl Fn() -> bool + Sync),
) -> Result<(), JobError> {
    let now = context.clock.now();
    let mut tx = context.store.read().await?;
    let mut waiting = tx.closings().waiting_revisions().await?;
    let recoded = tx.codes().waiting_recodings(context.settings.recoded == Recoded::Revise).await?;
    let quiet = match context.settings.late_usage {
        LateUsage::Revise { quiet } => quiet,
        LateUsage::Carry => {
            let (voids, late): (Vec<_>, Vec<_>) = waiting.into_iter().partition(|month| month.has_voids);
            waiting = without_next_period(&mut tx, late, context.settings.first_period).await?;
            waiting.extend(voids);
            context.settings.revise_after
        }
    };
    drop(tx);
    let is_quiet = |month: &WaitingRevision| {
        rule.revise_at_once || month.newest_arrival.saturating_add(quiet.num_seconds()) <= now.timestamp()
    };
    waiting.retain(is_quiet);
    let recoded = recoded.into_iter().filter(|(month, is_asked)| *is_asked || is_quiet(month));
    for (month, _) in recoded {
        if !waiting.iter().any(|late| (late.account, late.bounds.id) == (month.account, month.bounds.id)) {
            waiting.push(month);
        }
    }
    waiting.retain(|month| selection.includes(&month.number, month.bounds.id));
    let revising = Revising { context: context.clone(), now };
    let mut note = |month: &WaitingRevision, outcome| match outcome {
        CloseOutcome::Closed { held } => {
            report.revised += 1;
            report.held += held;
        }
        other => report.add(&month.number, month.bounds.id, &other),
    };
    work_through(context, &revising, waiting, WhenLocked::Skip, keep_going, &mut note).await?;
    Ok(())
}

/// The months whose late usage no later period can charge: the account's next one is in another currency, or there is
/// none.
async fn without_next_period(
    tx: &mut Tx,
    waiting: Vec<WaitingRevision>,
    first: Option<Period>,
) -> Result<Vec<WaitingRevision>, StoreError> {
    if waiting.is_empty() {
        return Ok(waiting);
    }
    let going_on: HashSet<Key> =
        tx.closings().next_periods(first).await?.into_iter().map(|account| account.key).collect();
    let mut without = Vec::new();
    for month in waiting {
        // Usage of a month before all closed ones may have come too: late usage is not carried back there.
        let next =
            tx.accounts().first_open_period(month.account).await?.filter(|_| going_on.contains(&month.account));
        let is_carried = match next {
            Some(next) => {
                let there = tx.accounts().terms_in(month.account, next).await?;
                there.currency == tx.accounts().terms_in(month.account, month.bounds.id).await?.currency
            }
            None => false,
        };
        if !is_carried {
            without.push(month);
        }
    }
    Ok(without)
}

#[derive(Clone)]
struct Closing {
    context: Context,
    now: DateTime<Utc>,
    billed: Billed,
}

/// A month that can be closed.
struct ComputedMonth {
    has_usage: bool,
    /// Of charged lines.
    lines: usize,
    statement: Option<ReadyStatement>,
}

impl AccountWork for Closing {
    type Account = AccountDue;
    type Figures = Result<ComputedMonth, Obstacle>;
    type Outcome = CloseOutcome;

    fn key(account: &AccountDue) -> Key {
        account.key
    }

    /// Not if another process was faster, and not if usage of an earlier month has come in since the list was made:
    /// months close in their order, and the next look finds that one.
    async fn is_open(&self, tx: &mut Tx, account: &AccountDue) -> Result<bool, StoreError> {
        Ok(tx
            .closings()
            .next_period(account.key, self.context.settings.first_period)
            .await?
            .is_some_and(|next| next.next.id == account.next.id))
    }

    async fn compute(self, due: AccountDue) -> Result<Self::Figures, JobError> {
        let mut tx = self.context.store.read().await?;
        if let Some(obstacle) = clock_reset(&self.context, &mut tx, &due).await? {
            return Ok(Err(obstacle));
        }
        let waiting = if self.carries() { WaitingLegs::Carried } else { WaitingLegs::OlderOnly };
        let scope = UsageScope { account: due.key, bounds: due.next, revision: 1, waiting };
        let statement = match compute(&mut tx, scope).await? {
            Ok(statement) => statement,
            Err(obstacle) => return Ok(Err(obstacle)),
        };
        drop(tx);
        let context = &self.context;
        let has_usage = statement.totals.participants > 0;
        if let Some(obstacle) = self.billed.before(context, &statement).await {
            return Ok(Err(obstacle));
        }
        let key = context.store.message_key()?;
        let ready = (has_usage || context.settings.empty_rooms).then(|| {
            let deliveries = deliveries_of(&statement, &context.settings, key);
            ReadyStatement::new(context, &statement, deliveries)
        });
        Ok(Ok(ComputedMonth { has_usage, lines: statement.lines.len(), statement: ready.transpose()? }))
    }

    async fn store(&self, tx: &mut Tx, due: &AccountDue, figures: Self::Figures) -> Result<CloseOutcome, JobError> {
        let month = match figures {
            Ok(month) => month,
            Err(obstacle) => return park(tx, due.key, &due.next, obstacle, self.now).await,
        };
        let period = due.next.id;
        if self.carries() {
            tx.closings().carry_late_legs(due.key, period).await?;
        } else {
            tx.closings().carry_older_legs(due.key, period).await?;
        }
        tx.closings().insert_closing(due.key, &due.next, month.has_usage, self.now).await?;
        let closed = Effect {
            action: if month.has_usage { "closed" } else { "empty" },
            account: &due.number,
            period,
            revision: month.statement.is_some().then_some(1),
            detail: None,
        };
        audit(&self.context, tx, closed).await?;
        if let Some(statement) = &month.statement {
            statement.store(&self.context, tx, due.key, self.now).await?;
        }
        tracing::debug!(account = %due.number, %period, lines = month.lines, "Month closed");
        let held = month.statement.as_ref().map_or(0, |statement| statement.messages().held());
        Ok(if month.has_usage { CloseOutcome::Closed { held } } else { CloseOutcome::Empty })
    }
}

impl Closing {
    fn carries(&self) -> bool {
        self.context.settings.late_usage == LateUsage::Carry
    }
}
