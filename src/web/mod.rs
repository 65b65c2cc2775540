//! What every HTTP listener of this program is built on: bounded connections, and the names it answers to.
//!
//! What is served lives elsewhere (`daemon::http` and whatever listens beside it); here is what keeps strangers from
//! stopping it.

mod connections;
mod hosts;
mod limiter;
mod listener;

pub use hosts::{Hosts, only_known_hosts};
pub use limiter::{Limiter, MOST_KEYS, TooOften, network};
pub use listener::{Limits, OfAnyLength, serve};
