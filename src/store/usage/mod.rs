//! Usage: legs and their conferences, in bulk.
//!
//! Reading order: `import` (a batch of legs; `filings`, `known_legs`, `plausible`, `id_range`, `bulk_insert`),
//! `stream` (an account's usage in the order of its statement; `scope_keys`), `changes` (what totals kept elsewhere
//! are made anew for), `void` (legs taken out; `void_listing`), `erase` (usage and callers that are past their
//! retention), `totals` (how much came in and what became of it).

pub(crate) mod arrival;
pub(crate) mod batch_outcome;
pub(crate) mod bulk_insert;
pub(crate) mod changes;
pub(crate) mod erase;
mod filings;
pub(crate) mod id_range;
pub(crate) mod import;
pub(crate) mod known_legs;
pub(crate) mod moves;
pub(crate) mod not_taken;
pub(crate) mod plausible;
pub(crate) mod scope_keys;
pub(crate) mod stream;
pub(crate) mod totals;
pub(crate) mod void;
pub(crate) mod void_listing;
