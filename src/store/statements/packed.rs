//! JSON, deflated: what statements and their lines are in their rows.

use std::io::{BufReader, BufWriter, Read};

use flate2::Compression;
use flate2::read::ZlibDecoder;
use flate2::write::ZlibEncoder;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Lines of one account are much alike: the fastest level already shrinks them to a tenth.
const LEVEL: Compression = Compression::new(1);
/// JSON is written in pieces of a few bytes, so it is buffered before the compressor.
const PIECE: usize = 32 * 1024;
/// Packed bytes; a larger document is parsed as it is unpacked.
const LARGE: usize = 1024 * 1024;

/// As it is stored in a row.
pub(crate) fn pack<T: Serialize + ?Sized>(value: &T) -> std::io::Result<Vec<u8>> {
    let mut writer = BufWriter::with_capacity(PIECE, ZlibEncoder::new(Vec::new(), LEVEL));
    serde_json::to_writer(&mut writer, value)?;
    writer.into_inner().map_err(std::io::IntoInnerError::into_error)?.finish()
}

/// What [`pack`] made.
pub(crate) fn unpack<T: DeserializeOwned>(document: &[u8]) -> serde_json::Result<T> {
    let mut unpacked = ZlibDecoder::new(document);
    if document.len() > LARGE {
        return serde_json::from_reader(BufReader::new(unpacked));
    }
    let mut json = Vec::new();
    unpacked.read_to_end(&mut json).map_err(serde_json::Error::io)?;
    // Whole and not from a reader: serde_json takes a reader's bytes one by one.
    serde_json::from_slice(&json)
}
