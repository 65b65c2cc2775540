//! Closing: per account the oldest open month that is due, until none is left.
//!
//! One account's month is one short transaction: usage read, figures computed and checked, statement and deliveries
//! stored. Whatever stands in the way parks that account with its reason; the others go on.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use tokio::sync::mpsc;

use super::audit::{Effect, audit};
use super::bounds::reason_to_hold;
use super::message::deliveries_of;
use super::revise::{Revision, brings_changes, make_revision, store_revision};
use super::{Context, DueRule, JobError, LateUsage};
use crate::billing::{Basis, Obstacle, StatementBuilder};
use crate::domain::{AccountNumber, Period, PeriodBounds, Statement};
use crate::store::{
    AccountDue, Key, NewDelivery, ParkedAccount, StatementKey, StoreError, Tx, UsageScope, WaitingLegs,
    WaitingRevision, WhenLocked,
};

/// Conferences on their way from the database to the rules.
const READ_AHEAD: usize = 256;

/// Which accounts and periods to close.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    /// Up to and including this period; None: whatever is due.
    pub through: Option<Period>,
    /// Empty: all.
    pub accounts: Vec<AccountNumber>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CloseReport {
    pub closed: u64,
    pub empty: u64,
    pub revised: u64,
    /// In this round: (account, period, what to do).
    pub parked: Vec<(AccountNumber, Period, String)>,
}

enum Outcome {
    Closed,
    Empty,
    Parked(Obstacle),
    /// Nothing was to be done: somebody else was faster, or a revision equals what is there.
    Unchanged,
    /// Another process has this account right now.
    Busy,
}

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
    revise_late(context, rule, selection, &mut report, keep_going).await?;
    let mut parked = HashSet::new();
    let mut when_locked = WhenLocked::Skip;
    loop {
        let now = context.clock.now();
        let next = context.store.read().await?.next_periods().await?;
        let mut due = next;
        due.retain(|account| {
            selection.includes(&account.number, account.next.id)
                && !parked.contains(&account.key)
                && rule.is_due(&account.next, now)
        });
        if due.is_empty() {
            return Ok(report);
        }
        let mut progressed = false;
        for account in due {
            if !keep_going() {
                return Ok(report);
            }
            let outcome = close_account(context, &account, now, when_locked).await?;
            progressed |= !matches!(outcome, Outcome::Busy);
            match outcome {
                Outcome::Closed => report.closed += 1,
                Outcome::Empty => report.empty += 1,
                Outcome::Unchanged | Outcome::Busy => {}
                Outcome::Parked(obstacle) => {
                    parked.insert(account.key);
                    report.park(&account.number, account.next.id, &obstacle);
                }
            }
        }
        when_locked = if progressed { WhenLocked::Skip } else { WhenLocked::Wait };
    }
}

impl Selection {
    fn includes(&self, account: &AccountNumber, period: Period) -> bool {
        self.through.is_none_or(|through| period <= through)
            && (self.accounts.is_empty() || self.accounts.contains(account))
    }
}

impl CloseReport {
    fn park(&mut self, account: &AccountNumber, period: Period, obstacle: &Obstacle) {
        tracing::warn!(%account, %period, reason = obstacle.code(), "Account parked: {obstacle}");
        self.parked.push((account.clone(), period, obstacle.to_string()));
    }
}

/// Makes new revisions of closed periods whose late usage waits and has been quiet for long enough.
async fn revise_late(
    context: &Context,
    rule: &DueRule,
    selection: &Selection,
    report: &mut CloseReport,
    keep_going: &(impl Fn() -> bool + Sync),
) -> Result<(), JobError> {
    let LateUsage::Revise { quiet } = context.settings.late_usage else { return Ok(()) };
    let now = context.clock.now();
    for waiting in context.store.read().await?.waiting_revisions().await? {
        let is_quiet =
            rule.revise_at_once || waiting.newest_arrival.saturating_add(quiet.num_seconds()) <= now.timestamp();
        if !is_quiet || !selection.includes(&waiting.number, waiting.bounds.id) {
            continue;
        }
        if !keep_going() {
            return Ok(());
        }
        match revise_account(context, &waiting, now).await? {
            Outcome::Closed | Outcome::Empty => report.revised += 1,
            Outcome::Unchanged | Outcome::Busy => {}
            Outcome::Parked(obstacle) => report.park(&waiting.number, waiting.bounds.id, &obstacle),
        }
    }
    Ok(())
}

async fn close_account(
    context: &Context,
    due: &AccountDue,
    now: DateTime<Utc>,
    when_locked: WhenLocked,
) -> Result<Outcome, JobError> {
    let period = due.next.id;
    let mut tx = context.store.write().await?;
    if !tx.lock_account(due.key, when_locked).await? {
        return Ok(Outcome::Busy);
    }
    if tx.is_closed(due.key, period).await? {
        return Ok(Outcome::Unchanged);
    }
    if context.settings.late_usage == LateUsage::Carry {
        tx.carry_late_legs(due.key, period).await?;
    }
    let scope = UsageScope { account: due.key, bounds: due.next, revision: 1, waiting: WaitingLegs::LeftOut };
    let statement = match compute(&mut tx, scope).await? {
        Ok(statement) => statement,
        Err(obstacle) => return park(context, tx, due.key, &due.next, obstacle, now).await,
    };
    let has_usage = statement.totals.participants > 0;
    tx.insert_closing(due.key, &due.next, has_usage, now).await?;
    let has_statement = has_usage || context.settings.empty_rooms;
    let closed = Effect {
        action: if has_usage { "closed" } else { "empty" },
        account: &due.number,
        period,
        revision: has_statement.then_some(statement.revision),
        detail: None,
    };
    audit(context, &mut tx, closed).await?;
    if has_statement {
        store_statement(context, &mut tx, due.key, &statement, now).await?;
    }
    tx.commit().await?;
    tracing::debug!(account = %due.number, %period, lines = statement.lines.len(), "Month closed");
    Ok(if has_usage { Outcome::Closed } else { Outcome::Empty })
}

async fn revise_account(
    context: &Context,
    waiting: &WaitingRevision,
    now: DateTime<Utc>,
) -> Result<Outcome, JobError> {
    let mut tx = context.store.write().await?;
    if !tx.lock_account(waiting.account, WhenLocked::Skip).await? {
        return Ok(Outcome::Busy);
    }
    match make_revision(&mut tx, waiting.account, waiting.bounds).await? {
        Revision::Blocked(obstacle) => park(context, tx, waiting.account, &waiting.bounds, obstacle, now).await,
        Revision::Unchanged(_) => Ok(Outcome::Unchanged),
        Revision::New { after, .. } => {
            let wanted = |delivery: &NewDelivery| brings_changes(after.changes.as_ref(), delivery);
            store_revision(context, &mut tx, waiting.account, &after, wanted, now).await?;
            tx.commit().await?;
            tracing::info!(
                account = %waiting.number,
                period = %waiting.bounds.id,
                revision = after.revision,
                "Month revised for late usage"
            );
            Ok(Outcome::Closed)
        }
    }
}

async fn store_statement(
    context: &Context,
    tx: &mut Tx,
    account: Key,
    statement: &Statement,
    now: DateTime<Utc>,
) -> Result<(), JobError> {
    let key = tx.insert_statement(account, statement).await?;
    let owner = tx.account(account).await?;
    let rooms = tx.rooms_of(account).await?;
    let deliveries = deliveries_of(statement, &owner, &rooms, &context.settings);
    insert_deliveries(context, tx, (key, statement), &deliveries, now).await?;
    Ok(())
}

/// Queues the messages of a new revision, or keeps them back where its charge looks wrong.
pub(super) async fn insert_deliveries(
    context: &Context,
    tx: &mut Tx,
    (key, statement): (StatementKey, &Statement),
    deliveries: &[NewDelivery],
    now: DateTime<Utc>,
) -> Result<(), JobError> {
    let held = reason_to_hold(context, statement);
    tx.insert_deliveries(key, deliveries, held.as_deref(), now).await?;
    if held.is_some() && !deliveries.is_empty() {
        audit(context, tx, Effect::on(statement, "held", held.as_deref())).await?;
    }
    Ok(())
}

/// Rolls the attempt back and notes why.
async fn park(
    context: &Context,
    attempt: Tx,
    account: Key,
    bounds: &PeriodBounds,
    obstacle: Obstacle,
    now: DateTime<Utc>,
) -> Result<Outcome, JobError> {
    attempt.roll_back().await?;
    let parked = ParkedAccount { account, period: bounds.id, reason: obstacle.code(), detail: obstacle.to_string() };
    let mut tx = context.store.write().await?;
    tx.park(&parked, now).await?;
    tx.commit().await?;
    Ok(Outcome::Parked(obstacle))
}

/// The statement of one account's period from the usage and tariffs of now.
pub(super) async fn compute(tx: &mut Tx, scope: UsageScope) -> Result<Result<Statement, Obstacle>, StoreError> {
    match compute_from_rows(tx, scope).await {
        // One account's trouble, which must not keep the others open.
        Err(error @ StoreError::Corrupt { .. }) => Ok(Err(Obstacle::Unreadable(error.to_string()))),
        computed => computed,
    }
}

async fn compute_from_rows(tx: &mut Tx, scope: UsageScope) -> Result<Result<Statement, Obstacle>, StoreError> {
    let account = tx.account_in(scope.account, scope.bounds.id).await?;
    let rooms = tx.rooms_of(scope.account).await?;
    let tariff = tx.tariff(&account.tariff).await?;
    let history = tx.history(scope.account, scope.bounds.id).await?;
    let basis =
        Basis { account: &account, bounds: scope.bounds, revision: scope.revision, rooms: &rooms, tariff: &tariff };

    let (sender, mut conferences) = mpsc::channel(READ_AHEAD);
    let read = async move {
        tx.stream_conferences(scope, &sender).await?;
        tx.stream_carried_conferences(scope, &sender).await
    };
    let build = async move {
        let mut builder = StatementBuilder::new(basis);
        while let Some(conference) = conferences.recv().await {
            builder.add(&conference)?;
        }
        builder.finish(history)
    };
    let (read, statement) = tokio::join!(read, build);
    read?;
    Ok(statement)
}
