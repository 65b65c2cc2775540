//! Rolling: an account's oldest months leave the archive once the newest are there, verified.
//!
//! Only what is certain leaves. One month per account and round is the pace of the calendar; more at once means that
//! a clock, or a setting, has changed, and waits for a person. The decision stands in the database before the first
//! object goes, the manifest goes first, and a death in between is taken up by the next round.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::{StreamExt, TryStreamExt, stream};
use serde::Serialize;

use super::{Context, JobError};
use crate::archive::{FileName, MANIFEST, StatementFolder, verify_statement};
use crate::domain::{AccountNumber, Period};
use crate::mail::Transport;
use crate::store::{AgedStatement, Deleted, ExpiryHold, Key};

/// Months of one account that may leave in one round without being asked about.
const MONTHS_AT_ONCE: usize = 1;
/// How long a month waits for its own mail to be sent.
const MAIL_PATIENCE: TimeDelta = TimeDelta::days(3);
/// The daemon reads an account's newer months again no sooner than this after it found them damaged.
const RECHECK: TimeDelta = TimeDelta::hours(6);
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
}

/// Why an account's months stay.
struct Obstacle {
    reason: &'static str,
    detail: String,
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
    if expiry != Expiry::DryRun {
        release_stale(context, &holds, &accounts).await?;
    }
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
            Some(obstacle) => hold_account(context, expiry, account, &statements, obstacle, &mut report).await?,
            None if !go_on => {}
            None if expiry == Expiry::DryRun => foretell(context, &statements, &mut report).await?,
            None => {
                let expired = let_go(context, statements).await?;
                delete_objects(context, expired, &mut report).await?;
            }
        }
    }
    Ok(report)
}

/// What stands in the way of an account's outlived months; the cheapest questions first.
async fn judge(
    context: &Context,
    expiry: Expiry,
    statements: &[AgedStatement],
    hold: Option<&ExpiryHold>,
) -> Result<Option<Obstacle>, JobError> {
    let sudden: BTreeSet<_> =
        statements.iter().filter(|statement| !statement.is_straggler).map(|statement| statement.period).collect();
    if sudden.len() > MONTHS_AT_ONCE && expiry != Expiry::Confirmed {
        return Ok(Some(Obstacle {
            reason: "sudden",
            detail: format!(
                "{} months would leave at once, where the calendar lets one go: check the clock and \
                 archive.keep_months, then run \"statementd archive expire --confirm\"",
                sudden.len()
            ),
        }));
    }
    let now = context.clock.now();
    if let Some(unsent) = unsent_mail(context, statements, now).await? {
        return Ok(Some(unsent));
    }
    let account = statements[0].account_key;
    if let Some(hold) = hold.filter(|hold| hold.reason == "damaged" && expiry == Expiry::Rolling)
        && (now - hold.checked_at).abs() < RECHECK
    {
        return Ok(Some(Obstacle { reason: "damaged", detail: hold.detail.clone() }));
    }
    newer_months(context, account, &statements[0].account).await
}

async fn unsent_mail(
    context: &Context,
    statements: &[AgedStatement],
    now: DateTime<Utc>,
) -> Result<Option<Obstacle>, JobError> {
    if matches!(*context.transport, Transport::Off) {
        return Ok(None);
    }
    let patience_ends = now.timestamp().saturating_sub(MAIL_PATIENCE.num_seconds());
    let mut tx = context.store.read().await?;
    for statement in statements {
        let is_young = statement.published_at.is_none_or(|published| published > patience_ends);
        if is_young && tx.mail_in_motion(statement.key).await? > 0 {
            let detail = format!(
                "mail of {} is still to be sent: it leaves once that is done, or 3 days after it was published",
                statement.period
            );
            return Ok(Some(Obstacle { reason: "mail", detail }));
        }
    }
    Ok(None)
}

/// Reads back everything of the months that stay.
async fn newer_months(context: &Context, account: Key, number: &AccountNumber) -> Result<Option<Obstacle>, JobError> {
    let kept = context.store.read().await?.kept_months(account, context.settings.keep_months).await?;
    for month in kept {
        let Some(statement) = month.statement else { continue };
        let Some(sha256) = statement.manifest_sha256 else {
            let detail = format!("the newer {} is not in the archive yet", month.period);
            return Ok(Some(Obstacle { reason: "unpublished", detail }));
        };
        let folder = StatementFolder { period: month.period, account: number.clone(), revision: statement.revision };
        let readback = verify_statement(&context.archive, &folder, &sha256).await?;
        if let Some(finding) = readback.damage().next() {
            let detail = format!(
                "of a newer month, {} is {}: run \"statementd archive restore --period {}\"",
                finding.key, finding.problem, month.period
            );
            return Ok(Some(Obstacle { reason: "damaged", detail }));
        }
    }
    Ok(None)
}

async fn hold_account(
    context: &Context,
    expiry: Expiry,
    account: AccountNumber,
    statements: &[AgedStatement],
    obstacle: Obstacle,
    report: &mut ExpireReport,
) -> Result<(), JobError> {
    let periods: BTreeSet<_> = statements.iter().map(|statement| statement.period).collect();
    if expiry != Expiry::DryRun {
        let mut tx = context.store.write().await?;
        let now = context.clock.now();
        tx.hold_expiry(statements[0].account_key, obstacle.reason, &obstacle.detail, now).await?;
        tx.commit().await?;
    }
    report.held.push(HeldAccount {
        account,
        periods: periods.into_iter().collect(),
        reason: obstacle.reason.into(),
        detail: obstacle.detail,
    });
    Ok(())
}

/// Accounts that were held and have nothing to let go any more, as after a change of `keep_months`.
async fn release_stale(
    context: &Context,
    holds: &[ExpiryHold],
    accounts: &BTreeMap<AccountNumber, Vec<AgedStatement>>,
) -> Result<(), JobError> {
    for hold in holds.iter().filter(|hold| !accounts.contains_key(&hold.account)) {
        let mut tx = context.store.write().await?;
        tx.release_expiry(hold.account_key).await?;
        tx.commit().await?;
    }
    Ok(())
}

/// Writes the decision down; gives the statements that it concerns.
async fn let_go(context: &Context, statements: Vec<AgedStatement>) -> Result<Vec<AgedStatement>, JobError> {
    let mut tx = context.store.write().await?;
    let now = context.clock.now();
    let mut expired = Vec::with_capacity(statements.len());
    for statement in statements {
        tx.release_expiry(statement.account_key).await?;
        if tx.expire_statement(&statement, now).await? {
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
        let folder = folder_of(&statement);
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

async fn foretell(
    context: &Context,
    statements: &[AgedStatement],
    report: &mut ExpireReport,
) -> Result<(), JobError> {
    for statement in statements {
        let (_, there) = own_objects(context, &folder_of(statement)).await?;
        report.note(statement, there);
    }
    Ok(())
}

/// The objects of a folder that this program has written; what others put there stays, for `verify` to name.
async fn own_objects(context: &Context, folder: &StatementFolder) -> Result<(Vec<String>, Deleted), JobError> {
    let mut own = Vec::new();
    let mut total = Deleted { objects: 0, bytes: 0 };
    for (key, size) in context.archive.list(&folder.to_string()).await? {
        if StatementFolder::split(&key).is_some_and(|(of, name)| of == *folder && FileName::is_own(name)) {
            own.push(key);
            total.objects += 1;
            total.bytes += size;
        }
    }
    Ok((own, total))
}

fn folder_of(statement: &AgedStatement) -> StatementFolder {
    StatementFolder { period: statement.period, account: statement.account.clone(), revision: statement.revision }
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
