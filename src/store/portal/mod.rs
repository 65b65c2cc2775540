//! The online consultation: people and their sessions, what they may see, what they are mailed.
//!
//! Rights are never stored: [`rights`] (of one account) and [`places`] (of one address) read them from accounts and
//! rooms at each request, and nothing else knows where they come from. A [`sessions::Viewer`] can only come from a
//! valid session, an [`rights::AccountAccess`] only from a viewer: whatever takes one need not ask again.

pub(crate) mod mail;
pub(crate) mod people;
pub(crate) mod places;
pub(crate) mod rights;
pub(crate) mod second_factor;
pub(crate) mod sessions;
pub(crate) mod usage;
