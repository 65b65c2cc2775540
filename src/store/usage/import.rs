//! Usage in: a batch of legs becomes rows, each leg once, late ones marked.
//!
//! Per batch, in one transaction: sort out legs that are there already, find or file the conferences of the others,
//! move the start of those that begin earlier than was known, insert the legs, mark what came after its period had
//! closed. Only one transaction at a time does this, and from the look at what has closed until its end no period of the
//! accounts concerned closes: see `claims`.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, Utc};

use crate::domain::{ConferenceId, Leg, Period};
use crate::store::engine::lists::{ListQuery, list, list_query};
use crate::store::master::directory::{KnownRoom, NotTaken};
use crate::store::master::notes::{MasterNote, MasterOutcome};
use crate::store::master::parse;
use crate::store::usage::bulk_insert::{NewConference, NewLeg};
use crate::store::{Directory, Key, StoreError, Tx, execute, fetch};

/// What became of a batch.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct BatchOutcome {
    pub stored: u64,
    /// Legs that arrived after their conference's period had closed. Not all need be of this batch: one that takes
    /// its conference's start into a closed period makes the legs that were there late, too.
    pub late: u64,
    /// The same leg again, with the same content.
    pub duplicates: u64,
    /// Positions in the batch, ascending, of legs whose id is taken by other content.
    pub conflicts: Vec<usize>,
    /// Likewise, of legs from a time whose usage has been erased: nobody knows whether they were charged before.
    pub erased: Vec<usize>,
    /// Likewise, of legs that their room did not take when their conference began.
    pub not_taken: Vec<(usize, NotTaken)>,
    /// Likewise, of rows of master data that contradict what is stored: column and reason.
    pub refused: Vec<(usize, &'static str, String)>,
    /// What rows of master data mean for what is there already.
    pub notes: Vec<MasterNote>,
}

impl BatchOutcome {
    /// Whether the entry at a position of the batch is stored now, or was before.
    pub fn accepted(&self, position: usize) -> bool {
        self.conflicts.binary_search(&position).is_err()
            && self.erased.binary_search(&position).is_err()
            && !self.not_taken.iter().any(|(refused, _)| *refused == position)
            && !self.refused.iter().any(|(refused, ..)| *refused == position)
    }

    /// Counts the row of master data at a position of the batch: it was refused, stored, or there as it is.
    pub fn count(&mut self, position: usize, outcome: MasterOutcome) {
        match outcome.refused {
            Some((column, reason)) => self.refused.push((position, column, reason)),
            None if outcome.stored => self.stored += 1,
            None => self.duplicates += 1,
        }
        self.notes.extend(outcome.notes);
    }
}

/// A conference of the batch, as its row is or will be.
struct Filing<'a> {
    room: Key,
    id: &'a ConferenceId,
    /// Of the legs that are new.
    first_join: i64,
    /// None until its row is found or made.
    key: Option<Key>,
    /// Of the room at the first join, until a row says otherwise.
    account: Key,
    /// The account that it belongs to if it begins with the first join of the legs that are new.
    account_at_first_join: Key,
    filed_at: i64,
    /// Where it was before this batch moved its start.
    was_at: Option<(Key, i64)>,
    /// This batch moved its start from an open period into a closed one: all its legs are late.
    moved_into_closed: bool,
}

/// The new legs of a batch, by conference.
struct Filings<'a> {
    conferences: Vec<Filing<'a>>,
    /// Each leg with the index of its conference.
    legs: Vec<(usize, &'a Leg)>,
}

/// Closed periods of the accounts in a batch, as far as they can matter to it.
struct ClosedPeriods(HashMap<Key, Vec<(Period, i64, i64)>>);

impl Tx {
    /// Stores the legs, all of rooms that `directory` knows.
    pub async fn import_usage(
        &mut self,
        legs: &[Leg],
        directory: &Directory,
        now: DateTime<Utc>,
    ) -> Result<BatchOutcome, StoreError> {
        self.lock_imports().await?;
        // Rooms that were imported since the directory was read have moved conferences that were there then.
        if self.room_changes().await? == directory.room_changes {
            self.import_legs(legs, directory, now).await
        } else {
            let directory = self.directory().await?;
            self.import_legs(legs, &directory, now).await
        }
    }

    async fn import_legs(
        &mut self,
        legs: &[Leg],
        directory: &Directory,
        now: DateTime<Utc>,
    ) -> Result<BatchOutcome, StoreError> {
        let mut outcome = BatchOutcome::default();
        let new = self.sort_out_known(legs, &mut outcome).await?;
        let new = self.sort_out_erased(new, directory, &mut outcome).await?;
        let new = self.sort_out_not_taken(new, directory, &mut outcome).await?;
        let mut filings = Filings::of(&new, directory);
        self.find_conferences(&mut filings).await?;
        self.lock_accounts(&filings.accounts()).await?;
        let closed = self.closed_periods(&filings).await?;
        self.file_conferences(&mut filings).await?;
        self.move_starts(&mut filings, &closed).await?;
        self.forget_history_at(&filings.starts()).await?;
        let rows = filings.new_legs();
        self.insert_bulk(&rows).await?;
        outcome.stored = rows.len() as u64;
        outcome.late = self.mark_late(&filings, &closed, now).await?;
        Ok(outcome)
    }

    /// Finds the conferences that have a row.
    async fn find_conferences(&mut self, filings: &mut Filings<'_>) -> Result<(), StoreError> {
        // The position comes back with each row, so that no text has to be matched again.
        const SQL: ListQuery = list_query!(
            "SELECT CAST(item.value ->> 0 AS BIGINT), c.conference_key, c.account_key, c.filed_at FROM",
            "CROSS JOIN conference c
             WHERE c.room_key = CAST(item.value ->> 1 AS BIGINT) AND c.conference_id = item.value ->> 2"
        );
        const WALK: &str = "SELECT conference_id FROM conference WHERE conference_id BETWEEN $1 AND $2
             ORDER BY conference_id LIMIT $3";
        let ids = filings.conferences.iter().map(|filing| filing.id.as_str());
        let candidates = self.candidates(WALK, ids).await?;
        let names = filings
            .conferences
            .iter()
            .enumerate()
            .map(|(position, filing)| (position, filing.room, filing.id.as_str()))
            .filter(|(.., id)| candidates.contain(id));
        let (sql, names) = (SQL.sql(self), list(names)?);
        let rows = fetch!(all, self, sqlx::query_as::<_, (i64, Key, Key, i64)>(sql).bind(names));
        for (position, key, account, filed_at) in rows {
            if let Some(filing) = usize::try_from(position).ok().and_then(|index| filings.conferences.get_mut(index))
            {
                (filing.key, filing.account, filing.filed_at) = (Some(key), account, filed_at);
            }
        }
        Ok(())
    }

    async fn closed_periods(&mut self, filings: &Filings<'_>) -> Result<ClosedPeriods, StoreError> {
        const SQL: ListQuery = list_query!(
            "SELECT k.account_key, k.period, k.starts_at, k.ends_at FROM",
            "CROSS JOIN closing k WHERE k.account_key = CAST(item.value ->> 0 AS BIGINT) AND k.ends_at > $2"
        );
        let accounts = filings.accounts().into_iter().map(|account| (account,));
        let earliest = filings.conferences.iter().map(|filing| filing.filed_at.min(filing.first_join)).min();
        let (sql, accounts, earliest) = (SQL.sql(self), list(accounts)?, earliest.unwrap_or_default());
        let rows = fetch!(all, self, sqlx::query_as::<_, (Key, String, i64, i64)>(sql).bind(accounts).bind(earliest));
        let mut closed = HashMap::<Key, Vec<_>>::new();
        for (account, period, start, end) in rows {
            closed.entry(account).or_default().push((parse("closing", &period, "period", &period)?, start, end));
        }
        Ok(ClosedPeriods(closed))
    }

    /// Makes rows for the conferences that have none.
    async fn file_conferences(&mut self, filings: &mut Filings<'_>) -> Result<(), StoreError> {
        const LAST: &str = "SELECT COALESCE(MAX(conference_key), 0) FROM conference";
        let last = fetch!(one, self, sqlx::query_scalar::<_, Key>(LAST));
        let mut rows = Vec::with_capacity(filings.conferences.len());
        let missing = filings.conferences.iter_mut().filter(|filing| filing.key.is_none());
        for (key, filing) in (last + 1..).zip(missing) {
            filing.key = Some(key);
            let (room, account, id, filed_at) = (filing.room, filing.account, filing.id, filing.filed_at);
            rows.push(NewConference { key, room, account, id, filed_at });
        }
        self.insert_bulk(&rows).await
    }

    /// A conference whose period is open begins with its first leg, whenever that arrives, and belongs to the account of
    /// that moment; it changes account only into an open period.
    async fn move_starts(&mut self, filings: &mut Filings<'_>, closed: &ClosedPeriods) -> Result<(), StoreError> {
        const SQL: ListQuery = list_query!(
            "UPDATE conference SET filed_at = CAST(item.value ->> 1 AS BIGINT),
                                   account_key = CAST(item.value ->> 2 AS BIGINT) FROM",
            "WHERE conference.conference_key = CAST(item.value ->> 0 AS BIGINT)"
        );
        let kept = self.kept_conferences().await?;
        let mut moved = Vec::new();
        for filing in &mut filings.conferences {
            let is_open = || closed.containing(filing.account, filing.filed_at).is_none();
            if filing.first_join < filing.filed_at && is_open() {
                filing.was_at = Some((filing.account, filing.filed_at));
                filing.filed_at = filing.first_join;
                let belongs_to = filing.account_at_first_join;
                if filing.key > Some(kept) && !closed.has_closed_after(belongs_to, filing.filed_at) {
                    filing.account = belongs_to;
                }
                filing.moved_into_closed = closed.containing(filing.account, filing.filed_at).is_some();
                moved.push((filing.key, filing.filed_at, filing.account));
            }
        }
        if !moved.is_empty() {
            let (sql, moved) = (SQL.sql(self), list(moved)?);
            execute!(self, sqlx::query(sql).bind(moved));
        }
        Ok(())
    }

    /// Notes the legs that no closing has counted although their conference's period has closed.
    async fn mark_late(
        &mut self,
        filings: &Filings<'_>,
        closed: &ClosedPeriods,
        now: DateTime<Utc>,
    ) -> Result<u64, StoreError> {
        const ONES: ListQuery = list_query!(
            "INSERT INTO late_leg (leg_id, conference_key, account_key, period, arrived_at)
             SELECT item.value ->> 0, CAST(item.value ->> 1 AS BIGINT), CAST(item.value ->> 2 AS BIGINT),
                    item.value ->> 3, $2
             FROM",
            ""
        );
        const WHOLE: &str = "INSERT INTO late_leg (leg_id, conference_key, account_key, period, arrived_at)
             SELECT leg_id, conference_key, $2, $3, $4 FROM leg WHERE conference_key = $1";
        if closed.0.is_empty() {
            return Ok(0);
        }
        let mut late = 0;
        let mut ones = Vec::new();
        for (conference, leg) in &filings.legs {
            let filing = &filings.conferences[*conference];
            if let Some(period) = closed.containing(filing.account, filing.filed_at)
                && !filing.moved_into_closed
            {
                ones.push((leg.leg_id.as_str(), filing.key, filing.account, period));
            }
        }
        if !ones.is_empty() {
            let (sql, ones) = (ONES.sql(self), list(ones)?);
            late += execute!(self, sqlx::query(sql).bind(ones).bind(now.timestamp()));
        }
        for filing in filings.conferences.iter().filter(|filing| filing.moved_into_closed) {
            let Some(period) = closed.containing(filing.account, filing.filed_at) else { continue };
            let period = period.to_string();
            late += execute!(
                self,
                sqlx::query(WHOLE).bind(filing.key).bind(filing.account).bind(period.as_str()).bind(now.timestamp())
            );
        }
        Ok(late)
    }
}

impl<'a> Filing<'a> {
    fn beginning_with(leg: &'a Leg, room: Key, account: Key) -> Self {
        let joined = leg.joined_at.timestamp();
        Self {
            room,
            id: &leg.conference_id,
            first_join: joined,
            key: None,
            account,
            account_at_first_join: account,
            filed_at: joined,
            was_at: None,
            moved_into_closed: false,
        }
    }
}

impl Filing<'_> {
    /// An earlier leg of the same room.
    fn begin_at(&mut self, joined: i64, room: Option<&KnownRoom>) {
        (self.first_join, self.filed_at) = (joined, joined);
        if let Some(account) = room.and_then(|room| room.account_at(joined)) {
            (self.account, self.account_at_first_join) = (account, account);
        }
    }
}

impl<'a> Filings<'a> {
    fn of(legs: &[(usize, &'a Leg)], directory: &Directory) -> Self {
        let mut index = HashMap::<(Key, &ConferenceId), usize>::new();
        let mut filings = Self { conferences: Vec::new(), legs: Vec::with_capacity(legs.len()) };
        let mut last: Option<(&Leg, usize)> = None;
        for (_, leg) in legs.iter().copied() {
            let conference = match last {
                // A conference's legs mostly stand together.
                Some((before, conference)) if before.is_beside(leg) => conference,
                _ => {
                    let Some(room) = directory.rooms.get(&leg.room) else { continue };
                    let Some(account) = room.account_at(leg.joined_at.timestamp()) else { continue };
                    let next = filings.conferences.len();
                    let conference = *index.entry((room.key, &leg.conference_id)).or_insert(next);
                    if conference == next {
                        filings.conferences.push(Filing::beginning_with(leg, room.key, account));
                    }
                    conference
                }
            };
            last = Some((leg, conference));
            if let Some(filing) = filings.conferences.get_mut(conference)
                && leg.joined_at.timestamp() < filing.first_join
            {
                let room = directory.rooms.get(&leg.room);
                filing.begin_at(leg.joined_at.timestamp(), room);
            }
            filings.legs.push((conference, leg));
        }
        filings
    }

    /// All legs, once their conferences have rows.
    fn new_legs(&self) -> Vec<NewLeg<'a>> {
        let of = |(conference, leg): &(usize, &'a Leg)| {
            let conference = self.conferences.get(*conference)?.key?;
            Some(NewLeg { conference, leg })
        };
        self.legs.iter().filter_map(of).collect()
    }

    /// Accounts and starts, also those of before.
    fn starts(&self) -> Vec<(Key, i64)> {
        let of = |filing: &Filing<'_>| [Some((filing.account, filing.filed_at)), filing.was_at];
        self.conferences.iter().flat_map(of).flatten().collect()
    }

    /// In order, each once.
    fn accounts(&self) -> Vec<Key> {
        let both = |filing: &Filing<'_>| [filing.account, filing.account_at_first_join];
        self.conferences.iter().flat_map(both).collect::<BTreeSet<_>>().into_iter().collect()
    }
}

impl ClosedPeriods {
    fn containing(&self, account: Key, instant: i64) -> Option<Period> {
        let of_account = self.0.get(&account)?;
        of_account.iter().find(|(_, start, end)| *start <= instant && instant < *end).map(|(period, ..)| *period)
    }

    /// Whether the period that contains `instant`, or a later one, has closed.
    fn has_closed_after(&self, account: Key, instant: i64) -> bool {
        self.0.get(&account).is_some_and(|closed| closed.iter().any(|(.., end)| *end > instant))
    }
}
