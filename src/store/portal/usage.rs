//! The legs of one conference, as a page shows them.

use crate::domain::{ConferenceId, ConferenceUsage, RoomNumber};
use crate::store::portal::rights::AccountAccess;
use crate::store::{Key, Portal, StoreError, UsageScope, fetch};

impl Portal<'_> {
    /// A conference of a room as the statement of `scope` charges it; `carried` means as late usage of an earlier
    /// month. `None` if there is none, or if it may not be seen.
    pub async fn conference_usage(
        &mut self,
        access: &AccountAccess,
        (room, id): (&RoomNumber, &ConferenceId),
        scope: UsageScope,
        carried: bool,
    ) -> Result<Option<ConferenceUsage>, StoreError> {
        const SQL: &str = "SELECT c.conference_key FROM conference c JOIN room r ON r.room_key = c.room_key
             WHERE c.conference_id = $1 AND r.room_number = $2 AND c.account_key = $3";
        if !access.includes(room) || access.account != scope.account {
            return Ok(None);
        }
        let key = fetch!(
            optional,
            self.tx,
            sqlx::query_scalar::<_, Key>(SQL).bind(id.as_str()).bind(room.as_str()).bind(access.account)
        );
        match key {
            Some(key) => self.tx.usage().one_conference(key, scope, carried).await,
            None => Ok(None),
        }
    }
}
