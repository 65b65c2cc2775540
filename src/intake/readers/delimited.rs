//! Any table of text: columns by a separator, read by a mapping.

use std::borrow::Cow;
use std::collections::HashMap;

use csv::ByteRecord;

use super::mapping::{Fields, Mapping};
use super::{Output, ReaderError, ReaderSettings, Source};

const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// Reads tables.
#[derive(Debug)]
pub struct Delimited {
    pub(super) mapping: Mapping,
    separator: u8,
    /// `None` if the first line names the columns.
    columns: Option<HashMap<String, usize>>,
}

struct Line<'a> {
    columns: &'a HashMap<String, usize>,
    record: &'a ByteRecord,
}

impl Delimited {
    pub(super) fn new(settings: &ReaderSettings) -> Result<Self, String> {
        let separator = match settings.separator.as_deref() {
            None => b',',
            Some("\\t" | "\t" | "tab") => b'\t',
            Some(text) if text.len() == 1 && text.is_ascii() => text.as_bytes()[0],
            Some(text) => return Err(format!("separator: must be one ASCII character, not {text:?}")),
        };
        let columns = match (settings.header, settings.columns.is_empty()) {
            (None | Some(true), true) => None,
            (Some(true), false) => return Err("columns: the header names them (header = true)".into()),
            (Some(false), true) => return Err("columns: is missing, and there is no header".into()),
            (None | Some(false), false) => Some(places(settings.columns.iter().cloned())),
        };
        Ok(Self { mapping: Mapping::new(settings)?, separator, columns })
    }

    /// Whether the first line names the columns.
    pub(super) fn has_header(&self) -> bool {
        self.columns.is_none()
    }

    pub(super) fn read(&self, source: &Source, output: &mut Output<'_>) -> Result<(), ReaderError> {
        let mut builder = csv::ReaderBuilder::new();
        let mut records =
            builder.has_headers(false).flexible(true).delimiter(self.separator).from_reader(source.open()?);
        let mut record = ByteRecord::new();
        let mut header = None;
        while records.read_byte_record(&mut record).map_err(|error| ReaderError::from_csv(&error))? {
            let columns = match (&self.columns, &mut header) {
                (Some(columns), _) => columns,
                (None, Some(columns)) => columns,
                (None, header) => {
                    let columns = places(record.iter().map(name));
                    self.mapping.expect_columns(|column| columns.contains_key(column))?;
                    *header = Some(columns);
                    continue;
                }
            };
            if record.iter().all(<[u8]>::is_empty) {
                continue;
            }
            self.mapping.apply(&Line { columns, record: &record }, source, output)?;
        }
        Ok(())
    }
}

fn name(bytes: &[u8]) -> String {
    let bytes = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes);
    String::from_utf8_lossy(bytes).trim().to_owned()
}

fn places(names: impl Iterator<Item = String>) -> HashMap<String, usize> {
    names.enumerate().map(|(place, name)| (name, place)).collect()
}

impl Fields for Line<'_> {
    fn get(&self, path: &str) -> Option<Cow<'_, str>> {
        self.record.get(*self.columns.get(path)?).map(String::from_utf8_lossy)
    }

    fn line(&self) -> Option<u64> {
        self.record.position().map(csv::Position::line)
    }
}
