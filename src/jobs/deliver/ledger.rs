//! Commits the writes of many SMTP conversations together.
//!
//! Every message needs two durable writes, and a durable write costs a disk's flush. One task takes whatever has
//! been asked for while the last flush ran, and commits it as one transaction; no one is answered before that.
//!
//! Where the database does not take it, what came of attempts is kept for the next round, and this one takes nothing
//! more: no message goes out while it is not known what is written about the one before.

use std::collections::HashSet;
use std::sync::Arc;

use tokio::sync::{mpsc, oneshot};

use crate::jobs::JobError;
use crate::store::{DeliveryClaim, DueDelivery, EndedAttempt, Key, Store, StoreError, Unwritten};

/// Writes in one transaction at most.
const LARGEST_GROUP: usize = 256;

#[derive(Debug)]
pub(crate) enum Entry {
    /// Before it is done: the message goes out now.
    BodyUnderWay(DeliveryClaim),
    Verdict(EndedAttempt),
    /// Not tried after all.
    Release(Box<DueDelivery>),
}

/// Whether something was written, for everyone whose entry was in the group.
type Written = Result<bool, Arc<StoreError>>;
/// Entries that go into one transaction, each with who waits for it.
type Asked = Vec<(Entry, oneshot::Sender<Written>)>;

/// A write that was asked for.
pub(crate) struct Receipt(oneshot::Receiver<Written>);

/// Cheap to clone; the writing task ends when the last one is dropped.
#[derive(Clone)]
pub(crate) struct Ledger {
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
        let (asked, receipt) = ask(entry);
        // Where the task is gone, the receipt says so.
        let _ = self.entries.send(vec![asked]).await;
        receipt
    }

    /// Puts a delivery back as it was; returns when that is on disk.
    pub async fn release(&self, delivery: DueDelivery) -> Result<(), JobError> {
        self.enter(Entry::Release(Box::new(delivery))).await.durable().await.map(drop)
    }

    /// Like [`Self::enter`], for two entries that become durable together.
    pub async fn enter_both(&self, first: Entry, second: Entry) -> (Receipt, Receipt) {
        let ((first, first_receipt), (second, second_receipt)) = (ask(first), ask(second));
        let _ = self.entries.send(vec![first, second]).await;
        (first_receipt, second_receipt)
    }
}

fn ask(entry: Entry) -> ((Entry, oneshot::Sender<Written>), Receipt) {
    let (done, receipt) = oneshot::channel();
    ((entry, done), Receipt(receipt))
}

impl Receipt {
    /// Waits until the write is durable. False if the claim was void and nothing was written.
    pub async fn durable(self) -> Result<bool, JobError> {
        match self.0.await {
            Ok(written) => written.map_err(JobError::Ledger),
            Err(_) => Err(JobError::Stopped),
        }
    }
}

async fn write_groups(store: Store, mut entries: mpsc::Receiver<Asked>) {
    let mut group = Vec::new();
    let mut broken: Option<Arc<StoreError>> = None;
    while entries.recv_many(&mut group, LARGEST_GROUP).await > 0 {
        let (entries, receipts): (Vec<_>, Vec<_>) = group.drain(..).flatten().unzip();
        let written = match &broken {
            Some(error) => Err(Arc::clone(error)),
            None => write(&store, &entries).await.map_err(Arc::new),
        };
        let answers: Vec<Written> = match written {
            Ok(written) => written.into_iter().map(Ok).collect(),
            Err(error) => {
                store.keep_unwritten(entries.into_iter().filter_map(Entry::into_unwritten));
                vec![Err(broken.insert(error).clone()); receipts.len()]
            }
        };
        for (receipt, answer) in receipts.into_iter().zip(answers) {
            // The one who asked may have been stopped meanwhile.
            let _ = receipt.send(answer);
        }
    }
}

/// Writes a group: all verdicts in one statement, and all notes in another. No delivery is in a group twice: anyone who
/// noted its body waits for that before there can be a verdict.
async fn write(store: &Store, entries: &[Entry]) -> Result<Vec<bool>, StoreError> {
    let (mut ended, mut bodies) = (Vec::new(), Vec::new());
    let mut tx = store.write().await?;
    let mut written = HashSet::new();
    for entry in entries {
        match entry {
            Entry::BodyUnderWay(claim) => bodies.push(*claim),
            Entry::Verdict(attempt) => ended.push(attempt),
            Entry::Release(delivery) if tx.deliveries().release_claim(delivery).await? => {
                written.insert(delivery.claim.delivery);
            }
            Entry::Release(_) => {}
        }
    }
    if !ended.is_empty() {
        written.extend(tx.deliveries().record_verdicts(&ended).await?);
    }
    if !bodies.is_empty() {
        written.extend(tx.deliveries().note_bodies_under_way(&bodies).await?);
    }
    tx.commit().await?;
    Ok(entries.iter().map(|entry| written.contains(&entry.delivery())).collect())
}

impl Entry {
    /// What still has to be written after an error. A message whose note was not written does not go out; its worker
    /// reports that.
    fn into_unwritten(self) -> Option<Unwritten> {
        match self {
            Self::BodyUnderWay(_) => None,
            Self::Verdict(attempt) => Some(Unwritten::Verdict(attempt)),
            Self::Release(delivery) => Some(Unwritten::Release(delivery)),
        }
    }

    fn delivery(&self) -> Key {
        match self {
            Self::BodyUnderWay(claim) => claim.delivery,
            Self::Verdict(attempt) => attempt.claim.delivery,
            Self::Release(delivery) => delivery.claim.delivery,
        }
    }
}
