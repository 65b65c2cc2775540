//! Conferences → a statement, with the checks that stay on in every build.

use std::collections::{BTreeMap, HashMap};

use chrono::TimeDelta;

use super::digest::InputsDigest;
use super::rooms::{ListedRoom, listed_rooms};
use super::{Obstacle, Terms, rate_conference};
use crate::domain::{
    Account, Addressee, BillingCode, BillingCodeTotal, ConferenceUsage, Currency, FrozenOffset, Line, MonthTotal,
    Period, PeriodBounds, RoomHistory, ServiceLabel, ServiceType, Statement, StatementAccount, Tariff, TariffName,
    Totals, Zone, zone_data,
};

/// What a statement is made from, besides the usage.
#[derive(Debug, Clone, Copy)]
pub struct Basis<'a> {
    pub account: &'a Account,
    pub bounds: PeriodBounds,
    pub revision: u32,
    /// Every room that the account ever had, and any other room that the usage names.
    pub rooms: &'a [RoomHistory],
    pub tariff: &'a Tariff,
    /// Currency and tariff of the earlier periods whose late usage may be carried into this one.
    pub earlier: &'a BTreeMap<Period, EarlierTerms>,
}

/// Currency and tariff of an earlier period; a line that is carried from it is rated by them.
#[derive(Debug, Clone)]
pub struct EarlierTerms {
    pub currency: Currency,
    pub time_zone: Zone,
    pub tariff_name: TariffName,
    pub tariff: Tariff,
}

/// Takes conferences one by one, so that an account's usage never has to be in memory at once.
pub struct StatementBuilder<'a> {
    basis: Basis<'a>,
    rooms: HashMap<&'a str, &'a RoomHistory>,
    lines: Vec<Line>,
    charged_legs: u64,
    digest: InputsDigest,
}

impl<'a> StatementBuilder<'a> {
    pub fn new(basis: Basis<'a>) -> Self {
        let mut digest = InputsDigest::new(basis.account, &basis.bounds);
        for room in basis.rooms.iter().flat_map(|room| room.all_in(&basis.account.number, &basis.bounds)) {
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
        let terms = self.terms_of(conference.late_from)?;
        let then = conference.started_at().and_then(|start| room.at(start));
        let auto_billing_code = then.and_then(|room| room.auto_billing_code.as_ref());
        let lines = rate_conference(conference, auto_billing_code, &terms)?;
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
        let account = self.basis.account;
        let listed = listed_rooms(account, &self.basis.bounds, self.basis.rooms, &self.lines)?;
        let mut totals = Totals::default();
        for room in &listed {
            totals.add(&room.total.totals)?;
        }
        let (rooms, cardholders): (Vec<_>, Vec<_>) =
            listed.into_iter().map(|ListedRoom { total, addressee }| (total, addressee)).unzip();
        let offsets = self.offsets();
        let owners = Addressee { room: None, name: account.owner_name.clone(), addresses: account.owners.clone() };
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
            inputs_digest: self.digest.finish(),
            changes: None,
            addressees: [owners].into_iter().chain(cardholders).collect(),
            offsets,
            zone_data: Some(zone_data().0.to_owned()),
        };
        check(&statement, self.charged_legs)?;
        Ok(statement)
    }

    /// The offsets of the account's zone during the statement's conferences.
    fn offsets(&self) -> Vec<FrozenOffset> {
        let bounds = &self.basis.bounds;
        let end = |line: &Line| line.started_at + TimeDelta::seconds(line.length_seconds.cast_signed());
        let start = self.lines.iter().map(|line| line.started_at).chain([bounds.start]).min();
        let end = self.lines.iter().map(end).chain([bounds.end]).max();
        let zone = self.basis.account.time_zone;
        zone.offsets_between(start.unwrap_or(bounds.start), end.unwrap_or(bounds.end))
    }

    /// A line that is carried is rated as the month that it belongs to would have rated it.
    fn terms_of(&self, late_from: Option<Period>) -> Result<Terms<'a>, Obstacle> {
        let account = self.basis.account;
        let Some((month, terms)) = late_from.and_then(|month| Some((month, self.basis.earlier.get(&month)?))) else {
            return Ok(Terms {
                currency: account.currency,
                time_zone: account.time_zone,
                tariff_name: &account.tariff,
                tariff: self.basis.tariff,
            });
        };
        if terms.currency != account.currency {
            let (here, there) = (account.currency, terms.currency);
            return Err(Obstacle::ChecksFailed(format!(
                "late usage of {month} in {there}, on a statement in {here}"
            )));
        }
        let EarlierTerms { currency, time_zone, tariff_name, tariff } = terms;
        Ok(Terms { currency: *currency, time_zone: *time_zone, tariff_name, tariff })
    }

    fn service_labels(&self) -> Vec<ServiceLabel> {
        let mut labels = BTreeMap::<&ServiceType, ServiceLabel>::new();
        for line in &self.lines {
            let earlier = line.late_from.and_then(|month| self.basis.earlier.get(&month));
            let (zone, tariff) = earlier
                .map_or((self.basis.account.time_zone, self.basis.tariff), |terms| (terms.time_zone, &terms.tariff));
            let date = line.started_at.with_timezone(&zone).date_naive();
            if let Some(row) = tariff.row_at(&line.service_type, date) {
                labels.entry(&line.service_type).or_insert_with(|| ServiceLabel {
                    service_type: line.service_type.clone(),
                    label: row.label_in(&self.basis.account.locale).clone(),
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
    // `None` sorts first, but unallocated conferences belong at the end.
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
