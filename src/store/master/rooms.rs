//! Rooms through time: what a file says of them, what they were when, and the conferences that go with them.

use std::collections::BTreeMap;

use chrono::{DateTime, SecondsFormat, Utc};
use sqlx::AssertSqlSafe;

use crate::domain::{EmailAddress, Room, RoomHistory, RoomNumber, RoomRow, RoomTerm, first_instant};
use crate::store::engine::decode::{instant, parse, parse_optional};
use crate::store::engine::lists::{list, list_sql};
use crate::store::master::notes::MasterOutcome;
use crate::store::{Key, Rooms, StoreError, execute, fetch, record};

/// 0001-01-01T00:00:00Z: a row from the beginning.
const BEGINNING: i64 = -62_135_596_800;
/// 10000-01-01T00:00:00Z: a row that no other follows.
const END: i64 = 253_402_300_800;

record! {
    /// A row of `room_row`.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub(crate) struct StoredTerm {
        pub(crate) valid_from: String,
        pub(crate) starts_at: i64,
        pub(crate) ends_at: i64,
        pub(crate) account_key: Key,
        cardholder: String,
        cardholder_email: Option<String>,
        auto_billing_code: Option<String>,
        active: bool,
    }

    struct TermRecord {
        room_number: String,
        account_number: String,
        starts_at: i64,
        ends_at: i64,
        cardholder: String,
        cardholder_email: Option<String>,
        auto_billing_code: Option<String>,
        active: bool,
    }
}

impl Rooms<'_> {
    /// Stores the room's row, or changes the one with its number and date. Its account must exist.
    ///
    /// Conferences that the row moves to another account go there while their months are open at both.
    pub async fn upsert_room(&mut self, row: &RoomRow, now: DateTime<Utc>) -> Result<MasterOutcome, StoreError> {
        let room = &row.room;
        let key = self.room_key_for(room).await?;
        let before = self.stored_terms(key).await?;
        let account = self
            .tx
            .accounts()
            .account_key(&room.account)
            .await?
            .ok_or_else(|| StoreError::missing_account(&room.account))?;
        let (valid_from, starts_at) = match row.valid_from {
            Some(date) => {
                let zone = self.tx.accounts().zone_of_account(account).await?;
                (date.to_string(), first_instant(date, zone).timestamp())
            }
            None if before.is_empty() => (String::new(), BEGINNING),
            None => (now.to_rfc3339_opts(SecondsFormat::Secs, true), now.timestamp()),
        };
        let term = StoredTerm::new(room, account, valid_from, starts_at);
        let known = match row.valid_from {
            Some(_) => before.iter().find(|known| known.valid_from == term.valid_from),
            None => {
                newest_undated(&before).or_else(|| before.iter().rev().find(|known| known.starts_at <= starts_at))
            }
        };
        if known.is_some_and(|known| known.says_the_same(&term)) {
            return Ok(MasterOutcome::stored(false));
        }
        let after = following(&before, term);
        self.store_terms_of_room(key, &before, &after).await?;
        let mut outcome = MasterOutcome::stored(true);
        if !before.is_empty() {
            self.reassign_conferences((key, &room.number), &before, &after, &mut outcome.notes).await?;
        }
        Ok(outcome)
    }

    async fn room_key_for(&mut self, room: &Room) -> Result<Key, StoreError> {
        const FIND: &str = "SELECT room_key FROM room WHERE room_number = $1";
        const INSERT: &str = "INSERT INTO room (room_number) VALUES ($1) RETURNING room_key";
        let number = room.number.as_str();
        match fetch!(optional, self.tx, sqlx::query_scalar::<_, Key>(FIND).bind(number)) {
            Some(key) => Ok(key),
            None => Ok(fetch!(one, self.tx, sqlx::query_scalar(INSERT).bind(number))),
        }
    }

    /// In the order in which they hold.
    async fn stored_terms(&mut self, room: Key) -> Result<Vec<StoredTerm>, StoreError> {
        const SQL: &str = "SELECT valid_from, starts_at, ends_at, account_key, cardholder, cardholder_email,
                    auto_billing_code, active
             FROM room_row WHERE room_key = $1 ORDER BY starts_at, valid_from";
        Ok(fetch!(all, self.tx, sqlx::query_as::<_, StoredTerm>(SQL).bind(room)))
    }

    async fn store_terms_of_room(
        &mut self,
        room: Key,
        before: &[StoredTerm],
        after: &[StoredTerm],
    ) -> Result<(), StoreError> {
        const SQL: &str = "INSERT INTO room_row (room_key, valid_from, starts_at, ends_at, account_key, cardholder,
                                                 cardholder_email, auto_billing_code, active)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
             ON CONFLICT (room_key, valid_from) DO UPDATE SET starts_at = excluded.starts_at,
                 ends_at = excluded.ends_at, account_key = excluded.account_key, cardholder = excluded.cardholder,
                 cardholder_email = excluded.cardholder_email, auto_billing_code = excluded.auto_billing_code,
                 active = excluded.active";
        const CHANGED: &str = "INSERT INTO master_number (name, number) VALUES ('room_changes', 1)
             ON CONFLICT (name) DO UPDATE SET number = master_number.number + 1";
        for term in after.iter().filter(|term| !before.contains(term)) {
            execute!(
                self.tx,
                sqlx::query(SQL)
                    .bind(room)
                    .bind(term.valid_from.as_str())
                    .bind(term.starts_at)
                    .bind(term.ends_at)
                    .bind(term.account_key)
                    .bind(term.cardholder.as_str())
                    .bind(term.cardholder_email.as_deref())
                    .bind(term.auto_billing_code.as_deref())
                    .bind(term.active)
            );
        }
        execute!(self.tx, sqlx::query(CHANGED));
        Ok(())
    }

    /// Everything that is known of the rooms that an account ever had, and of any other room whose usage it has been
    /// charged for; ordered by number. `only`: of these, not reading the others.
    pub async fn room_histories(
        &mut self,
        account: Key,
        only: Option<&[RoomNumber]>,
    ) -> Result<Vec<RoomHistory>, StoreError> {
        const TERMS: &str = "SELECT r.room_number, a.account_number, w.starts_at, w.ends_at, w.cardholder,
                    w.cardholder_email, w.auto_billing_code, w.active";
        const IN_ORDER: &str = "ORDER BY r.room_number, w.starts_at, w.valid_from";
        let records = if let Some(only) = only {
            // SQLite takes the tables in the order in which they are named, and a room's conferences by the room.
            let sql = format!(
                "{TERMS} FROM {{list}} CROSS JOIN room r CROSS JOIN room_row w CROSS JOIN account a
                 WHERE r.room_number = item.value ->> 0 AND w.room_key = r.room_key AND a.account_key = w.account_key
                   AND (EXISTS (SELECT 1 FROM room_row o WHERE o.room_key = r.room_key AND +o.account_key = $2)
                        OR EXISTS (SELECT 1 FROM conference c WHERE c.room_key = r.room_key AND +c.account_key = $2))
                 {IN_ORDER}"
            );
            let (sql, rooms) = (list_sql(self.tx, &sql), list(only.iter().map(|room| (room.as_str(),)))?);
            fetch!(all, self.tx, sqlx::query_as::<_, TermRecord>(sql).bind(rooms).bind(account))
        } else {
            let sql = AssertSqlSafe(format!(
                "{TERMS} FROM room r JOIN room_row w ON w.room_key = r.room_key
                      JOIN account a ON a.account_key = w.account_key
                 WHERE r.room_key IN (SELECT room_key FROM room_row WHERE account_key = $1
                                      UNION SELECT room_key FROM conference WHERE account_key = $1)
                 {IN_ORDER}"
            ));
            fetch!(all, self.tx, sqlx::query_as::<_, TermRecord>(sql).bind(account))
        };
        let mut histories = BTreeMap::<String, RoomHistory>::new();
        for record in records {
            let number = record.room_number.clone();
            let term = RoomTerm::try_from(record)?;
            let new = || RoomHistory { number: term.room.number.clone(), terms: Vec::with_capacity(1) };
            histories.entry(number).or_insert_with(new).terms.push(term);
        }
        Ok(histories.into_values().collect())
    }
}

/// The newest row that no file has given a date.
fn newest_undated(terms: &[StoredTerm]) -> Option<&StoredTerm> {
    let is_undated = |term: &&StoredTerm| term.valid_from.is_empty() || term.valid_from.contains('T');
    terms.iter().rev().find(is_undated)
}

/// The rows with `new` among them, each holding until the next one begins.
fn following(before: &[StoredTerm], new: StoredTerm) -> Vec<StoredTerm> {
    let mut terms: Vec<StoredTerm> =
        before.iter().filter(|term| term.valid_from != new.valid_from).cloned().collect();
    terms.push(new);
    terms.sort_by(|a, b| (a.starts_at, &a.valid_from).cmp(&(b.starts_at, &b.valid_from)));
    let starts: Vec<i64> = terms.iter().skip(1).map(|term| term.starts_at).chain([END]).collect();
    for (term, ends_at) in terms.iter_mut().zip(starts) {
        term.ends_at = ends_at;
    }
    terms
}

impl StoredTerm {
    fn new(room: &Room, account_key: Key, valid_from: String, starts_at: i64) -> Self {
        Self {
            valid_from,
            starts_at,
            ends_at: END,
            account_key,
            cardholder: room.cardholder.to_string(),
            cardholder_email: room.cardholder_email.as_ref().map(EmailAddress::to_string),
            auto_billing_code: room.auto_billing_code.as_ref().map(ToString::to_string),
            active: room.active,
        }
    }

    fn says_the_same(&self, other: &Self) -> bool {
        let said = |term: &Self| {
            (
                term.account_key,
                term.cardholder.clone(),
                term.cardholder_email.clone(),
                term.auto_billing_code.clone(),
                term.active,
            )
        };
        said(self) == said(other)
    }
}

impl TryFrom<TermRecord> for RoomTerm {
    type Error = StoreError;

    fn try_from(record: TermRecord) -> Result<Self, StoreError> {
        let row = record.room_number.as_str();
        Ok(Self {
            starts_at: instant("room_row", row, "starts_at", record.starts_at)?,
            ends_at: instant("room_row", row, "ends_at", record.ends_at)?,
            room: Room {
                number: parse("room", row, "room_number", row)?,
                account: parse("room_row", row, "account_number", &record.account_number)?,
                cardholder: parse("room_row", row, "cardholder", &record.cardholder)?,
                cardholder_email: parse_optional(
                    "room_row",
                    row,
                    "cardholder_email",
                    record.cardholder_email.as_deref(),
                )?,
                auto_billing_code: parse_optional(
                    "room_row",
                    row,
                    "auto_billing_code",
                    record.auto_billing_code.as_deref(),
                )?,
                active: record.active,
            },
        })
    }
}
