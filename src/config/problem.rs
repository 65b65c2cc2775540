//! What is wrong with a configuration, and where: written for the person who has to correct it.

use std::fmt::{self, Write};
use std::path::{Path, PathBuf};

use super::findings::{KeyPath, nearest};

/// Where a value came from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// With the line, where it is known.
    File(PathBuf, Option<usize>),
    /// An environment variable's name.
    Environment(String),
    /// What was typed, for example `--dir`.
    Flag(String),
    Default,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path, Some(line)) => write!(f, "{}:{line}", path.display()),
            Self::File(path, None) => write!(f, "{}", path.display()),
            Self::Environment(name) => write!(f, "environment variable {name}"),
            Self::Flag(name) => f.write_str(name),
            Self::Default => f.write_str("default"),
        }
    }
}

/// One thing to correct.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    pub origin: Origin,
    /// For example `mail.port`; empty where a whole file is meant.
    pub key: String,
    /// As it was written; `None` where it is a table, missing or a secret.
    pub value: Option<String>,
    /// Continues the sentence after key and value.
    pub why: String,
}

impl Problem {
    pub(super) fn file(path: &Path, line: Option<usize>, why: String) -> Self {
        Self { origin: Origin::File(path.to_owned(), line), key: String::new(), value: None, why }
    }
}

impl Problem {
    fn sentence(&self) -> String {
        let origin = if self.origin == Origin::Default { String::new() } else { format!("{}: ", self.origin) };
        let value = self.value.as_ref().map_or_else(String::new, |value| format!(" = {value}"));
        let space = if self.key.is_empty() { "" } else { " " };
        format!("{origin}{}{value}{space}{}", self.key, self.why)
    }
}

/// On one line, whatever characters a file's or a variable's name may have.
impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for c in self.sentence().chars() {
            if c.is_control() { write!(f, "{}", c.escape_default()) } else { f.write_char(c) }?;
        }
        Ok(())
    }
}

/// Everything that was found wrong in one go.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct ConfigErrors(pub Vec<Problem>);

impl ConfigErrors {
    /// For logs: places, keys and reasons without the values, which can be addresses.
    pub fn without_values(&self) -> Self {
        let without = |problem: &Problem| Problem { value: None, ..problem.clone() };
        Self(self.0.iter().map(without).collect())
    }
}

impl fmt::Display for ConfigErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.as_slice() {
            [only] => write!(f, "the configuration is refused: {only}"),
            problems => {
                write!(f, "the configuration is refused for {} reasons:", problems.len())?;
                problems.iter().try_for_each(|problem| write!(f, "\n  {problem}"))
            }
        }
    }
}

/// A key as people write it: `mail.port`, `rerun[0].id`; whatever is no plain key is quoted.
pub(super) fn shown_key(path: &[String]) -> String {
    let mut shown = String::new();
    for part in path {
        let is_index = !shown.is_empty() && !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        let is_bare =
            !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte));
        if is_index {
            let _ = write!(shown, "[{part}]");
            continue;
        }
        if !shown.is_empty() {
            shown.push('.');
        }
        if is_bare {
            shown.push_str(part);
        } else {
            let _ = write!(shown, "{part:?}");
        }
    }
    shown
}

/// Whether a key's value must never be printed; also for keys that do not exist but look like one that does.
pub(super) fn is_secret(path: &KeyPath) -> bool {
    let looks_secret = |key: &str| {
        let key = key.to_lowercase();
        SECRET_WORDS.iter().any(|word| key.contains(word)) || nearest(&key, ["password"]).is_some()
    };
    let parts: Vec<&str> = path.iter().map(String::as_str).collect();
    match parts.as_slice() {
        ["database", "url_file"] | ["mail", "password_file"] | ["mail", "dkim", "key_file"] => false,
        ["database", ..] | ["archive", "options", ..] => true,
        parts => parts.iter().any(|key| looks_secret(key)),
    }
}

const SECRET_WORDS: [&str; 6] = ["pass", "pwd", "secret", "token", "key", "credential"];
