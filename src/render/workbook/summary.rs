//! The sheet `Summary`: whose month it is, its totals, and the mini-guide's account summary room by room.

use std::borrow::Cow;

use rust_xlsxwriter::{Formula, IgnoreError, Table, TableColumn, TableStyle, Workbook, Worksheet};

use super::cells::{days, money, number};
use super::list::HEAD_HEIGHT;
use super::{Scope, set_up_print};
use crate::domain::RoomTotal;
use crate::render::RenderError;

/// Where the figures beside their labels start.
const FACTS_ROW: u32 = 3;
/// Rows between the facts and the list of rooms.
const GAP: u32 = 2;
/// Columns of the list of rooms.
const COLUMNS: u16 = 7;
const CONFERENCES: u16 = 3;
const PARTICIPANTS: u16 = 4;
const TIME: u16 = 5;
const CHARGE: u16 = 6;
const WIDTHS: [u8; COLUMNS as usize] = [26, 30, 34, 16, 16, 22, 24];

pub(super) fn summary(workbook: &mut Workbook, scope: &Scope<'_>) -> Result<Worksheet, RenderError> {
    let catalogue = scope.reader.catalogue;
    let mut sheet = workbook.new_worksheet_with_constant_memory()?;
    sheet.set_name(name(scope)?)?.set_screen_gridlines(false);
    for (column, width) in (0..).zip(WIDTHS) {
        sheet.set_column_width(column, width)?;
    }
    sheet.write_string_with_format(0, 0, scope.reader.title(scope.room)?, &scope.styles.title)?;
    sheet.set_row_height(0, 28)?;
    sheet.write_string_with_format(1, 0, &scope.brand.name, &scope.styles.soft)?;
    let statement = scope.reader.statement;
    if statement.revision > 1 {
        let revision = catalogue.phrase("revision", &[("number", &statement.revision.to_string())])?;
        sheet.write_string_with_format(1, 1, revision, &scope.styles.soft)?;
    }
    let facts_end = facts(&mut sheet, scope)?;
    let list_end = rooms(&mut sheet, scope, facts_end + GAP)?;
    let notice = catalogue.word("base-tariff-notice")?;
    sheet.merge_range(list_end + 2, 0, list_end + 2, COLUMNS - 1, &notice, &scope.styles.wrapped)?;
    sheet.set_row_height(list_end + 2, 48)?;
    // A last row that has a height of its own is written twice by the library when rows go out as they come.
    sheet.write_blank(list_end + 3, 0, &scope.styles.text)?;
    sheet.ignore_error_range(0, 0, list_end, COLUMNS - 1, IgnoreError::NumberStoredAsText)?;
    let print = scope.print()?;
    set_up_print(&mut sheet, &print.title, &print.brand, &print.page_of);
    Ok(sheet)
}

/// Names for the totals, so that other workbooks and scripts need not know their cells.
pub(super) fn define_names(workbook: &mut Workbook, scope: &Scope<'_>) -> Result<(), RenderError> {
    let (row, sheet) = (total_row(scope) + 1, in_formula(&name(scope)?));
    for (name, column) in [
        ("TotalConferences", CONFERENCES),
        ("TotalParticipants", PARTICIPANTS),
        ("TotalAccumulatedTime", TIME),
        ("TotalCharge", CHARGE),
    ] {
        let letter = rust_xlsxwriter::column_number_to_name(column);
        workbook.define_name(name, &format!("={sheet}!${letter}${row}"))?;
    }
    Ok(())
}

fn name(scope: &Scope<'_>) -> Result<Cow<'static, str>, RenderError> {
    scope.reader.heading("Summary", "sheet-summary")
}

/// A sheet's name as formulas write it.
fn in_formula(sheet: &str) -> String {
    if sheet.bytes().all(|byte| byte.is_ascii_alphabetic()) {
        return sheet.to_owned();
    }
    format!("'{}'", sheet.replace('\'', "''"))
}

/// The rows of the list: all rooms of the account, or the one room.
fn listed<'a>(scope: &Scope<'a>) -> &'a [RoomTotal] {
    scope.room.map_or(scope.reader.statement.rooms.as_slice(), std::slice::from_ref)
}

fn fact_count(scope: &Scope<'_>) -> u32 {
    if scope.room.is_some() { 8 } else { 7 }
}

/// Zero-based row of the totals: below the heading and the rooms.
fn total_row(scope: &Scope<'_>) -> u32 {
    let rooms = u32::try_from(listed(scope).len()).unwrap_or(u32::MAX).max(1);
    FACTS_ROW + fact_count(scope) + GAP + rooms + 1
}

/// Labels with their values; returns the row after the last.
fn facts(sheet: &mut Worksheet, scope: &Scope<'_>) -> Result<u32, RenderError> {
    let (statement, catalogue, styles) = (scope.reader.statement, scope.reader.catalogue, scope.styles);
    let mut row = FACTS_ROW;
    let mut text = |sheet: &mut Worksheet, word: &str, value: &str| -> Result<(), RenderError> {
        sheet.write_string_with_format(row, 0, catalogue.word(word)?, &styles.label)?;
        sheet.write_string_with_format(row, 1, value, &styles.text)?;
        row += 1;
        Ok(())
    };
    text(sheet, "account-number", statement.account.number.as_str())?;
    text(sheet, "company-name", statement.account.company.as_str())?;
    if let Some(room) = scope.room {
        text(sheet, "room-number", room.number.as_str())?;
    }
    let period = scope.reader.period();
    text(sheet, "billing-period", &format!("{} – {}", period.first_day, period.last_day))?;
    let total_row = total_row(scope) + 1;
    let totals = scope.room.map_or(&statement.totals, |room| &room.totals);
    let currency = statement.account.currency;
    let charge = currency.decimal(totals.charge).to_string();
    for (word, column, result, format) in [
        ("total-charge", CHARGE, charge, &styles.big_money),
        ("accumulated-time", TIME, days(totals.accumulated_seconds).to_string(), &styles.duration_left),
        ("conferences", CONFERENCES, totals.conferences.to_string(), &styles.count_left),
        ("participants", PARTICIPANTS, totals.participants.to_string(), &styles.count_left),
    ] {
        let letter = rust_xlsxwriter::column_number_to_name(column);
        let formula = Formula::new(format!("{letter}{total_row}")).set_result(result);
        sheet.write_string_with_format(row, 0, catalogue.word(word)?, &styles.label)?;
        sheet.write_formula_with_format(row, 1, formula, format)?;
        if word == "total-charge" {
            sheet.set_row_height(row, 26)?;
        }
        row += 1;
    }
    Ok(row)
}

/// The list of rooms with its total; returns the row of the total.
fn rooms(sheet: &mut Worksheet, scope: &Scope<'_>, head: u32) -> Result<u32, RenderError> {
    let (catalogue, styles) = (scope.reader.catalogue, scope.styles);
    let currency = scope.reader.statement.account.currency;
    let total = total_row(scope);
    let headings = [
        "room-number",
        "cardholder",
        "auto-billing-code",
        "conferences",
        "participants",
        "accumulated-time",
        "charge",
    ];
    let columns = (0..)
        .zip(headings)
        .map(|(index, word)| {
            let format = if index < CONFERENCES { &styles.head } else { &styles.head_right };
            let column = TableColumn::new().set_header(catalogue.word(word)?).set_header_format(format);
            Ok(match index {
                0 => column.set_total_label(catalogue.word("total")?),
                CONFERENCES.. => column.set_total_function(rust_xlsxwriter::TableFunction::Sum),
                _ => column,
            })
        })
        .collect::<Result<Vec<_>, RenderError>>()?;
    let table =
        Table::new().set_name("Rooms").set_style(TableStyle::Light1).set_total_row(true).set_columns(&columns);
    sheet.set_row_height(head, HEAD_HEIGHT)?;
    sheet.add_table(head, 0, total, COLUMNS - 1, &table)?;
    for (row, room) in (head + 1..).zip(listed(scope)) {
        sheet.write_string_with_format(row, 0, room.number.as_str(), &styles.text)?;
        sheet.write_string_with_format(row, 1, room.cardholder.as_str(), &styles.text)?;
        if let Some(code) = &room.auto_billing_code {
            sheet.write_string_with_format(row, 2, code.as_str(), &styles.text)?;
        }
        let totals = &room.totals;
        sheet.write_number_with_format(row, CONFERENCES, number(totals.conferences), &styles.count)?;
        sheet.write_number_with_format(row, PARTICIPANTS, number(totals.participants), &styles.count)?;
        sheet.write_number_with_format(row, TIME, days(totals.accumulated_seconds), &styles.duration)?;
        sheet.write_number_with_format(row, CHARGE, money(totals.charge, currency), &styles.money)?;
    }
    let totals = scope.room.map_or(&scope.reader.statement.totals, |room| &room.totals);
    sheet.write_string_with_format(total, 0, catalogue.word("total")?, &styles.total_text)?;
    for column in 1..CONFERENCES {
        sheet.write_blank(total, column, &styles.total_text)?;
    }
    for (column, result, format) in [
        (CONFERENCES, totals.conferences.to_string(), &styles.total_count),
        (PARTICIPANTS, totals.participants.to_string(), &styles.total_count),
        (TIME, days(totals.accumulated_seconds).to_string(), &styles.total_duration),
        (CHARGE, currency.decimal(totals.charge).to_string(), &styles.total_money),
    ] {
        let letter = rust_xlsxwriter::column_number_to_name(column);
        let formula = format!("SUBTOTAL(109,{letter}{}:{letter}{total})", head + 2);
        sheet.write_formula_with_format(total, column, Formula::new(formula).set_result(result), format)?;
    }
    Ok(total)
}
