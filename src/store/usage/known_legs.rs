//! Which legs of a batch are new: not stored before.

use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, HashMap};

use crate::domain::Leg;
use crate::store::engine::lists::{list, list_sql};
use crate::store::usage::erase::ERASED;
use crate::store::{BatchOutcome, StoreError, Usage, fetch, record};

/// How long after its first join someone may still join a conference.
pub(crate) const LONGEST_CONFERENCE_SECONDS: i64 = 24 * 60 * 60;

record! {
    pub(crate) struct StoredLeg {
        leg_id: String,
        room_number: String,
        conference_id: String,
        service_type: String,
        joined_at: i64,
        left_at: i64,
        caller: Option<String>,
        billing_code: Option<String>,
    }
}

impl Usage<'_> {
    /// The legs whose ids are new, with their positions; counts the others as duplicates or conflicts.
    pub(crate) async fn sort_out_known<'a>(
        &mut self,
        legs: &[(usize, &'a Leg)],
        outcome: &mut BatchOutcome,
    ) -> Result<Vec<(usize, &'a Leg)>, StoreError> {
        let stored = self.stored_legs(legs).await?;
        let voided = self.tx.voids().voided_legs(legs.iter().map(|(_, leg)| leg.leg_id.as_str())).await?;
        let mut seen = HashMap::<&str, &Leg>::with_capacity(legs.len());
        let mut new = Vec::with_capacity(legs.len());
        for (position, leg) in legs.iter().copied() {
            let id = leg.leg_id.as_str();
            // What was taken out does not come back with its file; its id is free for other content.
            if voided.iter().any(|row| row.leg_id == id && row.is_same_as(leg)) {
                outcome.duplicates += 1;
                outcome.again.push(position);
                continue;
            }
            let same = match stored.get(id) {
                Some(row) => Some(row.is_same_as(leg)),
                None => match seen.entry(id) {
                    Entry::Occupied(first) => Some(*first.get() == leg),
                    Entry::Vacant(place) => {
                        place.insert(leg);
                        None
                    }
                },
            };
            match same {
                Some(true) => {
                    outcome.duplicates += 1;
                    outcome.again.push(position);
                }
                Some(false) => outcome.conflicts.push(position),
                None => new.push((position, leg)),
            }
        }
        Ok(new)
    }

    async fn stored_legs(&mut self, legs: &[(usize, &Leg)]) -> Result<HashMap<String, StoredLeg>, StoreError> {
        // CROSS JOIN: SQLite takes the tables in the order in which they are named.
        const SQL: &str =
            "SELECT l.leg_id, r.room_number, c.conference_id, l.service_type, l.joined_at, l.left_at, l.caller,
                    l.billing_code
             FROM {list}
             CROSS JOIN leg l CROSS JOIN conference c CROSS JOIN room r
             WHERE l.leg_id = item.value ->> 0 AND c.conference_key = l.conference_key AND r.room_key = c.room_key";
        const WALK: &str = "SELECT leg_id FROM leg WHERE leg_id BETWEEN $1 AND $2 ORDER BY leg_id LIMIT $3";
        let candidates = self.candidates(WALK, legs.iter().map(|(_, leg)| leg.leg_id.as_str())).await?;
        let ids = legs.iter().map(|(_, leg)| (leg.leg_id.as_str(),)).filter(|(id,)| candidates.contain(id));
        // In their order, neighbours in the index are looked for one after the other.
        let ids: BTreeSet<_> = ids.collect();
        let (sql, ids) = (list_sql(self.tx, SQL), list(ids)?);
        let rows = fetch!(all, self.tx, sqlx::query_as::<_, StoredLeg>(sql).bind(ids));
        Ok(rows.into_iter().map(|row| (row.leg_id.clone(), row)).collect())
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
