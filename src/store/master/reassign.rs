//! Conferences that a room's new row moves to another account.
//!
//! A conference changes account only while its month is open at both: in a closed one it has been billed, and stays
//! until a rerun names both accounts.

use chrono::{DateTime, Utc};

use crate::domain::{AccountNumber, RoomNumber};
use crate::store::engine::decode::parse;
use crate::store::master::notes::MasterNote;
use crate::store::master::rooms::StoredTerm;
use crate::store::{Key, Rooms, StoreError, execute, fetch};

/// A time in which a room belongs to another account than it did so far; seconds since 1970, `start <= t < end`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Move {
    start: i64,
    end: i64,
    from: Key,
    to: Key,
}

impl Rooms<'_> {
    /// Brings the conferences of a room whose rows have changed to the accounts that they belong to now, as far as
    /// their months are open; notes what moves and what stays.
    pub(crate) async fn reassign_conferences(
        &mut self,
        (room, number): (Key, &RoomNumber),
        before: &[StoredTerm],
        after: &[StoredTerm],
        notes: &mut Vec<MasterNote>,
    ) -> Result<(), StoreError> {
        let moves = moves(before, after);
        if moves.is_empty() {
            return Ok(());
        }
        // Keeps imports and closings out until this transaction ends.
        self.tx.work().lock_imports().await?;
        let mut accounts: Vec<Key> = moves.iter().flat_map(|moved| [moved.from, moved.to]).collect();
        accounts.sort_unstable();
        accounts.dedup();
        self.tx.work().lock_accounts(&accounts).await?;
        let kept = self.tx.master().kept_conferences().await?;
        for moved in moves {
            let (from, to) = (self.number_of(moved.from).await?, self.number_of(moved.to).await?);
            let at = DateTime::<Utc>::from_timestamp(moved.start, 0).unwrap_or_default();
            notes.push(MasterNote::RoomMoves { room: number.clone(), from: from.clone(), to: to.clone(), at });
            let open = self.end_of_closed(moved.from, moved.to).await?.max(moved.start);
            self.move_open_conferences(room, moved, open, kept).await?;
            self.forget_history(moved).await?;
            for (period, conferences) in self.staying_conferences(room, moved, open).await? {
                notes.push(MasterNote::ConferencesStay {
                    room: number.clone(),
                    period: parse("closing", &period, "period", &period)?,
                    conferences,
                    charged_to: from.clone(),
                    belong_to: to.clone(),
                });
            }
        }
        Ok(())
    }

    async fn number_of(&mut self, account: Key) -> Result<AccountNumber, StoreError> {
        const SQL: &str = "SELECT account_number FROM account WHERE account_key = $1";
        let number: String = fetch!(one, self.tx, sqlx::query_scalar(SQL).bind(account));
        parse("account", &number, "account_number", &number)
    }

    /// From when on no month of either account has closed.
    async fn end_of_closed(&mut self, one: Key, other: Key) -> Result<i64, StoreError> {
        const SQL: &str = "SELECT MAX(ends_at) FROM closing WHERE account_key IN ($1, $2)";
        let end = fetch!(one, self.tx, sqlx::query_scalar::<_, Option<i64>>(SQL).bind(one).bind(other));
        Ok(end.unwrap_or(i64::MIN))
    }

    async fn move_open_conferences(
        &mut self,
        room: Key,
        moved: Move,
        open: i64,
        kept: Key,
    ) -> Result<(), StoreError> {
        const SQL: &str = "UPDATE conference SET account_key = $2
             WHERE account_key = $1 AND filed_at >= $3 AND filed_at < $4 AND room_key = $5 AND conference_key > $6";
        execute!(
            self.tx,
            sqlx::query(SQL).bind(moved.from).bind(moved.to).bind(open).bind(moved.end).bind(room).bind(kept)
        );
        Ok(())
    }

    /// The figures of months before the first one that is billed are computed anew.
    async fn forget_history(&mut self, moved: Move) -> Result<(), StoreError> {
        const SQL: &str = "DELETE FROM history_period
             WHERE account_key IN ($1, $2) AND starts_at < $4 AND ends_at > $3 AND usage_expired_at IS NULL";
        execute!(self.tx, sqlx::query(SQL).bind(moved.from).bind(moved.to).bind(moved.start).bind(moved.end));
        Ok(())
    }

    /// How many conferences of which month stay with the account that they were with.
    async fn staying_conferences(
        &mut self,
        room: Key,
        moved: Move,
        open: i64,
    ) -> Result<Vec<(String, i64)>, StoreError> {
        const SQL: &str = "SELECT k.period, COUNT(DISTINCT c.conference_key)
             FROM conference c JOIN closing k ON k.account_key IN ($1, $2)
                  AND k.starts_at <= c.filed_at AND c.filed_at < k.ends_at
             WHERE c.account_key = $1 AND c.filed_at >= $3 AND c.filed_at < $4 AND c.room_key = $5
             GROUP BY k.period ORDER BY k.period";
        Ok(fetch!(
            all,
            self.tx,
            sqlx::query_as(SQL)
                .bind(moved.from)
                .bind(moved.to)
                .bind(moved.start)
                .bind(moved.end.min(open))
                .bind(room)
        ))
    }
}

/// Where the accounts differ, oldest first.
fn moves(before: &[StoredTerm], after: &[StoredTerm]) -> Vec<Move> {
    let mut bounds: Vec<i64> = before.iter().chain(after).flat_map(|term| [term.starts_at, term.ends_at]).collect();
    bounds.sort_unstable();
    bounds.dedup();
    let account_at = |terms: &[StoredTerm], at: i64| {
        terms.iter().find(|term| term.starts_at <= at && at < term.ends_at).map(|term| term.account_key)
    };
    let mut moves = Vec::<Move>::new();
    for pair in bounds.windows(2) {
        let [start, end] = *pair else { continue };
        let (Some(from), Some(to)) = (account_at(before, start), account_at(after, start)) else { continue };
        match moves.last_mut() {
            _ if from == to => {}
            Some(last) if (last.end, last.from, last.to) == (start, from, to) => last.end = end,
            _ => moves.push(Move { start, end, from, to }),
        }
    }
    moves
}
