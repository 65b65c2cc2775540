//! Safety bounds: a charge that looks wrong is not mailed before somebody has approved it.

use rust_decimal::Decimal;

use crate::domain::{AccountNumber, Currency, Period, Statement};
use crate::jobs::audit::{Effect, audit, messages};
use crate::jobs::{Context, JobError};

/// What a month's charge may be without anybody looking at it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SafetyBounds {
    /// At most this much, per currency.
    pub above: Vec<(Currency, Decimal)>,
    /// At most this many times the average of the last three months.
    pub factor: Option<Decimal>,
}

/// Months for which statements beyond the bounds may be mailed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approval {
    pub period: Period,
    pub accounts: Vec<AccountNumber>,
}

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

impl SafetyBounds {
    fn exceeded_by(&self, statement: &Statement) -> Option<String> {
        let currency = statement.account.currency;
        let charge = currency.decimal(statement.totals.charge);
        let limit = self.above.iter().find(|(known, _)| *known == currency).map(|(_, limit)| *limit);
        if let Some(limit) = limit.filter(|limit| charge > *limit) {
            return Some(format!("the charge of {charge} {currency} is above {limit} {currency}"));
        }
        let average = average_charge(statement)?;
        let factor = self.factor?;
        let limit = average.checked_mul(factor)?;
        (charge > limit).then(|| {
            let average = average.round_dp(currency.minor_digits());
            format!("the charge of {charge} {currency} is more than {factor} times the average, {average} {currency}")
        })
    }
}

/// Of the closed months before, up to three; None where there is none, or where nothing was charged.
fn average_charge(statement: &Statement) -> Option<Decimal> {
    let months = Decimal::from(statement.history.len());
    let sum = statement.history.iter().try_fold(Decimal::ZERO, |sum, month| {
        sum.checked_add(statement.account.currency.decimal(month.totals.charge))
    })?;
    sum.checked_div(months).filter(|average| !average.is_zero())
}

/// Lets go what has been approved since it was held; returns how many messages that are.
pub async fn release_approved(context: &Context) -> Result<u64, JobError> {
    if context.settings.approvals.is_empty() {
        return Ok(0);
    }
    let now = context.clock.now();
    let mut tx = context.store.write().await?;
    let mut released = 0;
    for approval in &context.settings.approvals {
        for account in &approval.accounts {
            let count = tx.release_approved(account, approval.period, now).await?;
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
