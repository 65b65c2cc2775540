//! Where a configuration comes from, in the order in which later wins: built-in defaults, files, environment,
//! flags of the command line.

use std::ffi::OsString;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::default_file;

/// What the names of environment variables begin with; `__` stands between section and key.
pub(super) const PREFIX: &str = "STATEMENTD__";
/// What all variables begin with that look as if they were meant for this program, in upper case.
const ALMOST_PREFIX: &str = "STATEMENTD_";

/// More than any configuration has; what has no end is read no further.
const LONGEST_FILE: u64 = 16 * 1024 * 1024;

/// Everything outside the program that makes up a configuration. Not printable: it may hold secrets.
#[derive(Clone, Default)]
pub struct Sources {
    pub(super) files: Vec<SourceFile>,
    pub(super) environment: Vec<(OsString, OsString)>,
    pub(super) flags: Vec<Flag>,
}

#[derive(Clone)]
pub(super) struct SourceFile {
    pub path: PathBuf,
    content: FileContent,
}

#[derive(Clone)]
enum FileContent {
    /// Read whenever it is asked for.
    OnDisk,
    /// Of a pipe, which can be read once only; or why it could not be.
    Kept(Result<Arc<[u8]>, String>),
}

#[derive(Clone)]
pub(super) struct Flag {
    /// As people type it, `--dir`.
    pub name: String,
    /// As `database.url`.
    pub key: String,
    pub value: String,
}

impl Sources {
    /// Built-in defaults only.
    pub fn isolated() -> Self {
        Self::default()
    }

    /// The files named by `--config`, else the usual one (see `default_file`), and this process's environment as it is now.
    pub fn new(named: Vec<PathBuf>) -> Self {
        let sources = if named.is_empty() {
            Self { files: default_file::find().into_iter().collect(), ..Self::default() }
        } else {
            Self::isolated().with_files(named)
        };
        sources.with_environment(std::env::vars_os())
    }

    /// In order; later ones win. Each must exist. What is no regular file is read here, and not again.
    pub fn with_files(mut self, files: impl IntoIterator<Item = impl Into<PathBuf>>) -> Self {
        self.files.extend(files.into_iter().map(Into::into).map(SourceFile::new));
        self
    }

    /// Variables; those that are certainly not meant for this program are left out.
    pub fn with_environment<N, V>(mut self, variables: impl IntoIterator<Item = (N, V)>) -> Self
    where
        N: Into<OsString>,
        V: Into<OsString>,
    {
        let all = variables.into_iter().map(|(name, value)| (name.into(), value.into()));
        let is_ours = |name: &OsString| name.to_string_lossy().to_ascii_uppercase().starts_with(ALMOST_PREFIX);
        self.environment.extend(all.filter(|(name, _)| is_ours(name)));
        self
    }

    /// A setting made on the command line, as `("--dir", "mail.dir", "out")`; it wins over all others.
    pub fn with_flag(mut self, flag: &str, key: &str, value: impl Into<String>) -> Self {
        self.flags.push(Flag { name: flag.to_owned(), key: key.to_owned(), value: value.into() });
        self
    }

    /// A setting made by the program itself.
    pub fn with(self, key: &str, value: impl Into<String>) -> Self {
        self.with_flag("the command line", key, value)
    }

    pub fn files(&self) -> impl Iterator<Item = &Path> {
        self.files.iter().map(|file| file.path.as_path())
    }

    /// The files that can change while the program runs.
    pub fn changeable_files(&self) -> impl Iterator<Item = &Path> {
        let changeable = self.files.iter().filter(|file| matches!(file.content, FileContent::OnDisk));
        changeable.map(|file| file.path.as_path())
    }
}

impl SourceFile {
    pub(super) fn new(path: PathBuf) -> Self {
        // What is not there yet is told when it is read.
        let is_on_disk = std::fs::metadata(&path).map_or(true, |metadata| metadata.is_file() || metadata.is_dir());
        let content = if is_on_disk { FileContent::OnDisk } else { FileContent::Kept(read(&path).map(Into::into)) };
        Self { path, content }
    }

    /// A file that must not be read, and why.
    pub(super) fn refused(path: PathBuf, why: String) -> Self {
        Self { path, content: FileContent::Kept(Err(why)) }
    }

    /// Its bytes; an error reads on after the path.
    pub(super) fn read(&self) -> Result<Arc<[u8]>, String> {
        let bytes = match &self.content {
            FileContent::OnDisk => read(&self.path).map(Into::into),
            FileContent::Kept(kept) => kept.clone(),
        }?;
        // "No configuration", said on purpose.
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
        Err(error) => Err(format!("cannot be read: {error}{}", default_file::advice(path, &error))),
    }
}
