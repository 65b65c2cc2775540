//! A month's totals by room and billing code.

use std::collections::{BTreeMap, BTreeSet};

use super::{Amount, BillingCode, CodesNow, Line, RoomNumber};

/// The totals of a room's conferences with one code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeShare {
    pub room: RoomNumber,
    /// The code of now.
    pub now: Option<BillingCode>,
    /// The code on the statement.
    pub then: Option<BillingCode>,
    pub conferences: u64,
    pub accumulated_seconds: u64,
    pub charge: Amount,
}

/// The shares of a month's lines, ordered by room as the lines are; they add up to its totals.
pub fn code_shares(lines: &[Line], codes: &CodesNow) -> Vec<CodeShare> {
    lines.chunk_by(|a, b| a.room == b.room).flat_map(|lines| shares_of_room(lines, codes)).collect()
}

fn shares_of_room<'a>(lines: &'a [Line], codes: &'a CodesNow) -> impl Iterator<Item = CodeShare> + 'a {
    let mut shares = BTreeMap::<_, CodeShare>::new();
    let mut conferences = BTreeSet::new();
    for line in lines {
        let (now, then) = (codes.of(line), line.billing_code.as_ref());
        let share = shares.entry((now, then)).or_insert_with(|| CodeShare {
            room: line.room.clone(),
            now: now.cloned(),
            then: then.cloned(),
            conferences: 0,
            accumulated_seconds: 0,
            charge: Amount(0),
        });
        // Cannot overflow: the statement's own checks have added these up.
        share.conferences += u64::from(conferences.insert((&line.conference_id, line.late_from)));
        share.accumulated_seconds = share.accumulated_seconds.saturating_add(line.accumulated_seconds);
        share.charge = Amount(share.charge.0.saturating_add(line.charge.0));
    }
    shares.into_values()
}
