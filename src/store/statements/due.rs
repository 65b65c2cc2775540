//! What is due is asked of the database, never derived from missed ticks.

use chrono::DateTime;
use sqlx::AssertSqlSafe;

use crate::domain::{AccountNumber, Period, PeriodBounds, Zone};
use crate::store::engine::decode::{instant, parse, parse_optional, period_bounds};
use crate::store::master::time_zones::PastZones;
use crate::store::{Closings, Key, StoreError, fetch, record};

/// The oldest period of an account that has not closed.
#[derive(Debug, Clone)]
pub struct AccountDue {
    pub key: Key,
    pub number: AccountNumber,
    pub time_zone: Zone,
    pub next: PeriodBounds,
    /// True if none of its months has closed.
    pub is_first: bool,
}

/// Late usage that waits for a new revision of its own period, or voided legs that wait for one that no longer charges
/// them.
#[derive(Debug, Clone)]
pub struct WaitingRevision {
    pub account: Key,
    pub number: AccountNumber,
    pub bounds: PeriodBounds,
    /// When the newest of its late legs arrived, or the last was voided, in seconds since 1970.
    pub newest_arrival: i64,
    /// Legs that it charges were voided: it is revised whatever is done with late usage.
    pub has_voids: bool,
}

record! {
    #[derive(Clone)]
    struct AccountRecord {
        account_key: Key,
        account_number: String,
        time_zone: String,
        first_usage_at: i64,
        closings: i64,
        named_first: Option<String>,
        last_history: Option<String>,
        closed_from: Option<String>,
        first_period: Option<String>,
        first_start: Option<i64>,
        last_period: Option<String>,
        last_end: Option<i64>,
    }

    struct WaitingRecord {
        account_key: Key,
        account_number: String,
        period: String,
        starts_at: i64,
        ends_at: i64,
        newest_arrival: i64,
        voids: i32,
    }
}

/// Accounts that have or had usage, with what decides their next period. `which` narrows `conference` and `closing`
/// alike.
fn accounts_sql(which: &str) -> AssertSqlSafe<String> {
    AssertSqlSafe(format!(
        "SELECT a.account_key, a.account_number, a.time_zone, a.first_period AS named_first,
                a.closed_from,
                (SELECT MAX(h.period) FROM history_period h WHERE h.account_key = a.account_key) AS last_history,
                COALESCE(u.first_usage_at, k.first_start) AS first_usage_at,
                COALESCE(k.closings, 0) AS closings, k.first_period, k.first_start, k.last_period, k.last_end
         FROM account a
              LEFT JOIN (SELECT account_key, MIN(filed_at) AS first_usage_at FROM conference {which}
                         GROUP BY account_key) u
                ON u.account_key = a.account_key
              LEFT JOIN (SELECT account_key, COUNT(*) AS closings, MIN(period) AS first_period,
                                MIN(starts_at) AS first_start, MAX(period) AS last_period, MAX(ends_at) AS last_end
                         FROM closing {which} GROUP BY account_key) k
                ON k.account_key = a.account_key
         WHERE u.account_key IS NOT NULL OR k.account_key IS NOT NULL
         ORDER BY a.account_number"
    ))
}

impl Closings<'_> {
    /// For every account that has or had usage, its oldest period that is billed and has not closed, whether or not
    /// that has ended; none for an account that has ended.
    ///
    /// `first`: the first period that is billed, of accounts that name none.
    pub async fn next_periods(&mut self, first: Option<Period>) -> Result<Vec<AccountDue>, StoreError> {
        let records = fetch!(all, self.tx, sqlx::query_as::<_, AccountRecord>(accounts_sql("")));
        self.next_of(records, first).await
    }

    /// Like [`Self::next_periods`], of one account.
    pub async fn next_period(
        &mut self,
        account: Key,
        first: Option<Period>,
    ) -> Result<Option<AccountDue>, StoreError> {
        let sql = accounts_sql("WHERE account_key = $1");
        let records = fetch!(all, self.tx, sqlx::query_as::<_, AccountRecord>(sql).bind(account));
        Ok(self.next_of(records, first).await?.into_iter().next())
    }

    async fn next_of(
        &mut self,
        records: Vec<AccountRecord>,
        first: Option<Period>,
    ) -> Result<Vec<AccountDue>, StoreError> {
        let zones = self.tx.accounts().past_zones().await?;
        let mut due = Vec::with_capacity(records.len());
        for record in records {
            let zone: Zone = parse("account", &record.account_number, "time_zone", &record.time_zone)?;
            let is_first = record.closings == 0;
            let first = record.first_billed(first)?;
            let billed_from = first.map(|first| zones.start_of(record.account_key, first, zone).timestamp());
            let older = record.first_start.filter(|start| record.first_usage_at < *start);
            let end = match older {
                Some(start) if !self.has_open_older_usage(record.account_key, billed_from, start).await? => {
                    AccountRecord { first_usage_at: start, ..record.clone() }.contiguous_end(first)?
                }
                _ => record.contiguous_end(first)?,
            };
            let mut next = match end {
                Some((last, end)) => {
                    let zone = zones.zone_of(record.account_key, last.next(), zone);
                    PeriodBounds { id: last, start: end, end }.following(zone)
                }
                None => self.oldest_gap(&record, zone, &zones, first).await?,
            };
            while first.is_some_and(|first| next.id < first) {
                next = next.following(zones.zone_of(record.account_key, next.id.next(), zone));
            }
            if record.has_ended_before(next.id)? {
                continue;
            }
            let number = parse("account", &record.account_number, "account_number", &record.account_number)?;
            due.push(AccountDue { key: record.account_key, number, time_zone: zone, next, is_first });
        }
        Ok(due)
    }

    /// Whether usage before the account's first closed month, which begins at `start`, waits for months of its own:
    /// what 0.1.0 took in. Late usage has none.
    async fn has_open_older_usage(
        &mut self,
        account: Key,
        billed_from: Option<i64>,
        start: i64,
    ) -> Result<bool, StoreError> {
        const SQL: &str = "SELECT EXISTS (SELECT 1 FROM conference c
             WHERE c.account_key = $1 AND c.filed_at < $2 AND c.filed_at >= $3
               AND EXISTS (SELECT 1 FROM leg l WHERE l.conference_key = c.conference_key
                           AND NOT EXISTS (SELECT 1 FROM late_leg t WHERE t.leg_id = l.leg_id)))";
        Ok(fetch!(
            one,
            self.tx,
            sqlx::query_scalar(SQL).bind(account).bind(start).bind(billed_from.unwrap_or(i64::MIN))
        ))
    }

    /// The newest pause of more than `seconds` between two conferences of an account, from an instant on: their starts.
    pub async fn longest_pause(
        &mut self,
        account: Key,
        from: DateTime<chrono::Utc>,
        seconds: i64,
    ) -> Result<Option<(DateTime<chrono::Utc>, DateTime<chrono::Utc>)>, StoreError> {
        const SQL: &str = "SELECT before_at, filed_at FROM
                 (SELECT filed_at, LAG(filed_at) OVER (ORDER BY filed_at) AS before_at
                  FROM conference WHERE account_key = $1 AND filed_at >= $3) AS started
             WHERE filed_at - before_at > $2 ORDER BY filed_at DESC LIMIT 1";
        let pause = fetch!(
            optional,
            self.tx,
            sqlx::query_as::<_, (i64, i64)>(SQL).bind(account).bind(seconds).bind(from.timestamp())
        );
        let row = account.to_string();
        let at = |seconds| instant("conference", &row, "filed_at", seconds);
        pause.map(|(before, after)| Ok((at(before)?, at(after)?))).transpose()
    }

    /// Legs of an account's conferences that began from `first` to `last`: the first few of them, and how many there
    /// are.
    pub async fn legs_up_to(
        &mut self,
        account: Key,
        (first, last): (DateTime<chrono::Utc>, DateTime<chrono::Utc>),
        limit: u32,
    ) -> Result<(Vec<String>, u64), StoreError> {
        const LEGS: &str = "SELECT l.leg_id FROM conference c JOIN leg l ON l.conference_key = c.conference_key
             WHERE c.account_key = $1 AND c.filed_at <= $2 AND c.filed_at >= $3
             ORDER BY l.joined_at, l.leg_id LIMIT $4";
        const COUNT: &str = "SELECT COUNT(*) FROM conference c JOIN leg l ON l.conference_key = c.conference_key
             WHERE c.account_key = $1 AND c.filed_at <= $2 AND c.filed_at >= $3";
        let (first, last) = (first.timestamp(), last.timestamp());
        let legs = fetch!(
            all,
            self.tx,
            sqlx::query_scalar::<_, String>(LEGS).bind(account).bind(last).bind(first).bind(i64::from(limit))
        );
        let count = fetch!(one, self.tx, sqlx::query_scalar::<_, i64>(COUNT).bind(account).bind(last).bind(first));
        Ok((legs, count.cast_unsigned()))
    }

    /// The bounds of any period of an account: as they were when it closed, else as they would be now.
    pub async fn period_bounds(&mut self, account: Key, period: Period) -> Result<PeriodBounds, StoreError> {
        const SQL: &str = "SELECT period, starts_at, ends_at FROM closing WHERE account_key = $1 AND period <= $2
                 ORDER BY period DESC LIMIT 1";
        let number = period.to_string();
        let zone = self.tx.accounts().zone_of_account(account).await?;
        let zones = self.tx.accounts().past_zones().await?;
        let zone_of = |period| zones.zone_of(account, period, zone);
        let closings =
            fetch!(all, self.tx, sqlx::query_as::<_, (String, i64, i64)>(SQL).bind(account).bind(number.as_str()));
        let Some((closed, start, end)) = closings.into_iter().next() else {
            return Ok(zones.bounds_of(account, period, zone));
        };
        let mut bounds = period_bounds("closing", &number, (&closed, start, end))?;
        while bounds.id < period {
            bounds = bounds.following(zone_of(bounds.id.next()));
        }
        Ok(bounds)
    }

    /// The first period without a closing, where closings are missing before or between those that exist: usage
    /// of a month before an account's first closed one has arrived.
    async fn oldest_gap(
        &mut self,
        record: &AccountRecord,
        zone: Zone,
        zones: &PastZones,
        first: Option<Period>,
    ) -> Result<PeriodBounds, StoreError> {
        const SQL: &str = "SELECT period, starts_at, ends_at FROM closing WHERE account_key = $1 ORDER BY period";
        let first_usage = instant("conference", &record.account_number, "filed_at", record.first_usage_at)?;
        let mut open = zones.period_at(record.account_key, first_usage, zone);
        while first.is_some_and(|first| open.id < first) {
            open = open.following(zones.zone_of(record.account_key, open.id.next(), zone));
        }
        let closings = fetch!(all, self.tx, sqlx::query_as::<_, (String, i64, i64)>(SQL).bind(record.account_key));
        for (period, start, end) in closings {
            let closed: Period = parse("closing", &record.account_number, "period", &period)?;
            if closed > open.id {
                open.end = open.end.min(instant("closing", &record.account_number, "starts_at", start)?);
                break;
            }
            if closed.next() < open.id {
                continue;
            }
            let end = instant("closing", &record.account_number, "ends_at", end)?;
            let zone = zones.zone_of(record.account_key, closed.next(), zone);
            open = PeriodBounds { id: closed, start: end, end }.following(zone);
        }
        Ok(open)
    }

    /// Closed periods with late usage that no statement charges yet, or with voided legs that one still charges.
    pub async fn waiting_revisions(&mut self) -> Result<Vec<WaitingRevision>, StoreError> {
        const SQL: &str =
            "SELECT t.account_key, a.account_number, t.period, k.starts_at, k.ends_at, MAX(t.arrived_at) AS newest_arrival,
                    MAX(t.voids) AS voids
             FROM (SELECT account_key, period, arrived_at, 0 AS voids FROM late_leg WHERE charged_in IS NULL
                   UNION ALL
                   SELECT account_key, charged_in, voided_at, 1 FROM voided_leg
                   WHERE charged_in IS NOT NULL AND charged_until IS NULL AND undone_at IS NULL) t
                  JOIN account a ON a.account_key = t.account_key
                  JOIN closing k ON k.account_key = t.account_key AND k.period = t.period
             GROUP BY t.account_key, a.account_number, t.period, k.starts_at, k.ends_at
             ORDER BY a.account_number, t.period";
        let records = fetch!(all, self.tx, sqlx::query_as::<_, WaitingRecord>(SQL));
        records.into_iter().map(WaitingRevision::try_from).collect()
    }
}

impl TryFrom<WaitingRecord> for WaitingRevision {
    type Error = StoreError;

    fn try_from(record: WaitingRecord) -> Result<Self, StoreError> {
        let row = record.account_number.as_str();
        Ok(Self {
            account: record.account_key,
            number: parse("account", row, "account_number", row)?,
            bounds: period_bounds("late_leg", row, (&record.period, record.starts_at, record.ends_at))?,
            newest_arrival: record.newest_arrival,
            has_voids: record.voids > 0,
        })
    }
}

impl AccountRecord {
    /// The first period that is billed, if one is named. What was history once stays so.
    fn first_billed(&self, default: Option<Period>) -> Result<Option<Period>, StoreError> {
        let row = &self.account_number;
        let named: Option<Period> = parse_optional("account", row, "first_period", self.named_first.as_deref())?;
        let history: Option<Period> = parse_optional("history_period", row, "period", self.last_history.as_deref())?;
        Ok(named.or(default).max(history.map(Period::next)))
    }

    fn has_ended_before(&self, next: Period) -> Result<bool, StoreError> {
        let end: Option<Period> =
            parse_optional("account", &self.account_number, "closed_from", self.closed_from.as_deref())?;
        Ok(end.is_some_and(|end| next >= end))
    }

    /// The last closing, if closings reach from the first usage that is billed up to it without a gap.
    fn contiguous_end(
        &self,
        first_billed: Option<Period>,
    ) -> Result<Option<(Period, DateTime<chrono::Utc>)>, StoreError> {
        let row = &self.account_number;
        let (Some(first), Some(first_start), Some(last), Some(last_end)) =
            (&self.first_period, self.first_start, &self.last_period, self.last_end)
        else {
            return Ok(None);
        };
        let (first, last): (Period, Period) =
            (parse("closing", row, "period", first)?, parse("closing", row, "period", last)?);
        let has_all =
            first_start <= self.first_usage_at || first_billed.is_some_and(|first_billed| first <= first_billed);
        let complete = first.months_until(last) + 1 == self.closings && has_all;
        Ok(if complete { Some((last, instant("closing", row, "ends_at", last_end)?)) } else { None })
    }
}
