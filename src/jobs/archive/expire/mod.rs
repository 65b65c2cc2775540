//! Rolling: an account's oldest months leave the archive once the newest are there, verified.
//!
//! Only what is certain leaves. One month per account and round is the pace of the calendar; more at once means that
//! a clock, or a setting, has changed, and waits for a person. The decision stands in the database before the first
//! object goes, the manifest goes first, and a death in between is taken up by the next round.

mod obstacle;

use std::collections::{BTreeMap, BTreeSet};

use futures_util::{StreamExt, TryStreamExt, stream};
use serde::Serialize;

use crate::archive::{MANIFEST, StatementFolder, is_own_file};
use crate::domain::{AccountNumber, Period};
use crate::jobs::audit::{Effect, audit};
use crate::jobs::{Context, JobError};
use crate::store::{AgedStatement, Deleted, ExpiryHold, Key};
use obstacle::{Obstacle, RECHECK, Reason, judge};

/// Accounts whose newer months are read at once.
const ACCOUNTS_AT_ONCE: usize = 8;

/// Who wants months to leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expiry {
    /// The daemon, again and again.
    Rolling,
    /// A person, now.
    Asked,
    /// A person who wants several months of an account to leave at once.
    Confirmed,
    /// A person who wants to know what would leave.
    DryRun,
}

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
    /// `sudden`, `mail`, `unpublished` or `damaged`.
    pub reason: String,
    /// What to do.
    pub detail: String,
    /// A person has to act, and has not been told yet.
    #[serde(skip)]
    pub is_news: bool,
}

/// Lets go what is older than each account's newest `keep_months` closed months.
pub async fn expire_outlived(
    context: &Context,
    expiry: Expiry,
    keep_going: &(impl Fn() -> bool + Sync),
) -> Result<ExpireReport, JobError> {
    let mut report = ExpireReport::default();
    if expiry != Expiry::DryRun {
        let leaving = context.store.read().await?.leaving_statements().await?;
        delete_objects(context, leaving, &mut report).await?;
    }
    let mut tx = context.store.read().await?;
    let outlived = tx.outlived_statements(context.settings.keep_months).await?;
    let holds = tx.expiry_holds().await?;
    drop(tx);
    let mut accounts = BTreeMap::<AccountNumber, Vec<AgedStatement>>::new();
    for statement in outlived {
        accounts.entry(statement.account.clone()).or_default().push(statement);
    }
    let outlived_accounts: BTreeSet<_> = accounts.keys().cloned().collect();
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
                delete_objects(context, expired, &mut report).await?;
            }
        }
    }
    drop(judged);
    if expiry != Expiry::DryRun {
        let gone = holds.iter().filter(|hold| !outlived_accounts.contains(&hold.account));
        note_holds(context, &holds, gone.map(|hold| hold.account_key), notes).await?;
    }
    Ok(report)
}

/// Keeps the list of holds that people have to look at: `gone` have nothing to let go any more.
async fn note_holds(
    context: &Context,
    known: &[ExpiryHold],
    gone: impl Iterator<Item = Key>,
    notes: Vec<(Key, Obstacle)>,
) -> Result<(), JobError> {
    let now = context.clock.now();
    let is_known = |key: &Key, obstacle: &Obstacle| {
        known.iter().any(|hold| {
            // What was found damaged is looked at again when its time has come, so its time must stand.
            let is_fresh = obstacle.reason == Reason::Damaged && (now - hold.checked_at).abs() >= RECHECK;
            hold.account_key == *key && hold.detail == obstacle.detail && !is_fresh
        })
    };
    let passing = |(key, obstacle): &(Key, Obstacle)| {
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
        tx.release_expiry(key).await?;
    }
    for (key, obstacle) in to_write {
        tx.hold_expiry(key, obstacle.reason.as_str(), &obstacle.detail, now).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// Writes the decision down; gives the statements that it concerns.
async fn expire_statements(
    context: &Context,
    statements: Vec<AgedStatement>,
) -> Result<Vec<AgedStatement>, JobError> {
    let mut tx = context.store.write().await?;
    let now = context.clock.now();
    let mut expired = Vec::with_capacity(statements.len());
    for statement in statements {
        tx.release_expiry(statement.account_key).await?;
        if tx.expire_statement(&statement, now).await? {
            let (account, period, revision) = (&statement.account, statement.period, Some(statement.revision));
            let effect = Effect { action: "expired", account, period, revision, detail: None };
            audit(context, &mut tx, effect).await?;
            expired.push(statement);
        }
    }
    tx.commit().await?;
    Ok(expired)
}

/// Deletes what was let go: own objects only, each statement's manifest first.
async fn delete_objects(
    context: &Context,
    statements: Vec<AgedStatement>,
    report: &mut ExpireReport,
) -> Result<(), JobError> {
    for statement in statements {
        let folder = StatementFolder::from(statement.id());
        let (own, deleted) = own_objects(context, &folder).await?;
        // First, since the last file to go takes the empty folder with it.
        context.archive.sweep(&folder.rooms()).await?;
        context.archive.sweep(&folder.to_string()).await?;
        context.archive.delete(&folder.key(MANIFEST)).await?;
        context.archive.delete_all(&own).await?;
        let mut tx = context.store.write().await?;
        tx.mark_deleted(&statement, deleted, context.clock.now()).await?;
        tx.commit().await?;
        tracing::info!(account = %statement.account, period = %statement.period, revision = statement.revision,
            objects = deleted.objects, "A statement has left the archive");
        report.note(&statement, deleted);
    }
    Ok(())
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
        obstacle: &Obstacle,
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
