//! Expiry: an account's oldest months are removed from the archive once the newest are there, verified.
//!
//! Only what is certain leaves. One month per account and round is the pace of the calendar; more at once means that
//! a clock, or a setting, has changed, and waits for a person. The decision is in the database before the first
//! object goes, the manifest goes first, and a death in between is taken up by the next round.
//!
//! The decision and the claim on the statement's folder are one transaction. A statement that another process works
//! on, as one that publishes or restores it, is passed over, and leaves in a later round.

mod obstacle;

use std::collections::{BTreeMap, BTreeSet};

use futures_util::{StreamExt, TryStreamExt, stream};
use serde::Serialize;

use crate::archive::{ArchiveError, MANIFEST, StatementFolder, is_own_file};
use crate::domain::{AccountNumber, Period};
use crate::jobs::audit::{Effect, audit};
use crate::jobs::publish::statement_files::still_held;
use crate::jobs::{Context, JobError};
use crate::pause_points;
use crate::store::{AgedStatement, Deleted, ExpiryHold, Key, StatementKey, StoreError, WorkClaim};
pub use obstacle::Expiry;
use obstacle::{ExpiryObstacle, RECHECK, Reason, judge};

/// Accounts whose newer months are read at once.
const ACCOUNTS_AT_ONCE: usize = 8;

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ExpireReport {
    /// Ordered by account and period.
    pub expired: Vec<ExpiredMonth>,
    /// Ordered by account.
    pub held: Vec<HeldAccount>,
}

/// A month of an account that left, or in a dry run would leave.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ExpiredMonth {
    pub account: AccountNumber,
    pub period: Period,
    pub objects: u64,
    pub bytes: u64,
}

/// An account whose older months stay for now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HeldAccount {
    pub account: AccountNumber,
    pub periods: Vec<Period>,
    /// `sudden`, `mail`, `unpublished`, `damaged` or `undeletable`.
    pub reason: String,
    /// What to do.
    pub detail: String,
    /// True if a person has to act and has not been told yet.
    #[serde(skip)]
    pub is_news: bool,
}

/// Expires what is older than each account's newest `keep_months` closed months.
pub async fn expire_past_retention(
    context: &Context,
    expiry: Expiry,
    keep_going: &(impl Fn() -> bool + Sync),
) -> Result<ExpireReport, JobError> {
    let mut report = ExpireReport::default();
    let mut undeletable = match expiry {
        Expiry::DryRun => Vec::new(),
        _ => delete_what_has_left(context, &mut report).await?,
    };
    let mut tx = context.store.read().await?;
    let due = tx.retention().statements_past_retention(context.settings.keep_months).await?;
    let holds = tx.retention().expiry_holds().await?;
    drop(tx);
    let mut accounts = BTreeMap::<AccountNumber, Vec<AgedStatement>>::new();
    for statement in due {
        accounts.entry(statement.account.clone()).or_default().push(statement);
    }
    let mut accounts_with_old_months: BTreeSet<_> = accounts.keys().cloned().collect();
    let mut notes = Vec::new();
    let judged = stream::iter(accounts).map(|(account, statements)| {
        let hold = holds.iter().find(|hold| hold.account == account);
        async move {
            let obstacle = if keep_going() { judge(context, expiry, &statements, hold).await? } else { None };
            Ok::<_, JobError>((account, statements, obstacle, keep_going()))
        }
    });
    let mut judged = judged.buffered(ACCOUNTS_AT_ONCE);
    while let Some((account, statements, obstacle, go_on)) = judged.try_next().await? {
        match obstacle {
            Some(obstacle) => {
                let known = holds.iter().find(|hold| hold.account == account);
                report.held.push(HeldAccount::new(account, &statements, &obstacle, known));
                notes.push((statements[0].account_key, obstacle));
            }
            None if !go_on => {}
            None if expiry == Expiry::DryRun => dry_run(context, &statements, &mut report).await?,
            None => {
                let expired = expire_statements(context, statements).await?;
                undeletable.extend(delete_objects(context, expired, &mut report).await?);
            }
        }
    }
    drop(judged);
    for (statement, obstacle) in undeletable {
        let known = holds.iter().find(|hold| hold.account == statement.account);
        accounts_with_old_months.insert(statement.account.clone());
        notes.push((statement.account_key, obstacle.clone()));
        report.held.push(HeldAccount::new(statement.account.clone(), &[statement], &obstacle, known));
    }
    if expiry != Expiry::DryRun {
        let gone = holds.iter().filter(|hold| !accounts_with_old_months.contains(&hold.account));
        note_holds(context, &holds, gone.map(|hold| hold.account_key), notes).await?;
    }
    Ok(report)
}

/// Deletes the objects of what expired before and could not be deleted then.
async fn delete_what_has_left(
    context: &Context,
    report: &mut ExpireReport,
) -> Result<Vec<(AgedStatement, ExpiryObstacle)>, JobError> {
    let leaving = context.store.read().await?.retention().leaving_statements().await?;
    let keys: Vec<_> = leaving.iter().map(|statement| statement.key).collect();
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    let (tx, claims) = context.store.claim_folders(&keys).await?;
    tx.commit().await?;
    delete_objects(context, claimed_of(leaving, &claims), report).await
}

/// Updates the list of holds that people have to look at: `gone` have nothing left to expire.
async fn note_holds(
    context: &Context,
    known: &[ExpiryHold],
    gone: impl Iterator<Item = Key>,
    notes: Vec<(Key, ExpiryObstacle)>,
) -> Result<(), JobError> {
    let now = context.clock.now();
    let is_known = |key: &Key, obstacle: &ExpiryObstacle| {
        known.iter().any(|hold| {
            // What was found damaged is looked at again when its time has come, so its time must be noted.
            let is_fresh = obstacle.reason == Reason::Damaged && (now - hold.checked_at).abs() >= RECHECK;
            hold.account_key == *key && hold.detail == obstacle.detail && !is_fresh
        })
    };
    let passing = |(key, obstacle): &(Key, ExpiryObstacle)| {
        !obstacle.reason.is_for_people() && known.iter().any(|hold| hold.account_key == *key)
    };
    let mut released: Vec<Key> = gone.collect();
    released.extend(notes.iter().filter(|note| passing(note)).map(|(key, _)| *key));
    let to_write: Vec<_> = notes
        .into_iter()
        .filter(|(key, obstacle)| obstacle.reason.is_for_people() && !is_known(key, obstacle))
        .collect();
    if released.is_empty() && to_write.is_empty() {
        return Ok(());
    }
    let mut tx = context.store.write().await?;
    for key in released {
        tx.retention().release_expiry(key).await?;
    }
    for (key, obstacle) in to_write {
        tx.retention().hold_expiry(key, obstacle.reason.as_str(), &obstacle.detail, now).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// Writes the decision down; returns the statements that it concerns, claimed.
async fn expire_statements(
    context: &Context,
    statements: Vec<AgedStatement>,
) -> Result<Vec<(AgedStatement, WorkClaim)>, JobError> {
    let keys: Vec<_> = statements.iter().map(|statement| statement.key).collect();
    let (mut tx, claims) = context.store.claim_folders(&keys).await?;
    let now = context.clock.now();
    let mut expired = Vec::with_capacity(statements.len());
    for (statement, claim) in claimed_of(statements, &claims) {
        tx.retention().release_expiry(statement.account_key).await?;
        if tx.retention().expire_statement(&statement, now).await? {
            let (account, period, revision) = (&statement.account, statement.period, Some(statement.revision));
            let effect = Effect { action: "expired", account, period, revision, detail: None };
            audit(context, &mut tx, effect).await?;
            expired.push((statement, claim));
        } else {
            // Another process was faster, and has finished.
            tx.work().settle(claim).await?;
        }
    }
    tx.commit().await?;
    Ok(expired)
}

/// The statements that were claimed, each with its claim.
fn claimed_of(
    statements: Vec<AgedStatement>,
    claims: &[(StatementKey, WorkClaim)],
) -> Vec<(AgedStatement, WorkClaim)> {
    let of = |key: StatementKey| claims.iter().find(|(claimed, _)| *claimed == key).map(|(_, claim)| *claim);
    statements.into_iter().filter_map(|statement| of(statement.key).map(|claim| (statement, claim))).collect()
}

/// Deletes what has expired: own objects only, each statement's manifest first. Returns the first statement of each
/// account that the store refuses to delete; the next round tries again.
async fn delete_objects(
    context: &Context,
    statements: Vec<(AgedStatement, WorkClaim)>,
    report: &mut ExpireReport,
) -> Result<Vec<(AgedStatement, ExpiryObstacle)>, JobError> {
    pause_points::reach("before-objects-are-deleted").await;
    let mut refused: Vec<(AgedStatement, ExpiryObstacle)> = Vec::new();
    for (statement, claim) in statements {
        if refused.iter().any(|(before, _)| before.account == statement.account) {
            continue;
        }
        let folder = StatementFolder::from(statement.id());
        if still_held(context, claim).is_err() {
            // This process was silent for too long: what is left is taken up by the next round, here or elsewhere.
            return Ok(refused);
        }
        let (own, deleted) = own_objects(context, &folder).await?;
        // First, since the last file to go takes the empty folder with it.
        context.archive.sweep(&folder.rooms()).await?;
        context.archive.sweep(&folder.to_string()).await?;
        let deletion = match context.archive.delete(&folder.key(MANIFEST)).await {
            Ok(()) => context.archive.delete_all(&own).await,
            Err(error) => Err(error),
        };
        match deletion {
            Ok(()) => context.archive.remove_empty(&folder.rooms()).await?,
            Err(error @ ArchiveError::MayNotDelete { .. }) => {
                let detail =
                    format!("{error}. Allow it (s3:DeleteObject, on S3; no object lock), or delete them by hand");
                refused.push((statement, ExpiryObstacle { reason: Reason::Undeletable, detail }));
                continue;
            }
            Err(error) => return Err(error.into()),
        }
        let mut tx = context.store.write().await?;
        match tx.work().settle(claim).await {
            Err(StoreError::ClaimLost) => {
                tx.roll_back().await?;
                return Ok(refused);
            }
            settled => settled?,
        }
        tx.retention().mark_deleted(&statement, deleted, context.clock.now()).await?;
        tx.commit().await?;
        tracing::info!(account = %statement.account, period = %statement.period, revision = statement.revision,
            objects = deleted.objects, "A statement has left the archive");
        report.note(&statement, deleted);
    }
    Ok(refused)
}

async fn dry_run(context: &Context, statements: &[AgedStatement], report: &mut ExpireReport) -> Result<(), JobError> {
    for statement in statements {
        let (_, there) = own_objects(context, &statement.id().into()).await?;
        report.note(statement, there);
    }
    Ok(())
}

/// The objects of a folder that this program has written; what others put there stays, for `verify` to name.
async fn own_objects(context: &Context, folder: &StatementFolder) -> Result<(Vec<String>, Deleted), JobError> {
    let mut own = Vec::new();
    let mut total = Deleted { objects: 0, bytes: 0 };
    for (key, size) in context.archive.list(&folder.to_string()).await? {
        if StatementFolder::split(&key).is_some_and(|(of, name)| of == *folder && is_own_file(name)) {
            own.push(key);
            total.objects += 1;
            total.bytes += size;
        }
    }
    Ok((own, total))
}

impl HeldAccount {
    fn new(
        account: AccountNumber,
        statements: &[AgedStatement],
        obstacle: &ExpiryObstacle,
        known: Option<&ExpiryHold>,
    ) -> Self {
        let periods: BTreeSet<_> = statements.iter().map(|statement| statement.period).collect();
        let reason = obstacle.reason.as_str();
        Self {
            account,
            periods: periods.into_iter().collect(),
            reason: reason.into(),
            detail: obstacle.detail.clone(),
            is_news: obstacle.reason.is_for_people() && known.is_none_or(|hold| hold.reason != reason),
        }
    }
}

impl ExpireReport {
    fn note(&mut self, statement: &AgedStatement, objects: Deleted) {
        let last = self
            .expired
            .last_mut()
            .filter(|last| last.account == statement.account && last.period == statement.period);
        match last {
            Some(month) => {
                month.objects += objects.objects;
                month.bytes += objects.bytes;
            }
            None => self.expired.push(ExpiredMonth {
                account: statement.account.clone(),
                period: statement.period,
                objects: objects.objects,
                bytes: objects.bytes,
            }),
        }
    }
}
