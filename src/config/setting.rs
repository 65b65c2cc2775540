//! How one value is read: from TOML with its own type, or from a text, which is all that the environment has.
//!
//! figment would guess types from texts (`0123` becomes the number 123, and a password is lost), so a text stays a
//! text until the field that wants it parses it.

use std::fmt::{self, Display};
use std::marker::PhantomData;
use std::str::FromStr;

use serde::de::{Deserializer, Error, SeqAccess, Visitor};

/// A value that is written as one text.
pub trait Setting: FromStr<Err: Display> + Display {
    /// What is expected, for the error about a value of another type, for example `a duration such as "24h"`.
    const WANTED: &'static str;
}

impl Setting for crate::domain::AccountNumber {
    const WANTED: &'static str = "an account number in quotes";
}
impl Setting for crate::domain::Period {
    const WANTED: &'static str = "a month in quotes, as \"2026-10\"";
}
impl Setting for crate::domain::EmailAddress {
    const WANTED: &'static str = "an e-mail address in quotes";
}
impl Setting for crate::domain::Name {
    const WANTED: &'static str = "text in quotes";
}

/// `#[serde(with = "text")]`: a value written as a text.
pub mod text {
    use super::{Deserializer, Setting, TextVisitor};

    pub fn serialize<T: Setting, S: serde::Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(value)
    }

    pub fn deserialize<'de, T: Setting, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
        deserializer.deserialize_any(TextVisitor::new())
    }
}

/// `#[serde(with = "optional_text")]`: the same, where the empty text means "not set".
pub mod optional_text {
    use super::{Deserializer, OptionalVisitor, Setting, TextVisitor};

    #[expect(clippy::ref_option, reason = "serde calls it like this")]
    pub fn serialize<T: Setting, S: serde::Serializer>(value: &Option<T>, to: S) -> Result<S::Ok, S::Error> {
        match value {
            Some(value) => to.collect_str(value),
            None => to.serialize_none(),
        }
    }

    pub fn deserialize<'de, T: Setting, D: Deserializer<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
        deserializer.deserialize_any(OptionalVisitor(TextVisitor::new()))
    }
}

/// `#[serde(with = "list")]`: an array of texts, or one text as `a,b` or `["a", "b"]`.
pub mod list {
    use serde::ser::SerializeSeq;

    use super::{Deserializer, ListVisitor, Setting};

    pub fn serialize<T: Setting, S: serde::Serializer>(values: &[T], serializer: S) -> Result<S::Ok, S::Error> {
        let mut seq = serializer.serialize_seq(Some(values.len()))?;
        for value in values {
            seq.serialize_element(&value.to_string())?;
        }
        seq.end()
    }

    pub fn deserialize<'de, T: Setting, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<T>, D::Error> {
        deserializer.deserialize_any(ListVisitor(PhantomData))
    }

    use std::marker::PhantomData;
}

/// `#[serde(deserialize_with = "flag")]`: a boolean, or its name.
pub fn flag<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    deserializer.deserialize_any(FlagVisitor)
}

/// `#[serde(deserialize_with = "between::<1, 120, _, _>")]`: a whole number in bounds, both included.
pub fn between<'de, const LOW: u64, const HIGH: u64, T, D>(deserializer: D) -> Result<T, D::Error>
where
    T: TryFrom<u64>,
    D: Deserializer<'de>,
{
    deserializer.deserialize_any(NumberVisitor::<LOW, HIGH, T>(PhantomData))
}

/// The same for a number that may be missing, which the empty text also means.
pub fn optional_between<'de, const LOW: u64, const HIGH: u64, T, D>(deserializer: D) -> Result<Option<T>, D::Error>
where
    T: TryFrom<u64>,
    D: Deserializer<'de>,
{
    deserializer.deserialize_any(OptionalVisitor(NumberVisitor::<LOW, HIGH, T>(PhantomData)))
}

struct TextVisitor<T>(PhantomData<T>);

impl<T> TextVisitor<T> {
    fn new() -> Self {
        Self(PhantomData)
    }
}

impl<T: Setting> Visitor<'_> for TextVisitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(T::WANTED)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
        text.parse().map_err(E::custom)
    }
}

struct OptionalVisitor<V>(V);

impl<'de, V: Visitor<'de>> Visitor<'de> for OptionalVisitor<V> {
    type Value = Option<V::Value>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.expecting(f)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        if text.is_empty() { Ok(None) } else { self.0.visit_str(text).map(Some) }
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Self::Value, E> {
        self.0.visit_i64(number).map(Some)
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Self::Value, E> {
        self.0.visit_u64(number).map(Some)
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }
}

struct ListVisitor<T>(PhantomData<T>);

impl<'de, T: Setting> Visitor<'de> for ListVisitor<T> {
    type Value = Vec<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list in brackets")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Vec<T>, A::Error> {
        struct Element<T>(T);
        impl<'de, T: Setting> serde::Deserialize<'de> for Element<T> {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                text::deserialize(deserializer).map(Self)
            }
        }
        let mut values = Vec::new();
        while let Some(Element(value)) = seq.next_element()? {
            values.push(value);
        }
        Ok(values)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Vec<T>, E> {
        let text = text.trim();
        let inner = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
        let unquoted = |part: &str| {
            let part = part.trim();
            part.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(part).to_owned()
        };
        inner
            .split(',')
            .map(unquoted)
            .filter(|part| !part.is_empty())
            .map(|part| part.parse().map_err(|why: T::Err| E::custom(format!("holds {part:?}, which {why}"))))
            .collect()
    }
}

struct FlagVisitor;

impl Visitor<'_> for FlagVisitor {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("true or false")
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<bool, E> {
        Ok(value)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<bool, E> {
        text.parse().map_err(|_| E::custom("must be true or false"))
    }
}

struct NumberVisitor<const LOW: u64, const HIGH: u64, T>(PhantomData<T>);

impl<const LOW: u64, const HIGH: u64, T: TryFrom<u64>> NumberVisitor<LOW, HIGH, T> {
    fn checked<E: Error>(number: Option<u64>) -> Result<T, E> {
        number
            .filter(|number| (LOW..=HIGH).contains(number))
            .and_then(|number| T::try_from(number).ok())
            .ok_or_else(|| E::custom(format!("must be a whole number from {LOW} to {HIGH}")))
    }
}

impl<const LOW: u64, const HIGH: u64, T: TryFrom<u64>> Visitor<'_> for NumberVisitor<LOW, HIGH, T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a whole number from {LOW} to {HIGH}")
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<T, E> {
        Self::checked(Some(number))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<T, E> {
        Self::checked(u64::try_from(number).ok())
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
        Self::checked(text.trim().parse().ok())
    }
}
