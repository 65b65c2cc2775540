//! The invariants of the data, verified: for a user who wants to be sure, and for the tests.

use crate::billing::adds_up;
use crate::jobs::{Context, JobError};
use crate::store::Violation;

/// What is wrong with the data; empty: all is well.
pub async fn check_deeply(context: &Context) -> Result<Vec<Violation>, JobError> {
    let mut tx = context.store.read().await?;
    let mut violations = tx.miscounted_legs().await?;
    violations.extend(tx.misplaced_late_legs().await?);
    violations.extend(tx.gaps_between_closings().await?);
    for (account, period, totals, key) in tx.documented_statements().await? {
        let statement = tx.statement(key).await?;
        let wrong = match adds_up(&statement) {
            Err(obstacle) => Some(obstacle.to_string()),
            Ok(()) if statement.totals != totals => {
                Some("its totals differ from those of its frozen document".to_owned())
            }
            Ok(()) => None,
        };
        violations.extend(wrong.map(|what| Violation { account, period, what }));
    }
    Ok(violations)
}
