//! The harness: a program in a folder of its own, a database of either engine.

mod archive;
pub mod database;
mod postgres;
mod program;

pub use archive::{files_below, mail_ids};
pub use program::{Program, sample};
