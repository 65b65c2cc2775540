//! `[brand]`: whose statements these are.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::findings::Findings;
use super::setting::{Setting, optional_text, text};
use super::values::FilePath;
use crate::domain::{Colour, EmailAddress, LocaleTag, LogoFormat, Name, WebUrl};

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
    /// Who is legally responsible for the statements; at the foot of everything.
    #[serde(with = "optional_text")]
    pub legal: Option<Name>,
    /// The language of months' tables of contents.
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
    path.extension().and_then(|extension| extension.to_str()).and_then(LogoFormat::of_extension).is_some()
}

impl Setting for Colour {
    const WANTED: &'static str = "a colour in quotes, as \"#0f62fe\"";
}

impl Setting for WebUrl {
    const WANTED: &'static str = "a URL in quotes, as \"https://example.com\"";
}
