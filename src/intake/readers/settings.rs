//! What an operator can set about a reader.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::domain::Zone;

/// Readers by name; presets are listed beside them.
pub const BUILT_IN: [&str; 7] =
    ["freeswitch-conference", "asterisk-cel", "asterisk-cdr", "cisco-meeting-server", "delimited", "json", "xml"];

/// The settings of a reader, as a preset or an `[[intake]]` names them; each reader refuses those that it does not
/// have.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ReaderSettings {
    /// The preset that these settings complete.
    #[serde(skip)]
    pub preset: Option<String>,
    pub reader: String,
    /// A regular expression whose first group is the room's number within the system's name for the room.
    pub room: Option<String>,
    /// Put before leg ids that are unique on one host only.
    pub leg_prefix: Option<String>,
    /// The default service type.
    pub default: Option<String>,
    /// Service types by the profile's `source` (FreeSWITCH).
    pub source: BTreeMap<String, String>,
    pub time_zone: Option<String>,
    pub separator: Option<String>,
    pub header: Option<bool>,
    pub columns: Vec<String>,
    pub each: Option<String>,
    pub when: BTreeMap<String, Vec<String>>,
    pub map: BTreeMap<String, String>,
    pub times: Option<String>,
    /// Whether values are percent-encoded (FreeSWITCH's channel records).
    pub url_encoded: Option<bool>,
}

impl ReaderSettings {
    pub(super) fn zone(&self) -> Result<Option<Zone>, String> {
        let parse = |name: &String| name.parse().map_err(|_| format!("time_zone: {name:?} is no IANA time zone"));
        self.time_zone.as_ref().map(parse).transpose()
    }

    /// The columns of files without a heading: those that are set, or else `usual`; those that the reader needs are
    /// there.
    pub(super) fn column_names(&self, usual: &[&str], needed: &[&str]) -> Result<Vec<String>, String> {
        let names = match self.columns.as_slice() {
            [] => usual.iter().map(|name| (*name).to_owned()).collect(),
            columns => columns.to_vec(),
        };
        match needed.iter().find(|needed| !names.iter().any(|name| name == *needed)) {
            Some(missing) => Err(format!("columns: {missing} is missing")),
            None => Ok(names),
        }
    }

    /// These settings, with what `over` sets in their place.
    pub fn overlaid_by(mut self, over: &Self) -> Self {
        fn take<T: Clone>(own: &mut Option<T>, other: Option<&T>) {
            if let Some(other) = other {
                *own = Some(other.clone());
            }
        }
        take(&mut self.room, over.room.as_ref());
        take(&mut self.leg_prefix, over.leg_prefix.as_ref());
        take(&mut self.default, over.default.as_ref());
        take(&mut self.time_zone, over.time_zone.as_ref());
        take(&mut self.separator, over.separator.as_ref());
        take(&mut self.header, over.header.as_ref());
        take(&mut self.each, over.each.as_ref());
        take(&mut self.times, over.times.as_ref());
        take(&mut self.url_encoded, over.url_encoded.as_ref());
        self.source.extend(over.source.clone());
        self.when.extend(over.when.clone());
        self.map.extend(over.map.clone());
        if !over.columns.is_empty() {
            self.columns.clone_from(&over.columns);
        }
        self
    }

    pub(super) fn allow(&self, allowed: &[&str]) -> Result<(), String> {
        let set = [
            ("room", self.room.is_some()),
            ("leg_prefix", self.leg_prefix.is_some()),
            ("default", self.default.is_some()),
            ("source", !self.source.is_empty()),
            ("time_zone", self.time_zone.is_some()),
            ("separator", self.separator.is_some()),
            ("header", self.header.is_some()),
            ("columns", !self.columns.is_empty()),
            ("each", self.each.is_some()),
            ("when", !self.when.is_empty()),
            ("map", !self.map.is_empty()),
            ("times", self.times.is_some()),
            ("url_encoded", self.url_encoded.is_some()),
        ];
        match set.iter().find(|(name, is_set)| *is_set && !allowed.contains(name)) {
            Some((name, _)) => Err(format!("{name}: the reader {:?} has no such setting", self.reader)),
            None => Ok(()),
        }
    }
}
