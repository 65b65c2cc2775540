//! Which statement, and which of its files.

use std::fmt;
use std::str::FromStr;

use crate::domain::{AccountNumber, Invalid, Period, RoomNumber};

/// One revision of one account's period: what makes a statement this statement.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StatementId {
    pub period: Period,
    pub account: AccountNumber,
    /// 1, 2, …
    pub revision: u32,
}

/// A format that statements come in, besides `account.json`, which is always made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Format {
    Xlsx,
    Html,
}

/// Which files a statement gets, besides `account.json`. Written as `xlsx,html`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Formats {
    pub xlsx: bool,
    pub html: bool,
}

/// A file of a statement, relative to the statement's folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileName {
    Account(Format),
    /// `account.json`
    AccountJson,
    Room(RoomNumber, Format),
}

impl Format {
    pub const ALL: [Self; 2] = [Self::Xlsx, Self::Html];

    /// For example `xlsx`.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Xlsx => "xlsx",
            Self::Html => "html",
        }
    }
}

impl Formats {
    pub const ALL: Self = Self { xlsx: true, html: true };

    pub fn contains(self, format: Format) -> bool {
        match format {
            Format::Xlsx => self.xlsx,
            Format::Html => self.html,
        }
    }

    /// Those that are in it, in the order of [`Format::ALL`].
    pub fn iter(self) -> impl Iterator<Item = Format> {
        Format::ALL.into_iter().filter(move |format| self.contains(*format))
    }
}

impl FromIterator<Format> for Formats {
    fn from_iter<I: IntoIterator<Item = Format>>(formats: I) -> Self {
        formats.into_iter().fold(Self::default(), |all, format| match format {
            Format::Xlsx => Self { xlsx: true, ..all },
            Format::Html => Self { html: true, ..all },
        })
    }
}

impl FileName {
    /// The account's file, or a room's.
    pub fn of(room: Option<&RoomNumber>, format: Format) -> Self {
        room.map_or(Self::Account(format), |room| Self::Room(room.clone(), format))
    }

    /// The room whose file it is; `None` for the account's.
    pub fn room(&self) -> Option<&RoomNumber> {
        match self {
            Self::Account(_) | Self::AccountJson => None,
            Self::Room(room, _) => Some(room),
        }
    }
}

impl FromStr for Format {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let named = Self::ALL.into_iter().find(|format| format.extension() == text);
        named.ok_or_else(|| Invalid("must be \"xlsx\" or \"html\"".into()))
    }
}

impl FromStr for Formats {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        text.split(',').filter(|part| !part.is_empty()).map(Format::from_str).collect()
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.extension())
    }
}

impl fmt::Display for Formats {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.iter().map(Format::extension).collect::<Vec<_>>().join(","))
    }
}

impl fmt::Display for FileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Account(format) => write!(f, "account.{format}"),
            Self::AccountJson => f.write_str("account.json"),
            Self::Room(room, format) => write!(f, "rooms/{room}.{format}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_read_back_as_they_are_written() {
        for (text, formats) in [
            ("", Formats::default()),
            ("xlsx", Formats { xlsx: true, html: false }),
            ("html", Formats { xlsx: false, html: true }),
            ("xlsx,html", Formats::ALL),
        ] {
            assert_eq!(text.parse::<Formats>().unwrap(), formats);
            assert_eq!(formats.to_string(), text);
        }
        assert!("pdf".parse::<Formats>().is_err());
    }
}
