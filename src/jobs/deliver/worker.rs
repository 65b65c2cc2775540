//! One worker of a round of mail: takes a delivery, has its message composed, hands it over, says what came of it.
//!
//! One message is on its way while the next is composed. Where the server allows, the next one's envelope goes out
//! behind the body of the one before, and what came of the one and what happens with the next become durable together.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;

use tokio::task::JoinHandle;

use crate::jobs::JobError;
use crate::jobs::deliver::DeliveryRound;
use crate::jobs::deliver::draft::{Composed, Draft, draft, held_back};
use crate::jobs::deliver::ledger::{Entry, Receipt};
use crate::jobs::deliver::verdict;
use crate::mail::{Failure, MailSender};
use crate::store::{DeliveryState, DueDelivery, EndedAttempt, Verdict};

/// What a worker did, per end state.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    pub accepted: u64,
    pub deferred: u64,
    pub bounced: u64,
    pub held: u64,
    pub unknown: u64,
    pub trouble: Option<String>,
}

pub(crate) struct DeliveryWorker {
    round: Arc<DeliveryRound>,
    sender: MailSender,
    /// The verdict before, on its way to the disk while the next message is announced.
    unconfirmed: Option<(Receipt, DeliveryState)>,
    /// The message after the one that is being sent.
    ahead: Option<JoinHandle<Result<Draft, JobError>>>,
    is_unreachable: bool,
    tally: Tally,
}

/// The server waits for the body, and the ledger is being told that it goes out.
struct Announced {
    draft: Composed,
    /// None where nothing has to be noted before.
    noted: Option<Receipt>,
}

impl DeliveryWorker {
    pub fn new(round: Arc<DeliveryRound>) -> Self {
        let sender = MailSender::new(Arc::clone(&round.context.transport));
        Self { round, sender, unconfirmed: None, ahead: None, is_unreachable: false, tally: Tally::default() }
    }

    /// Works until there is nothing to do, or the server cannot be reached.
    pub async fn work(mut self) -> Result<Tally, JobError> {
        let worked = self.work_through().await;
        // Also after an error: what was accepted is on disk before the next round judges what is left half sent.
        let confirmed = self.confirm().await;
        let given_back = self.give_back_ahead().await;
        worked.and(confirmed).and(given_back)?;
        self.sender.finish().await;
        Ok(std::mem::take(&mut self.tally))
    }

    /// A message that was begun and is not sent any more.
    async fn give_back_ahead(&mut self) -> Result<(), JobError> {
        match self.ahead.take() {
            Some(ahead) => self.round.ledger.release(ahead.await??.into_delivery()).await,
            None => Ok(()),
        }
    }

    async fn work_through(&mut self) -> Result<(), JobError> {
        let mut ahead = None;
        while !self.is_unreachable {
            let current = match ahead.take() {
                Some(announced) => announced,
                None => match self.announce_next().await? {
                    Some(announced) => announced,
                    None => return Ok(()),
                },
            };
            ahead = self.deliver(current).await?;
        }
        Ok(())
    }

    /// Takes deliveries until one is announced; `None` if there is nothing more to do.
    async fn announce_next(&mut self) -> Result<Option<Announced>, JobError> {
        while !self.is_unreachable {
            let Some(draft) = self.next_draft().await? else { return Ok(None) };
            if let Some(composed) = self.settle(draft).await?
                && let Some(announced) = self.announce(composed).await?
            {
                return Ok(Some(announced));
            }
        }
        Ok(None)
    }

    /// The draft that was begun ahead, or one of the next delivery in the queue.
    async fn next_draft(&mut self) -> Result<Option<Draft>, JobError> {
        if self.round.is_stopping() {
            return Ok(None);
        }
        if let Some(ahead) = self.ahead.take() {
            return Ok(Some(ahead.await??));
        }
        let Some(delivery) = self.round.next().await else { return Ok(None) };
        if let Some(verdict) = held_back(&self.round, &delivery) {
            return Ok(Some(Draft::Without { delivery, verdict, trouble: None }));
        }
        match self.sender.prepare().await {
            Ok(largest) => Ok(Some(draft(Arc::clone(&self.round), delivery, largest).await?)),
            Err(failure) => {
                self.release_unreachable(delivery, failure.to_string()).await?;
                Ok(None)
            }
        }
    }

    /// Begins to compose the next message that is at hand while this one is on its way.
    async fn draft_ahead(&mut self) {
        // With a limit of messages per second, none is taken before its time.
        if self.ahead.is_some() || !self.round.pace.is_free() {
            return;
        }
        if let Ok(largest) = self.sender.prepare().await
            && let Some(delivery) = self.round.next_at_hand()
        {
            self.ahead = Some(tokio::spawn(draft(Arc::clone(&self.round), delivery, largest)));
        }
    }

    /// The message that was begun ahead, if it is finished: what goes out now does not wait for it.
    async fn composed_ahead(&mut self) -> Result<Option<Composed>, JobError> {
        let is_stopping = self.round.is_stopping();
        match self.ahead.take_if(|ahead| ahead.is_finished() && !is_stopping) {
            Some(ahead) => self.settle(ahead.await??).await,
            None => Ok(None),
        }
    }

    /// The message of a draft; where there is none, the verdict about it is recorded.
    async fn settle(&mut self, draft: Draft) -> Result<Option<Composed>, JobError> {
        match draft {
            Draft::Composed(composed) => Ok(Some(composed)),
            Draft::Without { delivery, verdict, trouble } => {
                self.tally.trouble = trouble.or(self.tally.trouble.take());
                self.record(&delivery, verdict).await?;
                Ok(None)
            }
        }
    }

    async fn announce(&mut self, composed: Composed) -> Result<Option<Announced>, JobError> {
        self.round.pace.wait().await;
        let answer = self.sender.announce(&composed.message).await;
        self.after_announcing(composed, answer).await
    }

    async fn after_announcing(
        &mut self,
        draft: Composed,
        answer: Result<(), Failure>,
    ) -> Result<Option<Announced>, JobError> {
        match answer {
            Ok(()) if self.sender.is_final() => {
                let noted = self.round.ledger.enter(Entry::BodyUnderWay(draft.delivery.claim)).await;
                Ok(Some(Announced { draft, noted: Some(noted) }))
            }
            Ok(()) => Ok(Some(Announced { draft, noted: None })),
            Err(Failure::Unreachable(words)) => {
                self.release_unreachable(draft.delivery, words).await?;
                Ok(None)
            }
            Err(failure) => {
                let verdict = self.verdict_of(&draft.delivery, failure);
                self.record(&draft.delivery, verdict).await?;
                Ok(None)
            }
        }
    }

    /// Hands a message over, and with it announces the next one, if that is composed.
    async fn deliver(&mut self, current: Announced) -> Result<Option<Announced>, JobError> {
        let Announced { draft: Composed { delivery, message }, noted } = current;
        self.draft_ahead().await;
        let noted = match noted {
            Some(noted) => noted.durable().await,
            None => Ok(true),
        };
        match noted {
            Ok(true) => {}
            Ok(false) => {
                // Another process has taken the delivery over.
                self.sender.hang_up();
                return Ok(None);
            }
            Err(error) => {
                // It does not go out, whether or not the note reached the database.
                self.sender.hang_up();
                return self.round.ledger.release(delivery).await.and(Err(error));
            }
        }
        let next = self.composed_ahead().await;
        self.draft_ahead().await;
        let announcing = next.as_ref().ok().and_then(Option::as_ref).map(|next| &next.message);
        let handed_over = self.sender.hand_over(message, announcing).await;
        let verdict = match handed_over {
            Ok(answer) => {
                self.round.note_reached();
                verdict::accepted(&delivery, &answer)
            }
            Err(Failure::Unreachable(words)) => {
                let left = self.release_unreachable(delivery, words).await;
                if let Some(next) = next? {
                    self.round.ledger.release(next.delivery).await?;
                }
                return left.map(|()| None);
            }
            Err(failure) => self.verdict_of(&delivery, failure),
        };
        match next {
            Ok(Some(next)) => self.record_and_go_on((&delivery, verdict), next).await,
            Ok(None) => self.record(&delivery, verdict).await.map(|()| None),
            Err(error) => self.record(&delivery, verdict).await.and(Err(error)),
        }
    }

    /// The verdict about one message and the note about the next become durable together: no body is under way while
    /// the verdict before is not on disk.
    async fn record_and_go_on(
        &mut self,
        (delivery, verdict): (&DueDelivery, Verdict),
        next: Composed,
    ) -> Result<Option<Announced>, JobError> {
        if let Err(error) = self.confirm().await {
            // Kept, like the verdict before.
            let recorded = self.record(delivery, verdict).await;
            return recorded.and(self.round.ledger.release(next.delivery).await).and(Err(error));
        }
        let state = verdict.state;
        let ended = self.ended(delivery, verdict);
        let answer = {
            let mut answers = pin!(self.sender.announced());
            let at_once = poll_fn(|context| Poll::Ready(answers.as_mut().poll(context))).await;
            let ledger = &self.round.ledger;
            match at_once {
                Poll::Ready(Some(Ok(()))) => {
                    let body = Entry::BodyUnderWay(next.delivery.claim);
                    let (recorded, noted) = ledger.enter_both(ended, body).await;
                    self.unconfirmed = Some((recorded, state));
                    return Ok(Some(Announced { draft: next, noted: Some(noted) }));
                }
                Poll::Ready(answer) => {
                    self.unconfirmed = Some((ledger.enter(ended).await, state));
                    answer
                }
                // The verdict does not wait for a server that takes its time over the next recipient.
                Poll::Pending => {
                    self.unconfirmed = Some((ledger.enter(ended).await, state));
                    answers.await
                }
            }
        };
        match answer {
            Some(answer) => self.after_announcing(next, answer).await,
            None => self.announce(next).await,
        }
    }

    fn verdict_of(&self, delivery: &DueDelivery, failure: Failure) -> Verdict {
        let context = &self.round.context;
        verdict::failed(delivery, failure, context.settings.mail.unknown, context.clock.now())
    }

    async fn record(&mut self, delivery: &DueDelivery, verdict: Verdict) -> Result<(), JobError> {
        let confirmed = self.confirm().await;
        let state = verdict.state;
        let ended = self.ended(delivery, verdict);
        self.unconfirmed = Some((self.round.ledger.enter(ended).await, state));
        confirmed
    }

    fn ended(&self, delivery: &DueDelivery, verdict: Verdict) -> Entry {
        tracing::debug!(
            message.id = delivery.message_id,
            attempt = delivery.claim.attempt,
            state = %verdict.state,
            "Attempt at a delivery ended"
        );
        let at = self.round.context.clock.now();
        Entry::Verdict(EndedAttempt { claim: delivery.claim, lost_before: delivery.lost_answers, verdict, at })
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

    /// If other workers reach the server, the delivery is left to them; else the failure is noted with it.
    async fn release_unreachable(&mut self, delivery: DueDelivery, words: String) -> Result<(), JobError> {
        self.is_unreachable = true;
        self.tally.trouble = Some(words.clone());
        if self.round.is_reachable() {
            return self.round.ledger.release(delivery).await;
        }
        let verdict = self.verdict_of(&delivery, Failure::Unreachable(words));
        self.record(&delivery, verdict).await
    }
}

impl Drop for DeliveryWorker {
    /// Whatever ends a worker: once all have ended, nothing waits for one.
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
