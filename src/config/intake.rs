//! `[[intake]]`: a source of usage as a bridge writes it, with the settings of its reader.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::findings::Findings;
use super::setting::{Setting, text};
use crate::domain::IntakeName;
use crate::intake::readers::{self, BUILT_IN, PRESETS, Reader, ReaderSettings};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Intake {
    /// Stands in reports, logs and addresses.
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

    pub(super) fn check_all(sources: &[Self], findings: &mut Findings) {
        let mut seen = BTreeSet::new();
        for (index, source) in sources.iter().enumerate() {
            let index = index.to_string();
            if !seen.insert(source.name.to_string()) {
                findings.add_at(&["intake", &index, "name"], "stands in two [[intake]] tables");
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
