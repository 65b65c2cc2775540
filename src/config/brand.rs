//! `[brand]`: whose statements these are.

use std::fmt;
use std::path::Path;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use url::Url;

use super::findings::Findings;
use super::setting::{Setting, optional_text, text};
use super::values::FilePath;
use crate::domain::{EmailAddress, Invalid, LocaleTag, Name};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Brand {
    /// The operator's name, as customers know it.
    #[serde(with = "text")]
    pub name: Name,
    #[serde(with = "optional_text")]
    pub support_email: Option<EmailAddress>,
    #[serde(with = "optional_text")]
    pub support_phone: Option<Name>,
    #[serde(with = "optional_text")]
    pub website: Option<WebUrl>,
    /// A PNG, JPEG or SVG file.
    #[serde(with = "optional_text")]
    pub logo: Option<FilePath>,
    #[serde(with = "optional_text")]
    pub colour: Option<Colour>,
    /// Who answers for the statements by law; at the foot of everything.
    #[serde(with = "optional_text")]
    pub legal: Option<Name>,
    /// In which the operator reads months' tables of contents.
    #[serde(with = "text")]
    pub locale: LocaleTag,
}

impl Default for Brand {
    fn default() -> Self {
        Self {
            #[expect(clippy::expect_used, reason = "a constant, covered by every test of the defaults")]
            name: "Audio conferencing".parse().expect("is a name"),
            support_email: None,
            support_phone: None,
            website: None,
            logo: None,
            colour: None,
            legal: None,
            #[expect(clippy::expect_used, reason = "a constant, covered by every test of the defaults")]
            locale: "en".parse().expect("is a language"),
        }
    }
}

impl Setting for LocaleTag {
    const WANTED: &'static str = "a language tag in quotes, as \"fr-FR\"";
}

const LOGO_EXTENSIONS: [&str; 4] = ["png", "jpg", "jpeg", "svg"];

impl Brand {
    pub(super) fn check(&mut self, findings: &mut Findings) {
        let Some(logo) = &self.logo else { return };
        if is_image(logo.as_path()) {
            findings.readable("brand.logo", Some(logo));
        } else {
            findings.add("brand.logo", "must be a .png, .jpg, .jpeg or .svg file");
        }
    }
}

fn is_image(path: &Path) -> bool {
    let extension = path.extension().and_then(|extension| extension.to_str()).map(str::to_ascii_lowercase);
    extension.is_some_and(|extension| LOGO_EXTENSIONS.contains(&extension.as_str()))
}

/// A colour as `#0f62fe`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Colour(String);

impl Setting for Colour {
    const WANTED: &'static str = "a colour in quotes, as \"#0f62fe\"";
}

impl FromStr for Colour {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let digits = text.strip_prefix('#').unwrap_or_default();
        if digits.len() != 6 || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(Invalid("must be a colour such as \"#0f62fe\"".into()));
        }
        Ok(Self(text.to_ascii_lowercase()))
    }
}

impl fmt::Display for Colour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The address of a website, as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebUrl(String);

impl Setting for WebUrl {
    const WANTED: &'static str = "a URL in quotes, as \"https://example.com\"";
}

impl FromStr for WebUrl {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let url = Url::parse(text).map_err(|why| Invalid(format!("is not a URL: {why}")))?;
        if !matches!(url.scheme(), "https" | "http") || text.chars().any(|c| c.is_control() || c.is_whitespace()) {
            return Err(Invalid("must begin with https:// or http://".into()));
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for WebUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_cannot_carry_style() {
        for bad in ["", "red", "#fff", "#0f62fg", "#0f62fe;x:y", "0f62fe", "#é62fe"] {
            assert!(bad.parse::<Colour>().is_err(), "{bad}");
        }
        assert_eq!("#0F62FE".parse::<Colour>().unwrap().to_string(), "#0f62fe");
    }

    #[test]
    fn a_website_is_http() {
        for bad in ["", "example.com", "javascript:alert(1)", "data:text/html,x", "https://", "https://a b"] {
            assert!(bad.parse::<WebUrl>().is_err(), "{bad}");
        }
        assert!("https://www.example.com".parse::<WebUrl>().is_ok());
    }
}
