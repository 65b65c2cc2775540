//! `<file>.rejected.csv`: refused rows beside their file, to be corrected and imported.
//!
//! Four columns in front say where a row comes from and why it was refused; the file's own columns follow. Imported
//! again, the four are not taken for data. As every table for people it begins with a byte order mark, without which
//! a spreadsheet garbles and saves garbled what is not ASCII, and holds nothing that a spreadsheet would take for a
//! formula.
//!
//! The folder may be a supplier's. Nothing that lies there is written into: the list is begun under a name that no
//! one can know, as a file that was not there before, and then takes the place of what is there.

use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use super::fields::cleaned;
use super::table::ORIGIN_COLUMNS;
use super::{Columns, Refused};
use crate::csv_table::{CsvError, CsvTable};
use crate::files::PRIVATE;

/// The rejects file beside `input`; begun with the first refused row, and under another name until it is whole.
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
    Open(Box<CsvTable<BufWriter<NamedTempFile>>>),
    Failed,
}

impl<'a> RejectsFile<'a> {
    /// For a pipe no file is written: there is no folder beside it.
    pub fn new(input: &'a Path, name: &'a str, columns: &'a Columns, is_file: bool) -> Self {
        let state = if is_file { State::NothingRefused } else { State::Failed };
        Self { input, name, columns, state }
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
            State::Open(writer) => put_in_place(*writer, &path).map(|()| Some(path)),
            State::NothingRefused => remove_stale(&path).map(|()| None).map_err(CsvError::from),
            State::Failed => Ok(None),
        };
        result.unwrap_or_else(|error| {
            self.fail(&error);
            None
        })
    }

    fn try_write(&mut self, refused: &[Refused]) -> Result<(), CsvError> {
        if matches!(self.state, State::NothingRefused) {
            self.state = State::Open(Box::new(self.start()?));
        }
        let State::Open(writer) = &mut self.state else { return Ok(()) };
        for Refused { record, refusal } in refused {
            let line = record.line().to_string();
            let front = [self.name, &line, refusal.column.unwrap_or_default(), &refusal.reason].map(str::as_bytes);
            writer.row(front.into_iter().chain(self.columns.own_fields(record).map(cleaned)))?;
        }
        Ok(())
    }

    fn start(&self) -> Result<CsvTable<BufWriter<NamedTempFile>>, CsvError> {
        let file = BufWriter::new(create_private(self.input)?);
        let front = ORIGIN_COLUMNS.map(str::as_bytes);
        CsvTable::begin(file, front.into_iter().chain(self.columns.own_fields(self.columns.header())))
    }

    fn fail(&mut self, error: &CsvError) {
        let path = Self::path_of(self.input);
        tracing::warn!(
            path = %path.display(), %error,
            "The list of rejected rows could not be written; the rows are kept in the database"
        );
        self.state = State::Failed;
    }
}

fn put_in_place(writer: CsvTable<BufWriter<NamedTempFile>>, path: &Path) -> Result<(), CsvError> {
    let file = writer.finish()?.into_inner().map_err(io::IntoInnerError::into_error)?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
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

/// Refused rows hold addresses and callers: not for everyone to read. Removed where it does not get into its place.
fn create_private(input: &Path) -> io::Result<NamedTempFile> {
    let folder = input.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut builder = tempfile::Builder::new();
    builder.prefix(".rejected-").suffix(".partial");
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(PRIVATE));
    builder.tempfile_in(folder)
}
