//! An account's usage room by room, for the detail of its statements.
//!
//! Read once per account and handed on in the order of the frozen statement's lines, in parts: neither an account's
//! participants nor a large room's are ever in memory together.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::sync::mpsc;

use crate::domain::{ConferenceId, ConferenceUsage, Line, Participant, RoomNumber, Statement};
use crate::render::RoomLegs;
use crate::store::{Store, StoreError, UsageScope};

/// Conferences between the database and this module.
const READ_AHEAD: usize = 256;
/// Parts read ahead of rendering.
const PARTS_AHEAD: usize = 2;
/// Legs of a room that are handed on together.
const LEGS_PER_PART: usize = 10_000;

type Parts = mpsc::Sender<Result<RoomLegs, StoreError>>;

/// Starts reading what `statement` charges; rooms without usage do not appear.
pub(crate) fn read_rooms(
    store: Store,
    scope: UsageScope,
    statement: Arc<Statement>,
) -> mpsc::Receiver<Result<RoomLegs, StoreError>> {
    let (sender, parts) = mpsc::channel(PARTS_AHEAD);
    tokio::spawn(async move {
        if let Err(error) = send_rooms(&store, scope, &statement, &sender).await {
            // A receiver that has ended needs no error.
            let _ = sender.send(Err(error)).await;
        }
    });
    parts
}

async fn send_rooms(
    store: &Store,
    scope: UsageScope,
    statement: &Statement,
    parts: &Parts,
) -> Result<(), StoreError> {
    let mut tx = store.read().await?;
    let mut carried = carried_by_room(&mut tx, scope).await?;
    let (sender, mut conferences) = mpsc::channel(READ_AHEAD);
    let read = async move { tx.usage().stream_conferences(scope, None, &sender).await };
    let group = async move {
        let mut current: Option<LegsInOrder<'_>> = None;
        while let Some(conference) = conferences.recv().await {
            let mut listing = match current.take() {
                Some(listing) if listing.room == conference.room => listing,
                before => {
                    end(before, parts).await;
                    send_before(&mut carried, Some(&conference.room), statement, parts).await;
                    LegsInOrder::of(statement, &conference.room, carried.remove(&conference.room))
                }
            };
            listing.add(conference);
            if listing.ready.len() >= LEGS_PER_PART {
                listing.send_part(parts).await;
            }
            current = Some(listing);
        }
        end(current, parts).await;
        send_before(&mut carried, None, statement, parts).await;
    };
    let (read, ()) = tokio::join!(read, group);
    read
}

async fn carried_by_room(
    tx: &mut crate::store::Tx,
    scope: UsageScope,
) -> Result<BTreeMap<RoomNumber, Vec<ConferenceUsage>>, StoreError> {
    let (sender, mut conferences) = mpsc::channel::<ConferenceUsage>(READ_AHEAD);
    let read = async move { tx.usage().stream_carried_conferences(scope, None, &sender).await };
    let group = async {
        let mut by_room = BTreeMap::<RoomNumber, Vec<_>>::new();
        while let Some(conference) = conferences.recv().await {
            by_room.entry(conference.room.clone()).or_default().push(conference);
        }
        by_room
    };
    let (read, by_room) = tokio::join!(read, group);
    read.map(|()| by_room)
}

/// Rooms that have carried conferences only, up to `room`.
async fn send_before(
    carried: &mut BTreeMap<RoomNumber, Vec<ConferenceUsage>>,
    room: Option<&RoomNumber>,
    statement: &Statement,
    parts: &Parts,
) {
    while let Some(first) = carried.first_entry() {
        if room.is_some_and(|room| first.key() >= room) {
            return;
        }
        let (room, conferences) = first.remove_entry();
        end(Some(LegsInOrder::of(statement, &room, Some(conferences))), parts).await;
    }
}

async fn end(listing: Option<LegsInOrder<'_>>, parts: &Parts) {
    if let Some(listing) = listing
        && let Some(last) = listing.last_part()
    {
        // The renderer has stopped and says why.
        let _ = parts.send(Ok(last)).await;
    }
}

/// A room's participants on their way into the order of the room's lines.
///
/// Conferences mostly come in it: not where one began earlier than what is charged of it, or was carried.
struct LegsInOrder<'a> {
    room: RoomNumber,
    /// From the first conference on that has not come.
    lines: &'a [Line],
    /// Legs of conferences that were read before the conferences that are listed before them.
    early: BTreeMap<ConferenceId, Vec<Participant>>,
    ready: Vec<Participant>,
    is_begun: bool,
}

impl<'a> LegsInOrder<'a> {
    fn of(statement: &'a Statement, room: &RoomNumber, carried: Option<Vec<ConferenceUsage>>) -> Self {
        let mut listing = Self {
            room: room.clone(),
            lines: statement.lines_of(room),
            early: BTreeMap::new(),
            ready: Vec::new(),
            is_begun: false,
        };
        carried.into_iter().flatten().for_each(|conference| listing.add(conference));
        listing
    }

    fn add(&mut self, conference: ConferenceUsage) {
        let id = conference.id.clone();
        let legs = participants_of(conference);
        if !self.is_next(&id) {
            self.early.insert(id, legs);
            return;
        }
        self.take(&id, legs);
        while let Some(line) = self.lines.first()
            && let Some((id, legs)) = self.early.remove_entry(&line.conference_id)
        {
            self.take(&id, legs);
        }
    }

    fn is_next(&self, conference: &ConferenceId) -> bool {
        self.lines.first().is_some_and(|line| line.conference_id == *conference)
    }

    fn take(&mut self, conference: &ConferenceId, legs: impl IntoIterator<Item = Participant>) {
        self.ready.extend(legs);
        while self.is_next(conference) {
            self.lines = &self.lines[1..];
        }
    }

    async fn send_part(&mut self, parts: &Parts) {
        self.is_begun = true;
        let participants = std::mem::take(&mut self.ready);
        // The renderer has stopped and says why.
        let _ = parts.send(Ok(RoomLegs { room: self.room.clone(), participants, is_complete: false })).await;
    }

    /// What is left, also of conferences that the statement does not charge: the renderer refuses those.
    fn last_part(mut self) -> Option<RoomLegs> {
        self.ready.extend(self.early.into_values().flatten());
        let has_usage = self.is_begun || !self.ready.is_empty();
        has_usage.then_some(RoomLegs { room: self.room, participants: self.ready, is_complete: true })
    }
}

/// The legs that are charged, in the order of the conference's lines.
fn participants_of(mut conference: ConferenceUsage) -> Vec<Participant> {
    let legs = &mut conference.legs;
    legs.sort_by(|a, b| (&a.service_type, a.joined_at, &a.leg_id).cmp(&(&b.service_type, b.joined_at, &b.leg_id)));
    conference.into_charged().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::UsageLeg;

    fn conference(id: &str, charged_here: bool) -> ConferenceUsage {
        let leg = UsageLeg {
            leg_id: format!("{id}-1").parse().unwrap(),
            service_type: "WEB".parse().unwrap(),
            joined_at: "2009-05-06T10:00:00Z".parse().unwrap(),
            left_at: "2009-05-06T10:01:00Z".parse().unwrap(),
            caller: None,
            billing_code: None,
            charged_here,
        };
        ConferenceUsage {
            room: "332703".parse().unwrap(),
            id: id.parse().unwrap(),
            legs: vec![leg],
            late_from: None,
            assigned_code: None,
        }
    }

    fn listing(lines: &[Line]) -> LegsInOrder<'_> {
        let room = "332703".parse().unwrap();
        LegsInOrder { room, lines, early: BTreeMap::new(), ready: Vec::new(), is_begun: false }
    }

    fn ids(participants: &[Participant]) -> String {
        participants.iter().map(|leg| leg.conference_id.as_str()).collect()
    }

    #[test]
    fn conferences_leave_in_the_order_of_the_lines_as_soon_as_they_can() {
        let lines = ["A", "B", "B", "C", "D"].map(|id| Line::sample(id, 1));
        let mut listing = listing(&lines);
        let after_each = ["B", "A", "D", "C"].map(|id| {
            listing.add(conference(id, true));
            ids(&listing.ready)
        });
        assert_eq!(after_each, ["", "AB", "AB", "ABCD"]);
        assert_eq!(ids(&listing.last_part().unwrap().participants), "ABCD");
    }

    #[test]
    fn what_no_line_charges_comes_last_and_is_not_lost() {
        let lines = ["B"].map(|id| Line::sample(id, 1));
        let mut listing = listing(&lines);
        listing.add(conference("A", true));
        listing.add(conference("B", true));
        assert_eq!(ids(&listing.last_part().unwrap().participants), "BA");
    }

    #[test]
    fn a_room_without_charged_legs_does_not_appear() {
        let mut listing = listing(&[]);
        listing.add(conference("A", false));
        assert!(listing.last_part().is_none());
    }

    #[tokio::test]
    async fn a_room_handed_on_in_parts_ends_even_if_nothing_is_left() {
        let lines = ["A"].map(|id| Line::sample(id, 1));
        let mut listing = listing(&lines);
        listing.add(conference("A", true));
        let (sender, mut parts) = mpsc::channel(1);
        listing.send_part(&sender).await;
        let last = listing.last_part().unwrap();
        let part = parts.recv().await.unwrap().unwrap();
        assert_eq!((ids(&part.participants), part.is_complete), ("A".to_owned(), false));
        assert!(last.participants.is_empty() && last.is_complete);
    }
}
