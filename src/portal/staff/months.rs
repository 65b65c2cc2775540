//! Every account of a month, as one reading.

use chrono::{DateTime, Utc};

use super::reading_cache::ReadFuture;
use crate::domain::{Period, PeriodState};
use crate::jobs::{Context, DueTimes};
use crate::store::{MonthAccount, StoreError};

/// Some megabytes each, at ten thousand accounts.
pub(super) const MOST_MONTHS: usize = 4;

pub(super) struct MonthReading {
    pub(super) taken_at: DateTime<Utc>,
    /// Every account that has a state in the month, by number.
    pub(super) accounts: Vec<MonthAccount>,
}

pub(super) fn read(context: &Context, period: Period) -> ReadFuture<MonthReading, StoreError> {
    let context = context.clone();
    Box::pin(async move { read_month(&context, period).await })
}

async fn read_month(context: &Context, period: Period) -> Result<MonthReading, StoreError> {
    let mut tx = context.store.read_for_people().await?;
    let mut accounts = tx.staff().month_accounts(period).await?;
    let now = context.clock.now();
    let names: std::collections::HashMap<String, (i64, String)> = tx
        .staff()
        .account_names()
        .await?
        .into_iter()
        .map(|(key, number, company)| (number, (key, company)))
        .collect();
    let mut open = Vec::new();
    let mut times = DueTimes::new(&context.settings.portal.due);
    for next in tx.closings().next_periods(context.settings.first_period).await? {
        let is_known = || accounts.binary_search_by(|known| known.account.cmp(&next.number)).is_ok();
        if next.next.id != period || is_known() {
            continue;
        }
        let is_due = times.due_at(&next.next) <= now;
        let Some((key, company)) = names.get(next.number.as_str()) else { continue };
        open.push(MonthAccount {
            account_key: *key,
            company: company.clone(),
            state: if is_due { PeriodState::Due } else { PeriodState::Open },
            detail: None,
            statement: None,
            account: next.number,
        });
    }
    accounts.extend(open);
    accounts.sort_by(|a, b| a.account.cmp(&b.account));
    Ok(MonthReading { taken_at: now, accounts })
}
