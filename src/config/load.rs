//! From layers to a checked configuration, with everything that is wrong found in one go.
//!
//! Deserialising stops at the first value that it cannot take. So each such value is noted and taken out of the
//! tree, and the rest is tried again, until nothing objects; only then do the sections check what the values mean
//! together.

use std::collections::{BTreeMap, BTreeSet};

use figment::error::Kind;
use figment::value::{Dict, Value};
use figment::{Figment, Profile, Provider};
use serde::de::DeserializeOwned;

use super::findings::{Findings, KeyPath, nearest};
use super::layers::{self, EVENTS, Layer};
use super::problem::{ConfigErrors, Origin, Problem, is_secret, shown_key};
use super::{Config, Named, Sources, WHERE_THINGS_GO};
use crate::redacted;

/// A secret may be in the configuration or in a file that it names; what a later layer says wins.
const EITHER_OR: [(&str, &str, &str); 2] = [("database", "url", "url_file"), ("mail", "password", "password_file")];

/// As many as a person corrects before trying again; each is compared with all others.
const MOST_PROBLEMS: usize = 100;

/// Checks values by what they are for, in the sections for which the function says so.
pub type PartsCheck = fn(&mut Config, &dyn Fn(&str) -> bool, &mut Findings);

/// A configuration with the origin of every key that is not a default.
#[derive(Debug, Clone)]
pub struct Loaded {
    pub config: Config,
    pub(super) origins: BTreeMap<KeyPath, Origin>,
}

impl Loaded {
    /// The configuration that `sources` make up, with its secrets read; or everything that is wrong with it.
    ///
    /// `parts` finds what only the parts can tell that the values are for.
    pub fn load(sources: &Sources, parts: PartsCheck) -> Result<Self, ConfigErrors> {
        let layers = layers::read(sources).map_err(ConfigErrors)?;
        let mut reading = LayeredTree::of(layers)?;
        reading.settle_secrets();
        let written = Value::from(reading.tree.clone());
        let events = EVENTS.map(|name| (name, reading.take_events(name)));
        let mut config: Config = reading.extract(&[]).unwrap_or_default();
        for (name, events) in events {
            for (index, event) in events {
                if reading.has_enough_problems() {
                    break;
                }
                match name {
                    "rerun" => config.rerun.extend(reading.extract_event(name, index, event)),
                    "intake" => config.intake.extend(reading.extract_event(name, index, event)),
                    _ => config.approve.extend(reading.extract_event(name, index, event)),
                }
            }
        }
        reading.check(&mut config, parts);
        config.named = Named(WHERE_THINGS_GO.into_iter().filter(|key| reading.is_set(key)).collect());
        if reading.problems.is_empty() {
            return Ok(Self { config, origins: reading.origins() });
        }
        Err(reading.errors(&written))
    }

    /// Where the value of `key`, for example `mail.port`, came from.
    pub fn origin(&self, key: &str) -> Origin {
        let path: KeyPath = key.split('.').map(str::to_owned).collect();
        self.origins.get(&path).cloned().unwrap_or(Origin::Default)
    }
}

struct LayeredTree {
    tree: Dict,
    /// With the number of the layer; higher ones win.
    origins: BTreeMap<KeyPath, (usize, Origin)>,
    problems: Vec<(KeyPath, String)>,
}

impl LayeredTree {
    /// Lays the layers over one another.
    fn of(layers: Vec<Layer>) -> Result<Self, ConfigErrors> {
        let mut figment = Figment::new();
        let mut origins = BTreeMap::new();
        let mut events_before: BTreeMap<&str, usize> = BTreeMap::new();
        for (number, mut layer) in layers.into_iter().enumerate() {
            for (mut path, origin) in std::mem::take(&mut layer.origins) {
                let before = path.first().and_then(|first| events_before.get(first.as_str()));
                if let (Some(before), Some(index)) = (before, path.get_mut(1)) {
                    *index = index.parse().map_or(index.clone(), |own: usize| (own + before).to_string());
                }
                origins.insert(path, (number, origin));
            }
            let events: Dict =
                EVENTS.into_iter().filter_map(|name| Some((name.to_owned(), layer.dict.remove(name)?))).collect();
            for name in EVENTS {
                let count = events.get(name).and_then(Value::as_array).map_or(0, <[Value]>::len);
                *events_before.entry(name).or_default() += count;
            }
            figment = figment.merge(layer).admerge(Layer { dict: events, origins: BTreeMap::new() });
        }
        let data = figment.data().map_err(|error| {
            let origin = Origin::Default;
            ConfigErrors(vec![Problem { origin, key: String::new(), value: None, why: error.kind.to_string() }])
        });
        let tree = data?.remove(&Profile::Default).unwrap_or_default();
        Ok(Self { tree, origins, problems: Vec::new() })
    }

    /// Of `password` and `password_file` the one from the later layer stays; both in one layer is an error.
    fn settle_secrets(&mut self) {
        for (section, plain, file) in EITHER_OR {
            let path = |key: &str| vec![section.to_owned(), key.to_owned()];
            let rank = |key: &str| self.origins.get(&path(key)).map(|(number, _)| *number);
            let (Some(of_plain), Some(of_file)) = (rank(plain), rank(file)) else { continue };
            let Some(Value::Dict(_, keys)) = self.tree.get_mut(section) else { continue };
            if of_plain == of_file {
                self.problems.push((path(file), format!("and {section}.{plain} must not both be set")));
            }
            keys.remove(if of_plain > of_file { file } else { plain });
        }
    }

    fn take_events(&mut self, name: &str) -> Vec<(usize, Value)> {
        match self.tree.remove(name) {
            None => Vec::new(),
            Some(Value::Array(_, events)) => events.into_iter().enumerate().collect(),
            Some(_) => {
                self.problems.push((vec![name.into()], format!("must be written as [[{name}]] tables")));
                Vec::new()
            }
        }
    }

    fn extract_event<T: DeserializeOwned>(&mut self, name: &str, index: usize, event: Value) -> Option<T> {
        let prefix = [name.to_owned(), index.to_string()];
        let Value::Dict(_, event) = event else {
            self.problems.push((prefix.into(), "must be a table".into()));
            return None;
        };
        let tree = std::mem::replace(&mut self.tree, event);
        let extracted = self.extract(&prefix);
        self.tree = tree;
        extracted
    }

    /// Reads the tree, which is at `prefix`; `None` if it cannot be read even without what is wrong in it.
    fn extract<T: DeserializeOwned>(&mut self, prefix: &[String]) -> Option<T> {
        loop {
            let error = match Value::from(self.tree.clone()).deserialize::<T>() {
                Ok(config) => return Some(config),
                Err(error) => error,
            };
            let (below, why) = explain(&error.path, error.kind);
            let path: KeyPath = prefix.iter().cloned().chain(below).collect();
            // A value that was refused and taken out is missing only because of that.
            if !self.problems.iter().any(|(known, _)| known.starts_with(&path)) {
                self.problems.push((path, why));
            }
            if self.has_enough_problems() || !remove(&mut self.tree, &error.path) {
                return None;
            }
        }
    }

    /// Whether further problems are left for the next try.
    fn has_enough_problems(&self) -> bool {
        self.problems.len() >= MOST_PROBLEMS
    }

    /// Whether a source sets `key`, or names a file with its value.
    fn is_set(&self, key: &str) -> bool {
        let set = |key: &str| self.origins.contains_key(&key.split('.').map(str::to_owned).collect::<KeyPath>());
        set(key) || set(&format!("{key}_file"))
    }

    /// Has the sections check themselves; one in which something was wrong already would only find consequences.
    fn check(&mut self, config: &mut Config, parts: PartsCheck) {
        let spoilt: BTreeSet<&str> =
            self.problems.iter().filter_map(|(path, _)| path.first().map(String::as_str)).collect();
        let mut findings = Findings::default();
        let is_sound = |section: &str| !spoilt.contains(section);
        config.check(is_sound, &mut findings);
        parts(config, &is_sound, &mut findings);
        self.problems.extend(findings.0);
    }

    fn origins(self) -> BTreeMap<KeyPath, Origin> {
        self.origins.into_iter().map(|(path, (_, origin))| (path, origin)).collect()
    }

    fn errors(&self, written: &Value) -> ConfigErrors {
        let mut problems: Vec<Problem> = self
            .problems
            .iter()
            .map(|(path, why)| Problem {
                origin: self.origin(path),
                key: shown_key(path),
                value: value_at(written, path).filter(|_| !is_secret(path)).and_then(shown_value),
                why: why.clone(),
            })
            .collect();
        problems.sort_by(|a, b| (&a.origin, &a.key).cmp(&(&b.origin, &b.key)));
        problems.dedup();
        ConfigErrors(problems)
    }

    /// Where the key was set; for one that is missing, where its section was.
    fn origin(&self, path: &[String]) -> Origin {
        let found = (1..=path.len()).rev().find_map(|length| self.origins.get(&path[..length]));
        found.map_or(Origin::Default, |(_, origin)| origin.clone())
    }
}

/// The key that an error is about, and text that continues the sentence after it.
fn explain(path: &[String], kind: Kind) -> (KeyPath, String) {
    let mut path = path.to_vec();
    let why = match kind {
        Kind::UnknownField(name, known) => {
            if path.last() != Some(&name) {
                path.push(name.clone());
            }
            let hint = nearest(&name, known.iter().copied());
            let hint = hint.map_or_else(String::new, |known| format!("; did you mean {known:?}?"));
            format!("is not a setting{hint}")
        }
        Kind::UnknownVariant(_, known) => {
            let quoted: Vec<String> = known.iter().map(|word| format!("{word:?}")).collect();
            format!("must be one of {}", quoted.join(", "))
        }
        Kind::MissingField(name) => {
            path.push(name.into_owned());
            "is missing".into()
        }
        Kind::InvalidType(_, wanted) | Kind::InvalidValue(_, wanted) if wanted.starts_with("struct ") => {
            "must be a table".into()
        }
        Kind::InvalidType(_, wanted) | Kind::InvalidValue(_, wanted) if wanted.starts_with("enum ") => {
            "must be a word in quotes".into()
        }
        Kind::InvalidType(_, wanted) | Kind::InvalidValue(_, wanted) => format!("must be {wanted}"),
        Kind::Message(why) => why,
        other => other.to_string(),
    };
    (path, why)
}

/// Takes the value at `path` out, or the whole array that holds it; false if there is nothing to take out.
fn remove(dict: &mut Dict, path: &[String]) -> bool {
    let Some((first, rest)) = path.split_first() else { return false };
    match dict.get_mut(first) {
        Some(Value::Dict(_, below)) if !rest.is_empty() => remove(below, rest),
        Some(_) => dict.remove(first).is_some(),
        None => false,
    }
}

fn value_at<'a>(value: &'a Value, path: &[String]) -> Option<&'a Value> {
    let Some((first, rest)) = path.split_first() else { return Some(value) };
    match value {
        Value::Dict(_, dict) => value_at(dict.get(first)?, rest),
        Value::Array(_, values) => value_at(values.get(first.parse::<usize>().ok()?)?, rest),
        _ => None,
    }
}

/// A value as it was written; tables and arrays are too long to repeat.
fn shown_value(value: &Value) -> Option<String> {
    match value {
        Value::String(_, text) => Some(format!("{:?}", redacted::url(text))),
        Value::Bool(_, value) => Some(value.to_string()),
        Value::Num(_, number) => {
            let whole = number.to_i128().map(|number| number.to_string());
            whole
                .or_else(|| number.to_u128().map(|number| number.to_string()))
                .or_else(|| number.to_f64().map(|number| number.to_string()))
        }
        _ => None,
    }
}
