//! Searching, sorting and adding up a list: of a hundred thousand rows some milliseconds' work, done once for all
//! pages.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use chrono::{Datelike, NaiveTime};

use super::table::{Arrangement, ListQuery, NO_CODE, Table, TableCell, TableColumn};
use crate::domain::Amount;
use crate::render::RenderError;
use crate::render::locale::Formatters;
use crate::render::workbook::cells::CellKind;

impl Table<'_> {
    /// Searches, sorts and adds up.
    pub(in crate::render) fn arrange(&mut self, query: &ListQuery, format: &Formatters) -> Result<(), RenderError> {
        let mut order: Option<Vec<u32>> = None;
        let all = || 0..u32::try_from(self.rows.count()).unwrap_or(u32::MAX);
        if let Some(code) = query.code.as_deref() {
            let wanted = Some(code).filter(|code| *code != NO_CODE);
            let has_code = |row: &u32| {
                let conference = self.rows.conference(*row as usize);
                conference.is_none_or(|conference| conference.code.map(|code| code.as_str()) == wanted)
            };
            order = Some(all().filter(has_code).collect());
        }
        if let Some(mut search) = Search::of(&query.search, format) {
            let rows = order.take().unwrap_or_else(|| all().collect());
            let mut found = Vec::new();
            for row in rows {
                if search.finds(self, row as usize)? {
                    found.push(row);
                }
            }
            order = Some(found);
        }
        if let Some((column, descending)) = query.sort.as_deref().and_then(|sort| self.sorted_by(sort)) {
            let rows = order.take().unwrap_or_else(|| all().collect());
            order = Some(self.sorted(rows, column, descending));
        }
        let count = order.as_ref().map_or(self.rows.count(), Vec::len);
        let arrangement =
            Arrangement { order, count, lines: self.arrangement.lines.clone(), ..Arrangement::default() };
        let (sums, conferences) = self.added_up(&arrangement);
        self.arrangement = Arc::new(Arrangement { sums, conferences, ..arrangement });
        Ok(())
    }

    /// Rows that are equal keep their order.
    fn sorted(&self, rows: Vec<u32>, column: &str, descending: bool) -> Vec<u32> {
        let key = |row: u32| (SortKey::of(self.rows.cell(row as usize, column)), row);
        let mut keyed: Vec<(SortKey<'_>, u32)> = rows.into_iter().map(key).collect();
        keyed.sort_by(|(a, _), (b, _)| if descending { b.cmp(a) } else { a.cmp(b) });
        keyed.into_iter().map(|(_, row)| row).collect()
    }

    fn added_up(&self, arrangement: &Arrangement) -> (Vec<i128>, usize) {
        let sum = |column: &TableColumn| {
            let addend = |row: usize| self.rows.cell(row, column.key).addend();
            if column.total { arrangement.rows().map(addend).sum() } else { 0 }
        };
        let name = |row: usize| self.rows.conference(row).map(|row| (row.room, row.id));
        let conferences: HashSet<_> = arrangement.rows().filter_map(name).collect();
        (self.columns.iter().map(sum).collect(), conferences.len())
    }

    /// The column by which a query orders, and whether downwards.
    pub(in crate::render) fn sorted_by<'b>(&self, wanted: &'b str) -> Option<(&'b str, bool)> {
        let (key, descending) = wanted.strip_prefix('-').map_or((wanted, false), |key| (key, true));
        self.columns.iter().any(|column| column.key == key).then_some((key, descending))
    }

    /// Sums over all rows, per column.
    pub(in crate::render) fn totals(&self) -> Vec<TableCell<'static>> {
        let total = |(column, sum): (&TableColumn, &i128)| {
            let count = u64::try_from(*sum).unwrap_or(u64::MAX);
            match column.kind {
                _ if !column.total => TableCell::Empty,
                CellKind::Count => TableCell::Count(count),
                CellKind::Duration => TableCell::Duration(count),
                _ => TableCell::Money(Amount(i64::try_from(*sum).unwrap_or(i64::MAX))),
            }
        };
        self.columns.iter().zip(&self.arrangement.sums).map(total).collect()
    }
}

/// Words that must all be found in a row, whatever their case.
struct Search<'a> {
    words: Vec<String>,
    /// What was typed, if it is a number: rooms' numbers are found however they are grouped.
    number: Option<String>,
    format: &'a Formatters,
    /// How dates, amounts and times are shown: many rows have the same.
    shown: HashMap<(CellKind, i64), String>,
}

impl<'a> Search<'a> {
    /// `None` if nothing is searched for.
    fn of(search: &str, format: &'a Formatters) -> Option<Self> {
        let words: Vec<String> = search.split_whitespace().map(str::to_lowercase).collect();
        let digits: String = search.split_whitespace().collect();
        let number = digits.bytes().all(|byte| byte.is_ascii_digit()).then_some(digits);
        (!words.is_empty()).then(|| Self { words, number, format, shown: HashMap::new() })
    }

    fn finds(&mut self, table: &Table<'_>, row: usize) -> Result<bool, RenderError> {
        let mut missing: Vec<&str> = self.words.iter().map(String::as_str).collect();
        for cell in table.cells(row) {
            if let (TableCell::Number(number), Some(digits)) = (&cell, &self.number)
                && number.as_str().contains(digits.as_str())
            {
                return Ok(true);
            }
            let is_missing = |text: &str, word: &str| !text.contains(word);
            if let Some(key) = cell.repeats() {
                let shown = self.shown.entry(key).or_insert_with(|| cell.shown(self.format).to_lowercase());
                missing.retain(|word| is_missing(shown, word));
            } else {
                let shown = cell.shown(self.format).to_lowercase();
                missing.retain(|word| is_missing(&shown, word));
            }
            if missing.is_empty() {
                return Ok(true);
            }
        }
        let mark = table.rows.mark(row)?.map(|mark| mark.to_lowercase());
        missing.retain(|word| mark.as_ref().is_none_or(|mark| !mark.contains(word)));
        Ok(missing.is_empty())
    }
}

/// Orders the cells of a column; missing values come last.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum SortKey<'a> {
    /// Without regard to case first.
    Text(String, Cow<'a, str>),
    Number(&'a str),
    /// A date, a time of day, an instant, or an amount.
    Amount(i128),
    Lacking,
}

impl<'a> SortKey<'a> {
    fn of(cell: TableCell<'a>) -> Self {
        match cell {
            TableCell::Empty | TableCell::Lacking(_) => Self::Lacking,
            TableCell::Text(text) => Self::Text(text.to_lowercase(), text),
            TableCell::Number(number) => Self::Number(number.as_str()),
            TableCell::Date(date) => Self::Amount(date.num_days_from_ce().into()),
            TableCell::Time { at, .. } => {
                Self::Amount((at.time() - NaiveTime::MIN).num_microseconds().unwrap_or(0).into())
            }
            TableCell::Instant(at) => Self::Amount(at.timestamp_micros().into()),
            TableCell::Count(_) | TableCell::Duration(_) | TableCell::Money(_) => Self::Amount(cell.addend()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;
    use crate::domain::RoomNumber;
    use crate::render::portal::table::Rows;

    struct Sample(Vec<(RoomNumber, Option<&'static str>, i64)>, Cell<usize>);

    impl Rows for &Sample {
        fn count(&self) -> usize {
            self.0.len()
        }

        fn cell(&self, row: usize, column: &str) -> TableCell<'_> {
            self.1.set(self.1.get() + 1);
            let (number, code, charge) = &self.0[row];
            match column {
                "number" => TableCell::Number(number),
                "code" => code.map_or(TableCell::Lacking("Unallocated"), |code| TableCell::Text(code.into())),
                _ => TableCell::Money(Amount(*charge)),
            }
        }
    }

    fn sample(rows: &[(&str, Option<&'static str>, i64)]) -> Sample {
        Sample(
            rows.iter().map(|&(number, code, charge)| (number.parse().unwrap(), code, charge)).collect(),
            Cell::new(0),
        )
    }

    fn arranged<'a>(sample: &'a Sample, search: &str, sort: &str) -> Table<'a> {
        let column = |key, kind, total| TableColumn { key, heading: String::new(), kind, total, on_page: true };
        let columns = vec![
            column("number", CellKind::Text, false),
            column("code", CellKind::Text, false),
            column("charge", CellKind::Money, true),
        ];
        let format = Formatters::of(&"fr-FR".parse().unwrap(), "EUR".parse().unwrap()).unwrap();
        let mut table = Table::new(columns, sample, 0, "EUR".parse().unwrap());
        let sort = Some(sort.to_owned()).filter(|sort| !sort.is_empty());
        let query = ListQuery { search: search.into(), sort, ..ListQuery::default() };
        table.arrange(&query, &format).unwrap();
        table
    }

    fn numbers(table: &Table<'_>) -> Vec<String> {
        let plain = |row: usize| match table.rows.cell(row, "number") {
            TableCell::Number(number) => number.to_string(),
            other => panic!("{other:?}"),
        };
        table.arrangement.rows().map(plain).collect()
    }

    const ROWS: [(&str, Option<&str>, i64); 4] =
        [("320026", Some("b"), 9), ("332703", None, 11_659), ("335948", Some("A"), 1_539), ("341207", Some("b"), 0)];

    #[test]
    fn sorting_goes_both_ways_and_what_is_lacking_comes_last() {
        let rows = sample(&ROWS);
        for (sort, expected) in [
            ("-charge", ["332703", "335948", "320026", "341207"]),
            ("charge", ["341207", "320026", "335948", "332703"]),
            ("code", ["335948", "320026", "341207", "332703"]),
            ("-code", ["332703", "320026", "341207", "335948"]),
            ("nonsense", ["320026", "332703", "335948", "341207"]),
        ] {
            assert_eq!(numbers(&arranged(&rows, "", sort)), expected, "{sort}");
        }
    }

    #[test]
    fn a_search_finds_numbers_however_they_are_grouped_and_totals_are_of_what_is_found() {
        let rows = sample(&ROWS);
        for (search, found) in [
            ("33 27", vec!["332703"]),
            ("332703", vec!["332703"]),
            ("B", vec!["320026", "341207"]),
            ("x", vec![]),
            ("b 0,09", vec!["320026"]),
            ("116,59 unallocated", vec!["332703"]),
        ] {
            assert_eq!(numbers(&arranged(&rows, search, "")), found, "{search}");
        }
        let totals = arranged(&rows, "b", "-charge").totals();
        assert_eq!(totals, [TableCell::Empty, TableCell::Empty, TableCell::Money(Amount(9))]);
    }

    #[test]
    fn what_is_kept_of_a_list_spares_its_pages_all_other_rows() {
        let number = |number: i64| ((100_000 + number).to_string(), number % 7);
        let rows: Vec<_> = (0..1000).map(number).collect();
        let rows: Vec<_> = rows.iter().map(|(number, charge)| (number.as_str(), None, *charge)).collect();
        let rows = sample(&rows);
        let first = arranged(&rows, "1", "-charge");
        let mut next = arranged(&rows, "", "");
        next.arrangement = Arc::clone(&first.arrangement);
        rows.1.set(0);
        let shown: Vec<_> = next.arrangement.rows().take(10).map(|row| next.cells(row).count()).collect();
        assert_eq!((shown, rows.1.get()), (vec![3; 10], 30));
        assert_eq!(next.totals(), first.totals());
        assert_eq!(rows.1.get(), 30, "totals are kept too");
    }
}
