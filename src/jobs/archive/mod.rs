//! What is done to the archive as a whole: checking that it is complete, restoring what is lost, and expiring what is
//! past its retention.
//!
//! Reading order: `fetch` (one file, checked), `month_files` (a month's own), `month_zip` (a month as one file, with
//! `stored_zip`), `verify`, `restore`, `expire` (old months of the archive), `erase_usage` (usage and callers).

pub(crate) mod erase_rejects;
pub(crate) mod erase_usage;
pub(crate) mod expire;
pub(crate) mod fetch;
pub(crate) mod month_files;
pub(crate) mod month_zip;
pub(crate) mod restore;
mod stored_zip;
pub(crate) mod verify;
