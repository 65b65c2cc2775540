//! An open month's totals, kept per room: what a closing now would freeze. No closing ever reads them.
//!
//! There is one set of rules: rooms are computed by the code that closes months, and every room that may have changed
//! is computed again. Totals are sums of rooms.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use crate::billing::Obstacle;
use crate::domain::{
    Amount, BillingCodeTotal, CodeShare, CodesNow, Overflow, Period, RoomNumber, RoomTotal, Statement, Totals,
    code_shares,
};
use crate::jobs::close::compute::{MonthPart, compute_rooms};
use crate::store::{StoreError, Tx, UsageScope, UsageState, WaitingLegs};

/// How many rooms are computed one by one; if more have changed, the whole month is read instead.
const MOST_ROOMS: usize = 500;

/// The totals of all rooms at a moment.
#[derive(Debug, Clone)]
pub(crate) struct LiveTotals {
    /// Without lines.
    pub(crate) statement: Arc<Statement>,
    pub(crate) shares: Arc<Vec<CodeShare>>,
    pub(crate) state: UsageState,
    waiting: WaitingLegs,
    not_carried: Vec<Period>,
}

/// What of an account's usage an open month would charge if it were closed now.
#[derive(Debug, Clone)]
pub(crate) struct LiveScope {
    pub(crate) usage: UsageScope,
    /// Closed months whose late usage goes into a revision that is due for another reason.
    pub(crate) not_carried: Vec<Period>,
}

impl LiveScope {
    pub(crate) fn part<'a>(&'a self, rooms: Option<&'a [RoomNumber]>) -> MonthPart<'a> {
        MonthPart { rooms, not_from: &self.not_carried }
    }
}

/// The month's totals as this transaction sees its usage; `before` are the totals that were known.
pub(crate) async fn live_totals(
    tx: &mut Tx,
    scope: &LiveScope,
    before: Option<&LiveTotals>,
) -> Result<Result<LiveTotals, Obstacle>, StoreError> {
    let account = scope.usage.account;
    let state = tx.usage().state(account, None).await?;
    let is_like = |before: &&LiveTotals| {
        let late = (before.waiting, before.not_carried.as_slice());
        before.state.basis == state.basis && late == (scope.usage.waiting, &scope.not_carried)
    };
    if let Some(before) = before.filter(is_like) {
        let changed = tx.usage().rooms_changed_after(account, before.state.change).await?;
        if changed.len() <= MOST_ROOMS {
            if changed.is_empty() {
                return Ok(Ok(LiveTotals { state, ..before.clone() }));
            }
            let computed = compute_rooms(tx, scope.usage, &scope.part(Some(&changed))).await?;
            return Ok(computed.and_then(|computed| Ok(before.with(&changed, computed, state)?)));
        }
    }
    Ok(compute_rooms(tx, scope.usage, &scope.part(None)).await?.map(|statement| {
        let shares = Arc::new(code_shares(&statement.lines, &CodesNow::default()));
        let statement = Arc::new(Statement { lines: Vec::new(), ..statement });
        let (waiting, not_carried) = (scope.usage.waiting, scope.not_carried.clone());
        LiveTotals { statement, shares, state, waiting, not_carried }
    }))
}

impl LiveTotals {
    /// Replaces the totals of these rooms.
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
        Ok(Self { statement: Arc::new(statement), shares: Arc::new(shares), state, ..self.clone() })
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
