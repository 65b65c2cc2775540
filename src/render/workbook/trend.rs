//! The sheet `Trend`: the month beside the months before it, with Excel's own charts.

use rust_xlsxwriter::{Chart, ChartFormat, ChartLine, ChartSolidFill, Color, Worksheet};

use super::cells::{date_number, days, money, number};
use super::list::HEAD_HEIGHT;
use super::{Scope, set_up_print};
use crate::domain::MonthTotal;
use crate::render::RenderError;

const TIME: u16 = 3;
const CHARGE: u16 = 4;
const LIGHT_GREY: u32 = 0x00dd_e2ea;
/// Rows of a sheet that a chart covers.
const CHART_ROWS: u32 = 16;

/// `None` for a room: the statement does not have a room's earlier months.
pub(super) fn trend(scope: &Scope<'_>) -> Result<Option<Worksheet>, RenderError> {
    if scope.room.is_some() {
        return Ok(None);
    }
    let (statement, catalogue, styles) = (scope.reader.statement, scope.reader.catalogue, scope.styles);
    let current = MonthTotal { period: statement.period.id, totals: statement.totals };
    let months: Vec<_> = statement.history.iter().copied().chain([current]).collect();
    let currency = statement.account.currency;
    // Kept as cells, since the charts contain their figures for programs that draw them without computing.
    let mut sheet = Worksheet::new();
    let name = scope.reader.heading("Trend", "sheet-trend")?;
    sheet.set_name(name.as_ref())?;
    for (column, (word, width)) in (0..).zip([
        ("month", 20_u8),
        ("conferences", 14),
        ("participants", 14),
        ("accumulated-time", 22),
        ("charge", 18),
    ]) {
        sheet.set_column_width(column, width)?;
        let format = if column == 0 { &styles.head } else { &styles.head_right };
        sheet.write_string_with_format(0, column, catalogue.word(word)?, format)?;
    }
    sheet.set_row_height(0, HEAD_HEIGHT)?;
    for (row, month) in (1..).zip(&months) {
        let totals = &month.totals;
        sheet.write_number_with_format(row, 0, date_number(month.period.first_day()), &styles.month)?;
        sheet.write_number_with_format(row, 1, number(totals.conferences), &styles.count)?;
        sheet.write_number_with_format(row, 2, number(totals.participants), &styles.count)?;
        sheet.write_number_with_format(row, TIME, days(totals.accumulated_seconds), &styles.duration)?;
        sheet.write_number_with_format(row, CHARGE, money(totals.charge, currency), &styles.money)?;
    }
    let last = u32::try_from(months.len()).unwrap_or(1);
    let charge = chart((scope, &name), &catalogue.word("chart-charge")?, CHARGE, last, &styles.money_pattern);
    let time = chart((scope, &name), &catalogue.word("chart-time")?, TIME, last, "[h]:mm");
    sheet.insert_chart(last + 2, 0, &charge)?;
    sheet.insert_chart(last + 2 + CHART_ROWS, 0, &time)?;
    let print = scope.print()?;
    set_up_print(&mut sheet, &print.title, &print.brand, &print.page_of);
    sheet.set_print_fit_to_pages(1, 1);
    Ok(Some(sheet))
}

fn chart((scope, sheet): (&Scope<'_>, &str), title: &str, column: u16, last: u32, pattern: &str) -> Chart {
    let mut chart = Chart::new_column();
    chart
        .add_series()
        .set_categories((sheet, 1, 0, last, 0))
        .set_values((sheet, 1, column, last, column))
        .set_gap(80)
        .set_format(ChartFormat::new().set_solid_fill(ChartSolidFill::new().set_color(scope.styles.fill)));
    chart.title().set_name(title);
    chart.legend().set_hidden();
    chart.x_axis().set_text_axis(true).set_num_format("mmm yyyy");
    let grid = ChartLine::new().set_color(Color::RGB(LIGHT_GREY)).clone();
    chart.y_axis().set_num_format(pattern).set_min(0).set_major_gridlines_line(&grid);
    chart.set_width(700).set_height(310).set_alt_text(title);
    chart
}
