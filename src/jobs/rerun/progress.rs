//! How far each rerun has come, those included that the configuration asks for and no daemon has taken up.

use serde::Serialize;

use super::order::RerunOrder;
use crate::domain::RerunState;
use crate::store::RerunRow;

/// A rerun, and how far it has come, in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RerunProgress {
    pub id: String,
    pub period: String,
    pub state: String,
}

/// Of every rerun that was ever taken up, oldest first, and then of those in `orders` that were not.
pub fn rerun_progress(orders: &[RerunOrder], taken_up: Vec<RerunRow>) -> Vec<RerunProgress> {
    let is_new = |order: &&RerunOrder| taken_up.iter().all(|row| row.rerun_id != order.id.as_str());
    let new: Vec<_> = orders.iter().filter(is_new).map(RerunProgress::of_new).collect();
    taken_up.into_iter().map(|row| RerunProgress::of(row, orders)).chain(new).collect()
}

impl RerunProgress {
    fn of(row: RerunRow, orders: &[RerunOrder]) -> Self {
        let order = orders.iter().find(|order| order.id.as_str() == row.rerun_id && order.content() == row.content);
        let is_rehearsed_alone = row.rehearsed_at.is_some() && row.applied_at.is_none() && row.accounts_done == 0;
        let is_to_be_applied = is_rehearsed_alone && order.is_some_and(|order| order.state == RerunState::Apply);
        let mut state = row.progress();
        if is_to_be_applied {
            state.push_str("; applying waits for the daemon");
        }
        Self { state, id: row.rerun_id, period: row.period }
    }

    fn of_new(order: &RerunOrder) -> Self {
        let state = "waiting for the daemon".to_owned();
        Self { id: order.id.to_string(), period: order.period.to_string(), state }
    }
}
