//! How several processes share the work: who is alive (`workers`), and who does what (`claims`).

pub(crate) mod claims;
pub(crate) mod workers;
