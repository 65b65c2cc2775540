//! The cost of the inner loops: rating and totals alone, a room's files, and compression.
//!
//!     cargo bench --bench micro
//!
//! One thread, in memory; the usage is that of one account with a hundred rooms.

#![expect(clippy::unwrap_used, reason = "a measurement that cannot go on has failed")]

use std::collections::BTreeMap;
use std::io::Write;

use chrono::{DateTime, TimeDelta, Utc};
use divan::counter::{BytesCount, ItemsCount};
use divan::{Bencher, black_box};
use statementd::billing::{Basis, StatementBuilder};
use statementd::domain::{
    Account, ConferenceUsage, Formats, Participant, Period, Room, RoomHistory, RoomTerm, Statement, Tariff,
    TariffRow, UsageLeg,
};
use statementd::render::{RenderOptions, Renderer, RoomLegs};

const ROOMS: usize = 100;
const CONFERENCES: usize = 20;
const LEGS: usize = 5;

fn main() {
    divan::main();
}

struct SampleMonth {
    account: Account,
    rooms: Vec<RoomHistory>,
    tariff: Tariff,
    conferences: Vec<ConferenceUsage>,
}

/// A room that never was anything else.
fn always(room: Room) -> RoomHistory {
    let (starts_at, ends_at) = (DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC);
    RoomHistory { number: room.number.clone(), terms: vec![RoomTerm { starts_at, ends_at, room }] }
}

impl SampleMonth {
    fn made() -> Self {
        let account = Account {
            number: "602127".parse().unwrap(),
            company: "Société d'exemple".parse().unwrap(),
            currency: "EUR".parse().unwrap(),
            time_zone: chrono_tz::Europe::Paris.into(),
            locale: "fr-FR".parse().unwrap(),
            tariff: "BASE-EUR".parse().unwrap(),
            owner_name: None,
            owners: vec!["owner@customer.example".parse().unwrap()],
        };
        let rows = ["LOCAL", "WEB"].map(|service| TariffRow {
            tariff: account.tariff.clone(),
            service_type: service.parse().unwrap(),
            label: service.parse().unwrap(),
            labels: std::collections::BTreeMap::new(),
            currency: account.currency,
            rate_per_minute: "0.09".parse().unwrap(),
            increment_seconds: 1,
            minimum_seconds: 0,
            valid_from: "2009-01-01".parse().unwrap(),
        });
        let rooms: Vec<_> = (0..ROOMS)
            .map(|room| Room {
                number: (332_703 + room).to_string().parse().unwrap(),
                account: account.number.clone(),
                cardholder: format!("Cardholder {room}").parse().unwrap(),
                cardholder_email: None,
                auto_billing_code: None,
                active: true,
            })
            .collect();
        let conferences =
            rooms.iter().flat_map(|room| (0..CONFERENCES).map(move |number| conference(room, number))).collect();
        let rooms = rooms.into_iter().map(always).collect();
        Self { account, rooms, tariff: rows.into_iter().collect(), conferences }
    }

    fn legs(&self) -> usize {
        self.conferences.iter().map(|conference| conference.legs.len()).sum()
    }

    fn statement(&self) -> Statement {
        let period: Period = "2009-05".parse().unwrap();
        let earlier = BTreeMap::new();
        let mut builder = StatementBuilder::new(Basis {
            account: &self.account,
            bounds: period.bounds(self.account.time_zone),
            revision: 1,
            rooms: &self.rooms,
            tariff: &self.tariff,
            earlier: &earlier,
        });
        for conference in &self.conferences {
            builder.add(conference).unwrap();
        }
        builder.finish(Vec::new()).unwrap()
    }

    fn first_room(&self, participants: Vec<Participant>) -> RoomLegs {
        RoomLegs { room: self.rooms[0].number.clone(), participants, is_complete: true }
    }

    /// The legs of the first room as its statement lists them.
    fn participants(&self) -> Vec<Participant> {
        let of_room = self.conferences.iter().filter(|conference| conference.room == self.rooms[0].number);
        let mut participants = Vec::new();
        for conference in of_room {
            let mut legs: Vec<_> = conference.legs.iter().collect();
            legs.sort_by(|a, b| (&a.service_type, a.joined_at).cmp(&(&b.service_type, b.joined_at)));
            participants.extend(legs.into_iter().map(|leg| Participant {
                room: conference.room.clone(),
                conference_id: conference.id.clone(),
                service_type: leg.service_type.clone(),
                joined_at: leg.joined_at,
                left_at: leg.left_at,
                caller: leg.caller.clone(),
                late_from: None,
            }));
        }
        participants
    }
}

fn conference(room: &Room, number: usize) -> ConferenceUsage {
    let start: DateTime<Utc> = "2009-05-02T08:00:00Z".parse().unwrap();
    let start = start + TimeDelta::hours(i64::try_from(number).unwrap() * 24);
    let legs = (0..LEGS).map(|leg| {
        let offset = i64::try_from(leg).unwrap();
        UsageLeg {
            leg_id: format!("L{}-{number}-{leg}", room.number).parse().unwrap(),
            service_type: ["LOCAL", "WEB"][usize::from(leg % 4 == 3)].parse().unwrap(),
            joined_at: start + TimeDelta::seconds(offset * 7),
            left_at: start + TimeDelta::seconds(1800 + offset * 61),
            caller: Some(format!("+3312345{number:02}{leg:02}").parse().unwrap()),
            billing_code: None,
            charged_here: true,
        }
    });
    let id = format!("C{}-{number:03}", room.number).parse().unwrap();
    ConferenceUsage { room: room.number.clone(), id, legs: legs.collect(), late_from: None, assigned_code: None }
}

/// Ends with the statement, its checks and the digest of what went in. Items are legs.
#[divan::bench]
fn rating_and_totals(bencher: Bencher<'_, '_>) {
    let month = SampleMonth::made();
    bencher.counter(ItemsCount::new(month.legs())).bench_local(|| black_box(month.statement()));
}

/// A room's workbook, page or both. Items are statements.
#[divan::bench(args = ["xlsx", "html", "xlsx and html"])]
fn room(bencher: Bencher<'_, '_>, formats: &str) {
    let month = SampleMonth::made();
    let (statement, participants) = (month.statement(), month.participants());
    let renderer = Renderer::new(&RenderOptions::default()).unwrap();
    // The account's own files are made of a statement that is dropped: only the room's are finished.
    let formats: Formats = formats.parse().unwrap();
    bencher.counter(ItemsCount::new(1_usize)).bench_local(|| {
        let mut rendering = renderer.statement(&statement, formats, false).unwrap();
        black_box(rendering.room(month.first_room(participants.clone())).unwrap())
    });
}

/// The page of a room, deflated as workbooks are: level by level.
#[divan::bench(args = [1, 3, 4, 6, 9])]
fn deflate(bencher: Bencher<'_, '_>, level: u32) {
    let month = SampleMonth::made();
    let (statement, participants) = (month.statement(), month.participants());
    let renderer = Renderer::new(&RenderOptions::default()).unwrap();
    let mut rendering = renderer.statement(&statement, Formats { xlsx: false, html: true }, false).unwrap();
    let page = rendering.room(month.first_room(participants)).unwrap().remove(0).content.into_bytes().unwrap();
    bencher.counter(BytesCount::new(page.len())).bench_local(|| {
        let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::new(level));
        encoder.write_all(&page).unwrap();
        black_box(encoder.finish().unwrap())
    });
}
