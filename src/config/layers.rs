//! One layer per source: its values as a tree, and for each key where it was set.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};

use figment::providers::{Format, Toml};
use figment::value::{Dict, Map, Value};
use figment::{Metadata, Profile, Provider};
use toml_edit::{ImDocument, Item, TableLike};

use super::Config;
use super::findings::{KeyPath, nearest};
use super::problem::{Origin, Problem, shown_key};
use super::source_file::SourceFile;
use super::sources::{Flag, PREFIX, Sources};

/// Keys of the arrays of tables of which every layer's entries stay: these are events, not settings.
pub(super) const EVENTS: [&str; 3] = ["rerun", "approve", "intake"];

#[derive(Debug, Clone)]
pub(super) struct Layer {
    pub dict: Dict,
    pub origins: BTreeMap<KeyPath, Origin>,
}

impl Provider for Layer {
    fn metadata(&self) -> Metadata {
        Metadata::named("configuration")
    }

    fn data(&self) -> Result<Map<Profile, Dict>, figment::Error> {
        Ok(Profile::Default.collect(self.dict.clone()))
    }
}

/// The layers of `sources`, lowest first; what cannot be read at all is a problem.
pub(super) fn read(sources: &Sources) -> Result<Vec<Layer>, Vec<Problem>> {
    let mut layers = Vec::new();
    let mut problems = Vec::new();
    for file in &sources.files {
        match read_file(file) {
            Ok(layer) => layers.push(layer),
            Err(problem) => problems.push(problem),
        }
    }
    let (environment, refused) = from_environment(&sources.environment);
    problems.extend(refused);
    layers.push(environment);
    layers.extend(sources.flags.iter().map(from_flag));
    if problems.is_empty() { Ok(layers) } else { Err(problems) }
}

fn read_file(file: &SourceFile) -> Result<Layer, Problem> {
    let path = &file.path;
    let refuse = |line, why| Problem::file(path, line, why);
    let bytes = file.read().map_err(|why| refuse(None, why))?;
    let text = std::str::from_utf8(&bytes).map_err(|error| {
        let good = &bytes[..error.valid_up_to()];
        refuse(Some(good.split(|&byte| byte == b'\n').count()), "is not UTF-8".into())
    })?;
    let lines = Lines::of(text);
    // The parser's own words, without the source line that it would print: it may hold a secret.
    let document = ImDocument::parse(text).map_err(|error| {
        let line = error.span().map(|span| lines.at(span.start));
        refuse(line, format!("is not TOML: {}", error.message().replace('\n', ", ")))
    })?;
    let mut data = Toml::string(text).data().map_err(|_| refuse(None, "is not TOML that can be used".into()))?;
    let mut origins = BTreeMap::new();
    let mut note = |key: KeyPath, at: Option<usize>| {
        origins.insert(key, Origin::File(path.clone(), at.map(|at| lines.at(at))));
    };
    note_table(document.as_table(), &Vec::new(), &mut note);
    Ok(Layer { dict: data.remove(&Profile::Default).unwrap_or_default(), origins })
}

/// Notes where each key of a table was set, and those below it.
fn note_table(table: &dyn TableLike, path: &KeyPath, note: &mut dyn FnMut(KeyPath, Option<usize>)) {
    for (name, item) in table.iter() {
        let key = child(path, name);
        note(key.clone(), table.key(name).and_then(|key| key.span()).or_else(|| item.span()).map(|span| span.start));
        note_item(item, &key, note);
    }
}

fn note_item(item: &Item, path: &KeyPath, note: &mut dyn FnMut(KeyPath, Option<usize>)) {
    if let Some(table) = item.as_table_like() {
        note_table(table, path, note);
    } else if let Some(tables) = item.as_array_of_tables() {
        for (index, table) in tables.iter().enumerate() {
            let key = child(path, &index.to_string());
            note(key.clone(), table.span().map(|span| span.start));
            note_table(table, &key, note);
        }
    } else if let Some(array) = item.as_array() {
        for (index, value) in array.iter().enumerate() {
            let key = child(path, &index.to_string());
            note(key.clone(), value.span().map(|span| span.start));
            if let Some(table) = value.as_inline_table() {
                note_table(table, &key, note);
            }
        }
    }
}

fn child(path: &KeyPath, name: &str) -> KeyPath {
    let mut key = path.clone();
    key.push(name.to_owned());
    key
}

/// Turns byte offsets into line numbers.
struct Lines(Vec<usize>);

impl Lines {
    fn of(text: &str) -> Self {
        Self(text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at).collect())
    }

    fn at(&self, offset: usize) -> usize {
        1 + self.0.partition_point(|&line_end| line_end < offset)
    }
}

fn from_environment(variables: &[(OsString, OsString)]) -> (Layer, Vec<Problem>) {
    let mut layer = Layer { dict: Dict::new(), origins: BTreeMap::new() };
    let mut problems = Vec::new();
    let mut sorted: Vec<_> = variables.iter().collect();
    sorted.sort();
    for (name, value) in sorted {
        let shown = name.to_string_lossy().into_owned();
        let added = if shown.starts_with(PREFIX) { layer.add_variable(name, value) } else { misspelt(&shown) };
        if let Err(why) = added {
            problems.push(Problem { origin: Origin::Environment(shown), key: String::new(), value: None, why });
        }
    }
    (layer, problems)
}

/// Refuses a variable that looks like a setting and would not count, for example `STATEMENTD_MAIL_HOST`. Others of
/// such a name may be there for programs of their own.
fn misspelt(name: &str) -> Result<(), String> {
    let upper = name.to_ascii_uppercase();
    let words = upper.trim_start_matches("STATEMENTD").trim_start_matches('_');
    let (section, key) = words.split_once('_').unwrap_or((words, ""));
    let sections = Value::serialize(Config::default()).ok().and_then(Value::into_dict).unwrap_or_default();
    let Some(section) = nearest(section, sections.keys().map(String::as_str)).filter(|_| !key.is_empty()) else {
        return Ok(());
    };
    let (section, key) = (section.to_ascii_uppercase(), key.trim_start_matches('_'));
    Err(format!("is not read; did you mean {PREFIX}{section}__{key}?"))
}

fn from_flag(flag: &Flag) -> Layer {
    let path: KeyPath = flag.key.split('.').map(str::to_owned).collect();
    let mut layer = Layer { dict: Dict::new(), origins: BTreeMap::new() };
    insert(&mut layer.dict, &path, Value::from(flag.value.as_str()));
    for length in 1..=path.len() {
        layer.origins.insert(path[..length].to_vec(), Origin::Flag(flag.name.clone()));
    }
    layer
}

impl Layer {
    fn add_variable(&mut self, name: &OsStr, value: &OsStr) -> Result<(), String> {
        let name = name.to_str().ok_or("is not UTF-8")?;
        let value = value.to_str().ok_or("holds a value that is not UTF-8")?;
        let path: KeyPath =
            name.trim_start_matches(PREFIX).split("__").map(|part| part.to_ascii_lowercase()).collect();
        if path.iter().any(String::is_empty) {
            return Err(format!("must be named {PREFIX}SECTION__KEY"));
        }
        // An event has no keys of its own in the environment; the whole list may be there as TOML.
        let value = match path.as_slice() {
            [name] if EVENTS.contains(&name.as_str()) => array_of(value),
            _ => Value::from(value),
        };
        if !insert(&mut self.dict, &path, value) {
            return Err(format!("and another variable set both {} and a part of it", shown_key(&path)));
        }
        for length in 1..=path.len() {
            self.origins.insert(path[..length].to_vec(), Origin::Environment(name.to_owned()));
        }
        Ok(())
    }
}

/// `[{id = "x", …}]` as values; anything else stays the text that it is, and is refused as such later.
fn array_of(text: &str) -> Value {
    let parsed = Toml::string(&format!("list = {text}")).data().ok();
    let found = parsed.and_then(|mut data| data.remove(&Profile::Default)?.remove("list"));
    found.filter(|value| matches!(value, Value::Array(..))).unwrap_or_else(|| Value::from(text))
}

/// Puts a value into a tree; false if something that is no table, or another value, is in its place.
fn insert(dict: &mut Dict, path: &[String], value: Value) -> bool {
    match path {
        [] => false,
        [last] => dict.insert(last.clone(), value).is_none(),
        [first, rest @ ..] => match dict.entry(first.clone()).or_insert_with(|| Value::from(Dict::new())) {
            Value::Dict(_, below) => insert(below, rest, value),
            _ => false,
        },
    }
}
