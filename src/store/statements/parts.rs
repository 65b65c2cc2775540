//! The lines of large frozen statements, in parts: what shows a room reads what is that room's, and what shows the
//! account reads none.
//!
//! A part is written with its document and leaves with it. Small statements have their lines in the document, as all
//! had before schema 21: code that reads a statement whole need not know.

use std::borrow::Cow;

use serde::{Deserialize, Serialize, Serializer};

use crate::domain::{
    Amount, BillingCode, Changes, CodeShare, CodesNow, LineChange, RoomNumber, Statement, code_shares,
};
use crate::store::StoreError;
use crate::store::statements::packed::pack;

/// Lines that stay in the document.
const WHOLE: usize = 2_000;
/// Lines of a part: some 10 kB packed.
const PART: usize = 500;

/// Kinds of parts.
pub(super) const LINES: &str = "line";
pub(super) const CHANGES: &str = "change";

/// Some lines of a statement as their row will hold them.
#[derive(Debug)]
pub(crate) struct FrozenPart {
    pub(super) kind: &'static str,
    pub(super) part: i64,
    pub(super) rooms: (RoomNumber, RoomNumber),
    pub(super) shares: String,
    pub(super) document: Vec<u8>,
}

/// What a room that begins in a part comes to by code. It is stored as a list of the fields in this order.
#[derive(Debug, Deserialize)]
pub(super) struct Share {
    room: RoomNumber,
    code: Option<BillingCode>,
    conferences: u64,
    accumulated_seconds: u64,
    charge: Amount,
}

impl Serialize for Share {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (&self.room, &self.code, self.conferences, self.accumulated_seconds, self.charge).serialize(serializer)
    }
}

impl From<CodeShare> for Share {
    fn from(share: CodeShare) -> Self {
        let CodeShare { room, now: _, then: code, conferences, accumulated_seconds, charge } = share;
        Self { room, code, conferences, accumulated_seconds, charge }
    }
}

impl From<Share> for CodeShare {
    fn from(share: Share) -> Self {
        let Share { room, code, conferences, accumulated_seconds, charge } = share;
        Self { room, now: code.clone(), then: code, conferences, accumulated_seconds, charge }
    }
}

/// The statement as its document has it, and what of it is stored in parts.
pub(super) fn taken_apart(statement: &Statement) -> Result<(Cow<'_, Statement>, Vec<FrozenPart>), StoreError> {
    let altered = statement.changes.as_ref().map_or(&[][..], |changes| &changes.lines);
    let (has_many, has_many_changes) = (statement.lines.len() > WHOLE, altered.len() > WHOLE);
    if !has_many && !has_many_changes {
        return Ok((Cow::Borrowed(statement), Vec::new()));
    }
    let mut parts = Vec::new();
    if has_many {
        let mut shares = code_shares(&statement.lines, &CodesNow::default()).into_iter().peekable();
        for (part, lines) in (0..).zip(statement.lines.chunks(PART)) {
            let last = lines.last().map(|line| &line.room);
            let begun = std::iter::from_fn(|| shares.next_if(|share| Some(&share.room) <= last));
            let begun: Vec<Share> = begun.map(Share::from).collect();
            parts.push(frozen(statement, (LINES, part), lines, |line| Some(&line.room), &begun)?);
        }
    }
    if has_many_changes {
        for (part, lines) in (0..).zip(altered.chunks(PART)) {
            parts.push(frozen(statement, (CHANGES, part), lines, room_of, &[])?);
        }
    }
    let lines = if has_many { Vec::new() } else { statement.lines.clone() };
    let changes = statement.changes.as_ref().map(|changes| Changes {
        since_revision: changes.since_revision,
        totals_before: changes.totals_before,
        rooms: changes.rooms.clone(),
        lines: if has_many_changes { Vec::new() } else { changes.lines.clone() },
    });
    Ok((Cow::Owned(statement.with_lines(lines, changes)), parts))
}

fn frozen<T: Serialize>(
    statement: &Statement,
    (kind, part): (&'static str, i64),
    lines: &[T],
    room: impl Fn(&T) -> Option<&RoomNumber>,
    shares: &[Share],
) -> Result<FrozenPart, StoreError> {
    let row = || statement.account.number.as_str();
    let rooms = lines.first().and_then(&room).cloned().zip(lines.last().and_then(&room).cloned());
    let rooms = rooms.ok_or_else(|| corrupt(&row(), &"has a line without a room"))?;
    let shares = serde_json::to_string(shares).map_err(|error| corrupt(&row(), &error))?;
    let document = pack(lines).map_err(|error| corrupt(&row(), &error))?;
    Ok(FrozenPart { kind, part, rooms, shares, document })
}

fn room_of(change: &LineChange) -> Option<&RoomNumber> {
    change.after.as_ref().or(change.before.as_ref()).map(|line| &line.room)
}

pub(super) fn corrupt(row: &impl ToString, why: &impl ToString) -> StoreError {
    StoreError::corrupt("statement_part", row.to_string(), "document")(why.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_stored_as_it_always_was() {
        let stored = r#"[["332703",null,2,90,-7],["332703","DESK",1,60,0]]"#;
        let shares: Vec<Share> = serde_json::from_str(stored).unwrap();
        assert_eq!((shares[1].code.as_ref().map(BillingCode::as_str), shares[0].charge), (Some("DESK"), Amount(-7)));
        assert_eq!(serde_json::to_string(&shares).unwrap(), stored);
    }
}
