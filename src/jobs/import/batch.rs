//! Batches of an import: their good rows, their refused rows, and the waiting rejections that good rows settle.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::domain::Leg;
use crate::intake::{Batch, Columns, Kind, Record, Refusal, Refused, Row, Rows, csv_record};
use crate::jobs::JobError;
use crate::jobs::again::{InTheWay, TRIES};
use crate::jobs::import::collect::{FileRows, Group, ITEM, Origins};
use crate::jobs::import::entry::{Entry, Knowledge};
use crate::jobs::import::identity::identity;
use crate::jobs::import::refusals::{erased, not_taken, older, stretching, taken};
use crate::pause_points;
use crate::store::{BatchOutcome, Key, RecordIdentity, Rejection, Store, Tx};

/// What rows that wait are about, up to the newest that was looked at. What has been settled meanwhile may be among
/// them.
#[derive(Debug, Default)]
pub(crate) struct WaitingKeys {
    keys: HashSet<String>,
    looked_up_to: Key,
}

/// What the batches of one file share.
pub(crate) struct BatchWriter {
    store: Store,
    knowledge: Knowledge,
    kind: Kind,
    /// The name under which rejected rows are kept.
    file: String,
    columns: Columns,
    /// Of the file, once a row of it was refused.
    header: Option<Key>,
    waiting: WaitingKeys,
    /// Of the batches that are not committed yet.
    open: Option<Tx>,
    open_batches: usize,
    /// A commit has not waited for the disk.
    is_unflushed: bool,
    /// The origins of rows of several files; if not set, all are from `file`.
    origins: Option<Origins>,
}

impl BatchWriter {
    pub(crate) fn new(store: &Store, knowledge: Knowledge, (kind, file): (Kind, &str), columns: &Columns) -> Self {
        Self {
            store: store.clone(),
            knowledge,
            kind,
            file: file.to_owned(),
            columns: columns.clone(),
            header: None,
            waiting: WaitingKeys::default(),
            open: None,
            open_batches: 0,
            is_unflushed: false,
            origins: None,
        }
    }

    /// Like [`Self::write`], of several files; returns for each what became of its rows.
    pub(crate) async fn write_group(&mut self, group: Group) -> Result<GroupOutcome, JobError> {
        let Group { batch, origins, parts, .. } = group;
        self.origins = Some(origins);
        let (outcome, refused) = self.write::<<Leg as Entry>::Rows>(batch).await?;
        let told = parts.iter().map(|part| PartOutcome::of(part, &outcome, &refused)).collect();
        let origins = self.origins.take().unwrap_or_default();
        let on_their_lines = |Refused { record, refusal }: Refused| {
            let (_, line) = origins.of(record.line());
            Refused { record: record.on_line(line), refusal }
        };
        Ok(GroupOutcome { parts: told, outcome, refused: refused.into_iter().map(on_their_lines).collect() })
    }

    /// Goes on with what another writer of usage has looked at and committed: a thousand rows that wait are not read
    /// for each post.
    pub(crate) fn knowing(self, waiting: WaitingKeys) -> Self {
        Self { waiting, ..self }
    }

    /// What this writer has looked at; only after its commit, since keys of a transaction that is undone come again.
    pub(crate) fn into_known(self) -> WaitingKeys {
        self.waiting
    }

    /// Writes into a transaction that is open already.
    pub(crate) fn go_on_in(&mut self, tx: Tx) {
        self.open = Some(tx);
    }

    /// The transaction of what is written and not committed, for what belongs to it.
    pub(crate) fn transaction(&mut self) -> Option<&mut Tx> {
        self.open.as_mut()
    }

    /// Stores a batch, which counts once it is committed; returns its refused rows, in the order of the file.
    ///
    /// A transaction that the server ends because others stood in its way has changed nothing, and is done again.
    pub(crate) async fn write<R: Rows<Entry: Entry>>(
        &mut self,
        mut batch: Batch<R::Entry>,
    ) -> Result<(BatchOutcome, Vec<Refused>), JobError> {
        let refused = std::mem::take(&mut batch.refused);
        let mut tries = 1;
        loop {
            let tx = match self.open.take() {
                Some(tx) => tx,
                None => self.store.write().await?,
            };
            match self.try_write::<R>(tx, &batch, refused.clone()).await {
                // Batches before it in the same transaction would be lost with it.
                Err(error) if error.was_in_the_way() && self.open_batches == 0 && tries < TRIES => {
                    tries += 1;
                    tracing::warn!(
                        "Another transaction stood in the way of this batch, which is tried again: {error}"
                    );
                }
                other => return other,
            }
        }
    }

    async fn try_write<R: Rows<Entry: Entry>>(
        &mut self,
        mut tx: Tx,
        batch: &Batch<R::Entry>,
        refused: Vec<Refused>,
    ) -> Result<(BatchOutcome, Vec<Refused>), JobError> {
        let now = self.knowledge.clock.now();
        let outcome = R::Entry::store(&mut tx, &batch.entries, &self.knowledge, now).await?;
        self.look_for_waiting(&mut tx).await?;
        self.settle::<R>(&mut tx, batch, &outcome, now).await?;
        let mut refused: Vec<(Refused, bool)> = refused.into_iter().map(|refused| (refused, false)).collect();
        for (index, refusal) in refused_by_the_store(&outcome) {
            let is_conflict = outcome.conflicts.binary_search(&index).is_ok();
            refused.push((Refused { record: batch.source(index), refusal }, is_conflict));
        }
        refused.sort_by_key(|(refused, _)| refused.record.line());
        self.keep::<R>(&mut tx, batch, &outcome, &refused).await?;
        (self.open, self.open_batches) = (Some(tx), self.open_batches + 1);
        Ok((outcome, refused.into_iter().map(|(refused, _)| refused).collect()))
    }

    /// Commits what is open. False if it waits for another batch, which is at hand (`more`).
    pub(crate) async fn commit(&mut self, more: bool) -> Result<bool, JobError> {
        if more && self.open_batches < self.store.batches_per_transaction() {
            return Ok(false);
        }
        self.open_batches = 0;
        pause_points::reach("before-usage-is-committed").await;
        match self.open.take() {
            Some(tx) if more => {
                tx.commit_async().await?;
                self.is_unflushed = true;
            }
            Some(tx) => tx.commit().await?,
            None => {}
        }
        if !more && std::mem::take(&mut self.is_unflushed) {
            // The last batch's own commit may have had nothing to write, and so have waited for nothing.
            self.store.flush_commits().await?;
        }
        Ok(true)
    }

    /// Asked within the transaction: rows that another import refused meanwhile are among them.
    async fn look_for_waiting(&mut self, tx: &mut Tx) -> Result<(), JobError> {
        let newest = tx.rejects().newest_rejection().await?;
        let WaitingKeys { keys, looked_up_to } = &mut self.waiting;
        if newest > *looked_up_to {
            keys.extend(tx.rejects().waiting_record_keys(self.kind.as_str(), *looked_up_to).await?);
            *looked_up_to = newest;
        }
        Ok(())
    }

    /// A record that is stored now settles what waits of its key; one that is there already settles itself.
    async fn settle<R: Rows>(
        &self,
        tx: &mut Tx,
        batch: &Batch<R::Entry>,
        outcome: &BatchOutcome,
        now: DateTime<Utc>,
    ) -> Result<(), JobError> {
        if self.waiting.keys.is_empty() {
            return Ok(());
        }
        let (mut keys, mut digests) = (Vec::new(), Vec::new());
        for index in (0..batch.entries.len()).filter(|index| outcome.accepted(*index)) {
            let record = batch.source(index);
            let row = Row::new(&self.columns, &record);
            let Some(key) = row.subject::<R>().filter(|key| self.waiting.keys.contains(key)) else { continue };
            digests.push(row.content_digest::<R>());
            if self.kind != Kind::Usage || outcome.is_new(index) {
                keys.push(key);
            }
        }
        tx.rejects().settle_by_content(self.kind.as_str(), &digests, now).await?;
        Ok(tx.rejects().settle_by_key(self.kind.as_str(), &keys, now).await?)
    }

    /// Keeps refused rows; those below which a record with their key is stored do not wait.
    async fn keep<R: Rows>(
        &mut self,
        tx: &mut Tx,
        batch: &Batch<R::Entry>,
        outcome: &BatchOutcome,
        refused: &[(Refused, bool)],
    ) -> Result<(), JobError> {
        if refused.is_empty() {
            return Ok(());
        }
        let kept: Vec<(Vec<u8>, RecordIdentity)> =
            refused.iter().map(|(row, _)| self.kept::<R>(&row.record)).collect();
        let stored_below = self.stored_below::<R>(batch, outcome, &kept);
        let is_item = |refused: &Refused| refused.refusal.column == Some(ITEM);
        let mut by_place = BTreeMap::<(Arc<str>, bool), Vec<Rejection<'_>>>::new();
        for ((refused, is_conflict), (record, identity)) in refused.iter().zip(&kept) {
            let number = refused.record.line();
            let (file, line) = match &self.origins {
                Some(origins) => origins.of(number),
                None => (Arc::from(self.file.as_str()), number),
            };
            by_place.entry((file, is_item(refused))).or_default().push(Rejection {
                line,
                column: refused.refusal.column,
                reason: &refused.refusal.reason,
                is_conflict: *is_conflict,
                record,
                identity,
                is_settled: !is_conflict
                    && identity.key.as_ref().and_then(|key| stored_below.get(key)) > Some(&number),
            });
        }
        let (kind, now) = (self.kind.as_str(), self.knowledge.clock.now());
        for ((file, is_item), rejections) in by_place {
            let header = self.header_of(tx, &file, is_item).await?;
            tx.rejects().store_rejections((kind, &file, header), &rejections, now).await?;
        }
        Ok(())
    }

    async fn header_of(&mut self, tx: &mut Tx, file: &str, is_item: bool) -> Result<Key, JobError> {
        let is_own = file == self.file && !is_item;
        if let Some(header) = self.header.filter(|_| is_own) {
            return Ok(header);
        }
        let text = if is_item { ITEM.into() } else { csv_record(self.columns.header().fields()) };
        let header = tx.rejects().rejected_header(self.kind.as_str(), file, &text).await?;
        if is_own {
            self.header = Some(header);
        }
        Ok(header)
    }

    fn kept<R: Rows>(&self, record: &Record) -> (Vec<u8>, RecordIdentity) {
        (csv_record(record.fields()), identity::<R>(&self.columns, record))
    }

    /// The last line of the batch that holds a stored record with one of the keys.
    fn stored_below<R: Rows>(
        &self,
        batch: &Batch<R::Entry>,
        outcome: &BatchOutcome,
        kept: &[(Vec<u8>, RecordIdentity)],
    ) -> HashMap<String, u64> {
        let wanted: HashSet<&str> = kept.iter().filter_map(|(_, identity)| identity.key.as_deref()).collect();
        let mut lines = HashMap::new();
        for index in (0..batch.entries.len()).filter(|index| outcome.is_new(*index)) {
            if let Some(key) = Row::new(&self.columns, &batch.source(index)).subject::<R>()
                && wanted.contains(key.as_str())
            {
                lines.insert(key, batch.line(index));
            }
        }
        lines
    }
}

/// What became of a group.
pub(crate) struct GroupOutcome {
    /// Of each of its files, in their order.
    pub parts: Vec<PartOutcome>,
    pub outcome: BatchOutcome,
    /// On the lines of their files.
    pub refused: Vec<Refused>,
}

/// What became of a file's rows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct PartOutcome {
    pub stored: u64,
    pub duplicates: u64,
    pub rejected: u64,
}

impl PartOutcome {
    /// Both together.
    pub(crate) fn plus(self, other: &Self) -> Self {
        Self {
            stored: self.stored + other.stored,
            duplicates: self.duplicates + other.duplicates,
            rejected: self.rejected + other.rejected,
        }
    }

    fn of(part: &FileRows, outcome: &BatchOutcome, refused: &[Refused]) -> Self {
        let entries = part.entries.clone();
        let stored = entries.clone().filter(|index| outcome.is_new(*index)).count();
        let duplicates = entries.filter(|index| outcome.again.binary_search(index).is_ok()).count();
        let rejected = refused.iter().filter(|refused| part.numbers.contains(&refused.record.line())).count();
        Self { stored: stored as u64, duplicates: duplicates as u64, rejected: rejected as u64 }
    }
}

/// Rows that are good by themselves and cannot be stored, by their position.
pub(crate) fn refused_by_the_store(outcome: &BatchOutcome) -> impl Iterator<Item = (usize, Refusal)> {
    let taken = outcome.conflicts.iter().map(|index| (*index, taken()));
    let erased = outcome.erased.iter().map(|index| (*index, erased()));
    let older = outcome.older.iter().map(|index| (*index, older()));
    let stretching = outcome.stretching.iter().map(|index| (*index, stretching()));
    let not_taken = outcome.not_taken.iter().map(|(index, why)| (*index, not_taken(*why)));
    let contradicting =
        outcome.refused.iter().map(|(index, column, reason)| (*index, Refusal::column(column, reason.as_str())));
    taken.chain(erased).chain(older).chain(stretching).chain(not_taken).chain(contradicting)
}
