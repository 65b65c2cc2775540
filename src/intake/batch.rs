//! Many rows at a time: one thread reads a batch while another stores the one before it.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::io::BufRead;
use std::path::{Path, PathBuf};

use super::fields::cleaned;
use super::records::{Record, RecordError, Records};
use super::{Columns, FileError, Refusal, Row, Rows};

/// Bytes of text after which a batch is full, however few rows it has.
const FULL_BATCH_BYTES: usize = 16 * 1024 * 1024;

/// Rows in the order of their file.
#[derive(Debug)]
pub struct Batch<E> {
    pub entries: Vec<E>,
    /// Where each entry came from, since the store may still refuse it.
    sources: RawRecords,
    pub refused: Vec<Refused>,
    /// Bytes of the file up to the end of this batch.
    pub bytes_read: u64,
}

/// A row that could not be read.
#[derive(Debug, Clone)]
pub struct Refused {
    pub record: Record,
    pub refusal: Refusal,
}

/// Reads a file's rows.
pub struct BatchReader<I, R> {
    path: PathBuf,
    records: Records<I>,
    record: Record,
    columns: Columns,
    rows: R,
    /// The subjects of the rows so far, with their lines; empty for kinds whose repetitions the store detects.
    keys: HashMap<Vec<Box<[u8]>>, u64>,
    /// An error that ended a batch; returned after the batch.
    failure: Option<FileError>,
}

/// Records side by side in four allocations.
#[derive(Debug, Default)]
struct RawRecords {
    bytes: Vec<u8>,
    /// The ends of fields, relative to their record.
    field_ends: Vec<u32>,
    /// Per record: its line, where its bytes end, where its field ends end.
    records: Vec<(u64, u32, u32)>,
}

impl<I: BufRead, R: Rows> BatchReader<I, R> {
    /// Reads the header.
    pub fn open(path: &Path, input: I, rows: R) -> Result<Self, FileError> {
        let mut records = Records::new(input);
        let mut header = Record::default();
        match records.read(&mut header) {
            Ok(true) => {}
            Ok(false) => {
                let columns = R::COLUMNS.join(",");
                return Err(FileError::Empty { path: path.to_owned(), kind: R::KIND, columns });
            }
            Err(RecordError::Io(source)) => return Err(FileError::Open { path: path.to_owned(), source }),
            Err(error) => return Err(unreadable(path, records.line(), error)),
        }
        if is_separator_line(&header) && !records.read(&mut header).map_err(|error| unreadable(path, 1, error))? {
            let columns = R::COLUMNS.join(",");
            return Err(FileError::Empty { path: path.to_owned(), kind: R::KIND, columns });
        }
        let columns = Columns::find::<R>(header, path)?;
        records.expect(columns.header().len());
        Ok(Self {
            path: path.to_owned(),
            records,
            record: Record::default(),
            columns,
            rows,
            keys: HashMap::new(),
            failure: None,
        })
    }

    pub fn columns(&self) -> &Columns {
        &self.columns
    }

    /// The next rows, at most `most`; None at the end of the file.
    pub fn next_batch(&mut self, most: usize) -> Result<Option<Batch<R::Entry>>, FileError> {
        if let Some(failure) = self.failure.take() {
            return Err(failure);
        }
        let mut batch = Batch::with_capacity(most);
        while batch.rows() < most && batch.sources.bytes.len() < FULL_BATCH_BYTES {
            match self.records.read(&mut self.record) {
                Ok(true) if self.columns.are_repeated_by(&self.record) => {}
                Ok(true) => self.add_row(&mut batch),
                Ok(false) => break,
                Err(error) => {
                    self.failure = Some(unreadable(&self.path, self.records.line(), error));
                    break;
                }
            }
        }
        batch.bytes_read = self.records.bytes_read();
        match self.failure.take_if(|_| batch.rows() == 0) {
            Some(failure) => Err(failure),
            None if batch.rows() == 0 => Ok(None),
            None => Ok(Some(batch)),
        }
    }

    fn add_row(&mut self, batch: &mut Batch<R::Entry>) {
        let row = Row::new(&self.columns, &self.record);
        let first = row.read_by(&mut self.rows).and_then(|entry| match repeated::<R>(&row, &mut self.keys) {
            Some(refusal) => Err(refusal),
            None => Ok(entry),
        });
        batch.add(&self.record, first);
    }
}

/// Why a row is refused that is about the same as an earlier one of its file: it cannot be known which of the two
/// counts.
fn repeated<R: Rows>(row: &Row<'_>, keys: &mut HashMap<Vec<Box<[u8]>>, u64>) -> Option<Refusal> {
    let column = *R::KEY.first()?;
    let key = row.key(R::COLUMNS, R::KEY).into_iter().map(Box::from).collect();
    match keys.entry(key) {
        Entry::Occupied(first) => {
            let key = R::KEY.join(", ");
            Some(Refusal::column(column, format!("has the same {key} as line {}: one row for each", first.get())))
        }
        Entry::Vacant(place) => {
            place.insert(row.record.line());
            None
        }
    }
}

impl<E> Batch<E> {
    pub fn with_capacity(rows: usize) -> Self {
        let sources = RawRecords { records: Vec::with_capacity(rows), ..RawRecords::default() };
        Self { entries: Vec::with_capacity(rows), sources, refused: Vec::new(), bytes_read: 0 }
    }

    pub fn rows(&self) -> usize {
        self.entries.len() + self.refused.len()
    }

    /// Adds the row that `record` was read as, or why it was refused.
    pub fn add(&mut self, record: &Record, read: Result<E, Refusal>) {
        match read {
            Ok(entry) => {
                self.entries.push(entry);
                self.sources.push(record);
            }
            Err(refusal) => self.refused.push(Refused { record: record.clone(), refusal }),
        }
    }

    /// Whether it has as much text as a batch may have.
    pub fn is_full(&self) -> bool {
        self.sources.bytes.len() >= FULL_BATCH_BYTES
    }

    /// Truncates the batch to so many rows and refused ones.
    pub fn truncate(&mut self, entries: usize, refused: usize) {
        self.entries.truncate(entries);
        self.refused.truncate(refused);
        self.sources.truncate(entries);
    }

    /// The record that the entry at `index` was read from.
    pub fn source(&self, index: usize) -> Record {
        self.sources.get(index)
    }

    /// The line of the entry at `index`.
    pub fn line(&self, index: usize) -> u64 {
        self.sources.records.get(index).map_or(0, |(line, ..)| *line)
    }
}

impl RawRecords {
    fn truncate(&mut self, records: usize) {
        self.records.truncate(records);
        let (_, bytes, ends) = self.records.last().copied().unwrap_or_default();
        self.bytes.truncate(bytes as usize);
        self.field_ends.truncate(ends as usize);
    }

    fn push(&mut self, record: &Record) {
        self.bytes.extend_from_slice(record.bytes());
        self.field_ends.extend(record.ends().iter().copied().map(short));
        self.records.push((record.line(), short(self.bytes.len()), short(self.field_ends.len())));
    }

    fn get(&self, index: usize) -> Record {
        let (_, bytes_from, ends_from) =
            index.checked_sub(1).and_then(|before| self.records.get(before)).copied().unwrap_or_default();
        let (line, bytes_to, ends_to) = self.records.get(index).copied().unwrap_or_default();
        let ends = self.field_ends.get(ends_from as usize..ends_to as usize).unwrap_or_default();
        Record::from_parts(
            line,
            self.bytes.get(bytes_from as usize..bytes_to as usize).unwrap_or_default(),
            ends.iter().map(|end| *end as usize),
        )
    }
}

/// `sep=,`: what spreadsheets write above a header for themselves.
fn is_separator_line(record: &Record) -> bool {
    let first = cleaned(record.field(0));
    let is_rest_empty = record.fields().skip(1).all(|field| cleaned(field).is_empty());
    is_rest_empty && first.len() <= 5 && first.to_ascii_lowercase().starts_with(b"sep=")
}

/// A batch is far shorter than 4 GiB: see [`FULL_BATCH_BYTES`].
fn short(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

fn unreadable(path: &Path, line: u64, error: RecordError) -> FileError {
    let path = path.to_owned();
    match error {
        RecordError::Io(source) => FileError::Read { path, line, source },
        RecordError::TooLong => FileError::RecordTooLong { path, line },
    }
}
