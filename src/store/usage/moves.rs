//! Conferences of a closed month that a rerun takes to the account that their room belonged to when they started.

use crate::domain::Period;
use crate::store::{Key, StoreError, Usage, execute, fetch, record};

record! {
    /// A conference that is charged to another account than the one that its room belonged to.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct MisplacedConference {
        pub conference_key: Key,
        pub from_account: Key,
        pub to_account: Key,
    }
}

impl Usage<'_> {
    /// The conferences of a closed `period` of an account that belong to another one. Without those that came late,
    /// which other statements may charge, and those that 0.1.0 stored.
    pub async fn misplaced_conferences(
        &mut self,
        account: Key,
        period: Period,
    ) -> Result<Vec<MisplacedConference>, StoreError> {
        const SQL: &str = "SELECT c.conference_key, c.account_key AS from_account, w.account_key AS to_account
             FROM closing k
                  JOIN conference c ON c.account_key = k.account_key
                       AND c.filed_at >= k.starts_at AND c.filed_at < k.ends_at
                  JOIN room_row w ON w.room_key = c.room_key AND w.starts_at <= c.filed_at AND c.filed_at < w.ends_at
             WHERE k.account_key = $1 AND k.period = $2 AND w.account_key <> c.account_key AND c.conference_key > $3
               AND k.usage_expired_at IS NULL
               AND NOT EXISTS (SELECT 1 FROM late_leg t WHERE t.conference_key = c.conference_key)
               AND NOT EXISTS (SELECT 1 FROM closing e WHERE e.account_key = w.account_key AND e.starts_at <= c.filed_at
                               AND c.filed_at < e.ends_at AND (e.usage_expired_at IS NOT NULL OR e.period <> $2))
             ORDER BY c.conference_key";
        let kept = self.tx.master().kept_conferences().await?;
        Ok(fetch!(
            all,
            self.tx,
            sqlx::query_as::<_, MisplacedConference>(SQL).bind(account).bind(period.to_string()).bind(kept)
        ))
    }

    /// Takes a conference to the account that it belongs to; the revisions that there are keep it, or do without it.
    pub async fn move_conference(&mut self, moved: &MisplacedConference, period: Period) -> Result<(), StoreError> {
        const NOTE: &str =
            "INSERT INTO moved_conference (conference_key, from_account, to_account, period, last_revision,
                                                         first_revision)
             SELECT $1, $2, $3, $4,
                    (SELECT COALESCE(MAX(revision), 0) FROM statement WHERE account_key = $2 AND period = $4),
                    (SELECT COALESCE(MAX(revision), 0) + 1 FROM statement WHERE account_key = $3 AND period = $4)
             ON CONFLICT (conference_key, from_account) DO NOTHING";
        const MOVE: &str = "UPDATE conference SET account_key = $3 WHERE conference_key = $1 AND account_key = $2";
        let period = period.to_string();
        let MisplacedConference { conference_key, from_account, to_account } = *moved;
        execute!(
            self.tx,
            sqlx::query(NOTE).bind(conference_key).bind(from_account).bind(to_account).bind(period.as_str())
        );
        let written = execute!(self.tx, sqlx::query(MOVE).bind(conference_key).bind(from_account).bind(to_account));
        StoreError::expect_one(written, "conference that a rerun moves")?;
        self.note_master_change().await
    }
}
