//! Why the store does not take a row, in words for the one who sent it.

use crate::intake::Refusal;
use crate::store::NotTaken;

pub(super) fn older() -> Refusal {
    Refusal::column(
        "joined_at",
        "lies before the first month that was closed for the account: was the clock of the switch set? If it is right, \
         \"statementd import usage --accept-older\", or \"import retry --accept-older\", charges it in the next month",
    )
}

pub(super) fn stretching() -> Refusal {
    Refusal::column(
        "conference_id",
        "would make its conference longer than billing.longest_conference: the id was used before, for another conference",
    )
}

pub(super) fn taken() -> Refusal {
    Refusal::column(
        "leg_id",
        "belongs to a leg that was stored before with other content: if that one is wrong, take it out (statementd usage \
         void), then run \"statementd import retry\"; if this one is, dismiss it (statementd import rejects dismiss)",
    )
}

/// Why a leg is refused that may have been charged long ago.
pub(super) fn erased() -> Refusal {
    Refusal::column(
        "joined_at",
        "lies in a month whose usage has been erased (database.keep_usage): it is not known whether it was charged before",
    )
}

pub(super) fn not_taken(why: NotTaken) -> Refusal {
    let (column, reason) = match why {
        NotTaken::NotYetThere => (
            "room_number",
            "is of a room whose first row in rooms has a later valid_from: import a row that holds from then on, then run \
             \"statementd import retry\"",
        ),
        NotTaken::NotActive => (
            "room_number",
            "is of a room that was not active then: if it was, import its row with active and the date as valid_from, then \
             run \"statementd import retry\"",
        ),
        NotTaken::AccountEnded => (
            "joined_at",
            "lies after the end of the room's account (closed_from): import the room's row with its new account and the \
             date as valid_from, then run \"statementd import retry\"",
        ),
    };
    Refusal::column(column, reason)
}
