//! A month's table of contents, for the operator: CSV for programs, one searchable page for people.

use serde::Serialize;
use tera::Context;

use super::{RenderError, Renderer, context};
use crate::csv_table::CsvTable;
use crate::domain::{AccountNumber, Amount, Currency, LocaleTag, Name, Period, RoomNumber};
use crate::render::locale;
use crate::render::locale::Formatters;

/// A row of a month's table of contents: an account, or one of its rooms.
#[derive(Debug, Clone)]
pub struct IndexRow {
    pub account: AccountNumber,
    pub company: Name,
    /// `None` means the account itself.
    pub room: Option<RoomNumber>,
    pub cardholder: Option<Name>,
    pub conferences: u64,
    pub accumulated_seconds: u64,
    pub charge: Amount,
    pub currency: Currency,
    pub revision: u32,
    /// How the messages that bring it fare, for example `accepted` or `accepted 2, bounced 1`; `None` if no one is
    /// sent any.
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

/// A placeholder for the rows in the rendered template.
const ROWS: &str = "\u{1}rows\u{1}";

/// A month's table of contents as files.
#[derive(Debug)]
pub struct IndexFiles {
    pub csv: Vec<u8>,
    pub html: Vec<u8>,
}

/// Writes both files: rows are written as they come, so that a hundred thousand of them are never in memory beside
/// what is written.
pub struct IndexWriter {
    csv: CsvTable<Vec<u8>>,
    html: Vec<u8>,
    /// What follows the rows on the page.
    html_end: String,
    has_rows: bool,
}

impl Renderer {
    /// Begins a month's table of contents: one HTML page, and CSV.
    pub fn index(&self, period: Period) -> Result<IndexWriter, RenderError> {
        let locale = &self.locale;
        let catalogue = self.catalogues.language(locale.as_str())?;
        let title = catalogue.phrase("index-title", &[("period", &month_name(locale, period)?)])?;
        let mut context: Context = context::of_page(catalogue, locale.as_str(), &self.brand_value);
        context.insert("title", &title);
        context.insert("rows", ROWS);
        context.insert("shown_words", &script_safe(&serde_json::to_string(&catalogue.word("index-shown")?)?));
        let page = String::from_utf8_lossy(&self.templates.render("index.html", &context)?).into_owned();
        let (start, end) = page
            .split_once(ROWS)
            .filter(|(_, end)| !end.contains(ROWS))
            .ok_or_else(|| RenderError::Template("index.html: must hold {{ rows | safe }} once".into()))?;
        let csv = CsvTable::begin(Vec::new(), HEADINGS)?;
        Ok(IndexWriter { csv, html: format!("{start}[").into_bytes(), html_end: end.to_owned(), has_rows: false })
    }
}

impl IndexWriter {
    pub fn add(&mut self, row: &IndexRow) -> Result<(), RenderError> {
        if std::mem::replace(&mut self.has_rows, true) {
            self.html.push(b',');
        }
        self.html.extend_from_slice(page_row(row)?.as_bytes());
        let record = [
            row.account.as_str(),
            row.company.as_str(),
            row.room.as_ref().map_or("", |room| room.as_str()),
            row.cardholder.as_ref().map_or("", |name| name.as_str()),
            &row.conferences.to_string(),
            &locale::duration(row.accumulated_seconds),
            &row.currency.decimal(row.charge).to_string(),
            row.currency.code(),
            &row.revision.to_string(),
            row.delivery.as_deref().unwrap_or_default(),
            &row.files.join(" "),
        ];
        Ok(self.csv.row(record)?)
    }

    pub fn finish(mut self) -> Result<IndexFiles, RenderError> {
        self.html.push(b']');
        self.html.extend_from_slice(self.html_end.as_bytes());
        Ok(IndexFiles { csv: self.csv.finish()?, html: self.html })
    }
}

fn month_name(locale: &LocaleTag, period: Period) -> Result<String, RenderError> {
    let euro: Currency = "EUR".parse().map_err(|error| RenderError::Template(format!("{error}")))?;
    Ok(Formatters::of(locale, euro)?.month(period))
}

fn page_row(row: &IndexRow) -> Result<String, RenderError> {
    let shown = PageRow(
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
    );
    Ok(script_safe(&serde_json::to_string(&shown)?))
}

/// JSON that cannot end the script element that contains it.
fn script_safe(json: &str) -> String {
    json.replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026")
}
