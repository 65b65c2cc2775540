//! Erases usage that is past its retention, and callers' numbers before it if `[privacy]` says so.
//!
//! Month by month, batch by batch; what is unfinished goes on in the next round. The list of months is only a list:
//! whether one may be erased is asked again under its account's lock, since usage may have come in meanwhile.

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::jobs::archive::erase_rejects::erase_rejects;
use crate::jobs::{Context, JobError};
use crate::pause_points;
use crate::store::ErasableMonth;

/// Conferences per transaction: some thousand legs.
const BATCH: u32 = 500;

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct EraseReport {
    pub conferences: u64,
    pub legs: u64,
    /// Legs whose caller was erased.
    pub callers: u64,
    /// Rejected rows that left, or lost their caller.
    pub rejected: u64,
}

/// Erases what `database.keep_usage` and `privacy.erase_callers_after` no longer keep.
///
/// Never usage of a month that is open, in the archive, or has late usage that nothing charges yet.
pub async fn erase_past_retention(
    context: &Context,
    keep_going: &(impl Fn() -> bool + Sync),
) -> Result<EraseReport, JobError> {
    let mut report = EraseReport::default();
    let keep = context.settings.keep_usage;
    // The list is read first, and its transaction ended: while one reads, SQLite's log only grows.
    let due = context.store.read().await?.erasure().usage_past_retention(keep).await?;
    for month in due {
        erase_usage(context, (&month, keep), keep_going, &mut report).await?;
    }
    if let Some(after) = context.settings.erase_callers_after
        && let Some(before) = context.clock.now().checked_sub_signed(after)
    {
        let due = context.store.read().await?.erasure().callers_past_retention(before).await?;
        for month in due {
            erase_callers(context, (&month, before), keep_going, &mut report).await?;
        }
    }
    report.rejected = erase_rejects(context, keep_going).await?;
    pause_points::reach("after-erasure").await;
    if report != EraseReport::default() {
        let EraseReport { conferences, legs, callers, rejected } = report;
        tracing::info!(conferences, legs, callers, rejected, "Usage that has had its time was erased");
    }
    Ok(report)
}

async fn erase_usage(
    context: &Context,
    (month, keep): (&ErasableMonth, u32),
    keep_going: &(impl Fn() -> bool + Sync),
    report: &mut EraseReport,
) -> Result<(), JobError> {
    if !keep_going() {
        return Ok(());
    }
    pause_points::reach("before-usage-is-erased").await;
    let mut tx = context.store.write().await?;
    let decided = tx.erasure().expire_usage(month, keep, context.clock.now()).await?;
    tx.commit().await?;
    if !decided {
        return Ok(());
    }
    while keep_going() {
        let mut tx = context.store.write().await?;
        let (conferences, legs) = tx.erasure().erase_usage(month, BATCH).await?;
        if conferences == 0 {
            tx.erasure().mark_usage_erased(month, context.clock.now()).await?;
        }
        tx.commit().await?;
        report.conferences += conferences;
        report.legs += legs;
        if conferences == 0 {
            return Ok(());
        }
    }
    Ok(())
}

async fn erase_callers(
    context: &Context,
    (month, before): (&ErasableMonth, DateTime<Utc>),
    keep_going: &(impl Fn() -> bool + Sync),
    report: &mut EraseReport,
) -> Result<(), JobError> {
    pause_points::reach("before-callers-are-erased").await;
    while keep_going() {
        let mut tx = context.store.write().await?;
        if !tx.erasure().may_erase_callers(month, before).await? {
            return Ok(tx.roll_back().await?);
        }
        let callers = tx.erasure().erase_callers(month, BATCH).await?;
        if callers == 0 {
            tx.erasure().mark_callers_erased(month, context.clock.now()).await?;
        }
        tx.commit().await?;
        report.callers += callers;
        if callers == 0 {
            return Ok(());
        }
    }
    Ok(())
}
