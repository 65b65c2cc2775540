//! What the archive says was billed, where the database knows nothing of it.
//!
//! A database that was restored from a backup lacks what came after the backup. Were its months closed without that, they
//! would contradict what customers have got, and the usage, once it is imported, would be late and charged a second time.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use tokio::sync::Mutex;

use crate::archive::{ArchiveError, Maker, Manifest, StatementFolder};
use crate::billing::Obstacle;
use crate::domain::{Period, Statement};
use crate::jobs::Context;

/// The accounts that the archive has a folder of, by month; each month is listed once, when it is asked for first.
#[derive(Clone, Default)]
pub(crate) struct Billed {
    months: Arc<Mutex<HashMap<Period, HashSet<String>>>>,
}

impl Billed {
    /// Where the archive has another first statement of the month than this one. An archive that cannot be read says
    /// nothing: closing does not wait for it, and publishing will meet what is there.
    pub async fn before(&self, context: &Context, statement: &Statement) -> Option<Obstacle> {
        let (period, account) = (statement.period.id, statement.account.number.clone());
        let there = match self.manifest(context, statement).await {
            Ok(there) => there?,
            Err(error) => {
                tracing::warn!(%period, %account, "The archive does not say what was billed before: {error}");
                return None;
            }
        };
        if there.is_of(statement) {
            return None;
        }
        let here = Manifest::new(statement, &Maker::current(context.renderer.digest()), Vec::new()).in_short();
        Some(Obstacle::BilledBefore { account, period, there: there.in_short(), here })
    }

    async fn manifest(&self, context: &Context, statement: &Statement) -> Result<Option<Manifest>, ArchiveError> {
        if !self.has(context, statement.period.id, statement.account.number.as_str()).await? {
            return Ok(None);
        }
        let manifest = context.archive.manifest(&StatementFolder::from(statement.id())).await?;
        Ok(manifest.map(|(manifest, _)| manifest))
    }

    async fn has(&self, context: &Context, period: Period, account: &str) -> Result<bool, ArchiveError> {
        let mut months = self.months.lock().await;
        if let Some(accounts) = months.get(&period) {
            return Ok(accounts.contains(account));
        }
        let accounts: HashSet<_> = context.archive.folders_in(&period.to_string()).await?.into_iter().collect();
        Ok(months.entry(period).insert_entry(accounts).get().contains(account))
    }
}
