//! What a bridge wrote as the contract's CSV, without storing anything: how a reader is tried before it is trusted.

use std::borrow::Cow;
use std::io::{self, Write};

use chrono::{DateTime, Utc};

use crate::intake::readers::{Counts, Output, Reader, ReaderError, Source, UnreadableItem, UsageRecord};
use crate::store::Directory;

/// What became of the items of a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Converted {
    pub counts: Counts,
    /// Rows whose number is no access number that is known, without a service type of their own.
    pub unpriced: u64,
    /// Legs whose end has not come.
    pub waiting: u64,
    /// Items that cannot be used, with why.
    pub refused: Vec<UnreadableItem>,
}

#[derive(Debug, thiserror::Error)]
pub enum ConvertError {
    #[error(transparent)]
    Reader(ReaderError),
    /// Of the output.
    #[error("{0}")]
    Write(io::Error),
}

/// Reads `source` twice: once to know that it can be read whole, once to write its rows to `output` as CSV with a
/// header.
///
/// The column `access_number` is left out where every row has its service type.
pub fn convert(
    reader: &Reader,
    source: &Source,
    known: &Directory,
    output: &mut dyn Write,
) -> Result<Converted, ConvertError> {
    let (survey, _) = each(reader, source, known, &mut |_| Ok(()))?;
    let columns = UsageRecord::COLUMNS.len() - usize::from(survey.unpriced == 0);
    let mut csv = csv::WriterBuilder::new().from_writer(output);
    csv.write_record(&UsageRecord::COLUMNS[..columns]).map_err(writing)?;
    let (converted, failed) = each(reader, source, known, &mut |record| {
        csv.write_record(&record.fields()[..columns]).map_err(io::Error::other)
    })?;
    if let Some(error) = failed {
        return Err(ConvertError::Write(error));
    }
    csv.flush().map_err(ConvertError::Write)?;
    Ok(converted)
}

/// Calls `take` for each row; its error ends the reading, and is returned beside what was read until then.
fn each(
    reader: &Reader,
    source: &Source,
    known: &Directory,
    take: &mut dyn FnMut(&UsageRecord) -> io::Result<()>,
) -> Result<(Converted, Option<io::Error>), ConvertError> {
    let (mut unpriced, mut failed) = (0, None);
    let mut priced = |record: &UsageRecord| {
        let record = with_service_type(record, reader, known);
        unpriced += u64::from(record.service_type.is_empty());
        take(&record).map_err(|error| {
            failed = Some(error);
            ReaderError::Stopped
        })
    };
    let mut output = Output::new(&mut priced);
    let read = reader.read(source, &mut output);
    let (counts, waiting, refused) = (output.counts, output.waiting.len() as u64, output.unreadable);
    match read {
        Err(error) if !matches!(error, ReaderError::Stopped) => Err(ConvertError::Reader(error)),
        _ => Ok((Converted { counts, unpriced, waiting, refused }, failed)),
    }
}

/// The record with its service type filled in.
fn with_service_type(record: &UsageRecord, reader: &Reader, known: &Directory) -> UsageRecord {
    UsageRecord { service_type: service_type_of(record, reader, known).into_owned(), ..record.clone() }
}

/// Of its own, of its number, or the reader's default; in this order.
pub(crate) fn service_type_of<'a>(record: &'a UsageRecord, reader: &'a Reader, known: &Directory) -> Cow<'a, str> {
    if !record.service_type.is_empty() {
        return Cow::Borrowed(&record.service_type);
    }
    let of_number = DateTime::parse_from_rfc3339(&record.joined_at).ok().and_then(|joined| {
        let joined = joined.with_timezone(&Utc);
        known.service_type_dialled(&record.access_number, joined, &record.room_number).map(ToString::to_string)
    });
    of_number.map_or(Cow::Borrowed(reader.default_service_type()), Cow::Owned)
}

fn writing(error: csv::Error) -> ConvertError {
    ConvertError::Write(io::Error::other(error))
}
