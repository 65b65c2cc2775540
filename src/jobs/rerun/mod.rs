//! Reruns: a closed month computed, rendered or sent again because the configuration asks for it.
//!
//! `order` is what is asked for, `account` does it for one account, `outcome` is the result, `report` shows it,
//! `progress` says how far it is. Each id takes effect once; a rehearsal changes nothing but its report; an
//! interrupted rerun goes on with the accounts that are missing.

mod account;
mod moves;
mod order;
mod outcome;
mod progress;
mod report;

pub use order::RerunOrder;
pub use outcome::AccountOutcome;
pub use progress::{RerunProgress, rerun_progress};
pub use report::{ShortReport, rerun_accounts, rerun_report, rerun_report_url, short_rerun_report};

use std::collections::HashSet;
use std::sync::Arc;

use futures_util::{StreamExt, stream};
use tracing::Instrument;

use account::{Prepared, prepare};
use moves::move_between;
use report::{Report, write_report};

use crate::domain::{AccountNumber, RerunState};
use crate::jobs::close::account_batch::{AccountWork, at_once, work_through};
use crate::jobs::{Actor, Context, JobError, Scope};
use crate::pause_points;
use crate::store::{Key, StoreError, Tx, WhenLocked, WorkKind};

/// What one look at the configured reruns did.
#[derive(Debug, Default)]
pub struct RerunReport {
    pub rehearsed: u64,
    pub applied: u64,
    /// (id, what to do): reruns that are not run as they are, or could not be run to their end.
    pub refused: Vec<(String, String)>,
}

/// Rehearses and applies what `settings.reruns` asks for and has not been done.
pub async fn run_reruns(context: &Context, keep_going: &(impl Fn() -> bool + Sync)) -> Result<RerunReport, JobError> {
    let mut done = RerunReport::default();
    context.store.abandon_claims(WorkKind::Rerun).await?;
    for order in &context.settings.reruns {
        if !keep_going() {
            break;
        }
        let context = &context.acting_as(Actor::Rerun { id: order.id.clone() });
        let now = context.clock.now();
        let mut tx = context.store.write().await?;
        let row = tx.reruns().note(order.id.as_str(), order.period, &order.content(), now).await?;
        tx.commit().await?;
        if row.content != order.content() {
            done.refused.push((order.id.to_string(), changed_content(order)));
            continue;
        }
        let is_new = row.applied_at.is_none() && (order.state == RerunState::Apply || row.rehearsed_at.is_none());
        if !is_new {
            continue;
        }
        // Results of an earlier application are not those of a rehearsal.
        let rehearsed = row.summary.filter(|_| row.rehearsed_at.is_some());
        match run_order(context, order, rehearsed.as_deref(), keep_going).await {
            Ok(ran) if order.state == RerunState::Rehearse => done.rehearsed += u64::from(ran),
            Ok(ran) => done.applied += u64::from(ran),
            Err(error) if error.scope() == Scope::Item => {
                context.store.abandon_claims(WorkKind::Rerun).await?;
                done.refused.push((order.id.to_string(), format!("will be tried again: {error}")));
            }
            Err(error) => return Err(error),
        }
    }
    Ok(done)
}

/// False if it was told to stop before the end, or if another process is at it.
async fn run_order(
    context: &Context,
    order: &RerunOrder,
    rehearsed: Option<&str>,
    keep_going: &(impl Fn() -> bool + Sync),
) -> Result<bool, JobError> {
    let Some(claim) = context.store.claim(WorkKind::Rerun, order.id.as_str()).await? else { return Ok(false) };
    let report = match order.state {
        RerunState::Rehearse => rehearse_all(context, order, keep_going).await?,
        RerunState::Apply => apply_all(context, order, keep_going).await?,
    };
    let Some(report) = report else { return Ok(false) };
    if rehearsed.is_some() {
        // The new report differs from the old one before its digests are noted.
        let mut tx = context.store.write().await?;
        tx.work().confirm(claim).await?;
        tx.reruns().note_report(order.id.as_str(), None).await?;
        tx.commit().await?;
    }
    let digests = write_report(context, &report).await?;
    pause_points::reach("before-a-report-is-noted").await;
    let (mut summary, now) = (report.summary(), context.clock.now());
    if let Some(rehearsed) = rehearsed.filter(|rehearsed| *rehearsed != summary && order.state == RerunState::Apply) {
        tracing::warn!(
            rerun = %order.id,
            "Applying came to something else than the rehearsal: {summary}, not {rehearsed}"
        );
        summary = format!("{summary} (rehearsed: {rehearsed})");
    }
    let mut tx = context.store.write().await?;
    tx.work().settle(claim).await?;
    tx.reruns().note_report(order.id.as_str(), Some(digests)).await?;
    let done = match order.state {
        RerunState::Rehearse => {
            tx.reruns().mark_rehearsed(order.id.as_str(), &summary, now).await?;
            "rehearsed"
        }
        RerunState::Apply => {
            tx.reruns().mark_applied(order.id.as_str(), &summary, now).await?;
            "applied"
        }
    };
    tx.commit().await?;
    tracing::info!(rerun = %order.id, result = summary, "Rerun {done}");
    Ok(true)
}

fn changed_content(order: &RerunOrder) -> String {
    format!(
        "rerun {:?} was asked for before with other content: nothing was done. Give the changed one a new id, or put \
         the old content back",
        order.id.as_str()
    )
}

/// `None` if it was told to stop before the end.
async fn rehearse_all(
    context: &Context,
    order: &RerunOrder,
    keep_going: &(impl Fn() -> bool + Sync),
) -> Result<Option<Report>, JobError> {
    let work = Applying { context: context.clone(), order: Arc::new(order.clone()) };
    let concerned = concerned(context, order).await?;
    let moved = move_between(context, order, &named(context, order).await?).await?;
    let mut outcomes: Vec<AccountOutcome> = moved.into_iter().map(|prepared| prepared.outcome).collect();
    let done: HashSet<AccountNumber> = outcomes.iter().map(|outcome| outcome.account.clone()).collect();
    let missing = concerned.iter().filter(|(_, number)| !done.contains(number));
    let accounts: Vec<Key> = missing.map(|(account, _)| *account).collect();
    // Tasks: what is under way when this ends is not cut off in the middle of a query.
    let mut prepared = stream::iter(accounts)
        .map(move |account| tokio::spawn(work.clone().compute(account).in_current_span()))
        .buffered(at_once());
    while let Some(prepared) = prepared.next().await {
        outcomes.push(prepared??.outcome);
        if !keep_going() {
            return Ok(None);
        }
    }
    outcomes.sort_by(|a, b| a.account.cmp(&b.account));
    Ok(Some(Report::new(order, outcomes, not_closed(order, &concerned))))
}

/// `None` if it was told to stop before the end.
async fn apply_all(
    context: &Context,
    order: &RerunOrder,
    keep_going: &(impl Fn() -> bool + Sync),
) -> Result<Option<Report>, JobError> {
    let work = Applying { context: context.clone(), order: Arc::new(order.clone()) };
    move_between(context, order, &named(context, order).await?).await?;
    let done = context.store.read().await?.reruns().outcomes(order.id.as_str()).await?;
    let done: HashSet<Key> = done.into_iter().map(|(account, _)| account).collect();
    let concerned = concerned(context, order).await?;
    let mut missing: Vec<Key> = concerned.iter().map(|(account, _)| *account).collect();
    missing.retain(|account| !done.contains(account));
    for when_locked in [WhenLocked::Skip, WhenLocked::Wait] {
        missing = work_through(context, &work, missing, when_locked, keep_going, &mut |_, ()| {}).await?;
    }
    if !keep_going() {
        return Ok(None);
    }
    let outcomes = context.store.read().await?.reruns().outcomes(order.id.as_str()).await?;
    let outcomes = outcomes.into_iter().map(|(_, outcome)| AccountOutcome::from_stored(order.id.as_str(), &outcome));
    Ok(Some(Report::new(order, outcomes.collect::<Result<_, _>>()?, not_closed(order, &concerned))))
}

/// A rerun on its way through the accounts.
#[derive(Clone)]
struct Applying {
    context: Context,
    order: Arc<RerunOrder>,
}

impl AccountWork for Applying {
    type Account = Key;
    type Figures = Prepared;
    type Outcome = ();

    fn key(account: &Key) -> Key {
        *account
    }

    /// Not where another process has done it.
    async fn is_open(&self, tx: &mut Tx, account: &Key) -> Result<bool, StoreError> {
        Ok(!tx.reruns().has_outcome(self.order.id.as_str(), *account).await?)
    }

    async fn compute(self, account: Key) -> Result<Prepared, JobError> {
        Ok(prepare(&self.context, &self.order, account).await?)
    }

    async fn store(&self, tx: &mut Tx, account: &Key, prepared: Prepared) -> Result<(), JobError> {
        Ok(prepared.store(&self.context, tx, &self.order, *account).await?)
    }
}

/// The accounts that the rerun names, closed or not.
async fn named(context: &Context, order: &RerunOrder) -> Result<Vec<Key>, JobError> {
    let mut tx = context.store.read().await?;
    let mut named = Vec::with_capacity(order.accounts.len());
    for account in &order.accounts {
        named.extend(tx.accounts().account_key(account).await?);
    }
    named.sort_unstable();
    named.dedup();
    Ok(named)
}

/// The accounts that the rerun is about: those it names, or all whose month has closed.
async fn concerned(context: &Context, order: &RerunOrder) -> Result<Vec<(Key, AccountNumber)>, JobError> {
    let mut tx = context.store.read().await?;
    let mut closed = Vec::new();
    for (key, number) in tx.reruns().accounts_closed(order.period).await? {
        if let Ok(number) = number.parse::<AccountNumber>()
            && (order.accounts.is_empty() || order.accounts.contains(&number))
        {
            closed.push((key, number));
        }
    }
    Ok(closed)
}

/// The named accounts that cannot be rerun: their month has not closed, or they do not exist.
fn not_closed(order: &RerunOrder, concerned: &[(Key, AccountNumber)]) -> Vec<AccountNumber> {
    let is_closed = |account: &&AccountNumber| concerned.iter().any(|(_, closed)| closed == *account);
    order.accounts.iter().filter(|account| !is_closed(account)).cloned().collect()
}
