//! The operator's own people in the online consultation: they see everything and change nothing.
//!
//! A table of routes, cookies, sessions and people of their own; of customers' pages they share listener, limits, passwords
//! and headers. Reading order: `routes` (everything that can be asked for), `visit` (a request and who it is from),
//! `sign_in`, `second_factor` and `link` (the way in), `lists` (what lists have in common), `kept` (readings that serve several), then
//! the pages; `guest` (customers' pages in a customer's place).

mod account;
mod accounts;
mod archive;
mod deliveries;
mod guest;
mod home;
mod kept;
mod link;
mod lists;
mod month;
mod month_archive;
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
use crate::domain::Period;

pub use guest::guest_paths;
pub use routes::{STAFF_ROUTES, StaffRoute, StaffWho};
pub(super) use visit::answer;

const ZIPS_AT_ONCE: usize = 2;

/// What all requests of staff share.
pub(super) struct Office {
    /// Apart from customers': neither keeps the other out.
    throttle: Throttle,
    home: kept::Kept<(), home::HomeReading>,
    months: kept::Kept<Period, months::MonthReading>,
    archives: kept::Kept<Period, month_archive::ArchiveReading>,
    checks: verify::Checks,
    /// ZIPs and verifications under way, each of which reads a whole month.
    zips: Arc<Semaphore>,
}

impl Default for Office {
    fn default() -> Self {
        Self {
            throttle: Throttle::new(),
            home: kept::Kept::new(1),
            months: kept::Kept::new(months::MOST_MONTHS),
            archives: kept::Kept::new(months::MOST_MONTHS),
            checks: verify::Checks::default(),
            zips: Arc::new(Semaphore::new(ZIPS_AT_ONCE)),
        }
    }
}

/// Whether a path is answered here.
pub(super) fn is_for_staff(path: &str) -> bool {
    path == "/staff" || path.starts_with("/staff/")
}
