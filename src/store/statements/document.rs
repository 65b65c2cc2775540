//! The frozen statement as it stands in the database: JSON, deflated.
//!
//! An internal format: what users get is `account.json`. A field that is added later needs a serde default.

use std::io::{BufReader, BufWriter, Read};

use flate2::Compression;
use flate2::read::ZlibDecoder;
use flate2::write::ZlibEncoder;

use serde::{Deserialize, Serialize};

use crate::digest::Sha256;
use crate::domain::{Currency, Name, Period, RoomTotal, Statement, Totals};
use crate::store::StoreError;

/// What a month's table of contents shows of a statement, kept beside it so that ten thousand documents need not be
/// unpacked for one page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatementSummary {
    pub company: Name,
    /// Those with usage, ordered by number.
    pub rooms: Vec<RoomTotal>,
}

/// A new revision as its rows will hold it. Made before there is a transaction to store it: packing takes longer than
/// storing.
#[derive(Debug)]
pub struct FrozenStatement {
    pub(crate) period: Period,
    pub(crate) revision: u32,
    pub(crate) totals: Totals,
    pub(crate) currency: Currency,
    pub(crate) inputs_digest: String,
    pub(crate) shown_sha256: Sha256,
    /// A [`StatementSummary`].
    pub(crate) summary: String,
    pub(crate) document: Vec<u8>,
}

/// Lines of one account are much alike: the fastest level already shrinks them to a tenth.
const LEVEL: Compression = Compression::new(1);
/// JSON is written in pieces of a few bytes, each of which costs the packer a call.
const PIECE: usize = 32 * 1024;

impl FrozenStatement {
    /// `shown_sha256`: what billing makes of what the statement shows.
    pub fn of(statement: &Statement, shown_sha256: Sha256) -> Result<Self, StoreError> {
        Ok(Self {
            period: statement.period.id,
            revision: statement.revision,
            totals: statement.totals,
            currency: statement.account.currency,
            inputs_digest: statement.inputs_digest.clone(),
            shown_sha256,
            summary: summarize(statement)?,
            document: freeze(statement)?,
        })
    }
}

fn freeze(statement: &Statement) -> Result<Vec<u8>, StoreError> {
    let mut writer = BufWriter::with_capacity(PIECE, ZlibEncoder::new(Vec::new(), LEVEL));
    let written = serde_json::to_writer(&mut writer, statement).map_err(std::io::Error::from);
    let encoder = written.and_then(|()| writer.into_inner().map_err(std::io::IntoInnerError::into_error));
    encoder.and_then(ZlibEncoder::finish).map_err(|error| corrupt(statement.account.number.as_str(), &error))
}

fn summarize(statement: &Statement) -> Result<String, StoreError> {
    let rooms = statement.active_rooms().cloned().collect();
    let summary = StatementSummary { company: statement.account.company.clone(), rooms };
    serde_json::to_string(&summary).map_err(|error| corrupt(statement.account.number.as_str(), &error))
}

/// Packed bytes; a larger document is parsed as it is unpacked.
const LARGE: usize = 1024 * 1024;

/// What was frozen shows the offsets that it was frozen with.
pub(crate) fn decode(row: &str, document: &[u8]) -> Result<Statement, StoreError> {
    let mut statement = unpack(row, document)?;
    statement.account.time_zone = statement.account.time_zone.frozen(&statement.offsets);
    Ok(statement)
}

fn unpack(row: &str, document: &[u8]) -> Result<Statement, StoreError> {
    let mut unpacked = ZlibDecoder::new(document);
    if document.len() > LARGE {
        return serde_json::from_reader(BufReader::new(unpacked)).map_err(|error| corrupt(row, &error));
    }
    let mut json = Vec::new();
    unpacked.read_to_end(&mut json).map_err(|error| corrupt(row, &error))?;
    // Whole and not from a reader: serde_json takes a reader's bytes one by one.
    serde_json::from_slice(&json).map_err(|error| corrupt(row, &error))
}

fn corrupt(row: &str, why: &impl ToString) -> StoreError {
    StoreError::corrupt("statement", row, "document")(why.to_string())
}
