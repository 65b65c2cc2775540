//! A reader with its settings: which format, and how it is read.

use super::asterisk_cdr::AsteriskCdr;
use super::asterisk_cel::AsteriskCel;
use super::cisco_meeting_server::CiscoMeetingServer;
use super::delimited::Delimited;
use super::freeswitch::FreeswitchConference;
use super::json::Json;
use super::settings::{BUILT_IN, ReaderSettings};
use super::xml::Xml;
use super::{Output, ReaderError, Source, budget};

/// A reader with its settings.
#[derive(Debug)]
pub enum Reader {
    FreeswitchConference(FreeswitchConference),
    AsteriskCel(AsteriskCel),
    AsteriskCdr(AsteriskCdr),
    CiscoMeetingServer(CiscoMeetingServer),
    Delimited(Delimited),
    Json(Json),
    Xml(Xml),
}

/// Settings of all readers that go by a mapping.
const MAPPED: &[&str] = &["room", "leg_prefix", "default", "when", "map", "times", "time_zone"];

impl Reader {
    /// The error names the setting and what it should be.
    pub fn new(settings: &ReaderSettings) -> Result<Self, String> {
        match settings.reader.as_str() {
            "freeswitch-conference" => {
                settings.allow(&["room", "leg_prefix", "default", "source"])?;
                FreeswitchConference::new(settings).map(Self::FreeswitchConference)
            }
            "asterisk-cel" => {
                settings.allow(&["room", "leg_prefix", "default", "columns", "times", "time_zone"])?;
                AsteriskCel::new(settings).map(Self::AsteriskCel)
            }
            "asterisk-cdr" => {
                settings.allow(&["room", "leg_prefix", "default", "columns", "times", "time_zone"])?;
                AsteriskCdr::new(settings).map(Self::AsteriskCdr)
            }
            "cisco-meeting-server" => {
                settings.allow(&["room", "leg_prefix", "default"])?;
                CiscoMeetingServer::new(settings).map(Self::CiscoMeetingServer)
            }
            "delimited" => {
                settings.allow(&[MAPPED, &["separator", "header", "columns"]].concat())?;
                Delimited::new(settings).map(Self::Delimited)
            }
            "json" => {
                settings.allow(&[MAPPED, &["each", "url_encoded"]].concat())?;
                Json::new(settings).map(Self::Json)
            }
            "xml" => {
                settings.allow(&[MAPPED, &["each", "url_encoded"]].concat())?;
                Xml::new(settings).map(Self::Xml)
            }
            other => Err(format!("reader: {other:?} is none of {}", BUILT_IN.join(", "))),
        }
    }

    /// Whether a table's first line names its columns.
    pub fn has_header(&self) -> bool {
        matches!(self, Self::Delimited(reader) if reader.has_header())
    }

    /// Whether each line is an item, so that nothing but a line feed tells that the last one is whole.
    pub fn is_by_lines(&self) -> bool {
        matches!(self, Self::AsteriskCel(_) | Self::AsteriskCdr(_) | Self::Delimited(_))
    }

    /// Whether what one file says is completed by another.
    pub fn keeps_state(&self) -> bool {
        matches!(self, Self::AsteriskCel(_) | Self::CiscoMeetingServer(_))
    }

    /// Whether a file that grows can be read piece by piece.
    pub fn can_follow(&self) -> bool {
        matches!(self, Self::AsteriskCel(_) | Self::Delimited(_) | Self::Json(_))
    }

    /// The service type of a leg that neither names one nor has a number that is known; empty if there is none.
    pub fn default_service_type(&self) -> &str {
        match self {
            Self::FreeswitchConference(reader) => reader.rules.default(),
            Self::AsteriskCel(reader) => reader.rules.default(),
            Self::AsteriskCdr(reader) => reader.rules.default(),
            Self::CiscoMeetingServer(reader) => reader.rules.default(),
            Self::Delimited(reader) => reader.mapping.default(),
            Self::Json(reader) => reader.mapping.default(),
            Self::Xml(reader) => reader.mapping.default(),
        }
    }
}

impl Reader {
    /// Reads `source` to its end and hands each row to `output`.
    pub fn read(&self, source: &Source, output: &mut Output<'_>) -> Result<(), ReaderError> {
        output.budget = source.budget.clone();
        let read = match self {
            Self::FreeswitchConference(reader) => reader.read(source, output),
            Self::AsteriskCel(reader) => reader.read(source, output),
            Self::AsteriskCdr(reader) => reader.read(source, output),
            Self::CiscoMeetingServer(reader) => reader.read(source, output),
            Self::Delimited(reader) => reader.read(source, output),
            Self::Json(reader) => reader.read(source, output),
            Self::Xml(reader) => reader.read(source, output),
        };
        match read {
            Err(_) if source.budget.is_used_up() => Err(ReaderError::TooLong(budget::LONGEST_ITEM / (1024 * 1024))),
            read => read,
        }
    }
}
