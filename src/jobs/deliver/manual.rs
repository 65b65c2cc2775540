//! What a person can do with deliveries: retry, hold, release, dismiss.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use crate::domain::EmailAddress;
use crate::jobs::audit::{Effect, audit, messages};
use crate::jobs::deliver::readdress::{Address, address_of_now, addressed_to};
use crate::jobs::{Context, JobError, known_account};
use crate::store::{Delivery, DeliveryFilter, DeliveryState, StoreError, Tx};

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MailOrder {
    /// Try now what is deferred or bounced, at the reader's address of now or at `to`; what is unknown only if it was
    /// asked for by that state or by its id, since its recipient may get it twice.
    Retry { to: Option<EmailAddress> },
    /// Do not send what has not been sent.
    Hold,
    /// Send now what is held, except what waits for `[[approve]]`: that is never released in bulk.
    Release,
    /// Settles what bounced, is held or may have arrived and is no longer needed, for example because its reader is
    /// gone. Only a retry by its id brings it back.
    Dismiss,
}

/// What an order did.
#[derive(Debug, Clone, Default)]
pub struct OrderReport {
    pub moved: Vec<Delivery>,
    /// Of those, how many go to another address than before.
    pub readdressed: usize,
    /// Chosen, but in a state that the order is not for.
    pub left: Vec<Delivery>,
    /// Left since they wait for `[[approve]]`.
    pub awaiting_approval: usize,
    /// Left since their reader's address is no longer in the master data, and which one is meant is not clear.
    pub without_address: usize,
}

enum ManualOutcome {
    Moved,
    Readdressed,
    Left,
    AwaitsApproval,
    WithoutAddress,
}

/// Carries out an order on the chosen deliveries.
pub async fn order_mail(
    context: &Context,
    chosen: &DeliveryFilter,
    order: MailOrder,
) -> Result<OrderReport, JobError> {
    let mut report = OrderReport::default();
    let mut tx = context.store.write().await?;
    if let Some(account) = &chosen.account {
        known_account(&mut tx, account).await?;
    }
    for delivery in tx.deliveries().list(chosen).await? {
        let outcome = if order.is_for(&delivery, chosen) {
            carry_out(context, &mut tx, &order, &delivery).await?
        } else if order == MailOrder::Release && delivery.awaits_approval {
            ManualOutcome::AwaitsApproval
        } else {
            ManualOutcome::Left
        };
        report.note(delivery, &outcome);
    }
    audit_moved(context, &mut tx, &order, &report.moved).await?;
    tx.commit().await?;
    Ok(report)
}

async fn carry_out(
    context: &Context,
    tx: &mut Tx,
    order: &MailOrder,
    delivery: &Delivery,
) -> Result<ManualOutcome, StoreError> {
    let now = context.clock.now();
    let address = match order {
        MailOrder::Hold => return move_to(tx, delivery, DeliveryState::Held, None, now).await,
        MailOrder::Dismiss => {
            let dismissed = tx.deliveries().dismiss(delivery.key, delivery.state, now).await?;
            return Ok(if dismissed { ManualOutcome::Moved } else { ManualOutcome::Left });
        }
        MailOrder::Release => Address::Unchanged,
        MailOrder::Retry { to: Some(to) } => addressed_to(context, tx, delivery, to).await?,
        MailOrder::Retry { to: None } => address_of_now(context, tx, delivery).await?,
    };
    match address {
        Address::Unchanged => move_to(tx, delivery, DeliveryState::Queued, Some(now), now).await,
        Address::New(new) => {
            let message_id = new.message_id.clone();
            tx.closings().insert_deliveries(delivery.statement, &[*new], None, now).await?;
            tx.deliveries().replace(delivery.key, &message_id).await?;
            Ok(ManualOutcome::Readdressed)
        }
        Address::Unknown => Ok(ManualOutcome::WithoutAddress),
    }
}

async fn move_to(
    tx: &mut Tx,
    delivery: &Delivery,
    to: DeliveryState,
    next_attempt_at: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Result<ManualOutcome, StoreError> {
    let moved = tx.deliveries().move_delivery(delivery.key, delivery.state, to, next_attempt_at, now).await?;
    Ok(if moved { ManualOutcome::Moved } else { ManualOutcome::Left })
}

/// One entry per statement whose messages were moved.
async fn audit_moved(
    context: &Context,
    tx: &mut Tx,
    order: &MailOrder,
    moved: &[Delivery],
) -> Result<(), StoreError> {
    let mut statements = BTreeMap::new();
    for delivery in moved {
        *statements.entry((delivery.period, &delivery.account, delivery.revision)).or_insert(0) += 1;
    }
    for ((period, account, revision), count) in statements {
        let detail = messages(count);
        let effect =
            Effect { action: order.done(), account, period, revision: Some(revision), detail: Some(&detail) };
        audit(context, tx, effect).await?;
    }
    Ok(())
}

impl OrderReport {
    fn note(&mut self, delivery: Delivery, outcome: &ManualOutcome) {
        match outcome {
            ManualOutcome::Moved => self.moved.push(delivery),
            ManualOutcome::Readdressed => {
                self.readdressed += 1;
                self.moved.push(delivery);
            }
            ManualOutcome::Left => self.left.push(delivery),
            ManualOutcome::AwaitsApproval => {
                self.awaiting_approval += 1;
                self.left.push(delivery);
            }
            ManualOutcome::WithoutAddress => {
                self.without_address += 1;
                self.left.push(delivery);
            }
        }
    }
}

impl MailOrder {
    fn done(&self) -> &'static str {
        match self {
            Self::Retry { .. } => "retried",
            Self::Hold => "held",
            Self::Release => "released",
            Self::Dismiss => "dismissed",
        }
    }

    fn is_for(&self, delivery: &Delivery, chosen: &DeliveryFilter) -> bool {
        use DeliveryState::{Bounced, Deferred, Held, Queued, Unknown};
        let state = delivery.state;
        let (is_named, is_dismissed) = (chosen.message_id.is_some(), delivery.dismissed_at.is_some());
        let meant = chosen.state == Some(Unknown) || is_named;
        match self {
            Self::Retry { .. } if is_dismissed => is_named && matches!(state, Bounced | Unknown | Held),
            // A message that a later one has replaced would reach its reader twice.
            Self::Retry { .. } => {
                !delivery.superseded && (matches!(state, Deferred | Bounced) || (state == Unknown && meant))
            }
            Self::Dismiss => {
                matches!(state, Bounced | Unknown | Held) && !delivery.awaits_approval && !delivery.superseded
            }
            Self::Hold => matches!(state, Queued | Deferred | Unknown) && !is_dismissed,
            Self::Release => state == Held && !delivery.awaits_approval && !delivery.superseded,
        }
    }
}
