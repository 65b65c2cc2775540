//! The codes of now beside a closed month's statement.

use std::collections::BTreeSet;

use crate::billing::billing_code;
use crate::domain::{CodesNow, RoomNumber};
use crate::jobs::JobError;
use crate::store::{Tx, UsageScope};

/// Those of the month that the scope's statement charges.
pub(crate) async fn codes_now(tx: &mut Tx, scope: UsageScope) -> Result<CodesNow, JobError> {
    let conferences = tx.codes().recoded_conferences(scope).await?;
    if conferences.is_empty() {
        return Ok(CodesNow::default());
    }
    let numbers: BTreeSet<&RoomNumber> = conferences.iter().map(|conference| &conference.room).collect();
    let numbers: Vec<RoomNumber> = numbers.into_iter().cloned().collect();
    let rooms = tx.rooms().room_histories(scope.account, Some(&numbers)).await?;
    let code = |conference: crate::domain::ConferenceUsage| {
        let room = rooms.binary_search_by(|room| room.number.cmp(&conference.room)).ok();
        let then = conference.started_at().and_then(|start| rooms[room?].at(start));
        let code = billing_code(&conference, then.and_then(|room| room.auto_billing_code.as_ref())).cloned();
        ((conference.room, conference.id, conference.late_from), code)
    };
    Ok(conferences.into_iter().map(code).collect())
}
