//! What a person can do about deliveries: try again, keep back, let go.

use std::collections::BTreeMap;

use crate::jobs::audit::{Effect, audit, messages};
use crate::jobs::{Context, JobError};
use crate::store::{Delivery, DeliveryFilter, DeliveryState, StoreError, Tx};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailOrder {
    /// Try now what is deferred or bounced; what is unknown only if it was asked for by that state or by its id,
    /// since its recipient may get it twice.
    Retry,
    /// Do not send what has not been sent.
    Hold,
    /// Send now what is held.
    Release,
}

/// What an order did.
#[derive(Debug, Clone, Default)]
pub struct OrderReport {
    pub moved: Vec<Delivery>,
    /// Chosen, but in a state that the order is not for.
    pub left: Vec<Delivery>,
}

/// Carries out an order on the chosen deliveries.
pub async fn order_mail(
    context: &Context,
    chosen: &DeliveryFilter,
    order: MailOrder,
) -> Result<OrderReport, JobError> {
    let now = context.clock.now();
    let mut report = OrderReport::default();
    let mut tx = context.store.write().await?;
    for delivery in tx.deliveries(chosen).await? {
        let (to, next_attempt_at) = match order {
            MailOrder::Retry | MailOrder::Release => (DeliveryState::Queued, Some(now)),
            MailOrder::Hold => (DeliveryState::Held, None),
        };
        let moved = order.is_for(delivery.state, chosen)
            && tx.move_delivery(delivery.key, delivery.state, to, next_attempt_at, now).await?;
        if moved { report.moved.push(delivery) } else { report.left.push(delivery) }
    }
    audit_moved(context, &mut tx, order, &report.moved).await?;
    tx.commit().await?;
    Ok(report)
}

/// One entry per statement whose messages were moved.
async fn audit_moved(context: &Context, tx: &mut Tx, order: MailOrder, moved: &[Delivery]) -> Result<(), StoreError> {
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

impl MailOrder {
    fn done(self) -> &'static str {
        match self {
            Self::Retry => "retried",
            Self::Hold => "held",
            Self::Release => "released",
        }
    }

    fn is_for(self, state: DeliveryState, chosen: &DeliveryFilter) -> bool {
        use DeliveryState::{Bounced, Deferred, Held, Queued, Unknown};
        let meant = chosen.state == Some(Unknown) || chosen.message_id.is_some();
        match self {
            Self::Retry => matches!(state, Deferred | Bounced) || (state == Unknown && meant),
            Self::Hold => matches!(state, Queued | Deferred | Unknown),
            Self::Release => state == Held,
        }
    }
}
