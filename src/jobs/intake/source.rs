//! A source of usage: where its files are, how they are read, and what becomes of them afterwards.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use regex::Regex;
use secrecy::SecretString;

use crate::intake::Limits;
use crate::intake::readers::Reader;

/// What an `[[intake]]` of the configuration says.
#[derive(Debug, Clone)]
pub struct UsageSource {
    pub name: String,
    pub reader: Arc<Reader>,
    pub place: Place,
    /// Its files grow.
    pub follow: bool,
    pub after: After,
    /// How long a whole file must not have changed before it is read.
    pub settle: Duration,
    /// Something should come at least this often.
    pub expect_every: Option<TimeDelta>,
    /// What a sender over HTTP has to know.
    pub token: Option<SecretString>,
}

/// From `[[intake]]` and `[billing]`.
#[derive(Debug, Clone, Default)]
pub struct IntakeRules {
    pub sources: Vec<UsageSource>,
    /// Usage is judged by these, whichever way it comes.
    pub limits: Limits,
}

/// Where usage comes from.
#[derive(Debug, Clone)]
pub enum Place {
    /// From nowhere by itself: the settings are for commands.
    Commands,
    Folder {
        folder: PathBuf,
        pattern: NamePattern,
    },
    /// Objects directly below a prefix.
    Objects {
        url: String,
        options: BTreeMap<String, String>,
        pattern: NamePattern,
    },
    Http,
}

/// What becomes of a whole file once its rows are stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum After {
    Keep,
    /// Into this folder, relative to the file's own.
    Move(String),
    Delete,
}

/// A name with `*` and `?` in it.
#[derive(Debug, Clone)]
pub struct NamePattern(Option<Regex>);

impl NamePattern {
    /// `*` alone, and the empty pattern, mean every name.
    pub fn new(pattern: &str) -> Self {
        if matches!(pattern, "" | "*") {
            return Self(None);
        }
        let sign = |sign: char| match sign {
            '*' => ".*".to_owned(),
            '?' => ".".to_owned(),
            sign => regex::escape(&sign.to_string()),
        };
        let pattern: String = pattern.chars().map(sign).collect();
        // What is escaped is always a regular expression.
        Self(Regex::new(&format!("(?s)^{pattern}$")).ok())
    }

    pub fn matches(&self, name: &str) -> bool {
        // A file whose name begins with a dot is being written, and lists of rejected rows are this program's own.
        let is_foreign = name.starts_with('.') || name.ends_with(".rejected.csv");
        !is_foreign && self.0.as_ref().is_none_or(|pattern| pattern.is_match(name))
    }
}

impl Place {
    /// An error if it is not a place, with the reason.
    pub fn parse(from: &str, options: &BTreeMap<String, String>) -> Result<Self, String> {
        if from == "http" {
            return Ok(Self::Http);
        }
        if from.contains("://") {
            let (url, pattern) = from.rsplit_once('/').unwrap_or((from, ""));
            let is_bucket = url.ends_with(":/");
            let (url, pattern) = if is_bucket { (from, "") } else { (url, pattern) };
            if url.contains(['*', '?']) {
                return Err("only the last part may hold * and ?".into());
            }
            return Ok(Self::Objects {
                url: url.into(),
                options: options.clone(),
                pattern: NamePattern::new(pattern),
            });
        }
        let path = Path::new(from);
        let (folder, pattern) = if from.ends_with('/') || path.is_dir() {
            (path.to_owned(), "")
        } else {
            let name = path.file_name().and_then(|name| name.to_str()).ok_or("names no folder and no file")?;
            let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
            (folder.unwrap_or(Path::new(".")).to_owned(), name)
        };
        if folder.to_string_lossy().contains(['*', '?']) {
            return Err("only the last part may hold * and ?".into());
        }
        Ok(Self::Folder { folder, pattern: NamePattern::new(pattern) })
    }

    /// A folder of this machine.
    pub fn folder(&self) -> Option<&Path> {
        match self {
            Self::Folder { folder, .. } => Some(folder),
            _ => None,
        }
    }

    /// Whether this process looks there by itself.
    pub fn is_looked_at(&self) -> bool {
        matches!(self, Self::Folder { .. } | Self::Objects { .. })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_is_a_name_with_stars_and_nothing_else() {
        let pattern = NamePattern::new("*.cdr.xml*");
        assert!(pattern.matches("a.cdr.xml") && pattern.matches("a.cdr.xml.gz"));
        assert!(!pattern.matches("a-cdr-xml") && !pattern.matches(".a.cdr.xml"));
        assert!(!NamePattern::new("").matches("usage.csv.rejected.csv"));
        assert!(NamePattern::new("Master.csv").matches("Master.csv"));
        assert!(!NamePattern::new("Master.csv").matches("Master.csv.1"));
    }

    #[test]
    fn a_place_is_a_folder_a_prefix_or_http() {
        let place = |from: &str| Place::parse(from, &BTreeMap::new());
        assert_eq!(place("/var/log/cel/Master.csv*").unwrap().folder(), Some(Path::new("/var/log/cel")));
        assert_eq!(place("inbox/").unwrap().folder(), Some(Path::new("inbox/")));
        assert!(place("/var/*/x.csv").is_err() && place("s3://b/*/x.csv").is_err());
        assert!(
            matches!(place("s3://bucket/cdr/*.xml").unwrap(), Place::Objects { url, .. } if url == "s3://bucket/cdr")
        );
        assert!(matches!(place("s3://bucket").unwrap(), Place::Objects { url, .. } if url == "s3://bucket"));
        assert!(matches!(place("http").unwrap(), Place::Http));
    }
}
