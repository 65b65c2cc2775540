//! Usage: legs and their conferences, in bulk.
//!
//! Reading order: `import` (a batch of legs; `known_legs`, `id_range`, `bulk_insert`), `stream` (an account's usage in
//! the order of its statement), `erase` (usage and callers that are past their retention).

pub(crate) mod bulk_insert;
pub(crate) mod erase;
pub(crate) mod id_range;
pub(crate) mod import;
pub(crate) mod known_legs;
pub(crate) mod not_taken;
pub(crate) mod stream;
