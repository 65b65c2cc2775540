//! Rejected rows once more: what has become good (its room exists by now) is stored, the rest keeps its newer reason.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::clock::Clock;
use crate::domain::{AccessNumberRow, AccountRow, Leg, RoomRow, TariffRow};
use crate::intake::{Columns, Kind, Limits, Origin, Record, Refusal, Row, Rows};
use crate::jobs::JobError;
use crate::jobs::import::batch::refusals;
use crate::jobs::import::entry::{Entry, Knowledge};
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
    /// Still refused; they wait on.
    pub rejected: u64,
}

/// Tries all rejected rows, kind by kind in the order in which they refer to each other.
pub async fn retry_rejected(store: &Store, clock: Clock, limits: Limits) -> Result<RetryReport, JobError> {
    let mut report = RetryReport::default();
    for kind in Kind::ALL {
        // Read anew for each kind: the kinds before it may have brought what its rows refer to.
        let directory = Arc::new(store.read().await?.directory().await?);
        let retry = Retry { store, clock, knowledge: Knowledge { directory, limits } };
        match kind {
            Kind::Tariffs => retry.run::<TariffRow>(&mut report).await?,
            Kind::Accounts => retry.run::<AccountRow>(&mut report).await?,
            Kind::Rooms => retry.run::<RoomRow>(&mut report).await?,
            Kind::AccessNumbers => retry.run::<AccessNumberRow>(&mut report).await?,
            Kind::Usage => retry.run::<Leg>(&mut report).await?,
        }
    }
    Ok(report)
}

struct Retry<'a> {
    store: &'a Store,
    clock: Clock,
    knowledge: Knowledge,
}

/// A rejected row that can be read now.
struct Good<E> {
    row: Key,
    entry: E,
    origin: Option<Origin>,
}

impl Retry<'_> {
    async fn run<E: Entry>(&self, report: &mut RetryReport) -> Result<(), JobError> {
        let mut after = 0;
        loop {
            let mut tx = self.store.write().await?;
            let rows = tx.rejected_rows(E::Rows::KIND.as_str(), after, ROWS_PER_BATCH).await?;
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
        let now = self.clock.now();
        let (good, mut refused) = self.read_rows::<E>(rows);
        let (entries, kept): (Vec<E>, Vec<_>) =
            good.into_iter().map(|good| (good.entry, (good.row, good.origin))).unzip();
        let outcome = E::store(tx, &entries, &self.knowledge.directory, now).await?;
        let of_store = refusals(&outcome);
        for (index, (row, origin)) in kept.into_iter().enumerate() {
            if let Some((_, refusal)) = of_store.iter().find(|(refused, _)| *refused == index) {
                refused.push((row, refusal.clone()));
            } else {
                settle(tx, E::Rows::KIND, row, origin, now).await?;
            }
        }
        for (row, refusal) in &refused {
            tx.refuse_again(*row, refusal.column, &refusal.reason).await?;
        }
        report.rows += rows.len() as u64;
        report.stored += outcome.stored;
        report.duplicates += outcome.duplicates;
        report.late += outcome.late;
        report.rejected += refused.len() as u64;
        Ok(())
    }

    fn read_rows<E: Entry>(&self, rows: &[RejectedRow]) -> (Vec<Good<E>>, Vec<(Key, Refusal)>) {
        let mut reader = E::rows(&self.knowledge);
        // Rows of one file share their header.
        let mut headers = HashMap::<&[u8], Result<Columns, Refusal>>::new();
        let (mut good, mut refused) = (Vec::new(), Vec::new());
        for stored in rows {
            let columns = headers.entry(&stored.header).or_insert_with(|| {
                Columns::of_rejected::<E::Rows>(&stored.header, &stored.file)
                    .map_err(|error| Refusal::row(error.to_string()))
            });
            let record = Record::parse(&stored.record);
            let read = columns.as_ref().map_err(Clone::clone).and_then(|columns| {
                let row = Row::new(columns, &record);
                Ok((row.read_by(&mut reader)?, row.origin()))
            });
            match read {
                Ok((entry, origin)) => good.push(Good { row: stored.rejected_key, entry, origin }),
                Err(refusal) => refused.push((stored.rejected_key, refusal)),
            }
        }
        (good, refused)
    }
}

async fn settle(
    tx: &mut Tx,
    kind: Kind,
    row: Key,
    origin: Option<Origin>,
    now: DateTime<Utc>,
) -> Result<(), JobError> {
    tx.resolve_rejected(row, now).await?;
    if let Some(origin) = origin {
        tx.resolve_line((kind.as_str(), &origin.file, origin.line), None, now).await?;
    }
    Ok(())
}
