//! The daemon: a heartbeat that says "look what is due", and workers that look.
//!
//! Reading order: `lifecycle` (signals, graceful shutdown), `reload` (changed configuration), `active_config` (what
//! workers use), `supervisor` (restarts tasks that end), `heartbeat` (ticks), `clock_guard` (ticks that cannot be
//! trusted), `worker` (the rounds), `inboxes` (usage from folders and stores), `push` with `push_bodies` and
//! `push_senders` (usage that is posted), `registry` (which daemons run). For those who look at it from outside:
//! `liveness` (is it alive), `snapshot` (the state at one moment), `metrics`, `http`, `systemd`. A tick carries no
//! data: whatever was missed while the daemon was down is found in the database.

mod active_config;
mod clock_guard;
mod heartbeat;
mod http;
mod inboxes;
mod lifecycle;
mod liveness;
mod metrics;
mod push;
mod push_bodies;
mod push_senders;
mod registry;
mod reload;
mod snapshot;
mod supervisor;
mod systemd;
mod worker;

pub use lifecycle::{Ending, Signals, run};
pub use reload::{ReloadReport, Reloader};
