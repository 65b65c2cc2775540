//! How several processes share the work: who is alive (`workers`, `membership`), who does what (`claims`, `claimed`),
//! and, for people, which daemons run (`daemons`).

pub(crate) mod claimed;
pub(crate) mod claims;
pub(crate) mod daemons;
pub(crate) mod membership;
pub(crate) mod workers;
