//! What an operator's files change in between: currencies and tariffs, time zones, rooms that move.

use std::collections::BTreeMap;

use chrono::{NaiveDate, TimeDelta, TimeZone, Utc};
use statementd::clock::Clock;
use statementd::intake::Kind;

use super::calendar::{YearMonth, first_minute_of};
use super::taking::World;
use super::{ACCOUNTS_HEADER, Operator, ROOMS, account_row, room_row};

impl Operator {
    /// Of a few accounts each: other terms, another zone, a room less. `month`: the one under way.
    pub(super) async fn change_anything(&mut self, month: usize) {
        match self.random.below(4) {
            0 => self.change_terms(month).await,
            1 => self.change_zones(month).await,
            2 => self.move_rooms(month).await,
            _ => {}
        }
    }

    async fn change_terms(&mut self, month: usize) {
        let mut rows = String::from(ACCOUNTS_HEADER);
        for books in &mut self.world.books {
            if !self.random.chance(40) {
                continue;
            }
            let offer = usize::try_from(self.random.below(books.account.offers.len() as u64)).unwrap();
            let from = self.random.chance(50).then(|| self.random.pick(&self.months));
            let valid_from = from.map(|(year, month)| format!("{year}-{month:02}")).unwrap_or_default();
            rows += &account_row(books, offer, &valid_from);
            books.bill_by(offer, from);
        }
        self.import_accounts(&rows, self.after(month).clock).await;
    }

    /// A zone becomes known in the middle of the first month that is not closed.
    async fn change_zones(&mut self, month: usize) {
        let last_closed = self.world.books.iter().filter_map(|books| books.closed.keys().next_back()).max().copied();
        let under_way = self.months.iter().copied().find(|month| Some(*month) > last_closed);
        let Some((year, number)) = under_way.filter(|under_way| *under_way <= self.months[month]) else { return };
        let now = Utc.with_ymd_and_hms(year, number, 15, 12, 0, 0).unwrap();
        let mut rows = String::from(ACCOUNTS_HEADER);
        for books in &mut self.world.books {
            if self.random.chance(30) {
                books.move_to(self.random.zone(), now.timestamp());
                rows += &account_row(books, books.undated_offer(), "");
            }
        }
        self.import_accounts(&rows, Clock::Fixed(now)).await;
    }

    async fn import_accounts(&self, rows: &str, clock: Clock) {
        if rows != ACCOUNTS_HEADER {
            assert_eq!(self.import_at(Kind::Accounts, rows, clock).await.rejected, 0);
        }
    }

    /// Rooms go to another account at a midnight at which they have no conference.
    async fn move_rooms(&mut self, month: usize) {
        let mut rows = String::from(ROOMS);
        for from in 0..self.world.books.len() {
            let room = self.random.pick(&self.world.books[from].account.rooms.iter().collect::<Vec<_>>()).clone();
            let to = usize::try_from(self.random.below(self.world.books.len() as u64)).unwrap();
            let date = self.random.date_in(&self.months);
            if !self.random.chance(30) || to == self.world.rooms.last_owner(&room).1 {
                continue;
            }
            let start = first_minute_of(date, self.world.books[to].zones.now);
            if self.world.can_move(&room, to, start) && !self.is_conferring(&room, start) {
                rows += &room_row(&self.world, &room, &self.world.books[to].account.number, &date.to_string());
                self.world.move_room(&room, to, start);
            }
        }
        if rows != ROOMS {
            assert_eq!(self.import(Kind::Rooms, &rows, month).await.rejected, 0);
        }
    }

    /// Whether a conference of the room has begun before an instant and goes on, in all usage that is still to come,
    /// too.
    fn is_conferring(&self, room: &str, instant: i64) -> bool {
        let mut joins = BTreeMap::<&str, (bool, bool)>::new();
        for (.., leg) in self.usage.iter().filter(|(.., leg)| leg.room == room) {
            let sides = joins.entry(&leg.conference).or_default();
            *sides = (sides.0 || leg.joined < instant, sides.1 || leg.joined >= instant);
        }
        joins.values().any(|sides| *sides == (true, true))
    }
}

/// Seconds between the midnights of one date, at most: from the first zone to the last. A second row of a date takes
/// the first one's place, as if the room had never moved by it, which is none of the changes that are tried here.
const SAME_DATE: i64 = 26 * 3600;

impl World {
    fn can_move(&self, room: &str, to: usize, start: i64) -> bool {
        let (since, from) = self.rooms.last_owner(room);
        let closed = self.books[from].end_of_closed().max(self.books[to].end_of_closed());
        start.saturating_sub(since) > SAME_DATE && start >= closed
    }
}

impl super::Random {
    fn date_in(&mut self, months: &[YearMonth; 3]) -> NaiveDate {
        let (year, month) = self.pick(months);
        let first = NaiveDate::from_ymd_opt(year, month, 1).unwrap();
        first + TimeDelta::days(i64::try_from(self.below(28)).unwrap())
    }
}
