//! An account's usage room by room, for the detail of its statements.
//!
//! Read once per account and handed on in room order; a room's participants are in memory together, an account's
//! are not.

use std::collections::BTreeMap;

use tokio::sync::mpsc;

use crate::domain::{ConferenceUsage, Participant, RoomNumber};
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
        let mut current: Option<(RoomNumber, Vec<ConferenceUsage>)> = None;
        while let Some(conference) = conferences.recv().await {
            match &mut current {
                Some((room, of_room)) if *room == conference.room => of_room.push(conference),
                _ => {
                    let room = conference.room.clone();
                    send_before(&mut carried, Some(&room), rooms).await;
                    let merged = carried.remove(&room).into_iter().flatten().chain([conference]).collect();
                    if let Some((room, of_room)) = current.replace((room, merged)) {
                        send(room, &of_room, rooms).await;
                    }
                }
            }
        }
        if let Some((room, of_room)) = current {
            send(room, &of_room, rooms).await;
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
        let (number, conferences) = first.remove_entry();
        send(number, &conferences, rooms).await;
    }
}

async fn send(
    room: RoomNumber,
    conferences: &[ConferenceUsage],
    rooms: &mpsc::Sender<Result<RoomUsage, StoreError>>,
) {
    let participants = participants_of(conferences);
    // Whoever renders has stopped and says why.
    let _ = rooms.send(Ok(RoomUsage { room, participants })).await;
}

fn participants_of(conferences: &[ConferenceUsage]) -> Vec<Participant> {
    let mut ordered: Vec<_> = conferences.iter().filter_map(|usage| Some((usage.started_at()?, usage))).collect();
    ordered.sort_by(|(a_start, a), (b_start, b)| (a_start, &a.id).cmp(&(b_start, &b.id)));
    let mut participants = Vec::new();
    for (_, conference) in ordered {
        let mut legs: Vec<_> = conference.legs.iter().filter(|leg| leg.charged_here).collect();
        legs.sort_by(|a, b| {
            (&a.service_type, a.joined_at, &a.leg_id).cmp(&(&b.service_type, b.joined_at, &b.leg_id))
        });
        participants.extend(legs.into_iter().map(|leg| Participant {
            room: conference.room.clone(),
            conference_id: conference.id.clone(),
            service_type: leg.service_type.clone(),
            joined_at: leg.joined_at,
            left_at: leg.left_at,
            caller: leg.caller.clone(),
            late_from: conference.late_from,
        }));
    }
    participants
}
