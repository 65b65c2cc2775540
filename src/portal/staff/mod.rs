//! The operator's own people in the online consultation: they see everything and change nothing.
//!
//! A table of routes, cookies, sessions and people of their own; of customers' pages they share listener, limits, passwords
//! and headers. Reading order: `routes` (everything that can be asked for), `visit` (a request and who it is from),
//! `sign_in`, `second_factor` and `link` (the way in), `lists` (what lists have in common), `months` (readings that serve several), then
//! the pages; `guest` (customers' pages in a customer's place).

mod account;
mod accounts;
mod archive;
mod deliveries;
mod guest;
mod home;
mod link;
mod lists;
mod month;
mod months;
mod reruns;
mod rooms;
mod routes;
mod second_factor;
mod sign_in;
mod usage;
mod verify;
mod visit;

use std::sync::Arc;

use tokio::sync::Semaphore;

use super::throttle::Throttle;

pub use guest::guest_paths;
pub use routes::{STAFF_ROUTES, StaffRoute, StaffWho};
pub(super) use visit::answer;

const ZIPS_AT_ONCE: usize = 2;

/// What all requests of staff share.
pub(super) struct Office {
    /// Apart from customers': neither keeps the other out.
    throttle: Throttle,
    months: months::KeptMonths,
    checks: verify::Checks,
    /// ZIPs and verifications under way, each of which reads a whole month.
    zips: Arc<Semaphore>,
}

impl Default for Office {
    fn default() -> Self {
        Self {
            throttle: Throttle::new(),
            months: months::KeptMonths::default(),
            checks: verify::Checks::default(),
            zips: Arc::new(Semaphore::new(ZIPS_AT_ONCE)),
        }
    }
}

/// Whether a path is answered here.
pub(super) fn is_for_staff(path: &str) -> bool {
    path == "/staff" || path.starts_with("/staff/")
}
