//! What a reader yields: rows, and counts of what it skipped.

use std::collections::{BTreeMap, HashMap};

use super::ReaderError;

/// The contract's columns of one leg, as text. What a bridge does not know is empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UsageRecord {
    pub leg_id: String,
    pub conference_id: String,
    pub room_number: String,
    pub service_type: String,
    pub joined_at: String,
    pub left_at: String,
    pub caller: String,
    pub billing_code: String,
    /// The dialled number, by which the service type is found where the bridge does not name one.
    pub access_number: String,
}

/// What became of a file's items.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts {
    pub rows: u64,
    /// Per reason.
    pub skipped: BTreeMap<String, u64>,
}

/// Takes what a reader yields.
pub struct Output<'a> {
    take: &'a mut dyn FnMut(&UsageRecord) -> Result<(), ReaderError>,
    pub counts: Counts,
    /// Legs whose end has not come yet, by the key that their end will have: they go on into the next file.
    pub waiting: HashMap<String, UsageRecord>,
}

impl UsageRecord {
    /// Columns in the order of [`UsageRecord::fields`].
    pub const COLUMNS: [&'static str; 9] = [
        "leg_id",
        "conference_id",
        "room_number",
        "service_type",
        "joined_at",
        "left_at",
        "caller",
        "billing_code",
        "access_number",
    ];

    pub fn fields(&self) -> [&str; 9] {
        [
            &self.leg_id,
            &self.conference_id,
            &self.room_number,
            &self.service_type,
            &self.joined_at,
            &self.left_at,
            &self.caller,
            &self.billing_code,
            &self.access_number,
        ]
    }
}

impl<'a> Output<'a> {
    /// `take` is called for each row; its error ends the reading.
    pub fn new(take: &'a mut dyn FnMut(&UsageRecord) -> Result<(), ReaderError>) -> Self {
        Self { take, counts: Counts::default(), waiting: HashMap::new() }
    }

    pub(super) fn row(&mut self, record: &UsageRecord) -> Result<(), ReaderError> {
        self.counts.rows += 1;
        (self.take)(record)
    }

    pub(super) fn skip(&mut self, reason: &str) {
        match self.counts.skipped.get_mut(reason) {
            Some(count) => *count += 1,
            None => {
                self.counts.skipped.insert(reason.to_owned(), 1);
            }
        }
    }
}

impl Counts {
    /// Rows and skipped items together.
    pub fn items(&self) -> u64 {
        self.rows + self.skipped.values().sum::<u64>()
    }
}
