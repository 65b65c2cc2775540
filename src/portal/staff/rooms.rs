//! An account's rooms, and the way to its pages as its owner and its cardholders see them.

use super::guest::{as_cardholder, as_owner};
use crate::domain::AccountNumber;
use crate::portal::respond::Refusal;
use crate::render::{StaffCell, StaffColumn, StaffLink, StaffRow, StaffSection, StaffTable};
use crate::store::RoomToday;

/// Rooms that the account's page shows.
pub(super) const MOST_ROOMS: u32 = 100;

pub(super) fn section(number: &AccountNumber, rooms: &[RoomToday]) -> Result<StaffSection, Refusal> {
    let row = |room: &RoomToday| {
        let as_holder = room.cardholder_email.is_some().then(|| as_cardholder(number, &room.room));
        let see = if as_holder.is_some() { "As the cardholder sees it" } else { "" };
        StaffRow {
            cells: vec![
                StaffCell::text(room.room.to_string()),
                StaffCell::text(room.cardholder.as_str()),
                StaffCell::text(room.cardholder_email.as_deref().unwrap_or_default()),
                StaffCell::text(if room.active { "active" } else { "not active" }),
                StaffCell::text(see),
            ],
            links: vec![Some(format!("{}/rooms/{}", as_owner(number), room.room)), None, None, None, as_holder],
            problem: None,
        }
    };
    let rows: Vec<_> = rooms.iter().map(row).collect();
    let columns = vec![
        StaffColumn::text("", "Room"),
        StaffColumn::text("", "Cardholder"),
        StaffColumn::text("", "Address"),
        StaffColumn::text("", "Today"),
        StaffColumn::text("", "Their page"),
    ];
    let text = if rooms.len() >= MOST_ROOMS as usize {
        format!("The first {MOST_ROOMS}. The owner's page has all of them, and searches them.")
    } else {
        "A room leads to its conferences as the account's owner sees them.".to_owned()
    };
    Ok(StaffSection {
        id: "rooms",
        heading: "Rooms".into(),
        text,
        buttons: vec![StaffLink::new("The account as its owner sees it", as_owner(number))],
        table: Some(StaffTable::of("Rooms", columns, &rows, &[])?),
        nothing: "It has no room today.".into(),
        ..StaffSection::default()
    })
}
