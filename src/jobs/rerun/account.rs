//! A rerun of one account's month: computed without storing anything, and then applied, unless it is a rehearsal.

use crate::domain::{Account, Changes, PeriodBounds, RerunSend, RerunWhat, Statement, Totals};
use crate::jobs::Context;
use crate::jobs::audit::{audit, messages};
use crate::jobs::close::prepared::{ReadyStatement, RevisionMessages};
use crate::jobs::close::revise::{
    Revision, brings_changes, compute_revision, next_revision, store_revision, wanted_deliveries,
};
use crate::jobs::deliver::resend::{MessageIds, numbered};
use crate::jobs::rerun::order::RerunOrder;
use crate::jobs::rerun::outcome::{AccountOutcome, RerunVerdict};
use crate::store::{Key, NewDelivery, StatementKey, StoreError, Tx};

/// The result of a rerun for an account.
pub(crate) struct Prepared {
    made: Made,
    pub(crate) outcome: AccountOutcome,
}

/// What is to be written.
enum Made {
    Nothing,
    Revision {
        statement: ReadyStatement,
        /// It charges the month's late legs that waited.
        charges_late: bool,
    },
    Messages {
        statement: StatementKey,
        again: RevisionMessages,
    },
}

/// Computes what there is to do, reading only.
pub(crate) async fn prepare(context: &Context, order: &RerunOrder, account: Key) -> Result<Prepared, StoreError> {
    prepare_in(&mut context.store.read().await?, context, order, account).await
}

/// Like [`prepare`], by what a transaction sees.
pub(crate) async fn prepare_in(
    tx: &mut Tx,
    context: &Context,
    order: &RerunOrder,
    account: Key,
) -> Result<Prepared, StoreError> {
    let bounds = tx.closings().period_bounds(account, order.period).await?;
    let step = next_step(tx, order, account, bounds).await?;
    let made = match &step {
        Step::New { after, .. } => {
            let wanted = |delivery: &NewDelivery| is_wanted(order, after, &step, delivery);
            let deliveries = wanted_deliveries(context, tx, account, after, wanted).await?;
            let statement = ReadyStatement::new(context, after, deliveries)?;
            Made::Revision { statement, charges_late: order.what == RerunWhat::Figures }
        }
        Step::Same { current: Some(Current { key, document: Some(document), .. }), .. } => {
            let wanted = |delivery: &NewDelivery| is_wanted(order, document, &step, delivery);
            let deliveries = wanted_deliveries(context, tx, account, document, wanted).await?;
            let before = tx.closings().last_resends(*key).await?;
            let ids = MessageIds::of(context)?;
            let again = deliveries.into_iter().map(|delivery| numbered(ids, document, &before, delivery));
            Made::Messages { statement: *key, again: RevisionMessages::new(context, document, again.collect()) }
        }
        Step::Same { .. } | Step::Replace { .. } | Step::Blocked(_) => Made::Nothing,
    };
    let holder = tx.accounts().account_in(account, order.period).await?;
    let outcome = step.into_outcome(&holder, made.messages());
    Ok(Prepared { made, outcome })
}

impl Prepared {
    /// Applies it, and notes the result.
    pub(crate) async fn store(
        &self,
        context: &Context,
        tx: &mut Tx,
        order: &RerunOrder,
        account: Key,
    ) -> Result<(), StoreError> {
        let now = context.clock.now();
        let counts_on_publishing = matches!(self.outcome.verdict, RerunVerdict::Replaced);
        if counts_on_publishing && !tx.statements().keep_from_publication(account, order.period).await? {
            // The next look at this account finds files that were made before.
            return Err(StoreError::ClaimLost);
        }
        match &self.made {
            Made::Nothing => {}
            Made::Revision { statement, charges_late } => {
                if *charges_late {
                    tx.codes().settle_codes(account, order.period, Some(now)).await?;
                    tx.closings().revise_late_legs(account, order.period, statement.messages().revision()).await?;
                }
                store_revision(context, tx, account, statement, now).await?;
            }
            Made::Messages { statement, again } => {
                if again.len() > 0 {
                    audit(context, tx, again.effect("resent", Some(&messages(again.len())))).await?;
                }
                again.queue(context, tx, *statement, now).await?;
            }
        }
        tx.reruns().insert_outcome(order.id.as_str(), account, &self.outcome.to_stored()).await?;
        let AccountOutcome { account, messages, .. } = &self.outcome;
        tracing::info!(rerun = %order.id, %account, period = %order.period, messages, "Account done again");
        Ok(())
    }
}

impl Made {
    fn messages(&self) -> usize {
        match self {
            Self::Nothing => 0,
            Self::Revision { statement, .. } => statement.messages().len(),
            Self::Messages { again, .. } => again.len(),
        }
    }
}

/// What a rerun makes of an account's month.
enum Step {
    /// Nothing is made; `asked_for` says that nothing was to be.
    Same {
        current: Option<Current>,
        asked_for: bool,
    },
    New {
        before: Option<Box<Statement>>,
        after: Box<Statement>,
    },
    /// No one has got the files yet: publishing makes them with the templates of now.
    Replace {
        totals: Totals,
    },
    Blocked(String),
}

/// A revision that stays current.
struct Current {
    key: StatementKey,
    totals: Totals,
    /// Where its messages may be sent once more.
    document: Option<Box<Statement>>,
}

/// An error in one account's rows concerns that account only: the rerun goes on with the others.
async fn next_step(tx: &mut Tx, order: &RerunOrder, account: Key, bounds: PeriodBounds) -> Result<Step, StoreError> {
    let step = step_of(tx, order, account, bounds).await;
    match step {
        Ok(Step::Same { current: Some(Current { document: Some(_), .. }), .. })
            if tx.statements().has_left_archive(account, bounds.id).await? =>
        {
            Ok(Step::Blocked(
                "its statement has left the archive (archive.keep_months): nothing is left to send".into(),
            ))
        }
        Err(error) if error.concerns_one_row() => Ok(Step::Blocked(error.to_string())),
        step => step,
    }
}

async fn step_of(tx: &mut Tx, order: &RerunOrder, account: Key, bounds: PeriodBounds) -> Result<Step, StoreError> {
    let current = match order.what {
        RerunWhat::Figures => match compute_revision(tx, account, bounds).await? {
            Revision::Unchanged(current) => current,
            Revision::New { before, after } => return Ok(Step::New { before, after }),
            Revision::Blocked(obstacle) => return Ok(Step::Blocked(obstacle.to_string())),
        },
        RerunWhat::Presentation | RerunWhat::Mail => tx.statements().current_revision(account, bounds.id).await?,
    };
    let asked_for = order.what == RerunWhat::Mail;
    let Some(current) = current else { return Ok(Step::Same { current: None, asked_for }) };
    if order.what == RerunWhat::Presentation {
        if tx.statements().is_waiting_for_publication(account, bounds.id).await? {
            return Ok(Step::Replace { totals: current.totals });
        }
        return Ok(present_again(tx.statements().statement(current.key).await?));
    }
    let is_sent_again = asked_for || order.send == RerunSend::All;
    let document = if is_sent_again { Some(Box::new(tx.statements().statement(current.key).await?)) } else { None };
    Ok(Step::Same { current: Some(Current { key: current.key, totals: current.totals, document }), asked_for })
}

/// The current figures as a revision of their own, for new templates or a new brand.
fn present_again(before: Statement) -> Step {
    let changes = Changes {
        since_revision: before.revision,
        totals_before: before.totals,
        rooms: Vec::new(),
        lines: Vec::new(),
    };
    let revision = next_revision(Some(before.revision));
    let after = Statement { revision, changes: Some(changes), ..before.clone() };
    Step::New { before: Some(Box::new(before)), after: Box::new(after) }
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
    fn into_outcome(self, holder: &Account, messages: usize) -> AccountOutcome {
        let (verdict, before, after, changes) = match self {
            Self::Same { current, asked_for } => {
                let totals = current.map_or_else(Totals::default, |current| current.totals);
                (if asked_for { RerunVerdict::Sent } else { RerunVerdict::Unchanged }, totals, totals, None)
            }
            Self::New { before, after } => {
                let same = before.as_ref().is_some_and(|before| before.totals == after.totals)
                    && after.changes.as_ref().is_some_and(|changes| changes.lines.is_empty());
                let revision = after.revision;
                let verdict =
                    if same { RerunVerdict::Presented { revision } } else { RerunVerdict::Changed { revision } };
                let before = before.map_or_else(Totals::default, |before| before.totals);
                (verdict, before, after.totals, after.changes)
            }
            Self::Replace { totals } => (RerunVerdict::Replaced, totals, totals, None),
            Self::Blocked(detail) => (RerunVerdict::Parked { detail }, Totals::default(), Totals::default(), None),
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
