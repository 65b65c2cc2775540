//! Batches of an import: their good rows, their refused rows, and the waiting rejections that good rows settle.

use std::collections::HashSet;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::clock::Clock;
use crate::intake::{Batch, Columns, Kind, Refusal, Refused, Row, Rows, csv_record};
use crate::jobs::JobError;
use crate::jobs::import::entry::Entry;
use crate::store::{BatchOutcome, Directory, NotTaken, Rejection, Store, Tx};

/// What the batches of one file share.
pub(crate) struct BatchWriter {
    store: Store,
    clock: Clock,
    directory: Arc<Directory>,
    kind: Kind,
    /// The name under which rejected rows are kept.
    file: String,
    columns: Columns,
    header: Vec<u8>,
    /// Lines of this file that an earlier import refused.
    waiting: HashSet<u64>,
    /// Of the batches that are not committed yet.
    open: Option<Tx>,
    open_batches: usize,
}

impl BatchWriter {
    pub(crate) async fn new(
        (store, clock): (&Store, Clock),
        directory: Arc<Directory>,
        (kind, file): (Kind, &str),
        columns: &Columns,
    ) -> Result<Self, JobError> {
        let waiting = store.read().await?.waiting_lines(kind.as_str(), file).await?;
        Ok(Self {
            store: store.clone(),
            clock,
            directory,
            kind,
            file: file.to_owned(),
            columns: columns.clone(),
            header: csv_record(columns.header().fields()),
            waiting,
            open: None,
            open_batches: 0,
        })
    }

    /// Stores a batch, which counts once it is committed; gives its refused rows, in the order of the file.
    pub(crate) async fn write<R: Rows<Entry: Entry>>(
        &mut self,
        mut batch: Batch<R::Entry>,
    ) -> Result<(BatchOutcome, Vec<Refused>), JobError> {
        let now = self.clock.now();
        let mut tx = match self.open.take() {
            Some(tx) => tx,
            None => self.store.write().await?,
        };
        let outcome = R::Entry::store(&mut tx, &batch.entries, &self.directory, now).await?;
        if self.columns.have_origin() || !self.waiting.is_empty() {
            self.settle(&mut tx, &batch, &outcome, now).await?;
        }
        let mut refused = std::mem::take(&mut batch.refused);
        let of_store = refusals(&outcome).into_iter();
        refused.extend(of_store.map(|(index, refusal)| Refused { record: batch.source(index), refusal }));
        refused.sort_by_key(|refused| refused.record.line());
        self.keep(&mut tx, &refused, now).await?;
        (self.open, self.open_batches) = (Some(tx), self.open_batches + 1);
        Ok((outcome, refused))
    }

    /// Commits what is open. False: it waits for more, since another batch is at hand (`more`).
    pub(crate) async fn commit(&mut self, more: bool) -> Result<bool, JobError> {
        if more && self.open_batches < self.store.batches_per_transaction() {
            return Ok(false);
        }
        self.open_batches = 0;
        match self.open.take() {
            // The next batch's commit makes this one durable.
            Some(tx) if more => tx.commit_async().await?,
            Some(tx) => tx.commit().await?,
            None => {}
        }
        Ok(true)
    }

    /// A row that is stored settles what waits of it: under its own line if an earlier import of this file refused
    /// it, and under its origin if this file is a list of rejected rows that somebody mended.
    async fn settle<E>(
        &self,
        tx: &mut Tx,
        batch: &Batch<E>,
        outcome: &BatchOutcome,
        now: DateTime<Utc>,
    ) -> Result<(), JobError> {
        let kind = self.kind.as_str();
        for index in (0..batch.entries.len()).filter(|index| outcome.accepted(*index)) {
            if self.waiting.contains(&batch.line(index)) {
                let record = csv_record(batch.source(index).fields());
                tx.resolve_line((kind, &self.file, batch.line(index)), Some(&record), now).await?;
            }
            if self.columns.have_origin()
                && let Some(origin) = Row::new(&self.columns, &batch.source(index)).origin()
            {
                tx.resolve_line((kind, &origin.file, origin.line), None, now).await?;
            }
        }
        Ok(())
    }

    async fn keep(&self, tx: &mut Tx, refused: &[Refused], now: DateTime<Utc>) -> Result<(), JobError> {
        let records: Vec<Vec<u8>> = refused.iter().map(|refused| csv_record(refused.record.fields())).collect();
        let rejections: Vec<Rejection<'_>> = refused
            .iter()
            .zip(&records)
            .map(|(refused, record)| Rejection {
                line: refused.record.line(),
                column: refused.refusal.column,
                reason: &refused.refusal.reason,
                header: &self.header,
                record,
            })
            .collect();
        Ok(tx.store_rejections(self.kind.as_str(), &self.file, &rejections, now).await?)
    }
}

/// Positions of rows that were good in themselves, and why the store refused them.
pub(crate) fn refusals(outcome: &BatchOutcome) -> Vec<(usize, Refusal)> {
    let conflicts = outcome.conflicts.iter().map(|index| (*index, taken()));
    let erased = outcome.erased.iter().map(|index| (*index, erased()));
    let not_taken = outcome.not_taken.iter().map(|(index, why)| (*index, not_taken(*why)));
    let contradicting =
        outcome.refused.iter().map(|(index, column, reason)| (*index, Refusal::column(column, reason.as_str())));
    conflicts.chain(erased).chain(not_taken).chain(contradicting).collect()
}

/// Why a leg is refused although its row is good.
fn taken() -> Refusal {
    Refusal::column("leg_id", "belongs to a leg that was stored before with other content")
}

/// Why a leg is refused that may have been charged long ago.
fn erased() -> Refusal {
    Refusal::column(
        "joined_at",
        "lies in a month whose usage has been erased (database.keep_usage): nobody knows whether it was charged before",
    )
}

fn not_taken(why: NotTaken) -> Refusal {
    let (column, reason) = match why {
        NotTaken::NotYetThere => (
            "room_number",
            "is of a room whose first row in rooms has a later valid_from: import a row that holds from then on, then run \
             \"statementd import retry\"",
        ),
        NotTaken::NotActive => (
            "room_number",
            "is of a room that was not active then: if it was, import its row with active and the date as valid_from, then \
             run \"statementd import retry\"",
        ),
        NotTaken::AccountEnded => (
            "joined_at",
            "lies after the end of the room's account (closed_from): import the room's row with its new account and the \
             date as valid_from, then run \"statementd import retry\"",
        ),
    };
    Refusal::column(column, reason)
}
