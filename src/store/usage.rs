//! Usage in: a batch of legs becomes rows, each leg once, late ones marked.
//!
//! Per batch, in one transaction: find what is already there, insert the conferences that are new, move the start of
//! those that begin earlier than was known, insert the legs, mark what came after its period had closed.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use sqlx::AssertSqlSafe;

use super::master::parse;
use super::{Directory, Key, StoreError, Tx, execute, fetch, on_engine};
use crate::domain::{Leg, Period};

/// What became of a batch.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct BatchOutcome {
    pub stored: u64,
    /// Of the stored: arrived after their conference's period had closed.
    pub late: u64,
    /// The same leg again, with the same content.
    pub duplicates: u64,
    /// Positions in the batch, ascending, of legs whose id is taken by other content.
    pub conflicts: Vec<usize>,
    /// Likewise, of legs from a time whose usage has been erased: nobody knows whether they were charged before.
    pub erased: Vec<usize>,
}

impl BatchOutcome {
    /// Whether the entry at a position of the batch is stored now, or was before.
    pub fn accepted(&self, position: usize) -> bool {
        self.conflicts.binary_search(&position).is_err() && self.erased.binary_search(&position).is_err()
    }

    /// Counts a row of master data, which was stored, or there as it is.
    pub fn count(&mut self, stored: bool) {
        if stored {
            self.stored += 1;
        } else {
            self.duplicates += 1;
        }
    }
}

/// SQLite allows 32,766 parameters in a statement; a leg takes 7.
const LEGS_PER_STATEMENT: usize = 2000;
/// Ids in one list; a conference takes 2 parameters or 4.
pub(super) const IDS_PER_STATEMENT: usize = 5000;

/// (room, conference id)
type ConferenceName<'a> = (Key, &'a str);
type Filings<'a> = HashMap<ConferenceName<'a>, Filing>;

/// A conference's row.
#[derive(Debug, Clone, Copy)]
struct Filing {
    key: Key,
    account: Key,
    filed_at: i64,
    /// This batch moved its start from an open period into a closed one: all its legs are late.
    moved_into_closed: bool,
}

/// The closed periods of the accounts in a batch.
struct ClosedPeriods(HashMap<Key, Vec<(Period, i64, i64)>>);

impl ClosedPeriods {
    fn containing(&self, account: Key, instant: i64) -> Option<Period> {
        let of_account = self.0.get(&account)?;
        of_account.iter().find(|(_, start, end)| *start <= instant && instant < *end).map(|(period, ..)| *period)
    }
}

impl Tx {
    /// Stores the legs, all of rooms that `directory` knows.
    pub async fn import_usage(
        &mut self,
        legs: &[Leg],
        directory: &Directory,
        now: DateTime<Utc>,
    ) -> Result<BatchOutcome, StoreError> {
        let mut outcome = BatchOutcome::default();
        self.lock_imports().await?;
        let new = self.sort_out_known(legs, &mut outcome).await?;
        let new = self.sort_out_erased(new, directory, &mut outcome).await?;
        if new.is_empty() {
            return Ok(outcome);
        }
        let new: Vec<(ConferenceName<'_>, &Leg)> = new
            .into_iter()
            .filter_map(|(_, leg)| Some(((directory.rooms.get(&leg.room)?.0, leg.conference_id.as_str()), leg)))
            .collect();
        let (filings, closed) = self.file_conferences(&new, directory).await?;
        outcome.stored = self.insert_legs(&new, &filings).await?;
        outcome.late = self.mark_late(&new, &filings, &closed, now).await?;
        Ok(outcome)
    }

    async fn closed_periods(&mut self) -> Result<ClosedPeriods, StoreError> {
        let rows = fetch!(
            all,
            self,
            sqlx::query_as::<_, (Key, String, i64, i64)>(
                "SELECT account_key, period, starts_at, ends_at FROM closing"
            )
        );
        let mut closed = HashMap::<Key, Vec<_>>::new();
        for (account, period, start, end) in rows {
            closed.entry(account).or_default().push((parse("closing", &period, "period", &period)?, start, end));
        }
        Ok(ClosedPeriods(closed))
    }

    /// Makes sure that every conference of the batch has a row with the right start; from here on no month of the
    /// accounts concerned closes before this transaction ends.
    async fn file_conferences<'a>(
        &mut self,
        legs: &[(ConferenceName<'a>, &'a Leg)],
        directory: &Directory,
    ) -> Result<(Filings<'a>, ClosedPeriods), StoreError> {
        let mut starts = BTreeMap::<ConferenceName<'a>, (i64, Key)>::new();
        for (name, leg) in legs {
            let joined = leg.joined_at.timestamp();
            let account = directory.rooms.get(&leg.room).map_or(0, |(_, account)| *account);
            starts.entry(*name).and_modify(|(start, _)| *start = joined.min(*start)).or_insert((joined, account));
        }
        let names: Vec<_> = starts.keys().copied().collect();
        let mut filings = self.filings(&names).await?;
        let accounts =
            starts.values().map(|(_, account)| *account).chain(filings.values().map(|filing| filing.account));
        let accounts: BTreeSet<Key> = accounts.collect();
        self.lock_accounts(&accounts.into_iter().collect::<Vec<_>>()).await?;
        let closed = self.closed_periods().await?;
        let missing: Vec<_> = names.iter().filter(|name| !filings.contains_key(*name)).copied().collect();
        self.insert_conferences(&missing, &starts).await?;
        filings.extend(self.filings(&missing).await?);
        for (name, filing) in &mut filings {
            let start = starts.get(name).map_or(filing.filed_at, |(start, _)| *start);
            let is_open = closed.containing(filing.account, filing.filed_at).is_none();
            if start < filing.filed_at && is_open {
                self.move_start(filing.key, start).await?;
                filing.filed_at = start;
                filing.moved_into_closed = closed.containing(filing.account, start).is_some();
            }
        }
        Ok((filings, closed))
    }

    async fn filings<'a>(&mut self, names: &[ConferenceName<'a>]) -> Result<Filings<'a>, StoreError> {
        let mut filings = HashMap::with_capacity(names.len());
        for chunk in names.chunks(IDS_PER_STATEMENT) {
            // The position comes back with each row, so that no text has to be matched again.
            let sql = format!(
                "WITH wanted (position, room_key, conference_id) AS (VALUES {})
                 SELECT wanted.position, c.conference_key, c.account_key, c.filed_at
                 FROM wanted JOIN conference c
                   ON c.room_key = wanted.room_key AND c.conference_id = wanted.conference_id",
                tuple_list(chunk.len(), 3)
            );
            let rows = on_engine!(self, |conn| {
                let mut query = sqlx::query_as::<_, (i64, Key, Key, i64)>(AssertSqlSafe(sql));
                for (position, (room, conference)) in (0_i64..).zip(chunk) {
                    query = query.bind(position).bind(*room).bind(*conference);
                }
                query.fetch_all(conn).await?
            });
            for (position, key, account, filed_at) in rows {
                if let Some(name) = usize::try_from(position).ok().and_then(|position| chunk.get(position)) {
                    filings.insert(*name, Filing { key, account, filed_at, moved_into_closed: false });
                }
            }
        }
        Ok(filings)
    }

    async fn insert_conferences<'a>(
        &mut self,
        names: &[ConferenceName<'a>],
        starts: &BTreeMap<ConferenceName<'a>, (i64, Key)>,
    ) -> Result<(), StoreError> {
        for chunk in names.chunks(IDS_PER_STATEMENT) {
            let sql = format!(
                "INSERT INTO conference (room_key, account_key, conference_id, filed_at) VALUES {}",
                tuple_list(chunk.len(), 4)
            );
            on_engine!(self, |conn| {
                let mut query = sqlx::query(AssertSqlSafe(sql));
                for name in chunk {
                    let (start, account) = starts.get(name).copied().unwrap_or_default();
                    query = query.bind(name.0).bind(account).bind(name.1).bind(start);
                }
                query.execute(conn).await?.rows_affected()
            });
        }
        Ok(())
    }

    async fn move_start(&mut self, conference: Key, start: i64) -> Result<(), StoreError> {
        let written = execute!(
            self,
            sqlx::query("UPDATE conference SET filed_at = $2 WHERE conference_key = $1").bind(conference).bind(start)
        );
        StoreError::expect_one(written, "start of a conference")
    }

    async fn insert_legs(
        &mut self,
        legs: &[(ConferenceName<'_>, &Leg)],
        filings: &Filings<'_>,
    ) -> Result<u64, StoreError> {
        let mut stored = 0;
        for chunk in legs.chunks(LEGS_PER_STATEMENT) {
            let sql = format!(
                "INSERT INTO leg (conference_key, leg_id, service_type, joined_at, left_at, caller, billing_code)
                 VALUES {}",
                tuple_list(chunk.len(), 7)
            );
            stored += on_engine!(self, |conn| {
                let mut query = sqlx::query(AssertSqlSafe(sql));
                for (name, leg) in chunk {
                    query = query
                        .bind(filings.get(name).map(|filing| filing.key))
                        .bind(leg.leg_id.as_str())
                        .bind(leg.service_type.as_str())
                        .bind(leg.joined_at.timestamp())
                        .bind(leg.left_at.timestamp())
                        .bind(leg.caller.as_ref().map(|caller| caller.as_str()))
                        .bind(leg.billing_code.as_ref().map(|code| code.as_str()));
                }
                query.execute(conn).await?.rows_affected()
            });
        }
        Ok(stored)
    }

    /// Notes the legs that no closing has counted although their conference's period has closed.
    async fn mark_late(
        &mut self,
        legs: &[(ConferenceName<'_>, &Leg)],
        filings: &Filings<'_>,
        closed: &ClosedPeriods,
        now: DateTime<Utc>,
    ) -> Result<u64, StoreError> {
        const ONE: &str = "INSERT INTO late_leg (leg_id, conference_key, account_key, period, arrived_at)
             VALUES ($1, $2, $3, $4, $5)";
        const WHOLE: &str = "INSERT INTO late_leg (leg_id, conference_key, account_key, period, arrived_at)
             SELECT leg_id, conference_key, $2, $3, $4 FROM leg WHERE conference_key = $1
             ON CONFLICT (leg_id) DO NOTHING";
        let mut late = 0;
        for (name, leg) in legs {
            let Some(filing) = filings.get(name).filter(|filing| !filing.moved_into_closed) else { continue };
            let Some(period) = closed.containing(filing.account, filing.filed_at) else { continue };
            late += execute!(
                self,
                sqlx::query(ONE)
                    .bind(leg.leg_id.as_str())
                    .bind(filing.key)
                    .bind(filing.account)
                    .bind(period.to_string())
                    .bind(now.timestamp())
            );
        }
        for filing in filings.values().filter(|filing| filing.moved_into_closed) {
            let Some(period) = closed.containing(filing.account, filing.filed_at) else { continue };
            late += execute!(
                self,
                sqlx::query(WHOLE)
                    .bind(filing.key)
                    .bind(filing.account)
                    .bind(period.to_string())
                    .bind(now.timestamp())
            );
        }
        Ok(late)
    }
}

/// `($1,$2),($3,$4),…`: rows of `columns` parameters.
pub(super) fn tuple_list(rows: usize, columns: usize) -> String {
    let row = |row: usize| tuple(columns, row * columns + 1);
    (0..rows).map(row).collect::<Vec<_>>().join(",")
}

/// `($first,$first+1,…)`
pub(super) fn tuple(columns: usize, first: usize) -> String {
    let names: Vec<String> = (first..first + columns).map(|number| format!("${number}")).collect();
    format!("({})", names.join(","))
}
