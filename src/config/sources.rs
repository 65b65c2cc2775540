//! Where a configuration comes from, in the order in which later wins: built-in defaults, files, environment,
//! flags of the command line.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// What the names of environment variables begin with; `__` stands between section and key.
pub(super) const PREFIX: &str = "STATEMENTD__";

/// Looked for, the first that exists, when no `--config` is given.
pub const DEFAULT_FILES: [&str; 2] = ["statementd.toml", "/etc/statementd/statementd.toml"];

/// Everything outside the program that makes up a configuration. Not printable: it may hold secrets.
#[derive(Clone, Default)]
pub struct Sources {
    pub(super) files: Vec<PathBuf>,
    pub(super) environment: Vec<(OsString, OsString)>,
    pub(super) flags: Vec<Flag>,
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

    /// The files named by `--config`, else the first of [`DEFAULT_FILES`] that exists, and this process's
    /// environment as it is now.
    pub fn new(named: Vec<PathBuf>) -> Self {
        let usual = || DEFAULT_FILES.iter().map(PathBuf::from).find(|path| path.exists());
        let files = if named.is_empty() { usual().into_iter().collect() } else { named };
        Self::isolated().with_files(files).with_environment(std::env::vars_os())
    }

    /// In order; later ones win. Each must exist.
    pub fn with_files(mut self, files: impl IntoIterator<Item = impl Into<PathBuf>>) -> Self {
        self.files.extend(files.into_iter().map(Into::into));
        self
    }

    /// Variables; those with other names are left out.
    pub fn with_environment<N, V>(mut self, variables: impl IntoIterator<Item = (N, V)>) -> Self
    where
        N: Into<OsString>,
        V: Into<OsString>,
    {
        let all = variables.into_iter().map(|(name, value)| (name.into(), value.into()));
        self.environment.extend(all.filter(|(name, _)| name.to_string_lossy().starts_with(PREFIX)));
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
        self.files.iter().map(PathBuf::as_path)
    }
}
