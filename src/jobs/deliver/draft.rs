//! A delivery's composed message, or what becomes of the delivery if there is none.

use std::sync::Arc;

use crate::jobs::deliver::DeliveryRound;
use crate::jobs::deliver::compose::{compose, kept_back};
use crate::jobs::deliver::verdict;
use crate::jobs::{JobError, Scope};
use crate::mail::{Failure, MailError, Message};
use crate::store::{DueDelivery, Verdict};

/// A delivery and its message.
pub(crate) struct Composed {
    pub delivery: DueDelivery,
    pub message: Message,
}

pub(crate) enum Draft {
    Composed(Composed),
    /// Nothing can be sent.
    Without {
        delivery: DueDelivery,
        verdict: Verdict,
        /// What is wrong with our own parts.
        trouble: Option<String>,
    },
}

impl Draft {
    pub fn into_delivery(self) -> DueDelivery {
        match self {
            Self::Composed(composed) => composed.delivery,
            Self::Without { delivery, .. } => delivery,
        }
    }
}

/// The verdict about a delivery that the settings keep back.
pub(crate) fn held_back(round: &DeliveryRound, delivery: &DueDelivery) -> Option<Verdict> {
    kept_back(delivery, &round.context.settings).map(|why| verdict::held(&why))
}

/// Composes the message of a delivery, of at most `largest` bytes. An error is the database's, and concerns all
/// deliveries.
pub(crate) async fn draft(
    round: Arc<DeliveryRound>,
    delivery: DueDelivery,
    largest: Option<u64>,
) -> Result<Draft, JobError> {
    let context = &round.context;
    if let Some(verdict) = held_back(&round, &delivery) {
        return Ok(Draft::Without { delivery, verdict, trouble: None });
    }
    let now = context.clock.now();
    let refused = |delivery: DueDelivery, why: String| {
        let verdict = verdict::failed(&delivery, Failure::Refused(why), context.settings.mail.unknown, now);
        Draft::Without { delivery, verdict, trouble: None }
    };
    let composed = match round.statements.get(context, delivery.statement).await {
        Ok(published) => compose(context, &published, &delivery, largest, round.signer.as_ref()).await,
        Err(error) => Err(error),
    };
    match composed {
        Ok(message) => match largest.filter(|largest| message.bytes.len() as u64 > *largest) {
            Some(largest) => {
                let bytes = message.bytes.len();
                let why = format!(
                    "the server takes {largest} bytes at most, and the message has {bytes} without any attachment"
                );
                Ok(refused(delivery, why))
            }
            None => Ok(Draft::Composed(Composed { delivery, message })),
        },
        Err(JobError::Mail(error @ MailError::Address(_))) => Ok(refused(delivery, error.to_string())),
        Err(error) if error.scope() == Scope::Item => {
            let verdict = verdict::not_ready(&delivery, error.to_string(), now);
            Ok(Draft::Without { delivery, verdict, trouble: Some(error.to_string()) })
        }
        Err(error) => Err(error),
    }
}
