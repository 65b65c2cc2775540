//! The new legs of a batch by conference: to which account and month each belongs, before anything of it is stored.

use std::collections::{BTreeSet, HashMap};

use crate::domain::{ConferenceId, Leg, Period};
use crate::store::master::directory::KnownRoom;
use crate::store::usage::bulk_insert::NewLeg;
use crate::store::usage::known_legs::LONGEST_CONFERENCE_SECONDS;
use crate::store::{Directory, Key};

/// A conference of the batch, as its row is or will be.
pub(crate) struct Filing<'a> {
    pub(crate) room: Key,
    pub(crate) id: &'a ConferenceId,
    /// Of the legs that are new.
    pub(crate) first_join: i64,
    /// None until its row is found or made.
    pub(crate) key: Option<Key>,
    /// Of the room at the first join, until a row says otherwise.
    pub(crate) account: Key,
    /// The account that it belongs to if it begins with the first join of the legs that are new.
    pub(crate) account_at_first_join: Key,
    pub(crate) filed_at: i64,
    /// Where it was before this batch moved its start.
    pub(crate) was_at: Option<(Key, i64)>,
    /// This batch moved its start from an open period into a closed one: all its legs are late.
    pub(crate) moved_into_closed: bool,
    /// The month that it belongs to, where that lies before the first that was closed for its account.
    pub(crate) older: Option<Period>,
}

/// The new legs of a batch, by conference.
pub(crate) struct Filings<'a> {
    pub(crate) conferences: Vec<Filing<'a>>,
    /// Each leg with the index of its conference.
    pub(crate) legs: Vec<(usize, &'a Leg)>,
    /// The index of each of `legs` in the batch.
    positions: Vec<usize>,
}

impl<'a> Filing<'a> {
    fn beginning_with(leg: &'a Leg, room: Key, account: Key) -> Self {
        let joined = leg.joined_at.timestamp();
        Self {
            room,
            id: &leg.conference_id,
            first_join: joined,
            key: None,
            account,
            account_at_first_join: account,
            filed_at: joined,
            was_at: None,
            moved_into_closed: false,
            older: None,
        }
    }
}

impl Filing<'_> {
    /// An earlier leg of the same room.
    fn begin_at(&mut self, joined: i64, room: Option<&KnownRoom>) {
        (self.first_join, self.filed_at) = (joined, joined);
        if let Some(account) = room.and_then(|room| room.account_at(joined)) {
            (self.account, self.account_at_first_join) = (account, account);
        }
    }
}

impl<'a> Filings<'a> {
    pub(crate) fn of(legs: &[(usize, &'a Leg)], directory: &Directory) -> Self {
        let mut index = HashMap::<(Key, &ConferenceId), usize>::new();
        let mut filings =
            Self { conferences: Vec::new(), legs: Vec::with_capacity(legs.len()), positions: Vec::new() };
        let mut last: Option<(&Leg, usize)> = None;
        for (position, leg) in legs.iter().copied() {
            let conference = match last {
                // A conference's legs are mostly side by side.
                Some((before, conference)) if before.is_beside(leg) => conference,
                _ => {
                    let Some(room) = directory.rooms.get(&leg.room) else { continue };
                    let Some(account) = room.account_at(leg.joined_at.timestamp()) else { continue };
                    let next = filings.conferences.len();
                    let conference = *index.entry((room.key, &leg.conference_id)).or_insert(next);
                    if conference == next {
                        filings.conferences.push(Filing::beginning_with(leg, room.key, account));
                    }
                    conference
                }
            };
            last = Some((leg, conference));
            if let Some(filing) = filings.conferences.get_mut(conference)
                && leg.joined_at.timestamp() < filing.first_join
            {
                let room = directory.rooms.get(&leg.room);
                filing.begin_at(leg.joined_at.timestamp(), room);
            }
            filings.legs.push((conference, leg));
            filings.positions.push(position);
        }
        filings
    }

    /// Positions of legs from a time whose usage has been erased, by account the end of that time: those of conferences
    /// that began in it, and those that would begin in it. Where no conference is known, the leg's own may have begun
    /// the day before and be gone.
    pub(crate) fn erased(&self, horizons: &HashMap<Key, i64>) -> Vec<usize> {
        if horizons.is_empty() {
            return Vec::new();
        }
        let is_erased = |(conference, leg): &(usize, &Leg)| {
            let Some(filing) = self.conferences.get(*conference) else { return false };
            let began_at_the_earliest = match filing.key {
                Some(_) => filing.filed_at.min(leg.joined_at.timestamp()),
                None => leg.joined_at.timestamp() - LONGEST_CONFERENCE_SECONDS,
            };
            let accounts = [filing.account, filing.account_at_first_join];
            accounts
                .iter()
                .filter_map(|account| horizons.get(account))
                .any(|horizon| began_at_the_earliest < *horizon)
        };
        let positions = self.legs.iter().zip(&self.positions);
        positions.filter(|(leg, _)| is_erased(leg)).map(|(_, position)| *position).collect()
    }

    /// All legs, once their conferences have rows.
    pub(crate) fn new_legs(&self) -> Vec<NewLeg<'a>> {
        let of = |(conference, leg): &(usize, &'a Leg)| {
            let conference = self.conferences.get(*conference)?.key?;
            Some(NewLeg { conference, leg })
        };
        self.legs.iter().filter_map(of).collect()
    }

    /// Accounts and starts, also those of before.
    pub(crate) fn starts(&self) -> Vec<(Key, i64)> {
        let of = |filing: &Filing<'_>| [Some((filing.account, filing.filed_at)), filing.was_at];
        self.conferences.iter().flat_map(of).flatten().collect()
    }

    /// In order, each once.
    pub(crate) fn accounts(&self) -> Vec<Key> {
        let both = |filing: &Filing<'_>| [filing.account, filing.account_at_first_join];
        self.conferences.iter().flat_map(both).collect::<BTreeSet<_>>().into_iter().collect()
    }
}
