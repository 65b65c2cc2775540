//! What stands where at one moment: what the status page shows and the metrics count.

use std::collections::BTreeMap;

use chrono::{DateTime, SecondsFormat, Utc};
use serde::Serialize;

use super::active_config::ActiveConfig;
use crate::domain::{Period, PeriodState};
use crate::store::{AccountDue, ExpiryHold, StoreError, Trouble, Tx};

/// A page with more rows helps nobody; the rest is counted.
const MOST_TROUBLES: usize = 200;

#[derive(Debug, Clone, Serialize)]
pub struct Snapshot {
    pub taken_at: DateTime<Utc>,
    /// What a person must look at; longest first, no more than a page can show.
    pub troubles: Vec<TroubleRow>,
    /// All of these, also those that are not listed.
    pub trouble_count: u64,
    /// Newest first.
    pub months: Vec<Month>,
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
    pub reruns: Vec<RerunRow>,
    /// Since when the oldest work is due that is not done: closing, publishing, sending.
    pub unfinished_since: Option<DateTime<Utc>>,
    /// Whether that is longer than `operations.overdue_after`.
    pub is_overdue: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TroubleRow {
    pub account: String,
    /// A month, or `older` ones.
    pub period: String,
    /// `parked`, `failed`, `due`, `kept` (older months stay in the archive), `approval`; of mail `bounced`, `unknown`,
    /// `held`.
    pub state: String,
    pub since: Option<DateTime<Utc>>,
    pub detail: String,
}

/// How many accounts are in which state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Month {
    pub period: Period,
    pub closed: u64,
    pub empty: u64,
    pub open: u64,
    pub due: u64,
    pub parked: u64,
    pub failed: u64,
}

#[derive(Debug, Clone, Serialize)]
pub struct RerunRow {
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
        let open = tx.next_periods(active.context.settings.first_period).await?;
        let counts = tx.period_counts().await?;
        let parked = tx.troubles(i64::MAX).await?;
        let deliveries = tx.delivery_counts(None).await?;
        let mut snapshot = Self {
            taken_at: now,
            troubles: Vec::new(),
            trouble_count: 0,
            months: Vec::new(),
            statements: tx.statement_counts().await?,
            deliveries: deliveries.into_iter().map(|count| (count.state.to_string(), count.deliveries)).collect(),
            late_legs: tx.waiting_late_legs().await?.into_iter().collect(),
            rejected_rows: tx.waiting_rejects().await?.into_iter().collect(),
            parked: tx.parked_by_reason().await?,
            kept_accounts: BTreeMap::new(),
            reruns: tx.reruns().await?.into_iter().map(RerunRow::from).collect(),
            unfinished_since: None,
            is_overdue: false,
        };
        let waiting = [tx.unpublished_since().await?, tx.unsent_since().await?];
        let holds = tx.expiry_holds().await?;
        for hold in &holds {
            *snapshot.kept_accounts.entry(hold.reason.clone()).or_default() += 1;
        }
        let others = other_troubles(&mut tx, holds).await?;
        tx.roll_back().await?;

        let mut months = BTreeMap::new();
        for count in counts {
            *month(&mut months, count.period).of(count.state) += u64::try_from(count.accounts).unwrap_or(0);
        }
        let due = snapshot.add_open(open, &parked, active, &mut months);
        snapshot.months = months.into_values().rev().collect();
        snapshot.add_troubles(parked, others);
        snapshot.unfinished_since = due.into_iter().chain(waiting.into_iter().flatten()).min();
        snapshot.is_overdue =
            snapshot.unfinished_since.is_some_and(|since| now.signed_duration_since(since) > active.overdue_after);
        Ok(snapshot)
    }

    /// Whether somebody has to do something.
    pub fn needs_attention(&self) -> bool {
        self.trouble_count > 0 || !self.rejected_rows.is_empty() || self.is_overdue
    }

    /// Words for work that is overdue, if any is.
    pub fn overdue(&self) -> Option<String> {
        let since = self.unfinished_since.filter(|_| self.is_overdue)?;
        let since = since.to_rfc3339_opts(SecondsFormat::Secs, true);
        Some(format!("something has been due since {since} and is not done: see \"statementd status\""))
    }

    /// Counts what is not closed yet; gives since when the oldest of it is due, parked or not.
    fn add_open(
        &mut self,
        open: Vec<AccountDue>,
        parked: &[Trouble],
        active: &ActiveConfig,
        months: &mut BTreeMap<Period, Month>,
    ) -> Option<DateTime<Utc>> {
        let parked: std::collections::BTreeSet<_> =
            parked.iter().map(|trouble| (trouble.account.clone(), trouble.period)).collect();
        let mut oldest: Option<DateTime<Utc>> = None;
        for next in open {
            let due_at = active.rule.due_at(&next.next);
            let is_due = due_at <= self.taken_at;
            if is_due {
                oldest = Some(oldest.map_or(due_at, |oldest| oldest.min(due_at)));
            }
            if parked.contains(&(next.number.clone(), next.next.id)) {
                continue;
            }
            *month(months, next.next.id).of(if is_due { PeriodState::Due } else { PeriodState::Open }) += 1;
            if is_due {
                let since = due_at.to_rfc3339_opts(SecondsFormat::Secs, true);
                self.troubles.push(TroubleRow {
                    account: next.number.to_string(),
                    period: next.next.id.to_string(),
                    state: "due".into(),
                    since: Some(due_at),
                    detail: format!("due since {since}, not closed yet"),
                });
            }
        }
        oldest
    }

    fn add_troubles(&mut self, troubles: Vec<Trouble>, others: Vec<TroubleRow>) {
        self.troubles.extend(troubles.into_iter().map(|trouble| TroubleRow {
            account: trouble.account.to_string(),
            period: trouble.period.to_string(),
            state: trouble.state.to_string(),
            since: Some(trouble.since),
            detail: trouble.detail,
        }));
        self.troubles.extend(others);
        self.troubles.sort_by(|a, b| (a.since, &a.account, &a.period).cmp(&(b.since, &b.account, &b.period)));
        self.trouble_count = self.troubles.len() as u64;
        self.troubles.truncate(MOST_TROUBLES);
    }
}

impl Month {
    fn of(&mut self, state: PeriodState) -> &mut u64 {
        match state {
            PeriodState::Closed => &mut self.closed,
            PeriodState::Empty | PeriodState::History => &mut self.empty,
            PeriodState::Open => &mut self.open,
            PeriodState::Due => &mut self.due,
            PeriodState::Parked => &mut self.parked,
            PeriodState::Failed => &mut self.failed,
        }
    }

    /// With the states' names, as metrics label them.
    pub fn by_state(&self) -> [(&'static str, u64); 6] {
        [
            ("closed", self.closed),
            ("empty", self.empty),
            ("open", self.open),
            ("due", self.due),
            ("parked", self.parked),
            ("failed", self.failed),
        ]
    }
}

/// What is closed, or has nothing to do with closing, and still needs a person.
async fn other_troubles(tx: &mut Tx, holds: Vec<ExpiryHold>) -> Result<Vec<TroubleRow>, StoreError> {
    let kept = holds.into_iter().map(|hold| TroubleRow {
        account: hold.account.to_string(),
        period: "older".into(),
        state: "kept".into(),
        since: Some(hold.since),
        detail: hold.detail,
    });
    let approval = tx.awaiting_approval().await?.into_iter().map(|it| TroubleRow {
        account: it.account.to_string(),
        period: it.period.to_string(),
        state: "approval".into(),
        since: None,
        detail: it.reason,
    });
    let mail = tx.mail_troubles(DateTime::UNIX_EPOCH).await?.into_iter().map(|trouble| TroubleRow {
        since: Some(trouble.since),
        detail: format!("messages: {}, see \"statementd mail list --state {}\"", trouble.messages, trouble.state),
        account: trouble.account.to_string(),
        period: trouble.period.to_string(),
        state: trouble.state.to_string(),
    });
    Ok(kept.chain(approval).chain(mail).collect())
}

fn month(months: &mut BTreeMap<Period, Month>, period: Period) -> &mut Month {
    months.entry(period).or_insert(Month { period, closed: 0, empty: 0, open: 0, due: 0, parked: 0, failed: 0 })
}

impl From<crate::store::RerunRow> for RerunRow {
    fn from(row: crate::store::RerunRow) -> Self {
        let state = match (row.applied_at, row.rehearsed_at) {
            (Some(_), _) => "applied",
            (None, Some(_)) => "rehearsed",
            (None, None) => "waiting",
        };
        Self { id: row.rerun_id, period: row.period, state, result: row.summary.unwrap_or_default() }
    }
}
