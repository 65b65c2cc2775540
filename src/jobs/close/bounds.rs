//! What a month's charge may be before a person has looked at it, and who has.

use rust_decimal::Decimal;

use crate::domain::{AccountNumber, Currency, Period, Statement};

/// What a month's charge may be without a person looking at it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SafetyBounds {
    /// At most this much, per currency.
    pub above: Vec<(Currency, Decimal)>,
    /// At least this much, per currency: usage may be missing.
    pub below: Vec<(Currency, Decimal)>,
    /// At most this many times the average of the last three months.
    pub factor: Option<Decimal>,
}

/// Months for which statements beyond the bounds may be mailed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approval {
    pub period: Period,
    pub accounts: Vec<AccountNumber>,
}

impl SafetyBounds {
    pub(crate) fn exceeded_by(&self, statement: &Statement) -> Option<String> {
        let currency = statement.account.currency;
        let charge = currency.decimal(statement.totals.charge);
        let limit = self.above.iter().find(|(known, _)| *known == currency).map(|(_, limit)| *limit);
        if let Some(limit) = limit.filter(|limit| charge > *limit) {
            return Some(format!("the charge of {charge} {currency} is above {limit} {currency}"));
        }
        let limit = self.below.iter().find(|(known, _)| *known == currency).map(|(_, limit)| *limit);
        if let Some(limit) = limit.filter(|limit| charge < *limit) {
            return Some(format!("the charge of {charge} {currency} is below {limit} {currency}"));
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

/// Of the closed months before, up to three; `None` where there is none, or where nothing was charged.
fn average_charge(statement: &Statement) -> Option<Decimal> {
    let months = Decimal::from(statement.history.len());
    let sum = statement.history.iter().try_fold(Decimal::ZERO, |sum, month| {
        sum.checked_add(statement.account.currency.decimal(month.totals.charge))
    })?;
    sum.checked_div(months).filter(|average| !average.is_zero())
}
