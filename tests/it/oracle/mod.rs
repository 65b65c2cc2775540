//! The oracle: random operators go through the program (files in, months closed, statements read back), and the
//! results are compared with a second computation that shares no code with it.
//!
//! `STATEMENTD_ORACLE_ACCOUNTS=100000` makes it as many accounts; `STATEMENTD_ORACLE_SEED` repeats a run.

mod calendar;
mod changes;
mod corrected;
mod model;
mod pricing;
mod random;
mod taking;

use std::fmt::Write as _;

use chrono::{DateTime, TimeZone, Utc};
use statementd::app::{self, Trigger};
use statementd::clock::Clock;
use statementd::config::{Config, Sources};
use statementd::domain::{Period, Statement};
use statementd::intake::{Kind, Limits};
use statementd::jobs::{Context, ImportReport, Selection, close_due, import_file};

use crate::support::csv;
use crate::support::database::Database;
use calendar::{YearMonth, following};
use model::{Books, Late, Leg, Line, Offer};
use random::Random;
use taking::{Taken, World};

/// In one database.
const ACCOUNTS_PER_OPERATOR: u64 = 200;
const ACCOUNTS: u64 = 1000;

#[tokio::test]
async fn statements_are_what_a_second_computation_says() {
    let accounts = from_environment("STATEMENTD_ORACLE_ACCOUNTS").unwrap_or(ACCOUNTS);
    let first_seed = from_environment("STATEMENTD_ORACLE_SEED").unwrap_or(1);
    for seed in first_seed..first_seed + accounts.div_ceil(ACCOUNTS_PER_OPERATOR) {
        println!("STATEMENTD_ORACLE_SEED={seed}");
        Operator::new(seed, ACCOUNTS_PER_OPERATOR, Database::sqlite().await).run().await;
    }
}

#[tokio::test]
async fn statements_from_postgresql_are_the_same() {
    let seed = from_environment("STATEMENTD_ORACLE_SEED").unwrap_or(1);
    println!("STATEMENTD_ORACLE_SEED={seed}");
    Operator::new(seed, ACCOUNTS_PER_OPERATOR, Database::postgres().await).run().await;
}

fn from_environment(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|value| value.parse().unwrap())
}

struct Operator {
    random: Random,
    months: [YearMonth; 3],
    world: World,
    /// (month in which it arrives, account, leg)
    usage: Vec<(usize, usize, Leg)>,
    database: Database,
    context: Context,
}

impl Operator {
    fn new(seed: u64, accounts: u64, database: Database) -> Self {
        let mut random = Random(seed);
        let first = (2009 + i32::try_from(random.below(17)).unwrap(), 1 + u32::try_from(random.below(12)).unwrap());
        let months = [first, following(first), following(following(first))];
        let (mut world, mut usage) = (World::default(), Vec::new());
        for index in 0..usize::try_from(accounts).unwrap() {
            let account = random.account(&format!("{}", 100_000 + index), &months);
            usage.extend(random.usage(&account, &months).into_iter().map(|(month, leg)| (month, index, leg)));
            world.rooms.add_account(&account.number);
            for room in &account.rooms {
                world.rooms.add(room, index, random.code(30));
            }
            world.books.push(Books::new(account));
        }
        let context = context(&database);
        Self { random, months, world, usage, database, context }
    }

    async fn run(mut self) {
        self.import_master_data().await;
        for month in 0..3 {
            self.change_anything(month).await;
            let rows = self.arriving_in(month);
            self.import_usage(&rows, month).await;
            self.change_anything(month).await;
            self.close(month, Late::NextMonth).await;
            self.compare().await;
        }
    }

    async fn import_master_data(&self) {
        for (kind, text) in master_data(&self.world) {
            let report = self.import(kind, &text, 0).await;
            assert_eq!(report.rejected, 0, "{kind}");
        }
    }

    /// Everything that arrives after the end of `month`, in random order: (account, leg).
    fn arriving_in(&mut self, month: usize) -> Vec<(usize, Leg)> {
        let arriving = self.usage.iter().filter(|(arrives, ..)| *arrives == month);
        let mut rows: Vec<(usize, Leg)> = arriving.map(|(_, account, leg)| (*account, leg.clone())).collect();
        self.random.shuffle(&mut rows);
        rows
    }

    async fn import_usage(&mut self, rows: &[(usize, Leg)], month: usize) {
        let mut text = String::from(csv!(usage));
        for (account, leg) in rows {
            text += &usage_row(leg, self.world.books[*account].account.zone);
        }
        let legs: Vec<&Leg> = rows.iter().map(|(_, leg)| leg).collect();
        let mut expected = [0_u64; 4];
        let now = self.after(month).clock.now().timestamp();
        self.world.take(&legs, now).into_iter().for_each(|taken| expected[taken as usize] += 1);
        let report = self.import(Kind::Usage, &text, month).await;
        let [stored, duplicates, conflicts, refused] =
            [Taken::Stored, Taken::Duplicate, Taken::Conflict, Taken::Refused].map(|taken| expected[taken as usize]);
        assert_eq!(
            (report.stored, report.duplicates, report.rejected),
            (stored, duplicates, conflicts + refused),
            "stored, duplicates, rejected"
        );
    }

    /// When `month` is over.
    async fn import(&self, kind: Kind, text: &str, month: usize) -> ImportReport {
        self.import_at(kind, text, self.after(month).clock).await
    }

    async fn import_at(&self, kind: Kind, text: &str, clock: Clock) -> ImportReport {
        let path = self.database.write(&format!("{kind}.csv"), text);
        import_file(&self.context.store, clock, Limits::default(), (kind, &path), &|_| ()).await.unwrap()
    }

    /// Closes up to and including `month`.
    async fn close(&mut self, month: usize, late: Late) {
        let context = self.after(month);
        let rule = app::due_rule(&Config::default(), Trigger::Command);
        let selection = Selection { through: Some(period(self.months[month])), accounts: Vec::new() };
        let report = close_due(&context, &rule, &selection, &|| true).await.unwrap();
        assert_eq!(report.parked, []);
        let World { books, rooms, .. } = &mut self.world;
        for books in books {
            books.close_through(self.months[month], late, rooms);
        }
    }

    /// The program when `month` is over.
    fn after(&self, month: usize) -> Context {
        let (year, number) = following(following(self.months[month]));
        let now = Utc.with_ymd_and_hms(year, number, 1, 0, 0, 0).unwrap();
        Context { clock: Clock::Fixed(now), ..self.context.clone() }
    }

    /// Every closed month of every account.
    async fn compare(&self) {
        let mut tx = self.context.store.read().await.unwrap();
        for books in &self.world.books {
            let key = tx.accounts().account_key(&books.account.number.parse().unwrap()).await.unwrap().unwrap();
            for (month, expected) in books.closed() {
                assert!(
                    tx.closings().is_closed(key, period(month)).await.unwrap(),
                    "{} {month:?}",
                    books.account.number
                );
                let statement = tx.statements().current_statement(key, period(month)).await.unwrap();
                compare(books, month, expected, statement.as_ref());
            }
        }
    }
}

fn compare(books: &Books, month: YearMonth, expected: Option<&model::Statement>, statement: Option<&Statement>) {
    let place = format!("account {} {month:?} {}", books.account.number, books.zones.of(month));
    let (Some(expected), Some(statement)) = (expected, statement) else {
        assert_eq!(expected.is_some(), statement.is_some(), "{place}: a statement is there");
        return;
    };
    assert_eq!(statement.account.currency.code(), expected.currency, "{place}");
    let (revision, rooms) = (expected.revision, &expected.rooms);
    let expected = expected.lines.as_slice();
    let mut lines: Vec<Line> = statement.lines.iter().map(|line| line_of(line, &place)).collect();
    lines.sort();
    let missing: Vec<&Line> = expected.iter().filter(|line| !lines.contains(line)).collect();
    let wrong: Vec<&Line> = lines.iter().filter(|line| !expected.contains(line)).collect();
    assert!(lines == expected, "{place}:\nmissing {missing:#?}\nwrong {wrong:#?}");
    assert_eq!(statement.revision, revision, "{place}");
    let charge = |room: Option<&str>| -> i128 {
        expected.iter().filter(|line| room.is_none_or(|room| room == line.room)).map(|line| line.charge).sum()
    };
    assert_eq!(i128::from(statement.totals.charge.0), charge(None), "{place}");
    let numbers: Vec<&str> = statement.rooms.iter().map(|room| room.number.as_str()).collect();
    assert_eq!(numbers, rooms.iter().collect::<Vec<_>>(), "{place}");
    for room in &statement.rooms {
        let number = room.number.as_str();
        assert_eq!(i128::from(room.totals.charge.0), charge(Some(number)), "{place} {number}");
        let legs: u64 = expected.iter().filter(|line| line.room == number).map(|line| line.quantity).sum();
        assert_eq!(room.totals.participants, legs, "{place} {number}");
    }
}

fn line_of(line: &statementd::domain::Line, place: &str) -> Line {
    assert!(line.charge.0 >= 0, "{place}");
    Line {
        room: line.room.to_string(),
        started: line.started_at.timestamp(),
        conference: line.conference_id.to_string(),
        service: line.service_type.to_string(),
        quantity: line.quantity,
        code: line.billing_code.as_ref().map(ToString::to_string),
        length: line.length_seconds,
        accumulated: line.accumulated_seconds,
        billed: line.billed_seconds,
        rate: line.rate_per_minute.normalize().to_string(),
        charge: line.charge.0.into(),
        late_from: line.late_from.map(|period| (period.year(), period.month())),
    }
}

fn period((year, month): YearMonth) -> Period {
    format!("{year}-{month:02}").parse().unwrap()
}

/// Tariffs, accounts and rooms as the operator begins.
fn master_data(world: &World) -> [(Kind, String); 3] {
    let mut rooms = String::from(ROOMS);
    for (index, books) in world.books.iter().enumerate() {
        for room in &books.account.rooms {
            assert_eq!(world.rooms.last_owner(room).1, index);
            rooms += &room_row(world, room, &books.account.number, "");
        }
    }
    let accounts = world.books.iter().map(|books| account_row(books, 0, "")).collect::<String>();
    [(Kind::Tariffs, tariffs(world)), (Kind::Accounts, format!("{ACCOUNTS_HEADER}{accounts}")), (Kind::Rooms, rooms)]
}

fn tariffs(world: &World) -> String {
    let mut text = String::from(csv!(tariffs));
    for offer in world.books.iter().flat_map(|books| &books.account.offers) {
        let (tariff, currency) = (&offer.tariff, offer.currency);
        for rate in &offer.rates {
            let service = &rate.service;
            let row = [&rate.per_minute, &rate.increment.to_string(), &rate.minimum.to_string(), &rate.valid_from];
            writeln!(text, "{tariff},{service},{service},{currency},{}", row.map(String::as_str).join(",")).unwrap();
        }
    }
    text
}

const ACCOUNTS_HEADER: &str = csv!(accounts + "valid_from");
const ROOMS: &str = csv!(rooms + "valid_from");

/// An account billed by one of its offers, from a month on or without saying from when.
fn account_row(books: &Books, offer: usize, valid_from: &str) -> String {
    let (number, zone) = (&books.account.number, books.zones.now);
    let Offer { tariff, currency, .. } = &books.account.offers[offer];
    format!("{number},Company,{currency},{zone},en,{tariff},,owner@x.example,{valid_from}\n")
}

fn room_row(world: &World, room: &str, account: &str, valid_from: &str) -> String {
    let code = world.rooms.code(room).unwrap_or_default();
    format!("{room},{account},Cardholder,,\"{code}\",true,{valid_from}\n")
}

/// Instants with an offset and a fraction, which change nothing.
fn usage_row(leg: &Leg, zone: chrono_tz::Tz) -> String {
    let text = |instant: i64| {
        let local = DateTime::from_timestamp(instant, 0).unwrap().with_timezone(&zone);
        local.format("%Y-%m-%dT%H:%M:%S.7%:z").to_string()
    };
    let code = leg.code.as_deref().unwrap_or_default();
    let (joined, left) = (text(leg.joined), text(leg.left));
    format!("{},{},{},{},{joined},{left},,\"{code}\"\n", leg.id, leg.conference, leg.room, leg.service)
}

/// A program that carries late usage; nothing is rendered or sent here.
fn context(database: &Database) -> Context {
    let at = |name: &str| database.folder().join(name).display().to_string();
    let sources =
        Sources::isolated().with("archive.url", format!("file:{}", at("archive"))).with("mail.dir", at("mail"));
    let config = app::load(&sources).unwrap();
    app::context(&config, database.store.clone(), Clock::System).unwrap()
}
