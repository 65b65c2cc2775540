//! The faces of the golden months: what users see, kept as snapshots.

mod determinism;
pub(super) mod faces;
mod gallery;
pub(super) mod golden;
mod hostile;
mod messages;
mod wide;
mod workbooks;
