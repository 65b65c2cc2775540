//! A list as data: columns, typed cells, what can be searched and sorted, and totals of all of it.

use std::cmp::Ordering;

use chrono::{DateTime, NaiveDate};

use crate::domain::{Amount, BillingCode, ConferenceId, Currency, RoomNumber, Zone};
use crate::render::locale::{self, Formatters};

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

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::render) enum Holds {
    Text,
    Date,
    Time,
    Instant,
    Count,
    Duration,
    Money,
}

#[derive(Debug, Clone)]
pub(in crate::render) struct TableColumn {
    /// Names it in URLs.
    pub(in crate::render) key: &'static str,
    pub(in crate::render) heading: String,
    pub(in crate::render) holds: Holds,
    /// Whether its total stands below the list.
    pub(in crate::render) total: bool,
    /// False: only files have it, pages say it otherwise.
    pub(in crate::render) on_page: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::render) enum TableCell {
    Empty,
    Text(String),
    /// Something that is not there, by a word of the page's language, as `Unallocated`.
    Lacking(String),
    /// A room's number: grouped on pages, as it is in files.
    Number {
        plain: String,
        grouped: String,
    },
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

#[derive(Debug, Clone)]
pub(in crate::render) struct TableRow {
    pub(in crate::render) cells: Vec<TableCell>,
    /// Where the row leads.
    pub(in crate::render) link: Option<String>,
    /// A remark, as that a line came late.
    pub(in crate::render) mark: Option<String>,
    /// Of a row that stands for a conference.
    pub(in crate::render) conference: Option<ConferenceRow>,
}

/// What a row knows of its conference.
#[derive(Debug, Clone)]
pub(in crate::render) struct ConferenceRow {
    pub(in crate::render) name: (RoomNumber, ConferenceId),
    pub(in crate::render) code: Option<BillingCode>,
    /// That the statement has another code.
    pub(in crate::render) mark: Option<String>,
}

#[derive(Debug, Clone)]
pub(in crate::render) struct Table {
    pub(in crate::render) columns: Vec<TableColumn>,
    pub(in crate::render) rows: Vec<TableRow>,
    /// The column that carries the row's link.
    pub(in crate::render) link_column: usize,
    pub(in crate::render) currency: Currency,
}

impl Table {
    /// Keeps the rows in which every word of `search` is found, whatever its case.
    pub(in crate::render) fn search(&mut self, search: &str, format: &Formatters) {
        let words: Vec<String> = search.split_whitespace().map(str::to_lowercase).collect();
        let digits: String = search.split_whitespace().collect();
        let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        if words.is_empty() {
            return;
        }
        self.rows.retain(|row| {
            let text = row.text(format);
            words.iter().all(|word| text.contains(word.as_str())) || (is_number && row.has_number(&digits))
        });
    }

    /// Keeps the conferences with this code; None: those without.
    pub(in crate::render) fn only_code(&mut self, wanted: Option<&str>) {
        self.rows.retain(|row| {
            let conference = row.conference.as_ref();
            conference.is_none_or(|conference| conference.code.as_ref().map(|code| code.as_str()) == wanted)
        });
    }

    /// Orders by a column's key, descending with `-` in front; rows that are equal keep their order.
    pub(in crate::render) fn sort(&mut self, wanted: &str) {
        let (key, descending) = wanted.strip_prefix('-').map_or((wanted, false), |key| (key, true));
        let Some(column) = self.columns.iter().position(|column| column.key == key) else { return };
        self.rows.sort_by(|a, b| {
            let order = a.cells[column].compare(&b.cells[column]);
            if descending { order.reverse() } else { order }
        });
    }

    /// The column by which [`Self::sort`] would order, and whether downwards.
    pub(in crate::render) fn sorted_by<'a>(&self, wanted: &'a str) -> Option<(&'a str, bool)> {
        let (key, descending) = wanted.strip_prefix('-').map_or((wanted, false), |key| (key, true));
        self.columns.iter().any(|column| column.key == key).then_some((key, descending))
    }

    /// Of all rows, per column.
    pub(in crate::render) fn totals(&self) -> Vec<TableCell> {
        let total = |(index, column): (usize, &TableColumn)| {
            if !column.total {
                return TableCell::Empty;
            }
            let sum: i128 = self.rows.iter().map(|row| row.cells[index].addend()).sum();
            let count = u64::try_from(sum).unwrap_or(u64::MAX);
            match column.holds {
                Holds::Count => TableCell::Count(count),
                Holds::Duration => TableCell::Duration(count),
                _ => TableCell::Money(Amount(i64::try_from(sum).unwrap_or(i64::MAX))),
            }
        };
        self.columns.iter().enumerate().map(total).collect()
    }
}

impl TableRow {
    /// Everything that can be read in it, in lower case.
    fn text(&self, format: &Formatters) -> String {
        let shown = self.cells.iter().map(|cell| cell.shown(format)).chain(self.mark.clone());
        shown.collect::<Vec<_>>().join("\n").to_lowercase()
    }

    fn has_number(&self, digits: &str) -> bool {
        self.cells.iter().any(|cell| matches!(cell, TableCell::Number { plain, .. } if plain.contains(digits)))
    }
}

impl TableCell {
    /// As pages show it.
    pub(in crate::render) fn shown(&self, format: &Formatters) -> String {
        match self {
            Self::Empty => String::new(),
            Self::Text(text) | Self::Lacking(text) => text.clone(),
            Self::Number { grouped, .. } => grouped.clone(),
            Self::Date(date) => format.date(*date),
            Self::Time { at, apart } => time(at, *apart, format),
            Self::Instant(at) => format!("{} {}", format.date(at.date_naive()), format.time(at)),
            Self::Count(count) => format.count(*count),
            Self::Duration(seconds) => locale::duration(*seconds),
            Self::Money(amount) => format.money(*amount),
        }
    }

    fn addend(&self) -> i128 {
        match self {
            Self::Count(count) | Self::Duration(count) => i128::from(*count),
            Self::Money(amount) => i128::from(amount.0),
            _ => 0,
        }
    }

    /// What is lacking comes last.
    fn compare(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Text(a), Self::Text(b)) => a.to_lowercase().cmp(&b.to_lowercase()).then_with(|| a.cmp(b)),
            (Self::Number { plain: a, .. }, Self::Number { plain: b, .. }) => a.cmp(b),
            (Self::Date(a), Self::Date(b)) => a.cmp(b),
            (Self::Time { at: a, .. }, Self::Time { at: b, .. }) => a.time().cmp(&b.time()),
            (Self::Instant(a), Self::Instant(b)) => a.cmp(b),
            (Self::Count(_) | Self::Duration(_) | Self::Money(_), _) => self.addend().cmp(&other.addend()),
            (Self::Empty | Self::Lacking(_), Self::Empty | Self::Lacking(_)) => Ordering::Equal,
            (Self::Empty | Self::Lacking(_), _) => Ordering::Greater,
            (_, Self::Empty | Self::Lacking(_)) => Ordering::Less,
            _ => Ordering::Equal,
        }
    }
}

/// With its offset in the hour that comes twice.
pub(in crate::render) fn time(at: &DateTime<Zone>, apart: bool, format: &Formatters) -> String {
    let time = format.time(at);
    if apart { format!("{time} {}", at.format("%:z")) } else { time }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(rows: &[(&str, Option<&str>, i64)]) -> Table {
        let column = |key, holds, total| TableColumn { key, heading: String::new(), holds, total, on_page: true };
        let row = |&(number, code, charge): &(&str, Option<&str>, i64)| TableRow {
            cells: vec![
                TableCell::Number { plain: number.into(), grouped: format!("{} {}", &number[..2], &number[2..]) },
                code.map_or(TableCell::Lacking("Unallocated".into()), |code| TableCell::Text(code.into())),
                TableCell::Money(Amount(charge)),
            ],
            link: None,
            mark: None,
            conference: None,
        };
        Table {
            columns: vec![
                column("number", Holds::Text, false),
                column("code", Holds::Text, false),
                column("charge", Holds::Money, true),
            ],
            rows: rows.iter().map(row).collect(),
            link_column: 0,
            currency: "EUR".parse().unwrap(),
        }
    }

    fn numbers(table: &Table) -> Vec<String> {
        let plain = |row: &TableRow| match &row.cells[0] {
            TableCell::Number { plain, .. } => plain.clone(),
            other => panic!("{other:?}"),
        };
        table.rows.iter().map(plain).collect()
    }

    const ROWS: [(&str, Option<&str>, i64); 4] =
        [("320026", Some("b"), 9), ("332703", None, 11_659), ("335948", Some("A"), 1_539), ("341207", Some("b"), 0)];

    #[test]
    fn sorting_goes_both_ways_and_what_is_lacking_comes_last() {
        let mut table = table(&ROWS);
        table.sort("-charge");
        assert_eq!(numbers(&table), ["332703", "335948", "320026", "341207"]);
        table.sort("code");
        assert_eq!(numbers(&table), ["335948", "320026", "341207", "332703"]);
        table.sort("nonsense");
        assert_eq!(numbers(&table), ["335948", "320026", "341207", "332703"]);
    }

    #[test]
    fn a_search_finds_numbers_however_they_are_grouped_and_totals_are_of_what_is_found() {
        let format = Formatters::of(&"fr-FR".parse().unwrap(), "EUR".parse().unwrap()).unwrap();
        for (search, found) in
            [("33 27", vec!["332703"]), ("332703", vec!["332703"]), ("B", vec!["320026", "341207"]), ("x", vec![])]
        {
            let mut table = table(&ROWS);
            table.search(search, &format);
            assert_eq!(numbers(&table), found, "{search}");
        }
        let mut table = table(&ROWS);
        table.search("b", &format);
        assert_eq!(table.totals(), [TableCell::Empty, TableCell::Empty, TableCell::Money(Amount(9))]);
    }
}
