//! Lists of staff as data: a page shows a part of the rows, files hold all of them, from the same cells.

use chrono::{DateTime, Utc};
use rust_xlsxwriter::{Format, Workbook, Worksheet};
use serde::Serialize;

use super::frame::LANGUAGE;
use crate::content::Content;
use crate::csv_table::CsvTable;
use crate::domain::{Amount, Currency, LocaleTag, Period};
use crate::render::locale::Formatters;
use crate::render::{RenderError, locale};

/// Rows of a page.
pub const STAFF_ROWS: usize = 100;
const SECONDS_OF_A_DAY: f64 = 86_400.0;

#[derive(Debug, Clone, Serialize)]
pub struct StaffColumn {
    /// Names it in URLs; empty: it is not sorted by.
    #[serde(skip)]
    pub key: &'static str,
    pub heading: &'static str,
    pub is_number: bool,
    /// Where its heading leads, which sorts by it.
    pub link: Option<String>,
    /// `ascending` or `descending`, of the column that is sorted by.
    pub sorted: Option<&'static str>,
}

/// What a cell holds, exactly.
#[derive(Debug, Clone, PartialEq)]
pub enum StaffCell {
    Empty,
    Text(String),
    Count(u64),
    /// In seconds.
    Duration(u64),
    Money(Amount, Currency),
    /// In percent.
    Change(i64),
    Instant(DateTime<Utc>),
}

#[derive(Debug, Clone, Default)]
pub struct StaffRow {
    pub cells: Vec<StaffCell>,
    /// Per cell where it leads; shorter than cells where the last ones lead nowhere.
    pub links: Vec<Option<String>>,
    /// The place of a cell that says something is wrong.
    pub trouble: Option<usize>,
}

/// A table as its page shows it.
#[derive(Debug, Clone, Default, Serialize)]
pub struct StaffTable {
    pub caption: String,
    pub columns: Vec<StaffColumn>,
    pub rows: Vec<Vec<ShownCell>>,
    /// Totals, one row per currency.
    pub totals: Vec<Vec<ShownCell>>,
    pub paging: Option<StaffPaging>,
}

#[derive(Debug, Clone, Serialize)]
pub struct ShownCell {
    text: String,
    link: Option<String>,
    is_number: bool,
    is_trouble: bool,
    label: &'static str,
}

#[derive(Debug, Clone, Serialize)]
pub struct StaffPaging {
    pub text: String,
    pub previous: Option<String>,
    pub next: Option<String>,
}

impl StaffColumn {
    pub fn text(key: &'static str, heading: &'static str) -> Self {
        Self { key, heading, is_number: false, link: None, sorted: None }
    }

    pub fn number(key: &'static str, heading: &'static str) -> Self {
        Self { is_number: true, ..Self::text(key, heading) }
    }
}

impl StaffRow {
    pub fn new(cells: Vec<StaffCell>, link: Option<String>) -> Self {
        Self { cells, links: vec![link], trouble: None }
    }
}

impl StaffTable {
    /// `rows` are those of one page.
    pub fn of(
        caption: impl Into<String>,
        columns: Vec<StaffColumn>,
        rows: &[StaffRow],
        totals: &[StaffRow],
    ) -> Result<Self, RenderError> {
        let shown = |row: &StaffRow| {
            let cells = row.cells.iter().zip(&columns).enumerate();
            cells
                .map(|(at, (cell, column))| {
                    Ok(ShownCell {
                        text: cell.shown()?,
                        link: row.links.get(at).cloned().flatten(),
                        is_number: column.is_number,
                        is_trouble: row.trouble == Some(at),
                        label: column.heading,
                    })
                })
                .collect::<Result<Vec<_>, RenderError>>()
        };
        let rows = rows.iter().map(shown).collect::<Result<_, RenderError>>()?;
        let totals = totals.iter().map(shown).collect::<Result<_, RenderError>>()?;
        Ok(Self { caption: caption.into(), columns, rows, totals, paging: None })
    }
}

impl StaffCell {
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    fn shown(&self) -> Result<String, RenderError> {
        Ok(match self {
            Self::Empty => String::new(),
            Self::Text(text) => text.clone(),
            Self::Count(count) => count.to_string(),
            Self::Duration(seconds) => locale::duration(*seconds),
            Self::Money(amount, currency) => staff_money(*amount, *currency)?,
            Self::Change(percent) => format!("{percent:+} %"),
            Self::Instant(at) => staff_instant(*at),
        })
    }

    fn plain(&self) -> String {
        match self {
            Self::Money(amount, currency) => currency.decimal(*amount).to_string(),
            Self::Change(percent) => percent.to_string(),
            Self::Instant(at) => at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true),
            Self::Duration(seconds) => locale::duration(*seconds),
            Self::Count(count) => count.to_string(),
            Self::Text(text) => text.clone(),
            Self::Empty => String::new(),
        }
    }

    fn write(&self, sheet: &mut Worksheet, (row, column): (u32, u16), formats: &Formats) -> Result<(), RenderError> {
        #[expect(clippy::cast_precision_loss, reason = "a workbook knows no other numbers")]
        match self {
            Self::Empty => {}
            Self::Count(count) => drop(sheet.write_number(row, column, *count as f64)?),
            Self::Change(percent) => drop(sheet.write_number(row, column, *percent as f64)?),
            Self::Duration(seconds) => {
                let days = *seconds as f64 / SECONDS_OF_A_DAY;
                sheet.write_number_with_format(row, column, days, &formats.duration)?;
            }
            Self::Money(amount, currency) => {
                let value: f64 = currency.decimal(*amount).to_string().parse().unwrap_or_default();
                let format = &formats.money[usize::try_from(currency.minor_digits().min(3)).unwrap_or(2)];
                sheet.write_number_with_format(row, column, value, format)?;
            }
            Self::Instant(at) => {
                sheet.write_datetime_with_format(row, column, at.naive_utc(), &formats.instant)?;
            }
            Self::Text(text) => drop(sheet.write_string(row, column, text)?),
        }
        Ok(())
    }
}

struct Formats {
    duration: Format,
    instant: Format,
    /// By digits behind the point.
    money: [Format; 4],
}

/// All rows as `.xlsx`; their currency stands in a column at the end.
pub fn staff_workbook(columns: &[StaffColumn], rows: &[StaffRow]) -> Result<Content, RenderError> {
    let format = |text: &str| Format::new().set_num_format(text);
    let formats = Formats {
        duration: format("[hh]:mm:ss"),
        instant: format("yyyy-mm-dd hh:mm"),
        money: ["#,##0", "#,##0.0", "#,##0.00", "#,##0.000"].map(format),
    };
    let head = Format::new().set_bold();
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet().set_name("List")?;
    let headings = headings(columns, has_money(rows));
    let width = u16::try_from(headings.len()).unwrap_or(u16::MAX);
    for (at, heading) in (0..).zip(&headings) {
        sheet.write_string_with_format(0, at, *heading, &head)?;
        sheet.set_column_width(at, 18)?;
    }
    sheet.set_freeze_panes(1, 0)?;
    let has_money = has_money(rows);
    for (line, row) in (1..).zip(rows) {
        for (at, cell) in (0..).zip(cells_with_currency(row, has_money)) {
            cell.write(sheet, (line, at), &formats)?;
        }
    }
    let last = u32::try_from(rows.len()).unwrap_or(u32::MAX);
    sheet.autofilter(0, 0, last, width.saturating_sub(1))?;
    Content::written(|out| workbook.save_to_writer(out).map_err(RenderError::from))
}

/// All rows as `.csv`.
pub fn staff_csv(columns: &[StaffColumn], rows: &[StaffRow]) -> Result<Content, RenderError> {
    Content::written(|out| {
        let has_money = has_money(rows);
        let mut csv = CsvTable::begin(out, headings(columns, has_money))?;
        for row in rows {
            csv.row(cells_with_currency(row, has_money).iter().map(StaffCell::plain))?;
        }
        csv.finish()?;
        Ok(())
    })
}

fn has_money(rows: &[StaffRow]) -> bool {
    rows.iter().any(|row| row.cells.iter().any(|cell| matches!(cell, StaffCell::Money(..))))
}

/// The amounts of one row are of one currency, which stands in a column at the end.
fn headings(columns: &[StaffColumn], has_money: bool) -> Vec<&'static str> {
    columns.iter().map(|column| column.heading).chain(has_money.then_some("Currency")).collect()
}

fn cells_with_currency(row: &StaffRow, has_money: bool) -> Vec<StaffCell> {
    let currency = row.cells.iter().find_map(|cell| match cell {
        StaffCell::Money(_, currency) => Some(StaffCell::Text(currency.code().to_owned())),
        _ => None,
    });
    let currency = has_money.then(|| currency.unwrap_or(StaffCell::Empty));
    row.cells.iter().cloned().chain(currency).collect()
}

/// For example `€1,234.56`.
pub fn staff_money(amount: Amount, currency: Currency) -> Result<String, RenderError> {
    Ok(Formatters::of(&language()?, currency)?.money(amount))
}

/// With a sign.
pub fn staff_difference(after: Amount, before: Amount, currency: Currency) -> Result<String, RenderError> {
    Ok(Formatters::of(&language()?, currency)?.difference(i128::from(after.0) - i128::from(before.0)))
}

/// For example `May 2009`.
pub fn staff_month(period: Period) -> Result<String, RenderError> {
    let euro = "EUR".parse().map_err(|error| RenderError::Template(format!("{error}")))?;
    Ok(Formatters::of(&language()?, euro)?.month(period))
}

/// As the status page shows it.
pub fn staff_instant(at: DateTime<Utc>) -> String {
    crate::clock::to_the_minute(at)
}

fn language() -> Result<LocaleTag, RenderError> {
    LANGUAGE.parse().map_err(|error| RenderError::Template(format!("{error}")))
}
