//! The faces of the golden months: what users see, kept as snapshots.

mod faces;
mod gallery;
mod golden;
mod hostile;
