//! The outputs of the golden months: what users see, kept as snapshots.

mod determinism;
mod gallery;
pub(super) mod golden;
mod hostile;
mod messages;
pub(super) mod outputs;
mod wide;
mod workbooks;
