//! `[database]`: where the state is kept.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use url::Url;

use super::findings::Findings;
use super::setting::{Setting, between, optional_text, text};
use super::values::{FilePath, NO_TILDE, Secret, interval, starts_with_tilde};
use crate::domain::Invalid;
use crate::redacted;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Database {
    /// `sqlite://path` for the embedded database, `postgres://user:password@host/name` for a server.
    #[serde(with = "text")]
    pub url: DatabaseUrl,
    /// A file that holds the URL, for one with a password in it.
    #[serde(with = "optional_text")]
    pub url_file: Option<FilePath>,
    /// Where several daemons share a server: how long one may be silent before the others take over its work.
    #[serde(with = "interval")]
    pub lease: Duration,
    /// How many closed months of an account keep their usage, the newest ones; never less than `archive.keep_months`.
    #[serde(deserialize_with = "between::<1, 1200, _, _>")]
    pub keep_usage: u32,
}

/// A heartbeat is a third of a lease, and the server counts whole seconds.
const SHORTEST_LEASE: Duration = Duration::from_secs(2);
/// The work of a dead daemon should not wait longer.
const LONGEST_LEASE: Duration = Duration::from_mins(10);

impl Default for Database {
    fn default() -> Self {
        Self {
            url: DatabaseUrl(Secret::new("sqlite://var/statementd.db")),
            url_file: None,
            lease: Duration::from_secs(30),
            keep_usage: 13,
        }
    }
}

impl Database {
    /// With its password.
    pub fn url(&self) -> &str {
        self.url.expose()
    }

    /// The file, where the database is one.
    pub fn file(&self) -> Option<PathBuf> {
        let path = self.url().strip_prefix("sqlite:")?;
        let path = path.strip_prefix("//").unwrap_or(path);
        Some(PathBuf::from(path.split('?').next().unwrap_or_default()))
    }

    pub(super) fn check(&mut self, findings: &mut Findings) {
        if self.lease < SHORTEST_LEASE || self.lease > LONGEST_LEASE {
            findings.add("database.lease", "must be from \"2s\" to \"10m\"");
        }
        let Some(file) = &self.url_file else { return };
        if let Some(secret) = findings.read_secret("database.url_file", file) {
            match secret.expose().parse() {
                Ok(url) => self.url = url,
                Err(why) => findings.add("database.url_file", format!("names a file whose content {why}")),
            }
        }
    }
}

/// What to do about a password that does not fit into a URL.
const ENCODE: &str = "#, /, ? and @ in a password are written %23, %2F, %3F and %40";

/// A database's URL; its password is never printed.
#[derive(Debug, Clone, PartialEq)]
pub struct DatabaseUrl(Secret);

impl DatabaseUrl {
    /// With the password.
    pub fn expose(&self) -> &str {
        self.0.expose()
    }

    fn is_sqlite(text: &str) -> bool {
        text.starts_with("sqlite:")
    }
}

impl Setting for DatabaseUrl {
    const WANTED: &'static str = "a URL in quotes, as \"sqlite://var/statementd.db\"";
}

impl FromStr for DatabaseUrl {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        if Self::is_sqlite(text) {
            let path = text.trim_start_matches("sqlite:").trim_start_matches("//");
            if path.is_empty() || path.starts_with('?') || path.starts_with(":memory:") {
                return Err(Invalid("must name a file after sqlite://".into()));
            }
            if starts_with_tilde(path) {
                return Err(Invalid(NO_TILDE.into()));
            }
        } else if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            let url = Url::parse(text).map_err(|why| Invalid(format!("is not a URL: {why}; {ENCODE}")))?;
            // The text before the last @ is more than the parser took for name and password.
            let before_at = url.query().and_then(|query| query.split_once('@')).map(|(before, _)| before);
            let is_parameter = before_at.is_some_and(|before| before.contains('='));
            let is_nameless = url.username().is_empty() && text.contains('@') && !is_parameter;
            if url.fragment().is_some() || url.path().contains('@') || is_nameless {
                return Err(Invalid(format!("is cut short by a character in its password: {ENCODE}")));
            }
        } else {
            return Err(Invalid("must begin with sqlite:// or postgres://".into()));
        }
        Ok(Self(Secret::new(text)))
    }
}

/// Without the password, and without the parameters, which may hold one.
impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.0.expose();
        if Self::is_sqlite(text) { f.write_str(text) } else { f.write_str(&redacted::url(text)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_not_shown() {
        let url: DatabaseUrl = "postgres://u:s3cret@db.example:5432/x?password=s3cret".parse().unwrap();
        assert_eq!(url.to_string(), "postgres://u:hidden@db.example:5432/x?hidden");
        assert!(!format!("{url:?}").contains("s3cret"));
        assert!(url.expose().contains("s3cret"));
    }

    #[test]
    fn only_the_two_engines_are_databases() {
        for bad in ["", "mysql://x/y", "var/statementd.db", "sqlite:", "sqlite://:memory:", "postgres://[x"] {
            assert!(bad.parse::<DatabaseUrl>().is_err(), "{bad}");
        }
        for cut in ["postgres://app:12#hunter2@h:1/st", "postgres://app:12/hunter2@h:1/st", "postgres://app:1?2@h/st"]
        {
            let why = cut.parse::<DatabaseUrl>().unwrap_err().to_string();
            assert!(why.contains("%23, %2F, %3F and %40") && !why.contains("hunter2"), "{why}");
        }
        assert!("postgres://app:h%23%2F%3F%40@h:1/st?password=a@b".parse::<DatabaseUrl>().is_ok());
        assert!("sqlite:///var/lib/x.db".parse::<DatabaseUrl>().is_ok());
        assert!("postgresql:///x?host=/run/postgresql".parse::<DatabaseUrl>().is_ok());
    }
}
