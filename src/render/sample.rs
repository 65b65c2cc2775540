//! A statement with everything that a template can meet, for checking templates before they are used.

use chrono::{DateTime, TimeDelta, Utc};
use rust_decimal::Decimal;

use super::{Attached, IndexRow, RenderError, Renderer, RerunAccount, RerunPage, RoomLegs};
use crate::digest::Sha256;
use crate::domain::{
    Amount, BillingCodeTotal, Changes, Currency, Formats, Invalid, Line, LineChange, MonthTotal, Participant, Period,
    RoomChange, RoomTotal, ServiceLabel, Statement, StatementAccount, Totals, Zone,
};

impl Renderer {
    /// Renders every template with samples in a language: with and without corrections, with and without usage;
    /// workbooks and the online consultation too, if wanted.
    pub(super) fn check_language(&self, language: &str, everything: bool) -> Result<(), RenderError> {
        let samples = samples(language).map_err(|error| RenderError::Template(format!("sample: {error}")))?;
        for (statement, participants) in &samples {
            let formats = Formats { xlsx: everything, html: true };
            let mut files = self.statement(statement, formats, true)?;
            for room in statement.active_rooms() {
                let participants = participants.clone();
                files.room(RoomLegs { room: room.number.clone(), participants, is_complete: true })?;
            }
            files.finish(&mut |_| true)?;
            let link = Attached::Link { url: "https://files.example/602127".into(), expires: statement.period.end };
            let room = statement.rooms.first().map(|room| &room.number);
            self.mail(statement, None, Some(&statement.account.company), &link)?;
            self.mail(statement, room, None, &Attached::Files)?;
            self.mail(statement, room, None, &Attached::OnRequest)?;
            let mut contents = self.index(statement.period.id)?;
            index(statement).iter().try_for_each(|row| contents.add(row))?;
            contents.finish()?;
            self.rerun_html(&rerun(statement))?;
            if everything {
                self.check_portal(statement, participants)?;
            }
        }
        Ok(())
    }
}

fn rerun(statement: &Statement) -> RerunPage<'_> {
    let account = RerunAccount {
        account: &statement.account.number,
        company: statement.account.company.as_str(),
        currency: statement.account.currency,
        verdict: format!("revision {}", statement.revision),
        before: Amount::ZERO,
        after: statement.totals.charge,
        changes: statement.changes.as_ref(),
    };
    RerunPage {
        id: "sample",
        period: statement.period.id,
        reason: "sample",
        is_applied: false,
        summary: "1 changed",
        accounts: vec![account],
    }
}

type Sample = (Statement, Vec<Participant>);

/// A corrected month with everything in it, and a first month without usage.
fn samples(language: &str) -> Result<[Sample; 2], Invalid> {
    let full = full_month(language)?;
    let mut empty = full.clone();
    empty.0.revision = 1;
    empty.0.totals = Totals::default();
    for room in &mut empty.0.rooms {
        room.totals = Totals::default();
    }
    empty.0.billing_codes.clear();
    empty.0.lines.clear();
    empty.0.history.clear();
    empty.0.changes = None;
    empty.1.clear();
    Ok([full, empty])
}

fn full_month(language: &str) -> Result<Sample, Invalid> {
    let currency: Currency = "EUR".parse()?;
    let zone = Zone::from(chrono_tz::Europe::Paris);
    let period: Period = "2009-05".parse()?;
    let bounds = period.bounds(zone);
    let start = bounds.start + TimeDelta::hours(34);
    let lines = vec![line("C1", "LOCAL", start, None)?, line("C2", "WEB", start, Some(period.previous()))?];
    let totals = Totals { conferences: 2, participants: 2, accumulated_seconds: 7200, charge: Amount(1080) };
    let before = Totals { conferences: 1, participants: 1, accumulated_seconds: 3600, charge: Amount(540) };
    let room = |number: &str, totals| -> Result<_, Invalid> {
        Ok(RoomTotal {
            number: number.parse()?,
            cardholder: "Mariline BALLESTER".parse()?,
            auto_billing_code: Some("ACCUEIL".parse()?),
            totals,
        })
    };
    let code = |line: &Line| BillingCodeTotal {
        code: line.billing_code.clone(),
        accumulated_seconds: line.accumulated_seconds,
        charge: line.charge,
    };
    let participants = lines.iter().map(participant).collect::<Result<_, _>>()?;
    let change = LineChange { before: None, after: lines.first().cloned() };
    let statement = Statement {
        account: StatementAccount {
            number: "602127".parse()?,
            company: "MeetingOne Phoenix".parse()?,
            currency,
            time_zone: zone,
            locale: language.parse()?,
        },
        period: bounds,
        revision: 2,
        totals,
        rooms: vec![room("332703", totals)?, room("341207", Totals::default())?],
        billing_codes: lines.iter().map(code).collect(),
        services: vec![ServiceLabel { service_type: "LOCAL".parse()?, label: "Local access".parse()? }],
        history: vec![MonthTotal { period: period.previous(), totals: before }],
        inputs_digest: Sha256::of(&[]),
        addressees: Vec::new(),
        offsets: Vec::new(),
        zone_data: None,
        changes: Some(Changes {
            since_revision: 1,
            totals_before: before,
            rooms: vec![RoomChange { number: "332703".parse()?, before, after: totals }],
            lines: vec![change.clone(), LineChange { before: change.after.clone(), after: None }, change],
        }),
        lines,
    };
    Ok((statement, participants))
}

fn line(
    conference: &str,
    service: &str,
    started_at: DateTime<Utc>,
    late_from: Option<Period>,
) -> Result<Line, Invalid> {
    Ok(Line {
        room: "332703".parse()?,
        conference_id: conference.parse()?,
        started_at,
        service_type: service.parse()?,
        quantity: 1,
        billing_code: late_from.map(|_| "Marketing Été".parse()).transpose()?,
        length_seconds: 3600,
        accumulated_seconds: 3600,
        billed_seconds: 3600,
        rate_per_minute: Decimal::new(9, 2),
        charge: Amount(540),
        late_from,
    })
}

fn participant(line: &Line) -> Result<Participant, Invalid> {
    Ok(Participant {
        room: line.room.clone(),
        conference_id: line.conference_id.clone(),
        service_type: line.service_type.clone(),
        joined_at: line.started_at,
        left_at: line.started_at + TimeDelta::hours(1),
        caller: line.late_from.is_some().then(|| "+33491000004".parse()).transpose()?,
        late_from: line.late_from,
    })
}

fn index(statement: &Statement) -> Vec<IndexRow> {
    let of_room = |room: &RoomTotal| IndexRow {
        account: statement.account.number.clone(),
        company: statement.account.company.clone(),
        room: Some(room.number.clone()),
        cardholder: Some(room.cardholder.clone()),
        conferences: room.totals.conferences,
        accumulated_seconds: room.totals.accumulated_seconds,
        charge: room.totals.charge,
        currency: statement.account.currency,
        revision: statement.revision,
        delivery: Some("accepted".into()),
        files: vec![format!("{}/r{}/rooms/{}.html", statement.account.number, statement.revision, room.number)],
    };
    statement.rooms.iter().map(of_room).collect()
}
