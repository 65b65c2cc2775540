//! The operator's own people in the online consultation: they see everything and change nothing.
//!
//! A table of routes, cookies, sessions and people of their own; of customers' pages they share listener, limits,
//! passwords and headers. Reading order: `routes` (everything that can be asked for), `dispatch` (who asks, which
//! handler answers), `visit` (what handlers get), `sign_in`, `second_factor`, `link` and `session` (the way in),
//! `lists` (what lists have in common), `office`, `reading_cache` and `seen` (what is remembered between requests),
//! `account_index` (what accounts are found by), then the pages; `guest` (customers' pages in a customer's place).

mod account;
mod account_index;
mod accounts;
mod archive;
mod change;
mod deliveries;
mod dispatch;
mod guest;
mod home;
mod link;
mod lists;
mod mail_list;
mod month;
mod month_archive;
mod months;
mod office;
mod reading_cache;
mod rerun;
mod reruns;
mod rooms;
mod routes;
mod second_factor;
mod seen;
mod session;
mod sign_in;
mod usage;
mod verify;
mod visit;

pub(super) use dispatch::answer;
pub use guest::guest_paths;
pub(super) use office::Office;
pub use routes::{STAFF_ROUTES, StaffRoute, StaffWho};

/// Whether a path is answered here.
pub(super) fn is_for_staff(path: &str) -> bool {
    path == "/staff" || path.starts_with("/staff/")
}
