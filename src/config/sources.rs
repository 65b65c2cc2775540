//! Where a configuration comes from, in the order in which later wins: built-in defaults, files, environment,
//! flags of the command line.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::default_file;
use super::source_file::SourceFile;

/// What the names of environment variables begin with; `__` separates section and key.
pub(super) const PREFIX: &str = "STATEMENTD__";
/// What all variables begin with that look as if they were meant for this program, in upper case.
const ALMOST_PREFIX: &str = "STATEMENTD_";

/// Everything outside the program that makes up a configuration. Not printable: it may hold secrets.
#[derive(Clone, Default)]
pub struct Sources {
    pub(super) files: Vec<SourceFile>,
    pub(super) environment: Vec<(OsString, OsString)>,
    pub(super) flags: Vec<Flag>,
}

#[derive(Clone)]
pub(super) struct Flag {
    /// As people type it, `--dir`.
    pub name: String,
    /// For example `database.url`.
    pub key: String,
    pub value: String,
}

impl Sources {
    /// Built-in defaults only.
    pub fn isolated() -> Self {
        Self::default()
    }

    /// The files named by `--config`, else the usual one (see `default_file`), and this process's environment as it
    /// is now.
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

    /// A setting made on the command line, for example `("--dir", "mail.dir", "out")`; it wins over all others.
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
        let changeable = self.files.iter().filter(|file| file.is_on_disk());
        changeable.map(|file| file.path.as_path())
    }
}
