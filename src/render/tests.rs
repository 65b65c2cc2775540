//! The faces of the golden months: what users see, kept as snapshots.

mod faces;
mod golden;
mod hostile;
