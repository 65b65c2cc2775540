//! A rerun that names both accounts of a room that has moved: conferences of a closed month go to the account that they
//! belong to, and both months are revised in one transaction.

use std::collections::BTreeSet;

use crate::domain::{RerunState, RerunWhat};
use crate::jobs::again::again_where_in_the_way;
use crate::jobs::rerun::account::{Prepared, prepare_in};
use crate::jobs::rerun::order::RerunOrder;
use crate::jobs::{Context, JobError};
use crate::store::{Key, MisplacedConference, Tx, WhenLocked};

/// The results for the accounts between which conferences move; empty if none moves, or if one account cannot be
/// computed.
///
/// Applied, or undone again if it is a rehearsal.
pub(crate) async fn move_between(
    context: &Context,
    order: &RerunOrder,
    named: &[Key],
) -> Result<Vec<Prepared>, JobError> {
    if order.what != RerunWhat::Figures || order.accounts.len() < 2 {
        return Ok(Vec::new());
    }
    again_where_in_the_way(|| try_to_move(context, order, named)).await
}

async fn try_to_move(context: &Context, order: &RerunOrder, named: &[Key]) -> Result<Vec<Prepared>, JobError> {
    let mut tx = context.store.write().await?;
    let moved = misplaced(&mut tx, order, named).await?;
    let accounts: BTreeSet<Key> = moved.iter().flat_map(|moved| [moved.from_account, moved.to_account]).collect();
    for account in &accounts {
        // In the order of their keys, as imports lock them.
        tx.work().lock_account(*account, WhenLocked::Wait).await?;
    }
    // No other process was faster in between.
    let is_still_so = misplaced(&mut tx, order, named).await? == moved;
    if moved.is_empty() || !is_still_so {
        tx.roll_back().await?;
        return Ok(Vec::new());
    }
    for conference in &moved {
        tx.usage().move_conference(conference, order.period).await?;
    }
    let mut prepared = Vec::with_capacity(accounts.len());
    for account in accounts {
        if tx.closings().is_closed(account, order.period).await? {
            prepared.push((account, prepare_in(&mut tx, context, order, account).await?));
        }
    }
    let is_blocked = prepared.iter().any(|(_, prepared)| prepared.outcome.is_parked());
    if is_blocked {
        tracing::warn!(
            rerun = %order.id,
            "Conferences stay where they are, since one of their accounts cannot be computed"
        );
    }
    if is_blocked || order.state == RerunState::Rehearse {
        tx.roll_back().await?;
    } else {
        for (account, prepared) in &prepared {
            prepared.store(context, &mut tx, order, *account).await?;
        }
        tx.commit().await?;
    }
    let kept = prepared.into_iter().map(|(_, prepared)| prepared);
    Ok(if is_blocked { Vec::new() } else { kept.collect() })
}

/// Conferences of the month that belong to another of the named accounts.
async fn misplaced(tx: &mut Tx, order: &RerunOrder, named: &[Key]) -> Result<Vec<MisplacedConference>, JobError> {
    let mut all = Vec::new();
    for account in named {
        let of_account = tx.usage().misplaced_conferences(*account, order.period).await?;
        all.extend(of_account.into_iter().filter(|moved| named.contains(&moved.to_account)));
    }
    Ok(all)
}
