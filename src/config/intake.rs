//! `[[intake]]`: a source of usage as a bridge writes it, with the settings of its reader.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::archive::StoreOption;
use super::findings::Findings;
use super::setting::{Setting, optional_text, text};
use super::values::{FilePath, Interval, Secret, interval};
use crate::domain::IntakeName;
use crate::intake::readers::{self, BUILT_IN, PRESETS, Reader, ReaderSettings};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Intake {
    /// Its name in reports, logs and addresses.
    #[serde(with = "text")]
    pub name: IntakeName,
    /// A reader, a preset, or `statementd` for the contract's own CSV.
    pub reader: String,
    #[serde(default)]
    pub room: Option<String>,
    #[serde(default)]
    pub leg_prefix: Option<String>,
    #[serde(default)]
    pub default: Option<String>,
    #[serde(default)]
    pub source: BTreeMap<String, String>,
    #[serde(default)]
    pub time_zone: Option<String>,
    #[serde(default)]
    pub separator: Option<String>,
    #[serde(default)]
    pub header: Option<bool>,
    #[serde(default)]
    pub columns: Vec<String>,
    #[serde(default)]
    pub each: Option<String>,
    #[serde(default)]
    pub when: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    pub map: BTreeMap<String, String>,
    #[serde(default)]
    pub times: Option<String>,
    #[serde(default)]
    pub url_encoded: Option<bool>,
    /// A folder or a prefix of an object store, with a pattern for names, or `http`; without it the settings are for
    /// commands.
    #[serde(default)]
    pub from: Option<String>,
    /// Its files grow.
    #[serde(default)]
    pub follow: bool,
    /// `keep`, `delete`, or `move:FOLDER`.
    #[serde(default)]
    pub after: Option<String>,
    /// How long a whole file must not have changed before it is read.
    #[serde(default = "settle", with = "interval")]
    pub settle: Duration,
    /// Something should come at least this often.
    #[serde(default, with = "optional_text")]
    pub expect_every: Option<Interval>,
    /// What a sender over HTTP has to know; never printed.
    #[serde(default, with = "optional_text")]
    pub token: Option<Secret>,
    /// A file that holds it.
    #[serde(default, with = "optional_text")]
    pub token_file: Option<FilePath>,
    /// Of an object store, for example `archive.options`; where there are none, those of the archive.
    #[serde(default)]
    pub options: BTreeMap<String, StoreOption>,
}

/// A bridge may write a file in several steps; it does not pause for so long.
fn settle() -> Duration {
    Duration::from_secs(5)
}

/// The reader of the contract's own CSV, which has no settings.
pub const OWN_CSV: &str = "statementd";

impl Intake {
    /// The reader with these settings over those of its preset; `None` for the contract's own CSV.
    pub fn reader(&self) -> Result<Option<Reader>, String> {
        named_reader(&self.reader, &self.settings())
    }

    fn settings(&self) -> ReaderSettings {
        ReaderSettings {
            preset: None,
            reader: self.reader.clone(),
            room: self.room.clone(),
            leg_prefix: self.leg_prefix.clone(),
            default: self.default.clone(),
            source: self.source.clone(),
            time_zone: self.time_zone.clone(),
            separator: self.separator.clone(),
            header: self.header,
            columns: self.columns.clone(),
            each: self.each.clone(),
            when: self.when.clone(),
            map: self.map.clone(),
            times: self.times.clone(),
            url_encoded: self.url_encoded,
        }
    }

    pub(super) fn check_all(sources: &mut [Self], findings: &mut Findings) {
        let mut seen = BTreeSet::new();
        for (index, source) in sources.iter_mut().enumerate() {
            let index = index.to_string();
            if !seen.insert(source.name.to_string()) {
                findings.add_at(&["intake", &index, "name"], "stands in two [[intake]] tables");
            }
            if let Some(file) = &source.token_file {
                source.token = findings.read_secret(&format!("intake.{index}.token_file"), file);
            }
        }
    }
}

/// What `name` names: a reader, or a preset that `settings` complete; `None` for the contract's own CSV.
///
/// The error begins with the setting that is wrong and a colon.
pub fn named_reader(name: &str, settings: &ReaderSettings) -> Result<Option<Reader>, String> {
    if name == OWN_CSV {
        return Ok(None);
    }
    let settings = match readers::preset(name) {
        Some(preset) => preset?.overlaid_by(settings),
        None if BUILT_IN.contains(&name) => ReaderSettings { reader: name.to_owned(), ..settings.clone() },
        None => {
            let known = [&[OWN_CSV], BUILT_IN.as_slice(), PRESETS.as_slice()].concat().join(", ");
            return Err(format!("reader: {name:?} is none of {known}"));
        }
    };
    Reader::new(&settings).map(Some)
}

impl Setting for IntakeName {
    const WANTED: &'static str = "a name in quotes, for example \"bridge1\"";
}
