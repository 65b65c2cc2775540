//! From a system's fields to the contract's columns: texts with `{column}` in them, filters, instants. No expressions.

use std::borrow::Cow;
use std::collections::BTreeMap;

use regex::Regex;

use super::times::{Times, after};
use super::{Output, ReaderError, ReaderSettings, Source, UsageRecord};
use crate::digest::sha256_hex;

/// The columns that `map` may name.
const TARGETS: [&str; 10] = [
    "leg_id",
    "conference_id",
    "room",
    "joined_at",
    "left_at",
    "duration",
    "service_type",
    "access_number",
    "caller",
    "billing_code",
];
const NEEDED: [&str; 4] = ["leg_id", "conference_id", "room", "joined_at"];

/// The fields of one item, by column or path.
pub(super) trait Fields {
    /// `None` where the item has no such field.
    fn get(&self, path: &str) -> Option<Cow<'_, str>>;

    /// The line on which the item begins, where that is known.
    fn line(&self) -> Option<u64> {
        None
    }
}

/// How items become rows.
#[derive(Debug)]
pub(super) struct Mapping {
    texts: BTreeMap<String, Template>,
    when: BTreeMap<String, Vec<String>>,
    times: Times,
    rules: Rules,
}

/// What all readers share: room, prefix of leg ids, default service type.
#[derive(Debug, Default)]
pub(super) struct Rules {
    room: Option<Room>,
    leg_prefix: String,
    default: String,
}

/// Where a room's number is in a system's own name for it.
#[derive(Debug)]
enum Room {
    /// Its first group.
    Pattern(Regex),
    Default(DefaultRoom),
}

/// Where it is unless the configuration says otherwise; a regular expression for each leg costs more than all the
/// rest.
#[derive(Debug, Clone, Copy)]
pub(super) enum DefaultRoom {
    /// `332703-conf.example.net`
    LeadingDigits,
    /// `332703,public_bridge,admin_user`
    UpToComma,
}

#[derive(Debug, Default)]
struct Template(Vec<TemplatePart>);

#[derive(Debug)]
enum TemplatePart {
    Text(String),
    Field(String),
    /// For items without an id of their own.
    Digest(Vec<String>),
    UuidInFileName,
    /// The day of an instant, in UTC: of systems that know rooms and no conferences.
    Day(String),
}

impl Mapping {
    pub(super) fn new(settings: &ReaderSettings) -> Result<Self, String> {
        let texts = settings.map.iter().map(|(target, text)| {
            if !TARGETS.contains(&target.as_str()) {
                return Err(format!("map.{target}: is none of {}", TARGETS.join(", ")));
            }
            Ok((target.clone(), Template::parse(text).map_err(|why| format!("map.{target}: {why}"))?))
        });
        let texts = texts.collect::<Result<BTreeMap<_, _>, String>>()?;
        if let Some(missing) = NEEDED.iter().find(|target| !texts.contains_key(**target)) {
            return Err(format!("map.{missing}: is missing"));
        }
        if texts.contains_key("left_at") == texts.contains_key("duration") {
            return Err("map: needs left_at or duration, one of them".into());
        }
        let times = settings.times.as_deref().ok_or("times: is missing")?;
        let times = Times::new(times, settings.zone()?)?;
        Ok(Self { texts, when: settings.when.clone(), times, rules: Rules::new(settings)? })
    }

    /// Refuses a table that lacks a column without which no row can be one.
    pub(super) fn expect_columns(&self, has: impl Fn(&str) -> bool) -> Result<(), ReaderError> {
        let wanted = NEEDED.iter().filter_map(|target| self.texts.get(*target)).flat_map(|text| &text.0);
        let missing = wanted.filter_map(|part| match part {
            TemplatePart::Field(column) if !has(column) => Some(column.as_str()),
            _ => None,
        });
        match missing.min() {
            None => Ok(()),
            Some(column) => {
                let why = format!("the header has no column {column:?}: is this the right reader?");
                Err(ReaderError::Refused(why))
            }
        }
    }

    /// Hands the item on as a row, or counts it as skipped.
    pub(super) fn apply(
        &self,
        item: &impl Fields,
        source: &Source,
        output: &mut Output<'_>,
    ) -> Result<(), ReaderError> {
        for (column, values) in &self.when {
            let value = item.get(column).unwrap_or_default();
            if !values.iter().any(|wanted| *wanted == value) {
                output.skip(&format!("another {column}"));
                return Ok(());
            }
        }
        if self.is_of_another_kind(item) {
            output.skip("another kind of item");
            return Ok(());
        }
        let text = |target: &str| {
            self.texts.get(target).map(|text| text.fill(item, source, &self.times)).unwrap_or_default()
        };
        let joined_at = self.times.rewrite(&text("joined_at"));
        let left_at = match self.texts.get("duration") {
            Some(seconds) => after(&joined_at, &seconds.fill(item, source, &self.times)).unwrap_or_default(),
            None => self.times.rewrite(&text("left_at")),
        };
        let mut record = UsageRecord {
            leg_id: text("leg_id"),
            conference_id: text("conference_id"),
            room_number: text("room"),
            service_type: text("service_type"),
            joined_at,
            left_at,
            caller: text("caller"),
            billing_code: text("billing_code"),
            access_number: text("access_number"),
            line: item.line().unwrap_or_else(|| output.next_place()),
        };
        self.rules.finish(&mut record);
        output.row(&record)
    }
}

impl Mapping {
    /// Whether it has none of the fields that make an id and none that make a beginning: every leg has one of them.
    fn is_of_another_kind(&self, item: &impl Fields) -> bool {
        let made_of = ["leg_id", "joined_at"].into_iter().filter_map(|target| self.texts.get(target));
        let mut fields = made_of.flat_map(Template::fields).peekable();
        fields.peek().is_some() && fields.all(|field| item.get(field).is_none())
    }
}

impl Rules {
    pub(super) fn new(settings: &ReaderSettings) -> Result<Self, String> {
        let room = settings.room.as_deref().map(room_pattern).transpose()?.map(Room::Pattern);
        let leg_prefix = match settings.leg_prefix.as_deref() {
            None | Some("") => String::new(),
            Some(prefix) => format!("{prefix}/"),
        };
        Ok(Self { room, leg_prefix, default: settings.default.clone().unwrap_or_default() })
    }

    /// With a place of the room where no pattern is set.
    pub(super) fn with_room(mut self, place: DefaultRoom) -> Self {
        self.room.get_or_insert(Room::Default(place));
        self
    }

    /// The room within a system's own name for it; the name itself where it does not look as expected.
    pub(super) fn room<'a>(&self, name: &'a str) -> &'a str {
        match &self.room {
            None => name,
            Some(Room::Pattern(pattern)) => {
                pattern.captures(name).and_then(|found| found.get(1)).map_or(name, |group| group.as_str())
            }
            Some(Room::Default(DefaultRoom::UpToComma)) => name.split(',').next().unwrap_or(name),
            Some(Room::Default(DefaultRoom::LeadingDigits)) => {
                match name.find(|sign: char| !sign.is_ascii_digit()).unwrap_or(name.len()) {
                    0 => name,
                    digits => &name[..digits],
                }
            }
        }
    }

    /// Room, prefix and default; the default counts only where there is no number either.
    pub(super) fn finish(&self, record: &mut UsageRecord) {
        let room = self.room(&record.room_number);
        if room.len() != record.room_number.len() {
            record.room_number = room.to_owned();
        }
        if !self.leg_prefix.is_empty() && !record.leg_id.is_empty() {
            record.leg_id.insert_str(0, &self.leg_prefix);
        }
    }

    /// For what no access number is known for; empty if there is no default.
    pub(super) fn default(&self) -> &str {
        &self.default
    }
}

fn room_pattern(pattern: &str) -> Result<Regex, String> {
    let regex = Regex::new(pattern).map_err(|_| format!("room: {pattern:?} is not a regular expression"))?;
    if regex.captures_len() < 2 {
        return Err(format!("room: {pattern:?} has no group ( ) that is the room"));
    }
    Ok(regex)
}

impl Mapping {
    pub(super) fn default(&self) -> &str {
        self.rules.default()
    }
}

impl Template {
    fn parse(text: &str) -> Result<Self, String> {
        let (mut parts, mut rest) = (Vec::new(), text);
        while let Some((before, after)) = rest.split_once('{') {
            if !before.is_empty() {
                parts.push(TemplatePart::Text(before.to_owned()));
            }
            let (name, after) = after.split_once('}').ok_or_else(|| format!("{text:?} lacks a closing brace"))?;
            parts.push(TemplatePart::parse(name)?);
            rest = after;
        }
        if !rest.is_empty() {
            parts.push(TemplatePart::Text(rest.to_owned()));
        }
        if parts.is_empty() { Err("is empty".into()) } else { Ok(Self(parts)) }
    }

    /// The fields that it is made of.
    fn fields(&self) -> impl Iterator<Item = &str> {
        self.0
            .iter()
            .flat_map(|part| match part {
                TemplatePart::Field(path) | TemplatePart::Day(path) => std::slice::from_ref(path),
                TemplatePart::Digest(paths) => paths.as_slice(),
                TemplatePart::Text(_) | TemplatePart::UuidInFileName => &[],
            })
            .map(String::as_str)
    }

    /// Fields that an item lacks are empty.
    fn fill(&self, item: &impl Fields, source: &Source, times: &Times) -> String {
        let mut text = String::new();
        for part in &self.0 {
            match part {
                TemplatePart::Text(words) => text.push_str(words),
                TemplatePart::Field(path) => text.push_str(&item.get(path).unwrap_or_default()),
                TemplatePart::Digest(paths) => {
                    let values: Vec<_> = paths.iter().map(|path| item.get(path).unwrap_or_default()).collect();
                    text.push_str(&sha256_hex(values.join("\n").as_bytes())[..DIGEST_DIGITS]);
                }
                TemplatePart::Day(path) => {
                    let instant = item.get(path).map(|text| times.rewrite(&text)).unwrap_or_default();
                    text.push_str(instant.get(..DAY).unwrap_or_default());
                }
                TemplatePart::UuidInFileName => text.push_str(source.uuid_in_name().unwrap_or_default()),
            }
        }
        text
    }
}

/// Bytes of `2009-05-06`.
const DAY: usize = "2009-05-06".len();
/// Length of a digest that is used as an id: 128 bits.
const DIGEST_DIGITS: usize = 32;

impl TemplatePart {
    fn parse(name: &str) -> Result<Self, String> {
        match name.split_once(':') {
            Some(("file", "uuid")) => Ok(Self::UuidInFileName),
            Some(("sha256", paths)) => {
                Ok(Self::Digest(paths.split(',').map(|path| path.trim().to_owned()).collect()))
            }
            Some(("day", path)) => Ok(Self::Day(path.trim().to_owned())),
            _ if name.trim().is_empty() => Err("has empty braces".into()),
            _ => Ok(Self::Field(name.to_owned())),
        }
    }
}

/// Without percent-encoding, in UTF-8; as it is where there is none.
pub(super) fn decoded(text: Cow<'_, str>) -> Cow<'_, str> {
    if !text.contains('%') {
        return text;
    }
    Cow::Owned(percent_encoding::percent_decode_str(&text).decode_utf8_lossy().into_owned())
}
