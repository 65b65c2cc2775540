//! What is due is asked of the database, never derived from missed ticks.

use chrono::DateTime;
use chrono_tz::Tz;

use crate::domain::{AccountNumber, Period, PeriodBounds};
use crate::store::master::time_zones::PastZones;
use crate::store::master::{parse, parse_optional};
use crate::store::{Key, StoreError, Tx, fetch, record};

/// The oldest period of an account that has not closed.
#[derive(Debug, Clone)]
pub struct AccountDue {
    pub key: Key,
    pub number: AccountNumber,
    pub time_zone: Tz,
    pub next: PeriodBounds,
}

/// Late usage that waits for a new revision of its own period.
#[derive(Debug, Clone)]
pub struct WaitingRevision {
    pub account: Key,
    pub number: AccountNumber,
    pub bounds: PeriodBounds,
    /// When the newest of its late legs arrived, in seconds since 1970.
    pub newest_arrival: i64,
}

record! {
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
}

impl Tx {
    /// For every account that has or had usage, its oldest period that is billed and has not closed, whether or not that
    /// has ended; none for an account that has ended.
    ///
    /// `first`: the first period that is billed, of accounts that name none.
    pub async fn next_periods(&mut self, first: Option<Period>) -> Result<Vec<AccountDue>, StoreError> {
        const SQL: &str = "SELECT a.account_key, a.account_number, a.time_zone, a.first_period AS named_first,
                    a.closed_from,
                    (SELECT MAX(h.period) FROM history_period h WHERE h.account_key = a.account_key) AS last_history,
                    COALESCE(u.first_usage_at, k.first_start) AS first_usage_at,
                    COALESCE(k.closings, 0) AS closings, k.first_period, k.first_start, k.last_period, k.last_end
             FROM account a
                  LEFT JOIN (SELECT account_key, MIN(filed_at) AS first_usage_at FROM conference GROUP BY account_key) u
                    ON u.account_key = a.account_key
                  LEFT JOIN (SELECT account_key, COUNT(*) AS closings, MIN(period) AS first_period,
                                    MIN(starts_at) AS first_start, MAX(period) AS last_period, MAX(ends_at) AS last_end
                             FROM closing GROUP BY account_key) k
                    ON k.account_key = a.account_key
             WHERE u.account_key IS NOT NULL OR k.account_key IS NOT NULL
             ORDER BY a.account_number";
        let records = fetch!(all, self, sqlx::query_as::<_, AccountRecord>(SQL));
        let zones = self.past_zones().await?;
        let mut due = Vec::with_capacity(records.len());
        for record in records {
            let zone: Tz = parse("account", &record.account_number, "time_zone", &record.time_zone)?;
            let first = record.first_billed(first)?;
            let mut next = match record.contiguous_end(first)? {
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
            due.push(AccountDue { key: record.account_key, number, time_zone: zone, next });
        }
        Ok(due)
    }

    /// The bounds of any period of an account: as they were when it closed, else as they would be now.
    pub async fn period_bounds(&mut self, account: Key, period: Period) -> Result<PeriodBounds, StoreError> {
        let number = period.to_string();
        let zone = self.zone_of_account(account).await?;
        let zones = self.past_zones().await?;
        let zone_of = |period| zones.zone_of(account, period, zone);
        let closings = fetch!(
            all,
            self,
            sqlx::query_as::<_, (String, i64, i64)>(
                "SELECT period, starts_at, ends_at FROM closing WHERE account_key = $1 AND period <= $2
                 ORDER BY period DESC LIMIT 1"
            )
            .bind(account)
            .bind(number.as_str())
        );
        let Some((closed, start, end)) = closings.into_iter().next() else {
            return Ok(period.bounds(zone_of(period)));
        };
        let id = parse("closing", &number, "period", &closed)?;
        let mut bounds = PeriodBounds { id, start: instant(&number, start)?, end: instant(&number, end)? };
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
        zone: Tz,
        zones: &PastZones,
        first: Option<Period>,
    ) -> Result<PeriodBounds, StoreError> {
        let first_usage = instant(&record.account_number, record.first_usage_at)?;
        let first_zone = zones.first_zone(record.account_key, zone);
        let mut open = Period::containing(first_usage, first_zone).bounds(first_zone);
        while first.is_some_and(|first| open.id < first) {
            open = open.following(zones.zone_of(record.account_key, open.id.next(), zone));
        }
        let closings = fetch!(
            all,
            self,
            sqlx::query_as::<_, (String, i64, i64)>(
                "SELECT period, starts_at, ends_at FROM closing WHERE account_key = $1 ORDER BY period"
            )
            .bind(record.account_key)
        );
        for (period, start, end) in closings {
            let closed: Period = parse("closing", &record.account_number, "period", &period)?;
            if closed > open.id {
                open.end = open.end.min(instant(&record.account_number, start)?);
                break;
            }
            if closed.next() < open.id {
                continue;
            }
            let end = instant(&record.account_number, end)?;
            let zone = zones.zone_of(record.account_key, closed.next(), zone);
            open = PeriodBounds { id: closed, start: end, end }.following(zone);
        }
        Ok(open)
    }

    /// Closed periods with late usage that no statement charges yet.
    pub async fn waiting_revisions(&mut self) -> Result<Vec<WaitingRevision>, StoreError> {
        const SQL: &str =
            "SELECT t.account_key, a.account_number, t.period, k.starts_at, k.ends_at, MAX(t.arrived_at)
             FROM late_leg t JOIN account a ON a.account_key = t.account_key
                  JOIN closing k ON k.account_key = t.account_key AND k.period = t.period
             WHERE t.charged_in IS NULL
             GROUP BY t.account_key, a.account_number, t.period, k.starts_at, k.ends_at
             ORDER BY a.account_number, t.period";
        type Row = (Key, String, String, i64, i64, i64);
        let rows = fetch!(all, self, sqlx::query_as::<_, Row>(SQL));
        rows.into_iter()
            .map(|(account, number, period, start, end, newest_arrival)| {
                let bounds = PeriodBounds {
                    id: parse("late_leg", &number, "period", &period)?,
                    start: instant(&number, start)?,
                    end: instant(&number, end)?,
                };
                let number = parse("account", &number, "account_number", &number)?;
                Ok(WaitingRevision { account, number, bounds, newest_arrival })
            })
            .collect()
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
        Ok(if complete { Some((last, instant(row, last_end)?)) } else { None })
    }
}

pub(crate) fn instant(row: &str, seconds: i64) -> Result<DateTime<chrono::Utc>, StoreError> {
    DateTime::from_timestamp(seconds, 0)
        .ok_or_else(|| StoreError::corrupt("closing", row, "starts_at or ends_at")("is out of range".into()))
}
