//! Why a bridge's file cannot be read, or not to its end.

use std::io;

/// A fault of the file itself; the texts say where it is, and contain no value of a row.
#[derive(Debug, thiserror::Error)]
pub enum ReaderError {
    #[error("{0}")]
    Io(#[from] io::Error),
    #[error("line {line}, byte {byte}: {why}")]
    Malformed { line: u64, byte: u64, why: String },
    #[error("the file is cut off: {0}. It is taken once it is whole")]
    CutOff(&'static str),
    #[error(
        "one item of it is longer than {0} MiB, which no bridge writes: it has no end, or another reader is meant"
    )]
    TooLong(u64),
    #[error("{0}")]
    Refused(String),
    #[error("the file changed while it was read")]
    Changed,
    /// The receiver of the rows has ended; it reports the reason.
    #[error("reading was stopped")]
    Stopped,
}

impl ReaderError {
    pub(super) fn from_csv(error: &csv::Error) -> Self {
        let (line, byte) = error.position().map_or((0, 0), |position| (position.line(), position.byte()));
        Self::Malformed { line, byte, why: "is not CSV in UTF-8".into() }
    }
}
