//! Months that were read lately: ten people who click do not read ten thousand accounts ten times.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::Mutex;

use crate::domain::{Period, PeriodState};
use crate::jobs::Context;
use crate::store::{MonthAccount, StoreError};

/// How long a reading serves all who ask.
const AGE: Duration = Duration::from_secs(3);
/// Some megabytes each, at ten thousand accounts.
const MOST: usize = 4;

type Reading = (Instant, Arc<Vec<MonthAccount>>);

/// The newest readings.
#[derive(Default)]
pub(super) struct KeptMonths(Mutex<BTreeMap<Period, Reading>>);

impl KeptMonths {
    /// Every account that has something to do with the month, by number; read once for all who ask at the same time.
    pub(super) async fn of(&self, context: &Context, period: Period) -> Result<Arc<Vec<MonthAccount>>, StoreError> {
        let mut kept = self.0.lock().await;
        kept.retain(|_, (at, _)| at.elapsed() <= AGE);
        if let Some((_, known)) = kept.get(&period) {
            return Ok(Arc::clone(known));
        }
        let read = Arc::new(read(context, period).await?);
        if kept.len() >= MOST {
            kept.pop_first();
        }
        kept.insert(period, (Instant::now(), Arc::clone(&read)));
        Ok(read)
    }
}

async fn read(context: &Context, period: Period) -> Result<Vec<MonthAccount>, StoreError> {
    let mut tx = context.store.read_for_people().await?;
    let mut accounts = tx.month_accounts(period).await?;
    let now = context.clock.now();
    let names: std::collections::HashMap<String, (i64, String)> =
        tx.account_names().await?.into_iter().map(|(key, number, company)| (number, (key, company))).collect();
    let mut open = Vec::new();
    for next in tx.next_periods(context.settings.first_period).await? {
        let is_known = || accounts.binary_search_by(|known| known.account.cmp(&next.number)).is_ok();
        if next.next.id != period || is_known() {
            continue;
        }
        let is_due = context.settings.portal.due.is_due(&next.next, now);
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
    Ok(accounts)
}
