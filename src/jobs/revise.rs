//! A closed month computed once more: the same, or a new revision with what changed in it.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use super::audit::{Effect, audit};
use super::close::{compute, insert_deliveries};
use super::message::deliveries_of;
use super::{Context, JobError};
use crate::billing::{Obstacle, changes, shows_the_same};
use crate::domain::{Changes, Period, PeriodBounds, Statement};
use crate::store::{Key, NewDelivery, StoreError, Tx, UsageScope, WaitingLegs};

/// What the usage and tariffs of now make of a closed month.
pub(super) enum Revision {
    /// They show what the current revision shows.
    Unchanged(Option<Box<Statement>>),
    /// They show something else.
    New {
        before: Option<Box<Statement>>,
        after: Box<Statement>,
    },
    Blocked(Obstacle),
}

/// Computes a closed month, with its waiting late legs if `waiting` says so.
pub(super) async fn compute_revision(
    tx: &mut Tx,
    account: Key,
    bounds: PeriodBounds,
    waiting: WaitingLegs,
) -> Result<Revision, StoreError> {
    let before = match statement_with_usage(tx, account, bounds.id).await? {
        Ok(before) => before,
        Err(obstacle) => return Ok(Revision::Blocked(obstacle)),
    };
    revision_after(tx, before, (account, bounds), waiting).await
}

/// Lets a new revision charge the month's waiting late legs, and computes it.
pub(super) async fn make_revision(tx: &mut Tx, account: Key, bounds: PeriodBounds) -> Result<Revision, StoreError> {
    let before = match statement_with_usage(tx, account, bounds.id).await? {
        Ok(before) => before,
        Err(obstacle) => return Ok(Revision::Blocked(obstacle)),
    };
    tx.revise_late_legs(account, bounds.id, next_revision(before.as_ref())).await?;
    revision_after(tx, before, (account, bounds), WaitingLegs::LeftOut).await
}

async fn revision_after(
    tx: &mut Tx,
    before: Option<Statement>,
    (account, bounds): (Key, PeriodBounds),
    waiting: WaitingLegs,
) -> Result<Revision, StoreError> {
    let revision = next_revision(before.as_ref());
    let mut after = match compute(tx, UsageScope { account, bounds, revision, waiting }).await? {
        Ok(statement) => statement,
        Err(obstacle) => return Ok(Revision::Blocked(obstacle)),
    };
    match &before {
        None if after.totals.participants == 0 => return Ok(Revision::Unchanged(None)),
        None => {}
        Some(current) if shows_the_same(current, &after) => return Ok(Revision::Unchanged(before.map(Box::new))),
        Some(current) => after.changes = Some(changes(current, &after)),
    }
    Ok(Revision::New { before: before.map(Box::new), after: Box::new(after) })
}

/// The current statement, if everything that it charges is still there: what has been erased would be missing from
/// the next revision.
async fn statement_with_usage(
    tx: &mut Tx,
    account: Key,
    period: Period,
) -> Result<Result<Option<Statement>, Obstacle>, StoreError> {
    if tx.has_erased_usage(account, period).await? {
        return Ok(Err(Obstacle::UsageErased(period)));
    }
    let current = tx.current_statement(account, period).await?;
    let carried_from = current.iter().flat_map(|current| &current.lines).filter_map(|line| line.late_from);
    for month in carried_from.collect::<BTreeSet<_>>() {
        if tx.has_erased_usage(account, month).await? {
            return Ok(Err(Obstacle::UsageErased(month)));
        }
    }
    Ok(Ok(current))
}

pub(super) fn next_revision(current: Option<&Statement>) -> u32 {
    current.map_or(1, |current| current.revision + 1)
}

/// Stores a new revision with the messages that it owes.
pub(super) async fn store_revision(
    context: &Context,
    tx: &mut Tx,
    account: Key,
    statement: &Statement,
    wanted: impl Fn(&NewDelivery) -> bool,
    now: DateTime<Utc>,
) -> Result<usize, JobError> {
    let key = tx.insert_statement(account, statement).await?;
    tx.mark_closing_used(account, statement.period.id).await?;
    let deliveries = wanted_deliveries(context, tx, account, statement, wanted).await?;
    audit(context, tx, Effect::on(statement, "revised", None)).await?;
    insert_deliveries(context, tx, (key, statement), &deliveries, now).await?;
    Ok(deliveries.len())
}

/// The messages that a statement owes, and whoever asked wants.
pub(super) async fn wanted_deliveries(
    context: &Context,
    tx: &mut Tx,
    account: Key,
    statement: &Statement,
    wanted: impl Fn(&NewDelivery) -> bool,
) -> Result<Vec<NewDelivery>, JobError> {
    let owner = tx.account(account).await?;
    let rooms = tx.rooms_of(account).await?;
    let mut deliveries = deliveries_of(statement, &owner, &rooms, &context.settings);
    deliveries.retain(wanted);
    Ok(deliveries)
}

/// Whether a message brings something that changed: the account's statement, or a room with changes.
pub(super) fn brings_changes(changes: Option<&Changes>, delivery: &NewDelivery) -> bool {
    let Some(changes) = changes else { return true };
    let Some(room) = &delivery.room else { return true };
    changes.rooms.iter().any(|change| change.number == *room)
        || changes.lines.iter().any(|change| change.before.iter().chain(&change.after).any(|line| line.room == *room))
}
