//! Asterisk's call detail records of ConfBridge (`Master.csv`), one per channel.
//!
//! Only with `ignorestatechanges=yes`, and with the room in `userfield`: without that option Asterisk writes one
//! record per pair of channels, from which legs cannot be computed, so such a file is refused whole. The records name
//! no conference: legs of one room that overlap make one. Therefore a file is sorted before it yields a row: its legs
//! come by room and beginning.

use std::borrow::Cow;
use std::collections::HashMap;

use csv::ByteRecord;

use super::mapping::Rules;
use super::sorting::{Sorted, Sorter};
use super::times::Times;
use super::{Output, ReaderError, ReaderSettings, Source, UsageRecord};
use crate::digest::sha256_hex;

/// Of `cdr.conf` with loguniqueid and loguserfield, as it is shipped.
const COLUMNS: [&str; 18] = [
    "accountcode",
    "src",
    "dst",
    "dcontext",
    "clid",
    "channel",
    "dstchannel",
    "lastapp",
    "lastdata",
    "start",
    "answer",
    "end",
    "duration",
    "billsec",
    "disposition",
    "amaflags",
    "uniqueid",
    "userfield",
];
const TIMES: &str = "%Y-%m-%d %H:%M:%S";
/// Dispositions of calls that were not answered.
const UNANSWERED: [&str; 4] = ["NO ANSWER", "BUSY", "FAILED", "CONGESTION"];
const NEEDED: [&str; 5] = ["answer", "end", "disposition", "uniqueid", "userfield"];

/// Reads whole files.
#[derive(Debug)]
pub struct AsteriskCdr {
    pub(super) rules: Rules,
    times: Times,
    columns: HashMap<String, usize>,
}

impl AsteriskCdr {
    pub(super) fn new(settings: &ReaderSettings) -> Result<Self, String> {
        let names = settings.column_names(&COLUMNS, &NEEDED)?;
        if settings.times.is_none() && settings.time_zone.is_none() {
            let why =
                "time_zone: is missing: the records have local time, or UTC with usegmtime=yes, and do not say which";
            return Err(why.into());
        }
        let times = Times::new(settings.times.as_deref().unwrap_or(TIMES), settings.zone()?)?;
        let columns = names.into_iter().enumerate().map(|(place, name)| (name, place)).collect();
        Ok(Self { rules: Rules::new(settings)?, times, columns })
    }

    pub(super) fn read(&self, source: &Source, output: &mut Output<'_>) -> Result<(), ReaderError> {
        let (mut by_channel, mut by_room) = (Sorter::by_first_fields(1), Sorter::by_first_fields(3));
        let (mut legs, mut is_wrong) = (0_u64, false);
        each(source, &mut |record| {
            is_wrong |= self.is_written_otherwise(record);
            let Some(leg) = self.leg(record).map_err_skip(output) else { return Ok(()) };
            legs += 1;
            by_channel.add([leg.leg_id.as_bytes(), sha256_hex(record.as_slice()).as_bytes()][..].into())?;
            by_room.add(packed(&leg))?;
            Ok(())
        })?;
        // A file of a day without a conference is not wrong, and passes.
        if is_wrong && legs == 0 {
            let why = "no record has both a channel's uniqueid and a room: cdr.conf wants loguniqueid=yes and \
                       loguserfield=yes, the dialplan Set(CDR(userfield)=ROOM) and ignorestatechanges=yes; or another \
                       reader is meant (asterisk-cel is the better source)";
            return Err(ReaderError::Refused(why.into()));
        }
        refuse_several_records(by_channel.finish()?)?;
        let (mut by_room, mut conference) = (by_room.finish()?, None);
        while let Some(row) = by_room.next()? {
            let mut leg = unpacked(&row);
            leg.conference_id = Conference::of(&leg, &mut conference);
            output.row(&leg)?;
        }
        Ok(())
    }

    fn text<'a>(&self, record: &'a ByteRecord, column: &str) -> Cow<'a, str> {
        let bytes = self.columns.get(column).and_then(|place| record.get(*place)).unwrap_or_default();
        String::from_utf8_lossy(bytes)
    }

    /// Whether it is no record of Asterisk, or one that lacks what `cdr.conf` and the dialplan should give a
    /// conference's leg.
    fn is_written_otherwise(&self, record: &ByteRecord) -> bool {
        let lacks = |column: &str| self.text(record, column).is_empty();
        let disposition = self.text(record, "disposition");
        if disposition != "ANSWERED" {
            return !UNANSWERED.contains(&&*disposition);
        }
        lacks("uniqueid") || lacks("userfield") && self.text(record, "lastapp") == "ConfBridge"
    }

    /// The leg that a record holds, or why it surely holds none.
    fn leg(&self, record: &ByteRecord) -> Result<UsageRecord, &'static str> {
        let get = |column: &str| self.text(record, column).into_owned();
        if get("disposition") != "ANSWERED" {
            return Err("not answered");
        }
        if get("userfield").is_empty() {
            return Err("no room");
        }
        if get("uniqueid").is_empty() {
            return Err("no uniqueid");
        }
        let mut leg = UsageRecord {
            leg_id: get("uniqueid"),
            room_number: get("userfield"),
            joined_at: self.times.rewrite(&get("answer")),
            left_at: self.times.rewrite(&get("end")),
            caller: get("src"),
            billing_code: get("accountcode"),
            access_number: get("dst"),
            line: record.position().map_or(0, csv::Position::line),
            ..UsageRecord::default()
        };
        self.rules.finish(&mut leg);
        Ok(leg)
    }
}

/// Hands on each record of the file.
fn each(source: &Source, take: &mut dyn FnMut(&ByteRecord) -> Result<(), ReaderError>) -> Result<(), ReaderError> {
    let mut records = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(source.open()?);
    let mut record = ByteRecord::new();
    while records.read_byte_record(&mut record).map_err(|error| ReaderError::from_csv(&error))? {
        source.budget.renew();
        take(&record)?;
    }
    Ok(())
}

/// A record that is skipped is counted, and is no row.
trait Skip {
    fn map_err_skip(self, output: &mut Output<'_>) -> Option<UsageRecord>;
}

impl Skip for Result<UsageRecord, &'static str> {
    fn map_err_skip(self, output: &mut Output<'_>) -> Option<UsageRecord> {
        self.map_err(|reason| output.skip(reason)).ok()
    }
}

/// A channel has one record, perhaps written twice.
fn refuse_several_records(mut by_channel: Sorted) -> Result<(), ReaderError> {
    let mut before = ByteRecord::new();
    while let Some(row) = by_channel.next()? {
        if row.get(0) == before.get(0) && row.get(1) != before.get(1) {
            let why = "a channel has several different records: Asterisk writes one per pair of channels unless \
                       cdr.conf has ignorestatechanges=yes (16.30, 18.16, 19.8, 20.1 or newer). Nothing of the file was taken";
            return Err(ReaderError::Refused(why.into()));
        }
        before = row;
    }
    Ok(())
}

/// Legs of one room that overlap, one after the other; its id is that of the earliest.
struct Conference {
    room: String,
    id: String,
    ends: i64,
}

impl Conference {
    /// The conference of a leg, of legs that come by room and beginning.
    fn of(leg: &UsageRecord, current: &mut Option<Self>) -> String {
        let instant = |text: &str| Times::Rfc3339.parse(text).map(|instant| instant.timestamp());
        // A leg that cannot be used makes a conference of its own, and is refused by the later check.
        let (Some(joined), Some(left)) = (instant(&leg.joined_at), instant(&leg.left_at)) else {
            return leg.leg_id.clone();
        };
        match current {
            Some(conference) if conference.room == leg.room_number && joined <= conference.ends => {
                conference.ends = conference.ends.max(left);
                conference.id.clone()
            }
            _ => {
                *current = Some(Self { room: leg.room_number.clone(), id: leg.leg_id.clone(), ends: left });
                leg.leg_id.clone()
            }
        }
    }
}

/// The leg as a row that is sorted by room, beginning and id.
fn packed(leg: &UsageRecord) -> ByteRecord {
    let line = leg.line.to_string();
    let fields = [
        &leg.room_number,
        &leg.joined_at,
        &leg.leg_id,
        &leg.left_at,
        &leg.caller,
        &leg.billing_code,
        &leg.access_number,
        &line,
    ];
    ByteRecord::from(fields.map(|field| field.as_bytes()).as_slice())
}

fn unpacked(row: &ByteRecord) -> UsageRecord {
    let field = |place: usize| String::from_utf8_lossy(row.get(place).unwrap_or_default()).into_owned();
    UsageRecord {
        room_number: field(0),
        joined_at: field(1),
        leg_id: field(2),
        left_at: field(3),
        caller: field(4),
        billing_code: field(5),
        access_number: field(6),
        line: field(7).parse().unwrap_or_default(),
        ..UsageRecord::default()
    }
}
