//! The month beside the months before it, as bars of a small chart with its text alternative.

use serde::Serialize;

use super::Reader;
use crate::domain::{Amount, Period, Totals};
use crate::render::RenderError;
use crate::render::locale;

/// Two charts over the same months.
#[derive(Debug, Serialize)]
pub(in crate::render) struct TrendView {
    pub(in crate::render) charge: Chart,
    pub(in crate::render) time: Chart,
}

/// Bars in a drawing [`WIDTH`] wide and [`HEIGHT`] high.
#[derive(Debug, Serialize)]
pub(in crate::render) struct Chart {
    pub(in crate::render) title: String,
    /// The text alternative.
    pub(in crate::render) alternative: String,
    pub(in crate::render) width: u64,
    pub(in crate::render) height: u64,
    pub(in crate::render) baseline: u64,
    pub(in crate::render) bars: Vec<Bar>,
}

#[derive(Debug, Serialize)]
pub(in crate::render) struct Bar {
    pub(in crate::render) month: String,
    pub(in crate::render) shown: String,
    pub(in crate::render) x: u64,
    pub(in crate::render) y: u64,
    pub(in crate::render) width: u64,
    pub(in crate::render) height: u64,
    /// The middle of the bar, for its labels.
    pub(in crate::render) middle: u64,
    /// Whether this is the statement's own month.
    pub(in crate::render) current: bool,
}

const WIDTH: u64 = 360;
const HEIGHT: u64 = 170;
const BASELINE: u64 = 142;
/// The longest bar; above it there is room for its figure.
const LONGEST_BAR: u64 = 112;
const BAR_WIDTH: u64 = 46;
/// Bars keep their places even if there are fewer months.
const PLACES: u64 = 4;

pub(super) fn trend(reader: &Reader<'_>) -> Result<Option<TrendView>, RenderError> {
    let statement = reader.statement;
    if statement.history.is_empty() {
        return Ok(None);
    }
    let months: Vec<(Period, Totals)> = statement
        .history
        .iter()
        .map(|month| (month.period, month.totals))
        .chain([(statement.period.id, statement.totals)])
        .collect();
    let charge = |totals: &Totals| (totals.charge.0.max(0).unsigned_abs(), reader.format.money(totals.charge));
    let time = |totals: &Totals| (totals.accumulated_seconds, locale::duration(totals.accumulated_seconds));
    Ok(Some(TrendView {
        charge: chart(reader, reader.catalogue.word("chart-charge")?, &months, charge)?,
        time: chart(reader, reader.catalogue.word("chart-time")?, &months, time)?,
    }))
}

/// How the charge differs from that of the calendar month before, if that was closed.
pub(super) fn compared(reader: &Reader<'_>) -> Result<Option<String>, RenderError> {
    let statement = reader.statement;
    let before = statement.period.id.previous();
    let Some(month) = statement.history.iter().find(|month| month.period == before) else { return Ok(None) };
    let difference = i128::from(statement.totals.charge.0) - i128::from(month.totals.charge.0);
    let word = match difference.signum() {
        1 => "compared-more",
        -1 => "compared-less",
        _ => "compared-same",
    };
    let shown = reader.format.money(Amount(i64::try_from(difference.abs()).unwrap_or(i64::MAX)));
    let arguments = [("difference", shown.as_str()), ("period", &reader.format.month(before))];
    reader.catalogue.phrase(word, &arguments).map(Some)
}

fn chart(
    reader: &Reader<'_>,
    title: String,
    months: &[(Period, Totals)],
    figure: impl Fn(&Totals) -> (u64, String),
) -> Result<Chart, RenderError> {
    let figures: Vec<_> = months.iter().map(|(period, totals)| (*period, figure(totals))).collect();
    let largest = figures.iter().map(|(_, (value, _))| *value).max().unwrap_or(0).max(1);
    let place = WIDTH / PLACES.max(figures.len() as u64);
    let alternative = format!("{title}. {}", spoken(reader, &figures)?);
    let bars: Vec<Bar> = (0..)
        .zip(&figures)
        .map(|(index, (period, (value, shown)))| {
            let scaled = u128::from(*value) * u128::from(LONGEST_BAR) / u128::from(largest);
            // A small amount is never drawn as zero.
            let height = u64::try_from(scaled).unwrap_or(LONGEST_BAR).max(u64::from(*value > 0));
            let middle = index * place + place / 2;
            Bar {
                month: reader.format.short_month(*period),
                shown: shown.clone(),
                x: middle.saturating_sub(BAR_WIDTH / 2),
                y: BASELINE - height,
                width: BAR_WIDTH,
                height,
                middle,
                current: *period == reader.statement.period.id,
            }
        })
        .collect();
    Ok(Chart { title, alternative, width: WIDTH, height: HEIGHT, baseline: BASELINE, bars })
}

/// The text alternative, with the months' full names.
fn spoken(reader: &Reader<'_>, figures: &[(Period, (u64, String))]) -> Result<String, RenderError> {
    let mut list: Option<String> = None;
    for (period, (_, shown)) in figures {
        let month = reader.format.month(*period);
        let point = reader.catalogue.phrase("chart-point", &[("month", &month), ("figure", shown)])?;
        list = Some(match list {
            None => point,
            Some(list) => reader.catalogue.phrase("chart-more", &[("list", &list), ("next", &point)])?,
        });
    }
    Ok(list.unwrap_or_default())
}
