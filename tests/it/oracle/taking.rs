//! Which legs are taken, and for which account: rooms that move between accounts, ids that come twice, and the limits
//! of plausibility.

use std::collections::{BTreeMap, BTreeSet};

use super::model::{Books, Conference, Leg, Stored};

const LONGEST_LEG: i64 = 24 * 3600;
const LONGEST_CONFERENCE: i64 = 48 * 3600;
const CLOCK_TOLERANCE: i64 = 3600;

/// How a leg was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    Stored,
    Duplicate,
    Conflict,
    /// Before the first month that was closed, in the future, too long, or in a conference that would be.
    Refused,
}

/// The account of each room, from when on.
#[derive(Debug, Default)]
pub struct Rooms {
    owners: BTreeMap<String, Vec<(i64, usize)>>,
    codes: BTreeMap<String, Option<String>>,
    numbers: Vec<String>,
}

impl Rooms {
    pub fn add(&mut self, room: &str, owner: usize, code: Option<String>) {
        self.owners.insert(room.to_owned(), vec![(i64::MIN, owner)]);
        self.codes.insert(room.to_owned(), code);
    }

    pub fn add_account(&mut self, number: &str) {
        self.numbers.push(number.to_owned());
    }

    pub fn code(&self, room: &str) -> Option<&str> {
        self.codes[room].as_deref()
    }

    pub fn owner_at(&self, room: &str, instant: i64) -> usize {
        self.owners[room].iter().rev().find(|(from, _)| *from <= instant).unwrap().1
    }

    /// When the newest row of the room begins, and whose it is since.
    pub fn last_owner(&self, room: &str) -> (i64, usize) {
        *self.owners[room].last().unwrap()
    }

    /// The rooms that are an account's at some moment of a time.
    pub fn of(&self, number: &str, start: i64, end: i64) -> BTreeSet<String> {
        let is_here = |owners: &[(i64, usize)]| {
            (0..owners.len()).any(|index| {
                let (from, owner) = owners[index];
                let until = owners.get(index + 1).map_or(i64::MAX, |(from, _)| *from);
                self.numbers[owner] == number && from < end && start < until
            })
        };
        self.owners.iter().filter(|(_, owners)| is_here(owners)).map(|(room, _)| room.clone()).collect()
    }
}

/// Everything that an operator knows.
#[derive(Debug, Default)]
pub struct World {
    pub books: Vec<Books>,
    pub rooms: Rooms,
    /// Legs that count, by id.
    known: BTreeMap<String, Leg>,
    /// Legs that were taken out.
    voided: Vec<Leg>,
}

impl World {
    /// Takes the legs of one file at `now`: they become known at one moment, whatever their order in the file.
    pub fn take(&mut self, legs: &[&Leg], now: i64) -> Vec<Taken> {
        let mut refused: Vec<bool> = legs.iter().map(|leg| is_unbelievable(leg, now)).collect();
        loop {
            let taken = self.judge(legs, &refused);
            let new: Vec<usize> = (0..legs.len()).filter(|index| taken[*index] == Taken::Stored).collect();
            let implausible = self.implausible(legs, &new);
            if implausible.is_empty() {
                self.store(new.iter().map(|index| legs[*index].clone()).collect());
                return taken;
            }
            // Rows below them with the same id are the first ones now.
            for index in implausible {
                refused[index] = true;
            }
        }
    }

    fn judge(&self, legs: &[&Leg], refused: &[bool]) -> Vec<Taken> {
        let mut arrived = BTreeMap::<&str, &Leg>::new();
        let mut taken = Vec::new();
        for (leg, is_refused) in legs.iter().zip(refused) {
            let before = self.known.get(&leg.id).or_else(|| arrived.get(leg.id.as_str()).copied());
            let how = match before {
                _ if *is_refused => Taken::Refused,
                _ if self.voided.iter().any(|voided| voided == *leg) => Taken::Duplicate,
                Some(before) if before == *leg => Taken::Duplicate,
                Some(_) => Taken::Conflict,
                None => Taken::Stored,
            };
            if how == Taken::Stored {
                arrived.insert(&leg.id, leg);
            }
            taken.push(how);
        }
        taken
    }

    /// Where the conference is, if it is known.
    fn place(&self, leg: &Leg) -> Option<usize> {
        let name = (leg.room.clone(), leg.conference.clone());
        let owners = self.rooms.owners[&leg.room].iter().map(|(_, owner)| *owner);
        owners.into_iter().find(|owner| self.books[*owner].conferences.contains_key(&name))
    }

    fn implausible(&self, legs: &[&Leg], new: &[usize]) -> Vec<usize> {
        let mut spans = BTreeMap::<(&str, &str), (i64, i64)>::new();
        let first_joins = first_joins(new.iter().map(|index| legs[*index]));
        let mut found = Vec::new();
        for index in new {
            let leg = legs[*index];
            let name = (leg.room.as_str(), leg.conference.as_str());
            let place = self.place(leg);
            let stored =
                place.map(|place| &self.books[place].conferences[&(leg.room.clone(), leg.conference.clone())]);
            let account = place.unwrap_or_else(|| self.rooms.owner_at(&leg.room, first_joins[&name]));
            let first_closed = self.books[account].closed.first_key_value().map(|(_, closed)| closed.start);
            let is_before = |first| leg.joined < first && stored.is_none_or(|stored| stored.first_join < first);
            if first_closed.is_some_and(is_before) {
                found.push(*index);
                continue;
            }
            let known = stored.map(|stored| &stored.legs).filter(|legs| !legs.is_empty()).map(|legs| {
                let joined = legs.iter().map(|stored| stored.leg.joined).min().unwrap();
                (joined, legs.iter().map(|stored| stored.leg.left).max().unwrap())
            });
            let span = spans.get(&name).copied().or(known).unwrap_or((leg.joined, leg.left));
            let grown = (span.0.min(leg.joined), span.1.max(leg.left));
            if grown.1 - grown.0 > LONGEST_CONFERENCE.max(span.1 - span.0) {
                found.push(*index);
            } else {
                spans.insert(name, grown);
            }
        }
        found
    }

    fn store(&mut self, legs: Vec<Leg>) {
        let mut arrived = BTreeMap::<(String, String), Vec<Leg>>::new();
        for leg in legs {
            self.known.insert(leg.id.clone(), leg.clone());
            arrived.entry((leg.room.clone(), leg.conference.clone())).or_default().push(leg);
        }
        for (name, legs) in arrived {
            let first_join = legs.iter().map(|leg| leg.joined).min().unwrap();
            let place = self.place(&legs[0]).unwrap_or_else(|| self.rooms.owner_at(&name.0, first_join));
            let books = &mut self.books[place];
            let home = books.zones.month_of(first_join);
            let new = Conference { legs: Vec::new(), gone: 0, home, first_join };
            let mut conference = books.conferences.remove(&name).unwrap_or(new);
            let was_open = !books.is_closed_at(conference.first_join);
            if was_open && first_join < conference.first_join {
                (conference.first_join, conference.home) = (first_join, home);
            }
            let late = books.is_closed_at(conference.first_join);
            conference.legs.extend(legs.into_iter().map(|leg| Stored { leg, late, charged_in: None }));
            if was_open {
                conference.legs.iter_mut().for_each(|stored| stored.late = late);
            }
            books.conferences.insert(name, conference);
        }
    }

    /// Voids a leg; the month that charges it needs a revision.
    pub fn void(&mut self, id: &str) {
        let Some(leg) = self.known.remove(id) else { return };
        let place = self.place(&leg).unwrap();
        let books = &mut self.books[place];
        let name = (leg.room.clone(), leg.conference.clone());
        let mut conference = books.conferences.remove(&name).unwrap();
        let position = conference.legs.iter().position(|stored| stored.leg.id == id).unwrap();
        let stored = conference.legs.remove(position);
        self.voided.push(stored.leg);
        if let Some(month) = stored.charged_in {
            books.owed.insert(month);
            conference.gone += 1;
        } else if conference.legs.is_empty() && conference.gone == 0 {
            return;
        } else {
            let starts = conference.legs.iter().map(|left| left.leg.joined).chain([conference.first_join]);
            if !starts.into_iter().any(|start| books.is_closed_at(start)) {
                conference.first_join = conference.legs.iter().map(|left| left.leg.joined).min().unwrap();
                conference.home = books.zones.month_of(conference.first_join);
            }
        }
        books.conferences.insert(name, conference);
    }

    /// Moves a room to another account from an instant on, in months that are open at both.
    pub fn move_room(&mut self, room: &str, to: usize, start: i64) {
        let from = self.rooms.last_owner(room).1;
        assert!(start >= self.books[from].end_of_closed() && start >= self.books[to].end_of_closed());
        self.rooms.owners.get_mut(room).unwrap().push((start, to));
        let all = std::mem::take(&mut self.books[from].conferences);
        for (name, mut conference) in all {
            let moves = name.0 == room && conference.first_join >= start;
            let place = if moves { to } else { from };
            if moves {
                conference.home = self.books[to].zones.month_of(conference.first_join);
            }
            self.books[place].conferences.insert(name, conference);
        }
    }
}

fn is_unbelievable(leg: &Leg, now: i64) -> bool {
    leg.left - leg.joined > LONGEST_LEG || leg.joined - now > CLOCK_TOLERANCE
}

fn first_joins<'a>(legs: impl Iterator<Item = &'a Leg>) -> BTreeMap<(&'a str, &'a str), i64> {
    let mut joins = BTreeMap::new();
    for leg in legs {
        let first = joins.entry((leg.room.as_str(), leg.conference.as_str())).or_insert(leg.joined);
        *first = leg.joined.min(*first);
    }
    joins
}
