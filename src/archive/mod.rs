//! Where finished statements are kept: any object store, named by a URL.
//!
//! An object counts once it has been read back and its hash compared. The manifest is written last, so that a
//! statement without one is visibly incomplete, and a folder with one is never written again. When a statement
//! leaves, its manifest goes first, for the same reason.

mod cloud;
mod deleting;
mod error;
mod folder;
mod headers;
mod keys;
mod known;
mod local;
mod location;
mod manifest;
mod month;
mod objects;
mod probe;
mod refusal;
mod verify;
mod write;

pub use cloud::Cloud;
pub use error::ArchiveError;
pub use folder::{ObjectFolder, ObjectInfo};
pub use headers::download_name;
pub use keys::{EXPIRED, MANIFEST, MonthObject, PROBE, RERUNS, StatementFolder, is_own_file, rerun_key};
pub use known::KnownContent;
pub use manifest::{FileEntry, Maker, Manifest};
pub use month::{MonthManifest, PinnedStatement};
pub use objects::{Archive, LARGEST_MANIFEST, LONGEST_LINK};
pub use verify::{Finding, Problem, Readback, verify_listed, verify_object, verify_statement};
pub use write::LocalArchive;
