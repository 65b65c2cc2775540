//! The formats of a workbook's cells: currency and dates as the account's locale writes them, the brand's colour.

use chrono::NaiveDate;
use rust_xlsxwriter::{Color, Format, FormatAlign, FormatBorder};

use crate::render::brand::BrandView;
use crate::render::view::Reader;

pub(in crate::render) struct Styles {
    pub(super) title: Format,
    pub(super) soft: Format,
    pub(super) text: Format,
    pub(super) wrapped: Format,
    pub(super) label: Format,
    /// A figure beside its label.
    pub(super) big_money: Format,
    pub(super) count: Format,
    pub(super) count_left: Format,
    pub(super) money: Format,
    pub(super) duration: Format,
    pub(super) duration_left: Format,
    pub(super) date: Format,
    pub(super) time: Format,
    pub(super) instant: Format,
    pub(super) month: Format,
    pub(super) head: Format,
    pub(super) head_right: Format,
    pub(super) total_text: Format,
    pub(super) total_count: Format,
    pub(super) total_money: Format,
    pub(super) total_duration: Format,
    pub(super) fill: Color,
    pub(super) money_pattern: String,
    pub(super) instant_pattern: String,
}

/// A time of day.
pub(super) const TIME: &str = "hh:mm:ss";

/// Hours may exceed 24.
const DURATION: &str = "[hh]:mm:ss";
const COUNT: &str = "#,##0";

impl Styles {
    pub(in crate::render) fn new(reader: &Reader<'_>, brand: &BrandView) -> Self {
        let money = money_pattern(reader);
        let date = date_pattern(reader);
        let fill = Color::RGB(brand.palette.fill.rgb());
        let soft = Color::RGB(0x0052_5c6b);
        let pattern = |pattern: &str| Format::new().set_num_format(pattern);
        let left = |format: Format| format.set_align(FormatAlign::Left).set_indent(1);
        let head = Format::new()
            .set_bold()
            .set_font_color(Color::RGB(brand.palette.on_fill.rgb()))
            .set_background_color(fill)
            .set_align(FormatAlign::VerticalCenter);
        let total =
            |pattern: &str| Format::new().set_num_format(pattern).set_bold().set_border_top(FormatBorder::Thin);
        Self {
            title: Format::new().set_indent(1).set_bold().set_font_size(18),
            soft: Format::new().set_indent(1).set_font_color(soft),
            // Apart from a figure that ends in the column before.
            text: pattern("@").set_indent(1),
            wrapped: Format::new().set_text_wrap().set_align(FormatAlign::Top).set_font_color(soft),
            label: Format::new().set_indent(1).set_font_color(soft),
            big_money: left(Format::new().set_num_format(&money)).set_bold().set_font_size(18),
            count: pattern(COUNT),
            count_left: left(pattern(COUNT)),
            money: pattern(&money),
            duration: pattern(DURATION),
            duration_left: left(pattern(DURATION)),
            time: pattern(TIME),
            instant: pattern(&format!("{date} {TIME}")),
            instant_pattern: format!("{date} {TIME}"),
            date: pattern(&date),
            month: left(pattern("mmmm yyyy")),
            head_right: head.clone().set_align(FormatAlign::Right),
            head: head.set_indent(1),
            total_text: Format::new().set_bold().set_border_top(FormatBorder::Thin).set_indent(1),
            total_count: total(COUNT),
            total_money: total(&money),
            total_duration: total(DURATION),
            fill,
            money_pattern: money,
        }
    }
}

/// The currency's symbol where the locale puts it, in the currency's own decimals: `#,##0.00"\u{a0}"[$€]`.
fn money_pattern(reader: &Reader<'_>) -> String {
    let (prefix, suffix) = reader.format.money_affixes();
    let digits = reader.statement.account.currency.minor_digits() as usize;
    let number = if digits == 0 { "#,##0".to_owned() } else { format!("#,##0.{}", "0".repeat(digits)) };
    format!("{}{number}{}", affix(&prefix), affix(&suffix))
}

/// Spaces quoted, the symbol marked as a currency.
fn affix(text: &str) -> String {
    let symbol = text.trim();
    if symbol.is_empty() {
        return quoted(text);
    }
    let (before, after) = text.split_once(symbol).unwrap_or(("", ""));
    // The characters of the mark itself cannot be in it.
    let symbol = if symbol.contains(['[', ']', '-']) { quoted(symbol) } else { format!("[${symbol}]") };
    format!("{}{symbol}{}", quoted(before), quoted(after))
}

fn quoted(text: &str) -> String {
    if text.is_empty() { String::new() } else { format!("\"{}\"", text.replace('"', "")) }
}

/// As the locale writes a date in figures: `dd\/mm\/yyyy`; where it uses other figures, ISO 8601's order.
fn date_pattern(reader: &Reader<'_>) -> String {
    const ISO: &str = "yyyy\\-mm\\-dd";
    // A date whose parts cannot be taken for one another, and that shows whether they are padded.
    let Some(probe) = NaiveDate::from_ymd_opt(2009, 5, 6) else { return ISO.to_owned() };
    let shown = reader.format.date(probe);
    let mut pattern = String::new();
    let mut rest = shown.as_str();
    while let Some(next) = rest.chars().next() {
        let parts = [("2009", "yyyy"), ("05", "mm"), ("06", "dd"), ("5", "m"), ("6", "d")];
        if let Some((figures, code)) = parts.iter().find(|(figures, _)| rest.starts_with(figures)) {
            pattern.push_str(code);
            rest = &rest[figures.len()..];
        } else if ".-/ \u{a0}".contains(next) {
            pattern.push('\\');
            pattern.push(next);
            rest = &rest[next.len_utf8()..];
        } else {
            return ISO.to_owned();
        }
    }
    pattern
}
