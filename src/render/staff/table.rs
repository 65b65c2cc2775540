//! Lists of staff as data: a page shows a part of the rows, files (`file`) hold all of them, from the same cells.

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::frame::LANGUAGE;
use crate::domain::{Amount, Currency, LocaleTag, Period};
use crate::render::locale::Formatters;
use crate::render::{RenderError, locale};

/// Rows of a page.
pub const STAFF_ROWS: usize = 100;

#[derive(Debug, Clone, Serialize)]
pub struct StaffColumn {
    /// Its name in URLs; empty if the table cannot be sorted by it.
    #[serde(skip)]
    pub key: &'static str,
    pub heading: &'static str,
    pub is_number: bool,
    /// Files have its currency in a column at the end.
    #[serde(skip)]
    pub(super) is_money: bool,
    /// The link of its heading, which sorts by it.
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
    /// The link of each cell; the last cells may have none.
    pub links: Vec<Option<String>>,
    /// The index of the cell that says that something is wrong.
    pub problem: Option<usize>,
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
    is_problem: bool,
    /// Its lines are best broken behind an @.
    is_address: bool,
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
        Self { key, heading, is_number: false, is_money: false, link: None, sorted: None }
    }

    pub fn number(key: &'static str, heading: &'static str) -> Self {
        Self { is_number: true, ..Self::text(key, heading) }
    }

    pub fn money(key: &'static str, heading: &'static str) -> Self {
        Self { is_money: true, ..Self::number(key, heading) }
    }
}

impl StaffRow {
    pub fn new(cells: Vec<StaffCell>, link: Option<String>) -> Self {
        Self { cells, links: vec![link], problem: None }
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
                    let text = cell.shown()?;
                    Ok(ShownCell {
                        is_address: text.contains('@'),
                        text,
                        link: row.links.get(at).cloned().flatten(),
                        is_number: column.is_number,
                        is_problem: row.problem == Some(at),
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
