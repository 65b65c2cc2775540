//! A batch of accounts: one write transaction locks and stores them, while read-only transactions compute them on
//! every core.
//!
//! What is computed of an account is what had been committed when it was locked, and stays true until the write
//! transaction ends: usage that comes in, and other processes that close, wait for the account's lock or pass over
//! it; on SQLite no other process writes at all. Results are stored as they come and committed together, so that an
//! account costs neither a commit of its own nor the memory of a whole batch.

use std::collections::{HashSet, VecDeque};
use std::time::Duration;

use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout};
use tracing::Instrument;

use crate::jobs::again::{InTheWay, TRIES};
use crate::jobs::{Context, JobError};
use crate::pause_points;
use crate::store::{Key, StoreError, Tx, WhenLocked};

/// Accounts computed at once at most: each reads through a connection, and others need some too.
const MOST_AT_ONCE: usize = 6;
/// How long a batch takes further accounts: others wait for SQLite's one writer, or for these accounts.
const TAKING_UP: Duration = Duration::from_millis(60);
/// A server ends transactions that are silent for `database.lease`, two seconds at least.
const SILENCE: Duration = Duration::from_secs(1);

/// What is done with each account.
pub(crate) trait AccountWork: Clone + Send + Sync + 'static {
    type Account: Clone + Send + Sync + 'static;
    type Figures: Send + 'static;
    type Outcome: Send;

    fn key(account: &Self::Account) -> Key;

    /// Whether it is still to be done, asked once the account is locked.
    fn is_open(&self, tx: &mut Tx, account: &Self::Account) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// Computes, reading only what has been committed.
    fn compute(self, account: Self::Account) -> impl Future<Output = Result<Self::Figures, JobError>> + Send;

    /// Writes down what was computed.
    fn store(
        &self,
        tx: &mut Tx,
        account: &Self::Account,
        figures: Self::Figures,
    ) -> impl Future<Output = Result<Self::Outcome, JobError>> + Send;
}

/// How many accounts to compute at once.
pub(crate) fn at_once() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from).min(MOST_AT_ONCE)
}

/// Works on all `accounts`, batch by batch, and returns those that other processes have locked.
///
/// `note` is called for each account, in their order, once its result is committed. `keep_going` is asked before
/// each.
///
/// A batch that the server ends because others stood in its way (a deadlock) has changed nothing, and is done again.
pub(crate) async fn work_through<W: AccountWork>(
    context: &Context,
    work: &W,
    accounts: Vec<W::Account>,
    when_locked: WhenLocked,
    keep_going: &(impl Fn() -> bool + Sync),
    note: &mut (impl FnMut(&W::Account, W::Outcome) + Send),
) -> Result<Vec<W::Account>, JobError> {
    let mut waiting = VecDeque::from(accounts);
    let (mut busy, mut tries) = (Vec::new(), 1);
    while !waiting.is_empty() && keep_going() {
        let mut tx = context.store.write().await?;
        let mut batch = Batch::new(work, when_locked);
        let result = batch.run(&mut tx, &mut waiting, keep_going).await;
        // Also after an error: tasks are never cut off in the middle of a query.
        for (_, task) in batch.under_way {
            drop(task.await);
        }
        match result {
            Ok(()) => {}
            Err(error) if error.was_in_the_way() && tries < TRIES => {
                tries += 1;
                tracing::warn!("Another transaction stood in the way of this batch, which is tried again: {error}");
                tx.roll_back().await?;
                batch.accounts.into_iter().rev().for_each(|account| waiting.push_front(account));
                continue;
            }
            Err(error) => {
                tx.roll_back().await?;
                return Err(error);
            }
        }
        pause_points::reach("before-closings-are-committed").await;
        tx.commit().await?;
        tries = 1;
        batch.done.into_iter().for_each(|(account, outcome)| note(&account, outcome));
        busy.extend(batch.busy);
    }
    Ok(busy)
}

type Task<T> = JoinHandle<Result<T, JobError>>;

struct Batch<'a, W: AccountWork> {
    work: &'a W,
    when_locked: WhenLocked,
    taken_up: HashSet<Key>,
    /// The same accounts, in their order.
    accounts: Vec<W::Account>,
    under_way: VecDeque<(W::Account, Task<W::Figures>)>,
    done: Vec<(W::Account, W::Outcome)>,
    /// Locked by other processes.
    busy: Vec<W::Account>,
}

impl<'a, W: AccountWork> Batch<'a, W> {
    fn new(work: &'a W, when_locked: WhenLocked) -> Self {
        let (taken_up, under_way) = (HashSet::new(), VecDeque::new());
        let (accounts, done, busy) = (Vec::new(), Vec::new(), Vec::new());
        Self { work, when_locked, taken_up, accounts, under_way, done, busy }
    }

    async fn run(
        &mut self,
        tx: &mut Tx,
        waiting: &mut VecDeque<W::Account>,
        keep_going: &(impl Fn() -> bool + Sync),
    ) -> Result<(), JobError> {
        let (begun, at_once) = (Instant::now(), at_once());
        loop {
            while self.under_way.len() < at_once && begun.elapsed() < TAKING_UP && keep_going() {
                let Some(account) = waiting.pop_front_if(|account| self.has_room_for(W::key(account))) else { break };
                self.take_up(tx, account).await?;
            }
            let Some((account, mut task)) = self.under_way.pop_front() else { return Ok(()) };
            let figures = computed(tx, &mut task).await?;
            let outcome = self.work.store(tx, &account, figures).await?;
            self.done.push((account, outcome));
        }
    }

    /// Not for an account that is in it: the second is computed from the result of the first. And a process that
    /// waits for an account must hold no other, or two processes could wait for each other.
    fn has_room_for(&self, account: Key) -> bool {
        match self.when_locked {
            WhenLocked::Skip => !self.taken_up.contains(&account),
            WhenLocked::Wait => self.taken_up.is_empty(),
        }
    }

    async fn take_up(&mut self, tx: &mut Tx, account: W::Account) -> Result<(), StoreError> {
        self.taken_up.insert(W::key(&account));
        self.accounts.push(account.clone());
        if !tx.work().lock_account(W::key(&account), self.when_locked).await? {
            self.busy.push(account);
        } else if self.work.is_open(tx, &account).await? {
            let task = self.work.clone().compute(account.clone());
            self.under_way.push_back((account, tokio::spawn(task.in_current_span())));
        }
        Ok(())
    }
}

async fn computed<T>(tx: &mut Tx, task: &mut Task<T>) -> Result<T, JobError> {
    loop {
        match timeout(SILENCE, &mut *task).await {
            Ok(ended) => return ended?,
            Err(_) => tx.keep_alive().await?,
        }
    }
}
