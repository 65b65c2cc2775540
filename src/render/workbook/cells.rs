//! Columns and cells: what they hold, and how Excel counts it.

use std::borrow::Cow;

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, Timelike};
use rust_xlsxwriter::{Format, Worksheet};

use super::styles::Styles;
use crate::domain::Headings;
use crate::domain::{Amount, Currency, Zone};
use crate::render::RenderError;
use crate::render::locale::offset_if_doubled;
use crate::render::view::Reader;

const SECONDS_PER_DAY: f64 = 86_400.0;
/// 1899-12-30, Excel's day 0, in days of the common era.
const DAY_ZERO: i32 = 693_594;

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(in crate::render) enum CellKind {
    Text,
    Date,
    Time,
    Instant,
    Count,
    Duration,
    Money,
}

#[derive(Debug, Clone)]
pub(in crate::render) struct Column {
    pub(in crate::render) heading: Cow<'static, str>,
    pub(in crate::render) kind: CellKind,
    /// In characters.
    pub(in crate::render) width: u8,
    pub(in crate::render) total: bool,
}

/// The columns with the headings in the reader's language.
pub(in crate::render) fn named(
    reader: &Reader<'_>,
    columns: &[Column],
    catalogue: &[&str],
) -> Result<Vec<Column>, RenderError> {
    let name = |(column, word): (&Column, &&str)| {
        let heading = match reader.headings {
            Headings::Oai => column.heading.clone(),
            Headings::Language => reader.catalogue.word(word)?.into(),
        };
        Ok(Column { heading, ..column.clone() })
    };
    columns.iter().zip(catalogue).map(name).collect()
}

/// One cell's value, of its column's kind.
#[derive(Debug, Clone, Copy)]
pub(in crate::render) enum Cell<'a> {
    Empty,
    Text(&'a str),
    Date(NaiveDate),
    /// Seconds since midnight.
    Time(u32),
    Instant(NaiveDateTime),
    /// One of the two, in an hour that comes twice: its number, and the format that shows its offset.
    Doubled(f64, &'a Format),
    Count(u64),
    /// Seconds.
    Duration(u64),
    Money(Amount),
}

impl CellKind {
    pub(in crate::render) fn format(self, styles: &Styles) -> &Format {
        match self {
            Self::Text => &styles.text,
            Self::Date => &styles.date,
            Self::Time => &styles.time,
            Self::Instant => &styles.instant,
            Self::Count => &styles.count,
            Self::Duration => &styles.duration,
            Self::Money => &styles.money,
        }
    }

    pub(in crate::render) fn head(self, styles: &Styles) -> &Format {
        match self {
            Self::Text => &styles.head,
            _ => &styles.head_right,
        }
    }

    pub(in crate::render) fn total_format(self, styles: &Styles) -> &Format {
        match self {
            Self::Count => &styles.total_count,
            Self::Duration => &styles.total_duration,
            Self::Money => &styles.total_money,
            _ => &styles.total_text,
        }
    }
}

/// Cells take their column's format: naming it for each would cost a comparison of formats for each.
pub(in crate::render) fn write_cell(
    sheet: &mut Worksheet,
    row: u32,
    column: u16,
    cell: Cell<'_>,
    currency: Currency,
) -> Result<(), RenderError> {
    match cell {
        Cell::Empty => return Ok(()),
        Cell::Text(text) => sheet.write_string(row, column, text)?,
        Cell::Date(date) => sheet.write_number(row, column, date_number(date))?,
        Cell::Doubled(number, format) => sheet.write_number_with_format(row, column, number, format)?,
        Cell::Time(seconds) => sheet.write_number(row, column, time_number(seconds))?,
        Cell::Instant(instant) => sheet.write_number(row, column, instant_number(instant))?,
        Cell::Count(count) => sheet.write_number(row, column, number(count))?,
        Cell::Duration(seconds) => sheet.write_number(row, column, days(seconds))?,
        Cell::Money(amount) => sheet.write_number(row, column, money(amount, currency))?,
    };
    Ok(())
}

/// An amount as an Excel number: the double nearest to the exact decimal.
pub(in crate::render) fn money(amount: Amount, currency: Currency) -> f64 {
    currency.decimal(amount).to_string().parse().unwrap_or(f64::NAN)
}

/// Seconds as Excel counts time, in days.
pub(in crate::render) fn days(seconds: u64) -> f64 {
    number(seconds) / SECONDS_PER_DAY
}

#[expect(clippy::cast_precision_loss, reason = "an Excel cell holds a double; counts stay far below 2^53")]
pub(in crate::render) fn number(count: u64) -> f64 {
    count as f64
}

pub(in crate::render) fn date_number(date: NaiveDate) -> f64 {
    f64::from(date.num_days_from_ce() - DAY_ZERO)
}

pub(super) fn time_number(seconds: u32) -> f64 {
    f64::from(seconds) / SECONDS_PER_DAY
}

pub(super) fn instant_number(instant: NaiveDateTime) -> f64 {
    date_number(instant.date()) + time_number(instant.num_seconds_from_midnight())
}

/// `format` followed by the offset from UTC, where clocks show the same time twice.
pub(super) fn with_offset(
    format: &Format,
    pattern: &str,
    instant: DateTime<chrono::Utc>,
    zone: Zone,
) -> Option<Format> {
    let offset = offset_if_doubled(&instant.with_timezone(&zone))?;
    Some(format.clone().set_num_format(format!("{pattern}\" {offset}\"")))
}

/// (date, seconds since midnight) of an instant in the account's zone.
pub(in crate::render) fn local_parts(instant: DateTime<chrono::Utc>, zone: Zone) -> (NaiveDate, u32) {
    let local = instant.with_timezone(&zone);
    (local.date_naive(), local.num_seconds_from_midnight())
}
