//! A closed month: the frozen statement's own figures. Of a large statement, only what a page shows is read.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Instant;

use tokio::runtime::Handle;

use crate::domain::{CodeShare, CodesNow, RoomNumber, Statement, code_shares};
use crate::jobs::consult::figures::{Month, MonthFigures};
use crate::jobs::consult::month_cache::Done;
use crate::jobs::consult::recoded::codes_now;
use crate::jobs::{Context, JobError};
use crate::store::{Key, StatementKey, StoreError, UsageScope, WaitingLegs};

/// The account's month; with all lines unless they are stored in parts.
pub(super) async fn closed_month(context: &Context, account: Key, key: StatementKey) -> Result<Done, JobError> {
    let started = Instant::now();
    let mut tx = context.store.read().await?;
    let statement = tx.statements().statement_head(key).await?;
    let shares = if is_in_parts(&statement) {
        tx.statements().frozen_shares(key).await?
    } else {
        code_shares(&statement.lines, &CodesNow::default())
    };
    let scope =
        UsageScope { account, bounds: statement.period, revision: statement.revision, waiting: WaitingLegs::LeftOut };
    let figures = MonthFigures::Closed(Some(key));
    let (statement, shares) = (Arc::new(statement), Arc::new(shares));
    let month = Month { statement, shares, figures, scope, codes: Arc::default(), seen: None };
    Ok(Done::now(month, None, started))
}

/// A room of a month whose lines are stored in parts.
pub(super) async fn closed_room(
    context: &Context,
    month: Month,
    (key, room): (StatementKey, RoomNumber),
) -> Result<Done, JobError> {
    let started = Instant::now();
    let mut tx = context.store.read().await?;
    let lines = tx.statements().lines_of_rooms(key, &BTreeSet::from([&room])).await?;
    let statement = month.statement.of_room(&room, lines);
    let found: u64 = statement.lines.iter().map(|line| line.quantity).sum();
    if found != statement.totals.participants {
        // The account's month may be at hand for longer than its usage was kept: that is said instead.
        tx.statements().statement_head(key).await?;
        return Err(StoreError::lacks_parts(key, (found, statement.totals.participants)).into());
    }
    Ok(Done::now(Month { statement: Arc::new(statement), ..month }, None, started))
}

/// The codes of now, and what the month comes to by them.
pub(super) async fn recoded_shares(
    context: &Context,
    month: &Month,
    key: StatementKey,
) -> Result<(CodesNow, Option<Vec<CodeShare>>), JobError> {
    let codes = codes_now(&mut context.store.read_for_people().await?, month.scope).await?;
    if codes.is_empty() {
        return Ok((codes, None));
    }
    if !is_in_parts(&month.statement) {
        let shares = code_shares(&month.statement.lines, &codes);
        return Ok((codes, Some(shares)));
    }
    let (handle, store, before) = (Handle::current(), context.store.clone(), Arc::clone(&month.shares));
    // Adding up keeps no other answer waiting.
    let adding_up = tokio::task::spawn_blocking(move || {
        let rooms = codes.rooms();
        let lines = handle.block_on(async { store.read().await?.statements().lines_of_rooms(key, &rooms).await })?;
        let kept = before.iter().filter(|share| !rooms.contains(&share.room)).cloned();
        let mut shares: Vec<CodeShare> = kept.chain(code_shares(&lines, &codes)).collect();
        shares.sort_by(|a, b| a.room.cmp(&b.room));
        Ok::<_, StoreError>((codes, Some(shares)))
    });
    Ok(adding_up.await??)
}

pub(super) fn is_in_parts(statement: &Statement) -> bool {
    statement.lines.is_empty() && statement.totals.participants > 0
}
