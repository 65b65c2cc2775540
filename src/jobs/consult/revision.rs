//! A revised statement because of codes: what it would change, and the request for it.

use chrono::TimeDelta;

use crate::domain::{Period, Statement};
use crate::jobs::close::due::DueRule;
use crate::jobs::close::revise::{Revision, compute_revision};
use crate::jobs::close::revise_closed;
use crate::jobs::consult::codes::begin_locked;
use crate::jobs::{Actor, CloseReport, Context, JobError, Selection, publish_pending};
use crate::store::{AccountAccess, CodeRevision, NewAuditEntry};

/// A month gets one revision an hour on request.
const ONE_PER: TimeDelta = TimeDelta::hours(1);

/// Whether a revised statement can be made, and the obstacle if not.
#[derive(Debug, Clone)]
pub enum RevisionOffer {
    /// With what changes.
    Possible(Box<Statement>),
    /// One was made less than an hour ago.
    TooSoon,
    /// It would show what the current one shows.
    NothingToRevise,
    /// Already asked for.
    UnderWay,
    /// There is an obstacle, which the operator sees.
    Blocked,
    /// There is no statement.
    NotFound,
    Busy,
}

/// What a revised statement would change.
pub async fn offered_revision(
    context: &Context,
    access: &AccountAccess,
    period: Period,
) -> Result<RevisionOffer, JobError> {
    let mut tx = context.store.read().await?;
    let account = access.account_key();
    let Some(current) = tx.statements().current_revision(account, period).await? else {
        return Ok(RevisionOffer::NotFound);
    };
    if tx.portal().awaits_approval(current.key).await? {
        return Ok(RevisionOffer::NotFound);
    }
    let codes = tx.codes().code_revision(account, period).await?;
    if let Some(refusal) = refusal(context, codes) {
        return Ok(refusal);
    }
    let bounds = tx.closings().period_bounds(account, period).await?;
    Ok(match compute_revision(&mut tx, account, bounds).await? {
        Revision::New { after, .. } => RevisionOffer::Possible(after),
        Revision::Unchanged(_) => RevisionOffer::NothingToRevise,
        Revision::Blocked(_) => RevisionOffer::Blocked,
    })
}

fn refusal(context: &Context, codes: CodeRevision) -> Option<RevisionOffer> {
    if codes.changed_at.is_none() {
        return Some(RevisionOffer::NothingToRevise);
    }
    if codes.asked_at.is_some() {
        return Some(RevisionOffer::UnderWay);
    }
    let is_soon = codes.made_at.is_some_and(|made| context.clock.now() - made < ONE_PER);
    is_soon.then_some(RevisionOffer::TooSoon)
}

/// Notes that a revision is wanted: the process that closes months makes it, also after a crash. `None` if it is
/// noted.
pub async fn ask_for_revision(
    context: &Context,
    access: &AccountAccess,
    period: Period,
) -> Result<Option<RevisionOffer>, JobError> {
    let Some(mut tx) = begin_locked(&context.store, access).await? else { return Ok(Some(RevisionOffer::Busy)) };
    let (account, now) = (access.account_key(), context.clock.now());
    let codes = tx.codes().code_revision(account, period).await?;
    if let Some(refusal) = refusal(context, codes) {
        return Ok(Some(refusal));
    }
    tx.codes().ask_for_revision(account, period, now).await?;
    let actor = Actor::Online { is_owner: true }.to_string();
    let entry = NewAuditEntry {
        at: now,
        actor: &actor,
        action: "revision asked for",
        account: Some(access.number()),
        period: Some(period),
        revision: None,
        detail: None,
    };
    tx.reports().audit(&entry).await?;
    tx.commit().await?;
    Ok(None)
}

/// Makes the revisions that were asked for of an account, and publishes them.
pub async fn make_asked_revisions(context: &Context, access: &AccountAccess) -> Result<(), JobError> {
    let _lock = context.store.lock_closing().await?;
    let rule = DueRule { grace: context.settings.grace, revise_at_once: false, schedule: None };
    let selection = Selection { through: None, accounts: vec![access.number().clone()] };
    revise_closed(context, &rule, &selection, &mut CloseReport::default(), &|| true).await?;
    publish_pending(context, &|| true).await?;
    Ok(())
}
