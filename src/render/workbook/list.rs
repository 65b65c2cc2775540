//! A list of any length: an Excel table per sheet, going on in further sheets past Excel's last row.
//!
//! Rows are written as they come, so that two million legs need no more memory than two hundred.

use std::borrow::Cow;

use rust_xlsxwriter::{Formula, IgnoreError, Table, TableColumn, TableStyle, Workbook, Worksheet};

use super::cells::{Cell, CellKind, Column, days, write_cell};
use super::styles::Styles;
use crate::domain::{Amount, Currency};
use crate::render::RenderError;

/// Excel's rows less the heading and the total.
const ROWS_PER_SHEET: u64 = 1_048_576 - 2;
/// Longer sheets have filters but no table: the library notes every cell of a table.
const ROWS_IN_TABLE: u64 = 50_000;
/// In points: room for the filter's button.
pub(super) const HEAD_HEIGHT: u8 = 20;

/// A list that is being written.
pub(in crate::render) struct List {
    /// Of the table, whatever the language; further ones are numbered.
    name: &'static str,
    /// Of the first sheet; further ones are numbered.
    sheet: Cow<'static, str>,
    columns: Vec<Column>,
    currency: Currency,
    total_word: String,
    print: Print,
    rows_per_sheet: u64,
    rows_left: u64,
    sheets: Vec<Worksheet>,
    /// The next row of the last sheet.
    row: u32,
    sums: Vec<i128>,
}

/// The setup of printed pages.
#[derive(Debug, Clone)]
pub(in crate::render) struct Print {
    pub(in crate::render) title: String,
    pub(in crate::render) brand: String,
    pub(in crate::render) page_of: String,
}

impl List {
    /// A list that will have exactly `rows` rows.
    pub(in crate::render) fn new(
        (name, sheet): (&'static str, Cow<'static, str>),
        columns: Vec<Column>,
        currency: Currency,
        total_word: String,
        print: Print,
        rows: u64,
    ) -> Self {
        let sums = vec![0; columns.len()];
        Self {
            name,
            sheet,
            columns,
            currency,
            total_word,
            print,
            rows_per_sheet: ROWS_PER_SHEET,
            rows_left: rows,
            sheets: Vec::new(),
            row: 0,
            sums,
        }
    }

    /// Writes the next row.
    pub(in crate::render) fn push(
        &mut self,
        workbook: &mut Workbook,
        styles: &Styles,
        cells: &[Cell<'_>],
    ) -> Result<(), RenderError> {
        if self.sheet_is_full() {
            self.end_sheet(styles)?;
            self.begin_sheet(workbook, styles)?;
        }
        let row = self.row;
        let currency = self.currency;
        let Some(sheet) = self.sheets.last_mut() else { return Ok(()) };
        for ((column, cell), sum) in (0..).zip(cells).zip(&mut self.sums) {
            write_cell(sheet, row, column, *cell, currency)?;
            *sum += match cell {
                Cell::Count(value) | Cell::Duration(value) => i128::from(*value),
                Cell::Money(amount) => i128::from(amount.0),
                _ => 0,
            };
        }
        self.row += 1;
        self.rows_left = self.rows_left.saturating_sub(1);
        Ok(())
    }

    /// The sheets, at least one.
    pub(in crate::render) fn finish(
        mut self,
        workbook: &mut Workbook,
        styles: &Styles,
    ) -> Result<Vec<Worksheet>, RenderError> {
        if self.sheets.is_empty() {
            self.begin_sheet(workbook, styles)?;
        }
        self.end_sheet(styles)?;
        Ok(self.sheets)
    }

    fn sheet_is_full(&self) -> bool {
        self.sheets.is_empty() || u64::from(self.row) > self.rows_per_sheet
    }

    fn begin_sheet(&mut self, workbook: &mut Workbook, styles: &Styles) -> Result<(), RenderError> {
        let mut sheet = workbook.new_worksheet_with_constant_memory()?;
        let number = self.sheets.len() + 1;
        sheet.set_name(if number == 1 { self.sheet.to_string() } else { format!("{} {number}", self.sheet) })?;
        for (index, column) in (0..).zip(&self.columns) {
            sheet.set_column_width(index, column.width)?;
            sheet.set_column_format(index, column.kind.format(styles))?;
        }
        let rows = self.rows_left.min(self.rows_per_sheet);
        let last_row = u32::try_from(rows).unwrap_or(u32::MAX);
        let last_column = u16::try_from(self.columns.len()).unwrap_or(u16::MAX) - 1;
        if rows > 0 && rows <= ROWS_IN_TABLE {
            let table = self.table(styles, number);
            sheet.add_table(0, 0, last_row + 1, last_column, &table)?;
        } else {
            for (index, column) in (0..).zip(&self.columns) {
                sheet.write_string_with_format(0, index, column.heading.as_ref(), column.kind.head(styles))?;
            }
            if rows > 0 {
                sheet.autofilter(0, 0, last_row, last_column)?;
            }
        }
        sheet.set_row_height(0, HEAD_HEIGHT)?.set_freeze_panes(1, 0)?.set_repeat_rows(0, 0)?;
        sheet.ignore_error_range(0, 0, last_row + 1, last_column, IgnoreError::NumberStoredAsText)?;
        super::set_up_print(&mut sheet, &self.print.title, &self.print.brand, &self.print.page_of);
        self.sheets.push(sheet);
        self.row = 1;
        self.sums.fill(0);
        Ok(())
    }

    fn table(&self, styles: &Styles, number: usize) -> Table {
        let columns: Vec<_> = self
            .columns
            .iter()
            .map(|column| {
                let head = TableColumn::new()
                    .set_header(column.heading.as_ref())
                    .set_header_format(column.kind.head(styles));
                if column.total { head.set_total_function(rust_xlsxwriter::TableFunction::Sum) } else { head }
            })
            .enumerate()
            .map(|(index, column)| if index == 0 { column.set_total_label(&self.total_word) } else { column })
            .collect();
        let name = if number == 1 { self.name.to_owned() } else { format!("{}_{number}", self.name) };
        Table::new().set_name(name).set_style(TableStyle::Light1).set_total_row(true).set_columns(&columns)
    }

    /// Writes the totals under the sheet's rows: live formulas, each with its result.
    fn end_sheet(&mut self, styles: &Styles) -> Result<(), RenderError> {
        let row = self.row;
        let Some(sheet) = self.sheets.last_mut() else { return Ok(()) };
        sheet.write_string_with_format(row, 0, &self.total_word, &styles.total_text)?;
        for ((index, column), sum) in (0..).zip(&self.columns).zip(&self.sums) {
            let format = column.kind.total_format(styles);
            if !column.total {
                if index > 0 {
                    sheet.write_blank(row, index, format)?;
                }
                continue;
            }
            let letter = rust_xlsxwriter::column_number_to_name(index);
            let result = match column.kind {
                CellKind::Money => self.currency.decimal(Amount(i64::try_from(*sum).unwrap_or(i64::MAX))).to_string(),
                CellKind::Duration => days(u64::try_from(*sum).unwrap_or(u64::MAX)).to_string(),
                _ => sum.to_string(),
            };
            // An empty list's total sums its own heading, which is zero.
            let formula = format!("SUBTOTAL(109,{letter}{}:{letter}{})", 2.min(row), row.max(1));
            sheet.write_formula_with_format(row, index, Formula::new(formula).set_result(result), format)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use calamine::Reader;

    use super::*;
    use crate::render::tests::golden;
    use crate::render::tests::outputs::{brand, renderer};

    #[test]
    fn a_list_goes_on_in_further_sheets_each_with_its_own_total() {
        let month = golden::may();
        let renderer = renderer();
        let reader = renderer.reader(&month.statement).unwrap();
        let styles = Styles::new(&reader, &crate::render::brand::BrandView::new(&brand()).unwrap());
        let print = Print { title: String::new(), brand: String::new(), page_of: String::new() };
        let columns = vec![
            Column { heading: Cow::Borrowed("NAME"), kind: CellKind::Text, width: 10, total: false },
            Column { heading: Cow::Borrowed("CHARGES"), kind: CellKind::Money, width: 10, total: true },
        ];
        let currency = "EUR".parse().unwrap();
        let mut list = List::new(("Items", "Items".into()), columns, currency, "Total".into(), print, 7);
        list.rows_per_sheet = 3;
        let mut workbook = Workbook::new();
        for charge in 1..=7 {
            list.push(&mut workbook, &styles, &[Cell::Text("é"), Cell::Money(Amount(charge))]).unwrap();
        }
        for sheet in list.finish(&mut workbook, &styles).unwrap() {
            workbook.push_worksheet(sheet);
        }
        let bytes = workbook.save_to_buffer().unwrap();
        let mut book = calamine::Xlsx::new(std::io::Cursor::new(bytes)).unwrap();
        let totals: Vec<_> = book
            .worksheets()
            .into_iter()
            .map(|(name, range)| (name, range.height(), range.rows().next_back().unwrap()[1].to_string()))
            .collect();
        assert_eq!(
            totals,
            [
                ("Items".to_owned(), 5, "0.06".to_owned()),
                ("Items 2".to_owned(), 5, "0.15".to_owned()),
                ("Items 3".to_owned(), 3, "0.07".to_owned())
            ]
        );
    }
}
