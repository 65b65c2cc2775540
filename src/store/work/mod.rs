//! How several processes share the work: who is alive (`workers`, `membership`), and who does what (`claims`).

pub(crate) mod claims;
pub(crate) mod membership;
pub(crate) mod workers;
