//! What keeps a month that should leave in the archive.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};

use crate::archive::{StatementFolder, verify_statement};
use crate::domain::{AccountNumber, StatementId};
use crate::jobs::{Context, JobError};
use crate::mail::Transport;
use crate::store::{AgedStatement, ExpiryHold, Key};

/// Months of one account that may leave in one round without being asked about.
const MONTHS_AT_ONCE: usize = 1;
/// How long a month waits for its own mail to be sent.
const MAIL_PATIENCE: TimeDelta = TimeDelta::days(3);
/// The daemon reads an account's newer months again no sooner than this after it found them damaged.
pub(crate) const RECHECK: TimeDelta = TimeDelta::hours(6);

/// Who asks for the expiry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expiry {
    /// The daemon, again and again.
    Rolling,
    /// A person, now.
    Asked,
    /// A person who confirms that several months of an account leave at once.
    Confirmed,
    /// A dry run: what would leave.
    DryRun,
}

/// Why an account's months stay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ExpiryObstacle {
    pub reason: Reason,
    pub detail: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reason {
    /// More than one month at once.
    Sudden,
    /// Its own mail is under way.
    Mail,
    /// A newer month is not in the archive yet.
    Unpublished,
    /// A newer month is damaged.
    Damaged,
    /// The store refuses to delete.
    Undeletable,
}

impl Reason {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Sudden => "sudden",
            Self::Mail => "mail",
            Self::Unpublished => "unpublished",
            Self::Damaged => "damaged",
            Self::Undeletable => "undeletable",
        }
    }

    /// Whether a person has to act; the others pass by themselves.
    pub(crate) fn is_for_people(self) -> bool {
        matches!(self, Self::Sudden | Self::Damaged | Self::Undeletable)
    }
}

/// What keeps an account's months in the archive past their retention; the cheapest questions first.
pub(crate) async fn judge(
    context: &Context,
    expiry: Expiry,
    statements: &[AgedStatement],
    hold: Option<&ExpiryHold>,
) -> Result<Option<ExpiryObstacle>, JobError> {
    let sudden: BTreeSet<_> =
        statements.iter().filter(|statement| !statement.is_straggler).map(|statement| statement.period).collect();
    if sudden.len() > MONTHS_AT_ONCE && expiry != Expiry::Confirmed {
        return Ok(Some(ExpiryObstacle {
            reason: Reason::Sudden,
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
    if let Some(hold) = hold.filter(|hold| hold.reason == Reason::Damaged.as_str() && expiry == Expiry::Rolling)
        && (now - hold.checked_at).abs() < RECHECK
    {
        return Ok(Some(ExpiryObstacle { reason: Reason::Damaged, detail: hold.detail.clone() }));
    }
    newer_months(context, account, &statements[0].account).await
}

async fn unsent_mail(
    context: &Context,
    statements: &[AgedStatement],
    now: DateTime<Utc>,
) -> Result<Option<ExpiryObstacle>, JobError> {
    if matches!(*context.transport, Transport::Off) {
        return Ok(None);
    }
    let patience_ends = now.timestamp().saturating_sub(MAIL_PATIENCE.num_seconds());
    let mut tx = context.store.read().await?;
    for statement in statements {
        let is_young = statement.published_at.is_none_or(|published| published > patience_ends);
        if is_young && tx.retention().mail_in_motion(statement.key).await? > 0 {
            let detail = format!(
                "mail of {} is still to be sent: it leaves once that is done, or 3 days after it was published",
                statement.period
            );
            return Ok(Some(ExpiryObstacle { reason: Reason::Mail, detail }));
        }
    }
    Ok(None)
}

/// Reads back everything of the months that stay.
async fn newer_months(
    context: &Context,
    account: Key,
    number: &AccountNumber,
) -> Result<Option<ExpiryObstacle>, JobError> {
    let kept = context.store.read().await?.retention().kept_months(account, context.settings.keep_months).await?;
    for month in kept {
        let Some(statement) = month.statement else { continue };
        let Some(sha256) = statement.manifest_sha256 else {
            let detail = format!("the newer {} is not in the archive yet", month.period);
            return Ok(Some(ExpiryObstacle { reason: Reason::Unpublished, detail }));
        };
        let id = StatementId { period: month.period, account: number.clone(), revision: statement.revision };
        let folder = StatementFolder::from(id);
        let readback = verify_statement(&context.archive, &folder, sha256).await?;
        if let Some(finding) = readback.damage().next() {
            let detail = format!(
                "of a newer month, {} is {}: run \"statementd archive restore --period {}\"",
                finding.key, finding.problem, month.period
            );
            return Ok(Some(ExpiryObstacle { reason: Reason::Damaged, detail }));
        }
    }
    Ok(None)
}
