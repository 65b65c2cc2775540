//! What a reader yields: rows, and counts of what it skipped.

use std::collections::BTreeMap;

use super::budget::Budget;
use super::waiting::Waiting;
use super::{ReaderError, UsageRecord};
use crate::intake::csv_record;
use crate::intake::fields::cleaned;

/// An item that cannot be read at all, as it stood there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnreadableItem {
    pub line: u64,
    pub text: Vec<u8>,
    pub reason: String,
}

/// That a file may be another reader's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Doubt {
    /// What it looks like, and what to do.
    pub words: String,
    /// It is known what wrote it, or its reader knew not one item of it.
    pub is_certain: bool,
}

/// What became of a file's items.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts {
    pub rows: u64,
    /// Per reason.
    pub skipped: BTreeMap<String, u64>,
    /// Items that cannot be read.
    pub unreadable: u64,
    /// Why nothing may have come of the file: another system's, or another form.
    pub doubt: Option<Doubt>,
}

/// Takes what a reader yields.
pub struct Output<'a> {
    take: &'a mut dyn FnMut(&UsageRecord) -> Result<(), ReaderError>,
    pub counts: Counts,
    /// Legs of which one end has not come yet: they go on into the next file.
    pub waiting: Waiting,
    pub unreadable: Vec<UnreadableItem>,
    /// Of the file that is being read; each item of it begins anew.
    pub(super) budget: Budget,
}

/// Items of one file that may be unreadable: beyond, it is the wrong reader.
const MOST_UNREADABLE: usize = 1000;
/// Bytes of an unreadable item that are kept.
const LONGEST_KEPT: usize = 64 * 1024;

impl<'a> Output<'a> {
    /// `take` is called for each row; its error ends the reading.
    pub fn new(take: &'a mut dyn FnMut(&UsageRecord) -> Result<(), ReaderError>) -> Self {
        Self {
            take,
            counts: Counts::default(),
            waiting: Waiting::default(),
            unreadable: Vec::new(),
            budget: Budget::default(),
        }
    }

    /// As [`Self::new`], going on with what earlier files left waiting.
    pub fn going_on(take: &'a mut dyn FnMut(&UsageRecord) -> Result<(), ReaderError>, waiting: Waiting) -> Self {
        Self { waiting, ..Self::new(take) }
    }

    /// A record with a control character in a value is none: a quotation mark was not closed, or two lines have run into one.
    pub(super) fn row(&mut self, record: &UsageRecord) -> Result<(), ReaderError> {
        self.budget.renew();
        if let Some((column, code)) = control_character(record) {
            let text = csv_record(record.fields().iter().map(|field| field.as_bytes()));
            let why = format!("{column} holds a control character (U+{code:04X}): is a quotation mark closed there?");
            return self.refuse(record.line, &text, &why);
        }
        self.counts.rows += 1;
        (self.take)(record)
    }

    /// Which item of the file the next one is, from 1.
    pub(super) fn next_place(&self) -> u64 {
        self.counts.items() + 1
    }

    /// Keeps an item that cannot be read; those after it are read.
    pub(super) fn refuse(&mut self, line: u64, text: &[u8], reason: &str) -> Result<(), ReaderError> {
        self.budget.renew();
        self.counts.unreadable += 1;
        if self.unreadable.len() >= MOST_UNREADABLE {
            let why = format!("more than {MOST_UNREADABLE} of its items cannot be read: is this the right reader?");
            return Err(ReaderError::Refused(why));
        }
        let text = text[..text.len().min(LONGEST_KEPT)].to_vec();
        self.unreadable.push(UnreadableItem { line, text, reason: reason.to_owned() });
        Ok(())
    }

    pub(super) fn skip(&mut self, reason: &str) {
        self.budget.renew();
        match self.counts.skipped.get_mut(reason) {
            Some(count) => *count += 1,
            None => {
                self.counts.skipped.insert(reason.to_owned(), 1);
            }
        }
    }
}

/// The first column whose value holds one, and which.
fn control_character(record: &UsageRecord) -> Option<(&'static str, u32)> {
    UsageRecord::COLUMNS.into_iter().zip(record.fields()).find_map(|(column, field)| {
        if field.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
            return None;
        }
        let text = String::from_utf8_lossy(cleaned(field.as_bytes()));
        text.chars().find(|character| character.is_control()).map(|character| (column, u32::from(character)))
    })
}

impl Counts {
    /// Rows, skipped and unreadable items together.
    pub fn items(&self) -> u64 {
        self.rows + self.unreadable + self.skipped.values().sum::<u64>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::intake::readers::{Reader, ReaderSettings, Source};

    fn settings(reader: &str) -> ReaderSettings {
        let map =
            [("leg_id", "{id}"), ("conference_id", "C"), ("room", "{r}"), ("joined_at", "{t}"), ("duration", "{s}")];
        ReaderSettings {
            reader: reader.into(),
            map: map.map(|(target, text)| (target.to_owned(), text.to_owned())).into(),
            times: Some("epoch".into()),
            each: (reader == "xml").then(|| "cdr/call".into()),
            ..ReaderSettings::default()
        }
    }

    #[test]
    fn a_value_with_a_control_character_is_an_item_that_cannot_be_used_and_costs_no_other() {
        let cdr = ReaderSettings {
            reader: "asterisk-cdr".into(),
            time_zone: Some("UTC".into()),
            columns: ["uniqueid", "answer", "end", "disposition", "userfield"].map(str::to_owned).into(),
            ..ReaderSettings::default()
        };
        let answered = "2009-05-06 12:14:00,2009-05-06 12:30:00,ANSWERED";
        for (settings, text) in [
            // The last quotation mark is not closed, so that the room is a line feed long.
            (cdr, format!("1,{answered},\"332703\"\n2,{answered},\"3\n")),
            (settings("delimited"), "id,r,t,s\nL1,332703,1241604862,60\nL2,\"3\n3\",1241604862,60\n".into()),
            (
                settings("json"),
                "{\"id\":1,\"r\":332703,\"t\":1241604862,\"s\":60}\n{\"id\":2,\"r\":\"3\\u00853\",\"t\":1241604862,\"s\":60}\n"
                    .into(),
            ),
            (
                settings("xml"),
                "<cdr><call><id>1</id><r>332703</r><t>1241604862</t><s>60</s></call>\
                 <call><id>2</id><r>3&#x7f;3</r><t>1241604862</t><s>60</s></call></cdr>"
                    .into(),
            ),
        ] {
            let (reader, mut rooms) = (Reader::new(&settings).unwrap(), Vec::new());
            let mut take = |record: &UsageRecord| {
                rooms.push(record.room_number.clone());
                Ok(())
            };
            let mut output = Output::new(&mut take);
            reader.read(&Source::of_bytes("x", text.into_bytes()), &mut output).unwrap();
            let (counts, refused) = (output.counts, output.unreadable);
            assert_eq!((counts.rows, counts.unreadable), (1, 1), "{}: {refused:?}", settings.reader);
            assert!(refused[0].reason.starts_with("room_number holds a control character (U+00"), "{refused:?}");
            assert_eq!(rooms, ["332703"]);
        }
    }
}
