//! Asterisk's channel event log of ConfBridge, as `cel_custom` writes it.
//!
//! The events BRIDGE_ENTER and BRIDGE_EXIT hold what a leg is: `bridge_id` in `extra` is the conference, the time of the
//! enter the true join (an answer comes before the PIN), `appdata` begins with the room. Plain call detail records do not:
//! since Asterisk 12 they hold one record per pair of channels.

use std::collections::HashMap;

use csv::ByteRecord;
use serde::Deserialize;

use super::mapping::Rules;
use super::times::Times;
use super::{Output, ReaderError, ReaderSettings, Source, UsageRecord};

/// Of `cel_custom.conf.sample`.
const COLUMNS: [&str; 20] = [
    "eventtype",
    "eventtime",
    "cidname",
    "cidnum",
    "cidani",
    "cidrdnis",
    "ciddnid",
    "exten",
    "context",
    "channame",
    "appname",
    "appdata",
    "amaflags",
    "accountcode",
    "uniqueid",
    "linkedid",
    "bridgepeer",
    "userfield",
    "userdeftype",
    "eventextra",
];
/// `332703,public_bridge,admin_user`: up to the comma.
const ROOM: &str = "^([^,]*)";
/// The columns without which nothing can be said.
const NEEDED: [&str; 5] = ["eventtype", "eventtime", "appdata", "uniqueid", "eventextra"];

/// Reads pairs of enter and exit.
#[derive(Debug)]
pub struct AsteriskCel {
    pub(super) rules: Rules,
    times: Times,
    columns: HashMap<String, usize>,
}

/// `extra` of an event of a bridge.
#[derive(Deserialize)]
struct Extra {
    bridge_id: String,
}

struct Event<'a> {
    reader: &'a AsteriskCel,
    record: &'a ByteRecord,
}

impl AsteriskCel {
    pub(super) fn new(settings: &ReaderSettings) -> Result<Self, String> {
        let names: Vec<String> = match settings.columns.as_slice() {
            [] => COLUMNS.map(ToOwned::to_owned).to_vec(),
            columns => columns.to_vec(),
        };
        if let Some(missing) = NEEDED.iter().find(|name| !names.iter().any(|own| own == *name)) {
            return Err(format!("columns: {missing} is missing"));
        }
        let times = Times::new(settings.times.as_deref().unwrap_or("epoch"), settings.zone()?)?;
        let columns = names.into_iter().enumerate().map(|(place, name)| (name, place)).collect();
        Ok(Self { rules: Rules::new(settings)?.with_room(ROOM)?, times, columns })
    }

    pub(super) fn read(&self, source: &Source, output: &mut Output<'_>) -> Result<(), ReaderError> {
        let mut records = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(source.open()?);
        let mut record = ByteRecord::new();
        while records.read_byte_record(&mut record).map_err(|error| ReaderError::from_csv(&error))? {
            source.budget.renew();
            self.event(&Event { reader: self, record: &record }, output)?;
        }
        Ok(())
    }

    fn event(&self, event: &Event<'_>, output: &mut Output<'_>) -> Result<(), ReaderError> {
        let is_enter = match &*event.get("eventtype") {
            "BRIDGE_ENTER" => true,
            "BRIDGE_EXIT" => false,
            _ => {
                output.skip("another event");
                return Ok(());
            }
        };
        if !event.get("appname").eq_ignore_ascii_case("ConfBridge") {
            output.skip("another application");
            return Ok(());
        }
        let Ok(Extra { bridge_id }) = serde_json::from_str(&event.get("eventextra")) else {
            output.skip("bridge without an id");
            return Ok(());
        };
        let key = format!("{bridge_id}/{}", event.get("uniqueid"));
        let whole = if is_enter {
            output.waiting.begin(&key, self.entered(event, bridge_id))
        } else {
            output.waiting.end(&key, self.times.rewrite(&event.get("eventtime")))
        };
        whole.map_or(Ok(()), |leg| output.row(&leg))
    }

    fn entered(&self, event: &Event<'_>, bridge_id: String) -> UsageRecord {
        let mut record = UsageRecord {
            leg_id: format!("{bridge_id}/{}/{}", event.get("uniqueid"), event.get("eventtime")),
            conference_id: bridge_id,
            room_number: event.get("appdata"),
            joined_at: self.times.rewrite(&event.get("eventtime")),
            caller: event.get("cidnum"),
            billing_code: event.get("accountcode"),
            access_number: event.get("ciddnid"),
            line: event.record.position().map_or(0, csv::Position::line),
            ..UsageRecord::default()
        };
        self.rules.finish(&mut record);
        record
    }
}

impl Event<'_> {
    /// Empty where the event has no such column.
    fn get(&self, column: &str) -> String {
        let place = self.reader.columns.get(column);
        let bytes = place.and_then(|place| self.record.get(*place)).unwrap_or_default();
        String::from_utf8_lossy(bytes).into_owned()
    }
}
