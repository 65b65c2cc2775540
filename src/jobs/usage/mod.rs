//! Voids wrong usage, and undoes that: all the legs that are named, or none.

use serde::Serialize;

use crate::domain::{AccountNumber, LegId, Period};
use crate::jobs::again::{InTheWay, again_where_in_the_way};
use crate::jobs::{Context, JobError};
use crate::store::{LegFilter, NewAuditEntry, StoreError, Tx, VoidOutcome};

/// What became of the legs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct VoidReport {
    pub legs: Vec<VoidedLegReport>,
    /// Rejected rows with their ids, which may be tried again.
    pub rejected: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct VoidedLegReport {
    pub leg_id: String,
    pub account: AccountNumber,
    /// The closed month that charges it: a revision takes it out, or leaves it in where the void is undone before.
    pub charged_in: Option<Period>,
    /// Brought back after a revision was made without it: usage that comes late.
    pub is_late: bool,
}

/// Why nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum VoidError {
    #[error(transparent)]
    Job(#[from] JobError),
    #[error("{}: no such leg is stored, or it is void already (statementd usage list); nothing was changed", .0.join(", "))]
    Unknown(Vec<String>),
    #[error("{}: no such leg is void (statementd usage list --voided); nothing was changed", .0.join(", "))]
    NotVoid(Vec<String>),
    #[error("{0}: the usage of {1}, which charges it, has been erased (database.keep_usage); nothing was changed")]
    Erased(String, Period),
    #[error("{0}: another leg has this id now: void that one first; nothing was changed")]
    Taken(String),
}

impl InTheWay for VoidError {
    fn was_in_the_way(&self) -> bool {
        matches!(self, Self::Job(error) if error.was_in_the_way())
    }
}

impl From<StoreError> for VoidError {
    fn from(error: StoreError) -> Self {
        Self::Job(error.into())
    }
}

/// Voids the legs; a closed month that charges one gets a revision.
pub async fn void_legs(context: &Context, legs: &[LegId], reason: &str) -> Result<VoidReport, VoidError> {
    again_where_in_the_way(|| try_to_void(context, legs, reason)).await
}

/// Brings voided legs back.
pub async fn restore_legs(context: &Context, legs: &[LegId], reason: Option<&str>) -> Result<VoidReport, VoidError> {
    again_where_in_the_way(|| try_to_restore(context, legs, reason)).await
}

async fn try_to_void(context: &Context, legs: &[LegId], reason: &str) -> Result<VoidReport, VoidError> {
    let (now, actor) = (context.clock.now(), context.actor.to_string());
    let mut tx = context.store.write().await?;
    let (mut report, mut unknown) = (VoidReport::default(), Vec::new());
    tx.work().lock_accounts_of_legs(legs).await?;
    for leg in legs {
        let id = leg.to_string();
        match tx.voids().void_leg(&id, (&actor, reason), now).await? {
            VoidOutcome::Done { account, charged_in } => {
                let detail = format!("leg {id}: {reason}");
                let leg = VoidedLegReport { leg_id: id, account, charged_in, is_late: false };
                note(context, &mut tx, "voided", &leg, &detail).await?;
                report.legs.push(leg);
            }
            VoidOutcome::Erased(period) => return Err(VoidError::Erased(id, period)),
            VoidOutcome::Unknown | VoidOutcome::Taken => unknown.push(id),
        }
    }
    if !unknown.is_empty() {
        return Err(VoidError::Unknown(unknown));
    }
    let ids: Vec<String> = report.legs.iter().map(|leg| leg.leg_id.clone()).collect();
    report.rejected = tx.voids().rejections_about(&ids).await?;
    tx.commit().await?;
    Ok(report)
}

async fn try_to_restore(context: &Context, legs: &[LegId], reason: Option<&str>) -> Result<VoidReport, VoidError> {
    let now = context.clock.now();
    let mut tx = context.store.write().await?;
    let directory = tx.master().directory().await?;
    let (mut report, mut unknown) = (VoidReport::default(), Vec::new());
    tx.work().lock_accounts_of_legs(legs).await?;
    for leg in legs {
        let id = leg.to_string();
        match tx.voids().restore_voided_leg(&id, &directory, now).await? {
            VoidOutcome::Done { account, charged_in } => {
                let reason = reason.map_or(String::new(), |reason| format!(": {reason}"));
                let detail = format!("leg {id}{reason}");
                let leg = VoidedLegReport { leg_id: id, account, charged_in, is_late: false };
                note(context, &mut tx, "unvoided", &leg, &detail).await?;
                report.legs.push(leg);
            }
            VoidOutcome::Erased(period) => return Err(VoidError::Erased(id, period)),
            VoidOutcome::Taken => return Err(VoidError::Taken(id)),
            VoidOutcome::Unknown => unknown.push(id),
        }
    }
    if !unknown.is_empty() {
        return Err(VoidError::NotVoid(unknown));
    }
    let restored = LegFilter { legs: legs.to_vec(), ..LegFilter::default() };
    let listed = tx.voids().listed_legs(&restored, false).await?;
    for leg in &mut report.legs {
        leg.is_late = listed.iter().any(|listed| listed.leg_id == leg.leg_id && listed.state == "late");
    }
    tx.commit().await?;
    Ok(report)
}

async fn note(
    context: &Context,
    tx: &mut Tx,
    action: &'static str,
    leg: &VoidedLegReport,
    detail: &str,
) -> Result<(), StoreError> {
    let (at, actor) = (context.clock.now(), context.actor.to_string());
    let (account, period, detail) = (Some(&leg.account), leg.charged_in, Some(detail));
    tx.reports().audit(&NewAuditEntry { at, actor: &actor, action, account, period, revision: None, detail }).await
}
