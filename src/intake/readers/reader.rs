//! A reader with its settings: which format, and how it is read.

use super::asterisk_cdr::AsteriskCdr;
use super::asterisk_cel::AsteriskCel;
use super::cisco_meeting_server::CiscoMeetingServer;
use super::delimited::Delimited;
use super::freeswitch::FreeswitchConference;
use super::json::Json;
use super::looks::Look;
use super::settings::{BUILT_IN, ReaderSettings};
use super::xml::Xml;
use super::{Doubt, Output, ReaderError, Source, budget};

/// A reader with its settings.
#[derive(Debug)]
pub struct Reader {
    /// Of the reader, or of its preset.
    name: String,
    format: Format,
}

#[derive(Debug)]
enum Format {
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
        let name = settings.preset.as_ref().unwrap_or(&settings.reader).clone();
        Ok(Self { name, format: Format::new(settings)? })
    }

    /// Whether a table's first line names its columns.
    pub fn has_header(&self) -> bool {
        matches!(&self.format, Format::Delimited(reader) if reader.has_header())
    }

    /// Whether each line is an item, so that nothing but a line feed tells that the last one is whole.
    pub fn is_by_lines(&self) -> bool {
        matches!(self.format, Format::AsteriskCel(_) | Format::AsteriskCdr(_) | Format::Delimited(_))
    }

    /// Whether what one file says is completed by another.
    pub fn keeps_state(&self) -> bool {
        matches!(self.format, Format::AsteriskCel(_) | Format::CiscoMeetingServer(_))
    }

    /// Whether a file that grows can be read piece by piece.
    pub fn can_follow(&self) -> bool {
        matches!(self.format, Format::AsteriskCel(_) | Format::Delimited(_) | Format::Json(_))
    }

    /// The service type of a leg that neither names one nor has a number that is known; empty if there is none.
    pub fn default_service_type(&self) -> &str {
        match &self.format {
            Format::FreeswitchConference(reader) => reader.rules.default(),
            Format::AsteriskCel(reader) => reader.rules.default(),
            Format::AsteriskCdr(reader) => reader.rules.default(),
            Format::CiscoMeetingServer(reader) => reader.rules.default(),
            Format::Delimited(reader) => reader.mapping.default(),
            Format::Json(reader) => reader.mapping.default(),
            Format::Xml(reader) => reader.mapping.default(),
        }
    }

    /// Reads `source` to its end and hands each row to `output`.
    pub fn read(&self, source: &Source, output: &mut Output<'_>) -> Result<(), ReaderError> {
        output.budget = source.budget.clone();
        let waiting = output.waiting.len();
        let read = match &self.format {
            Format::FreeswitchConference(reader) => reader.read(source, output),
            Format::AsteriskCel(reader) => reader.read(source, output),
            Format::AsteriskCdr(reader) => reader.read(source, output),
            Format::CiscoMeetingServer(reader) => reader.read(source, output),
            Format::Delimited(reader) => reader.read(source, output),
            Format::Json(reader) => reader.read(source, output),
            Format::Xml(reader) => reader.read(source, output),
        };
        let read = match read {
            Err(_) if source.budget.is_used_up() => {
                return Err(ReaderError::TooLong(budget::LONGEST_ITEM / (1024 * 1024)));
            }
            read => read,
        };
        match read {
            Ok(()) if output.counts.rows + output.counts.unreadable == 0 && output.waiting.len() == waiting => {
                output.counts.doubt = self.doubt(source, output.counts.items());
                Ok(())
            }
            Err(error) => Err(self.explained(error, source)),
            Ok(()) => Ok(()),
        }
    }

    /// What a file of which nothing came may be; `None` if it is of this reader's system, or empty.
    fn doubt(&self, source: &Source, items: u64) -> Option<Doubt> {
        let look = Look::at(source).filter(|look| !self.is_own(look))?;
        let words = format!("not one conference leg is in it: {}", look.words());
        Some(Doubt { words, is_certain: look.is_known || items == 0 })
    }

    /// With what the file looks like, where that is another system's.
    fn explained(&self, error: ReaderError, source: &Source) -> ReaderError {
        if !matches!(error, ReaderError::Malformed { .. } | ReaderError::Refused(_) | ReaderError::CutOff(_)) {
            return error;
        }
        match Look::at(source).filter(|look| look.is_known && !self.is_own(look)) {
            Some(look) => ReaderError::Refused(format!("{error}; {}", look.words())),
            None => error,
        }
    }

    fn is_own(&self, look: &Look) -> bool {
        look.reader == Some(self.name.as_str())
    }
}

impl Format {
    fn new(settings: &ReaderSettings) -> Result<Self, String> {
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
}
