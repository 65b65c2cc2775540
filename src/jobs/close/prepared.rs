//! A new revision with its messages, ready to be stored. It is packed and judged outside the transaction that writes
//! it, since SQLite has only one of those at a time.

use chrono::{DateTime, Utc};

use crate::billing::shown_sha256;
use crate::domain::{AccountNumber, Period, Statement};
use crate::jobs::Context;
use crate::jobs::audit::{Effect, audit};
use crate::jobs::close::safety_bounds::reason_to_hold;
use crate::store::{FrozenStatement, Key, NewDelivery, StatementKey, StoreError, Tx};

pub(crate) struct ReadyStatement {
    frozen: FrozenStatement,
    messages: RevisionMessages,
}

/// Messages that bring one revision.
pub(crate) struct RevisionMessages {
    account: AccountNumber,
    period: Period,
    revision: u32,
    deliveries: Vec<NewDelivery>,
    /// Why they wait for approval, if they do.
    held: Option<String>,
}

impl ReadyStatement {
    pub(crate) fn new(
        context: &Context,
        statement: &Statement,
        deliveries: Vec<NewDelivery>,
    ) -> Result<Self, StoreError> {
        let frozen = FrozenStatement::of(statement, shown_sha256(statement))?;
        Ok(Self { frozen, messages: RevisionMessages::new(context, statement, deliveries) })
    }

    pub(crate) async fn store(
        &self,
        context: &Context,
        tx: &mut Tx,
        account: Key,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let key = tx.closings().insert_statement(account, &self.frozen).await?;
        self.messages.queue(context, tx, key, now).await
    }

    pub(crate) fn messages(&self) -> &RevisionMessages {
        &self.messages
    }
}

impl RevisionMessages {
    pub(crate) fn new(context: &Context, statement: &Statement, deliveries: Vec<NewDelivery>) -> Self {
        Self {
            account: statement.account.number.clone(),
            period: statement.period.id,
            revision: statement.revision,
            held: reason_to_hold(context, statement),
            deliveries,
        }
    }

    pub(crate) fn period(&self) -> Period {
        self.period
    }

    pub(crate) fn revision(&self) -> u32 {
        self.revision
    }

    pub(crate) fn len(&self) -> usize {
        self.deliveries.len()
    }

    /// Whether they wait for `[[approve]]`.
    pub(crate) fn await_approval(&self) -> bool {
        self.held.is_some()
    }

    /// How many wait for `[[approve]]`.
    pub(crate) fn held(&self) -> u64 {
        if self.await_approval() { self.deliveries.len() as u64 } else { 0 }
    }

    /// The audit entry of the revision that the messages bring.
    pub(crate) fn effect<'a>(&'a self, action: &'static str, detail: Option<&'a str>) -> Effect<'a> {
        Effect { action, account: &self.account, period: self.period, revision: Some(self.revision), detail }
    }

    /// Queues the messages, or holds them if the charge is beyond the safety bounds.
    pub(crate) async fn queue(
        &self,
        context: &Context,
        tx: &mut Tx,
        key: StatementKey,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let held = self.held.as_deref();
        tx.closings().insert_deliveries(key, &self.deliveries, held, now).await?;
        if held.is_some() && !self.deliveries.is_empty() {
            audit(context, tx, self.effect("held", held)).await?;
        }
        Ok(())
    }
}
