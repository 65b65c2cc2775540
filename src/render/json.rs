//! `account.json`, the statement for programs: exact figures, in the order that the contract prints.
//!
//! One item per line, so that two of them can be compared with ordinary tools.

use std::io::Write;

use chrono::{DateTime, SecondsFormat, Utc};
use serde::Serialize;

use super::RenderError;
use crate::domain::{
    Amount, BillingCodeTotal, Changes, Line, LineChange, Period, RoomChange, RoomTotal, Statement, Totals,
};

/// The version of the document's shape.
const SCHEMA: &str = "statementd/1";

pub(super) fn account_json(statement: &Statement, out: &mut impl Write) -> Result<(), RenderError> {
    let shape = Shape { statement };
    text(out, "{")?;
    field(out, "\n", "schema", &SCHEMA)?;
    field(out, ",\n", "account", &shape.account())?;
    field(out, ",\n", "period", &shape.period())?;
    field(out, ",\n", "revision", &statement.revision)?;
    field(out, ",\n", "totals", &shape.totals(&statement.totals))?;
    list(out, "rooms", statement.rooms.iter().map(|room| shape.room(room)))?;
    list(out, "billing_codes", statement.billing_codes.iter().map(|code| shape.billing_code(code)))?;
    list(out, "lines", statement.lines.iter().map(|line| shape.line(line)))?;
    if let Some(changes) = &statement.changes {
        field(out, ",\n", "changes", &shape.changes(changes))?;
    }
    text(out, "\n}\n")
}

fn text(out: &mut impl Write, text: &str) -> Result<(), RenderError> {
    Ok(out.write_all(text.as_bytes())?)
}

fn field(out: &mut impl Write, before: &str, name: &str, value: &impl Serialize) -> Result<(), RenderError> {
    text(out, before)?;
    serde_json::to_writer(&mut *out, name)?;
    text(out, ": ")?;
    serde_json::to_writer(out, value)?;
    Ok(())
}

fn list(out: &mut impl Write, name: &str, items: impl Iterator<Item = impl Serialize>) -> Result<(), RenderError> {
    text(out, ",\n")?;
    serde_json::to_writer(&mut *out, name)?;
    text(out, ": [")?;
    for (index, item) in items.enumerate() {
        text(out, if index == 0 { "\n  " } else { ",\n  " })?;
        serde_json::to_writer(&mut *out, &item)?;
    }
    text(out, "]")
}

/// Writes the statement's values in the document's format.
struct Shape<'a> {
    statement: &'a Statement,
}

#[derive(Serialize)]
struct AccountJson<'a> {
    number: &'a str,
    company: &'a str,
    currency: &'static str,
    time_zone: &'static str,
    locale: &'a str,
}

#[derive(Serialize)]
struct PeriodJson {
    id: Period,
    start: String,
    end: String,
}

#[derive(Serialize)]
struct TotalsJson {
    conferences: u64,
    participants: u64,
    accumulated_seconds: u64,
    charge: String,
}

#[derive(Serialize)]
struct RoomJson<'a> {
    number: &'a str,
    cardholder: &'a str,
    auto_billing_code: Option<&'a str>,
    #[serde(flatten)]
    totals: TotalsJson,
}

#[derive(Serialize)]
struct BillingCodeJson<'a> {
    code: Option<&'a str>,
    accumulated_seconds: u64,
    charge: String,
}

#[derive(Serialize)]
struct LineJson<'a> {
    room: &'a str,
    conference_id: &'a str,
    started_at: String,
    service_type: &'a str,
    quantity: u64,
    billing_code: Option<&'a str>,
    length_seconds: u64,
    accumulated_seconds: u64,
    billed_seconds: u64,
    rate_per_minute: String,
    charge: String,
    late_from: Option<Period>,
}

#[derive(Serialize)]
struct ChangesJson<'a> {
    since_revision: u32,
    totals_before: TotalsJson,
    rooms: Vec<RoomChangeJson<'a>>,
    lines: Vec<LineChangeJson<'a>>,
}

#[derive(Serialize)]
struct RoomChangeJson<'a> {
    number: &'a str,
    before: TotalsJson,
    after: TotalsJson,
}

#[derive(Serialize)]
struct LineChangeJson<'a> {
    before: Option<LineJson<'a>>,
    after: Option<LineJson<'a>>,
}

impl<'a> Shape<'a> {
    fn account(&self) -> AccountJson<'a> {
        let account = &self.statement.account;
        AccountJson {
            number: account.number.as_str(),
            company: account.company.as_str(),
            currency: account.currency.code(),
            time_zone: account.time_zone.name(),
            locale: account.locale.as_str(),
        }
    }

    fn period(&self) -> PeriodJson {
        let bounds = &self.statement.period;
        PeriodJson { id: bounds.id, start: self.instant(bounds.start), end: self.instant(bounds.end) }
    }

    fn totals(&self, totals: &Totals) -> TotalsJson {
        TotalsJson {
            conferences: totals.conferences,
            participants: totals.participants,
            accumulated_seconds: totals.accumulated_seconds,
            charge: self.charge(totals.charge),
        }
    }

    fn room(&self, room: &'a RoomTotal) -> RoomJson<'a> {
        RoomJson {
            number: room.number.as_str(),
            cardholder: room.cardholder.as_str(),
            auto_billing_code: room.auto_billing_code.as_ref().map(|code| code.as_str()),
            totals: self.totals(&room.totals),
        }
    }

    fn billing_code(&self, code: &'a BillingCodeTotal) -> BillingCodeJson<'a> {
        BillingCodeJson {
            code: code.code.as_ref().map(|code| code.as_str()),
            accumulated_seconds: code.accumulated_seconds,
            charge: self.charge(code.charge),
        }
    }

    fn line(&self, line: &'a Line) -> LineJson<'a> {
        LineJson {
            room: line.room.as_str(),
            conference_id: line.conference_id.as_str(),
            started_at: self.instant(line.started_at),
            service_type: line.service_type.as_str(),
            quantity: line.quantity,
            billing_code: line.billing_code.as_ref().map(|code| code.as_str()),
            length_seconds: line.length_seconds,
            accumulated_seconds: line.accumulated_seconds,
            billed_seconds: line.billed_seconds,
            rate_per_minute: line.rate_per_minute.normalize().to_string(),
            charge: self.charge(line.charge),
            late_from: line.late_from,
        }
    }

    fn changes(&self, changes: &'a Changes) -> ChangesJson<'a> {
        let room = |room: &'a RoomChange| RoomChangeJson {
            number: room.number.as_str(),
            before: self.totals(&room.before),
            after: self.totals(&room.after),
        };
        let line = |change: &'a LineChange| LineChangeJson {
            before: change.before.as_ref().map(|line| self.line(line)),
            after: change.after.as_ref().map(|line| self.line(line)),
        };
        ChangesJson {
            since_revision: changes.since_revision,
            totals_before: self.totals(&changes.totals_before),
            rooms: changes.rooms.iter().map(room).collect(),
            lines: changes.lines.iter().map(line).collect(),
        }
    }

    fn charge(&self, amount: Amount) -> String {
        self.statement.account.currency.decimal(amount).to_string()
    }

    /// RFC 3339 with the account's offset.
    fn instant(&self, instant: DateTime<Utc>) -> String {
        instant.with_timezone(&self.statement.account.time_zone).to_rfc3339_opts(SecondsFormat::Secs, false)
    }
}
