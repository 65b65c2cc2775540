//! What is asked of the state as a whole: the states of months
//! (`account_months`), mail and the rest (`overview`, `counts`), what must hold (`invariants`), and
//! who caused what (`audit`).

pub(crate) mod account_months;
pub(crate) mod audit;
pub(crate) mod counts;
pub(crate) mod invariants;
pub(crate) mod overview;
