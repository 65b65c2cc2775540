//! Verifies the invariants of the data, for `check --deep` and for the tests.

use crate::billing::adds_up;
use crate::digest::Sha256;
use crate::jobs::archive::verify::unexpected_in_month;
use crate::jobs::publish::month_index::index_files;
use crate::jobs::{Context, JobError};
use crate::store::{ArchiveMonth, Violation};

/// What is wrong with the data; empty: all is well.
pub async fn check_deeply(context: &Context) -> Result<Vec<Violation>, JobError> {
    let mut tx = context.store.read().await?;
    let mut violations = tx.reports().miscounted_legs().await?;
    violations.extend(tx.reports().lost_usage().await?);
    violations.extend(tx.reports().published_after_expiry().await?);
    violations.extend(tx.reports().misplaced_late_legs().await?);
    violations.extend(tx.reports().gaps_between_closings().await?);
    for documented in tx.reports().documented_statements().await? {
        let statement = tx.statements().statement(documented.key).await?;
        let wrong = match adds_up(&statement) {
            Err(obstacle) => Some(obstacle.to_string()),
            Ok(()) if statement.totals != documented.totals => {
                Some("its totals differ from those of its frozen document".to_owned())
            }
            Ok(()) => None,
        };
        violations.extend(wrong.map(|what| Violation {
            account: documented.account,
            period: documented.period,
            what,
        }));
    }
    drop(tx);
    violations.extend(unknown_objects(context).await?);
    violations.extend(months_that_show_something_else(context).await?);
    Ok(violations)
}

/// Every object in a month's folder belongs to a statement that is kept, or to the month itself.
async fn unknown_objects(context: &Context) -> Result<Vec<Violation>, JobError> {
    let mut unknown = Vec::new();
    let periods = context.store.read().await?.statements().statement_periods().await?;
    for period in periods {
        let keys = unexpected_in_month(context, period).await?;
        let Some(first) = keys.first() else { continue };
        let what = format!(
            "{} objects of the archive belong to no statement that stands there, as {first}: \
             see \"statementd archive verify\"",
            keys.len()
        );
        unknown.push(Violation { account: String::new(), period: period.to_string(), what });
    }
    Ok(unknown)
}

/// A table of contents that is not about to be made again tells what the ledger of mail tells.
async fn months_that_show_something_else(context: &Context) -> Result<Vec<Violation>, JobError> {
    let mut wrong = Vec::new();
    for month in settled_months(context).await? {
        let Some(shown) = month.digests.csv else { continue };
        let (csv, _) = index_files(context, month.period).await?;
        // What changed while this was being made is about to be made again.
        if Sha256::of(&csv) != shown && settled_months(context).await?.contains(&month) {
            let what =
                "its table of contents does not show what the database holds: run \"statementd archive index\"";
            wrong.push(Violation { account: String::new(), period: month.period.to_string(), what: what.to_owned() });
        }
    }
    Ok(wrong)
}

/// Months whose own objects show all that is known of them.
async fn settled_months(context: &Context) -> Result<Vec<ArchiveMonth>, JobError> {
    let mut tx = context.store.read().await?;
    let changed = tx.archive_months().months_with_delivery_changes().await?;
    let mut months = tx.archive_months().list().await?;
    months.retain(|month| {
        month.generation == month.shown_generation
            && month.deliveries_changed == month.deliveries_shown
            && !changed.contains(&month.period)
    });
    Ok(months)
}
