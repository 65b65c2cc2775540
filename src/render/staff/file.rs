//! Lists of staff as files. Rows are written as they come, so that a long list takes no more memory than a short one.

use rust_xlsxwriter::{Format, Workbook, Worksheet};

use super::table::{StaffCell, StaffColumn, StaffRow};
use crate::content::Content;
use crate::csv_table::CsvTable;
use crate::render::{RenderError, locale};

/// Rows of a sheet, of the 1,048,576 that Excel knows; what is more goes on in a further sheet.
const ROWS_OF_SHEET: u32 = 1_000_000;
/// Characters of a cell that Excel takes.
const LONGEST_TEXT: usize = 32_767;
/// In characters.
const WIDTH_OF_TEXT: u16 = 26;
const WIDTH_OF_NUMBER: u16 = 14;
const SECONDS_OF_A_DAY: f64 = 86_400.0;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StaffFile {
    Csv,
    Workbook,
}

/// All rows, from the parts in which they come; their currency is in a column at the end.
pub fn staff_file(
    kind: StaffFile,
    columns: &[StaffColumn],
    parts: impl Iterator<Item = Vec<StaffRow>>,
) -> Result<Content, RenderError> {
    match kind {
        StaffFile::Csv => csv(columns, parts.flatten()),
        StaffFile::Workbook => workbook(columns, parts.flatten(), ROWS_OF_SHEET),
    }
}

fn csv(columns: &[StaffColumn], rows: impl Iterator<Item = StaffRow>) -> Result<Content, RenderError> {
    Content::written(|out| {
        let mut csv = CsvTable::begin(out, headings(columns))?;
        for row in rows {
            csv.row(cells_with_currency(columns, row).iter().map(StaffCell::plain))?;
        }
        csv.finish()?;
        Ok(())
    })
}

fn workbook(
    columns: &[StaffColumn],
    rows: impl Iterator<Item = StaffRow>,
    rows_of_sheet: u32,
) -> Result<Content, RenderError> {
    let formats = Formats::new();
    let mut workbook = Workbook::new();
    let mut sheet = begin_sheet(&mut workbook, 1, columns, &formats)?;
    let (mut sheets, mut line) = (1, 0);
    for row in rows {
        if line == rows_of_sheet {
            end_sheet(&mut sheet, line, columns)?;
            sheets += 1;
            let next = begin_sheet(&mut workbook, sheets, columns, &formats)?;
            workbook.push_worksheet(std::mem::replace(&mut sheet, next));
            line = 0;
        }
        line += 1;
        for (at, cell) in (0..).zip(cells_with_currency(columns, row)) {
            cell.write(&mut sheet, (line, at), &formats)?;
        }
    }
    end_sheet(&mut sheet, line, columns)?;
    workbook.push_worksheet(sheet);
    Content::written(|out| workbook.save_to_writer(out).map_err(RenderError::from))
}

fn begin_sheet(
    workbook: &mut Workbook,
    number: u32,
    columns: &[StaffColumn],
    formats: &Formats,
) -> Result<Worksheet, RenderError> {
    let mut sheet = workbook.new_worksheet_with_constant_memory()?;
    sheet.set_name(if number == 1 { "List".to_owned() } else { format!("List {number}") })?;
    let widths = columns.iter().map(|column| if column.is_number { WIDTH_OF_NUMBER } else { WIDTH_OF_TEXT });
    for ((at, heading), width) in (0..).zip(headings(columns)).zip(widths.chain([WIDTH_OF_NUMBER])) {
        sheet.set_column_width(at, width)?;
        sheet.write_string_with_format(0, at, heading, &formats.head)?;
    }
    sheet.set_freeze_panes(1, 0)?;
    Ok(sheet)
}

fn end_sheet(sheet: &mut Worksheet, last_line: u32, columns: &[StaffColumn]) -> Result<(), RenderError> {
    let last = u16::try_from(headings(columns).count()).unwrap_or(u16::MAX).saturating_sub(1);
    sheet.autofilter(0, 0, last_line, last)?;
    Ok(())
}

/// The amounts of one row are of one currency, which is in a column at the end.
fn headings(columns: &[StaffColumn]) -> impl Iterator<Item = &'static str> {
    columns.iter().map(|column| column.heading).chain(has_money(columns).then_some("Currency"))
}

fn has_money(columns: &[StaffColumn]) -> bool {
    columns.iter().any(|column| column.is_money)
}

fn cells_with_currency(columns: &[StaffColumn], row: StaffRow) -> Vec<StaffCell> {
    let mut cells = row.cells;
    if has_money(columns) {
        let currency = cells.iter().find_map(|cell| match cell {
            StaffCell::Money(_, currency) => Some(StaffCell::Text(currency.code().to_owned())),
            _ => None,
        });
        cells.push(currency.unwrap_or(StaffCell::Empty));
    }
    cells
}

struct Formats {
    head: Format,
    duration: Format,
    instant: Format,
    /// Formats by the number of decimals.
    money: [Format; 4],
}

impl Formats {
    fn new() -> Self {
        let format = |text: &str| Format::new().set_num_format(text);
        Self {
            head: Format::new().set_bold(),
            duration: format("[hh]:mm:ss"),
            instant: format("yyyy-mm-dd hh:mm"),
            money: ["#,##0", "#,##0.0", "#,##0.00", "#,##0.000"].map(format),
        }
    }
}

impl StaffCell {
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
            Self::Text(text) => {
                let end = text.char_indices().nth(LONGEST_TEXT).map_or(text.len(), |(end, _)| end);
                sheet.write_string(row, column, &text[..end])?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use calamine::{Data, Reader, Xlsx};
    use chrono::DateTime;

    use super::*;
    use crate::domain::Amount;

    fn columns() -> Vec<StaffColumn> {
        vec![StaffColumn::text("", "Name"), StaffColumn::number("", "Count"), StaffColumn::money("", "Charge")]
    }

    fn row(number: u64) -> StaffRow {
        let euro = "EUR".parse().unwrap();
        let charge = if number == 1 { StaffCell::Empty } else { StaffCell::Money(Amount(1050), euro) };
        StaffRow::new(vec![StaffCell::text("=1+1"), StaffCell::Count(number), charge], None)
    }

    fn sheets(content: Content) -> Vec<(String, Vec<Vec<Data>>)> {
        let cursor = std::io::Cursor::new(content.into_bytes().unwrap());
        let mut book: Xlsx<_> = calamine::open_workbook_from_rs(cursor).unwrap();
        let rows = |range: calamine::Range<Data>| range.rows().map(<[Data]>::to_vec).collect();
        book.worksheets().into_iter().map(|(name, range)| (name, rows(range))).collect()
    }

    #[test]
    fn what_does_not_fit_on_a_sheet_goes_on_in_the_next_under_the_same_headings() {
        let sheets = sheets(workbook(&columns(), (1..=5).map(row), 2).unwrap());
        let names: Vec<_> = sheets.iter().map(|(name, rows)| (name.as_str(), rows.len())).collect();
        assert_eq!(names, [("List", 3), ("List 2", 3), ("List 3", 2)]);
        for (_, rows) in &sheets {
            assert_eq!(rows[0][3], Data::String("Currency".into()));
        }
        let counts: Vec<_> = sheets.iter().flat_map(|(_, rows)| rows[1..].iter().map(|row| row[1].clone())).collect();
        assert_eq!(counts, (1..=5).map(|count| Data::Float(f64::from(count))).collect::<Vec<_>>());
    }

    #[test]
    fn cells_have_their_types_and_a_formula_that_came_in_is_a_text() {
        let instant = StaffCell::Instant(DateTime::from_timestamp(1_243_800_000, 0).unwrap());
        let columns = [columns(), vec![StaffColumn::text("", "When"), StaffColumn::text("", "Long")]].concat();
        let mut row = row(2);
        row.cells.extend([instant, StaffCell::Text("ä".repeat(LONGEST_TEXT + 1))]);
        let (_, rows) = sheets(workbook(&columns, std::iter::once(row.clone()), 9).unwrap()).remove(0);
        assert_eq!(rows[1][0], Data::String("=1+1".into()));
        assert_eq!(rows[1][2], Data::Float(10.5));
        assert!(
            matches!(&rows[1][3], Data::DateTime(at) if (39964.0..39965.0).contains(&at.as_f64())),
            "{:?}",
            rows[1][3]
        );
        assert!(matches!(&rows[1][4], Data::String(text) if text.chars().count() == LONGEST_TEXT));
        assert_eq!(rows[1][5], Data::String("EUR".into()));
        let plain = csv(&columns[..3], std::iter::once(StaffRow { cells: row.cells[..3].to_vec(), ..row })).unwrap();
        let plain = String::from_utf8(plain.into_bytes().unwrap()).unwrap();
        assert_eq!(plain, "\u{feff}Name,Count,Charge,Currency\r\n'=1+1,2,10.50,EUR\r\n");
    }
}
