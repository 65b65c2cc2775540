//! What a room was when: its accounts, cardholders and codes through time.

use chrono::{DateTime, Utc};

use super::{AccountNumber, EmailAddress, Name, PeriodBounds, Room, RoomNumber};

/// A room as it was for some time: `starts_at <= t < ends_at`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoomTerm {
    pub starts_at: DateTime<Utc>,
    pub ends_at: DateTime<Utc>,
    pub room: Room,
}

/// All terms of one room, oldest first; they follow one another without gap.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoomHistory {
    pub number: RoomNumber,
    pub terms: Vec<RoomTerm>,
}

impl RoomHistory {
    /// `None` if the room was not there yet.
    pub fn at(&self, instant: DateTime<Utc>) -> Option<&Room> {
        let holds = |term: &&RoomTerm| term.starts_at <= instant && instant < term.ends_at;
        self.terms.iter().find(holds).map(|term| &term.room)
    }

    /// The room as it was in an account and a period, oldest first.
    pub fn all_in<'a>(
        &'a self,
        account: &'a AccountNumber,
        period: &'a PeriodBounds,
    ) -> impl Iterator<Item = &'a Room> {
        self.terms.iter().filter(|term| term.is_in(account, period)).map(|term| &term.room)
    }

    /// The room at the end of its time in an account and a period; `None` if it did not belong to the account then.
    pub fn last_in(&self, account: &AccountNumber, period: &PeriodBounds) -> Option<&Room> {
        self.terms.iter().rev().find(|term| term.is_in(account, period)).map(|term| &term.room)
    }

    /// The newest address of a cardholder while the room belongs to an account.
    pub fn newest_address(&self, account: &AccountNumber, cardholder: &Name) -> Option<&EmailAddress> {
        let same = self.terms.iter().rev().map(|term| &term.room);
        let mut same = same.filter(|room| room.account == *account && room.cardholder == *cardholder);
        same.find_map(|room| room.cardholder_email.as_ref())
    }
}

impl RoomTerm {
    fn is_in(&self, account: &AccountNumber, period: &PeriodBounds) -> bool {
        self.room.account == *account
            && self.starts_at < period.end
            && period.start < self.ends_at
            && self.starts_at < self.ends_at
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Period;

    fn term(starts: &str, ends: &str, account: &str, cardholder: &str) -> RoomTerm {
        RoomTerm {
            starts_at: starts.parse().unwrap(),
            ends_at: ends.parse().unwrap(),
            room: Room {
                number: "332703".parse().unwrap(),
                account: account.parse().unwrap(),
                cardholder: cardholder.parse().unwrap(),
                cardholder_email: Some(format!("{}@{account}.example", cardholder.to_lowercase()).parse().unwrap()),
                auto_billing_code: None,
                active: true,
            },
        }
    }

    fn history() -> RoomHistory {
        let terms = vec![
            term("0001-01-01T00:00:00Z", "2026-11-10T00:00:00Z", "700001", "Ann"),
            term("2026-11-10T00:00:00Z", "2026-11-25T00:00:00Z", "700001", "Ewa"),
            term("2026-11-25T00:00:00Z", "9999-01-01T00:00:00Z", "700002", "Ewa"),
        ];
        RoomHistory { number: "332703".parse().unwrap(), terms }
    }

    #[test]
    fn a_room_belongs_to_an_account_from_a_moment_on() {
        let account = |at: &str| history().at(at.parse().unwrap()).unwrap().account.to_string();
        assert_eq!(account("2026-11-24T23:59:59Z"), "700001");
        assert_eq!(account("2026-11-25T00:00:00Z"), "700002");
    }

    #[test]
    fn the_cardholder_of_a_period_is_the_last_of_the_rooms_time_in_the_account() {
        let cardholder = |account: &str, period: &str| {
            let bounds = period.parse::<Period>().unwrap().bounds(chrono_tz::UTC);
            history().last_in(&account.parse().unwrap(), &bounds).map(|room| room.cardholder.to_string())
        };
        assert_eq!(cardholder("700001", "2026-10").as_deref(), Some("Ann"));
        assert_eq!(cardholder("700001", "2026-11").as_deref(), Some("Ewa"));
        assert_eq!(cardholder("700001", "2026-12"), None);
        assert_eq!(cardholder("700002", "2026-11").as_deref(), Some("Ewa"));
    }

    #[test]
    fn an_address_of_another_account_belongs_to_no_one_of_this_one() {
        let address = |account: &str, name: &str| {
            let history = history();
            history.newest_address(&account.parse().unwrap(), &name.parse().unwrap()).map(ToString::to_string)
        };
        assert_eq!(address("700001", "Ewa").as_deref(), Some("ewa@700001.example"));
        assert_eq!(address("700002", "Ewa").as_deref(), Some("ewa@700002.example"));
        assert_eq!(address("700002", "Ann"), None);
    }
}
