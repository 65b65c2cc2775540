//! A list as data: columns, typed cells, what can be searched and sorted, and totals of all of it.
//!
//! Rows are made when they are asked for: a page makes a hundred of them, whatever the list has. What needs all of
//! them is settled once, as an [`Arrangement`].

use std::borrow::Cow;
use std::sync::Arc;

use chrono::{DateTime, Datelike, NaiveDate, Timelike};

use crate::domain::{Amount, BillingCode, ConferenceId, Currency, RoomNumber, Zone};
use crate::render::RenderError;
use crate::render::locale::{self, Formatters};
use crate::render::workbook::cells::CellKind;

/// In a query: conferences without a code.
pub(super) const NO_CODE: &str = "-";

/// What a page was asked for, besides the month.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListQuery {
    /// Also rooms without usage.
    pub all_rooms: bool,
    /// Text to be found, as it was typed; empty: everything.
    pub search: String,
    /// A column's key, with `-` in front for the other direction.
    pub sort: Option<String>,
    /// From 1.
    pub page: usize,
    /// Only conferences with this billing code; `-`: those without.
    pub code: Option<String>,
    /// The rows of the page are ticked.
    pub ticked: bool,
}

impl ListQuery {
    /// What decides which rows a list has, and their order: the same for all of its pages.
    #[must_use]
    pub fn of_all_pages(&self) -> Self {
        Self { page: 0, ticked: false, ..self.clone() }
    }
}

#[derive(Debug, Clone)]
pub(in crate::render) struct TableColumn {
    /// Names it in URLs, and for [`Rows::cell`].
    pub(in crate::render) key: &'static str,
    pub(in crate::render) heading: String,
    pub(in crate::render) kind: CellKind,
    /// Whether its total is shown below the list.
    pub(in crate::render) total: bool,
    /// False if only files have it; pages show it in another way.
    pub(in crate::render) on_page: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::render) enum TableCell<'a> {
    Empty,
    Text(Cow<'a, str>),
    /// A missing value, by a word of the page's language, for example `Unallocated`.
    Lacking(&'a str),
    /// A room's number: grouped on pages, as it is in files.
    Number(&'a RoomNumber),
    Date(NaiveDate),
    /// The time of day; `apart` where the clock showed it twice that day.
    Time {
        at: DateTime<Zone>,
        apart: bool,
    },
    Instant(DateTime<Zone>),
    Count(u64),
    Duration(u64),
    Money(Amount),
}

/// What a list is made of; rows are numbered from 0 in their natural order.
pub(in crate::render) trait Rows {
    fn count(&self) -> usize;

    fn cell(&self, row: usize, column: &str) -> TableCell<'_>;

    /// Where the row leads.
    fn link(&self, _row: usize) -> Option<String> {
        None
    }

    /// A remark, for example that a line came late.
    fn mark(&self, _row: usize) -> Result<Option<String>, RenderError> {
        Ok(None)
    }

    /// Of a row that shows a conference.
    fn conference(&self, _row: usize) -> Option<ConferenceRow<'_>> {
        None
    }

    /// Whether the row's statement has another code.
    fn code_mark(&self, _row: usize) -> Result<Option<String>, RenderError> {
        Ok(None)
    }
}

/// The conference of a row.
#[derive(Debug, Clone, Copy)]
pub(in crate::render) struct ConferenceRow<'a> {
    pub(in crate::render) room: &'a RoomNumber,
    pub(in crate::render) id: &'a ConferenceId,
    pub(in crate::render) code: Option<&'a BillingCode>,
}

/// Which rows of a list a query shows, in which order, and what they come to: the same for all pages of it.
#[derive(Debug, Clone, Default)]
pub struct Arrangement {
    /// `None` means all of them as they are.
    pub(super) order: Option<Vec<u32>>,
    /// Rows shown.
    pub(super) count: usize,
    /// Per column.
    pub(super) sums: Vec<i128>,
    /// Conferences shown, each once.
    pub(super) conferences: usize,
    pub(super) lines: LineTraits,
}

/// What has to be known of all of a room's lines before the first is shown.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct LineTraits {
    /// The offsets from UTC at which they began, in seconds, each once.
    pub(super) offsets: Vec<i32>,
    /// Codes of some were changed after the statement.
    pub(super) is_recoded: bool,
}

pub(in crate::render) struct Table<'a> {
    pub(in crate::render) columns: Vec<TableColumn>,
    pub(in crate::render) rows: Box<dyn Rows + 'a>,
    /// The column that carries the row's link.
    pub(in crate::render) link_column: usize,
    pub(in crate::render) currency: Currency,
    pub(in crate::render) arrangement: Arc<Arrangement>,
}

impl<'a> Table<'a> {
    /// With all rows, whose totals are not known before [`Self::arrange`].
    pub(in crate::render) fn new(
        columns: Vec<TableColumn>,
        rows: impl Rows + 'a,
        link_column: usize,
        currency: Currency,
    ) -> Self {
        Self { columns, rows: Box::new(rows), link_column, currency, arrangement: Arc::default() }
    }

    /// A row's cells, one per column.
    pub(in crate::render) fn cells(&self, row: usize) -> impl Iterator<Item = TableCell<'_>> {
        self.columns.iter().map(move |column| self.rows.cell(row, column.key))
    }
}

impl Arrangement {
    /// How many rows are shown.
    pub fn count(&self) -> usize {
        self.count
    }

    /// The rows that are shown, in order.
    pub(super) fn rows(&self) -> impl Iterator<Item = usize> + Clone {
        (0..self.count).map(|place| self.order.as_ref().map_or(place, |order| order[place] as usize))
    }

    /// Its size in a cache, in rows.
    pub fn size(&self) -> usize {
        self.order.as_ref().map_or(0, Vec::len)
    }
}

impl TableCell<'_> {
    /// As pages show it.
    pub(in crate::render) fn shown(&self, format: &Formatters) -> String {
        match self {
            Self::Empty => String::new(),
            Self::Text(text) => text.to_string(),
            Self::Lacking(text) => (*text).to_owned(),
            Self::Number(number) => number.grouped(),
            Self::Date(date) => format.date(*date),
            Self::Time { at, apart } => time(at, *apart, format),
            Self::Instant(at) => format!("{} {}", format.date(at.date_naive()), format.time(at)),
            Self::Count(count) => format.count(*count),
            Self::Duration(seconds) => locale::duration(*seconds),
            Self::Money(amount) => format.money(*amount),
        }
    }

    /// Its value is in many cells: the same wherever this is the same.
    pub(super) fn repeats(&self) -> Option<(CellKind, i64)> {
        let count = |count: u64| i64::try_from(count).ok();
        match self {
            Self::Date(date) => Some((CellKind::Date, date.num_days_from_ce().into())),
            Self::Time { at, apart: false } => Some((CellKind::Time, at.num_seconds_from_midnight().into())),
            Self::Count(number) => count(*number).map(|number| (CellKind::Count, number)),
            Self::Money(amount) => Some((CellKind::Money, amount.0)),
            _ => None,
        }
    }

    pub(super) fn addend(&self) -> i128 {
        match self {
            Self::Count(count) | Self::Duration(count) => i128::from(*count),
            Self::Money(amount) => i128::from(amount.0),
            _ => 0,
        }
    }
}

/// With its offset in the hour that comes twice.
pub(in crate::render) fn time(at: &DateTime<Zone>, apart: bool, format: &Formatters) -> String {
    let time = format.time(at);
    if apart { format!("{time} {}", at.format("%:z")) } else { time }
}
