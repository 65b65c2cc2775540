//! By how much an account's charge differs from that of the month before.

use crate::store::MonthAccount;

/// The month's charge and that of the month before; `None` if there is nothing to compare.
fn charges(account: &MonthAccount) -> Option<(i128, i128)> {
    let statement = account.statement.as_ref()?;
    Some((i128::from(statement.totals.charge.0), i128::from(statement.before?.0)))
}

/// By how many percent the charge differs from the month before's, to the nearest; `None` if there is nothing to
/// compare.
pub(super) fn changed(account: &MonthAccount) -> Option<i64> {
    match charges(account)? {
        (0, 0) => Some(0),
        (_, 0) => None,
        (now, before) => {
            let (by, half) = ((now - before) * 100, before.abs() / 2);
            i64::try_from((by.abs() + half) / before.abs() * by.signum()).ok()
        }
    }
}

/// To the cent. From zero, no percentage can be given.
pub(super) fn has_changed_more(account: &MonthAccount, percent: i64) -> bool {
    charges(account).is_some_and(|(now, before)| (now - before).abs() * 100 > i128::from(percent) * before.abs())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Amount, PeriodState, Totals};
    use crate::store::{MonthStatement, StatementKey};

    fn account(charge: i64, before: Option<i64>) -> MonthAccount {
        let statement = MonthStatement {
            key: StatementKey(1),
            revision: 1,
            totals: Totals { charge: Amount(charge), ..Totals::default() },
            currency: "EUR".parse().unwrap(),
            is_published: true,
            has_left: false,
            before: before.map(Amount),
            deliveries: std::collections::BTreeMap::new(),
        };
        MonthAccount {
            account_key: 1,
            account: "602127".parse().unwrap(),
            company: String::new(),
            state: PeriodState::Closed,
            detail: None,
            statement: Some(statement),
        }
    }

    #[test]
    fn more_than_a_percentage_is_told_to_the_cent_and_shown_to_the_nearest() {
        for (charge, before, shown, more_than_ten) in [
            (11000, Some(10000), Some(10), false),
            (11001, Some(10000), Some(10), true),
            (11060, Some(10000), Some(11), true),
            (8999, Some(10000), Some(-10), true),
            (9000, Some(10000), Some(-10), false),
            (0, Some(0), Some(0), false),
            (1, Some(0), None, true),
            (5000, None, None, false),
        ] {
            let account = account(charge, before);
            assert_eq!(changed(&account), shown, "{charge} {before:?}");
            assert_eq!(has_changed_more(&account, 10), more_than_ten, "{charge} {before:?}");
        }
    }
}
