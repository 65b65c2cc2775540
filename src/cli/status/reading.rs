//! What `status` tells, read from the database.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::app::{App, Trigger};
use crate::cli::Exit;
use crate::digest::Sha256;
use crate::domain::{AccountNumber, Period, PeriodState, RoomNumber, Zone};
use crate::jobs::{
    Attention, MonthCounts, NextClosing, OpenMonth, Overview, Part, RerunProgress, known_account, look_at_parts,
    rerun_progress,
};
use crate::store::{
    ArchiveMonth, AwaitingApproval, DaemonRow, Delivery, DeliveryFilter, DeliveryState, ExpiryHold, MailPause,
    PeriodRow, Tx,
};
use crate::zone_files::{ZoneDataInUse, zone_data_in_use};

#[derive(Debug, Serialize)]
pub struct Status {
    /// The parts that the program depends on; not looked at by commands that only say how they end.
    pub(super) parts: Vec<Part>,
    /// The time zone data in use.
    pub(super) time_zone_data: ZoneDataInUse,
    /// Work other than closing that is due for longer than `operations.overdue_after`.
    pub(super) overdue: Vec<Overdue>,
    /// Those that need a human first.
    pub(super) periods: Vec<PeriodStatus>,
    /// Those that run; where none does, the one that looked last.
    pub(super) daemons: Vec<Daemon>,
    pub(super) next_closing: Option<NextClosing>,
    /// When new legs were last stored.
    pub(super) last_usage: Option<DateTime<Utc>>,
    /// The zone in which the next closing is shown.
    #[serde(skip)]
    pub(super) time_zone: Zone,
    /// What needs a person, the most urgent first.
    pub(super) attention: Attention,
    /// Oldest first.
    #[serde(skip)]
    pub(super) months_by_state: Vec<MonthCounts>,
    pub(super) deliveries: BTreeMap<DeliveryState, i64>,
    /// `None` if mail is sent.
    pub(super) mail_paused: Option<MailPause>,
    /// Messages that came back, whose fate is unknown, or that wait for a decision: who did not get a statement.
    pub(super) undelivered: Vec<Undelivered>,
    /// Of the archive, oldest first.
    pub(super) months: Vec<MonthStatus>,
    /// Beyond the safety bounds.
    pub(super) awaiting_approval: Vec<Awaiting>,
    /// Accounts whose older months stay in the archive although their retention is over.
    pub(super) expiry_held: Vec<ExpiryHeld>,
    /// Legs that no statement charges yet, per closed period.
    pub(super) late_usage: BTreeMap<String, i64>,
    /// Rows, per kind of file.
    pub(super) rejected: BTreeMap<String, i64>,
    /// Oldest first.
    pub(super) reruns: Vec<RerunProgress>,
}

#[derive(Debug, Serialize)]
pub(super) struct Daemon {
    /// Host and process.
    pub(super) name: String,
    version: String,
    started_at: DateTime<Utc>,
    /// When it last looked for work.
    pub(super) looked_at: DateTime<Utc>,
    pub(super) silent_seconds: u64,
    pub(super) running: bool,
}

#[derive(Debug, Serialize)]
pub(super) struct Overdue {
    /// For example `statements are not in the archive`.
    pub(super) what: &'static str,
    pub(super) since: DateTime<Utc>,
}

/// Without the address: `mail list` has it.
#[derive(Debug, Serialize)]
pub(super) struct Undelivered {
    pub(super) account: AccountNumber,
    pub(super) period: Period,
    /// `None` means the account's statement.
    pub(super) room: Option<RoomNumber>,
    pub(super) state: DeliveryState,
    message_id: String,
}

#[derive(Debug, Serialize)]
pub(super) struct Awaiting {
    pub(super) account: AccountNumber,
    pub(super) period: Period,
    pub(super) reason: String,
}

#[derive(Debug, Serialize)]
pub(super) struct ExpiryHeld {
    pub(super) account: AccountNumber,
    pub(super) reason: String,
}

#[derive(Debug, Serialize)]
pub(super) struct MonthStatus {
    pub(super) period: Period,
    /// Pins every file of the month; None while its manifest is not up to date.
    pub(super) manifest_sha256: Option<Sha256>,
}

#[derive(Debug, Serialize)]
pub(super) struct PeriodStatus {
    pub(super) account: AccountNumber,
    pub(super) period: Period,
    pub(super) state: PeriodState,
    revision: Option<i64>,
    pub(super) reason: Option<String>,
    #[serde(skip)]
    is_overdue: bool,
}

/// What is asked about: all, one month, one account, or a month of an account.
#[derive(Debug, Clone, Default)]
pub struct Scope {
    pub period: Option<Period>,
    pub account: Option<AccountNumber>,
}

impl Scope {
    fn includes(&self, account: &AccountNumber, period: Period) -> bool {
        self.includes_account(account) && self.period.is_none_or(|of| of == period)
    }

    fn includes_account(&self, account: &AccountNumber) -> bool {
        self.account.as_ref().is_none_or(|of| of == account)
    }
}

impl Status {
    pub(super) async fn read(app: &App, scope: &Scope) -> anyhow::Result<Self> {
        let now = app.context.clock.now();
        let mut tx = app.context.store.read().await?;
        if let Some(account) = &scope.account {
            known_account(&mut tx, account).await?;
        }
        let overview = Overview::read(&mut tx, &app.context, &app.due_rule(Trigger::Daemon), now).await?;
        let mut periods: Vec<_> =
            tx.reports().period_rows(scope.period).await?.into_iter().map(PeriodStatus::from).collect();
        periods.retain(|row| scope.includes_account(&row.account));
        let is_shown = |month: &&OpenMonth| !month.is_parked && scope.includes(&month.account, month.period);
        periods.extend(overview.open.iter().filter(is_shown).map(PeriodStatus::from));
        periods.sort_by(|a, b| (a.rank(), &a.account, a.period).cmp(&(b.rank(), &b.account, b.period)));
        let deliveries = tx.reports().delivery_counts(scope.period, scope.account.as_ref()).await?;
        let (mut attention, mut months) = (overview.attention, overview.months);
        attention.only(scope.period, scope.account.as_ref());
        if scope.account.is_some() {
            months = MonthCounts::of_states(periods.iter().map(|row| (row.period, row.state, 1)));
        }
        months.retain(|month| scope.period.is_none_or(|period| month.period == period));
        let mut expiry_held: Vec<_> =
            tx.retention().expiry_holds().await?.into_iter().map(ExpiryHeld::from).collect();
        expiry_held.retain(|held| scope.includes_account(&held.account));
        let mut awaiting_approval: Vec<_> =
            tx.reports().awaiting_approval().await?.into_iter().map(Awaiting::from).collect();
        awaiting_approval.retain(|it| scope.includes(&it.account, it.period));
        Ok(Self {
            parts: Vec::new(),
            time_zone_data: zone_data_in_use(now),
            overdue: overdue(app, &mut tx, now).await?,
            daemons: overview.daemons.into_iter().map(Daemon::from).collect(),
            next_closing: overview.next_closing,
            last_usage: tx.usage().arrived_at().await?,
            time_zone: app.config.schedule.time_zone.0,
            attention,
            months_by_state: months,
            periods,
            deliveries: deliveries.into_iter().map(|count| (count.state, count.deliveries)).collect(),
            mail_paused: tx.deliveries().mail_pause().await?,
            undelivered: undelivered(&mut tx, scope).await?,
            months: tx.archive_months().list().await?.into_iter().map(MonthStatus::from).collect(),
            expiry_held,
            awaiting_approval,
            late_usage: tx.reports().waiting_late_legs().await?.into_iter().collect(),
            rejected: tx.reports().waiting_rejects().await?.into_iter().collect(),
            reruns: rerun_progress(&app.context.settings.reruns, tx.reruns().list().await?),
        })
    }

    /// Like [`Status::read`], and whether the parts outside serve.
    pub(super) async fn read_with_parts(app: &App, scope: &Scope) -> anyhow::Result<Self> {
        let (status, parts) = tokio::join!(Self::read(app, scope), look_at_parts(&app.context));
        Ok(status?.with_parts(parts))
    }

    pub(super) fn with_parts(mut self, parts: Vec<Part>) -> Self {
        self.attention.add_parts(&parts);
        Self { parts, ..self }
    }

    pub(super) fn exit(&self) -> Exit {
        Exit::attention_if(self.attention.needs_a_person())
    }
}

impl From<DaemonRow> for Daemon {
    fn from(row: DaemonRow) -> Self {
        let DaemonRow { name, version, started_at, looked_at, silent_for, is_running, .. } = row;
        Self { name, version, started_at, looked_at, silent_seconds: silent_for.as_secs(), running: is_running }
    }
}

impl From<AwaitingApproval> for Awaiting {
    fn from(it: AwaitingApproval) -> Self {
        Self { account: it.account, period: it.period, reason: it.reason }
    }
}

async fn overdue(app: &App, tx: &mut Tx, now: DateTime<Utc>) -> anyhow::Result<Vec<Overdue>> {
    let waiting = [
        ("statements are closed, but not in the archive", tx.reports().unpublished_since().await?),
        ("messages are not sent", tx.reports().unsent_since().await?),
    ];
    let late = waiting.into_iter().filter_map(|(what, since)| Some(Overdue { what, since: since? }));
    Ok(late.filter(|late| now - late.since > app.config.operations.overdue_after).collect())
}

/// What waits for approval is told apart from these.
async fn undelivered(tx: &mut Tx, scope: &Scope) -> anyhow::Result<Vec<Undelivered>> {
    let mut undelivered = Vec::new();
    for state in [DeliveryState::Bounced, DeliveryState::Unknown, DeliveryState::Held] {
        let Scope { period, account } = scope.clone();
        let filter = DeliveryFilter { state: Some(state), period, account, ..DeliveryFilter::default() };
        let needs_a_look = |delivery: &Delivery| !delivery.awaits_approval && !delivery.superseded;
        let deliveries = tx.deliveries().list(&filter).await?.into_iter().filter(needs_a_look);
        undelivered.extend(deliveries.map(|delivery| Undelivered {
            account: delivery.account,
            period: delivery.period,
            room: delivery.room,
            state,
            message_id: delivery.message_id,
        }));
    }
    Ok(undelivered)
}

impl From<ExpiryHold> for ExpiryHeld {
    fn from(hold: ExpiryHold) -> Self {
        Self { account: hold.account, reason: hold.detail }
    }
}

impl From<ArchiveMonth> for MonthStatus {
    fn from(month: ArchiveMonth) -> Self {
        let is_up_to_date = month.generation == month.shown_generation;
        Self { period: month.period, manifest_sha256: month.digests.manifest.filter(|_| is_up_to_date) }
    }
}

impl From<PeriodRow> for PeriodStatus {
    fn from(row: PeriodRow) -> Self {
        let PeriodRow { account, period, state, revision, reason } = row;
        Self { account, period, state, revision, reason, is_overdue: false }
    }
}

impl From<&OpenMonth> for PeriodStatus {
    fn from(month: &OpenMonth) -> Self {
        Self {
            account: month.account.clone(),
            period: month.period,
            state: PeriodState::Open,
            revision: None,
            reason: Some(month.words()),
            is_overdue: month.is_due,
        }
    }
}

impl PeriodStatus {
    /// Those that need a person come first.
    fn rank(&self) -> u8 {
        match self.state {
            PeriodState::Parked => 0,
            PeriodState::Failed => 1,
            _ if self.is_overdue => 2,
            PeriodState::Open | PeriodState::Due => 3,
            PeriodState::Closed | PeriodState::Empty | PeriodState::History => 4,
        }
    }
}
