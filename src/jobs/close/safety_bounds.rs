//! Safety bounds: a charge that looks wrong is not mailed before a person has approved it.

use crate::domain::{AccountNumber, Period, Statement};
use crate::jobs::audit::{Effect, audit, messages};
use crate::jobs::{Context, JobError};

/// Why a statement waits for approval, if it does.
pub(crate) fn reason_to_hold(context: &Context, statement: &Statement) -> Option<String> {
    let approvals = &context.settings.approvals;
    let (account, period) = (&statement.account.number, statement.period.id);
    if approvals.iter().any(|approval| approval.period == period && approval.accounts.contains(account)) {
        return None;
    }
    let why = context.settings.bounds.exceeded_by(statement)?;
    Some(format!("waits for approval: {why}. An [[approve]] in the configuration sends it"))
}

/// What is to be added to the configuration so that a statement is sent: TOML, as it is pasted.
pub fn approval_lines(account: &AccountNumber, period: Period) -> String {
    format!("[[approve]]\nperiod = \"{period}\"\naccounts = [\"{account}\"]")
}

/// Releases messages that have been approved since they were held; returns how many.
pub async fn release_approved(context: &Context) -> Result<u64, JobError> {
    if context.settings.approvals.is_empty() {
        return Ok(0);
    }
    let now = context.clock.now();
    let mut tx = context.store.write().await?;
    let mut released = 0;
    for approval in &context.settings.approvals {
        for account in &approval.accounts {
            let count = tx.closings().release_approved(account, approval.period, now).await?;
            if count > 0 {
                let detail = format!("approved: {}", messages(usize::try_from(count).unwrap_or(usize::MAX)));
                let (action, period) = ("released", approval.period);
                let effect = Effect { action, account, period, revision: None, detail: Some(&detail) };
                audit(context, &mut tx, effect).await?;
            }
            released += count;
        }
    }
    tx.commit().await?;
    if released > 0 {
        tracing::info!(messages = released, "Approved statements are sent");
    }
    Ok(released)
}
