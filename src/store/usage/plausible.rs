//! Which new legs are plausible, by what is known of their conferences and accounts. The others were written by a
//! clock that was reset, or with an id that had been used before.

use std::collections::HashMap;

use crate::domain::{Leg, Period, Zone};
use crate::store::engine::decode::{instant, parse, parse_optional};
use crate::store::engine::lists::{list, list_sql};
use crate::store::usage::filings::Filings;
use crate::store::{BatchOutcome, Key, StoreError, Usage, UsageRules, fetch, record};

/// What is known of an account with closed months.
pub(crate) struct Known {
    first_closed: Period,
    /// In seconds since 1970.
    starts_at: i64,
    /// What began before is history: never late, and never refused for its age.
    billed_from: Option<i64>,
    first_zone: Zone,
}

pub(crate) type FirstClosed = HashMap<Key, Known>;

impl Known {
    /// Whether a start lies before the first closed month, and is no history.
    fn is_older(&self, start: i64) -> bool {
        start < self.starts_at && self.billed_from.is_none_or(|from| start >= from)
    }
}

record! {
    struct FirstClosedRecord {
        account_key: Key,
        account_number: String,
        time_zone: String,
        first_period: Option<String>,
        first_closed: String,
        starts_at: i64,
    }
}

impl Usage<'_> {
    /// The first closed month of each of `accounts` that has one; `first`: the first period that is billed, of accounts
    /// that name none.
    pub(crate) async fn first_closed_starts(
        &mut self,
        accounts: &[Key],
        first: Option<Period>,
    ) -> Result<FirstClosed, StoreError> {
        const SQL: &str =
            "SELECT a.account_key, a.account_number, a.time_zone, a.first_period, MIN(k.period) AS first_closed,
                    MIN(k.starts_at) AS starts_at
             FROM {list}
             CROSS JOIN closing k CROSS JOIN account a
             WHERE k.account_key = CAST(item.value ->> 0 AS BIGINT) AND a.account_key = k.account_key
             GROUP BY a.account_key, a.account_number, a.time_zone, a.first_period";
        let (sql, accounts) = (list_sql(self.tx, SQL), list(accounts.iter().map(|account| (account,)))?);
        let records = fetch!(all, self.tx, sqlx::query_as::<_, FirstClosedRecord>(sql).bind(accounts));
        if records.is_empty() {
            return Ok(HashMap::new());
        }
        let zones = self.tx.accounts().past_zones().await?;
        records
            .into_iter()
            .map(|record| {
                let (account, row) = (record.account_key, record.account_number.as_str());
                let zone: Zone = parse("account", row, "time_zone", &record.time_zone)?;
                let named: Option<Period> =
                    parse_optional("account", row, "first_period", record.first_period.as_deref())?;
                let known = Known {
                    first_closed: parse("closing", row, "period", &record.first_closed)?,
                    starts_at: record.starts_at,
                    billed_from: named.or(first).map(|first| zones.start_of(account, first, zone).timestamp()),
                    first_zone: zones.first_zone(account, zone),
                };
                Ok((account, known))
            })
            .collect()
    }

    /// Adds the positions of legs that are not plausible; returns whether there were any.
    pub(crate) async fn sort_out_implausible(
        &mut self,
        filings: &Filings<'_>,
        legs: &[(usize, &Leg)],
        (rules, firsts): (UsageRules, &FirstClosed),
        outcome: &mut BatchOutcome,
    ) -> Result<bool, StoreError> {
        let before = outcome.older.len() + outcome.stretching.len();
        let mut spans = self.spans(filings).await?;
        // Legs of unknown rooms belong to none.
        let positions: HashMap<&str, usize> =
            legs.iter().map(|(position, leg)| (leg.leg_id.as_str(), *position)).collect();
        for (conference, leg) in &filings.legs {
            let (filing, joined) = (&filings.conferences[*conference], leg.joined_at.timestamp());
            let Some(position) = positions.get(leg.leg_id.as_str()).copied() else { continue };
            let is_older =
                |known: &Known| known.is_older(joined) && (filing.key.is_none() || filing.filed_at < known.starts_at);
            if !rules.accept_older && firsts.get(&filing.account).is_some_and(is_older) {
                outcome.older.push(position);
                continue;
            }
            let left = leg.left_at.timestamp();
            let (first, last) = spans.get(conference).copied().unwrap_or((joined, left));
            let grown = (first.min(joined), last.max(left));
            let limit = rules.longest_conference.map_or(i64::MAX, |limit| limit.num_seconds());
            // What was stored before may be longer than is allowed now; what lies within it does not stretch it.
            if grown.1 - grown.0 > limit.max(last - first) {
                outcome.stretching.push(position);
            } else {
                spans.insert(*conference, grown);
            }
        }
        outcome.older.sort_unstable();
        outcome.stretching.sort_unstable();
        Ok(outcome.older.len() + outcome.stretching.len() > before)
    }

    /// Of the conferences that are stored: first join and last leave, by their place among the filings.
    async fn spans(&mut self, filings: &Filings<'_>) -> Result<HashMap<usize, (i64, i64)>, StoreError> {
        // A voided leg's own name begins with a control character, below every id.
        const SQL: &str = "SELECT CAST(item.value ->> 0 AS BIGINT), MIN(l.joined_at), MAX(l.left_at) FROM {list}
             CROSS JOIN leg l WHERE l.conference_key = CAST(item.value ->> 1 AS BIGINT) AND l.leg_id >= ' '
             GROUP BY item.value ->> 0";
        let stored: Vec<(usize, Key)> =
            filings.conferences.iter().enumerate().filter_map(|(place, filing)| Some((place, filing.key?))).collect();
        if stored.is_empty() {
            return Ok(HashMap::new());
        }
        let (sql, stored) = (list_sql(self.tx, SQL), list(stored)?);
        let rows = fetch!(all, self.tx, sqlx::query_as::<_, (i64, i64, i64)>(sql).bind(stored));
        Ok(rows
            .into_iter()
            .filter_map(|(place, first, last)| Some((usize::try_from(place).ok()?, (first, last))))
            .collect())
    }

    /// Notes the month of conferences that lie before the first closed month of their account.
    pub(crate) fn note_older(filings: &mut Filings<'_>, firsts: &FirstClosed) -> Result<(), StoreError> {
        for filing in &mut filings.conferences {
            let start = filing.filed_at.min(filing.first_join);
            let Some(known) = firsts.get(&filing.account).filter(|known| known.is_older(start)) else { continue };
            if filing.key.is_some() && filing.filed_at >= known.starts_at {
                continue;
            }
            let own =
                Period::containing(instant("conference", &start.to_string(), "filed_at", start)?, known.first_zone);
            filing.older = Some(own.min(known.first_closed.previous()));
        }
        Ok(())
    }
}
