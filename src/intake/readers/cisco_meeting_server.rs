//! Cisco Meeting Server's call detail records: start, updates and end of a call leg, each a record by itself.
//!
//! The update names the call, which is the conference; the end may come hours later, in another post. The server
//! sends what was not answered once more, so that what is known of a leg is kept beyond its end.

use std::collections::HashMap;

use super::mapping::{DefaultRoom, Rules};
use super::times::Times;
use super::xml_events::{XmlEvent, XmlEvents};
use super::{Output, ReaderError, ReaderSettings, Source};

/// Reads records of call legs.
#[derive(Debug)]
pub struct CiscoMeetingServer {
    pub(super) rules: Rules,
}

/// Texts and attributes (`@`) of one record, by name.
type Texts = HashMap<String, String>;

impl CiscoMeetingServer {
    pub(super) fn new(settings: &ReaderSettings) -> Result<Self, String> {
        // `332703@meet.example.net`: the leading digits.
        Ok(Self { rules: Rules::new(settings)?.with_room(DefaultRoom::LeadingDigits) })
    }

    pub(super) fn read(&self, source: &Source, output: &mut Output<'_>) -> Result<(), ReaderError> {
        let mut events = XmlEvents::new(source.open()?);
        let mut record: Option<Texts> = None;
        loop {
            match events.next()? {
                XmlEvent::Open(element, attributes) if element.name == "record" => {
                    let own = attributes.iter().map(|(name, value)| (format!("@{name}"), value.to_owned()));
                    record = Some(own.collect());
                }
                XmlEvent::Open(element, attributes) => {
                    if let Some(record) = &mut record {
                        let of = element.name;
                        record.extend(
                            attributes.iter().map(|(name, value)| (format!("{of}@{name}"), value.to_owned())),
                        );
                    }
                }
                XmlEvent::Close(element, text) => {
                    if element.name == "record" {
                        if let Some(record) = record.take() {
                            self.record(&record, output)?;
                        }
                    } else if let Some(record) = &mut record {
                        record.entry(element.name.to_owned()).or_insert_with(|| text.trim().to_owned());
                    }
                }
                XmlEvent::End => return Ok(()),
            }
        }
    }

    fn record(&self, record: &Texts, output: &mut Output<'_>) -> Result<(), ReaderError> {
        let get = |name: &str| record.get(name).map_or("", String::as_str);
        if get("@numPreceedingRecordsMissing").parse().is_ok_and(|lost: u64| lost > 0) {
            output.skip("records before this one were lost by the bridge");
        }
        let (kind, id) = (get("@type"), get("callLeg@id"));
        if !kind.starts_with("callLeg") || id.is_empty() {
            output.skip("another record");
            return Ok(());
        }
        let time = Times::Rfc3339.rewrite(get("@time"));
        let mut leg = output.waiting.known(id);
        id.clone_into(&mut leg.leg_id);
        note(&mut leg.billing_code, get("cdrTag"));
        note(&mut leg.conference_id, get("call"));
        match kind {
            "callLegStart" => {
                note(&mut leg.room_number, get("localAddress"));
                note(&mut leg.access_number, get("localAddress"));
                note(&mut leg.caller, get("remoteParty"));
            }
            "callLegUpdate" if get("state") == "connected" && leg.joined_at.is_empty() => leg.joined_at = time,
            "callLegEnd" => {
                leg.left_at = time;
                if leg.joined_at.is_empty() {
                    leg.joined_at = before(&leg.left_at, get("durationSeconds")).unwrap_or_default();
                }
            }
            _ => {}
        }
        leg.line = output.next_place();
        let is_over = !leg.left_at.is_empty();
        output.waiting.note(id, leg.clone());
        if !is_over || kind != "callLegEnd" {
            return Ok(());
        }
        if leg.conference_id.is_empty() && get("durationSeconds").parse().unwrap_or(0_u64) == 0 {
            output.skip("call leg that joined no call");
            return Ok(());
        }
        self.rules.finish(&mut leg);
        output.row(&leg)
    }
}

/// What a later record leaves out stays as it was.
fn note(field: &mut String, value: &str) {
    if !value.is_empty() {
        value.clone_into(field);
    }
}

/// The instant so many seconds before `instant`.
fn before(instant: &str, seconds: &str) -> Option<String> {
    let instant = chrono::DateTime::parse_from_rfc3339(instant).ok()?.to_utc();
    let length = chrono::TimeDelta::try_seconds(super::times::epoch_seconds(seconds)?)?;
    Some(super::times::rfc3339(instant.checked_sub_signed(length)?))
}
