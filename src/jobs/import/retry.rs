//! Rejected rows once more: what has become good (its room exists by now) is stored, the rest keeps its newer reason.

use std::collections::HashMap;
use std::sync::Arc;

use serde::Serialize;

use crate::clock::Clock;
use crate::domain::{AccessNumberRow, AccountRow, CodeRow, Leg, RoomRow, TariffRow};
use crate::intake::{Columns, Kind, Limits, Record, Refusal, Row, Rows};
use crate::jobs::JobError;
use crate::jobs::import::batch::refused_by_the_store;
use crate::jobs::import::entry::{Entry, Knowledge};
use crate::jobs::import::identity::identify_old_rejections;
use crate::store::{Key, RejectedRow, Store, Tx};

/// Rows in one transaction.
const ROWS_PER_BATCH: u32 = 1000;

/// What became of the rejected rows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct RetryReport {
    /// Rows that waited; stored + duplicates + rejected.
    pub rows: u64,
    pub stored: u64,
    /// Found to be stored already, from another row.
    pub duplicates: u64,
    pub late: u64,
    /// Still refused, and waiting.
    pub rejected: u64,
}

/// Tries all rejected rows that wait, kind by kind in the order in which they refer to each other.
pub async fn retry_rejected(store: &Store, clock: Clock, limits: Limits) -> Result<RetryReport, JobError> {
    retry(store, clock, limits, None).await
}

/// Tries these rows, also where they were dismissed: those that are refused again wait again.
pub async fn retry_rows(store: &Store, clock: Clock, limits: Limits, ids: &[Key]) -> Result<RetryReport, JobError> {
    let mut rows = Vec::new();
    identify_old_rejections(store).await?;
    for id in ids {
        let row = store.read().await?.rejects().rejected_row(*id).await?.ok_or(JobError::NoSuchRejection(*id))?;
        rows.push(row);
    }
    retry(store, clock, limits, Some(&rows)).await
}

async fn retry(
    store: &Store,
    clock: Clock,
    limits: Limits,
    chosen: Option<&[RejectedRow]>,
) -> Result<RetryReport, JobError> {
    identify_old_rejections(store).await?;
    let mut report = RetryReport::default();
    for kind in Kind::ALL {
        // Read anew for each kind: the kinds before it may have brought what its rows refer to.
        let directory = Arc::new(store.read().await?.master().directory().await?);
        let retry = Retry { store, knowledge: Knowledge { directory, clock, limits }, chosen };
        match kind {
            Kind::Tariffs => retry.run::<TariffRow>(&mut report).await?,
            Kind::Accounts => retry.run::<AccountRow>(&mut report).await?,
            Kind::Rooms => retry.run::<RoomRow>(&mut report).await?,
            Kind::AccessNumbers => retry.run::<AccessNumberRow>(&mut report).await?,
            Kind::Codes => retry.run::<CodeRow>(&mut report).await?,
            Kind::Usage => retry.run::<Leg>(&mut report).await?,
        }
    }
    Ok(report)
}

struct Retry<'a> {
    store: &'a Store,
    knowledge: Knowledge,
    /// `None` means all that wait.
    chosen: Option<&'a [RejectedRow]>,
}

/// A rejected row that can be read now.
struct Good<E> {
    row: Key,
    /// What it is about.
    about: Option<String>,
    entry: E,
}

/// A row that is still refused, and whether because its leg's id is taken.
type StillRefused = (Key, Refusal, bool);

impl Retry<'_> {
    async fn run<E: Entry>(&self, report: &mut RetryReport) -> Result<(), JobError> {
        let kind = E::Rows::KIND.as_str();
        if let Some(chosen) = self.chosen {
            let rows: Vec<RejectedRow> = chosen.iter().filter(|row| row.kind == kind).cloned().collect();
            let mut tx = self.store.write().await?;
            self.try_rows::<E>(&mut tx, &rows, report).await?;
            return Ok(tx.commit().await?);
        }
        let mut after = 0;
        loop {
            let mut tx = self.store.write().await?;
            let rows = tx.rejects().rejected_rows(kind, after, ROWS_PER_BATCH).await?;
            let Some(last) = rows.last() else { return Ok(()) };
            after = last.rejected_key;
            self.try_rows::<E>(&mut tx, &rows, report).await?;
            tx.commit().await?;
        }
    }

    async fn try_rows<E: Entry>(
        &self,
        tx: &mut Tx,
        rows: &[RejectedRow],
        report: &mut RetryReport,
    ) -> Result<(), JobError> {
        if rows.is_empty() {
            return Ok(());
        }
        let now = self.knowledge.clock.now();
        let (good, mut refused) = self.read_rows::<E>(rows);
        let (entries, kept): (Vec<E>, Vec<_>) =
            good.into_iter().map(|good| (good.entry, (good.row, good.about))).unzip();
        let outcome = E::store(tx, &entries, &self.knowledge, now).await?;
        for (index, refusal) in refused_by_the_store(&outcome) {
            refused.push((kept[index].0, refusal, outcome.conflicts.binary_search(&index).is_ok()));
        }
        let mut keys = Vec::new();
        for (index, (row, about)) in kept.into_iter().enumerate().filter(|(index, _)| outcome.accepted(*index)) {
            tx.rejects().resolve_rejected(row, now).await?;
            keys.extend(about.filter(|_| outcome.is_new(index)));
        }
        for (row, refusal, is_conflict) in &refused {
            tx.rejects().refuse_again(*row, (refusal.column, &refusal.reason), *is_conflict).await?;
        }
        tx.rejects().settle_by_key(E::Rows::KIND.as_str(), &keys, now).await?;
        report.rows += rows.len() as u64;
        report.stored += outcome.stored;
        report.duplicates += outcome.duplicates;
        report.late += outcome.late;
        report.rejected += refused.len() as u64;
        Ok(())
    }

    fn read_rows<E: Entry>(&self, rows: &[RejectedRow]) -> (Vec<Good<E>>, Vec<StillRefused>) {
        let mut reader = E::rows(&self.knowledge);
        // Rows of one file share their header.
        let mut headers = HashMap::<Key, Result<Columns, Refusal>>::new();
        let (mut good, mut refused) = (Vec::new(), Vec::new());
        for stored in rows {
            let columns = headers.entry(stored.header_key).or_insert_with(|| {
                Columns::of_rejected::<E::Rows>(&stored.header, &stored.file)
                    .map_err(|error| Refusal::row(error.to_string()))
            });
            let record = Record::parse(&stored.record);
            let read = columns.as_ref().map_err(Clone::clone).and_then(|columns| {
                let row = Row::new(columns, &record);
                Ok((row.read_by(&mut reader)?, row.subject::<E::Rows>()))
            });
            match read {
                Ok((entry, about)) => good.push(Good { row: stored.rejected_key, about, entry }),
                Err(refusal) => refused.push((stored.rejected_key, refusal, false)),
            }
        }
        (good, refused)
    }
}
