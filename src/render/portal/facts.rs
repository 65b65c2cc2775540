//! The head of a list: labels with their values, sums, and the links that lead to it.

use serde::Serialize;

use super::frame::Crumb;
use super::month_shown::{ConferenceFigures, MonthShown};
use crate::domain::{BillingCode, Line, RoomTotal, Totals};
use crate::render::view::Reader;
use crate::render::{RenderError, locale};

/// A label and its value.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Fact {
    label: String,
    value: String,
    /// A remark about it.
    mark: Option<String>,
}

pub(super) fn with_period(path: &str, month: &MonthShown<'_>) -> String {
    format!("{path}?period={}", month.statement.period.id)
}

pub(super) fn fact(reader: &Reader<'_>, word: &str, value: String) -> Result<Fact, RenderError> {
    Ok(Fact { label: reader.catalogue.word(word)?, value, mark: None })
}

pub(super) fn room_facts(
    reader: &Reader<'_>,
    month: &MonthShown<'_>,
    room: &RoomTotal,
) -> Result<Vec<Fact>, RenderError> {
    let account = &month.statement.account;
    let mut facts = vec![
        fact(reader, "account-number", account.number.to_string())?,
        fact(reader, "company-name", account.company.to_string())?,
    ];
    if let Some(code) = &room.auto_billing_code {
        facts.push(fact(reader, "auto-billing-code", code.to_string())?);
    }
    facts.push(fact(reader, "conferences", reader.format.count(room.totals.conferences))?);
    facts.push(fact(reader, "participants", reader.format.count(room.totals.participants))?);
    facts.push(fact(reader, "accumulated-time", locale::duration(room.totals.accumulated_seconds))?);
    Ok(facts)
}

pub(super) fn conference_facts(
    reader: &Reader<'_>,
    month: &MonthShown<'_>,
    figures: ConferenceFigures<'_>,
) -> Result<Vec<Fact>, RenderError> {
    let Some(line) = figures.lines.first() else { return Ok(Vec::new()) };
    let unallocated = reader.catalogue.word("unallocated")?;
    let text = |code: Option<&BillingCode>| code.map_or_else(|| unallocated.clone(), ToString::to_string);
    let mut code = fact(reader, "billing-code", text(month.codes.of(line)))?;
    if month.codes.differs(line) {
        let then = text(line.billing_code.as_ref());
        code.mark = Some(reader.catalogue.phrase("portal-code-then", &[("code", &then)])?);
    }
    let totals = lines_total(figures.lines);
    Ok(vec![
        fact(reader, "room-number", line.room.grouped())?,
        code,
        fact(reader, "participants", reader.format.count(totals.participants))?,
        fact(reader, "length", locale::duration(line.length_seconds))?,
        fact(reader, "accumulated-time", locale::duration(totals.accumulated_seconds))?,
    ])
}

pub(super) fn account_crumb(reader: &Reader<'_>, month: &MonthShown<'_>) -> Result<Crumb, RenderError> {
    Ok(Crumb { text: reader.catalogue.word("portal-account-summary")?, link: with_period(month.account_path, month) })
}

pub(super) fn sum<'a>(rooms: impl Iterator<Item = &'a RoomTotal>) -> Totals {
    let mut totals = Totals::default();
    for room in rooms {
        // Rooms of one account were added up before, without overflow.
        let _ = totals.add(&room.totals);
    }
    totals
}

pub(super) fn lines_total(lines: &[Line]) -> Totals {
    let mut totals = Totals::default();
    for (position, line) in lines.iter().enumerate() {
        let _ = totals.add_line(line, position == 0);
    }
    totals
}
