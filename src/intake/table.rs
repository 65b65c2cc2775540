//! A header's columns, found by name in any order, and a row's fields.

use std::path::Path;
use std::str::FromStr;

use super::fields::cleaned;
use super::heading_hint::hint;
use super::records::{BYTE_ORDER_MARK, Record};
use super::{FileError, Kind, Refusal};
use crate::digest::Sha256;

/// Reads rows of one kind.
pub trait Rows {
    type Entry: Send + 'static;
    const KIND: Kind;
    /// All must be there; a column that is missing would be taken for one that is empty.
    const COLUMNS: &'static [&'static str];
    /// Those that a file may lack.
    const OPTIONAL: &'static [&'static str] = &[];
    /// The prefix of columns of which a file may have any number, for example `label.` for `label.fr`.
    const PREFIX: Option<&'static str> = None;
    /// Columns, optional ones among them, that name what a row is about; two rows of a file must not share them.
    /// `None` if the store detects repetitions.
    const KEY: &'static [&'static str] = &[];
    /// Columns that say which thing a row is about, whatever else it says of it.
    const SUBJECT: &'static [&'static str];

    fn read(&mut self, row: &Row<'_>) -> Result<Self::Entry, Refusal>;
}

/// Columns of a rejects file, in front of the file's own: where the row comes from and why it was refused.
pub(super) const ORIGIN_COLUMNS: [&str; 4] = ["rejected_file", "rejected_line", "rejected_column", "rejected_reason"];

/// A header is stored for each file with rejected rows: none needs to be longer, in bytes.
const LONGEST_HEADER: usize = 16 * 1024;

/// Where the columns of a kind of file are in one file. There may be others, which are not used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Columns {
    header: Record,
    positions: Vec<usize>,
    /// Of the optional columns, where they are.
    optional: Vec<(&'static str, usize)>,
    /// What follows [`Rows::PREFIX`] in a column's name, with where the column is, in the order of the names.
    prefixed: Vec<(String, usize)>,
    /// Of [`ORIGIN_COLUMNS`], in a file that was written beside an earlier import.
    origin: [Option<usize>; 4],
}

/// A record with the columns of its file.
#[derive(Debug, Clone, Copy)]
pub struct Row<'a> {
    pub(super) columns: &'a Columns,
    pub(super) record: &'a Record,
}

/// A field with its column's name, without blanks around its text.
#[derive(Debug, Clone, Copy)]
pub struct Field<'a> {
    pub column: &'static str,
    bytes: &'a [u8],
}

impl Columns {
    /// Those of `names`, in this order.
    pub fn of_names<R: Rows>(names: &[&str]) -> Result<Self, FileError> {
        Self::find::<R>(Record::of_fields(1, names.iter().map(|name| name.as_bytes())), Path::new(""))
    }

    /// Finds the columns of `R` in a file's header.
    pub fn find<R: Rows>(header: Record, path: &Path) -> Result<Self, FileError> {
        let line = header.line();
        if header.bytes().len() > LONGEST_HEADER {
            return Err(FileError::HeaderTooLong { path: path.to_owned(), line, limit: LONGEST_HEADER / 1024 });
        }
        let mut positions = Vec::with_capacity(R::COLUMNS.len());
        let mut missing = Vec::new();
        for column in R::COLUMNS {
            let mut found = places(&header, column);
            match (found.next(), found.next()) {
                (Some(position), None) => positions.push(position),
                (Some(_), Some(_)) => {
                    return Err(FileError::DuplicateColumn { path: path.to_owned(), line, column: (*column).into() });
                }
                (None, _) => missing.push(*column),
            }
        }
        if !missing.is_empty() {
            return Err(FileError::MissingColumns {
                path: path.to_owned(),
                line,
                kind: R::KIND,
                hint: hint(&header, &missing),
                missing: missing.join(", "),
            });
        }
        let mut optional = Vec::new();
        for column in R::OPTIONAL {
            let mut found = places(&header, column);
            match (found.next(), found.next()) {
                (Some(_), Some(_)) => {
                    return Err(FileError::DuplicateColumn { path: path.to_owned(), line, column: (*column).into() });
                }
                (Some(position), None) => optional.push((*column, position)),
                (None, _) => {}
            }
        }
        let origin = ORIGIN_COLUMNS.map(|column| places(&header, column).next());
        let prefixed = prefixed::<R>(&header, path)?;
        Ok(Self { header, positions, optional, prefixed, origin })
    }

    /// Like [`Columns::find`], from a header that was stored with a rejected row of `file`.
    pub fn of_rejected<R: Rows>(header: &[u8], file: &str) -> Result<Self, FileError> {
        Self::find::<R>(Record::parse(header), Path::new(file))
    }

    /// Where the column at `index` of the kind's columns is in the file.
    pub fn position(&self, index: usize) -> Option<usize> {
        self.positions.get(index).copied()
    }

    pub fn header(&self) -> &Record {
        &self.header
    }

    /// Whether the column at `position` is the file's own, and not one that an earlier rejection put there.
    pub(super) fn is_own(&self, position: usize) -> bool {
        !self.origin.contains(&Some(position))
    }

    /// Whether a record is a repeated header, for example because files were concatenated.
    pub(super) fn are_repeated_by(&self, record: &Record) -> bool {
        record.len() == self.header.len()
            && record.fields().zip(self.header.fields()).all(|(field, heading)| cleaned(field) == cleaned(heading))
    }

    /// The fields of `record` that a list of rejected rows shows: the file's own. In a row of another length than the
    /// header they cannot be separated, so all fields are shown.
    pub(super) fn own_fields<'a>(&'a self, record: &'a Record) -> impl Iterator<Item = &'a [u8]> {
        let is_whole = record.len() == self.header.len();
        let is_own = move |(position, _): &(usize, &[u8])| !is_whole || self.is_own(*position);
        record.fields().enumerate().filter(is_own).map(|(_, field)| field)
    }
}

/// Spaces around a name are common in files that people touch, and harmless.
fn places<'a>(header: &'a Record, column: &'a str) -> impl Iterator<Item = usize> + 'a {
    let is_it = move |field: &[u8]| cleaned(field) == column.as_bytes();
    header.fields().enumerate().filter(move |(_, field)| is_it(field)).map(|(position, _)| position)
}

fn prefixed<R: Rows>(header: &Record, path: &Path) -> Result<Vec<(String, usize)>, FileError> {
    let Some(prefix) = R::PREFIX else { return Ok(Vec::new()) };
    let rest = |(position, field)| Some((std::str::from_utf8(cleaned(field)).ok()?.strip_prefix(prefix)?, position));
    let mut found: Vec<(String, usize)> =
        header.fields().enumerate().filter_map(rest).map(|(rest, position)| (rest.to_owned(), position)).collect();
    found.sort();
    match found.windows(2).find(|pair| pair[0].0 == pair[1].0) {
        Some(pair) => {
            let (path, column) = (path.to_owned(), format!("{prefix}{}", pair[0].0).into());
            Err(FileError::DuplicateColumn { path, line: header.line(), column })
        }
        None => Ok(found),
    }
}

fn has_line_break(text: &[u8]) -> bool {
    text.contains(&b'\n') || text.contains(&b'\r')
}

impl<'a> Row<'a> {
    pub fn new(columns: &'a Columns, record: &'a Record) -> Self {
        Self { columns, record }
    }

    /// The row as `rows` reads it, if it is whole: what follows its last field may be missing where it may be empty.
    pub fn read_by<R: Rows>(&self, rows: &mut R) -> Result<R::Entry, Refusal> {
        let (fields, expected) = (self.record.len(), self.columns.header.len());
        let of_another_length = || Refusal::row(format!("has {fields} fields where the header has {expected}"));
        if (expected..fields).any(|position| !cleaned(self.record.field(position)).is_empty()) {
            return Err(of_another_length());
        }
        // In any field, also one that is not used: it may have swallowed rows that follow it.
        if let Some(position) = (0..fields).find(|position| has_line_break(self.record.field(*position))) {
            let reason = "has a line break inside a text, perhaps for want of a quotation mark";
            return Err(Refusal { column: self.column_at::<R>(position), reason: reason.into() });
        }
        if let Some(position) = (0..fields).find(|position| is_unclosed(self.record.field(*position))) {
            let reason = "begins with a quotation mark that is not closed on its line";
            return Err(Refusal { column: self.column_at::<R>(position), reason: reason.into() });
        }
        rows.read(self).map_err(|refusal| match refusal.column.and_then(|column| self.position_of::<R>(column)) {
            Some(position) if position >= fields => of_another_length(),
            _ => refusal,
        })
    }

    fn column_at<R: Rows>(&self, position: usize) -> Option<&'static str> {
        let index = self.columns.positions.iter().position(|known| *known == position)?;
        R::COLUMNS.get(index).copied()
    }

    fn position_of<R: Rows>(&self, column: &str) -> Option<usize> {
        let own = R::COLUMNS.iter().position(|known| *known == column);
        let optional =
            || self.columns.optional.iter().find(|(known, _)| *known == column).map(|(_, position)| *position);
        own.and_then(|index| self.columns.positions.get(index)).copied().or_else(optional)
    }

    /// The fields of `columns`, which must be those by which the header was searched.
    pub(super) fn fields<const N: usize>(&self, columns: &[&'static str; N]) -> [Field<'a>; N] {
        std::array::from_fn(|index| Field { column: columns[index], bytes: self.value(index) })
    }

    /// Of the column at `index` of the kind's columns.
    fn value(&self, index: usize) -> &'a [u8] {
        self.columns.positions.get(index).map_or(&[], |position| cleaned(self.record.field(*position)))
    }

    /// The fields that name what the row is about.
    pub(super) fn key(&self, columns: &[&'static str], key: &[&'static str]) -> Vec<&'a [u8]> {
        let position = |name: &&'static str| {
            let own = columns.iter().position(|column| column == name);
            own.and_then(|index| self.columns.positions.get(index)).copied()
        };
        let field = |name: &&'static str| match position(name) {
            Some(position) => cleaned(self.record.field(position)),
            None => self.optional_field(name).map_or(&[][..], |field| field.bytes),
        };
        key.iter().map(field).collect()
    }

    /// The field of an optional column; `None` where the file lacks it.
    pub(super) fn optional_field(&self, column: &'static str) -> Option<Field<'a>> {
        let (column, position) = self.columns.optional.iter().find(|(known, _)| *known == column)?;
        Some(Field { column, bytes: cleaned(self.record.field(*position)) })
    }

    /// The fields of the columns that begin with [`Rows::PREFIX`], each with what follows it.
    pub(super) fn prefixed_fields(&self) -> impl Iterator<Item = (&'a str, &'a [u8])> {
        let (columns, record) = (self.columns, self.record);
        columns.prefixed.iter().map(|(rest, position)| (rest.as_str(), cleaned(record.field(*position))))
    }

    /// What the row is about, for example a leg's id. `None` where it does not say.
    pub fn subject<R: Rows>(&self) -> Option<String> {
        let value = |column: &&str| {
            let index = R::COLUMNS.iter().position(|known| known == column)?;
            std::str::from_utf8(self.value(index)).ok().filter(|text| !text.is_empty())
        };
        let key = R::SUBJECT.iter().map(value).collect::<Option<Vec<_>>>()?.join("/");
        (key.len() <= LONGEST_KEY).then_some(key)
    }

    /// A digest of what the row says, on whatever line it is and in whatever order its file has its columns.
    pub fn content_digest<R: Rows>(&self) -> Sha256 {
        let is_whole = self.record.len() <= self.columns.header.len();
        let mut values: Vec<&[u8]> = if is_whole {
            let optional =
                R::OPTIONAL.iter().map(|column| self.optional_field(column).map_or(&[][..], |field| field.bytes));
            (0..R::COLUMNS.len()).map(|index| self.value(index)).chain(optional).collect()
        } else {
            self.columns.own_fields(self.record).map(cleaned).collect()
        };
        while values.last().is_some_and(|value| value.is_empty()) {
            values.pop();
        }
        if is_whole {
            let named = self.prefixed_fields().filter(|(_, value)| !value.is_empty());
            values.extend(named.flat_map(|(rest, value)| [rest.as_bytes(), value]));
        }
        Sha256::of(&csv_record(values))
    }
}

/// Longest key that is kept, in bytes: far above any real one, and short enough for an index.
const LONGEST_KEY: usize = 400;

/// A text that begins with a quotation mark that nothing closes; what was quoted properly has pairs of them.
fn is_unclosed(field: &[u8]) -> bool {
    let begins = field.trim_ascii_start().first() == Some(&b'"');
    begins && field.iter().fold(false, |is_odd, byte| is_odd ^ (*byte == b'"'))
}

impl<'a> Field<'a> {
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    pub fn text(&self) -> Result<&'a str, Refusal> {
        std::str::from_utf8(self.bytes)
            .map_err(|error| self.refuse(format!("is not UTF-8 (from byte {} on)", error.valid_up_to() + 1)))
    }

    pub fn parse<T: FromStr<Err: std::fmt::Display>>(&self) -> Result<T, Refusal> {
        self.text()?.parse().map_err(|error: T::Err| self.refuse(error.to_string()))
    }

    /// None for an empty field.
    pub fn optional<T: FromStr<Err: std::fmt::Display>>(&self) -> Result<Option<T>, Refusal> {
        if self.is_empty() { Ok(None) } else { self.parse().map(Some) }
    }

    pub fn refuse(&self, reason: impl Into<String>) -> Refusal {
        Refusal::column(self.column, reason)
    }
}

/// Fields as one CSV record, without its line's end; [`Record::parse`] reads them back.
///
/// All in quotation marks where the first begins with a byte order mark, as in the second of two files put together:
/// at the beginning of a record it would not be read as a part of it.
pub fn csv_record<'a>(fields: impl IntoIterator<Item = &'a [u8]>) -> Vec<u8> {
    let mut fields = fields.into_iter().peekable();
    let is_marked = fields.peek().is_some_and(|first| first.starts_with(BYTE_ORDER_MARK));
    let quotes = if is_marked { csv::QuoteStyle::Always } else { csv::QuoteStyle::Necessary };
    let mut writer = csv::WriterBuilder::new().flexible(true).quote_style(quotes).from_writer(Vec::new());
    // Writing to memory cannot fail.
    let _ = writer.write_record(fields);
    let mut bytes = writer.into_inner().unwrap_or_default();
    if bytes.last() == Some(&b'\n') {
        bytes.pop();
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_that_is_kept_comes_back_as_it_was() {
        for fields in [["\u{feff}1", "a"], ["", "\u{feff}"], ["\"", "a,b\r\n"], ["\u{feff}\"", ""]] {
            let record = Record::parse(&csv_record(fields.iter().map(|field| field.as_bytes())));
            assert_eq!(record.fields().collect::<Vec<_>>(), fields.map(str::as_bytes));
        }
    }
}
