//! The second computation: CONTRACT 1, 2 and 3 as one would do them by hand, leg by leg, slowly.
//!
//! It shares no code with the program: its own fractions (`pricing`), its own month boundaries (`calendar`), its own
//! idea of which legs are taken (`taking`) and which are late (here).

use std::collections::{BTreeMap, BTreeSet};

use chrono_tz::Tz;

use super::calendar::{YearMonth, Zones, following};
use super::taking::Rooms;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leg {
    pub id: String,
    pub conference: String,
    pub room: String,
    pub service: String,
    pub joined: i64,
    pub left: i64,
    pub code: Option<String>,
}

/// A tariff's row; the rate is a decimal as text.
#[derive(Debug, Clone)]
pub struct Rate {
    pub service: String,
    pub per_minute: String,
    pub increment: u64,
    pub minimum: u64,
    /// YYYY-MM-DD
    pub valid_from: String,
}

/// A currency with a tariff in it.
#[derive(Debug, Clone)]
pub struct Offer {
    pub tariff: String,
    pub currency: &'static str,
    pub minor_digits: u32,
    pub rates: Vec<Rate>,
}

#[derive(Debug, Clone)]
pub struct Account {
    pub number: String,
    pub zone: Tz,
    /// What it may be billed by, at first by the first.
    pub offers: Vec<Offer>,
    /// The rooms that it begins with.
    pub rooms: Vec<String>,
}

/// What a statement must print.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Line {
    pub room: String,
    pub started: i64,
    pub conference: String,
    pub service: String,
    pub quantity: u64,
    pub code: Option<String>,
    pub length: u64,
    pub accumulated: u64,
    pub billed: u64,
    /// Without zeros at the end.
    pub rate: String,
    pub charge: i128,
    pub late_from: Option<YearMonth>,
}

/// What is in force of an account's month.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    pub revision: u32,
    pub currency: &'static str,
    pub rooms: BTreeSet<String>,
    pub lines: Vec<Line>,
}

/// Where late legs are charged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Late {
    NextMonth,
    OwnMonth,
}

#[derive(Debug, Clone)]
pub struct Stored {
    pub leg: Leg,
    pub late: bool,
    pub charged_in: Option<YearMonth>,
}

#[derive(Debug, Clone)]
pub struct Conference {
    pub legs: Vec<Stored>,
    /// Charged legs of it that were taken out.
    pub gone: u32,
    /// The month that it belongs to; fixed once that has closed.
    pub home: YearMonth,
    pub first_join: i64,
}

/// What a month was closed with.
#[derive(Debug, Clone, Copy)]
pub struct Closed {
    /// Of the account's offers.
    offer: usize,
    pub start: i64,
    pub end: i64,
}

/// What the second computation knows of an account.
#[derive(Debug)]
pub struct Books {
    pub account: Account,
    pub zones: Zones,
    /// From which month on, `None` for the beginning, and whether a file named it → which of the offers.
    terms: BTreeMap<(Option<YearMonth>, bool), usize>,
    /// By room and id.
    pub conferences: BTreeMap<(String, String), Conference>,
    pub closed: BTreeMap<YearMonth, Closed>,
    /// Closed months that charge legs which have been taken out since.
    pub owed: BTreeSet<YearMonth>,
    /// Of the closed months that have anything to charge.
    statements: BTreeMap<YearMonth, Statement>,
}

impl Books {
    pub fn new(account: Account) -> Self {
        Self {
            zones: Zones::new(account.zone),
            account,
            terms: [((None, false), 0)].into(),
            conferences: BTreeMap::new(),
            closed: BTreeMap::new(),
            owed: BTreeSet::new(),
            statements: BTreeMap::new(),
        }
    }

    /// The ids of all legs that count.
    pub fn legs(&self) -> Vec<String> {
        let legs = self.conferences.values().flat_map(|conference| &conference.legs);
        legs.map(|stored| stored.leg.id.clone()).collect()
    }

    /// Every closed month with what is in force of it.
    pub fn closed(&self) -> impl Iterator<Item = (YearMonth, Option<&Statement>)> {
        self.closed.keys().map(|month| (*month, self.statements.get(month)))
    }

    pub fn first_open(&self) -> Option<YearMonth> {
        self.closed.last_key_value().map(|(month, _)| following(*month))
    }

    /// No instant before this one is in a month that is open.
    pub fn end_of_closed(&self) -> i64 {
        self.closed.last_key_value().map_or(i64::MIN, |(_, closed)| closed.end)
    }

    pub fn is_closed_at(&self, instant: i64) -> bool {
        self.closed.values().any(|closed| closed.start <= instant && instant < closed.end)
    }

    /// What a file without a month said last.
    pub fn undated_offer(&self) -> usize {
        *self.terms.iter().rev().find(|((_, is_dated), _)| !is_dated).unwrap().1
    }

    /// A file sets the account's currency and tariff, from a month on or from the first one that is open.
    pub fn bill_by(&mut self, offer: usize, from: Option<YearMonth>) {
        if from.is_none() {
            if self.undated_offer() == offer {
                return;
            }
            self.terms.remove(&(self.first_open(), true));
        }
        self.terms.insert((from.or(self.first_open()), from.is_some()), offer);
    }

    pub fn offer_in(&self, month: YearMonth) -> &Offer {
        let open = || {
            let counts = self.terms.iter().rev().find(|((from, _), _)| *from <= Some(month));
            *counts.or(self.terms.first_key_value()).unwrap().1
        };
        &self.account.offers[self.closed.get(&month).map_or_else(open, |closed| closed.offer)]
    }

    /// The account moves to another zone while `now` is the time.
    pub fn move_to(&mut self, zone: Tz, now: i64) {
        self.zones.change(zone, now, !self.conferences.is_empty());
        let closed: Vec<YearMonth> = self.closed.keys().copied().collect();
        for conference in self.conferences.values_mut().filter(|conference| !closed.contains(&conference.home)) {
            conference.home = self.zones.month_of(conference.first_join);
        }
    }

    /// Closes the months up to `last` that are open, oldest first; late legs that wait are charged by the next one, or
    /// before that by their own once more.
    pub fn close_through(&mut self, last: YearMonth, late: Late, rooms: &Rooms) {
        let closed: Vec<YearMonth> = self.closed.keys().copied().filter(|month| *month <= last).collect();
        let next = self.first_open();
        for month in closed {
            let is_carried = |next| self.offer_in(next).currency == self.offer_in(month).currency;
            if late == Late::OwnMonth || !next.is_some_and(is_carried) {
                self.revise_late(month, rooms);
            }
        }
        for month in self.owed.clone().into_iter().filter(|month| *month <= last) {
            self.again(month, rooms);
        }
        let first_join = self.conferences.values().map(|conference| conference.first_join).min();
        let first = self.first_open().or_else(|| first_join.map(|first| self.zones.month_of(first)));
        let Some(mut month) = first else { return };
        while month <= last {
            self.close(month, late, rooms);
            month = following(month);
        }
    }

    fn close(&mut self, month: YearMonth, late: Late, rooms: &Rooms) {
        let tariff = self.offer_in(month).tariff.clone();
        let offer = self.account.offers.iter().position(|offer| offer.tariff == tariff).unwrap();
        let (start, end) = self.zones.bounds(month);
        self.closed.insert(month, Closed { offer, start, end });
        let currency = self.account.offers[offer].currency;
        let carried: BTreeSet<YearMonth> = self.closed.keys().copied().filter(|earlier| *earlier < month).collect();
        let carried: BTreeSet<YearMonth> =
            carried.into_iter().filter(|earlier| self.offer_in(*earlier).currency == currency).collect();
        self.charge(month, |stored, home| {
            let is_own = !stored.late && home == month;
            is_own || (stored.late && carried.contains(&home) && late == Late::NextMonth)
        });
        self.compute(month, rooms);
    }

    /// A closed month once more, with its late legs that wait, by the rates of now.
    pub fn again(&mut self, month: YearMonth, rooms: &Rooms) {
        if self.closed.contains_key(&month) {
            self.charge(month, |stored, home| stored.late && home == month);
            self.compute(month, rooms);
        }
    }

    /// Months without a late leg that waits stay as they are, whatever rates have become.
    fn revise_late(&mut self, month: YearMonth, rooms: &Rooms) {
        if self.charge(month, |stored, home| stored.late && home == month) || self.owed.contains(&month) {
            self.compute(month, rooms);
        }
    }

    /// Lets `month` charge those legs that none has charged; whether there were any.
    fn charge(&mut self, month: YearMonth, is_due: impl Fn(&Stored, YearMonth) -> bool) -> bool {
        let mut charged = false;
        for conference in self.conferences.values_mut() {
            let home = conference.home;
            for stored in conference.legs.iter_mut().filter(|stored| stored.charged_in.is_none()) {
                if is_due(stored, home) {
                    stored.charged_in = Some(month);
                    charged = true;
                }
            }
        }
        charged
    }

    /// A new statement, if it shows anything else than the one in force, or no longer charges a leg that was taken out.
    fn compute(&mut self, month: YearMonth, rooms: &Rooms) {
        let lines = self.lines(month, rooms);
        let closed = self.closed[&month];
        let mut listed = rooms.of(&self.account.number, closed.start, closed.end);
        if let Some(current) = self.statements.get(&month) {
            // A room that came to a closed month is listed there once it has lines.
            listed.retain(|room| current.rooms.contains(room));
        }
        listed.extend(lines.iter().map(|line| line.room.clone()));
        let is_owed = self.owed.remove(&month);
        let currency = self.offer_in(month).currency;
        let new = |revision| Statement { revision, currency, rooms: listed.clone(), lines: lines.clone() };
        match self.statements.get_mut(&month) {
            Some(current) if (&current.lines, &current.rooms) == (&lines, &listed) && !is_owed => {}
            Some(current) => *current = new(current.revision + 1),
            None if lines.is_empty() => {}
            None => drop(self.statements.insert(month, new(1))),
        }
    }

    /// A conference of the month itself is described by the legs that it charges, one of an earlier month by all.
    fn lines(&self, month: YearMonth, rooms: &Rooms) -> Vec<Line> {
        let mut lines = Vec::new();
        for ((room, id), conference) in &self.conferences {
            let is_here = |stored: &&Stored| stored.charged_in == Some(month);
            let charged: Vec<Leg> = conference.legs.iter().filter(is_here).map(|stored| stored.leg.clone()).collect();
            if charged.is_empty() {
                continue;
            }
            let known: Vec<Leg> = conference.legs.iter().map(|stored| stored.leg.clone()).collect();
            let carried = conference.home != month;
            let described_by = if carried { &known } else { &charged };
            let offer = self.offer_in(conference.home);
            let zone = self.zones.of(conference.home);
            let mut of_conference = offer.lines((described_by, &charged), zone, rooms.code(room));
            for line in &mut of_conference {
                (line.room, line.conference) = (room.clone(), id.clone());
                line.late_from = carried.then_some(conference.home);
            }
            lines.extend(of_conference);
        }
        lines.sort();
        lines
    }
}
