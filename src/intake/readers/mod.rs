//! Usage as bridges write it, turned into the contract's rows.
//!
//! A reader looks at each item of a file and says one of three things: it is a row, it is skipped because it surely
//! is no conference leg (counted by reason, not kept), or the file cannot be read any further. It judges nothing
//! else: what a row must be is checked later, as for every other usage, so that a row that cannot be used is kept,
//! shown and tried again like any other.
//!
//! Reading order: `item` (what a reader yields), `source` (where its bytes come from), `settings` (what an operator
//! can set), `mapping` and `times` (fields and instants), one file per format, `presets` (mappings that are built
//! in).

mod asterisk_cdr;
mod asterisk_cel;
mod budget;
mod cisco_meeting_server;
mod delimited;
mod error;
mod freeswitch;
mod item;
mod json;
mod looks;
mod mapping;
mod mended_lines;
mod percent;
mod presets;
mod reader;
mod record;
mod settings;
mod sorting;
mod source;
mod times;
mod waiting;
mod xml;
mod xml_events;

pub use error::ReaderError;
pub use item::{Counts, Doubt, Output, UnreadableItem};
pub use presets::{NAMES as PRESETS, preset};
pub use reader::Reader;
pub use record::UsageRecord;
pub use settings::{BUILT_IN, ReaderSettings};
pub use source::Source;
pub use waiting::{MOST_ENDED, Waiting};

#[cfg(test)]
mod samples;
#[cfg(test)]
mod tests;
