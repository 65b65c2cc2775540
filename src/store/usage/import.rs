//! Stores a batch of legs: each leg once, late ones marked.
//!
//! Per batch, in one transaction: sort out legs that are there already, find or file the conferences of the others,
//! move the start of those that begin earlier than was known, insert the legs, mark what came after its period had
//! closed. Only one transaction at a time does this, and from the look at what has closed until its end no period of
//! the accounts concerned closes: see `claims`.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};

use crate::domain::{Leg, Period};
use crate::store::engine::decode::parse;
use crate::store::engine::lists::{list, list_sql};
use crate::store::usage::batch_outcome::BatchOutcome;
use crate::store::usage::bulk_insert::NewConference;
use crate::store::usage::filings::Filings;
use crate::store::usage::totals::IMPORTED;
use crate::store::{Directory, Key, StoreError, Usage, execute, fetch, record};

/// Which usage is plausible.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct UsageRules {
    /// `None` means without a limit.
    pub longest_conference: Option<TimeDelta>,
    /// What lies before the first month that was closed for its account is taken as late usage, which is always
    /// carried.
    pub accept_older: bool,
    /// The first period that is billed, of accounts that name none: what lies before is history, and never late.
    pub first_period: Option<Period>,
}

/// Closed periods of the accounts in a batch, as far as they can matter to it.
struct ClosedPeriods(HashMap<Key, Vec<(Period, i64, i64)>>);

record! {
    /// A conference that is stored; `position`: its place among the filings.
    struct FiledRecord {
        position: i64,
        conference_key: Key,
        account_key: Key,
        filed_at: i64,
    }

    struct ClosedRecord {
        account_key: Key,
        period: String,
        starts_at: i64,
        ends_at: i64,
    }
}

impl Usage<'_> {
    /// Stores legs whose plausibility is known, all of rooms that `directory` knows.
    pub async fn import(
        &mut self,
        legs: &[Leg],
        directory: &Directory,
        now: DateTime<Utc>,
    ) -> Result<BatchOutcome, StoreError> {
        let rules = UsageRules { longest_conference: None, accept_older: true, first_period: None };
        self.import_by(legs, directory, rules, now).await
    }

    /// Stores the legs that are plausible by `rules`, all of rooms that `directory` knows.
    pub async fn import_by(
        &mut self,
        legs: &[Leg],
        directory: &Directory,
        rules: UsageRules,
        now: DateTime<Utc>,
    ) -> Result<BatchOutcome, StoreError> {
        self.tx.work().lock_imports().await?;
        // Rooms that were imported since the directory was read have moved conferences that were there then.
        let outcome = if self.tx.master().room_changes().await? == directory.room_changes {
            self.import_legs(legs, directory, rules, now).await?
        } else {
            let directory = self.tx.master().directory().await?;
            self.import_legs(legs, &directory, rules, now).await?
        };
        if outcome.stored > 0 {
            self.note_arrival(now).await?;
        }
        Ok(outcome)
    }

    async fn import_legs(
        &mut self,
        legs: &[Leg],
        directory: &Directory,
        rules: UsageRules,
        now: DateTime<Utc>,
    ) -> Result<BatchOutcome, StoreError> {
        let mut outcome = BatchOutcome::default();
        let mut believed: Vec<(usize, &Leg)> = legs.iter().enumerate().collect();
        let (mut filings, firsts) = loop {
            let new = self.sort_out_known(&believed, &mut outcome).await?;
            let new = self.sort_out_not_taken(new, directory, &mut outcome).await?;
            let (filings, new) = self.file_unerased(new, directory, &mut outcome).await?;
            let firsts = self.first_closed_starts(&filings.accounts(), rules.first_period).await?;
            if !self.sort_out_implausible(&filings, &new, (rules, &firsts), &mut outcome).await? {
                break (filings, firsts);
            }
            // Once more without them: the next row with the id of one is the first.
            let BatchOutcome { older, stretching, .. } = outcome;
            outcome = BatchOutcome { older, stretching, ..BatchOutcome::default() };
            believed.retain(|(position, _)| outcome.accepted(*position));
        };
        Self::note_older(&mut filings, &firsts)?;
        let closed = self.closed_periods(&filings).await?;
        self.file_conferences(&mut filings).await?;
        self.move_starts(&mut filings, &closed).await?;
        self.forget_history_at(&filings.starts()).await?;
        let rows = filings.new_legs();
        self.insert_bulk(&rows).await?;
        outcome.stored = rows.len() as u64;
        self.count(IMPORTED, outcome.stored).await?;
        outcome.late = self.mark_late(&filings, &closed, now).await?;
        self.tx.codes().return_codes().await?;
        self.note_changes(&filings).await?;
        Ok(outcome)
    }

    /// The new legs by conference, with those of erased usage sorted out. From here on their accounts are locked:
    /// what has been erased and what has closed is asked under the lock, so that both stay true until the end.
    async fn file_unerased<'a>(
        &mut self,
        mut new: Vec<(usize, &'a Leg)>,
        directory: &Directory,
        outcome: &mut BatchOutcome,
    ) -> Result<(Filings<'a>, Vec<(usize, &'a Leg)>), StoreError> {
        let mut filings = Filings::of(&new, directory);
        self.find_conferences(&mut filings).await?;
        self.tx.work().lock_accounts(&filings.accounts()).await?;
        outcome.erased = filings.erased(&self.tx.erasure().usage_horizons().await?);
        if !outcome.erased.is_empty() {
            new.retain(|(position, _)| outcome.erased.binary_search(position).is_err());
            filings = Filings::of(&new, directory);
            self.find_conferences(&mut filings).await?;
        }
        Ok((filings, new))
    }

    /// Finds the conferences that have a row.
    async fn find_conferences(&mut self, filings: &mut Filings<'_>) -> Result<(), StoreError> {
        // The position comes back with each row, so that no text has to be matched again.
        const SQL: &str =
            "SELECT CAST(item.value ->> 0 AS BIGINT) AS position, c.conference_key, c.account_key, c.filed_at FROM {list}
             CROSS JOIN conference c
             WHERE c.room_key = CAST(item.value ->> 1 AS BIGINT) AND c.conference_id = item.value ->> 2";
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
        let (sql, names) = (list_sql(self.tx, SQL), list(names)?);
        for row in fetch!(all, self.tx, sqlx::query_as::<_, FiledRecord>(sql).bind(names)) {
            let position = usize::try_from(row.position).ok();
            if let Some(filing) = position.and_then(|position| filings.conferences.get_mut(position)) {
                (filing.key, filing.account, filing.filed_at) =
                    (Some(row.conference_key), row.account_key, row.filed_at);
            }
        }
        Ok(())
    }

    async fn closed_periods(&mut self, filings: &Filings<'_>) -> Result<ClosedPeriods, StoreError> {
        const SQL: &str = "SELECT k.account_key, k.period, k.starts_at, k.ends_at FROM {list}
             CROSS JOIN closing k WHERE k.account_key = CAST(item.value ->> 0 AS BIGINT) AND k.ends_at > $2";
        let accounts = filings.accounts().into_iter().map(|account| (account,));
        let earliest = filings.conferences.iter().map(|filing| filing.filed_at.min(filing.first_join)).min();
        let (sql, accounts, earliest) = (list_sql(self.tx, SQL), list(accounts)?, earliest.unwrap_or_default());
        let mut closed = HashMap::<Key, Vec<_>>::new();
        for row in fetch!(all, self.tx, sqlx::query_as::<_, ClosedRecord>(sql).bind(accounts).bind(earliest)) {
            let period = parse("closing", &row.period, "period", &row.period)?;
            closed.entry(row.account_key).or_default().push((period, row.starts_at, row.ends_at));
        }
        Ok(ClosedPeriods(closed))
    }

    /// Makes rows for the conferences that have none.
    async fn file_conferences(&mut self, filings: &mut Filings<'_>) -> Result<(), StoreError> {
        const LAST: &str = "SELECT COALESCE(MAX(conference_key), 0) FROM conference";
        let last = fetch!(one, self.tx, sqlx::query_scalar::<_, Key>(LAST));
        let mut rows = Vec::with_capacity(filings.conferences.len());
        let missing = filings.conferences.iter_mut().filter(|filing| filing.key.is_none());
        for (key, filing) in (last + 1..).zip(missing) {
            filing.key = Some(key);
            let (room, account, id, filed_at) = (filing.room, filing.account, filing.id, filing.filed_at);
            rows.push(NewConference { key, room, account, id, filed_at });
        }
        self.insert_bulk(&rows).await
    }

    /// A conference whose period is open begins with its first leg, whenever that arrives, and belongs to the account
    /// of that moment; it changes account only into an open period.
    async fn move_starts(&mut self, filings: &mut Filings<'_>, closed: &ClosedPeriods) -> Result<(), StoreError> {
        const SQL: &str = "UPDATE conference SET filed_at = CAST(item.value ->> 1 AS BIGINT),
                                   account_key = CAST(item.value ->> 2 AS BIGINT) FROM {list}
             WHERE conference.conference_key = CAST(item.value ->> 0 AS BIGINT)";
        let kept = self.tx.master().kept_conferences().await?;
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
            let (sql, moved) = (list_sql(self.tx, SQL), list(moved)?);
            execute!(self.tx, sqlx::query(sql).bind(moved));
        }
        Ok(())
    }

    /// Notes which rooms have other totals now.
    async fn note_changes(&mut self, filings: &Filings<'_>) -> Result<(), StoreError> {
        let changed = filings.conferences.iter();
        if changed.clone().any(|filing| filing.was_at.is_some_and(|(account, _)| account != filing.account)) {
            // The room of another account lost a conference: rare enough to compute everything anew.
            self.note_master_change().await?;
        }
        self.note_changes_of(changed.filter_map(|filing| filing.key)).await
    }

    /// Notes the legs that no closing has counted although their conference's period has closed.
    async fn mark_late(
        &mut self,
        filings: &Filings<'_>,
        closed: &ClosedPeriods,
        now: DateTime<Utc>,
    ) -> Result<u64, StoreError> {
        const ONES: &str = "INSERT INTO late_leg (leg_id, conference_key, account_key, period, arrived_at)
             SELECT item.value ->> 0, CAST(item.value ->> 1 AS BIGINT), CAST(item.value ->> 2 AS BIGINT),
                    item.value ->> 3, $2
             FROM {list}";
        const WHOLE: &str = "INSERT INTO late_leg (leg_id, conference_key, account_key, period, arrived_at)
             SELECT leg_id, conference_key, $2, $3, $4 FROM leg WHERE conference_key = $1";
        if closed.0.is_empty() && filings.conferences.iter().all(|filing| filing.older.is_none()) {
            return Ok(0);
        }
        let mut late = 0;
        let mut ones = Vec::new();
        for (conference, leg) in &filings.legs {
            let filing = &filings.conferences[*conference];
            if let Some(period) = filing.older.or_else(|| closed.containing(filing.account, filing.filed_at))
                && !filing.moved_into_closed
            {
                ones.push((leg.leg_id.as_str(), filing.key, filing.account, period));
            }
        }
        if !ones.is_empty() {
            let (sql, ones) = (list_sql(self.tx, ONES), list(ones)?);
            late += execute!(self.tx, sqlx::query(sql).bind(ones).bind(now.timestamp()));
        }
        for filing in filings.conferences.iter().filter(|filing| filing.moved_into_closed) {
            let Some(period) = closed.containing(filing.account, filing.filed_at) else { continue };
            let period = period.to_string();
            late += execute!(
                self.tx,
                sqlx::query(WHOLE).bind(filing.key).bind(filing.account).bind(period.as_str()).bind(now.timestamp())
            );
        }
        Ok(late)
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
