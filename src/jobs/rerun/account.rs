//! A rerun of one account's month: rehearsed without a trace, or applied in one transaction.

use super::order::{RerunOrder, RerunSend, RerunWhat};
use super::outcome::{AccountOutcome, Verdict};
use crate::domain::{Account, Changes, PeriodBounds, Statement, Totals};
use crate::jobs::audit::{Effect, audit, messages};
use crate::jobs::close::insert_deliveries;
use crate::jobs::revise::{
    Revision, brings_changes, compute_revision, make_revision, next_revision, store_revision, wanted_deliveries,
};
use crate::jobs::{Context, JobError};
use crate::mail::message_id;
use crate::store::{Key, NewDelivery, StoreError, Tx, WaitingLegs, WhenLocked};

/// What applying would come to.
pub(super) async fn rehearse(
    context: &Context,
    order: &RerunOrder,
    account: Key,
) -> Result<AccountOutcome, JobError> {
    let mut tx = context.store.read().await?;
    let bounds = tx.period_bounds(account, order.period).await?;
    let step = next_step(&mut tx, order, account, bounds, WaitingLegs::Revised).await?;
    let holder = tx.account(account).await?;
    let messages = match step.statement() {
        Some(statement) => {
            let wanted = |delivery: &NewDelivery| is_wanted(order, statement, &step, delivery);
            wanted_deliveries(context, &mut tx, account, statement, wanted).await?.len()
        }
        None => 0,
    };
    Ok(step.into_outcome(&holder, messages))
}

/// Does it, unless somebody has.
pub(super) async fn apply(context: &Context, order: &RerunOrder, account: Key) -> Result<(), JobError> {
    let now = context.clock.now();
    let mut tx = context.store.write().await?;
    tx.lock_account(account, WhenLocked::Wait).await?;
    let bounds = tx.period_bounds(account, order.period).await?;
    let step = next_step(&mut tx, order, account, bounds, WaitingLegs::LeftOut).await?;
    if matches!(step, Step::Blocked(_)) {
        // What was let in for the attempt goes back to waiting.
        tx.roll_back().await?;
        tx = context.store.write().await?;
    }
    let messages = match &step {
        Step::New { after, .. } => {
            let wanted = |delivery: &NewDelivery| is_wanted(order, after, &step, delivery);
            store_revision(context, &mut tx, account, after, wanted, now).await?
        }
        Step::Same { current: Some(current), .. } => resend(context, &mut tx, order, account, current).await?,
        Step::Same { current: None, .. } | Step::Replace { .. } | Step::Blocked(_) => 0,
    };
    let holder = tx.account(account).await?;
    let outcome = step.into_outcome(&holder, messages);
    if tx.insert_rerun_outcome(&order.id, account, &outcome.to_stored()).await? {
        tx.commit().await?;
        tracing::info!(rerun = order.id, account = %holder.number, period = %order.period, messages, "Account done again");
    } else {
        tx.roll_back().await?;
    }
    Ok(())
}

/// What a rerun makes of an account's month.
enum Step {
    /// Nothing is made; `asked_for` says that nothing was to be.
    Same {
        current: Option<Statement>,
        asked_for: bool,
    },
    New {
        before: Option<Box<Statement>>,
        after: Box<Statement>,
    },
    /// Nobody has got the files yet: publishing makes them with the templates of now.
    Replace {
        current: Option<Statement>,
    },
    Blocked(String),
}

/// Trouble with one account's rows is its own: the rerun goes on with the others.
async fn next_step(
    tx: &mut Tx,
    order: &RerunOrder,
    account: Key,
    bounds: PeriodBounds,
    waiting: WaitingLegs,
) -> Result<Step, JobError> {
    let step = step_of(tx, order, account, bounds, waiting).await;
    let resends = order.what == RerunWhat::Mail || order.send == RerunSend::All;
    match step {
        Ok(Step::Same { current: Some(_), .. }) if resends && tx.has_left_archive(account, bounds.id).await? => Ok(
            Step::Blocked("its statement has left the archive (archive.keep_months): nothing is left to send".into()),
        ),
        Err(JobError::Store(error @ (StoreError::DocumentGone | StoreError::Corrupt { .. }))) => {
            Ok(Step::Blocked(error.to_string()))
        }
        step => step,
    }
}

async fn step_of(
    tx: &mut Tx,
    order: &RerunOrder,
    account: Key,
    bounds: PeriodBounds,
    waiting: WaitingLegs,
) -> Result<Step, JobError> {
    let revision = match order.what {
        RerunWhat::Figures if waiting == WaitingLegs::Revised => {
            compute_revision(tx, account, bounds, waiting).await?
        }
        RerunWhat::Figures => make_revision(tx, account, bounds).await?,
        RerunWhat::Presentation if tx.is_waiting_for_publication(account, bounds.id).await? => {
            return Ok(Step::Replace { current: tx.current_statement(account, bounds.id).await? });
        }
        RerunWhat::Presentation => present_again(tx.current_statement(account, bounds.id).await?),
        RerunWhat::Mail => {
            let current = tx.current_statement(account, bounds.id).await?;
            return Ok(Step::Same { current, asked_for: true });
        }
    };
    Ok(match revision {
        Revision::Unchanged(current) => Step::Same { current: current.map(|current| *current), asked_for: false },
        Revision::New { before, after } => Step::New { before, after },
        Revision::Blocked(obstacle) => Step::Blocked(obstacle.to_string()),
    })
}

/// The current figures as a revision of their own, for new templates or a new brand.
fn present_again(current: Option<Statement>) -> Revision {
    let Some(before) = current else { return Revision::Unchanged(None) };
    let changes = Changes {
        since_revision: before.revision,
        totals_before: before.totals,
        rooms: Vec::new(),
        lines: Vec::new(),
    };
    let after = Statement { revision: next_revision(Some(&before)), changes: Some(changes), ..before.clone() };
    Revision::New { before: Some(Box::new(before)), after: Box::new(after) }
}

/// Queues the messages of a statement that stays as it is.
async fn resend(
    context: &Context,
    tx: &mut Tx,
    order: &RerunOrder,
    account: Key,
    current: &Statement,
) -> Result<usize, JobError> {
    let step = Step::Same { current: None, asked_for: order.what == RerunWhat::Mail };
    let wanted = |delivery: &NewDelivery| is_wanted(order, current, &step, delivery);
    let deliveries = wanted_deliveries(context, tx, account, current, wanted).await?;
    let Some(key) = tx.current_statement_key(account, current.period.id).await? else { return Ok(0) };
    let before = tx.last_resends(key).await?;
    let again: Vec<_> =
        deliveries.into_iter().map(|delivery| numbered(context, current, &before, delivery)).collect();
    if !again.is_empty() {
        let messages = messages(again.len());
        audit(context, tx, Effect::on(current, "resent", Some(&messages))).await?;
    }
    insert_deliveries(context, tx, (key, current), &again, context.clock.now()).await?;
    Ok(again.len())
}

/// The message once more: with the next number, and so a Message-ID of its own.
fn numbered(
    context: &Context,
    current: &Statement,
    before: &[(String, String, u32)],
    delivery: NewDelivery,
) -> NewDelivery {
    let room = delivery.room.as_ref().map_or("", |room| room.as_str());
    let same =
        |(known, recipient, _): &&(String, String, u32)| known == room && recipient == delivery.recipient.as_str();
    let resend = before.iter().find(same).map_or(0, |(_, _, last)| last + 1);
    let folder = (&current.account.number, current.period.id, current.revision);
    let from = &context.settings.mail.from;
    let message_id = message_id(from, folder, delivery.room.as_ref(), &delivery.recipient, resend);
    NewDelivery { message_id, resend, ..delivery }
}

fn is_wanted(order: &RerunOrder, statement: &Statement, step: &Step, delivery: &NewDelivery) -> bool {
    let named = order.recipients.is_empty() || order.recipients.contains(&delivery.recipient);
    named
        && match (order.send, step) {
            (RerunSend::None, _) | (_, Step::Replace { .. } | Step::Blocked(_)) => false,
            (RerunSend::All, _) => true,
            (RerunSend::Changed, Step::New { .. }) => brings_changes(statement.changes.as_ref(), delivery),
            (RerunSend::Changed, Step::Same { asked_for, .. }) => *asked_for,
        }
}

impl Step {
    /// What would be sent.
    fn statement(&self) -> Option<&Statement> {
        match self {
            Self::Same { current, .. } | Self::Replace { current } => current.as_ref(),
            Self::New { after, .. } => Some(after),
            Self::Blocked(_) => None,
        }
    }

    fn into_outcome(self, holder: &Account, messages: usize) -> AccountOutcome {
        let totals = |statement: Option<&Statement>| statement.map_or_else(Totals::default, |found| found.totals);
        let (verdict, before, after, changes) = match self {
            Self::Same { current, asked_for } => {
                let totals = totals(current.as_ref());
                (if asked_for { Verdict::Sent } else { Verdict::Unchanged }, totals, totals, None)
            }
            Self::New { before, after } => {
                let same = before.as_ref().is_some_and(|before| before.totals == after.totals)
                    && after.changes.as_ref().is_some_and(|changes| changes.lines.is_empty());
                let revision = after.revision;
                let verdict = if same { Verdict::Presented { revision } } else { Verdict::Changed { revision } };
                (verdict, totals(before.as_deref()), after.totals, after.changes)
            }
            Self::Replace { current } => {
                let totals = totals(current.as_ref());
                (Verdict::Replaced, totals, totals, None)
            }
            Self::Blocked(detail) => (Verdict::Parked { detail }, Totals::default(), Totals::default(), None),
        };
        AccountOutcome {
            account: holder.number.clone(),
            company: holder.company.to_string(),
            currency: holder.currency,
            verdict,
            before,
            after,
            changes,
            messages,
        }
    }
}
