//! Identifiers and short texts, checked once.
//!
//! Account and room numbers become object keys and file names, so their alphabet is narrow; everything else may
//! hold any script but no control characters, so that nothing an operator imports can break a header, a CSV
//! row or a terminal.

use std::borrow::Borrow;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// Why a text is not valid; continues the sentence after the name of the column.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Invalid(pub String);

/// Longest identifier, in characters: long enough for any UUID with a prefix, short enough for a file name.
const LONGEST_ID: usize = 128;
/// Longest name, in characters: well inside the 32,767 that an Excel cell can show.
const LONGEST_NAME: usize = 10_000;

/// A text with one rule, which `$check` is: only what passes becomes one.
macro_rules! checked_text {
    ($(#[$doc:meta])* $name:ident, $check:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(Arc<str>);

        impl $name {
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// The text, shared and not copied.
            pub fn shared(&self) -> Arc<str> {
                Arc::clone(&self.0)
            }
        }

        impl FromStr for $name {
            type Err = Invalid;

            fn from_str(text: &str) -> Result<Self, Invalid> {
                $check(text)?;
                Ok(Self(Arc::from(text)))
            }
        }

        impl TryFrom<String> for $name {
            type Error = Invalid;

            fn try_from(text: String) -> Result<Self, Invalid> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(value: $name) -> Self {
                value.0.as_ref().to_owned()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }

        impl Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }
    };
}

checked_text!(
    /// A customer's number, for example `602127`; part of object keys.
    AccountNumber, key_text);
checked_text!(
    /// An audio-conference room's number, for example `332703`; part of object keys.
    RoomNumber, key_text);
checked_text!(
    /// One participant's connection, unique over all usage ever imported.
    LegId, id_text);
checked_text!(
    /// What the legs of one conference share within their room.
    ConferenceId, id_text);
checked_text!(
    /// How a participant was connected, for example `LOCAL` or `TOLLFREE`; a tariff prices each.
    ServiceType, id_text);
checked_text!(
    /// The name under which a tariff's rows belong together, for example `BASE-EUR`.
    TariffName, id_text);
checked_text!(
    /// The customer's own code for a conference.
    BillingCode, id_text);
checked_text!(
    /// A caller's number as the switch wrote it, for example `+33491000004`; personal data.
    Caller, id_text);
checked_text!(
    /// A person's, company's or tariff label's name.
    Name, name_text);
checked_text!(
    /// The id of a rerun, for example `2026-11-tariff-fix`: takes effect once, ever; part of object keys.
    RerunId, label_text);
checked_text!(
    /// The name of a source of usage, for example `bridge1`; part of a web address.
    IntakeName, label_text);
checked_text!(
    /// A BCP 47 language tag with its region, for example `fr-FR`.
    LocaleTag, locale_text);

impl RoomNumber {
    /// As the mini-guide shows it: the last digit apart, groups of three before it (`33 270 3`), with no-break spaces.
    pub fn grouped(&self) -> String {
        let digits: Vec<char> = self.0.chars().collect();
        if digits.len() < 4 || !digits.iter().all(char::is_ascii_digit) {
            return self.0.to_string();
        }
        let (body, last) = digits.split_at(digits.len() - 1);
        let mut grouped = String::with_capacity(digits.len() + 4);
        for (position, digit) in body.iter().enumerate() {
            if position > 0 && (body.len() - position).is_multiple_of(3) {
                grouped.push('\u{a0}');
            }
            grouped.push(*digit);
        }
        grouped.push('\u{a0}');
        grouped.extend(last);
        grouped
    }
}

impl LocaleTag {
    /// The language alone, as `fr`.
    pub fn language(&self) -> &str {
        self.0.split('-').next().unwrap_or(&self.0)
    }

    /// The tag itself, then without its last part, for example `zh-Hant-TW`, `zh-Hant`, `zh`.
    pub fn and_wider(&self) -> impl Iterator<Item = &str> {
        std::iter::successors(Some(self.as_str()), |tag| tag.rsplit_once('-').map(|(wider, _)| wider))
    }
}

fn key_text(text: &str) -> Result<(), Invalid> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if text.is_empty() || text.len() > 32 || !text.chars().all(allowed) {
        return Err(Invalid("must be 1 to 32 letters, digits, '-' or '_'".into()));
    }
    Ok(())
}

fn label_text(text: &str) -> Result<(), Invalid> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    if text.is_empty() || text.len() > 64 || text.starts_with('.') || !text.bytes().all(allowed) {
        return Err(Invalid("must be 1 to 64 letters, digits, '-', '_' or '.', not beginning with '.'".into()));
    }
    Ok(())
}

fn id_text(text: &str) -> Result<(), Invalid> {
    bounded_text(text, LONGEST_ID)
}

fn name_text(text: &str) -> Result<(), Invalid> {
    bounded_text(text, LONGEST_NAME)
}

fn bounded_text(text: &str, longest: usize) -> Result<(), Invalid> {
    if text.is_empty() {
        return Err(Invalid("is empty".into()));
    }
    if text.len() <= longest && text.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ') {
        return Ok(());
    }
    if text.len() > longest && text.chars().count() > longest {
        return Err(Invalid(format!("is longer than {longest} characters")));
    }
    if let Some(control) = text.chars().find(|c| c.is_control()) {
        return Err(Invalid(format!("has a control character (U+{:04X})", u32::from(control))));
    }
    Ok(())
}

fn locale_text(text: &str) -> Result<(), Invalid> {
    let subtag = |part: &str| (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric());
    let language = text.split('-').next().unwrap_or_default();
    let language_ok = (2..=3).contains(&language.len()) && language.bytes().all(|b| b.is_ascii_lowercase());
    if !language_ok || text.len() > 35 || !text.split('-').all(subtag) {
        return Err(Invalid("must be a language tag such as fr-FR".into()));
    }
    Ok(())
}

pub(super) use checked_text;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_numbers_are_grouped_as_in_the_mini_guide() {
        for (number, shown) in
            [("332703", "33 270 3"), ("320026", "32 002 6"), ("1234567", "123 456 7"), ("12345678", "1 234 567 8")]
        {
            assert_eq!(number.parse::<RoomNumber>().unwrap().grouped().replace('\u{a0}', " "), shown);
        }
        assert_eq!("A12".parse::<RoomNumber>().unwrap().grouped(), "A12");
    }

    #[test]
    fn nothing_that_could_leave_the_archive_is_an_account_number() {
        for hostile in ["", "..", "a/b", "a\\b", "6021 27", "é", "\n", "a".repeat(33).as_str()] {
            assert!(hostile.parse::<AccountNumber>().is_err(), "{hostile:?}");
        }
        assert!("602127".parse::<AccountNumber>().is_ok());
    }

    #[test]
    fn a_label_cannot_leave_its_folder() {
        for bad in ["", "..", "../x", "a/b", ".hidden", "é", "a b", "x".repeat(65).as_str()] {
            assert!(bad.parse::<RerunId>().is_err() && bad.parse::<IntakeName>().is_err(), "{bad}");
        }
        assert!("2026-11-tariff-fix".parse::<RerunId>().is_ok() && "bridge.1".parse::<IntakeName>().is_ok());
    }

    #[test]
    fn control_characters_are_refused_by_their_code_point() {
        assert_eq!("a\r\nb".parse::<Name>().unwrap_err().to_string(), "has a control character (U+000D)");
        assert!("Été 🎉".parse::<BillingCode>().is_ok());
    }

    #[test]
    fn locales_are_language_tags() {
        for good in ["fr-FR", "en", "hi-IN", "de-AT", "zh-Hant-TW"] {
            assert!(good.parse::<LocaleTag>().is_ok(), "{good}");
        }
        for bad in ["", "french", "fr_FR", "FR", "fr-"] {
            assert!(bad.parse::<LocaleTag>().is_err(), "{bad}");
        }
    }
}
