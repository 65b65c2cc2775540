//! FreeSWITCH's `mod_conference`: one XML file per conference, written when its last member has left.
//!
//! As `conference_cdr.c` of signalwire/freeswitch does it: the conference's UUID is in the file's name only, times are
//! seconds since 1970, members are listed newest first. The file is written without a rename and the result of the
//! write is not checked, so there can be half of one: it is taken once it ends with `</cdr>`.

use std::collections::{BTreeMap, HashMap};

use super::mapping::{DefaultRoom, Rules};
use super::mended_lines::MendedLines;
use super::times::Times;
use super::xml_events::{Element, XmlEvent, XmlEvents};
use super::{Output, ReaderError, ReaderSettings, Source, UsageRecord};

/// How many legs' ids are kept of one conference. No conference has more, but a file could.
const MOST_IDS: usize = 100_000;

/// Reads the members of one conference.
#[derive(Debug)]
pub struct FreeswitchConference {
    pub(super) rules: Rules,
    /// Service types by what the channel came from, for example `mod_verto`.
    sources: BTreeMap<String, String>,
}

/// What a file says of its conference, as far as it was read.
struct Conference<'a> {
    id: &'a str,
    name: String,
    /// How often an id has come: a channel can join twice in one second.
    ids: HashMap<String, u32>,
}

/// What is read of a member. The same one takes all members of a file.
#[derive(Debug, Default)]
struct Member {
    kind: String,
    join_time: String,
    leave_time: String,
    is_ghost: String,
    uuid: String,
    source: String,
    caller_id_number: String,
    destination_number: String,
    access_number: String,
    billing_code: String,
}

impl FreeswitchConference {
    pub(super) fn new(settings: &ReaderSettings) -> Result<Self, String> {
        // `332703-conf.example.net`: the leading digits.
        let rules = Rules::new(settings)?.with_room(DefaultRoom::LeadingDigits);
        Ok(Self { rules, sources: settings.source.clone() })
    }

    pub(super) fn read(&self, source: &Source, output: &mut Output<'_>) -> Result<(), ReaderError> {
        let Some(id) = source.uuid_in_name() else {
            let why = "the conference's UUID is in the file's name only, and this name has none: \
                       name it as FreeSWITCH did, UUID.cdr.xml";
            return Err(ReaderError::Refused(why.into()));
        };
        if !source.ends_with(b"</cdr>")? {
            return Err(ReaderError::CutOff("it does not end with </cdr>"));
        }
        let mut events = XmlEvents::new(MendedLines::new(source.open()?));
        let mut conference = Conference { id, name: String::new(), ids: HashMap::new() };
        let (mut member, mut is_member) = (Member::default(), false);
        loop {
            match events.next()? {
                XmlEvent::Open(element, attributes) => {
                    if element.name == "member" && element.around(0) == Some("members") {
                        member.clear();
                        member.kind.push_str(attributes.get("type").unwrap_or_default());
                        is_member = true;
                    }
                }
                XmlEvent::Close(element, text) => match element.name {
                    "name" if element.depth() == 2 && element.around(0) == Some("conference") => {
                        text.trim().clone_into(&mut conference.name);
                    }
                    "attempt" => output.skip("rejected attempt"),
                    "member" if is_member => {
                        is_member = false;
                        self.member(&mut conference, &member, output)?;
                    }
                    _ if is_member => {
                        if let Some(field) = member.field(&element) {
                            text.trim().clone_into(field);
                        }
                    }
                    _ => {}
                },
                XmlEvent::End => return Ok(()),
            }
        }
    }

    fn member(
        &self,
        conference: &mut Conference<'_>,
        member: &Member,
        output: &mut Output<'_>,
    ) -> Result<(), ReaderError> {
        if member.kind != "caller" {
            output.skip("recording node");
            return Ok(());
        }
        if member.is_ghost == "true" {
            output.skip("ghost");
            return Ok(());
        }
        if member.uuid.is_empty() {
            output.skip("member without a profile");
            return Ok(());
        }
        let number = if member.access_number.is_empty() { &member.destination_number } else { &member.access_number };
        let mut record = UsageRecord {
            leg_id: conference.leg_id(&member.uuid, &member.join_time),
            conference_id: conference.id.to_owned(),
            room_number: conference.name.clone(),
            service_type: self.sources.get(&member.source).cloned().unwrap_or_default(),
            joined_at: Times::Epoch.rewrite(&member.join_time),
            left_at: Times::Epoch.rewrite(&member.leave_time),
            caller: member.caller_id_number.clone(),
            billing_code: member.billing_code.clone(),
            access_number: number.clone(),
            line: output.next_place(),
        };
        self.rules.finish(&mut record);
        output.row(&record)
    }
}

impl Conference<'_> {
    /// `uuid/join_time`, followed by `#2`, `#3`, … if the same comes again.
    fn leg_id(&mut self, channel: &str, joined: &str) -> String {
        let id = format!("{channel}/{joined}");
        if let Some(times) = self.ids.get_mut(&id) {
            *times += 1;
            return format!("{id}#{times}");
        }
        if self.ids.len() >= MOST_IDS {
            // Members are in the order in which they joined: what joined at another time does not come again.
            self.ids.retain(|other, _| other.rsplit_once('/').is_some_and(|(_, time)| time == joined));
        }
        self.ids.insert(id.clone(), 1);
        id
    }
}

impl Member {
    /// The field that an element within a member means.
    fn field(&mut self, element: &Element<'_>) -> Option<&mut String> {
        let around = element.around(0)?;
        if around == "caller_profile" && element.around(1) == Some("member") {
            return Some(match element.name {
                "uuid" => &mut self.uuid,
                "source" => &mut self.source,
                "caller_id_number" => &mut self.caller_id_number,
                "destination_number" => &mut self.destination_number,
                "access_number" => &mut self.access_number,
                "billing_code" => &mut self.billing_code,
                _ => return None,
            });
        }
        match (around, element.name) {
            ("member", "join_time") => Some(&mut self.join_time),
            ("member", "leave_time") => Some(&mut self.leave_time),
            ("flags", "is_ghost") if element.around(1) == Some("member") => Some(&mut self.is_ghost),
            _ => None,
        }
    }

    fn clear(&mut self) {
        let Self { kind, join_time, leave_time, is_ghost, uuid, source, .. } = self;
        for field in [kind, join_time, leave_time, is_ghost, uuid, source] {
            field.clear();
        }
        let Self { caller_id_number, destination_number, access_number, billing_code, .. } = self;
        for field in [caller_id_number, destination_number, access_number, billing_code] {
            field.clear();
        }
    }
}
