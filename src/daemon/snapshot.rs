//! The state of the system at one moment: what the status page shows and the metrics count.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::active_config::ActiveConfig;
use crate::jobs::intake::known_sources;
use crate::jobs::{Attention, MonthCounts, NextClosing, Overview, SourceOverview};
use crate::store::StoreError;

#[derive(Debug, Clone, Serialize)]
pub struct Snapshot {
    pub taken_at: DateTime<Utc>,
    /// As the database knows it: without parts and configuration.
    pub attention: Attention,
    /// Oldest first.
    pub months: Vec<MonthCounts>,
    /// All revisions: `published`, `waiting`, `failed`.
    pub statements: BTreeMap<String, i64>,
    pub deliveries: BTreeMap<String, i64>,
    /// Legs that no statement charges yet, per closed period.
    pub late_legs: BTreeMap<String, i64>,
    /// Rows, per kind of file.
    pub rejected_rows: BTreeMap<String, i64>,
    /// Accounts' periods, per obstacle.
    pub parked: BTreeMap<String, i64>,
    /// Accounts whose older months stay in the archive, by what was found: `damaged` newer ones, a `sudden` pace, …
    pub kept_accounts: BTreeMap<String, i64>,
    /// Reruns by what has come of them: `waiting`, `rehearsed`, `applied`.
    pub reruns: Vec<ShownRerun>,
    /// The sources of usage that are configured.
    pub intake: Vec<SourceOverview>,
    pub next_closing: Option<NextClosing>,
    /// When new legs were last stored.
    pub last_usage: Option<DateTime<Utc>>,
}

#[derive(Debug, Clone, Serialize)]
pub struct ShownRerun {
    pub id: String,
    pub period: String,
    /// `waiting`, `rehearsed` or `applied`.
    pub state: &'static str,
    pub result: String,
}

impl Snapshot {
    /// Reads everything in one transaction, so that it is of one moment.
    pub(super) async fn read(active: &ActiveConfig) -> Result<Self, StoreError> {
        let now = active.context.clock.now();
        let mut tx = active.context.store.read().await?;
        let overview = Overview::read(&mut tx, &active.context, &active.rule, now).await?;
        let deliveries = tx.reports().delivery_counts(None, None).await?;
        let mut kept_accounts = BTreeMap::new();
        for hold in tx.retention().expiry_holds().await? {
            *kept_accounts.entry(hold.reason).or_default() += 1;
        }
        let snapshot = Self {
            taken_at: now,
            attention: overview.attention,
            months: overview.months,
            intake: known_sources(&mut tx, &active.context, now).await?,
            statements: tx.reports().statement_counts().await?,
            deliveries: deliveries.into_iter().map(|count| (count.state.to_string(), count.deliveries)).collect(),
            late_legs: tx.reports().waiting_late_legs().await?.into_iter().collect(),
            rejected_rows: tx.reports().waiting_rejects().await?.into_iter().collect(),
            parked: tx.reports().parked_by_reason().await?,
            kept_accounts,
            reruns: tx.reruns().list().await?.into_iter().map(ShownRerun::from).collect(),
            next_closing: overview.next_closing,
            last_usage: tx.usage().arrived_at().await?,
        };
        tx.roll_back().await?;
        Ok(snapshot)
    }
}

impl From<crate::store::RerunRow> for ShownRerun {
    fn from(row: crate::store::RerunRow) -> Self {
        let state = match (row.applied_at, row.rehearsed_at) {
            (Some(_), _) => "applied",
            (None, Some(_)) => "rehearsed",
            (None, None) => "waiting",
        };
        Self { id: row.rerun_id, period: row.period, state, result: row.summary.unwrap_or_default() }
    }
}
