//! Writes of many conversations, committed together.
//!
//! Every message needs two durable writes, and a durable write costs a disk's flush. One task takes whatever has
//! been asked for while the last flush ran, and commits it as one transaction; nobody is answered before that.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::{mpsc, oneshot};

use super::JobError;
use crate::clock::Clock;
use crate::store::{Claim, DueDelivery, Store, StoreError, Tx, Verdict};

/// How long a claim holds without a sign of life: longer than any one step of a conversation may take. By the
/// machine's clock, since it is about processes that live now, whatever `--as-of` says.
const LEASE: TimeDelta = TimeDelta::minutes(30);
/// Writes in one transaction at most.
const LARGEST_GROUP: usize = 256;

/// The end of the claims that are made now.
pub(super) fn lease_end() -> DateTime<Utc> {
    Clock::System.now() + LEASE
}

#[derive(Debug)]
pub(super) enum Entry {
    /// Before it is done: the message goes out now.
    BodyUnderWay(Claim),
    Verdict(Claim, Verdict, DateTime<Utc>),
    /// Not tried after all.
    Release(Box<DueDelivery>),
}

/// Whether something was written, for everyone whose entry was in the group.
type Written = Result<bool, Arc<StoreError>>;
/// An entry, and who waits for it.
type Asked = (Entry, oneshot::Sender<Written>);

/// A write that was asked for.
pub(super) struct Receipt(oneshot::Receiver<Written>);

/// Cheap to clone; the writing task ends when the last one is dropped.
#[derive(Clone)]
pub(super) struct Ledger {
    entries: mpsc::Sender<Asked>,
}

impl Ledger {
    pub fn open(store: Store) -> Self {
        let (sender, entries) = mpsc::channel(LARGEST_GROUP);
        tokio::spawn(write_groups(store, entries));
        Self { entries: sender }
    }

    /// Asks for a write; entries are written in the order in which they were asked for.
    pub async fn enter(&self, entry: Entry) -> Receipt {
        let (done, receipt) = oneshot::channel();
        // Where the task is gone, the receipt says so.
        let _ = self.entries.send((entry, done)).await;
        Receipt(receipt)
    }
}

impl Receipt {
    /// Waits until the write is durable. False: the claim was void and nothing was written.
    pub async fn durable(self) -> Result<bool, JobError> {
        match self.0.await {
            Ok(written) => written.map_err(JobError::Ledger),
            Err(_) => Err(JobError::Stopped),
        }
    }
}

async fn write_groups(store: Store, mut entries: mpsc::Receiver<Asked>) {
    let mut group = Vec::new();
    while entries.recv_many(&mut group, LARGEST_GROUP).await > 0 {
        let (entries, receipts): (Vec<_>, Vec<_>) = group.drain(..).unzip();
        let answers = match write(&store, &entries).await {
            Ok(written) => written.into_iter().map(Ok).collect(),
            Err(error) => vec![Err(Arc::new(error)); receipts.len()],
        };
        for (receipt, answer) in receipts.into_iter().zip(answers) {
            // Whoever asked may have been stopped meanwhile.
            let _ = receipt.send(answer);
        }
    }
}

async fn write(store: &Store, entries: &[Entry]) -> Result<Vec<bool>, StoreError> {
    let mut tx = store.write().await?;
    let mut written = Vec::with_capacity(entries.len());
    for entry in entries {
        written.push(write_one(&mut tx, entry).await?);
    }
    tx.commit().await?;
    Ok(written)
}

async fn write_one(tx: &mut Tx, entry: &Entry) -> Result<bool, StoreError> {
    match entry {
        Entry::BodyUnderWay(claim) => tx.note_body_under_way(*claim, lease_end()).await,
        Entry::Verdict(claim, verdict, now) => tx.record_verdict(*claim, verdict, *now).await,
        Entry::Release(delivery) => tx.release_claim(delivery).await,
    }
}
