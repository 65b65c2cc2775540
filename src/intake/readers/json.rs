//! JSON by a mapping: a value, a list, lines of values, or a list within a value (`each = "value[]"`).
//!
//! Items are read one at a time, so that a file may be larger than memory.

use std::borrow::Cow;
use std::fmt;
use std::io::{self, BufRead, Read as _};

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use super::mapping::{Fields, Mapping};
use super::{Output, ReaderError, ReaderSettings, Source};
use crate::intake::readers::mapping::decoded;

/// Bytes of a line that is a value by itself, at most.
const LONGEST_LINE: u64 = 1024 * 1024;

/// Reads JSON.
#[derive(Debug)]
pub struct Json {
    pub(super) mapping: Mapping,
    /// The names on the way to the items; empty if the items are at the top.
    each: Vec<String>,
    url_encoded: bool,
}

/// The name of a cloud event's data, and a name that every such event has.
const DATA: &str = "data";
const VERSION: &str = "specversion";

struct Item<'a> {
    value: &'a Value,
    /// What came before it in the objects around it, the outermost first.
    above: &'a [Members],
    url_encoded: bool,
    /// The line of an item on a line of its own.
    line: Option<u64>,
}

/// Takes an item, with what was around it.
type Take<'b> = dyn FnMut(&Value, &[Members]) -> Result<(), ReaderError> + 'b;

type Members = serde_json::Map<String, Value>;

/// Walks down to the items and hands each on.
struct Walk<'a, 'b> {
    path: &'a [String],
    above: &'a mut Vec<Members>,
    take: &'a mut Take<'b>,
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

    /// An item with what was around it; of a cloud event it is the data, and the event's attributes are around it.
    fn item(
        &self,
        (value, above): (&Value, &[Members]),
        line: Option<u64>,
        source: &Source,
        output: &mut Output<'_>,
    ) -> Result<(), ReaderError> {
        let url_encoded = self.url_encoded;
        let event = value.as_object().filter(|members| members.contains_key(VERSION));
        let Some((event, data)) = event.and_then(|event| Some((event, event.get(DATA)?))) else {
            return self.mapping.apply(&Item { value, above, url_encoded, line }, source, output);
        };
        let mut attributes = event.clone();
        attributes.remove(DATA);
        let above = [above, &[attributes]].concat();
        self.mapping.apply(&Item { value: data, above: &above, url_encoded, line }, source, output)
    }

    /// Each line is a value by itself: one that cannot be read does not affect the others.
    fn read_lines(
        &self,
        first: Vec<u8>,
        mut input: impl BufRead,
        source: &Source,
        output: &mut Output<'_>,
    ) -> Result<(), ReaderError> {
        let (mut line, mut number) = (first, 0);
        while !line.is_empty() {
            number += 1;
            let text = line.trim_ascii();
            if !text.is_empty() {
                let mut values = serde_json::Deserializer::from_slice(text);
                let mut stopped = None;
                let mut take =
                    |value: &Value, above: &[Members]| self.item((value, above), Some(number), source, output);
                let mut above = Vec::new();
                let walk = Walk { path: &self.each, above: &mut above, take: &mut take, stopped: &mut stopped };
                let read = walk.deserialize(&mut values).and_then(|()| values.end());
                if let Some(stopped) = stopped {
                    return Err(stopped);
                }
                match read {
                    Ok(()) => {}
                    Err(error) if error.is_eof() && !line.ends_with(b"\n") => return Err(malformed(&error)),
                    Err(_) => output.refuse(number, text, "is not JSON")?,
                }
            }
            line.clear();
            input.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut line)?;
        }
        Ok(())
    }

    pub(super) fn read(&self, source: &Source, output: &mut Output<'_>) -> Result<(), ReaderError> {
        let mut input = source.open()?;
        skip_byte_order_mark(&mut input)?;
        let first = next_line(&mut input)?;
        if serde_json::from_slice::<IgnoredAny>(&first).is_ok() {
            return self.read_lines(first, input, source, output);
        }
        let mut values = serde_json::Deserializer::from_reader(io::Cursor::new(first).chain(input));
        let mut take = |value: &Value, above: &[Members]| self.item((value, above), None, source, output);
        loop {
            match values.end() {
                Ok(()) => return Ok(()),
                Err(error) if error.is_io() => return Err(malformed(&error)),
                Err(_) => {}
            }
            let mut stopped = None;
            let mut above = Vec::new();
            let walk = Walk { path: &self.each, above: &mut above, take: &mut take, stopped: &mut stopped };
            if let Err(error) = walk.deserialize(&mut values) {
                return Err(stopped.unwrap_or_else(|| malformed(&error)));
            }
        }
    }
}

/// The first line that holds anything, with its end, as far as it is looked at.
fn next_line(input: &mut impl BufRead) -> io::Result<Vec<u8>> {
    let mut line = Vec::new();
    while line.trim_ascii().is_empty() {
        line.clear();
        if input.take(LONGEST_LINE).read_until(b'\n', &mut line)? == 0 {
            break;
        }
    }
    Ok(line)
}

fn skip_byte_order_mark(input: &mut impl BufRead) -> io::Result<()> {
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
        let Walk { path, above, take, stopped } = self;
        while let Some(()) =
            items.next_element_seed(Walk { path, above: &mut *above, take: &mut *take, stopped: &mut *stopped })?
        {
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut members: A) -> Result<(), A::Error> {
        let Some((name, rest)) = self.path.split_first() else {
            let mut item = serde_json::Map::new();
            while let Some((name, value)) = members.next_entry::<String, Value>()? {
                item.insert(name, value);
            }
            return (self.take)(&Value::Object(item), self.above).map_err(|error| {
                *self.stopped = Some(error);
                serde::de::Error::custom("stopped")
            });
        };
        self.above.push(Members::new());
        while let Some(key) = members.next_key::<String>()? {
            let is_event = key == DATA && self.above.last().is_some_and(|own| own.contains_key(VERSION));
            if is_event {
                let Walk { path, above, take, stopped } = &mut self;
                members.next_value_seed(Walk { path, above, take: &mut **take, stopped })?;
            } else if key == *name {
                let Walk { above, take, stopped, .. } = &mut self;
                members.next_value_seed(Walk { path: rest, above, take: &mut **take, stopped })?;
            } else if let (Scalar(Some(value)), Some(own)) = (members.next_value::<Scalar>()?, self.above.last_mut())
            {
                own.insert(key, value);
            }
        }
        self.above.pop();
        Ok(())
    }

    // What is in the place of an item and is none.
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
        let levels = path.matches("../").count();
        let name = path.trim_start_matches("../");
        if levels > 0 {
            let above = self.above.get(self.above.len().checked_sub(levels)?)?.get(name)?;
            return Some(text_of(above, self.url_encoded)?.into_owned().into());
        }
        let mut value = self.value;
        for name in path.split('.') {
            value = match value {
                Value::Object(members) => members.get(name)?,
                Value::Array(items) => items.get(name.parse::<usize>().ok()?)?,
                _ => return None,
            };
        }
        text_of(value, self.url_encoded)
    }

    fn line(&self) -> Option<u64> {
        self.line
    }
}

/// `None` for what is no single value.
fn text_of(value: &Value, url_encoded: bool) -> Option<Cow<'_, str>> {
    let text = match value {
        Value::String(text) => Cow::Borrowed(text.as_str()),
        Value::Null | Value::Array(_) | Value::Object(_) => return None,
        other => Cow::Owned(other.to_string()),
    };
    Some(if url_encoded { decoded(text) } else { text })
}

/// A value that is kept if it is a single one; lists and objects, which may be of any size, are passed over.
struct Scalar(Option<Value>);

impl<'de> serde::Deserialize<'de> for Scalar {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Look;
        impl<'de> Visitor<'de> for Look {
            type Value = Scalar;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a value")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Scalar, A::Error> {
                while items.next_element::<IgnoredAny>()?.is_some() {}
                Ok(Scalar(None))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Scalar, A::Error> {
                while members.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Ok(Scalar(None))
            }

            fn visit_unit<E>(self) -> Result<Scalar, E> {
                Ok(Scalar(None))
            }

            fn visit_bool<E>(self, value: bool) -> Result<Scalar, E> {
                Ok(Scalar(Some(value.into())))
            }

            fn visit_i64<E>(self, value: i64) -> Result<Scalar, E> {
                Ok(Scalar(Some(value.into())))
            }

            fn visit_u64<E>(self, value: u64) -> Result<Scalar, E> {
                Ok(Scalar(Some(value.into())))
            }

            fn visit_f64<E>(self, value: f64) -> Result<Scalar, E> {
                Ok(Scalar(Some(value.into())))
            }

            fn visit_str<E>(self, value: &str) -> Result<Scalar, E> {
                Ok(Scalar(Some(value.into())))
            }
        }
        deserializer.deserialize_any(Look)
    }
}
