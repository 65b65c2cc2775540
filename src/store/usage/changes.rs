//! What changed of an account's usage and of what it is rated by, so that totals kept elsewhere are made anew where
//! they have to be, and nowhere else.

use crate::domain::RoomNumber;
use crate::store::engine::decode::parse;
use crate::store::engine::lists::{list, list_sql};
use crate::store::{Key, StoreError, Usage, execute, fetch};

/// Everything that an open month of an account is computed from, besides its usage: where one of these differs, all
/// of it is computed anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UsageBasis {
    pub(crate) master_changes: i64,
    pub(crate) closings: i64,
    pub(crate) newest_statement: i64,
}

/// How far an account's usage has changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UsageState {
    pub basis: UsageBasis,
    /// The key of the newest change of its usage; 0 if there was none.
    pub change: i64,
}

impl Usage<'_> {
    /// Notes that usage of these conferences, or its codes, changed. Their accounts are locked.
    pub(crate) async fn note_changes_of(
        &mut self,
        conferences: impl IntoIterator<Item = Key>,
    ) -> Result<(), StoreError> {
        const SQL: &str = "INSERT INTO usage_change (account_key, room_key, change_number)
             SELECT changed.account_key, changed.room_key,
                    (SELECT COALESCE(MAX(u.change_number), 0) + 1 FROM usage_change u
                     WHERE u.account_key = changed.account_key)
             FROM (SELECT DISTINCT c.account_key, c.room_key FROM {list}
             CROSS JOIN conference c WHERE c.conference_key = CAST(item.value ->> 0 AS BIGINT)) AS changed
             WHERE TRUE
             ON CONFLICT (account_key, room_key) DO UPDATE SET change_number = excluded.change_number";
        let (sql, keys) = (list_sql(self.tx, SQL), list(conferences.into_iter().map(|key| (key,)))?);
        execute!(self.tx, sqlx::query(sql).bind(keys));
        Ok(())
    }

    /// Of all the account's usage, or of one room's.
    pub async fn state(&mut self, account: Key, room: Option<&RoomNumber>) -> Result<UsageState, StoreError> {
        const BASIS: &str = "SELECT
                (SELECT COALESCE(CAST(SUM(number) AS BIGINT), 0) FROM master_number
                 WHERE name IN ('room_changes', 'master_changes')),
                (SELECT COUNT(*) FROM closing WHERE account_key = $1),
                (SELECT COALESCE(MAX(statement_key), 0) FROM statement WHERE account_key = $1)";
        const ALL: &str = "SELECT COALESCE(MAX(change_number), 0) FROM usage_change WHERE account_key = $1";
        const ROOM: &str = "SELECT COALESCE(MAX(u.change_number), 0) FROM usage_change u
             JOIN room r ON r.room_key = u.room_key WHERE u.account_key = $1 AND r.room_number = $2";
        let (master_changes, closings, newest_statement) =
            fetch!(one, self.tx, sqlx::query_as::<_, (i64, i64, i64)>(BASIS).bind(account));
        let change = match room {
            None => fetch!(one, self.tx, sqlx::query_scalar::<_, i64>(ALL).bind(account)),
            Some(room) => fetch!(one, self.tx, sqlx::query_scalar::<_, i64>(ROOM).bind(account).bind(room.as_str())),
        };
        Ok(UsageState { basis: UsageBasis { master_changes, closings, newest_statement }, change })
    }

    /// Grows whenever an account, a room or a tariff changes.
    pub async fn master_changes(&mut self) -> Result<i64, StoreError> {
        const SQL: &str = "SELECT COALESCE(CAST(SUM(number) AS BIGINT), 0) FROM master_number
             WHERE name IN ('room_changes', 'master_changes')";
        Ok(fetch!(one, self.tx, sqlx::query_scalar(SQL)))
    }

    /// The rooms whose usage changed after a change, in any order.
    pub async fn rooms_changed_after(&mut self, account: Key, change: i64) -> Result<Vec<RoomNumber>, StoreError> {
        const SQL: &str = "SELECT r.room_number FROM usage_change u JOIN room r ON r.room_key = u.room_key
             WHERE u.account_key = $1 AND u.change_number > $2";
        let rooms = fetch!(all, self.tx, sqlx::query_scalar::<_, String>(SQL).bind(account).bind(change));
        rooms.into_iter().map(|room| parse("room", &room, "room_number", &room)).collect()
    }

    /// Notes that accounts, tariffs or the names of services changed.
    pub(crate) async fn note_master_change(&mut self) -> Result<(), StoreError> {
        const SQL: &str = "INSERT INTO master_number (name, number) VALUES ('master_changes', 1)
             ON CONFLICT (name) DO UPDATE SET number = master_number.number + 1";
        execute!(self.tx, sqlx::query(SQL));
        Ok(())
    }
}
