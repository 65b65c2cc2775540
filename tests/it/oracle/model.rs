//! The second computation: the rules of money and months as one would do them by hand, leg by leg, slowly.
//!
//! It shares no code with the program: its own fractions, its own month boundaries, its own idea of what is late.

use std::collections::{BTreeMap, BTreeSet};

use chrono_tz::Tz;

use super::arithmetic::{Month, billed, charge, first_instant, following, local, month_of, without_zeros};

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

#[derive(Debug, Clone)]
pub struct Account {
    pub number: String,
    pub zone: Tz,
    pub currency: &'static str,
    pub minor_digits: u32,
    pub rates: Vec<Rate>,
    /// Room → its auto billing code.
    pub rooms: BTreeMap<String, Option<String>>,
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
    pub late_from: Option<Month>,
}

/// What is in force of an account's month.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    pub revision: u32,
    pub lines: Vec<Line>,
}

/// Where late legs are charged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Late {
    NextMonth,
    OwnMonth,
}

#[derive(Debug)]
struct Stored {
    leg: Leg,
    late: bool,
    charged_in: Option<Month>,
}

#[derive(Debug)]
struct Conference {
    legs: Vec<Stored>,
    /// Charged legs of it that were taken out.
    gone: u32,
    /// The month that it belongs to; fixed once that has closed.
    home: Month,
    first_join: i64,
}

/// An account's books.
#[derive(Debug)]
pub struct Books {
    pub account: Account,
    conferences: BTreeMap<(String, String), Conference>,
    closed: BTreeSet<Month>,
    /// Legs that were taken out.
    voided: Vec<Leg>,
    /// Closed months that charge legs which have been taken out since.
    owed: BTreeSet<Month>,
    /// Of the closed months that have anything to charge.
    statements: BTreeMap<Month, Statement>,
}

/// How a leg was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    Stored,
    Duplicate,
    Conflict,
    /// Before the first month that was closed.
    Older,
}

impl Books {
    pub fn new(account: Account) -> Self {
        Self {
            account,
            conferences: BTreeMap::new(),
            closed: BTreeSet::new(),
            voided: Vec::new(),
            owed: BTreeSet::new(),
            statements: BTreeMap::new(),
        }
    }

    /// Takes the legs of one file: they become known at one moment, in whatever order they stand there.
    pub fn take(&mut self, legs: &[&Leg]) -> Vec<Taken> {
        let zone = self.account.zone;
        let mut arrived = BTreeMap::<(String, String), Vec<Leg>>::new();
        let mut taken = Vec::new();
        for leg in legs {
            let known = self.conferences.values().flat_map(|conference| &conference.legs).map(|stored| &stored.leg);
            let before = known.chain(arrived.values().flatten()).find(|known| known.id == leg.id);
            let name = (leg.room.clone(), leg.conference.clone());
            let first_closed = self.closed.first().map(|month| first_instant(*month, zone));
            let is_older = first_closed.is_some_and(|first| {
                leg.joined < first && self.conferences.get(&name).is_none_or(|found| found.first_join < first)
            });
            let how = match before {
                _ if self.voided.iter().any(|voided| voided == *leg) => Taken::Duplicate,
                Some(before) if before == *leg => Taken::Duplicate,
                Some(_) => Taken::Conflict,
                None if is_older => Taken::Older,
                None => Taken::Stored,
            };
            taken.push(how);
            if how == Taken::Stored {
                arrived.entry((leg.room.clone(), leg.conference.clone())).or_default().push((*leg).clone());
            }
        }
        for (name, legs) in arrived {
            let first_join = legs.iter().map(|leg| leg.joined).min().unwrap();
            let new = Conference { legs: Vec::new(), gone: 0, home: month_of(first_join, zone), first_join };
            let conference = self.conferences.entry(name).or_insert(new);
            let was_open = !self.closed.contains(&conference.home);
            if was_open && first_join < conference.first_join {
                conference.first_join = first_join;
                conference.home = month_of(first_join, zone);
            }
            let late = self.closed.contains(&conference.home);
            conference.legs.extend(legs.into_iter().map(|leg| Stored { leg, late, charged_in: None }));
            if was_open {
                conference.legs.iter_mut().for_each(|stored| stored.late = late);
            }
        }
        taken
    }

    /// Takes a leg out; the month that charges it owes a revision.
    pub fn void(&mut self, id: &str) {
        let is_it = |stored: &Stored| stored.leg.id == id;
        let Some(name) =
            self.conferences.iter().find(|(_, found)| found.legs.iter().any(is_it)).map(|(name, _)| name.clone())
        else {
            return;
        };
        let zone = self.account.zone;
        let conference = self.conferences.get_mut(&name).unwrap();
        let position = conference.legs.iter().position(is_it).unwrap();
        let stored = conference.legs.remove(position);
        self.voided.push(stored.leg);
        if let Some(month) = stored.charged_in {
            self.owed.insert(month);
            conference.gone += 1;
        } else if conference.legs.is_empty() && conference.gone == 0 {
            self.conferences.remove(&name);
        } else {
            let months: Vec<Month> = conference.legs.iter().map(|left| month_of(left.leg.joined, zone)).collect();
            if !months.iter().chain([&conference.home]).any(|month| self.closed.contains(month)) {
                conference.first_join = conference.legs.iter().map(|left| left.leg.joined).min().unwrap();
                conference.home = month_of(conference.first_join, zone);
            }
        }
    }

    /// The ids of all legs that count.
    pub fn legs(&self) -> Vec<String> {
        let legs = self.conferences.values().flat_map(|conference| &conference.legs);
        legs.map(|stored| stored.leg.id.clone()).collect()
    }

    /// Every closed month with what is in force of it.
    pub fn closed(&self) -> impl Iterator<Item = (Month, Option<&Statement>)> {
        self.closed.iter().map(|month| (*month, self.statements.get(month)))
    }

    /// Closes the months up to `last` that are open, oldest first; late legs that wait are charged by the next one, or
    /// before that by their own once more.
    pub fn close_through(&mut self, last: Month, late: Late) {
        if late == Late::OwnMonth {
            self.closed.clone().into_iter().filter(|month| *month <= last).for_each(|month| self.revise_late(month));
        }
        for month in self.owed.clone().into_iter().filter(|month| *month <= last) {
            self.again(month);
        }
        let first_join = self.conferences.values().map(|conference| conference.first_join).min();
        let Some(mut month) = first_join.map(|first| month_of(first, self.account.zone)) else { return };
        while month <= last {
            if self.closed.insert(month) {
                self.charge(month, |stored, home| {
                    (!stored.late && home == month) || (stored.late && home < month && late == Late::NextMonth)
                });
                self.compute(month);
            }
            month = following(month);
        }
    }

    /// A closed month once more, with its late legs that wait, by the rates of now.
    pub fn again(&mut self, month: Month) {
        if self.closed.contains(&month) {
            self.charge(month, |stored, home| stored.late && home == month);
            self.compute(month);
        }
    }

    /// Months without a late leg that waits stay as they are, whatever rates have become.
    fn revise_late(&mut self, month: Month) {
        if self.charge(month, |stored, home| stored.late && home == month) || self.owed.contains(&month) {
            self.compute(month);
        }
    }

    /// Lets `month` charge those legs that none has charged; whether there were any.
    fn charge(&mut self, month: Month, is_due: impl Fn(&Stored, Month) -> bool) -> bool {
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
    fn compute(&mut self, month: Month) {
        let lines = self.lines(month);
        let is_owed = self.owed.remove(&month);
        match self.statements.get_mut(&month) {
            Some(current) if current.lines == lines && !is_owed => {}
            Some(current) => *current = Statement { revision: current.revision + 1, lines },
            None if lines.is_empty() => {}
            None => drop(self.statements.insert(month, Statement { revision: 1, lines })),
        }
    }

    /// A conference of the month itself is described by the legs that it charges, one of an earlier month by all.
    fn lines(&self, month: Month) -> Vec<Line> {
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
            lines.extend(self.account.lines(room, id, described_by, &charged, carried.then_some(conference.home)));
        }
        lines.sort();
        lines
    }
}

impl Account {
    fn lines(
        &self,
        room: &str,
        id: &str,
        described_by: &[Leg],
        charged: &[Leg],
        late_from: Option<Month>,
    ) -> Vec<Line> {
        let started = described_by.iter().map(|leg| leg.joined).min().unwrap();
        let ended = described_by.iter().map(|leg| leg.left).max().unwrap();
        let mut in_order: Vec<&Leg> = described_by.iter().collect();
        in_order.sort_by(|a, b| (a.joined, &a.id).cmp(&(b.joined, &b.id)));
        let code = in_order.iter().find_map(|leg| leg.code.clone()).or_else(|| self.rooms[room].clone());
        let services: BTreeSet<&String> = charged.iter().map(|leg| &leg.service).collect();
        services
            .into_iter()
            .map(|service| {
                let legs: Vec<&Leg> = charged.iter().filter(|leg| leg.service == *service).collect();
                let rate = self.rate(service, started);
                let seconds = |leg: &&Leg| u64::try_from(leg.left - leg.joined).unwrap();
                let billed = legs.iter().map(|leg| billed(seconds(leg), rate)).sum();
                Line {
                    room: room.to_owned(),
                    started,
                    conference: id.to_owned(),
                    service: service.clone(),
                    quantity: legs.len() as u64,
                    code: code.clone(),
                    length: u64::try_from(ended - started).unwrap(),
                    accumulated: legs.iter().map(seconds).sum(),
                    billed,
                    rate: without_zeros(&rate.per_minute),
                    charge: charge(&rate.per_minute, billed, self.minor_digits),
                    late_from,
                }
            })
            .collect()
    }

    fn rate(&self, service: &str, started: i64) -> &Rate {
        let date = local(started, self.zone).format("%Y-%m-%d").to_string();
        let valid = self.rates.iter().filter(|rate| rate.service == service && rate.valid_from <= date);
        valid.max_by(|a, b| a.valid_from.cmp(&b.valid_from)).unwrap()
    }
}
