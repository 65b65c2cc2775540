//! Statements out: the frozen statement becomes HTML, Excel, JSON and the words of a mail.
//!
//! Pure: bytes come out, nothing is read or sent. One view of a statement serves every face, so that the same figure
//! cannot differ between them.

mod summary;

use std::path::PathBuf;

pub use summary::{AccountSummary, RoomSummary};

use crate::domain::{AccountNumber, Amount, Currency, Name, Participant, Period, RoomNumber, Statement};

/// How statements look; from `[statements]` and `[brand]`.
#[derive(Debug, Clone, Default)]
pub struct RenderOptions {
    pub callers: Callers,
    /// An operator's folder; a template there replaces the built-in one of the same name.
    pub templates: Option<PathBuf>,
    pub brand: Brand,
}

/// How much of a caller's number a statement shows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Callers {
    #[default]
    Masked,
    Full,
    None,
}

/// Whose statements these are.
#[derive(Debug, Clone, Default)]
pub struct Brand {
    pub name: String,
    pub support_email: Option<String>,
    pub support_phone: Option<String>,
    pub website: Option<String>,
    /// A PNG, JPEG or SVG file.
    pub logo: Option<PathBuf>,
    /// As `#0f62fe`.
    pub colour: Option<String>,
}

/// Which files a statement gets, besides `account.json`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Formats {
    pub xlsx: bool,
    pub html: bool,
}

/// A finished file of a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RenderedFile {
    /// None: the account's.
    pub room: Option<RoomNumber>,
    /// `xlsx`, `html` or `json`.
    pub extension: &'static str,
    pub bytes: Vec<u8>,
}

/// The words of one message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailBody {
    pub subject: String,
    pub text: String,
    pub html: String,
}

/// How a message brings its files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Attached {
    Files,
    /// Too large to attach: a link that works until a day.
    Link {
        url: String,
        expires: chrono::DateTime<chrono::Utc>,
    },
    /// Too large, and the archive gives no links: ask support.
    OnRequest,
}

/// A row of a month's table of contents: an account, or one of its rooms.
#[derive(Debug, Clone)]
pub struct IndexRow {
    pub account: AccountNumber,
    pub company: Name,
    /// None: the account itself.
    pub room: Option<RoomNumber>,
    pub cardholder: Option<Name>,
    pub conferences: u64,
    pub accumulated_seconds: u64,
    pub charge: Amount,
    pub currency: Currency,
    pub revision: u32,
    /// Relative to the month's folder.
    pub files: Vec<String>,
}

#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    #[error("{0}")]
    Template(String),
}

/// Holds the compiled templates and words; shared by all threads.
pub struct Renderer {}

/// One statement on its way out; rooms come in order of their numbers, each with its participants.
pub struct StatementRender<'a> {
    _statement: &'a Statement,
}

impl Renderer {
    /// Compiles templates and words; an error names the template, word or setting that is wrong.
    pub fn new(_options: &RenderOptions) -> Result<Self, RenderError> {
        Ok(Self {})
    }

    /// SHA-256, in hexadecimal, over templates, words and the settings that change a statement's bytes.
    pub fn digest(&self) -> &str {
        ""
    }

    /// Starts a statement. `empty_rooms`: rooms without usage get files too.
    pub fn statement<'a>(
        &'a self,
        statement: &'a Statement,
        _formats: Formats,
        _empty_rooms: bool,
    ) -> Result<StatementRender<'a>, RenderError> {
        Ok(StatementRender { _statement: statement })
    }

    /// The message that brings a statement (`room` None: the account's) to `recipient`.
    pub fn mail(
        &self,
        _statement: &Statement,
        _room: Option<&RoomNumber>,
        _recipient: Option<&Name>,
        _attached: &Attached,
    ) -> Result<MailBody, RenderError> {
        Err(RenderError::Template("not yet".into()))
    }

    /// What an attached file is called, in ASCII, as `602127-2009-05.xlsx`.
    pub fn attachment_name(statement: &Statement, room: Option<&RoomNumber>, extension: &str) -> String {
        let number = room.map_or(statement.account.number.as_str(), |room| room.as_str());
        format!("{number}-{}.{extension}", statement.period.id)
    }

    /// A month's table of contents as one HTML page.
    pub fn index_html(&self, _period: Period, _rows: &[IndexRow]) -> Result<Vec<u8>, RenderError> {
        Err(RenderError::Template("not yet".into()))
    }

    /// A month's table of contents as CSV.
    pub fn index_csv(&self, _period: Period, _rows: &[IndexRow]) -> Result<Vec<u8>, RenderError> {
        Err(RenderError::Template("not yet".into()))
    }
}

impl StatementRender<'_> {
    /// A room's own files; its participants are also kept for the account's, as far as those list them.
    pub fn room(
        &mut self,
        _room: &RoomNumber,
        _participants: &[Participant],
    ) -> Result<Vec<RenderedFile>, RenderError> {
        Ok(Vec::new())
    }

    /// The files of rooms without usage, if wanted, and the account's own: `account.json` last.
    pub fn finish(self) -> Result<Vec<RenderedFile>, RenderError> {
        Ok(Vec::new())
    }
}
