//! Months that the archive says were billed and the database does not know.
//!
//! A database that was restored from a backup lacks what came after the backup. If its months were closed again
//! without that knowledge, they would contradict what customers have got, and the missing usage, once imported, would
//! count as late and be charged twice.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use crate::archive::{Manifest, StatementFolder};
use crate::billing::Obstacle;
use crate::domain::{Period, Statement};
use crate::jobs::Context;

/// How long closing waits for an archive that does not answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// The accounts that the archive has a folder of, by month.
#[derive(Clone, Default)]
pub(crate) struct Billed {
    months: Arc<HashMap<Period, HashSet<String>>>,
}

impl Billed {
    /// Lists these months, before anything is locked. An archive that cannot be read is taken for empty: closing does
    /// not wait for it, and publishing finds what is there.
    pub async fn look(context: &Context, periods: BTreeSet<Period>) -> Self {
        let mut months = HashMap::new();
        for period in periods {
            let folder = period.to_string();
            let why = match tokio::time::timeout(PATIENCE, context.archive.folders_in(&folder)).await {
                Ok(Ok(accounts)) => {
                    months.insert(period, accounts.into_iter().collect());
                    continue;
                }
                Ok(Err(error)) => error.to_string(),
                Err(_) => format!("no answer within {} s", PATIENCE.as_secs()),
            };
            tracing::warn!(%period, "The archive does not say what was billed before: {why}");
            break;
        }
        Self { months: Arc::new(months) }
    }

    /// Where the archive has another first statement of the month than this one.
    pub async fn before(&self, context: &Context, statement: &Statement) -> Option<Obstacle> {
        let (period, account) = (statement.period.id, statement.account.number.clone());
        if !self.months.get(&period)?.contains(account.as_str()) {
            return None;
        }
        let folder = StatementFolder::from(statement.id());
        let there = match tokio::time::timeout(PATIENCE, context.archive.manifest(&folder)).await {
            Ok(Ok(there)) => there?.0,
            Ok(Err(_)) | Err(_) => return None,
        };
        if there.is_of(statement) {
            return None;
        }
        let (there, here) = (there.in_short(), Manifest::short_of(statement));
        Some(Obstacle::BilledBefore { account, period, there, here })
    }
}
