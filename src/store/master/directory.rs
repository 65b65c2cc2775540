//! What exists, and from when to when: for checking usage as it arrives.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};

use crate::domain::{AccessNumbers, AccountNumber, Period, RoomNumber, ServiceType, Zone};
use crate::store::engine::decode::parse;
use crate::store::{Key, Master, StoreError, fetch, record};

/// Held in memory: a room costs about 150 bytes.
#[derive(Debug, Default)]
pub struct Directory {
    pub(crate) rooms: HashMap<RoomNumber, KnownRoom>,
    accounts: HashSet<AccountNumber>,
    zones: HashMap<Key, Zone>,
    /// When the last period of an account ends, in seconds since 1970; only those that end.
    ends: HashMap<Key, i64>,
    service_types: HashSet<ServiceType>,
    access_numbers: AccessNumbers,
    /// See [`Master::room_changes`].
    pub(crate) room_changes: i64,
}

/// A room with what it was when.
#[derive(Debug, Clone, Default)]
pub(crate) struct KnownRoom {
    pub(crate) key: Key,
    /// Oldest first, without gap.
    terms: Vec<KnownTerm>,
}

/// In seconds since 1970, `starts_at <= t < ends_at`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct KnownTerm {
    starts_at: i64,
    ends_at: i64,
    account: Key,
    active: bool,
}

/// Why a room takes no usage that begins at some moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotTaken {
    /// The room's first row holds from a later day.
    NotYetThere,
    NotActive,
    /// Its account is no longer billed.
    AccountEnded,
}

impl Directory {
    pub fn room(&self, number: &str) -> Option<&RoomNumber> {
        self.rooms.get_key_value(number).map(|(number, _)| number)
    }

    pub fn account(&self, number: &str) -> Option<&AccountNumber> {
        self.accounts.get(number)
    }

    /// Only what some tariff prices.
    pub fn service_type(&self, code: &str) -> Option<&ServiceType> {
        self.service_types.get(code)
    }

    /// Of the number that was dialled, on the day of `at` (UTC).
    pub fn service_type_of_number(&self, dialled: &str, at: DateTime<Utc>) -> Option<&ServiceType> {
        self.access_numbers.service_type(dialled, at.date_naive())
    }

    /// Of the number that was dialled, on the day that `at` is for the account of `room` then; UTC if the room is
    /// unknown.
    pub fn service_type_dialled(&self, dialled: &str, at: DateTime<Utc>, room: &str) -> Option<&ServiceType> {
        let account = self.rooms.get(room).and_then(|room| room.account_at(at.timestamp()));
        let zone = account.and_then(|account| self.zones.get(&account)).copied().unwrap_or_else(Zone::utc);
        self.access_numbers.service_type(dialled, at.with_timezone(&zone).date_naive())
    }

    /// Why a conference that begins at `instant` (seconds since 1970) cannot be taken in a room, if so.
    pub(crate) fn not_taken(&self, room: &KnownRoom, instant: i64) -> Option<NotTaken> {
        let Some(term) = room.term_at(instant) else { return Some(NotTaken::NotYetThere) };
        if !term.active {
            return Some(NotTaken::NotActive);
        }
        self.ends.get(&term.account).is_some_and(|end| instant >= *end).then_some(NotTaken::AccountEnded)
    }
}

impl KnownRoom {
    /// The account that a conference beginning at `instant` is charged to.
    pub(crate) fn account_at(&self, instant: i64) -> Option<Key> {
        let term = self.term_at(instant).or(self.terms.first());
        term.map(|term| term.account)
    }

    fn term_at(&self, instant: i64) -> Option<&KnownTerm> {
        match self.terms.as_slice() {
            [only] => Some(only).filter(|term| term.starts_at <= instant),
            terms => terms.iter().find(|term| term.starts_at <= instant && instant < term.ends_at),
        }
    }
}

record! {
    struct RoomRecord {
        room_number: String,
        room_key: Key,
        starts_at: i64,
        ends_at: i64,
        account_key: Key,
        active: bool,
    }

    struct EndRecord {
        account_key: Key,
        account_number: String,
        time_zone: String,
        closed_from: String,
    }
}

impl Master<'_> {
    pub async fn directory(&mut self) -> Result<Directory, StoreError> {
        const ROOMS: &str = "SELECT r.room_number, r.room_key, w.starts_at, w.ends_at, w.account_key, w.active
             FROM room r JOIN room_row w ON w.room_key = r.room_key ORDER BY w.room_key, w.starts_at, w.valid_from";
        const ACCOUNTS: &str = "SELECT account_key, account_number, time_zone FROM account";
        let mut directory = Directory {
            room_changes: self.room_changes().await?,
            ends: self.account_ends().await?,
            access_numbers: self.tx.tariffs().access_numbers().await?,
            ..Default::default()
        };
        for row in fetch!(all, self.tx, sqlx::query_as::<_, RoomRecord>(ROOMS)) {
            let number = parse("room", &row.room_number, "room_number", &row.room_number)?;
            let new = || KnownRoom { key: row.room_key, terms: Vec::with_capacity(1) };
            let RoomRecord { starts_at, ends_at, account_key: account, active, .. } = row;
            directory.rooms.entry(number).or_insert_with(new).terms.push(KnownTerm {
                starts_at,
                ends_at,
                account,
                active,
            });
        }
        for (key, number, zone) in fetch!(all, self.tx, sqlx::query_as::<_, (Key, String, String)>(ACCOUNTS)) {
            directory.zones.insert(key, parse("account", &number, "time_zone", &zone)?);
            directory.accounts.insert(parse("account", &number, "account_number", &number)?);
        }
        let services =
            fetch!(all, self.tx, sqlx::query_scalar::<_, String>("SELECT DISTINCT service_type FROM tariff_row"));
        for service_type in services {
            directory.service_types.insert(parse("tariff_row", &service_type, "service_type", &service_type)?);
        }
        Ok(directory)
    }

    /// When the last period of an account that ends does so.
    async fn account_ends(&mut self) -> Result<HashMap<Key, i64>, StoreError> {
        const SQL: &str = "SELECT account_key, account_number, time_zone, closed_from FROM account
             WHERE closed_from IS NOT NULL";
        let zones = self.tx.accounts().past_zones().await?;
        let records = fetch!(all, self.tx, sqlx::query_as::<_, EndRecord>(SQL));
        let mut ends = HashMap::with_capacity(records.len());
        for record in records {
            let (key, row) = (record.account_key, record.account_number.as_str());
            let zone: Zone = parse("account", row, "time_zone", &record.time_zone)?;
            let closed_from: Period = parse("account", row, "closed_from", &record.closed_from)?;
            let start: DateTime<Utc> = zones.start_of(key, closed_from, zone);
            ends.insert(key, start.timestamp());
        }
        Ok(ends)
    }

    /// Grows whenever a row of a room changes, so that a reader knows whether what it has read still holds.
    pub(crate) async fn room_changes(&mut self) -> Result<i64, StoreError> {
        self.master_number("room_changes").await
    }

    /// Conferences up to this key keep their account, whatever their room's rows say.
    pub(crate) async fn kept_conferences(&mut self) -> Result<Key, StoreError> {
        self.master_number("kept_conferences").await
    }

    async fn master_number(&mut self, name: &str) -> Result<i64, StoreError> {
        const SQL: &str = "SELECT COALESCE(MAX(number), 0) FROM master_number WHERE name = $1";
        Ok(fetch!(one, self.tx, sqlx::query_scalar(SQL).bind(name)))
    }
}
