//! One file of the configuration: read whenever it is asked for, or once where it is a pipe.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::typed_command;

pub(super) const IN_ETC: &str = "/etc/statementd/statementd.toml";

/// More than any configuration has; endless input is read no further.
const LONGEST_FILE: u64 = 2 * 1024 * 1024;

#[derive(Clone)]
pub(super) struct SourceFile {
    pub path: PathBuf,
    content: FileContent,
}

#[derive(Clone)]
enum FileContent {
    /// Read whenever it is asked for.
    OnDisk,
    /// The content of a pipe, which can be read only once; or why it could not be read.
    Kept(Result<Arc<[u8]>, String>),
}

impl SourceFile {
    pub(super) fn new(path: PathBuf) -> Self {
        // A missing file is reported when it is read.
        let is_on_disk = std::fs::metadata(&path).map_or(true, |metadata| metadata.is_file() || metadata.is_dir());
        let content = if is_on_disk { FileContent::OnDisk } else { FileContent::Kept(read(&path).map(Into::into)) };
        Self { path, content }
    }

    /// A file that must not be read, and why.
    pub(super) fn refused(path: PathBuf, why: String) -> Self {
        Self { path, content: FileContent::Kept(Err(why)) }
    }

    /// Whether it can change while the program runs.
    pub(super) fn is_on_disk(&self) -> bool {
        matches!(self.content, FileContent::OnDisk)
    }

    /// Its bytes; an error continues the sentence after the path.
    pub(super) fn read(&self) -> Result<Arc<[u8]>, String> {
        let bytes = match &self.content {
            FileContent::OnDisk => read(&self.path).map(Into::into),
            FileContent::Kept(kept) => kept.clone(),
        }?;
        // "No configuration", requested on purpose.
        if bytes.trim_ascii().is_empty() && self.path != Path::new("/dev/null") {
            return Err("is empty: no setting falls back to its default because a file is".into());
        }
        Ok(bytes)
    }
}

fn read(path: &Path) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|file| file.take(LONGEST_FILE).read_to_end(&mut bytes));
    match read {
        Ok(length) if length as u64 == LONGEST_FILE => Err("is larger than any configuration".into()),
        Ok(_) => Ok(bytes),
        Err(error) => Err(format!("cannot be read: {error}{}", advice(path, &error))),
    }
}

/// What to do about a file of the configuration that cannot be read.
pub(super) fn advice(path: &Path, error: &io::Error) -> String {
    let starts_with_tilde = path.to_string_lossy().starts_with('~');
    match error.kind() {
        io::ErrorKind::PermissionDenied if path == Path::new(IN_ETC) => {
            format!("; run this as \"{}\"", typed_command::again(&["sudo", "-u", "statementd"]))
        }
        io::ErrorKind::PermissionDenied => "; it must be readable for the user that statementd runs as".into(),
        io::ErrorKind::NotFound if starts_with_tilde => "; ~ is not expanded here: write the whole path".into(),
        _ => String::new(),
    }
}
