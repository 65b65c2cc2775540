//! Guesses a file's format from its beginning, so that a person who hands a file to the wrong reader is told what it
//! is.
//!
//! It is used for messages only, and names formats and fields, never a value: a message may be logged.

use std::io::Read as _;

use super::Source;
use super::mapping::decoded;
use crate::intake::source::foreign_format;

/// Bytes at the beginning that are looked at.
const LOOKED_AT: u64 = 8 * 1024;
/// How many names of fields are named in a message.
const NAMES_TOLD: usize = 6;
/// A longer name is no name.
const LONGEST_NAME: usize = 40;

/// What a text looks like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Look {
    what: String,
    /// The reader for it; `None` if there is none, or if that cannot be known.
    pub reader: Option<&'static str>,
    /// The system that wrote it is known.
    pub is_known: bool,
}

const EVENTS: &str = "Asterisk's channel event log";
const CUCM: &str = "Cisco Unified Communications Manager's call detail records";
const FREESWITCH_CSV: &str = "FreeSWITCH's cdr_csv, one record per channel";

/// Texts that are all in the beginning of what a system writes, what that is, and its reader.
const KNOWN: [(&[&str], &str, Option<&str>); 37] = [
    (&["<cdr", "<members>"], "FreeSWITCH's record of a conference", Some("freeswitch-conference")),
    (&["<cdr", "<rejected>"], "FreeSWITCH's record of a conference", Some("freeswitch-conference")),
    (&["<cdr", "<conference>", "<rate>"], "FreeSWITCH's record of a conference", Some("freeswitch-conference")),
    (&["<cdr", "<channel_data>"], "FreeSWITCH's record of a channel in XML", Some("freeswitch-cdr-xml")),
    (&["<cdr", "<variables>"], "FreeSWITCH's record of a channel in XML", Some("freeswitch-cdr-xml")),
    (&["<records", "<record "], "Cisco Meeting Server's records", Some("cisco-meeting-server")),
    (&["<recording", "<event "], "events of BigBlueButton", None),
    (&["\"core-uuid\"", "\"channel_data\""], "FreeSWITCH's record of a channel in JSON", Some("freeswitch-cdr-json")),
    (&["\"core-uuid\"", "\"variables\""], "FreeSWITCH's record of a channel in JSON", Some("freeswitch-cdr-json")),
    (&["\"event_name\"", "\"muc-"], "events of Jitsi", Some("jitsi")),
    (&["\"participant_sid\"", "\"conference_sid\""], "Twilio's summary of a participant", Some("twilio")),
    (
        &["\"conference_sid\"", "\"friendly_name\""],
        "Twilio's summary of a conference, without its participants",
        Some("twilio"),
    ),
    (&["\"telephony_usage\""], "Zoom's telephone report", Some("zoom-telephone")),
    (&["callRecords.pstnCallLogRow"], "Teams' PSTN calls as Graph gives them", Some("teams-graph")),
    (
        &["\"callType\"", "\"calleeNumber\"", "\"conferenceId\""],
        "Teams' PSTN calls as Graph gives them",
        Some("teams-graph"),
    ),
    (&["\"meetingNumber\"", "\"meetingTitle\""], "a report of Webex", None),
    (&["\"intId\"", "\"extId\""], "BigBlueButton's dashboard", None),
    (&["UsageId", "Conference ID"], "Teams' PSTN usage as CSV", Some("teams-pstn")),
    (&["calldate", "lastapp", "uniqueid"], "FreePBX' export of call detail records", Some("freepbx")),
    (&["conference_name", "local_alias"], "Pexip's participants as CSV", Some("pexip")),
    (&["leg_id", "conference_id", "joined_at"], "statementd's own CSV", Some("statementd")),
    (&["BRIDGE_E"], EVENTS, Some("asterisk-cel")),
    (&["\"CHAN_"], EVENTS, Some("asterisk-cel")),
    (&["\"APP_"], EVENTS, Some("asterisk-cel")),
    (&["\"HANGUP\","], EVENTS, Some("asterisk-cel")),
    (&["\"ANSWER\","], EVENTS, Some("asterisk-cel")),
    (&["\"DOCUMENTATION\""], "Asterisk's call detail records", Some("asterisk-cdr")),
    (&["Topic", "Participants", "Duration"], "Zoom's list of participants, which has no telephone numbers", None),
    (&["globalCallID_"], CUCM, None),
    (&["Calling Party", "Original Called Party"], CUCM, None),
    (&["NAS-IP-Address ="], "RADIUS accounting", None),
    (&["\",\"NORMAL_CLEARING\",\""], FREESWITCH_CSV, None),
    (&["\",\"ORIGINATOR_CANCEL\",\""], FREESWITCH_CSV, None),
    (&["\",\"NO_ANSWER\",\""], FREESWITCH_CSV, None),
    (&["\",\"USER_BUSY\",\""], FREESWITCH_CSV, None),
    (&["\",\"NO_ROUTE_DESTINATION\",\""], FREESWITCH_CSV, None),
    (&["INVITE", "@", ",OK,"], "accounting of OpenSIPS or Kamailio", None),
];

impl Look {
    /// What `source` looks like; `None` if it is empty, or cannot be read.
    pub(super) fn at(source: &Source) -> Option<Self> {
        let mut beginning = Vec::new();
        source.open().ok()?.take(LOOKED_AT).read_to_end(&mut beginning).ok()?;
        Self::of(&beginning)
    }

    fn of(beginning: &[u8]) -> Option<Self> {
        if let Some(what) = foreign_format(beginning) {
            return Some(Self { what: what.to_owned(), reader: None, is_known: true });
        }
        let text = String::from_utf8_lossy(beginning);
        let text = text.trim_start_matches('\u{feff}').trim_start();
        if text.is_empty() {
            return None;
        }
        let holds = |signs: &[&str]| signs.iter().all(|sign| text.contains(sign));
        if let Some((_, what, reader)) = KNOWN.iter().find(|(signs, ..)| holds(signs)) {
            return Some(Self { what: (*what).to_owned(), reader: *reader, is_known: true });
        }
        if text.starts_with("%3C") || text.starts_with("%7B") {
            let inner = Self::of(decoded(text.into()).as_bytes())?;
            return Some(Self { what: format!("{}, percent-encoded", inner.what), ..inner });
        }
        Some(Self { what: by_form(text), reader: None, is_known: false })
    }

    /// In words, with what to do.
    pub(super) fn words(&self) -> String {
        match self.reader {
            Some("statementd") => format!("it looks like {}: import it without a reader", self.what),
            Some(reader) => format!("it looks like {}: the reader for it is {reader}", self.what),
            None if self.is_known => format!("it looks like {}, which no reader reads", self.what),
            None => format!("it looks like {}: is this the right reader?", self.what),
        }
    }
}

/// The message if no system is recognised.
fn by_form(text: &str) -> String {
    if text.starts_with('<') {
        let names = text.split('<').filter(|part| !part.starts_with(['?', '!']));
        let root =
            names.filter_map(|part| part.split(|sign: char| !is_of_name(sign)).next()).find(|name| is_name(name));
        return root.map_or("XML".to_owned(), |root| format!("XML with the outermost element {root}"));
    }
    if text.starts_with(['{', '[']) {
        let quoted: Vec<&str> = text.split('"').collect();
        let names = quoted.windows(2).skip(1).step_by(2);
        let names = names.filter(|pair| pair[1].trim_start().starts_with(':') && is_name(pair[0]));
        let names: Vec<&str> = names.map(|pair| pair[0]).take(NAMES_TOLD).collect();
        return if names.is_empty() { "JSON".into() } else { format!("JSON with the fields {}", names.join(", ")) };
    }
    if text.chars().any(|sign| sign.is_control() && !sign.is_whitespace()) {
        return "no text".into();
    }
    let line = text.lines().next().unwrap_or_default();
    let separator = [(',', "commas"), (';', "semicolons"), ('\t', "tabs"), ('|', "bars")];
    let columns = |sign: char| line.matches(sign).count() + 1;
    match separator.into_iter().max_by_key(|(sign, _)| columns(*sign)) {
        Some((sign, name)) if columns(sign) > 2 => {
            format!("a table of {} columns, separated by {name}", columns(sign))
        }
        _ => "text without columns".into(),
    }
}

fn is_of_name(sign: char) -> bool {
    sign.is_ascii_alphanumeric() || matches!(sign, '_' | '-' | '.' | ':' | '@')
}

/// A name of a field, and surely no value.
fn is_name(text: &str) -> bool {
    text.len() <= LONGEST_NAME
        && text.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && text.chars().all(|sign| is_of_name(sign) && sign != '@')
        && text.chars().filter(char::is_ascii_digit).count() < 4
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_named_by_what_wrote_it_or_by_its_form_and_never_by_a_value() {
        for (text, wanted) in [
            (
                "%3C?xml version=\"1.0\"?%3E%0A%3Ccdr%3E%3Cchannel_data%3E",
                "FreeSWITCH's record of a channel in XML, percent-encoded: the reader for it is freeswitch-cdr-xml",
            ),
            (
                "<?xml version=\"1.0\"?>\n<!-- x --><report day='1'><a/></report>",
                "XML with the outermost element report: is this",
            ),
            (
                r#"[{"start": "noon", "33199000101": 1, "who": {"name": "Jo"}}]"#,
                "JSON with the fields start, who, name: is this",
            ),
            ("a;b;c\n1;2;3\n", "a table of 3 columns, separated by semicolons"),
            ("hello\n", "text without columns"),
            (
                "\"9007\",\"9007\",\"0033\",\"public\",\"2014-05-29 16:59:50\",\"\",\"0\",\"NORMAL_CLEARING\",\"a5c9\"\n",
                "FreeSWITCH's cdr_csv, one record per channel, which no reader reads",
            ),
            (
                "cdrRecordType,globalCallID_callManagerId,globalCallID_callId,origLegCallIdentifier\n1,1,5,7\n",
                "Cisco Unified Communications Manager's call detail records, which no reader reads",
            ),
            ("PK\u{3}\u{4}xl/workbook.xml", "an Excel workbook"),
            ("\u{feff}leg_id,conference_id,room_number,joined_at\n", "statementd's own CSV: import it without"),
        ] {
            let words = Look::of(text.as_bytes()).unwrap().words();
            assert!(words.starts_with(&format!("it looks like {wanted}")), "{words}");
        }
        assert_eq!(Look::of(b" \n"), None);
    }
}
