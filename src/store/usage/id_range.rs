//! Which ids of a batch are worth looking for among millions that are stored.
//!
//! Ids are mostly counted: then hardly any stored one lies between the first and the last of a batch, and one short
//! walk along the index tells them all. Where many do (the same file again, ids at random), each is looked for.

use std::collections::HashSet;

use crate::store::{StoreError, Usage, fetch};

/// A walk costs less than looking for a large batch's ids one by one, even if it was for nothing.
const LONGEST_WALK: usize = 500;
/// Ids of a batch for each step of a walk. What is posted comes in small batches of ids at random: a walk that may be
/// longer than the batch was most of what a post cost.
const IDS_PER_STEP: usize = 40;

/// What may be stored of a batch.
pub(crate) enum Candidates {
    All,
    Only(HashSet<String>),
}

impl Candidates {
    pub(crate) fn contain(&self, id: &str) -> bool {
        match self {
            Self::All => true,
            Self::Only(ids) => ids.contains(id),
        }
    }
}

impl Usage<'_> {
    /// Those of `ids` that may be stored. `walk` returns stored ids from $1 to $2, at most $3, in their order: without
    /// one, PostgreSQL may rather read the whole table, taking it for small.
    pub(crate) async fn candidates<'a>(
        &mut self,
        walk: &'static str,
        ids: impl Iterator<Item = &'a str> + Clone,
    ) -> Result<Candidates, StoreError> {
        let number = ids.clone().count();
        let (Some(first), Some(last)) = (ids.clone().min(), ids.max()) else {
            return Ok(Candidates::Only(HashSet::new()));
        };
        let longest = (number / IDS_PER_STEP).clamp(1, LONGEST_WALK);
        let most = i64::try_from(longest).unwrap_or(i64::MAX);
        let stored = fetch!(all, self.tx, sqlx::query_scalar::<_, String>(walk).bind(first).bind(last).bind(most));
        Ok(if stored.len() < longest { Candidates::Only(stored.into_iter().collect()) } else { Candidates::All })
    }
}
