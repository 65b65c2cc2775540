//! The page that everything of staff is shown on: facts, and sections with what can be chosen, tables and links.

use serde::Serialize;

use super::frame::{StaffCrumb, StaffView};
use super::table::StaffTable;

/// One page.
#[derive(Debug, Clone, Default, Serialize)]
pub struct StaffPage {
    #[serde(skip)]
    pub title: String,
    #[serde(skip)]
    pub crumbs: Vec<StaffCrumb>,
    /// The kind of page, above the title.
    pub kind: String,
    /// Its state, and whether that is well.
    pub standing: Option<StaffStanding>,
    /// The time of its figures.
    pub as_of: String,
    pub facts: Vec<(String, String)>,
    /// Something that should be read first.
    pub notice: Option<String>,
    pub sections: Vec<StaffSection>,
}

#[derive(Debug, Clone, Serialize)]
pub struct StaffStanding {
    pub text: String,
    pub is_well: bool,
}

/// A part of a page.
#[derive(Debug, Clone, Default, Serialize)]
pub struct StaffSection {
    /// Its anchor in links.
    pub id: &'static str,
    pub heading: String,
    pub text: String,
    pub buttons: Vec<StaffLink>,
    pub form: Option<StaffChoices>,
    pub items: Vec<StaffItem>,
    pub bars: Vec<StaffBar>,
    pub table: Option<StaffTable>,
    /// Instead of a table without rows.
    pub nothing: String,
}

/// A link or button.
#[derive(Debug, Clone, Serialize)]
pub struct StaffLink {
    pub text: String,
    pub link: String,
}

/// An entry of a list: where it is explained, and what it says.
#[derive(Debug, Clone, Serialize)]
pub struct StaffItem {
    pub heading: String,
    pub link: Option<String>,
    pub text: String,
    pub hint: String,
    pub is_problem: bool,
}

/// The progress of something.
#[derive(Debug, Clone, Serialize)]
pub struct StaffBar {
    pub label: String,
    pub text: String,
    pub percent: u64,
}

/// A form that is sent by GET: what it chooses is in the address.
#[derive(Debug, Clone, Default, Serialize)]
pub struct StaffChoices {
    pub action: String,
    pub search: Option<String>,
    pub selects: Vec<StaffSelect>,
    /// Kept as it is.
    pub hidden: Vec<(String, String)>,
}

#[derive(Debug, Clone, Serialize)]
pub struct StaffSelect {
    pub name: &'static str,
    pub label: &'static str,
    /// Value, text, and whether it is chosen.
    pub options: Vec<(String, String, bool)>,
}

impl StaffView for StaffPage {
    const TEMPLATE: &'static str = "portal/staff_page.html";

    fn title(&self) -> String {
        self.title.clone()
    }

    fn crumbs(&self) -> Vec<StaffCrumb> {
        self.crumbs.clone()
    }
}

impl StaffLink {
    pub fn new(text: impl Into<String>, link: impl Into<String>) -> Self {
        Self { text: text.into(), link: link.into() }
    }
}

impl StaffCrumb {
    pub fn new(text: impl Into<String>, link: impl Into<String>) -> Self {
        Self { text: text.into(), link: link.into() }
    }
}
