//! Checks that a closing has the figures that were shown of the open month before.
//!
//! Closings never read what is kept of open months. Where both come from the same usage they must still agree: a
//! difference is a fault of this program, which is logged.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::{AccountNumber, Period, RoomNumber, RoomTotal, Totals};
use crate::jobs::consult::live::LiveTotals;
use crate::jobs::{Context, JobError};
use crate::store::{Key, UsageBasis};

/// A room, or an account as a whole, that came to something else than was shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LiveDifference {
    pub account: AccountNumber,
    pub period: Period,
    /// `None` means the account.
    pub room: Option<RoomNumber>,
    /// What was shown last.
    pub live: Totals,
    /// What was frozen.
    pub closed: Totals,
}

/// The differences of a month that has closed; none where its usage, or what it is rated by, has changed since it was
/// kept.
pub(super) async fn differences(
    context: &Context,
    (account, period): (Key, Period),
    live: &LiveTotals,
) -> Result<Vec<LiveDifference>, JobError> {
    let mut tx = context.store.read().await?;
    let now = tx.usage().state(account, None).await?;
    let one_closing_later = UsageBasis { closings: live.state.basis.closings + 1, ..live.state.basis };
    let is_same = now.change == live.state.change
        && now.basis == UsageBasis { newest_statement: now.basis.newest_statement, ..one_closing_later };
    let current = tx.statements().current_revision(account, period).await?;
    if !is_same || current.as_ref().is_some_and(|current| current.revision > 1) {
        return Ok(Vec::new());
    }
    let (totals, rooms) = match current {
        Some(current) => (current.totals, tx.statements().statement_summary(current.key).await?.rooms),
        None => (Totals::default(), Vec::new()),
    };
    Ok(compared(live, period, &totals, &rooms))
}

fn compared(live: &LiveTotals, period: Period, totals: &Totals, rooms: &[RoomTotal]) -> Vec<LiveDifference> {
    let by_number = |rooms: &[RoomTotal]| {
        let totals = rooms.iter().filter(|room| room.is_active()).map(|room| (room.number.clone(), room.totals));
        totals.collect::<BTreeMap<_, _>>()
    };
    let (shown, closed) = (by_number(&live.statement.rooms), by_number(rooms));
    let numbers: BTreeSet<&RoomNumber> = shown.keys().chain(closed.keys()).collect();
    let of =
        |rooms: &BTreeMap<RoomNumber, Totals>, number: &RoomNumber| rooms.get(number).copied().unwrap_or_default();
    let rooms = numbers.into_iter().map(|number| (Some(number.clone()), of(&shown, number), of(&closed, number)));
    let account = (None, live.statement.totals, *totals);
    let pairs = std::iter::once(account).chain(rooms).filter(|(_, live, closed)| live != closed);
    let number = &live.statement.account.number;
    pairs.map(|(room, live, closed)| LiveDifference { account: number.clone(), period, room, live, closed }).collect()
}
