//! `[archive]`: where finished statements are kept, and for how long.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use url::Url;

use super::findings::{Findings, nearest};
use super::setting::{Setting, between, optional_text, text};
use super::values::{FilePath, NO_TILDE, Secret, starts_with_tilde};
use crate::domain::Invalid;
use crate::files::folder_of_url;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Archive {
    /// `file:folder`, `s3://bucket/prefix`, `gs://bucket/prefix` or `az://container/prefix`.
    #[serde(with = "text")]
    pub url: ArchiveUrl,
    /// How many closed months stay, the newest ones.
    #[serde(deserialize_with = "between::<1, 1200, _, _>")]
    pub keep_months: u32,
    /// Certificates (PEM) of authorities to trust beside the system's, for a store with an authority of its own.
    #[serde(with = "optional_text")]
    pub ca_file: Option<FilePath>,
    /// Region, endpoint, credentials and so on, as `object_store` names them; with `_file` behind the name, the file
    /// that holds the value. Never printed.
    pub options: BTreeMap<String, StoreOption>,
}

impl Default for Archive {
    fn default() -> Self {
        Self { url: ArchiveUrl("file:var/archive".into()), keep_months: 4, ca_file: None, options: BTreeMap::new() }
    }
}

impl Archive {
    /// The options' plain values, for the store that needs them.
    pub fn exposed_options(&self) -> BTreeMap<String, String> {
        self.options.iter().map(|(name, value)| (name.clone(), value.0.expose().to_owned())).collect()
    }

    /// Refuses options that `is_known` does not know, and reads those whose value is in a file; `kind` names the
    /// store.
    pub fn settle_options(&mut self, kind: &str, is_known: impl Fn(&str) -> bool, findings: &mut Findings) {
        let unknown: Vec<String> = self.options.keys().filter(|name| !is_known(name)).cloned().collect();
        for name in unknown {
            if let Some(option) = name.strip_suffix("_file").filter(|option| is_known(option)) {
                self.read_option(&name, option, findings);
            } else {
                let hint = nearest(&name, COMMON_OPTIONS.iter().copied()).filter(|known| *known != name);
                let hint = hint.map_or_else(String::new, |known| format!("; did you mean {known:?}?"));
                findings.add_at(&["archive", "options", &name], format!("is not an option of {kind} stores{hint}"));
            }
        }
    }

    /// An option whose value is in a file, for example `aws_secret_access_key_file`.
    fn read_option(&mut self, name: &str, option: &str, findings: &mut Findings) {
        let Some(path) = self.options.remove(name) else { return };
        if let Some(secret) = findings.read_secret(&format!("archive.options.{name}"), &path.0.expose().into()) {
            self.options.insert(option.to_owned(), StoreOption(secret));
        }
    }
}

/// Options that are mistyped most often, since they are used most.
const COMMON_OPTIONS: [&str; 10] = [
    "aws_region",
    "aws_endpoint",
    "aws_access_key_id",
    "aws_secret_access_key",
    "aws_session_token",
    "allow_http",
    "google_service_account",
    "azure_storage_account_name",
    "azure_storage_account_key",
    "azure_storage_sas_key",
];

/// A URL that names a store; `archive` decides whether it is one that can be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArchiveUrl(String);

impl ArchiveUrl {
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The folder of this machine, where it is one.
    pub fn folder(&self) -> Option<&Path> {
        folder_of_url(&self.0).map(Path::new)
    }
}

impl Setting for ArchiveUrl {
    const WANTED: &'static str = "a URL in quotes, as \"file:var/archive\" or \"s3://bucket/prefix\"";
}

impl FromStr for ArchiveUrl {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let refuse = |why: &str| Err(Invalid(why.to_owned()));
        if let Some(folder) = folder_of_url(text) {
            return if folder.is_empty() || text.contains('\0') {
                refuse("must name a folder after file:")
            } else if starts_with_tilde(folder) {
                refuse(NO_TILDE)
            } else {
                Ok(Self(text.to_owned()))
            };
        }
        let Ok(url) = Url::parse(text) else { return refuse("is not a URL such as \"s3://bucket/prefix\"") };
        if !url.has_host() {
            return refuse("must name a bucket or container, as \"s3://bucket/prefix\"");
        }
        if url.password().is_some() || !url.username().is_empty() {
            return refuse(
                "must not hold a name or password: credentials belong in [archive.options] or the environment",
            );
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for ArchiveUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// An option's value; some are credentials, so none is printed.
#[derive(Debug, Clone, PartialEq)]
pub struct StoreOption(Secret);

impl StoreOption {
    pub fn expose(&self) -> &str {
        self.0.expose()
    }
}

impl Serialize for StoreOption {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for StoreOption {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OptionVisitor;
        impl serde::de::Visitor<'_> for OptionVisitor {
            type Value = StoreOption;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("text, a number, true or false")
            }

            fn visit_str<E>(self, text: &str) -> Result<StoreOption, E> {
                Ok(StoreOption(Secret::new(text)))
            }

            fn visit_bool<E>(self, value: bool) -> Result<StoreOption, E> {
                Ok(StoreOption(Secret::new(value.to_string())))
            }

            fn visit_i64<E>(self, value: i64) -> Result<StoreOption, E> {
                Ok(StoreOption(Secret::new(value.to_string())))
            }

            fn visit_u64<E>(self, value: u64) -> Result<StoreOption, E> {
                Ok(StoreOption(Secret::new(value.to_string())))
            }
        }
        deserializer.deserialize_any(OptionVisitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_names_a_folder_or_a_bucket() {
        for good in ["file:var/archive", "file:///srv/a", "s3://bucket/a/b", "gs://bucket", "az://container/x"] {
            assert!(good.parse::<ArchiveUrl>().is_ok(), "{good}");
        }
        for bad in ["", "file:", "var/archive", "s3:///x", "memory:///", "s3:", "s3://key:secret@bucket"] {
            assert!(bad.parse::<ArchiveUrl>().is_err(), "{bad}");
        }
    }
}
