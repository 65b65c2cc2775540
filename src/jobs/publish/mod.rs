//! Publishing: every frozen statement that is not yet in the archive is rendered, written, read back.
//!
//! A statement is claimed before its files are made, so that several processes share the work. The manifest goes
//! last, and only then, in the transaction that settles the claim, does the database call the statement published. A
//! death in between leaves files that the next round writes again, byte for byte. `statement_files` makes the files
//! of one statement.

pub(crate) mod adoption;
pub(crate) mod month_index;
pub(crate) mod render_thread;
pub(crate) mod room_legs;
pub(crate) mod statement_files;

use std::collections::VecDeque;
use std::time::Duration;

use tokio::task::JoinSet;
use tracing::Instrument;

use crate::domain::{AccountNumber, Period};
use crate::jobs::publish::adoption::{adopt, note_new_folders};
use crate::jobs::publish::statement_files::write_statement;
use crate::jobs::{Context, JobError, Scope};
use crate::pause_points;
use crate::store::{PendingStatement, StoreError, WorkClaim, WorkKind};

/// Statements that this process claims at a time: few, since what is claimed waits for it.
const CLAIMS: u32 = 8;
/// Statements under way in this process. Most of them wait for the disk, together: what is rendered at once is fewer.
const UNDER_WAY: usize = 24;
/// How often a command asks whether other processes have finished.
const OTHERS_POLL: Duration = Duration::from_millis(200);
/// So many statements in a row that the store itself refused end the round: the next one asks again.
const OUTAGE: u32 = 3;

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PublishReport {
    pub published: u64,
    /// (account, period, what is wrong): the statement stays frozen and is tried again.
    pub failed: Vec<(AccountNumber, Period, String)>,
    /// The store itself does not work: what is frozen waits for the next round.
    pub is_outage: bool,
}

/// Publishes what is frozen and no other process is publishing, oldest months first, several statements at once.
///
/// `keep_going` is asked before each statement, so that a daemon can stop.
pub async fn publish_pending(
    context: &Context,
    keep_going: &(impl Fn() -> bool + Sync),
) -> Result<PublishReport, JobError> {
    context.store.abandon_claims(WorkKind::Statement).await?;
    let mut queue = Queue::default();
    let mut round = PublishRound::default();
    let mut running = JoinSet::new();
    let mut result = Ok(());
    while result.is_ok() && keep_going() && !round.is_outage() {
        match queue.next(context).await {
            Ok(Some((claim, statement))) => {
                drop(running.spawn(publish(context.clone(), claim, statement).in_current_span()));
            }
            Ok(None) => break,
            Err(error) => result = Err(error),
        }
        if running.len() >= UNDER_WAY {
            result = result.and(round.collect(running.join_next().await));
        }
    }
    // Also after an error, what is under way comes to its end: tasks are never cut off in the middle of a query.
    while !running.is_empty() {
        result = result.and(round.collect(running.join_next().await));
    }
    context.store.abandon_claims(WorkKind::Statement).await?;
    if round.report.published > 0 {
        // The reader of the report may rely on it.
        context.store.flush_commits().await?;
    }
    result.map(|()| round.report())
}

/// Publishes until nothing is pending, not in other processes either: if one of them dies, this one takes its work
/// over.
pub async fn publish_to_the_end(context: &Context) -> Result<PublishReport, JobError> {
    let mut report = publish_pending(context, &|| true).await?;
    while context.store.write().await?.work().others_at_work(WorkKind::Statement).await? {
        tokio::time::sleep(OTHERS_POLL).await;
        let more = publish_pending(context, &|| true).await?;
        report = PublishReport { published: report.published + more.published, ..more };
    }
    Ok(report)
}

/// What this process has claimed and not begun.
#[derive(Default)]
struct Queue {
    claimed: VecDeque<(WorkClaim, PendingStatement)>,
    /// Nothing is tried twice in a round.
    last: Option<PendingStatement>,
}

impl Queue {
    async fn next(&mut self, context: &Context) -> Result<Option<(WorkClaim, PendingStatement)>, JobError> {
        if self.claimed.is_empty() {
            let mut claimed = context.store.claim_statements(self.last.as_ref(), CLAIMS).await?;
            note_new_folders(context, &mut claimed).await?;
            self.claimed = claimed.into();
            self.last = self.claimed.back().map(|(_, statement)| statement.clone()).or(self.last.take());
        }
        Ok(self.claimed.pop_front())
    }
}

/// The result for one statement.
enum PublishOutcome {
    Published,
    Failed {
        account: AccountNumber,
        period: Period,
        why: String,
        is_outage: bool,
    },
    /// This process was silent for too long: another one, or its own next round, will say what became of it.
    LeftAlone,
}

#[derive(Default)]
struct PublishRound {
    report: PublishReport,
    refused_in_a_row: u32,
}

impl PublishRound {
    fn collect(
        &mut self,
        finished: Option<Result<Result<PublishOutcome, JobError>, tokio::task::JoinError>>,
    ) -> Result<(), JobError> {
        let Some(outcome) = finished else { return Ok(()) };
        match outcome?? {
            PublishOutcome::Published => {
                self.report.published += 1;
                self.refused_in_a_row = 0;
            }
            PublishOutcome::Failed { account, period, why, is_outage } => {
                self.report.failed.push((account, period, why));
                self.refused_in_a_row = if is_outage { self.refused_in_a_row + 1 } else { 0 };
            }
            PublishOutcome::LeftAlone => {}
        }
        Ok(())
    }

    fn is_outage(&self) -> bool {
        self.refused_in_a_row >= OUTAGE
    }

    fn report(self) -> PublishReport {
        let is_outage = self.is_outage();
        if is_outage {
            tracing::warn!("The archive does not work: what is frozen waits for the next round");
        }
        PublishReport { is_outage, ..self.report }
    }
}

/// One statement; what fails in rendering or in the archive is noted with it and tried again.
async fn publish(context: Context, claim: WorkClaim, pending: PendingStatement) -> Result<PublishOutcome, JobError> {
    let (account, period) = (pending.number.clone(), pending.period);
    pause_points::reach("before-a-statement-is-written").await;
    let written = write_statement(&context, claim, &pending).await;
    let mut tx = context.store.write().await?;
    let settled = tx.work().settle(claim).await;
    match (settled, written) {
        (Ok(()), Ok(written)) => {
            tx.statements().mark_published(&pending, &written.publication, context.clock.now()).await?;
            tx.statements().hold_behind_newer(pending.key, context.clock.now()).await?;
            if written.is_adopted {
                adopt(&context, &mut tx, &pending).await?;
            }
            // The manifest says the same; and a thread that waits for the disk here keeps the others from the month's
            // row.
            tx.commit_async().await?;
            tracing::debug!(%account, %period, "Statement published");
            Ok(PublishOutcome::Published)
        }
        (Ok(()), Err(error)) if error.scope() == Scope::Item => {
            let is_outage = matches!(&error, JobError::Archive(error) if error.is_outage());
            let why = error.to_string();
            tracing::warn!(%account, %period, "Statement not published, will be tried again: {why}");
            tx.statements().mark_publishing_failed(pending.key, &why).await?;
            tx.commit().await?;
            Ok(PublishOutcome::Failed { account, period, why, is_outage })
        }
        (Err(StoreError::ClaimLost), _) => {
            tx.roll_back().await?;
            tracing::warn!(%account, %period, "Another process has taken over this statement: this one leaves it");
            Ok(PublishOutcome::LeftAlone)
        }
        (Ok(()), Err(JobError::Store(StoreError::ClaimLost))) => {
            tx.commit().await?;
            Ok(PublishOutcome::LeftAlone)
        }
        (Ok(()), Err(error)) => Err(error),
        (Err(error), _) => Err(error.into()),
    }
}
