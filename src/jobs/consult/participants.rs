//! The participants of one conference, beside the lines that charge them.

use crate::domain::{ConferenceId, Line, Participant, RoomNumber};
use crate::jobs::consult::figures::Month;
use crate::jobs::{Context, JobError};
use crate::store::{AccountAccess, CodeHistoryEntry};

/// A conference as its month charges it.
#[derive(Debug, Clone)]
pub struct ConferenceDetail {
    /// At least one; of one room and conference.
    pub lines: Vec<Line>,
    /// Ordered by join time. Fewer than the lines say where the usage was erased by age.
    pub participants: Vec<Participant>,
    /// Changes of its code, newest first.
    pub history: Vec<CodeHistoryEntry>,
}

/// `None` if the month charges no such conference, or if it may not be seen.
pub async fn conference_detail(
    context: &Context,
    access: &AccountAccess,
    month: &Month,
    (room, id): (&RoomNumber, &ConferenceId),
) -> Result<Option<ConferenceDetail>, JobError> {
    let lines: Vec<Line> =
        month.statement.lines_of(room).iter().filter(|line| line.conference_id == *id).cloned().collect();
    if lines.is_empty() || !access.includes(room) {
        return Ok(None);
    }
    let mut participants = Vec::new();
    let mut tx = context.store.read_for_people().await?;
    for carried in [false, true] {
        if lines.iter().any(|line| line.late_from.is_some() == carried)
            && let Some(usage) = tx.portal().conference_usage(access, (room, id), month.scope, carried).await?
        {
            participants.extend(usage.into_charged());
        }
    }
    participants.sort_by_key(|participant| participant.joined_at);
    let history = tx.codes().history(access, (room, id)).await?;
    Ok(Some(ConferenceDetail { lines, participants, history }))
}
