//! The online consultation's reading: months as they are now, the participants of a conference, kept files; and its
//! mail; billing codes that are given there.
//!
//! Figures have one source each: a closed month's are the frozen statement's, an open month's are what closing now
//! would freeze, by the very computation that closes (`close::compute`). Who asks was settled before: everything here
//! takes an [`crate::store::AccountAccess`].

mod closed;
pub(crate) mod codes;
pub(crate) mod compare;
pub(crate) mod figures;
pub(crate) mod file;
pub(crate) mod live;
pub(crate) mod mail;
pub(crate) mod month;
mod month_cache;
pub(crate) mod participants;
pub(crate) mod recoded;
pub(crate) mod revision;
