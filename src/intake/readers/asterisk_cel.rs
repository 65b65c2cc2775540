//! Asterisk's channel event log of ConfBridge, as `cel_custom` writes it.
//!
//! The events BRIDGE_ENTER and BRIDGE_EXIT hold what a leg is: `bridge_id` in `extra` is the conference, the time of
//! the enter the true join (an answer comes before the PIN), `appdata` begins with the room. Plain call detail
//! records do not: since Asterisk 12 they hold one record per pair of channels.

use std::borrow::Cow;

use csv::ByteRecord;
use serde::Deserialize;

use super::mapping::{DefaultRoom, Rules};
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
/// The columns that are required.
const NEEDED: [&str; 5] = ["eventtype", "eventtime", "appdata", "uniqueid", "eventextra"];

/// Reads pairs of enter and exit.
#[derive(Debug)]
pub struct AsteriskCel {
    pub(super) rules: Rules,
    times: Times,
    places: Places,
}

/// Where in a record the columns are that are read.
#[derive(Debug, Clone, Copy)]
struct Places {
    event_type: Option<usize>,
    event_time: Option<usize>,
    application: Option<usize>,
    application_data: Option<usize>,
    channel: Option<usize>,
    extra: Option<usize>,
    caller: Option<usize>,
    dialled: Option<usize>,
    account: Option<usize>,
}

/// `extra` of an event of a bridge.
#[derive(Deserialize)]
struct Extra<'a> {
    #[serde(borrow)]
    bridge_id: Cow<'a, str>,
}

impl AsteriskCel {
    pub(super) fn new(settings: &ReaderSettings) -> Result<Self, String> {
        let names = settings.column_names(&COLUMNS, &NEEDED)?;
        let times = Times::new(settings.times.as_deref().unwrap_or("epoch"), settings.zone()?)?;
        let place = |column: &str| names.iter().position(|name| name == column);
        let places = Places {
            event_type: place("eventtype"),
            event_time: place("eventtime"),
            application: place("appname"),
            application_data: place("appdata"),
            channel: place("uniqueid"),
            extra: place("eventextra"),
            caller: place("cidnum"),
            dialled: place("ciddnid"),
            account: place("accountcode"),
        };
        Ok(Self { rules: Rules::new(settings)?.with_room(DefaultRoom::UpToComma), times, places })
    }

    pub(super) fn read(&self, source: &Source, output: &mut Output<'_>) -> Result<(), ReaderError> {
        let mut records = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(source.open()?);
        let mut record = ByteRecord::new();
        while records.read_byte_record(&mut record).map_err(|error| ReaderError::from_csv(&error))? {
            source.budget.renew();
            self.event(&record, output)?;
        }
        Ok(())
    }

    fn event(&self, event: &ByteRecord, output: &mut Output<'_>) -> Result<(), ReaderError> {
        let Places { event_type, event_time, application, channel, extra, .. } = self.places;
        let is_enter = match &*text(event, event_type) {
            "BRIDGE_ENTER" => true,
            "BRIDGE_EXIT" => false,
            _ => {
                output.skip("another event");
                return Ok(());
            }
        };
        let is_of_conference = text(event, application).eq_ignore_ascii_case("ConfBridge");
        if is_enter && !is_of_conference {
            output.skip("another application");
            return Ok(());
        }
        let extra = text(event, extra);
        let Ok(Extra { bridge_id }) = serde_json::from_str(&extra) else {
            output.skip(if is_of_conference { "bridge without an id" } else { "another application" });
            return Ok(());
        };
        let key = format!("{bridge_id}/{}", text(event, channel));
        // A participant who hangs up or is transferred may leave under another application's name.
        if !is_of_conference && !output.waiting.is_known(&key) {
            output.skip("another application");
            return Ok(());
        }
        let whole = if is_enter {
            output.waiting.begin(&key, self.entered(event, &key, &bridge_id))
        } else {
            output.waiting.end(&key, self.times.rewrite(&text(event, event_time)))
        };
        whole.map_or(Ok(()), |leg| output.row(&leg))
    }

    fn entered(&self, event: &ByteRecord, key: &str, bridge_id: &str) -> UsageRecord {
        let Places { event_time, application_data, caller, dialled, account, .. } = self.places;
        let time = text(event, event_time);
        let mut record = UsageRecord {
            leg_id: format!("{key}/{time}"),
            conference_id: bridge_id.to_owned(),
            room_number: text(event, application_data).into_owned(),
            joined_at: self.times.rewrite(&time),
            caller: text(event, caller).into_owned(),
            billing_code: text(event, account).into_owned(),
            access_number: text(event, dialled).into_owned(),
            line: event.position().map_or(0, csv::Position::line),
            ..UsageRecord::default()
        };
        self.rules.finish(&mut record);
        record
    }
}

/// Empty where the record has no such column.
fn text(record: &ByteRecord, place: Option<usize>) -> Cow<'_, str> {
    String::from_utf8_lossy(place.and_then(|place| record.get(place)).unwrap_or_default())
}
