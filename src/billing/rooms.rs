//! The rooms of a statement: what each was in the period, what it was charged, and who gets its statement.

use std::collections::BTreeMap;

use super::Obstacle;
use crate::domain::{
    Account, Addressee, BillingCode, Line, Name, PeriodBounds, Room, RoomHistory, RoomNumber, RoomTotal, Totals,
};

/// A room that a statement lists, with whom its statement is for.
pub(super) struct ListedRoom {
    pub(super) total: RoomTotal,
    pub(super) addressee: Addressee,
}

/// The rooms that belong to the account in the period, and those with lines; ordered by number.
///
/// `lines` are ordered by room, start, conference.
pub(super) fn listed_rooms(
    account: &Account,
    period: &PeriodBounds,
    histories: &[RoomHistory],
    lines: &[Line],
) -> Result<Vec<ListedRoom>, Obstacle> {
    let mut totals = totals_by_room(lines)?;
    let mut rooms = Vec::with_capacity(histories.len());
    for history in histories {
        let totals = totals.remove(&history.number);
        let last = history.last_in(&account.number, period);
        if last.is_some() || totals.is_some() {
            let lines = lines_of(lines, &history.number);
            let holder = holder(account, history, last, lines);
            // The room when its last line started, whichever account it belonged to then.
            let then = lines.last().and_then(|line| history.at(line.started_at));
            let code = holder.or(then).and_then(|room| room.auto_billing_code.clone());
            rooms.push(listed(history, holder, code, totals.unwrap_or_default())?);
        }
    }
    rooms.sort_by(|a, b| a.total.number.cmp(&b.total.number));
    Ok(rooms)
}

/// Who holds the room: `last`, at the end of its time in the account and period; where it has late lines only, the
/// one who did when the last of them started. `None` if it is not known ever to have belonged to the account.
fn holder<'a>(
    account: &Account,
    history: &'a RoomHistory,
    last: Option<&'a Room>,
    lines: &[Line],
) -> Option<&'a Room> {
    let has_own = lines.iter().any(|line| line.late_from.is_none());
    let late = lines.last().filter(|_| !has_own).and_then(|line| history.at(line.started_at));
    late.filter(|room| room.account == account.number).or(last)
}

fn lines_of<'a>(lines: &'a [Line], room: &RoomNumber) -> &'a [Line] {
    let from = lines.partition_point(|line| line.room < *room);
    let to = lines.partition_point(|line| line.room <= *room);
    &lines[from..to]
}

fn listed(
    history: &RoomHistory,
    holder: Option<&Room>,
    auto_billing_code: Option<BillingCode>,
    totals: Totals,
) -> Result<ListedRoom, Obstacle> {
    let number = history.number.clone();
    let Some(holder) = holder else {
        // Its cardholder of now belongs to another account.
        let cardholder: Name = number
            .as_str()
            .parse()
            .map_err(|error: crate::domain::Invalid| Obstacle::ChecksFailed(error.to_string()))?;
        let addressee = Addressee { room: Some(number.clone()), name: None, addresses: Vec::new() };
        let total = RoomTotal { number, cardholder, auto_billing_code, totals };
        return Ok(ListedRoom { total, addressee });
    };
    let (cardholder, emails) = (holder.cardholder.clone(), holder.cardholder_email.iter().cloned().collect());
    let addressee = Addressee { room: Some(number.clone()), name: Some(cardholder.clone()), addresses: emails };
    Ok(ListedRoom { total: RoomTotal { number, cardholder, auto_billing_code, totals }, addressee })
}

fn totals_by_room(lines: &[Line]) -> Result<BTreeMap<RoomNumber, Totals>, Obstacle> {
    let mut by_room = BTreeMap::<RoomNumber, Totals>::new();
    let mut previous: Option<&Line> = None;
    for line in lines {
        let new_conference = previous
            .is_none_or(|previous| (&previous.room, &previous.conference_id) != (&line.room, &line.conference_id));
        by_room.entry(line.room.clone()).or_default().add_line(line, new_conference)?;
        previous = Some(line);
    }
    Ok(by_room)
}
