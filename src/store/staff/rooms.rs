//! An account's rooms of today, as staff see them.

use crate::domain::RoomNumber;
use crate::store::engine::decode::parse;
use crate::store::{Key, Staff, StoreError, fetch, record};

/// A room of today.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoomToday {
    pub room: RoomNumber,
    pub cardholder: String,
    pub cardholder_email: Option<String>,
    pub active: bool,
}

record! {
    struct RoomRecord {
        room_number: String,
        cardholder: String,
        cardholder_email: Option<String>,
        active: bool,
    }
}

impl Staff<'_> {
    /// The first `most` of the account's rooms, by number.
    pub async fn rooms_today(&mut self, account: Key, now: i64, most: u32) -> Result<Vec<RoomToday>, StoreError> {
        const SQL: &str = "SELECT r.room_number, w.cardholder, w.cardholder_email, w.active
             FROM room_row w JOIN room r ON r.room_key = w.room_key
             WHERE w.account_key = $1 AND w.starts_at <= $2 AND w.ends_at > $2
             ORDER BY r.room_number LIMIT $3";
        let most = i64::from(most);
        let records = fetch!(all, self.tx, sqlx::query_as::<_, RoomRecord>(SQL).bind(account).bind(now).bind(most));
        let room = |record: RoomRecord| {
            Ok(RoomToday {
                room: parse("room", &record.room_number, "room_number", &record.room_number)?,
                cardholder: record.cardholder,
                cardholder_email: record.cardholder_email,
                active: record.active,
            })
        };
        records.into_iter().map(room).collect()
    }
}
