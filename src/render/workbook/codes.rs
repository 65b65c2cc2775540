//! The sheet `Billing codes`: what each code used, and what was not allocated.

use rust_xlsxwriter::{Formula, Table, TableColumn, TableStyle, Workbook, Worksheet};

use super::cells::{days, money, number};
use super::list::HEAD_HEIGHT;
use super::{Scope, set_up_print};
use crate::render::RenderError;
use crate::render::view::billing_codes;

pub(super) fn codes(workbook: &mut Workbook, scope: &Scope<'_>) -> Result<Worksheet, RenderError> {
    let (statement, catalogue, styles) = (scope.reader.statement, scope.reader.catalogue, scope.styles);
    let lines = scope.room.map_or(statement.lines.as_slice(), |room| statement.lines_of(&room.number));
    let parts = billing_codes(lines);
    let currency = statement.account.currency;
    let mut sheet = workbook.new_worksheet_with_constant_memory()?;
    sheet.set_name(scope.reader.heading("Billing codes", "sheet-billing-codes")?)?;
    for (column, width) in (0..).zip([30_u8, 16, 22, 18]) {
        sheet.set_column_width(column, width)?;
    }
    let total = u32::try_from(parts.len()).unwrap_or(u32::MAX).max(1) + 1;
    let columns = (0..)
        .zip(["billing-code", "participants", "accumulated-time", "charge"])
        .map(|(index, word)| {
            let format = if index == 0 { &styles.head } else { &styles.head_right };
            let column = TableColumn::new().set_header(catalogue.word(word)?).set_header_format(format);
            Ok(if index == 0 {
                column.set_total_label(catalogue.word("total")?)
            } else {
                column.set_total_function(rust_xlsxwriter::TableFunction::Sum)
            })
        })
        .collect::<Result<Vec<_>, RenderError>>()?;
    let table =
        Table::new().set_name("BillingCodes").set_style(TableStyle::Light1).set_total_row(true).set_columns(&columns);
    sheet.add_table(0, 0, total, 3, &table)?;
    sheet.set_row_height(0, HEAD_HEIGHT)?.set_freeze_panes(1, 0)?.set_repeat_rows(0, 0)?;
    let unallocated = catalogue.word("unallocated")?;
    for (row, (code, part)) in (1..).zip(&parts) {
        sheet.write_string_with_format(
            row,
            0,
            code.map_or(unallocated.as_str(), |code| code.as_str()),
            &styles.text,
        )?;
        sheet.write_number_with_format(row, 1, number(part.participants), &styles.count)?;
        sheet.write_number_with_format(row, 2, days(part.accumulated_seconds), &styles.duration)?;
        sheet.write_number_with_format(row, 3, money(part.charge, currency), &styles.money)?;
    }
    let totals = scope.room.map_or(&statement.totals, |room| &room.totals);
    sheet.write_string_with_format(total, 0, catalogue.word("total")?, &styles.total_text)?;
    for (column, result, format) in [
        (1, totals.participants.to_string(), &styles.total_count),
        (2, days(totals.accumulated_seconds).to_string(), &styles.total_duration),
        (3, currency.decimal(totals.charge).to_string(), &styles.total_money),
    ] {
        let letter = rust_xlsxwriter::column_number_to_name(column);
        let formula = Formula::new(format!("SUBTOTAL(109,{letter}2:{letter}{total})")).set_result(result);
        sheet.write_formula_with_format(total, column, formula, format)?;
    }
    let print = scope.print()?;
    set_up_print(&mut sheet, &print.title, &print.brand, &print.page_of);
    Ok(sheet)
}
