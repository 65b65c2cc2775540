//! DOWNLOAD: all rows of a list, in the order shown, as a workbook with typed cells and live totals, or as CSV.

use std::borrow::Cow;

use chrono::Timelike;
use rust_xlsxwriter::{DocProperties, ExcelDateTime};

use super::list_page::ListPage;
use super::table::{TableCell, TableColumn};
use crate::content::Content;
use crate::csv_table::CsvTable;
use crate::domain::Currency;
use crate::render::workbook::book;
use crate::render::workbook::cells::{Cell, CellKind, Column};
use crate::render::workbook::list::{List, Print};
use crate::render::workbook::styles::Styles;
use crate::render::{RenderError, locale};

const SHEET: &str = "Download";

impl ListPage<'_> {
    /// `.xlsx`
    pub fn workbook(&self) -> Result<Content, RenderError> {
        let brand = &self.renderer.brand;
        let styles = Styles::new(&self.reader, brand);
        let print = Print {
            title: self.title.clone(),
            brand: brand.name.clone(),
            page_of: self.reader.catalogue.phrase("page-of", &[("page", "&P"), ("pages", "&N")])?,
        };
        let columns = self.table.columns.iter().map(column).collect();
        let rows = self.table.arrangement.count() as u64;
        let total = self.reader.catalogue.word("total")?;
        let mut list = List::new((SHEET, SHEET.into()), columns, self.table.currency, total, print, rows);
        let mut workbook = book::begin(rows);
        for row in self.table.arrangement.rows() {
            let held: Vec<TableCell<'_>> = self.table.cells(row).collect();
            let texts: Vec<Cow<'_, str>> = held.iter().map(text).collect();
            let cells: Vec<Cell<'_>> = held.iter().zip(&texts).map(|(cell, text)| typed(cell, text)).collect();
            list.push(&mut workbook, &styles, &cells)?;
        }
        for sheet in list.finish(&mut workbook, &styles)? {
            workbook.push_worksheet(sheet);
        }
        let created = ExcelDateTime::from_timestamp(self.month.statement.period.end.timestamp())?;
        let properties = DocProperties::new()
            .set_title(&self.title)
            .set_subject(self.month.statement.period.id.to_string())
            .set_author(&brand.name)
            .set_creation_datetime(&created);
        workbook.set_properties(&properties);
        workbook.set_zip_compression_level(if book::is_long(rows) { 3 } else { 1 });
        Content::written(|out| workbook.save_to_writer(out).map_err(RenderError::from))
    }

    /// `.csv`: exact figures, dates as ISO 8601 writes them.
    pub fn csv(&self) -> Result<Content, RenderError> {
        let currency = self.table.currency;
        let heading = |column: &TableColumn| match column.kind {
            CellKind::Money => format!("{} ({})", column.heading, currency.code()),
            _ => column.heading.clone(),
        };
        Content::written(|out| {
            let mut csv = CsvTable::begin(out, self.table.columns.iter().map(heading))?;
            for row in self.table.arrangement.rows() {
                csv.row(self.table.cells(row).map(|cell| plain(&cell, currency)))?;
            }
            csv.finish()?;
            Ok(())
        })
    }
}

fn column(column: &TableColumn) -> Column {
    let width = match column.kind {
        CellKind::Text => 24,
        CellKind::Date => 13,
        CellKind::Time => 16,
        CellKind::Instant => 21,
        CellKind::Count => 12,
        CellKind::Duration => 20,
        CellKind::Money => 15,
    };
    Column { heading: column.heading.clone().into(), kind: column.kind, width, total: column.total }
}

/// The texts that cells hold; a time that comes twice is one, since Excel knows no offsets.
fn text<'a>(cell: &'a TableCell<'_>) -> Cow<'a, str> {
    match cell {
        TableCell::Text(text) => Cow::Borrowed(text),
        TableCell::Lacking(text) => Cow::Borrowed(text),
        TableCell::Number(number) => Cow::Borrowed(number.as_str()),
        TableCell::Time { at, apart: true } => Cow::Owned(at.format("%H:%M:%S %:z").to_string()),
        _ => Cow::Borrowed(""),
    }
}

fn typed<'a>(cell: &TableCell<'_>, text: &'a str) -> Cell<'a> {
    match cell {
        TableCell::Empty => Cell::Empty,
        TableCell::Text(_) | TableCell::Lacking(_) | TableCell::Number(_) | TableCell::Time { apart: true, .. } => {
            Cell::Text(text)
        }
        TableCell::Date(date) => Cell::Date(*date),
        TableCell::Time { at, .. } => Cell::Time(at.num_seconds_from_midnight()),
        TableCell::Instant(at) => Cell::Instant(at.naive_local()),
        TableCell::Count(count) => Cell::Count(*count),
        TableCell::Duration(seconds) => Cell::Duration(*seconds),
        TableCell::Money(amount) => Cell::Money(*amount),
    }
}

fn plain(cell: &TableCell<'_>, currency: Currency) -> String {
    match cell {
        TableCell::Empty => String::new(),
        TableCell::Text(text) => text.to_string(),
        TableCell::Lacking(text) => (*text).to_owned(),
        TableCell::Number(number) => number.to_string(),
        TableCell::Date(date) => date.to_string(),
        TableCell::Time { at, apart } => at.format(if *apart { "%H:%M:%S%:z" } else { "%H:%M:%S" }).to_string(),
        TableCell::Instant(at) => at.format("%Y-%m-%dT%H:%M:%S%:z").to_string(),
        TableCell::Count(count) => count.to_string(),
        TableCell::Duration(seconds) => locale::duration(*seconds),
        TableCell::Money(amount) => currency.decimal(*amount).to_string(),
    }
}
