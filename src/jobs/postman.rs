//! One worker of a round of mail: takes a delivery, composes its message, hands it over, says what came of it.

use std::sync::Arc;

use super::deliver::Round;
use super::ledger::{Entry, Receipt};
use super::message::{compose, kept_back};
use super::{JobError, verdict};
use crate::mail::{Courier, Failure, MailError, Message};
use crate::store::{DeliveryState, DueDelivery, StoreError, Verdict};

/// What a worker did, per end state.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub accepted: u64,
    pub deferred: u64,
    pub bounced: u64,
    pub held: u64,
    pub unknown: u64,
    pub trouble: Option<String>,
}

pub(super) struct Postman {
    round: Arc<Round>,
    courier: Courier,
    /// The verdict before, on its way to the disk while the next message is announced.
    unconfirmed: Option<(Receipt, DeliveryState)>,
    tally: Tally,
}

/// How far an attempt came.
enum Attempt {
    Ended(Verdict),
    /// Nobody is there to take messages.
    NoWayOut(String),
    /// Another process has taken the delivery over.
    ClaimVoid,
}

impl Postman {
    pub fn new(round: Arc<Round>) -> Self {
        let courier = Courier::new(Arc::clone(&round.context.transport));
        Self { round, courier, unconfirmed: None, tally: Tally::default() }
    }

    /// Works until there is nothing to do, or no way out.
    pub async fn work(mut self) -> Result<Tally, JobError> {
        let worked = self.work_through().await;
        // Also after an error: what was accepted is on disk before the next round judges what is left half sent.
        let confirmed = self.confirm().await;
        worked.and(confirmed)?;
        self.courier.finish().await;
        Ok(std::mem::take(&mut self.tally))
    }

    async fn work_through(&mut self) -> Result<(), JobError> {
        while let Some(delivery) = self.round.next().await {
            match self.attempt(&delivery).await? {
                Attempt::Ended(verdict) => self.record(&delivery, verdict).await?,
                Attempt::ClaimVoid => self.courier.hang_up(),
                Attempt::NoWayOut(words) => {
                    self.without_way_out(delivery, words).await?;
                    break;
                }
            }
        }
        Ok(())
    }

    async fn attempt(&mut self, delivery: &DueDelivery) -> Result<Attempt, JobError> {
        let now = self.round.context.clock.now();
        if let Some(why) = kept_back(delivery, &self.round.context.settings) {
            return Ok(Attempt::Ended(verdict::held(&why)));
        }
        let largest = match self.courier.prepare().await {
            Ok(largest) => largest,
            Err(failure) => return Ok(Attempt::NoWayOut(failure.to_string())),
        };
        let message = match self.compose(delivery, largest).await? {
            Ok(message) => message,
            Err(verdict) => return Ok(Attempt::Ended(verdict)),
        };
        self.round.pace.wait().await;
        match self.send(delivery, message).await? {
            None => Ok(Attempt::ClaimVoid),
            Some(Ok(answer)) => Ok(Attempt::Ended(verdict::accepted(delivery, &answer))),
            Some(Err(Failure::Unreachable(words))) => Ok(Attempt::NoWayOut(words)),
            Some(Err(failure)) => {
                let policy = self.round.context.settings.mail.unknown;
                Ok(Attempt::Ended(verdict::failed(delivery, failure, policy, now)))
            }
        }
    }

    /// The message, or what its lack means for the delivery.
    async fn compose(
        &mut self,
        delivery: &DueDelivery,
        largest: Option<u64>,
    ) -> Result<Result<Message, Verdict>, JobError> {
        let context = &self.round.context;
        let now = context.clock.now();
        let refused =
            |why: String| verdict::failed(delivery, Failure::Refused(why), context.settings.mail.unknown, now);
        let composed = match self.round.statements.get(context, delivery.statement).await {
            Ok(published) => compose(context, &published, delivery, largest, self.round.signer.as_ref()).await,
            Err(error) => Err(error),
        };
        match composed {
            Ok(message) => match largest.filter(|largest| message.bytes.len() as u64 > *largest) {
                Some(largest) => Ok(Err(refused(format!(
                    "the server takes {largest} bytes at most, and the message has {} without any attachment",
                    message.bytes.len()
                )))),
                None => Ok(Ok(message)),
            },
            Err(JobError::Mail(error @ MailError::Address(_))) => Ok(Err(refused(error.to_string()))),
            Err(
                error @ (JobError::Archive(_)
                | JobError::Render(_)
                | JobError::Mail(_)
                | JobError::Store(StoreError::Corrupt { .. } | StoreError::DocumentGone)),
            ) => {
                self.tally.trouble = Some(error.to_string());
                Ok(Err(verdict::not_ready(delivery, error.to_string(), now)))
            }
            Err(error) => Err(error),
        }
    }

    /// None: the claim is void, and the message must not be sent.
    async fn send(
        &mut self,
        delivery: &DueDelivery,
        message: Message,
    ) -> Result<Option<Result<String, Failure>>, JobError> {
        if let Err(failure) = self.courier.announce(&message).await {
            return Ok(Some(Err(failure)));
        }
        if self.courier.is_final() {
            let receipt = self.round.ledger.enter(Entry::BodyUnderWay(delivery.claim)).await;
            if !receipt.durable().await? {
                return Ok(None);
            }
        }
        let handed_over = self.courier.hand_over(message).await;
        if handed_over.is_ok() {
            self.round.note_way_out();
        }
        Ok(Some(handed_over))
    }

    async fn record(&mut self, delivery: &DueDelivery, verdict: Verdict) -> Result<(), JobError> {
        self.confirm().await?;
        let state = verdict.state;
        tracing::debug!(
            message.id = delivery.message_id,
            attempt = delivery.claim.attempt,
            %state,
            "Attempt at a delivery ended"
        );
        let entry = Entry::Verdict(delivery.claim, verdict, self.round.context.clock.now());
        self.unconfirmed = Some((self.round.ledger.enter(entry).await, state));
        Ok(())
    }

    /// Waits until the last verdict is on disk.
    async fn confirm(&mut self) -> Result<(), JobError> {
        if let Some((receipt, state)) = self.unconfirmed.take()
            && receipt.durable().await?
        {
            self.tally.count(state);
        }
        Ok(())
    }

    /// Where others get through, the delivery is left to them; else what stands in the way is noted with it.
    async fn without_way_out(&mut self, delivery: DueDelivery, words: String) -> Result<(), JobError> {
        self.tally.trouble = Some(words.clone());
        if self.round.gets_through() {
            self.round.ledger.enter(Entry::Release(Box::new(delivery))).await.durable().await?;
            return Ok(());
        }
        let (policy, now) = (self.round.context.settings.mail.unknown, self.round.context.clock.now());
        let verdict = verdict::failed(&delivery, Failure::Unreachable(words), policy, now);
        self.record(&delivery, verdict).await
    }
}

impl Drop for Postman {
    /// However a worker ends: once all have, nobody waits for one.
    fn drop(&mut self) {
        self.round.leave();
    }
}

impl Tally {
    fn count(&mut self, state: DeliveryState) {
        match state {
            DeliveryState::Accepted => self.accepted += 1,
            DeliveryState::Deferred => self.deferred += 1,
            DeliveryState::Bounced => self.bounced += 1,
            DeliveryState::Held => self.held += 1,
            DeliveryState::Unknown => self.unknown += 1,
            DeliveryState::Queued | DeliveryState::Sending => {}
        }
    }
}
