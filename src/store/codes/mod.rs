//! Billing codes that are given to conferences online: what was given, by which change, and which codes an account
//! knows.
//!
//! A code belongs to its conference and goes before whatever code the usage or the room brings; money never depends
//! on it. Each change is a set of conferences that went in together, with the codes from before it, so that it can be
//! taken back.

pub(crate) mod assign;
pub(crate) mod history;
pub(crate) mod known;
mod parked;
pub(crate) mod revisions;
