//! JSON by a mapping: a value, a list, lines of values, or a list within a value (`each = "value[]"`).
//!
//! Items are read one at a time, so that a file may be larger than memory.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use super::mapping::{Fields, Mapping};
use super::{Output, ReaderError, ReaderSettings, Source};
use crate::intake::readers::mapping::decoded;

/// Reads JSON.
#[derive(Debug)]
pub struct Json {
    pub(super) mapping: Mapping,
    /// The names on the way to the items; empty: the items stand at the top.
    each: Vec<String>,
    url_encoded: bool,
}

struct Item<'a> {
    value: &'a Value,
    url_encoded: bool,
}

/// Walks down to the items and hands each on.
struct Walk<'a, 'b> {
    path: &'a [String],
    take: &'a mut (dyn FnMut(&Value) -> Result<(), ReaderError> + 'b),
    /// Why `take` did not go on; serde's own errors carry text only.
    stopped: &'a mut Option<ReaderError>,
}

impl Json {
    pub(super) fn new(settings: &ReaderSettings) -> Result<Self, String> {
        let each = settings.each.as_deref().unwrap_or_default();
        let each = each.split('.').map(|name| name.trim_end_matches("[]").to_owned());
        Ok(Self {
            mapping: Mapping::new(settings)?,
            each: each.filter(|name| !name.is_empty()).collect(),
            url_encoded: settings.url_encoded.unwrap_or(false),
        })
    }

    pub(super) fn read(&self, source: &Source, output: &mut Output<'_>) -> Result<(), ReaderError> {
        let mut input = source.open()?;
        skip_byte_order_mark(&mut input)?;
        let mut values = serde_json::Deserializer::from_reader(input);
        let mut take =
            |value: &Value| self.mapping.apply(&Item { value, url_encoded: self.url_encoded }, source, output);
        loop {
            match values.end() {
                Ok(()) => return Ok(()),
                Err(error) if error.is_io() => return Err(malformed(&error)),
                Err(_) => {}
            }
            let mut stopped = None;
            let walk = Walk { path: &self.each, take: &mut take, stopped: &mut stopped };
            if let Err(error) = walk.deserialize(&mut values) {
                return Err(stopped.unwrap_or_else(|| malformed(&error)));
            }
        }
    }
}

fn skip_byte_order_mark(input: &mut impl std::io::BufRead) -> std::io::Result<()> {
    let mark = "\u{feff}".as_bytes();
    if input.fill_buf()?.starts_with(mark) {
        input.consume(mark.len());
    }
    Ok(())
}

fn malformed(error: &serde_json::Error) -> ReaderError {
    if error.is_eof() {
        return ReaderError::CutOff("its last value is not closed");
    }
    ReaderError::Malformed { line: error.line() as u64, byte: error.column() as u64, why: "is not JSON".into() }
}

impl<'de> DeserializeSeed<'de> for Walk<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Walk<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object or a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        while let Some(()) =
            items.next_element_seed(Walk { path: self.path, take: &mut *self.take, stopped: &mut *self.stopped })?
        {
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        let Some((name, rest)) = self.path.split_first() else {
            let mut item = serde_json::Map::new();
            while let Some((name, value)) = members.next_entry::<String, Value>()? {
                item.insert(name, value);
            }
            return (self.take)(&Value::Object(item)).map_err(|error| {
                *self.stopped = Some(error);
                serde::de::Error::custom("stopped")
            });
        };
        while let Some(key) = members.next_key::<String>()? {
            if key == *name {
                members.next_value_seed(Walk { path: rest, take: &mut *self.take, stopped: &mut *self.stopped })?;
            } else {
                members.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }

    // What stands where an item should and is none.
    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }
}

impl Fields for Item<'_> {
    /// A dotted path; a number is the place in a list.
    fn get(&self, path: &str) -> Option<Cow<'_, str>> {
        let mut value = self.value;
        for name in path.split('.') {
            value = match value {
                Value::Object(members) => members.get(name)?,
                Value::Array(items) => items.get(name.parse::<usize>().ok()?)?,
                _ => return None,
            };
        }
        let text = match value {
            Value::String(text) => Cow::Borrowed(text.as_str()),
            Value::Null | Value::Array(_) | Value::Object(_) => return None,
            other => Cow::Owned(other.to_string()),
        };
        Some(if self.url_encoded { decoded(text) } else { text })
    }
}
