//! The figures of months before an account's first billed one, for the trends and bounds of the billed ones.

use chrono::{DateTime, Utc};

use crate::jobs::close::compute::compute;
use crate::jobs::close::outcome::{CloseOutcome, CloseReport, Selection, park};
use crate::jobs::{Context, JobError};
use crate::store::{HistoryDue, Tx, UsageScope, WaitingLegs, WhenLocked};

/// Months in one transaction.
const MONTHS_PER_BATCH: usize = 50;

/// Computes the history that is not known yet. What cannot be computed is parked with its reason; the months that are
/// billed do not wait for it.
pub(crate) async fn compute_history(
    context: &Context,
    selection: &Selection,
    report: &mut CloseReport,
    keep_going: &(impl Fn() -> bool + Sync),
) -> Result<(), JobError> {
    let now = context.clock.now();
    let mut due = context.store.read().await?.closings().history_due(context.settings.first_period, now).await?;
    due.retain(|month| selection.includes(&month.number, month.bounds.id));
    for batch in due.chunks(MONTHS_PER_BATCH) {
        if !keep_going() {
            break;
        }
        let mut tx = context.store.write().await?;
        for month in batch {
            compute_month(&mut tx, month, report, now).await?;
        }
        tx.commit().await?;
    }
    Ok(())
}

/// Not where another process has the account: usage may be on its way in.
async fn compute_month(
    tx: &mut Tx,
    month: &HistoryDue,
    report: &mut CloseReport,
    now: DateTime<Utc>,
) -> Result<(), JobError> {
    if !tx.work().lock_account(month.key, WhenLocked::Skip).await? {
        return Ok(());
    }
    let scope = UsageScope { account: month.key, bounds: month.bounds, revision: 1, waiting: WaitingLegs::LeftOut };
    match compute(tx, scope).await? {
        Ok(statement) => {
            tx.closings().store_history(month, &statement.totals, statement.account.currency, now).await?;
            report.add(&month.number, month.bounds.id, &CloseOutcome::History);
        }
        Err(obstacle) => {
            let outcome = park(tx, month.key, &month.bounds, obstacle, now).await?;
            report.add(&month.number, month.bounds.id, &outcome);
        }
    }
    Ok(())
}
