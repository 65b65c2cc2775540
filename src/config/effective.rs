//! The values in force, key by key: to show them, and to say what a reload changed.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use figment::value::Value;

use super::Config;
use super::findings::KeyPath;
use super::layers::EVENTS;
use super::load::Loaded;
use super::problem::{Origin, shown_key};

/// What a running daemon cannot take up.
const NEEDS_RESTART: [&str; 11] = [
    "log.format",
    "log.level",
    "database.url",
    "database.url_file",
    "http.listen",
    "http.hosts",
    "http.intake_listen",
    "portal.listen",
    "portal.trusted_proxies",
    "portal.url",
    "schedule.heartbeat",
];

impl Config {
    /// The keys in which `newer` differs, for example `mail.port`, secrets included; events as `rerun.` and their
    /// id, or `approve[0]`.
    pub fn changed_keys(&self, newer: &Self) -> Vec<String> {
        let (mut before, mut after) = (self.values_by_key(), newer.values_by_key());
        before.extend(self.secrets());
        after.extend(newer.secrets());
        let keys: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
        keys.into_iter().filter(|key| before.get(*key) != after.get(*key)).cloned().collect()
    }

    /// Of some changed keys, those that take effect only when the daemon starts again.
    pub fn needing_restart(changed: &[String]) -> Vec<String> {
        changed.iter().filter(|key| NEEDS_RESTART.contains(&key.as_str())).cloned().collect()
    }

    fn values_by_key(&self) -> BTreeMap<String, String> {
        let (settings, events) = self.leaves();
        let settings = settings.into_iter().map(|(path, value)| (shown_key(&path), value));
        let events = events.into_iter().map(|event| {
            let id = event.leaves.iter().find(|(path, _)| path.last().is_some_and(|key| key == "id"));
            let key = match id {
                Some((_, id)) => format!("{}.{}", event.name, id.trim_matches('"')),
                None => format!("{}[{}]", event.name, event.index),
            };
            let content: Vec<String> = event.leaves.into_iter().map(|(_, value)| value).collect();
            (key, content.join("\n"))
        });
        settings.chain(events).collect()
    }

    /// With their true values; never for showing.
    fn secrets(&self) -> BTreeMap<String, String> {
        let key = |parts: &[&str]| shown_key(&parts.iter().map(|&part| part.to_owned()).collect::<Vec<_>>());
        let options = self.archive.exposed_options().into_iter();
        let mut secrets: BTreeMap<String, String> =
            options.map(|(name, value)| (key(&["archive", "options", &name]), value)).collect();
        secrets.insert(key(&["database", "url"]), self.database.url.expose().to_owned());
        for intake in &self.intake {
            let name = intake.name.to_string();
            let token = intake.token.iter().map(|token| ("token", token.expose()));
            let options = intake.options.iter().map(|(name, value)| (name.as_str(), value.expose()));
            secrets
                .extend(token.chain(options).map(|(what, value)| (key(&["intake", &name, what]), value.to_owned())));
        }
        if let Some(password) = &self.mail.password {
            secrets.insert(key(&["mail", "password"]), password.expose().to_owned());
        }
        secrets
    }

    /// Every value that is set, as TOML writes it: of the settings, and of each event.
    fn leaves(&self) -> (Vec<Leaf>, Vec<Event>) {
        let mut tree = Value::serialize(self).ok().and_then(Value::into_dict).unwrap_or_default();
        let mut events = Vec::new();
        for name in EVENTS {
            let of_name = tree.remove(name).and_then(Value::into_array).unwrap_or_default();
            for (index, event) in of_name.iter().enumerate() {
                let mut leaves = Vec::new();
                collect(&mut vec![name.to_owned(), index.to_string()], event, &mut leaves);
                events.push(Event { name, index, leaves });
            }
        }
        let mut settings = Vec::new();
        collect(&mut Vec::new(), &Value::from(tree), &mut settings);
        (settings, events)
    }
}

impl Loaded {
    /// Every key that is set with its value, secrets hidden, and where the value came from.
    pub fn to_toml(&self) -> String {
        let mut out = String::new();
        let mut write = |key: &str, path: &KeyPath, value: &str| {
            let origin = self.origins.get(path).unwrap_or(&Origin::Default);
            let _ = writeln!(out, "{key} = {value}  # {origin}");
        };
        let (settings, events) = self.config.leaves();
        for (path, value) in &settings {
            write(&shown_key(path), path, value);
        }
        for event in &events {
            let mut header = format!("\n[[{}]]\n", event.name);
            for (path, value) in &event.leaves {
                let key = path.last().map(String::as_str).unwrap_or_default();
                write(&format!("{header}{key}"), path, value);
                header.clear();
            }
        }
        out
    }
}

type Leaf = (KeyPath, String);

/// A rerun or an approval.
struct Event {
    name: &'static str,
    index: usize,
    leaves: Vec<Leaf>,
}

fn collect(path: &mut KeyPath, value: &Value, leaves: &mut Vec<Leaf>) {
    if let Value::Dict(_, dict) = value {
        for (key, below) in dict {
            path.push(key.clone());
            collect(path, below, leaves);
            path.pop();
        }
    } else if let Some(written) = toml_value(value) {
        leaves.push((path.clone(), written));
    }
}

/// `None` for a value that is not set.
fn toml_value(value: &Value) -> Option<String> {
    match value {
        Value::String(_, text) => Some(toml_text(text)),
        Value::Bool(_, value) => Some(value.to_string()),
        Value::Num(_, number) => number.to_u128().map(|number| number.to_string()),
        Value::Array(_, values) => {
            let written: Vec<String> = values.iter().filter_map(toml_value).collect();
            Some(format!("[{}]", written.join(", ")))
        }
        Value::Char(..) | Value::Empty(..) | Value::Dict(..) => None,
    }
}

/// A TOML basic string: JSON's escapes, and the delete character, which JSON lets through.
fn toml_text(text: &str) -> String {
    serde_json::Value::from(text).to_string().replace('\u{7f}', "\\u007f")
}
