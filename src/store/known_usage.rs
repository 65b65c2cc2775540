//! Which legs of a batch are new: not stored before, and not from a time whose usage has been erased.

use std::collections::HashMap;

use sqlx::{AssertSqlSafe, FromRow};

use super::erasure::ERASED;
use super::usage::{IDS_PER_STATEMENT, tuple};
use super::{BatchOutcome, Directory, StoreError, Tx, on_engine};
use crate::domain::Leg;

/// How long after its first join somebody may still join a conference.
const LONGEST_CONFERENCE_SECONDS: i64 = 24 * 60 * 60;

#[derive(FromRow)]
struct StoredLeg {
    leg_id: String,
    room_number: String,
    conference_id: String,
    service_type: String,
    joined_at: i64,
    left_at: i64,
    caller: Option<String>,
    billing_code: Option<String>,
}

impl Tx {
    /// The legs whose ids are new, with their positions; counts the others as duplicates or conflicts.
    pub(super) async fn sort_out_known<'a>(
        &mut self,
        legs: &'a [Leg],
        outcome: &mut BatchOutcome,
    ) -> Result<Vec<(usize, &'a Leg)>, StoreError> {
        let stored = self.stored_legs(legs).await?;
        let mut seen = HashMap::<&str, &Leg>::with_capacity(legs.len());
        let mut new = Vec::with_capacity(legs.len());
        for (position, leg) in legs.iter().enumerate() {
            let id = leg.leg_id.as_str();
            let same =
                stored.get(id).map(|row| row.is_same_as(leg)).or_else(|| seen.get(id).map(|other| *other == leg));
            match same {
                Some(true) => outcome.duplicates += 1,
                Some(false) => outcome.conflicts.push(position),
                None => {
                    seen.insert(id, leg);
                    new.push((position, leg));
                }
            }
        }
        Ok(new)
    }

    /// The new legs that could not have been charged, and erased, before; a conference may have begun in the month
    /// before the one in which a leg of it joined.
    pub(super) async fn sort_out_erased<'a>(
        &mut self,
        mut legs: Vec<(usize, &'a Leg)>,
        directory: &Directory,
        outcome: &mut BatchOutcome,
    ) -> Result<Vec<(usize, &'a Leg)>, StoreError> {
        let horizons = self.usage_horizons().await?;
        if horizons.is_empty() {
            return Ok(legs);
        }
        let is_erased = |leg: &Leg| {
            let account = directory.rooms.get(&leg.room).map(|(_, account)| *account);
            let horizon = account.and_then(|account| horizons.get(&account));
            horizon.is_some_and(|horizon| leg.joined_at.timestamp() < horizon + LONGEST_CONFERENCE_SECONDS)
        };
        outcome.erased = legs.iter().filter(|(_, leg)| is_erased(leg)).map(|(position, _)| *position).collect();
        legs.retain(|(_, leg)| !is_erased(leg));
        Ok(legs)
    }

    async fn stored_legs(&mut self, legs: &[Leg]) -> Result<HashMap<String, StoredLeg>, StoreError> {
        let mut found = HashMap::new();
        for chunk in legs.chunks(IDS_PER_STATEMENT) {
            let sql = format!(
                "SELECT l.leg_id, r.room_number, c.conference_id, l.service_type, l.joined_at, l.left_at, l.caller,
                        l.billing_code
                 FROM leg l JOIN conference c ON c.conference_key = l.conference_key
                            JOIN room r ON r.room_key = c.room_key
                 WHERE l.leg_id IN {}",
                tuple(chunk.len(), 1)
            );
            let rows = on_engine!(self, |conn| {
                let mut query = sqlx::query_as::<_, StoredLeg>(AssertSqlSafe(sql));
                for leg in chunk {
                    query = query.bind(leg.leg_id.as_str());
                }
                query.fetch_all(conn).await?
            });
            found.extend(rows.into_iter().map(|row| (row.leg_id.clone(), row)));
        }
        Ok(found)
    }
}

impl StoredLeg {
    fn is_same_as(&self, leg: &Leg) -> bool {
        self.room_number == leg.room.as_str()
            && self.conference_id == leg.conference_id.as_str()
            && self.service_type == leg.service_type.as_str()
            && self.joined_at == leg.joined_at.timestamp()
            && self.left_at == leg.left_at.timestamp()
            && (self.caller.as_deref() == Some(ERASED)
                || self.caller.as_deref() == leg.caller.as_ref().map(|caller| caller.as_str()))
            && self.billing_code.as_deref() == leg.billing_code.as_ref().map(|code| code.as_str())
    }
}
