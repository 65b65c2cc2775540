//! The time zone of each period of an account.
//!
//! A change of zone counts from the period after the one in which it becomes known, so that no period is measured in
//! two zones and a closed one keeps its bounds. The account's row holds the zone of now; what it was before is in
//! `past_zone`, which is empty for all but the few accounts that ever moved.

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use crate::domain::{Period, PeriodBounds, Zone};
use crate::store::engine::decode::parse;
use crate::store::{Accounts, Key, StoreError, execute, fetch};

/// The zones that accounts had before those of now.
#[derive(Debug, Default)]
pub(crate) struct PastZones(HashMap<Key, Vec<(Period, Zone)>>);

impl PastZones {
    /// The zone of an account's `period`, where `now` is its zone of today.
    pub(crate) fn zone_of(&self, account: Key, period: Period, now: Zone) -> Zone {
        let past = self.0.get(&account).map_or(&[][..], Vec::as_slice);
        past.iter().find(|(before, _)| period < *before).map_or(now, |(_, zone)| *zone)
    }

    /// When an account's `period` begins: where the one before it, in its own zone, ends.
    pub(crate) fn start_of(&self, account: Key, period: Period, now: Zone) -> DateTime<Utc> {
        period.start(self.zone_of(account, period.previous(), now))
    }

    /// An account's `period`, by the zones that count for its ends.
    pub(crate) fn bounds_of(&self, account: Key, period: Period, now: Zone) -> PeriodBounds {
        let [start, end] = [period, period.next()].map(|period| self.start_of(account, period, now));
        PeriodBounds { id: period, start, end }
    }

    /// The period of an account that contains an instant.
    pub(crate) fn period_at(&self, account: Key, instant: DateTime<Utc>, now: Zone) -> PeriodBounds {
        let near = Period::containing(instant, now);
        let bounds = |period| self.bounds_of(account, period, now);
        let mut around = [near.previous(), near, near.next()].into_iter().map(bounds);
        around.find(|period| period.contains(instant)).unwrap_or_else(|| bounds(near))
    }

    /// The zone that the account began with.
    pub(crate) fn first_zone(&self, account: Key, now: Zone) -> Zone {
        self.0.get(&account).and_then(|past| past.first()).map_or(now, |(_, zone)| *zone)
    }
}

impl Accounts<'_> {
    /// Keeps the zone that an account has had so far, before another one is stored: the current period of an account
    /// with usage still ends in it.
    pub(crate) async fn keep_zone(
        &mut self,
        account: Key,
        zone_so_far: Zone,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        const SQL: &str = "INSERT INTO past_zone (account_key, before_period, time_zone) VALUES ($1, $2, $3)
             ON CONFLICT (account_key, before_period) DO NOTHING";
        let used = fetch!(
            one,
            self.tx,
            sqlx::query_scalar::<_, bool>("SELECT EXISTS (SELECT 1 FROM conference WHERE account_key = $1)")
                .bind(account)
        );
        if !used {
            return Ok(());
        }
        let next = Period::containing(now, zone_so_far).next();
        execute!(self.tx, sqlx::query(SQL).bind(account).bind(next.to_string()).bind(zone_so_far.name()));
        Ok(())
    }

    pub(crate) async fn past_zones(&mut self) -> Result<PastZones, StoreError> {
        const SQL: &str =
            "SELECT account_key, before_period, time_zone FROM past_zone ORDER BY account_key, before_period";
        let rows = fetch!(all, self.tx, sqlx::query_as::<_, (Key, String, String)>(SQL));
        let mut zones = PastZones::default();
        for (account, before, zone) in rows {
            let before = parse("past_zone", &before, "before_period", &before)?;
            let zone = parse("past_zone", &zone, "time_zone", &zone)?;
            zones.0.entry(account).or_default().push((before, zone));
        }
        Ok(zones)
    }
}
