//! An open month's totals, kept per room: what a closing now would freeze, and no closing ever reads.
//!
//! There is one set of rules: rooms are computed by what closes months, and whatever is not known to be as it was is computed
//! again. Totals are sums of rooms.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use crate::billing::Obstacle;
use crate::domain::{
    Amount, BillingCodeTotal, CodeShare, CodesNow, Overflow, RoomNumber, RoomTotal, Statement, Totals, code_shares,
};
use crate::jobs::close::compute::{compute, compute_rooms};
use crate::store::{StoreError, Tx, UsageScope, UsageState, WaitingLegs};

/// Rooms that are computed by themselves; where more have changed, the whole month is read instead.
const MOST_ROOMS: usize = 500;

/// The totals of all rooms at a moment.
#[derive(Debug, Clone)]
pub(crate) struct LiveTotals {
    /// Without lines.
    pub(crate) statement: Arc<Statement>,
    pub(crate) shares: Arc<Vec<CodeShare>>,
    state: UsageState,
    waiting: WaitingLegs,
}

/// The month's totals as this transaction sees its usage; `before`: those that were known.
pub(crate) async fn live_totals(
    tx: &mut Tx,
    scope: UsageScope,
    before: Option<&LiveTotals>,
) -> Result<Result<LiveTotals, Obstacle>, StoreError> {
    let state = tx.usage_state(scope.account, None).await?;
    let is_like = |before: &&LiveTotals| before.state.basis == state.basis && before.waiting == scope.waiting;
    if let Some(before) = before.filter(is_like) {
        let changed = tx.rooms_changed_after(scope.account, before.state.change).await?;
        if changed.len() <= MOST_ROOMS {
            if changed.is_empty() {
                return Ok(Ok(LiveTotals { state, ..before.clone() }));
            }
            let computed = compute_rooms(tx, scope, Some(&changed)).await?;
            return Ok(computed.and_then(|computed| Ok(before.with(&changed, computed, state)?)));
        }
    }
    Ok(compute(tx, scope).await?.map(|statement| {
        let shares = Arc::new(code_shares(&statement.lines, &CodesNow::default()));
        let statement = Arc::new(Statement { lines: Vec::new(), ..statement });
        LiveTotals { statement, shares, state, waiting: scope.waiting }
    }))
}

impl LiveTotals {
    /// With what these rooms come to now.
    fn with(&self, changed: &[RoomNumber], computed: Statement, state: UsageState) -> Result<Self, Overflow> {
        let changed: HashSet<&RoomNumber> = changed.iter().collect();
        let kept = self.statement.rooms.iter().filter(|room| !changed.contains(&room.number)).cloned();
        let mut rooms: Vec<RoomTotal> = kept.chain(computed.rooms).collect();
        rooms.sort_by(|a, b| a.number.cmp(&b.number));
        let mut totals = Totals::default();
        for room in &rooms {
            totals.add(&room.totals)?;
        }
        let kept = self.shares.iter().filter(|share| !changed.contains(&share.room)).cloned();
        let mut shares: Vec<CodeShare> = kept.chain(code_shares(&computed.lines, &CodesNow::default())).collect();
        shares.sort_by(|a, b| (&a.room, &a.now).cmp(&(&b.room, &b.now)));
        let billing_codes = code_totals(&shares);
        let statement = Statement { rooms, totals, billing_codes, lines: Vec::new(), ..(*self.statement).clone() };
        Ok(Self { statement: Arc::new(statement), shares: Arc::new(shares), state, waiting: self.waiting })
    }
}

/// In the order of statements: what has no code comes last.
fn code_totals(shares: &[CodeShare]) -> Vec<BillingCodeTotal> {
    let mut by_code = BTreeMap::new();
    for share in shares {
        let (seconds, charge): &mut (u64, i64) = by_code.entry((share.now.is_none(), &share.now)).or_default();
        *seconds += share.accumulated_seconds;
        *charge += share.charge.0;
    }
    let total = |((_, code), (accumulated_seconds, charge)): ((bool, &Option<_>), (u64, i64))| BillingCodeTotal {
        code: code.clone(),
        accumulated_seconds,
        charge: Amount(charge),
    };
    by_code.into_iter().map(total).collect()
}
