//! An account's usage room by room, for the detail of its statements.
//!
//! Read once per account and handed on in room order; a room's participants are in memory together, an account's
//! are not.

use std::collections::BTreeMap;
use std::ops::Range;

use chrono::{DateTime, Utc};
use tokio::sync::mpsc;

use crate::domain::{ConferenceId, ConferenceUsage, Participant, RoomNumber};
use crate::store::{Store, StoreError, UsageScope};

/// Conferences between the database and this module.
const READ_AHEAD: usize = 256;
/// Rooms read ahead of rendering.
const ROOMS_AHEAD: usize = 2;

/// A room's participants, ordered as its lines are.
#[derive(Debug)]
pub(super) struct RoomUsage {
    pub room: RoomNumber,
    pub participants: Vec<Participant>,
}

/// Starts reading; rooms without usage do not appear.
pub(super) fn read_rooms(store: Store, scope: UsageScope) -> mpsc::Receiver<Result<RoomUsage, StoreError>> {
    let (sender, rooms) = mpsc::channel(ROOMS_AHEAD);
    tokio::spawn(async move {
        if let Err(error) = send_rooms(&store, scope, &sender).await {
            // A receiver that went away needs no error.
            let _ = sender.send(Err(error)).await;
        }
    });
    rooms
}

async fn send_rooms(
    store: &Store,
    scope: UsageScope,
    rooms: &mpsc::Sender<Result<RoomUsage, StoreError>>,
) -> Result<(), StoreError> {
    let mut tx = store.read().await?;
    let mut carried = carried_by_room(&mut tx, scope).await?;
    let (sender, mut conferences) = mpsc::channel(READ_AHEAD);
    let read = async move { tx.stream_conferences(scope, &sender).await };
    let group = async move {
        let mut current: Option<Listing> = None;
        while let Some(conference) = conferences.recv().await {
            match &mut current {
                Some(listing) if listing.room == conference.room => listing.add(conference),
                _ => {
                    if let Some(complete) = current.take() {
                        send(complete, rooms).await;
                    }
                    send_before(&mut carried, Some(&conference.room), rooms).await;
                    let with_carried = carried.remove(&conference.room).into_iter().flatten().chain([conference]);
                    current = Listing::of(with_carried);
                }
            }
        }
        if let Some(complete) = current {
            send(complete, rooms).await;
        }
        send_before(&mut carried, None, rooms).await;
    };
    let (read, ()) = tokio::join!(read, group);
    read
}

async fn carried_by_room(
    tx: &mut crate::store::Tx,
    scope: UsageScope,
) -> Result<BTreeMap<RoomNumber, Vec<ConferenceUsage>>, StoreError> {
    let (sender, mut conferences) = mpsc::channel::<ConferenceUsage>(READ_AHEAD);
    let read = async move { tx.stream_carried_conferences(scope, &sender).await };
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
    rooms: &mpsc::Sender<Result<RoomUsage, StoreError>>,
) {
    while let Some(first) = carried.first_entry() {
        if room.is_some_and(|room| first.key() >= room) {
            return;
        }
        if let Some(listing) = Listing::of(first.remove()) {
            send(listing, rooms).await;
        }
    }
}

async fn send(listing: Listing, rooms: &mpsc::Sender<Result<RoomUsage, StoreError>>) {
    let room = listing.room.clone();
    // Whoever renders has stopped and says why.
    let _ = rooms.send(Ok(RoomUsage { room, participants: listing.participants() })).await;
}

/// A room's participants under way. Conferences are taken apart as they come: an account of a single room may have
/// millions of legs.
struct Listing {
    room: RoomNumber,
    participants: Vec<Participant>,
    /// Where the participants of each conference stand, with what orders it.
    conferences: Vec<(DateTime<Utc>, ConferenceId, Range<usize>)>,
}

impl Listing {
    /// The first of `conferences`, all of one room, names it.
    fn of(conferences: impl IntoIterator<Item = ConferenceUsage>) -> Option<Self> {
        let mut conferences = conferences.into_iter().peekable();
        let room = conferences.peek()?.room.clone();
        let mut listing = Self { room, participants: Vec::new(), conferences: Vec::new() };
        conferences.for_each(|conference| listing.add(conference));
        Some(listing)
    }

    fn add(&mut self, conference: ConferenceUsage) {
        let Some(start) = conference.started_at() else { return };
        let first = self.participants.len();
        let ConferenceUsage { room, id, mut legs, late_from } = conference;
        legs.retain(|leg| leg.charged_here);
        legs.sort_by(|a, b| {
            (&a.service_type, a.joined_at, &a.leg_id).cmp(&(&b.service_type, b.joined_at, &b.leg_id))
        });
        self.participants.extend(legs.into_iter().map(|leg| Participant {
            room: room.clone(),
            conference_id: id.clone(),
            service_type: leg.service_type,
            joined_at: leg.joined_at,
            left_at: leg.left_at,
            caller: leg.caller,
            late_from,
        }));
        self.conferences.push((start, id, first..self.participants.len()));
    }

    /// In the order of the room's lines. Conferences mostly come in it: not where one began earlier than what is
    /// charged of it, or was carried.
    fn participants(mut self) -> Vec<Participant> {
        let key = |(start, id, _): &(DateTime<Utc>, ConferenceId, _)| (*start, id.clone());
        if self.conferences.is_sorted_by_key(key) {
            return self.participants;
        }
        self.conferences.sort_by_key(key);
        self.conferences.iter().flat_map(|(_, _, legs)| self.participants[legs.clone()].to_vec()).collect()
    }
}
