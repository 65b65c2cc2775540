//! Why a file as a whole cannot be imported.

use std::borrow::Cow;
use std::path::PathBuf;

use super::Kind;
use super::readers::ReaderError;
use super::records::LONGEST_RECORD;

/// An error of reading, with what was read before it.
const AND_THE_REST: &str =
    "Rows before it were stored or rejected, the rest was not read: correct the file and import it again";

#[derive(Debug, thiserror::Error)]
pub enum FileError {
    #[error("{path}: {source}; nothing of it was stored")]
    Open { path: PathBuf, source: std::io::Error },
    #[error("{path} is empty: a file of {kind} begins with a header ({columns}); nothing was stored")]
    Empty { path: PathBuf, kind: Kind, columns: String },
    #[error(
        "{path}, line {line}: the header of a file of {kind} lacks {missing}{hint}; nothing of the file was stored"
    )]
    MissingColumns { path: PathBuf, line: u64, kind: Kind, missing: String, hint: String },
    #[error("{path} is {what}; nothing of it was stored")]
    NotCsv { path: PathBuf, what: &'static str },
    #[error("{path}, line {line}: the header is longer than {limit} KiB; nothing of the file was stored")]
    HeaderTooLong { path: PathBuf, line: u64, limit: usize },
    #[error(
        "{path}, line {line}: more than {limit} rows of this file are rejected, see \"statementd import rejects list\": is it \
         the right file, and was all imported that it refers to? {AND_THE_REST}"
    )]
    TooManyRejected { path: PathBuf, line: u64, limit: u64 },
    #[error("{path}, line {line}: the header names column {column} twice; nothing of the file was stored")]
    DuplicateColumn { path: PathBuf, line: u64, column: Cow<'static, str> },
    #[error("{path}: {source}. {AND_THE_REST}")]
    Reader { path: PathBuf, source: ReaderError },
    #[error("{path}, line {line}: {source}. {AND_THE_REST}")]
    Read { path: PathBuf, line: u64, source: std::io::Error },
    #[error(
        "{path}, line {line}: the record that begins here is longer than {} KiB, perhaps because a quotation mark is \
         never closed. {AND_THE_REST}",
        LONGEST_RECORD / 1024
    )]
    RecordTooLong { path: PathBuf, line: u64 },
}
