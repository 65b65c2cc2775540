//! The harness: a program in a folder of its own.

mod archive;
pub mod crashing_postgres;
pub mod database;
pub mod object_stores;
pub mod office;
pub mod postgres;
mod program;

pub use archive::{files_below, mail_ids};
pub use program::{Program, Running, sample};
