//! Usage as bridges write it, turned into the contract's rows.
//!
//! A reader looks at each item of a file and says one of three things: it is a row, it is skipped because it surely is
//! no conference leg (counted by reason, not kept), or the file cannot be read any further. It judges nothing else: what
//! a row must be is checked behind it, as for every other usage, so that a row that cannot be used is kept, shown and
//! tried again like any other.
//!
//! Reading order: `item` (what a reader yields), `source` (where its bytes come from), `settings` (what an operator can set),
//! `mapping` and `times` (fields and instants), one file per format, `presets` (mappings that are built in).

mod asterisk_cdr;
mod asterisk_cel;
mod cisco_meeting_server;
mod delimited;
mod error;
mod freeswitch;
mod item;
mod json;
mod mapping;
mod presets;
mod settings;
mod source;
mod times;
mod waiting;
mod xml;
mod xml_events;

pub use error::ReaderError;
pub use item::{Counts, Output, UnreadableItem, UsageRecord};
pub use presets::{NAMES as PRESETS, preset};
pub use settings::{BUILT_IN, Reader, ReaderSettings};
pub use source::Source;
pub use waiting::Waiting;

impl Reader {
    /// Reads `source` to its end and hands each row to `output`.
    pub fn read(&self, source: &Source, output: &mut Output<'_>) -> Result<(), ReaderError> {
        match self {
            Self::FreeswitchConference(reader) => reader.read(source, output),
            Self::AsteriskCel(reader) => reader.read(source, output),
            Self::AsteriskCdr(reader) => reader.read(source, output),
            Self::CiscoMeetingServer(reader) => reader.read(source, output),
            Self::Delimited(reader) => reader.read(source, output),
            Self::Json(reader) => reader.read(source, output),
            Self::Xml(reader) => reader.read(source, output),
        }
    }
}

#[cfg(test)]
mod tests;
