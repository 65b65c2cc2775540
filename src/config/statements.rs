//! `[statements]`: what a statement consists of.

use serde::{Deserialize, Serialize};

use super::findings::Findings;
use super::setting::{Setting, flag, list, text};
use super::values::FilePath;
use crate::domain::{Callers, Format, Headings};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Statements {
    /// Which files each statement gets; `account.json` is always made.
    #[serde(with = "list")]
    pub formats: Vec<Format>,
    /// Make files and mail also for months and rooms without usage.
    #[serde(deserialize_with = "flag")]
    pub empty_rooms: bool,
    pub callers: Callers,
    pub headings: Headings,
    /// A folder whose templates replace the built-in ones of the same name; it may be missing.
    #[serde(with = "text")]
    pub templates: FilePath,
}

const USUAL_TEMPLATES: &str = "templates";

impl Default for Statements {
    fn default() -> Self {
        Self {
            formats: vec![Format::Xlsx, Format::Html],
            empty_rooms: false,
            callers: Callers::Masked,
            headings: Headings::Oai,
            templates: USUAL_TEMPLATES.into(),
        }
    }
}

impl Statements {
    /// The operator's folder, if there is one.
    pub fn templates_folder(&self) -> Option<std::path::PathBuf> {
        Some(self.templates.to_path_buf()).filter(|folder| folder.is_dir())
    }

    pub(super) fn check(&mut self, findings: &mut Findings) {
        if self.templates != USUAL_TEMPLATES.into() && !self.templates.as_path().is_dir() {
            findings.add("statements.templates", "is not a folder");
        }
    }
}

impl Setting for Format {
    const WANTED: &'static str = "\"xlsx\" or \"html\"";
}
