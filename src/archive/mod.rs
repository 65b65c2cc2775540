//! Where finished statements are kept: any object store, named by a URL.
//!
//! An object counts once it has been read back and its hash compared. The manifest is written last, so that a
//! statement without one is visibly incomplete, and a folder with one is never written again.

mod keys;
mod manifest;
mod objects;
mod verify;

pub use keys::{FileName, StatementFolder, index_key, rerun_key};
pub use manifest::{FileEntry, MANIFEST, Manifest};
pub use objects::{Archive, ArchiveError};
pub use verify::{Finding, verify_statement};
