//! Conferences → a statement, with the checks that stay on in every build.

use std::collections::{BTreeMap, HashMap};

use super::digest::InputsDigest;
use super::{Obstacle, Terms, rate_conference};
use crate::domain::{
    Account, BillingCode, BillingCodeTotal, ConferenceUsage, Line, MonthTotal, PeriodBounds, Room, RoomNumber,
    RoomTotal, ServiceLabel, ServiceType, Statement, StatementAccount, Tariff, Totals,
};

/// What a statement is made from, besides the usage.
#[derive(Debug, Clone, Copy)]
pub struct Basis<'a> {
    pub account: &'a Account,
    pub bounds: PeriodBounds,
    pub revision: u32,
    /// Every room of the account, and any other room that the usage names.
    pub rooms: &'a [Room],
    pub tariff: &'a Tariff,
}

/// Takes conferences one by one, so that an account's usage never has to be in memory at once.
pub struct StatementBuilder<'a> {
    basis: Basis<'a>,
    rooms: HashMap<&'a str, &'a Room>,
    lines: Vec<Line>,
    charged_legs: u64,
    digest: InputsDigest,
}

impl<'a> StatementBuilder<'a> {
    pub fn new(basis: Basis<'a>) -> Self {
        let mut digest = InputsDigest::new(basis.account, &basis.bounds);
        for room in basis.rooms {
            digest.room(room);
        }
        let rooms = basis.rooms.iter().map(|room| (room.number.as_str(), room)).collect();
        Self { basis, rooms, lines: Vec::new(), charged_legs: 0, digest }
    }

    /// Rates a conference. Conferences of a room must come in one fixed order, or the inputs' digest differs.
    pub fn add(&mut self, conference: &ConferenceUsage) -> Result<(), Obstacle> {
        let room = self.rooms.get(conference.room.as_str()).ok_or_else(|| {
            Obstacle::ChecksFailed(format!(
                "conference {} is in room {}, which the account lacks",
                conference.id, conference.room
            ))
        })?;
        let terms = Terms {
            currency: self.basis.account.currency,
            time_zone: self.basis.account.time_zone,
            tariff_name: &self.basis.account.tariff,
            tariff: self.basis.tariff,
        };
        let lines = rate_conference(conference, room.auto_billing_code.as_ref(), &terms)?;
        self.charged_legs += conference.legs.iter().filter(|leg| leg.charged_here).count() as u64;
        self.digest.conference(conference);
        for line in &lines {
            self.digest.line(line);
        }
        self.lines.extend(lines);
        Ok(())
    }

    /// The statement, if its figures add up.
    pub fn finish(mut self, history: Vec<MonthTotal>) -> Result<Statement, Obstacle> {
        self.lines.sort_by(|a, b| {
            (&a.room, a.started_at, &a.conference_id, &a.service_type).cmp(&(
                &b.room,
                b.started_at,
                &b.conference_id,
                &b.service_type,
            ))
        });
        let rooms = self.room_totals()?;
        let mut totals = Totals::default();
        for room in &rooms {
            totals.add(&room.totals)?;
        }
        let account = self.basis.account;
        let statement = Statement {
            account: StatementAccount {
                number: account.number.clone(),
                company: account.company.clone(),
                currency: account.currency,
                time_zone: account.time_zone,
                locale: account.locale.clone(),
            },
            period: self.basis.bounds,
            revision: self.basis.revision,
            totals,
            rooms,
            billing_codes: billing_code_totals(&self.lines)?,
            services: self.service_labels(),
            lines: self.lines,
            history,
            inputs_digest: self.digest.hex(),
            changes: None,
        };
        check(&statement, self.charged_legs)?;
        Ok(statement)
    }

    fn room_totals(&self) -> Result<Vec<RoomTotal>, Obstacle> {
        let mut by_room = BTreeMap::<RoomNumber, Totals>::new();
        let mut previous: Option<&Line> = None;
        for line in &self.lines {
            let new_conference = previous.is_none_or(|previous| {
                (&previous.room, &previous.conference_id) != (&line.room, &line.conference_id)
            });
            by_room.entry(line.room.clone()).or_default().add_line(line, new_conference)?;
            previous = Some(line);
        }
        let mut rooms: Vec<_> = self
            .basis
            .rooms
            .iter()
            .map(|room| RoomTotal {
                number: room.number.clone(),
                cardholder: room.cardholder.clone(),
                auto_billing_code: room.auto_billing_code.clone(),
                totals: by_room.remove(&room.number).unwrap_or_default(),
            })
            .collect();
        rooms.sort_by(|a, b| a.number.cmp(&b.number));
        Ok(rooms)
    }

    fn service_labels(&self) -> Vec<ServiceLabel> {
        let mut labels = BTreeMap::<&ServiceType, ServiceLabel>::new();
        for line in &self.lines {
            let date = line.started_at.with_timezone(&self.basis.account.time_zone).date_naive();
            if let Some(row) = self.basis.tariff.row_at(&line.service_type, date) {
                labels.entry(&line.service_type).or_insert_with(|| ServiceLabel {
                    service_type: line.service_type.clone(),
                    label: row.label.clone(),
                });
            }
        }
        labels.into_values().collect()
    }
}

fn billing_code_totals(lines: &[Line]) -> Result<Vec<BillingCodeTotal>, Obstacle> {
    let mut by_code = BTreeMap::<Option<&BillingCode>, Totals>::new();
    for line in lines {
        by_code.entry(line.billing_code.as_ref()).or_default().add_line(line, false)?;
    }
    // None sorts first; what is not allocated belongs at the end.
    let unallocated = by_code.remove(&None).map(|totals| (None, totals));
    Ok(by_code
        .into_iter()
        .chain(unallocated)
        .map(|(code, totals)| BillingCodeTotal {
            code: code.cloned(),
            accumulated_seconds: totals.accumulated_seconds,
            charge: totals.charge,
        })
        .collect())
}

/// Lines = rooms = billing codes = account, in money and seconds, and every charged leg once.
fn check(statement: &Statement, charged_legs: u64) -> Result<(), Obstacle> {
    adds_up(statement)?;
    let participants = statement.totals.participants;
    if participants == charged_legs {
        return Ok(());
    }
    Err(Obstacle::ChecksFailed(format!("legs and participants: {charged_legs} and {participants}")))
}

/// Whether every printed column adds up to its printed total: lines = rooms = billing codes = account.
pub fn adds_up(statement: &Statement) -> Result<(), Obstacle> {
    let mut lines = Totals::default();
    for line in &statement.lines {
        lines.add_line(line, false)?;
    }
    let mut rooms = Totals::default();
    for room in &statement.rooms {
        rooms.add(&room.totals)?;
    }
    let totals = &statement.totals;
    let codes_charge: i64 = statement.billing_codes.iter().map(|code| code.charge.0).sum();
    let codes_seconds: u64 = statement.billing_codes.iter().map(|code| code.accumulated_seconds).sum();
    let differences = [
        ("charge of lines and account", i128::from(lines.charge.0), i128::from(totals.charge.0)),
        ("charge of rooms and account", i128::from(rooms.charge.0), i128::from(totals.charge.0)),
        ("charge of billing codes and account", i128::from(codes_charge), i128::from(totals.charge.0)),
        ("seconds of lines and account", lines.accumulated_seconds.into(), totals.accumulated_seconds.into()),
        ("seconds of rooms and account", rooms.accumulated_seconds.into(), totals.accumulated_seconds.into()),
        ("seconds of billing codes and account", codes_seconds.into(), totals.accumulated_seconds.into()),
        ("participants of lines and account", lines.participants.into(), totals.participants.into()),
        ("conferences of rooms and account", rooms.conferences.into(), totals.conferences.into()),
    ];
    match differences.into_iter().find(|(_, left, right)| left != right) {
        None => Ok(()),
        Some((what, left, right)) => Err(Obstacle::ChecksFailed(format!("{what}: {left} and {right}"))),
    }
}
