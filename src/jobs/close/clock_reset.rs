//! A switch that lost its clock writes the date that its clock chip starts with: one such leg would make hundreds of
//! months due at once, and mail the statement of a month that never was.

use chrono::Months;

use crate::billing::Obstacle;
use crate::jobs::{Context, JobError};
use crate::store::{AccountDue, Tx};

/// Pauses up to this long are not looked at.
const LONGEST_PAUSE: Months = Months::new(13);
/// Thirteen months are never shorter; the database compares by this.
const SHORTEST_13_MONTHS_SECONDS: i64 = 395 * 24 * 60 * 60;
/// How many legs are named.
const LEGS_NAMED: u32 = 5;

/// Why the first month of an account waits for a decision: its usage lies long before what follows, and no one has
/// approved it.
pub(crate) async fn clock_reset(
    context: &Context,
    tx: &mut Tx,
    due: &AccountDue,
) -> Result<Option<Obstacle>, JobError> {
    let period = due.next.id;
    let is_approved = || {
        let approvals = &context.settings.approvals;
        approvals.iter().any(|approval| approval.period == period && approval.accounts.contains(&due.number))
    };
    if !due.is_first || is_approved() {
        return Ok(None);
    }
    let Some((last, next)) = tx.closings().longest_pause(due.key, due.next.start, SHORTEST_13_MONTHS_SECONDS).await?
    else {
        return Ok(None);
    };
    if last.checked_add_months(LONGEST_PAUSE).is_none_or(|longest| next <= longest) {
        return Ok(None);
    }
    let (legs, count) = tx.closings().legs_up_to(due.key, (due.next.start, last), LEGS_NAMED).await?;
    let unnamed = count.saturating_sub(legs.len() as u64);
    let more = if unnamed > 0 { format!(" and {unnamed} more") } else { String::new() };
    let date = |at: chrono::DateTime<chrono::Utc>| at.with_timezone(&due.time_zone).date_naive();
    let (account, legs) = (due.number.clone(), format!("legs {}{more}", legs.join(", ")));
    Ok(Some(Obstacle::ClockReset { account, period, legs, last: date(last), next: date(next) }))
}
