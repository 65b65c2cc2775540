//! Mail to the operator: once a day what needs a person, once a month what a closing came to.
//!
//! Each is claimed before it is sent, per recipient, so that several daemons send it once; what did not go out is tried
//! again by the next round. It contains no customer's name or address, only numbers of accounts.

mod daily;
mod report;
mod send;

use crate::jobs::{Context, DueRule, JobError, Part};
use send::Notice;

/// Sends the notices that are due to `operations.notify`; returns how many messages went out. `tasks` is the state of
/// this process's own tasks.
pub async fn notify_operator(context: &Context, rule: &DueRule, tasks: &Part) -> Result<u64, JobError> {
    if context.settings.operations.notify.is_empty() || !context.transport.is_on() {
        return Ok(0);
    }
    let now = context.clock.now();
    let mut sent = report::send_reports(context, rule, now).await?;
    sent += daily::send_daily(context, rule, tasks, now).await?;
    Ok(sent)
}
