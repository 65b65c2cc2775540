//! The operator's own people: how they sign in, and what their pages read.
//!
//! `portal.staff` says who may sign in at all, and is asked at each request. A [`sessions::StaffMember`] can only
//! come from a valid session; everything that shows customers' data takes one.

pub(crate) mod mail;
pub(crate) mod months;
pub(crate) mod people;
pub(crate) mod rooms;
pub(crate) mod search;
pub(crate) mod second_factor;
pub(crate) mod sessions;
