//! FreeSWITCH's `mod_conference`: one XML file per conference, written when its last member has left.
//!
//! Read in `conference_cdr.c` of signalwire/freeswitch: the conference's UUID stands in the file's name only, times are
//! seconds since 1970, members stand newest first. The file is written without a rename and the result of the write is
//! not looked at, so a half of one can lie there: it is taken once it ends with `</cdr>`.

use std::collections::{BTreeMap, HashMap};

use super::mapping::Rules;
use super::times::Times;
use super::xml_events::{MendedLines, XmlEvent, XmlEvents};
use super::{Output, ReaderError, ReaderSettings, Source, UsageRecord};

/// `332703-conf.example.net`: the leading digits.
const ROOM: &str = r"^(\d+)";

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

/// What is read of a member, by the element around it and its own.
const FIELDS: [(&str, &str); 9] = [
    ("", "join_time"),
    ("", "leave_time"),
    ("flags", "is_ghost"),
    (PROFILE, "uuid"),
    (PROFILE, "source"),
    (PROFILE, "caller_id_number"),
    (PROFILE, "destination_number"),
    (PROFILE, "access_number"),
    (PROFILE, "billing_code"),
];
const PROFILE: &str = "caller_profile";

/// A member's texts, in the order of [`FIELDS`].
type Member = [String; FIELDS.len()];

impl FreeswitchConference {
    pub(super) fn new(settings: &ReaderSettings) -> Result<Self, String> {
        Ok(Self { rules: Rules::new(settings)?.with_room(ROOM)?, sources: settings.source.clone() })
    }

    pub(super) fn read(&self, source: &Source, output: &mut Output<'_>) -> Result<(), ReaderError> {
        let Some(id) = source.uuid_in_name() else {
            let why = "the conference's UUID stands in the file's name only, and this name has none: \
                       name it as FreeSWITCH did, UUID.cdr.xml";
            return Err(ReaderError::Refused(why.into()));
        };
        if !source.ends_with(b"</cdr>")? {
            return Err(ReaderError::CutOff("it does not end with </cdr>"));
        }
        let mut events = XmlEvents::new(MendedLines::new(source.open()?));
        let mut conference = Conference { id, name: String::new(), ids: HashMap::new() };
        let mut path: Vec<String> = Vec::new();
        let mut member: Option<(String, Member)> = None;
        loop {
            match events.next()? {
                XmlEvent::Open(name, attributes) => {
                    if name == "member" && path.last().is_some_and(|parent| parent == "members") {
                        let kind = attributes.into_iter().find(|(key, _)| key == "type").map(|(_, value)| value);
                        member = Some((kind.unwrap_or_default(), Member::default()));
                    }
                    path.push(name);
                }
                XmlEvent::Close(name, text) => {
                    path.pop();
                    match (name.as_str(), path.as_slice()) {
                        ("name", [_, parent]) if parent == "conference" => {
                            text.trim().clone_into(&mut conference.name);
                        }
                        ("attempt", _) => output.skip("rejected attempt"),
                        ("member", _) => {
                            if let Some((kind, member)) = member.take() {
                                self.member(&mut conference, &kind, &member, output)?;
                            }
                        }
                        _ => {
                            if let (Some((_, member)), Some(place)) = (&mut member, place_in_member(&path, &name)) {
                                text.trim().clone_into(&mut member[place]);
                            }
                        }
                    }
                }
                XmlEvent::End => return Ok(()),
            }
        }
    }

    fn member(
        &self,
        conference: &mut Conference<'_>,
        kind: &str,
        member: &Member,
        output: &mut Output<'_>,
    ) -> Result<(), ReaderError> {
        let get = |of: &str, name: &str| place_of(of, name).map_or("", |place| member[place].as_str());
        let profile = |name: &str| get(PROFILE, name);
        if kind != "caller" {
            output.skip("recording node");
            return Ok(());
        }
        if get("flags", "is_ghost") == "true" {
            output.skip("ghost");
            return Ok(());
        }
        if profile("uuid").is_empty() {
            output.skip("member without a profile");
            return Ok(());
        }
        let mut record = UsageRecord {
            leg_id: conference.leg_id(profile("uuid"), get("", "join_time")),
            conference_id: conference.id.to_owned(),
            room_number: conference.name.clone(),
            service_type: self.sources.get(profile("source")).cloned().unwrap_or_default(),
            joined_at: Times::Epoch.rewrite(get("", "join_time")),
            left_at: Times::Epoch.rewrite(get("", "leave_time")),
            caller: profile("caller_id_number").to_owned(),
            billing_code: profile("billing_code").to_owned(),
            access_number: [profile("access_number"), profile("destination_number")]
                .into_iter()
                .find(|number| !number.is_empty())
                .unwrap_or_default()
                .to_owned(),
            line: output.next_place(),
        };
        self.rules.finish(&mut record);
        output.row(&record)
    }
}

impl Conference<'_> {
    /// `uuid/join_time`, and `#2`, `#3`, … behind it where the same comes again.
    fn leg_id(&mut self, channel: &str, joined: &str) -> String {
        let id = format!("{channel}/{joined}");
        let times = self.ids.entry(id.clone()).or_default();
        *times += 1;
        if *times > 1 { format!("{id}#{times}") } else { id }
    }
}

fn place_of(of: &str, name: &str) -> Option<usize> {
    FIELDS.iter().position(|field| *field == (of, name))
}

/// Of an element that stands in a member, or in an element of it.
fn place_in_member(path: &[String], name: &str) -> Option<usize> {
    match path {
        [.., member] if member == "member" => place_of("", name),
        [.., member, of] if member == "member" => place_of(of, name),
        _ => None,
    }
}
