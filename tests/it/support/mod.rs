//! The harness: a program in a folder of its own, a database of either engine.

mod archive;
pub mod crashing_postgres;
mod csv_files;
pub mod database;
pub mod object_stores;
pub mod office;
pub mod operator;
mod pauses;
mod ports;
pub mod postgres;
mod program;
mod s3;
pub mod skip;

pub use archive::{files_below, finished_files, letters, mail_ids};
pub(crate) use csv_files::csv;
pub use pauses::Pauses;
pub use ports::free_port;
pub use program::{PATIENCE, Program, Run, Running, eventually, sample, wait_until};
pub use s3::{Fault, FaultProxy, S3};

/// When May 2009, the newest of the sample's months, has closed: its end and the grace are over.
pub const AFTER_MAY: &str = "2009-06-05T06:00:00Z";
