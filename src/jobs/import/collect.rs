//! What readers yield, gathered into batches that know which file each row came from.
//!
//! Files of a bridge are small and many, so that a batch holds the rows of several; one that cannot be read whole
//! leaves nothing behind in the batch in which it begins.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use crate::domain::Leg;
use crate::intake::readers::{Doubt, Output, Reader, ReaderError, Source, UnreadableItem, UsageRecord, Waiting};
use crate::intake::{Batch, Columns, FileError, Record, Refusal, Row, UsageRows};
use crate::jobs::import::convert::service_type_of;
use crate::jobs::import::entry::{Entry, Knowledge};

/// Rows that are stored together: enough to make the fixed cost small, few enough to hold in memory several times.
pub(crate) const ROWS_PER_BATCH: usize = 20_000;

/// The column that is named for an item that cannot be read at all; its record holds the item as it was.
pub(crate) const ITEM: &str = "item";

/// Rows that are stored together, of several files or of a part of one.
pub(crate) struct Group {
    pub batch: Batch<Leg>,
    pub origins: Origins,
    pub parts: Vec<FileRows>,
    /// What waits for its other end has changed.
    pub waiting: Vec<(String, Vec<UsageRecord>)>,
}

/// The rows of one file in a group.
#[derive(Debug)]
pub(crate) struct FileRows {
    /// Of the files that were read, in the order in which they were.
    pub file: usize,
    pub entries: Range<usize>,
    /// The numbers of its rows, refused ones among them.
    pub numbers: Range<u64>,
    /// By reason; known once the file has been read to its end.
    pub skipped: BTreeMap<String, u64>,
}

/// Where the rows of a group come from; they are numbered from 0.
#[derive(Debug, Default)]
pub(crate) struct Origins {
    /// The first number of each file.
    files: Vec<(u64, Arc<str>)>,
    lines: Vec<u64>,
}

/// Reads one file after the other.
pub(crate) struct Collector {
    reader: Arc<Reader>,
    knowledge: Knowledge,
    columns: Columns,
    rows: UsageRows<Knowledge>,
    group: Group,
    /// Files that were begun.
    files: usize,
}

/// Takes a group that is full; false if the receiver wants no more.
pub(crate) type Flush<'a> = &'a mut dyn FnMut(Group) -> bool;

impl Collector {
    pub(crate) fn new(reader: Arc<Reader>, knowledge: Knowledge) -> Result<Self, FileError> {
        let columns = columns()?;
        let rows = Leg::rows(&knowledge);
        Ok(Self { reader, knowledge, columns, rows, group: Group::new(), files: 0 })
    }

    /// Reads `source`; `flush` takes each group that gets full on the way.
    ///
    /// Returns why the file may be another reader's. An error leaves out what the file has given to the group at hand.
    pub(crate) fn read(
        &mut self,
        (source, name): (&Source, &str),
        waiting: &mut Waiting,
        flush: Flush<'_>,
        check: &mut dyn FnMut() -> Result<(), ReaderError>,
    ) -> Result<Option<Doubt>, ReaderError> {
        self.begin(name);
        let reader = Arc::clone(&self.reader);
        let mut gone = false;
        let mut take = |record: &UsageRecord| {
            self.add(record);
            if self.is_full() {
                let name = name.to_owned();
                gone = !flush(self.split(&name));
            }
            if gone { Err(ReaderError::Stopped) } else { Ok(()) }
        };
        let mut output = Output::going_on(&mut take, std::mem::take(waiting));
        let read = reader.read(source, &mut output).and_then(|()| check());
        let (counts, unreadable) = (output.counts, output.unreadable);
        *waiting = output.waiting;
        if let Err(error) = read {
            waiting.undo();
            self.drop_part();
            return Err(error);
        }
        for item in unreadable {
            self.refuse(&item);
        }
        let doubt = counts.doubt;
        if let Some(part) = self.group.parts.last_mut() {
            part.skipped = counts.skipped;
        }
        self.group.waiting.extend(waiting.take_changes());
        self.end_part();
        Ok(doubt)
    }

    /// Rows that are in no file, taken as part of a file of this name.
    pub(crate) fn add_refused(&mut self, name: &str, records: &[UsageRecord], refusal: &Refusal) {
        self.begin(name);
        for record in records {
            let number = self.group.origins.next(record.line);
            self.group.batch.add(&self.record(number, record), Err(refusal.clone()));
        }
        self.end_part();
    }

    /// An item that no reader can read, as the part of a file of this name.
    pub(crate) fn add_unreadable(&mut self, name: &str, item: &UnreadableItem) {
        self.begin(name);
        self.refuse(item);
        self.end_part();
    }

    /// What was gathered; an empty group begins.
    pub(crate) fn take(&mut self) -> Group {
        std::mem::replace(&mut self.group, Group::new())
    }

    /// How many files were begun.
    pub(crate) fn files(&self) -> usize {
        self.files
    }

    pub(crate) fn is_full(&self) -> bool {
        self.group.batch.rows() >= ROWS_PER_BATCH || self.group.batch.is_full()
    }

    fn begin(&mut self, name: &str) {
        let file = self.files;
        self.files += 1;
        self.begin_part(file, name);
    }

    fn begin_part(&mut self, file: usize, name: &str) {
        let (entries, number) = (self.group.batch.entries.len(), self.group.origins.lines.len() as u64);
        self.group.origins.files.push((number, Arc::from(name)));
        let (entries, numbers) = (entries..entries, number..number);
        self.group.parts.push(FileRows { file, entries, numbers, skipped: BTreeMap::new() });
    }

    fn end_part(&mut self) {
        let Group { batch, origins, parts, .. } = &mut self.group;
        if let Some(part) = parts.last_mut() {
            part.entries.end = batch.entries.len();
            part.numbers.end = origins.lines.len() as u64;
        }
    }

    /// Ends the group in the middle of a file.
    fn split(&mut self, name: &str) -> Group {
        self.end_part();
        let file = self.group.parts.last().map_or(0, |part| part.file);
        let group = self.take();
        self.begin_part(file, name);
        group
    }

    /// Removes the rows of the last file.
    fn drop_part(&mut self) {
        let Some(part) = self.group.parts.pop() else { return };
        let Group { batch, origins, .. } = &mut self.group;
        origins.files.pop();
        origins.lines.truncate(usize::try_from(part.numbers.start).unwrap_or_default());
        let is_before = |refused: &&crate::intake::Refused| refused.record.line() < part.numbers.start;
        let refused = batch.refused.iter().take_while(is_before).count();
        batch.truncate(part.entries.start, refused);
    }

    fn add(&mut self, record: &UsageRecord) {
        let number = self.group.origins.next(record.line);
        let record = self.record(number, record);
        let read = Row::new(&self.columns, &record).read_by(&mut self.rows);
        self.group.batch.add(&record, read);
    }

    fn record(&self, number: u64, record: &UsageRecord) -> Record {
        let service_type = service_type_of(record, &self.reader, &self.knowledge.directory);
        let mut fields = record.fields();
        fields[3] = &service_type;
        Record::of_fields(number, fields.iter().map(|field| field.as_bytes()))
    }

    fn refuse(&mut self, item: &UnreadableItem) {
        let number = self.group.origins.next(item.line);
        let record = Record::of_fields(number, [item.text.as_slice()]);
        self.group.batch.add(&record, Err(Refusal::column(ITEM, item.reason.as_str())));
    }
}

/// The columns of the rows that a collector makes.
pub(crate) fn columns() -> Result<Columns, FileError> {
    Columns::of_names::<<Leg as Entry>::Rows>(&UsageRecord::COLUMNS)
}

impl Group {
    fn new() -> Self {
        Self { batch: Batch::with_capacity(0), origins: Origins::default(), parts: Vec::new(), waiting: Vec::new() }
    }
}

impl Origins {
    fn next(&mut self, line: u64) -> u64 {
        self.lines.push(line);
        self.lines.len() as u64 - 1
    }

    /// File and line of the row with this number.
    pub(crate) fn of(&self, number: u64) -> (Arc<str>, u64) {
        let place = self.files.partition_point(|(first, _)| *first <= number);
        let file = place.checked_sub(1).and_then(|place| self.files.get(place));
        let line = usize::try_from(number).ok().and_then(|number| self.lines.get(number)).copied();
        (file.map_or_else(|| Arc::from(""), |(_, file)| Arc::clone(file)), line.unwrap_or_default())
    }
}
