//! A month's table of contents, for the operator: CSV for programs, one searchable page for people.

use serde::Serialize;
use tera::Context;

use super::{RenderError, Renderer, context};
use crate::domain::{AccountNumber, Amount, Currency, LocaleTag, Name, Period, RoomNumber};
use crate::render::locale::{self, Formatters};

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
    /// How the messages that bring it fare, as `accepted` or `accepted 2, bounced 1`; None: nobody is sent any.
    pub delivery: Option<String>,
    /// Relative to the month's folder.
    pub files: Vec<String>,
}

const HEADINGS: [&str; 11] = [
    "account",
    "company",
    "room",
    "cardholder",
    "conferences",
    "accumulated_time",
    "charge",
    "currency",
    "revision",
    "delivery",
    "files",
];
/// The operator's own language is not configured.
const LANGUAGE: &str = "en";

/// In the order in which the page's script reads them.
#[derive(Serialize)]
struct PageRow<'a>(
    &'a str,
    &'a str,
    Option<&'a str>,
    Option<&'a str>,
    u64,
    u64,
    String,
    &'a str,
    u32,
    Option<&'a str>,
    &'a [String],
);

impl Renderer {
    /// A month's table of contents as one HTML page.
    pub fn index_html(&self, period: Period, rows: &[IndexRow]) -> Result<Vec<u8>, RenderError> {
        let words = self.words.language(LANGUAGE)?;
        let title = words.phrase("index-title", &[("period", &month_name(period)?)])?;
        let mut context: Context = context::of_page(words, &self.brand_value);
        context.insert("title", &title);
        context.insert("rows", &page_rows(rows)?);
        context.insert("shown_words", &script_safe(&serde_json::to_string(&words.word("index-shown")?)?));
        self.templates.render("index.html", &context)
    }

    /// A month's table of contents as CSV.
    pub fn index_csv(&self, _period: Period, rows: &[IndexRow]) -> Result<Vec<u8>, RenderError> {
        let mut csv = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
        let failed = |error: &dyn std::fmt::Display| RenderError::Template(format!("index.csv: {error}"));
        csv.write_record(HEADINGS).map_err(|error| failed(&error))?;
        for row in rows {
            csv.write_record([
                row.account.as_str(),
                &guarded(row.company.as_str()),
                row.room.as_ref().map_or("", |room| room.as_str()),
                &guarded(row.cardholder.as_ref().map_or("", |name| name.as_str())),
                &row.conferences.to_string(),
                &locale::duration(row.accumulated_seconds),
                &row.currency.decimal(row.charge).to_string(),
                row.currency.code(),
                &row.revision.to_string(),
                row.delivery.as_deref().unwrap_or_default(),
                &row.files.join(" "),
            ])
            .map_err(|error| failed(&error))?;
        }
        csv.into_inner().map_err(|error| failed(&error))
    }
}

fn month_name(period: Period) -> Result<String, RenderError> {
    let tag: LocaleTag = LANGUAGE.parse().map_err(|error| RenderError::Template(format!("{error}")))?;
    let euro: Currency = "EUR".parse().map_err(|error| RenderError::Template(format!("{error}")))?;
    Ok(Formatters::of(&tag, euro)?.month(period))
}

fn page_rows(rows: &[IndexRow]) -> Result<String, RenderError> {
    let rows: Vec<_> = rows
        .iter()
        .map(|row| {
            PageRow(
                row.account.as_str(),
                row.company.as_str(),
                row.room.as_ref().map(|room| room.as_str()),
                row.cardholder.as_ref().map(|name| name.as_str()),
                row.conferences,
                row.accumulated_seconds,
                row.currency.decimal(row.charge).to_string(),
                row.currency.code(),
                row.revision,
                row.delivery.as_deref(),
                &row.files,
            )
        })
        .collect();
    Ok(script_safe(&serde_json::to_string(&rows)?))
}

/// JSON that cannot end the script element it stands in.
fn script_safe(json: &str) -> String {
    json.replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026")
}

/// A text that a spreadsheet would take for a formula gets an apostrophe in front, which spreadsheets do not show.
fn guarded(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text.to_owned() }
}
