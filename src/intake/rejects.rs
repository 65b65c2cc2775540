//! `<file>.rejected.csv`: refused rows beside their file, to be mended and imported.
//!
//! Four columns in front say where a row comes from and why it was refused; the file's own columns follow as they
//! were. Imported again, the four are not taken for data, and tell which waiting rejection a good row settles.

use std::fs::File;
use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};

use super::records::Record;
use super::table::ORIGIN_COLUMNS;
use super::{Columns, Refused};
use crate::files::create_anew;

/// The file beside `input`; begun with the first refused row, and under another name until it is whole.
///
/// The rows are in the database in any case: a folder that cannot be written to is a warning and no error.
pub struct RejectsFile<'a> {
    input: &'a Path,
    /// What `rejected_file` says.
    name: &'a str,
    columns: &'a Columns,
    state: State,
}

enum State {
    NothingRefused,
    Open(Box<csv::Writer<BufWriter<File>>>),
    Failed,
}

impl<'a> RejectsFile<'a> {
    pub fn new(input: &'a Path, name: &'a str, columns: &'a Columns) -> Self {
        Self { input, name, columns, state: State::NothingRefused }
    }

    /// Where the refused rows of `input` go.
    pub fn path_of(input: &Path) -> PathBuf {
        with_suffix(input, ".rejected.csv")
    }

    pub fn write(&mut self, refused: &[Refused]) {
        if refused.is_empty() {
            return;
        }
        if let Err(error) = self.try_write(refused) {
            self.fail(&error);
        }
    }

    /// Puts the file into its place, whole and on disk; what an earlier import left there goes away.
    pub fn finish(mut self) -> Option<PathBuf> {
        let path = Self::path_of(self.input);
        let result = match std::mem::replace(&mut self.state, State::Failed) {
            State::Open(writer) => self.put_in_place(*writer, &path).map(|()| Some(path)),
            State::NothingRefused => remove_stale(&path).map(|()| None),
            State::Failed => Ok(None),
        };
        result.unwrap_or_else(|error| {
            self.fail(&error);
            None
        })
    }

    fn try_write(&mut self, refused: &[Refused]) -> io::Result<()> {
        if matches!(self.state, State::NothingRefused) {
            self.state = State::Open(Box::new(self.start()?));
        }
        let State::Open(writer) = &mut self.state else { return Ok(()) };
        for Refused { record, refusal } in refused {
            let line = record.line().to_string();
            let front = [self.name, &line, refusal.column.unwrap_or_default(), &refusal.reason].map(str::as_bytes);
            writer.write_record(front.into_iter().chain(own_fields(self.columns, record)))?;
        }
        Ok(())
    }

    fn start(&self) -> io::Result<csv::Writer<BufWriter<File>>> {
        // Refused rows hold addresses and callers, and the folder may be somebody else's.
        let file = BufWriter::new(create_anew(&self.partial())?);
        let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(file);
        let front = ORIGIN_COLUMNS.map(str::as_bytes);
        writer.write_record(front.into_iter().chain(own_fields(self.columns, self.columns.header())))?;
        Ok(writer)
    }

    fn put_in_place(&self, writer: csv::Writer<BufWriter<File>>, path: &Path) -> io::Result<()> {
        let buffered = writer.into_inner().map_err(|error| io::Error::other(error.to_string()))?;
        let file = buffered.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.sync_all()?;
        std::fs::rename(self.partial(), path)
    }

    fn partial(&self) -> PathBuf {
        with_suffix(&Self::path_of(self.input), ".partial")
    }

    fn fail(&mut self, error: &io::Error) {
        let path = Self::path_of(self.input);
        tracing::warn!(
            path = %path.display(), %error,
            "The list of rejected rows could not be written; the rows are kept in the database"
        );
        self.state = State::Failed;
    }
}

/// A row of another length than the header cannot be told apart: all of it is its own.
fn own_fields<'a>(columns: &'a Columns, record: &'a Record) -> impl Iterator<Item = &'a [u8]> {
    let is_whole = record.len() == columns.header().len();
    let is_own = move |(position, _): &(usize, &[u8])| !is_whole || columns.is_own(*position);
    record.fields().enumerate().filter(is_own).map(|(_, field)| field)
}

fn remove_stale(path: &Path) -> io::Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}
