//! Audit entries: what a job did, and who caused it.

use crate::domain::{AccountNumber, Period};
use crate::jobs::Context;
use crate::store::{NewAuditEntry, StoreError, Tx};

/// What happened to what.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Effect<'a> {
    /// A stable word.
    pub action: &'static str,
    pub account: &'a AccountNumber,
    pub period: Period,
    pub revision: Option<u32>,
    /// For people; holds no name and no address.
    pub detail: Option<&'a str>,
}

/// Writes an effect down, in the transaction that brings it about.
pub(crate) async fn audit(context: &Context, tx: &mut Tx, effect: Effect<'_>) -> Result<(), StoreError> {
    let Effect { action, account, period, revision, detail } = effect;
    let (at, actor) = (context.clock.now(), context.actor.to_string());
    let account = Some(account);
    tx.reports()
        .audit(&NewAuditEntry { at, actor: &actor, action, account, period: Some(period), revision, detail })
        .await
}

/// Like [`audit`], for what concerns no single account or month.
pub(crate) async fn audit_overall(
    context: &Context,
    tx: &mut Tx,
    action: &'static str,
    detail: Option<&str>,
) -> Result<(), StoreError> {
    let (at, actor) = (context.clock.now(), context.actor.to_string());
    tx.reports()
        .audit(&NewAuditEntry { at, actor: &actor, action, account: None, period: None, revision: None, detail })
        .await
}

/// As a detail: how many messages an effect concerned.
pub(crate) fn messages(count: usize) -> String {
    format!("{count} {}", if count == 1 { "message" } else { "messages" })
}
