//! Asterisk's call detail records of ConfBridge (`Master.csv`), one per channel.
//!
//! Only with `ignorestatechanges=yes`, and with the room in `userfield`: without that option Asterisk writes one record
//! per pair of channels, of which neither the sum nor one per channel is right, so that such a file is refused whole.
//! The records know no conference: it is that of the room's legs that overlap. Therefore a file is read twice.

use std::collections::HashMap;

use csv::ByteRecord;

use super::mapping::Rules;
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
const NEEDED: [&str; 5] = ["answer", "end", "disposition", "uniqueid", "userfield"];

/// Reads whole files, twice.
#[derive(Debug)]
pub struct AsteriskCdr {
    pub(super) rules: Rules,
    times: Times,
    columns: HashMap<String, usize>,
}

/// What the first reading keeps of each leg.
struct Seen {
    room: String,
    joined: i64,
    left: i64,
    id: String,
}

impl AsteriskCdr {
    pub(super) fn new(settings: &ReaderSettings) -> Result<Self, String> {
        let names: Vec<String> = match settings.columns.as_slice() {
            [] => COLUMNS.map(ToOwned::to_owned).to_vec(),
            columns => columns.to_vec(),
        };
        if let Some(missing) = NEEDED.iter().find(|name| !names.iter().any(|own| own == *name)) {
            return Err(format!("columns: {missing} is missing"));
        }
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
        let conferences = conferences(self.survey(source)?);
        each(source, &mut |record| {
            let Some(mut leg) = self.leg(record).map_err_skip(output) else { return Ok(()) };
            leg.conference_id = conferences.get(&leg.leg_id).cloned().unwrap_or_else(|| leg.leg_id.clone());
            output.row(&leg)
        })
    }

    /// The first reading: that no channel has two different records, and who was in a room at the same time.
    fn survey(&self, source: &Source) -> Result<Vec<Seen>, ReaderError> {
        let (mut digests, mut seen, mut records) = (HashMap::new(), Vec::new(), 0_u64);
        each(source, &mut |record| {
            records += 1;
            let Ok(leg) = self.leg(record) else { return Ok(()) };
            let digest = sha256_hex(record.as_slice());
            match digests.insert(leg.leg_id.clone(), digest.clone()) {
                Some(before) if before != digest => return Err(several_records()),
                Some(_) => return Ok(()),
                None => {}
            }
            let instant = |text: &str| Times::Rfc3339.parse(text).map(|instant| instant.timestamp());
            if let (Some(joined), Some(left)) = (instant(&leg.joined_at), instant(&leg.left_at)) {
                seen.push(Seen { room: leg.room_number, joined, left, id: leg.leg_id });
            }
            Ok(())
        })?;
        if records > 0 && digests.is_empty() {
            let why = "no record has both a channel's uniqueid and a room: cdr.conf wants loguniqueid=yes and \
                       loguserfield=yes, the dialplan Set(CDR(userfield)=ROOM) and ignorestatechanges=yes; or another \
                       reader is meant (asterisk-cel is the better source)";
            return Err(ReaderError::Refused(why.into()));
        }
        Ok(seen)
    }

    /// The leg that a record holds, or why it surely holds none.
    fn leg(&self, record: &ByteRecord) -> Result<UsageRecord, &'static str> {
        let get = |column: &str| {
            let bytes = self.columns.get(column).and_then(|place| record.get(*place)).unwrap_or_default();
            String::from_utf8_lossy(bytes).into_owned()
        };
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

fn several_records() -> ReaderError {
    let why = "a channel has several different records: Asterisk writes one per pair of channels unless cdr.conf has \
               ignorestatechanges=yes (16.30, 18.16, 19.8, 20.1 or newer). Nothing of the file was taken";
    ReaderError::Refused(why.into())
}

/// The conference of each leg: the id of the earliest of the legs of its room that overlap, one after the other.
fn conferences(mut seen: Vec<Seen>) -> HashMap<String, String> {
    seen.sort_by(|a, b| (&a.room, a.joined, &a.id).cmp(&(&b.room, b.joined, &b.id)));
    let mut conferences = HashMap::new();
    let mut current: Option<(String, String, i64)> = None;
    for leg in seen {
        let (room, id, end) = match current.take() {
            Some((room, id, end)) if room == leg.room && leg.joined <= end => (room, id, end.max(leg.left)),
            _ => (leg.room, leg.id.clone(), leg.left),
        };
        conferences.insert(leg.id, id.clone());
        current = Some((room, id, end));
    }
    conferences
}
