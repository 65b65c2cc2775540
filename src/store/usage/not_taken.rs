//! Legs that cannot be charged: their room was not there or not active, or their account had ended, when their
//! conference began. And what usage means for months before the first one that is billed.

use std::collections::HashMap;

use crate::domain::Leg;
use crate::store::engine::lists::{list, list_sql};
use crate::store::master::directory::NotTaken;
use crate::store::{BatchOutcome, Directory, Key, StoreError, Usage, execute, fetch};

impl Usage<'_> {
    /// The legs of conferences that began when their room took usage.
    pub(crate) async fn sort_out_not_taken<'a>(
        &mut self,
        mut legs: Vec<(usize, &'a Leg)>,
        directory: &Directory,
        outcome: &mut BatchOutcome,
    ) -> Result<Vec<(usize, &'a Leg)>, StoreError> {
        let why = |leg: &Leg| -> Option<NotTaken> {
            let room = directory.rooms.get(&leg.room)?;
            directory.not_taken(room, leg.joined_at.timestamp())
        };
        let refused: Vec<(usize, &Leg, NotTaken)> =
            legs.iter().filter_map(|(position, leg)| Some((*position, *leg, why(leg)?))).collect();
        if refused.is_empty() {
            return Ok(legs);
        }
        // Anyone who joins a conference that has begun in time belongs to it.
        let mut begun = self.conference_starts(&refused, directory).await?;
        for (_, leg) in legs.iter().filter(|(_, leg)| why(leg).is_none()) {
            let Some(start) = begun.get_mut(&(leg.room.as_str(), leg.conference_id.as_str())) else { continue };
            *start = Some(start.map_or(leg.joined_at.timestamp(), |start| start.min(leg.joined_at.timestamp())));
        }
        for (position, leg, why) in refused {
            let start = begun.get(&(leg.room.as_str(), leg.conference_id.as_str())).copied().flatten();
            if start.is_none_or(|start| leg.joined_at.timestamp() < start) {
                outcome.not_taken.push((position, why));
            }
        }
        legs.retain(|(position, _)| !outcome.not_taken.iter().any(|(refused, _)| refused == position));
        Ok(legs)
    }

    /// When the conferences of the legs began, as far as they are stored.
    async fn conference_starts<'a>(
        &mut self,
        legs: &[(usize, &'a Leg, NotTaken)],
        directory: &Directory,
    ) -> Result<HashMap<(&'a str, &'a str), Option<i64>>, StoreError> {
        const SQL: &str = "SELECT CAST(item.value ->> 0 AS BIGINT), c.filed_at FROM {list}
             CROSS JOIN conference c
             WHERE c.room_key = CAST(item.value ->> 1 AS BIGINT) AND c.conference_id = item.value ->> 2";
        let mut starts = HashMap::new();
        let mut wanted = Vec::new();
        for (index, (_, leg, _)) in legs.iter().enumerate() {
            let room = directory.rooms.get(&leg.room).map(|room| room.key);
            if starts.insert((leg.room.as_str(), leg.conference_id.as_str()), None).is_none() {
                wanted.push((index, room, leg.conference_id.as_str()));
            }
        }
        let (sql, wanted) = (list_sql(self.tx, SQL), list(wanted)?);
        for (index, filed_at) in fetch!(all, self.tx, sqlx::query_as::<_, (i64, i64)>(sql).bind(wanted)) {
            if let Some((_, leg, _)) = usize::try_from(index).ok().and_then(|index| legs.get(index)) {
                starts.insert((leg.room.as_str(), leg.conference_id.as_str()), Some(filed_at));
            }
        }
        Ok(starts)
    }

    /// Months before the first one that is billed are computed anew when usage of theirs arrives: (account, start) of
    /// conferences.
    pub(crate) async fn forget_history_at(&mut self, conferences: &[(Key, i64)]) -> Result<(), StoreError> {
        const END: &str = "SELECT MAX(ends_at) FROM history_period WHERE usage_expired_at IS NULL";
        const SQL: &str = "DELETE FROM history_period WHERE usage_expired_at IS NULL AND EXISTS (SELECT 1 FROM {list}
             WHERE CAST(item.value ->> 0 AS BIGINT) = history_period.account_key
               AND CAST(item.value ->> 1 AS BIGINT) >= history_period.starts_at
               AND CAST(item.value ->> 1 AS BIGINT) < history_period.ends_at)";
        let Some(end) = fetch!(one, self.tx, sqlx::query_scalar::<_, Option<i64>>(END)) else { return Ok(()) };
        let concerned: Vec<_> = conferences.iter().filter(|(_, start)| *start < end).collect();
        if !concerned.is_empty() {
            let (sql, concerned) = (list_sql(self.tx, SQL), list(concerned)?);
            execute!(self.tx, sqlx::query(sql).bind(concerned));
        }
        Ok(())
    }
}
