//! A closed month computed once more: the same, or a new revision with what changed in it.

use std::collections::{BTreeSet, HashSet};

use chrono::{DateTime, Utc};

use crate::billing::{Obstacle, changes, shown_sha256, shows_the_same};
use crate::domain::{Changes, Period, PeriodBounds, RoomNumber, Statement};
use crate::jobs::audit::audit;
use crate::jobs::close::account_batch::AccountWork;
use crate::jobs::close::addressees::address_as_before;
use crate::jobs::close::compute::compute;
use crate::jobs::close::outcome::{CloseOutcome, park};
use crate::jobs::close::prepared::ReadyStatement;
use crate::jobs::deliver::compose::deliveries_of;
use crate::jobs::{Context, JobError};
use crate::store::{CurrentRevision, Key, NewDelivery, StoreError, Tx, UsageScope, WaitingLegs, WaitingRevision};

/// What the usage and tariffs of now make of a closed month, its waiting late legs among them.
pub(crate) enum Revision {
    /// They show what the current revision shows.
    Unchanged(Option<CurrentRevision>),
    /// They show something else.
    New {
        before: Option<Box<Statement>>,
        after: Box<Statement>,
    },
    Blocked(Obstacle),
}

pub(crate) async fn compute_revision(
    tx: &mut Tx,
    account: Key,
    bounds: PeriodBounds,
) -> Result<Revision, StoreError> {
    if tx.erasure().has_erased_usage(account, bounds.id).await? {
        return Ok(Revision::Blocked(Obstacle::UsageErased(bounds.id)));
    }
    let current = tx.statements().current_revision(account, bounds.id).await?;
    let revision = next_revision(current.as_ref().map(|current| current.revision));
    let scope = UsageScope { account, bounds, revision, waiting: WaitingLegs::Revised };
    let computed = compute(tx, scope).await?;
    // Then it has other participants, even where it shows the same charges.
    let has_voids = tx.voids().has_waiting_voids(account, bounds.id).await?;
    match (&current, &computed) {
        // Most months of most reruns: the frozen statement need not be unpacked to be found the same.
        (Some(current), Ok(after)) if !has_voids && current.shown_sha256 == shown_sha256(after) => {
            return Ok(Revision::Unchanged(Some(current.clone())));
        }
        (None, Ok(after)) if after.totals.participants == 0 => return Ok(Revision::Unchanged(None)),
        _ => {}
    }
    let before = match &current {
        Some(current) => Some(Box::new(tx.statements().statement(current.key).await?)),
        None => None,
    };
    if let Some(month) = month_without_usage(tx, account, before.as_deref()).await? {
        return Ok(Revision::Blocked(Obstacle::UsageErased(month)));
    }
    let mut after = match computed {
        Ok(after) => after,
        Err(obstacle) => return Ok(Revision::Blocked(obstacle)),
    };
    if let Some(before) = &before {
        leave_out_new_empty_rooms(before, &mut after);
        address_as_before(tx, account, before, &mut after).await?;
        if !has_voids && shows_the_same(before, &after) {
            return Ok(Revision::Unchanged(current));
        }
        after.changes = Some(changes(before, &after));
    }
    Ok(Revision::New { before, after: Box::new(after) })
}

/// A room that was imported after the month had closed, and has no usage in it, is no change for the month's readers.
fn leave_out_new_empty_rooms(before: &Statement, after: &mut Statement) {
    let known: HashSet<&RoomNumber> = before.rooms.iter().map(|room| &room.number).collect();
    after.rooms.retain(|room| room.totals.participants > 0 || known.contains(&room.number));
    let listed: HashSet<&RoomNumber> = after.rooms.iter().map(|room| &room.number).collect();
    after.addressees.retain(|addressee| addressee.room.as_ref().is_none_or(|room| listed.contains(room)));
}

/// A month whose usage was erased although a statement charges late legs of it: they would be missing from the next
/// revision.
async fn month_without_usage(
    tx: &mut Tx,
    account: Key,
    statement: Option<&Statement>,
) -> Result<Option<Period>, StoreError> {
    let carried_from = statement.iter().flat_map(|current| &current.lines).filter_map(|line| line.late_from);
    for month in carried_from.collect::<BTreeSet<_>>() {
        if tx.erasure().has_erased_usage(account, month).await? {
            return Ok(Some(month));
        }
    }
    Ok(None)
}

pub(crate) fn next_revision(current: Option<u32>) -> u32 {
    current.map_or(1, |current| current + 1)
}

/// New revisions for late usage.
#[derive(Clone)]
pub(crate) struct Revising {
    pub(crate) context: Context,
    pub(crate) now: DateTime<Utc>,
}

impl AccountWork for Revising {
    type Account = WaitingRevision;
    /// `None` if nothing differs.
    type Figures = Result<Option<ReadyStatement>, Obstacle>;
    type Outcome = CloseOutcome;

    fn key(month: &WaitingRevision) -> Key {
        month.account
    }

    async fn is_open(&self, _: &mut Tx, _: &WaitingRevision) -> Result<bool, StoreError> {
        Ok(true)
    }

    async fn compute(self, month: WaitingRevision) -> Result<Self::Figures, JobError> {
        let mut tx = self.context.store.read().await?;
        let after = match compute_revision(&mut tx, month.account, month.bounds).await? {
            Revision::Blocked(obstacle) => return Ok(Err(obstacle)),
            Revision::Unchanged(_) => return Ok(Ok(None)),
            Revision::New { after, .. } => after,
        };
        drop(tx);
        let key = self.context.store.message_key()?;
        let mut deliveries = deliveries_of(&after, &self.context.settings, key);
        deliveries.retain(|delivery| brings_changes(after.changes.as_ref(), delivery));
        Ok(Ok(Some(ReadyStatement::new(&self.context, &after, deliveries)?)))
    }

    async fn store(
        &self,
        tx: &mut Tx,
        month: &WaitingRevision,
        figures: Self::Figures,
    ) -> Result<CloseOutcome, JobError> {
        let statement = match figures {
            Ok(Some(statement)) => statement,
            Ok(None) => {
                tx.codes().settle_codes(month.account, month.bounds.id, None).await?;
                return Ok(CloseOutcome::Unchanged);
            }
            Err(obstacle) => return park(tx, month.account, &month.bounds, obstacle, self.now).await,
        };
        tx.codes().settle_codes(month.account, month.bounds.id, Some(self.now)).await?;
        tx.closings().revise_late_legs(month.account, month.bounds.id, statement.messages().revision()).await?;
        store_revision(&self.context, tx, month.account, &statement, self.now).await?;
        tracing::info!(
            account = %month.number,
            period = %month.bounds.id,
            revision = statement.messages().revision(),
            "Month revised for late or voided usage, or for billing codes"
        );
        Ok(CloseOutcome::Closed { held: statement.messages().held() })
    }
}

/// Stores a new revision with its messages.
pub(crate) async fn store_revision(
    context: &Context,
    tx: &mut Tx,
    account: Key,
    statement: &ReadyStatement,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let messages = statement.messages();
    tx.closings().mark_closing_used(account, messages.period()).await?;
    audit(context, tx, messages.effect("revised", None)).await?;
    statement.store(context, tx, account, now).await
}

/// The messages that are due to the people that a frozen statement is addressed to, at their addresses of now, as far
/// as the order wants them.
pub(crate) async fn wanted_deliveries(
    context: &Context,
    tx: &mut Tx,
    account: Key,
    statement: &Statement,
    wanted: impl Fn(&NewDelivery) -> bool,
) -> Result<Vec<NewDelivery>, StoreError> {
    let mut addressed = statement.clone();
    address_as_before(tx, account, statement, &mut addressed).await?;
    let mut deliveries = deliveries_of(&addressed, &context.settings, context.store.message_key()?);
    deliveries.retain(wanted);
    Ok(deliveries)
}

/// Whether a message brings something that changed: the account's statement, or a room with changes.
pub(crate) fn brings_changes(changes: Option<&Changes>, delivery: &NewDelivery) -> bool {
    let Some(changes) = changes else { return true };
    let Some(room) = &delivery.room else { return true };
    changes.rooms.iter().any(|change| change.number == *room)
        || changes.lines.iter().any(|change| change.before.iter().chain(&change.after).any(|line| line.room == *room))
}
