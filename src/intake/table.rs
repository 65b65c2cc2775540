//! A header's columns, found by name in any order, and a row's fields.

use std::path::Path;
use std::str::FromStr;

use super::records::{BYTE_ORDER_MARK, Record};
use super::{FileError, Kind, Refusal};

/// Reads rows of one kind.
pub trait Rows {
    type Entry: Send + 'static;
    const KIND: Kind;
    /// All must be there; a column that is missing would be taken for one that is empty.
    const COLUMNS: &'static [&'static str];
    /// Those that a file may lack.
    const OPTIONAL: &'static [&'static str] = &[];
    /// Columns, optional ones among them, that name what a row is about; two rows of a file must not share them. None where
    /// repetitions are judged by the store.
    const KEY: &'static [&'static str] = &[];

    fn read(&mut self, row: &Row<'_>) -> Result<Self::Entry, Refusal>;
}

/// Columns of a rejects file, in front of the file's own: where the row comes from and why it was refused.
pub(super) const ORIGIN_COLUMNS: [&str; 4] = ["rejected_file", "rejected_line", "rejected_column", "rejected_reason"];

/// Where the columns of a kind of file stand in one file. Others may stand beside them and are not used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Columns {
    header: Record,
    positions: Vec<usize>,
    /// Of the optional columns, where they are.
    optional: Vec<(&'static str, usize)>,
    /// Of [`ORIGIN_COLUMNS`], in a file that was written beside an earlier import.
    origin: [Option<usize>; 4],
}

/// The row of another file that a row of a rejects file stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    pub file: String,
    pub line: u64,
}

/// A record with the columns of its file.
#[derive(Debug, Clone, Copy)]
pub struct Row<'a> {
    pub(super) columns: &'a Columns,
    pub(super) record: &'a Record,
}

/// A field with its column's name.
#[derive(Debug, Clone, Copy)]
pub struct Field<'a> {
    pub column: &'static str,
    bytes: &'a [u8],
}

impl Columns {
    /// Finds the columns of `R` in a file's header.
    pub fn find<R: Rows>(header: Record, path: &Path) -> Result<Self, FileError> {
        let line = header.line();
        let mut positions = Vec::with_capacity(R::COLUMNS.len());
        let mut missing = Vec::new();
        for column in R::COLUMNS {
            let mut found = places(&header, column);
            match (found.next(), found.next()) {
                (Some(position), None) => positions.push(position),
                (Some(_), Some(_)) => return Err(FileError::DuplicateColumn { path: path.to_owned(), line, column }),
                (None, _) => missing.push(*column),
            }
        }
        if !missing.is_empty() {
            return Err(FileError::MissingColumns {
                path: path.to_owned(),
                line,
                kind: R::KIND,
                missing: missing.join(", "),
                hint: hint(&header),
            });
        }
        let mut optional = Vec::new();
        for column in R::OPTIONAL {
            let mut found = places(&header, column);
            match (found.next(), found.next()) {
                (Some(_), Some(_)) => return Err(FileError::DuplicateColumn { path: path.to_owned(), line, column }),
                (Some(position), None) => optional.push((*column, position)),
                (None, _) => {}
            }
        }
        let origin = ORIGIN_COLUMNS.map(|column| places(&header, column).next());
        Ok(Self { header, positions, optional, origin })
    }

    /// As [`Columns::find`], from a header that was stored with a rejected row of `file`.
    pub fn of_rejected<R: Rows>(header: &[u8], file: &str) -> Result<Self, FileError> {
        Self::find::<R>(Record::parse(header), Path::new(file))
    }

    pub fn header(&self) -> &Record {
        &self.header
    }

    /// Whether the file was written beside an earlier import and says where its rows come from.
    pub fn have_origin(&self) -> bool {
        self.origin[0].is_some() && self.origin[1].is_some()
    }

    /// Whether the column at `position` is the file's own, and not one that an earlier rejection put there.
    pub(super) fn is_own(&self, position: usize) -> bool {
        !self.origin.contains(&Some(position))
    }
}

/// Spaces around a name are common in files that people touch, and harmless.
fn places<'a>(header: &'a Record, column: &'a str) -> impl Iterator<Item = usize> + 'a {
    let is_it = move |field: &[u8]| field.trim_ascii() == column.as_bytes();
    header.fields().enumerate().filter(move |(_, field)| is_it(field)).map(|(position, _)| position)
}

fn hint(header: &Record) -> &'static str {
    let separates = |separator: u8| header.len() == 1 && header.field(0).contains(&separator);
    if header.bytes().contains(&0) {
        " (the file is not UTF-8, but probably UTF-16)"
    } else if separates(b';') {
        " (its columns are separated by semicolons, not commas)"
    } else if separates(b'\t') {
        " (its columns are separated by tabs, not commas)"
    } else {
        ""
    }
}

fn has_line_break(text: &[u8]) -> bool {
    text.contains(&b'\n') || text.contains(&b'\r')
}

impl<'a> Row<'a> {
    pub fn new(columns: &'a Columns, record: &'a Record) -> Self {
        Self { columns, record }
    }

    /// The row as `rows` reads it, if it is whole.
    pub fn read_by<R: Rows>(&self, rows: &mut R) -> Result<R::Entry, Refusal> {
        let (fields, expected) = (self.record.len(), self.columns.header.len());
        if fields != expected {
            return Err(Refusal::row(format!("has {fields} fields where the header has {expected}")));
        }
        // In any field, also one that is not used: it may have swallowed rows that follow it.
        if has_line_break(self.record.bytes()) {
            let broken = |position: &usize| has_line_break(self.record.field(*position));
            let index = self.columns.positions.iter().position(broken);
            return Err(Refusal {
                column: index.and_then(|index| R::COLUMNS.get(index)).copied(),
                reason: "has a line break inside a text, perhaps for want of a quotation mark".into(),
            });
        }
        rows.read(self)
    }

    /// The fields of `columns`, which must be those by which the header was searched.
    pub(super) fn fields<const N: usize>(&self, columns: &[&'static str; N]) -> [Field<'a>; N] {
        std::array::from_fn(|index| Field {
            column: columns[index],
            bytes: self.columns.positions.get(index).map_or(&[], |position| self.record.field(*position)),
        })
    }

    /// The fields that name what the row is about.
    pub(super) fn key(&self, columns: &[&'static str], key: &[&'static str]) -> Vec<&'a [u8]> {
        let position = |name: &&'static str| {
            let own = columns.iter().position(|column| column == name);
            own.and_then(|index| self.columns.positions.get(index)).copied()
        };
        let field = |name: &&'static str| match position(name) {
            Some(position) => self.record.field(position).trim_ascii(),
            None => self.optional_field(name).map_or(&[][..], |field| field.bytes.trim_ascii()),
        };
        key.iter().map(field).collect()
    }

    /// The field of an optional column; `None` where the file lacks it.
    pub(super) fn optional_field(&self, column: &'static str) -> Option<Field<'a>> {
        let (column, position) = self.columns.optional.iter().find(|(known, _)| *known == column)?;
        Some(Field { column, bytes: self.record.field(*position) })
    }

    /// For a row of a rejects file: the row that it stands for.
    pub fn origin(&self) -> Option<Origin> {
        let [file, line, ..] = self.columns.origin;
        let text = |position: Option<usize>| std::str::from_utf8(self.record.field(position?)).ok();
        Some(Origin { file: text(file)?.to_owned(), line: text(line)?.parse().ok()? })
    }
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

/// Fields as one CSV record, without its line's end; [`Record::parse`] gives them back.
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
