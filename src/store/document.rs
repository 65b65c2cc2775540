//! The frozen statement as it stands in the database: JSON, deflated.
//!
//! An internal format: what users get is `account.json`. A field that is added later needs a serde default.

use std::io::Read;

use flate2::Compression;
use flate2::read::ZlibDecoder;
use flate2::write::ZlibEncoder;

use serde::{Deserialize, Serialize};

use super::StoreError;
use crate::domain::{Name, RoomTotal, Statement};

/// What a month's table of contents shows of a statement, kept beside it so that ten thousand documents need not be
/// unpacked for one page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatementSummary {
    pub company: Name,
    /// Those with usage, ordered by number.
    pub rooms: Vec<RoomTotal>,
}

/// Lines of one account are much alike: the fastest level already shrinks them to a tenth.
const LEVEL: Compression = Compression::new(1);

pub(super) fn freeze(statement: &Statement) -> Result<Vec<u8>, StoreError> {
    let mut encoder = ZlibEncoder::new(Vec::new(), LEVEL);
    let written = serde_json::to_writer(&mut encoder, statement).map_err(std::io::Error::from);
    written.and_then(|()| encoder.finish()).map_err(|error| corrupt(statement.account.number.as_str(), &error))
}

pub(super) fn summarize(statement: &Statement) -> Result<String, StoreError> {
    let rooms = statement.active_rooms().cloned().collect();
    let summary = StatementSummary { company: statement.account.company.clone(), rooms };
    serde_json::to_string(&summary).map_err(|error| corrupt(statement.account.number.as_str(), &error))
}

pub(super) fn thaw(row: &str, document: &[u8]) -> Result<Statement, StoreError> {
    let mut json = Vec::new();
    ZlibDecoder::new(document).read_to_end(&mut json).map_err(|error| corrupt(row, &error))?;
    // Whole and not from a reader: serde_json takes a reader's bytes one by one.
    serde_json::from_slice(&json).map_err(|error| corrupt(row, &error))
}

fn corrupt(row: &str, why: &impl ToString) -> StoreError {
    StoreError::corrupt("statement", row, "document")(why.to_string())
}
