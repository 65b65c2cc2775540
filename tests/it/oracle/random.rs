//! Random operators: accounts from everywhere, with usage that comes late, twice, out of order and at odd moments.

use super::calendar::{YearMonth, first_instant};
use super::model::{Account, Leg, Offer, Rate};

/// `SplitMix64`: the same seed gives the same operator on every machine.
pub struct Random(pub u64);

/// (code, digits of its minor unit)
const CURRENCIES: [(&str, u32); 6] = [("EUR", 2), ("JPY", 0), ("TND", 3), ("USD", 2), ("CLP", 0), ("KWD", 3)];
/// With midnights that are missing or doubled, days that were left out, half hours and 00:01.
const ZONES: [chrono_tz::Tz; 12] = [
    chrono_tz::Europe::Paris,
    chrono_tz::UTC,
    chrono_tz::America::Asuncion,
    chrono_tz::America::Havana,
    chrono_tz::America::St_Johns,
    chrono_tz::Asia::Kathmandu,
    chrono_tz::Pacific::Apia,
    chrono_tz::Australia::Lord_Howe,
    chrono_tz::Africa::Casablanca,
    chrono_tz::America::Sao_Paulo,
    chrono_tz::Asia::Beirut,
    chrono_tz::Pacific::Kiritimati,
];
const SERVICES: [&str; 3] = ["LOCAL", "TOLLFREE", "WEB"];

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Less than `limit`.
    pub fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    fn between(&mut self, low: i64, high: i64) -> i64 {
        low + i64::try_from(self.below(u64::try_from(high - low).unwrap())).unwrap()
    }

    pub fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    pub fn pick<T: Copy>(&mut self, all: &[T]) -> T {
        all[usize::try_from(self.below(all.len() as u64)).unwrap()]
    }

    pub fn shuffle<T>(&mut self, all: &mut [T]) {
        for last in (1..all.len()).rev() {
            let other = usize::try_from(self.below(last as u64 + 1)).unwrap();
            all.swap(last, other);
        }
    }

    pub fn account(&mut self, number: &str, months: &[YearMonth; 3]) -> Account {
        let first = self.pick(&CURRENCIES);
        let offers =
            [first, first, self.pick(&CURRENCIES)].into_iter().zip(1..).map(|((currency, minor_digits), name)| {
                let rates = SERVICES.iter().flat_map(|service| self.rates(service, months)).collect();
                Offer { tariff: format!("T{number}-{name}"), currency, minor_digits, rates }
            });
        let offers = offers.collect();
        let rooms = (0..=self.below(3)).map(|room| format!("{number}{room}")).collect();
        Account { number: number.to_owned(), zone: self.zone(), offers, rooms }
    }

    pub fn zone(&mut self) -> chrono_tz::Tz {
        self.pick(&ZONES)
    }

    /// A row from long ago, and perhaps changes in the middle of the quarter.
    fn rates(&mut self, service: &str, months: &[YearMonth; 3]) -> Vec<Rate> {
        let mut valid_from = vec!["2001-01-01".to_owned()];
        for (year, month) in months {
            if self.chance(30) {
                valid_from.push(format!("{year}-{month:02}-{:02}", self.pick(&[1, 2, 15, 28])));
            }
        }
        valid_from.into_iter().map(|valid_from| self.rate(service, valid_from)).collect()
    }

    fn rate(&mut self, service: &str, valid_from: String) -> Rate {
        let decimals = usize::try_from(self.below(6)).unwrap();
        let digits = format!("{:0width$}", self.below(200_000), width = decimals + 1);
        let (whole, fraction) = digits.split_at(digits.len() - decimals);
        let point = if decimals == 0 { "" } else { "." };
        Rate {
            service: service.to_owned(),
            per_minute: format!("{whole}{point}{fraction}"),
            increment: self.pick(&[1, 1, 6, 7, 30, 60]),
            minimum: self.pick(&[0, 0, 10, 30, 60, 90]),
            valid_from,
        }
    }

    /// Rates that were wrong are mended, or forgotten ones added, also in months that have closed.
    pub fn mend(&mut self, rates: &mut Vec<Rate>, months: &[YearMonth; 3]) {
        for rate in rates.iter_mut() {
            if self.chance(20) {
                *rate = self.rate(&rate.service.clone(), rate.valid_from.clone());
            }
        }
        let (service, (year, month)) = (self.pick(&SERVICES), self.pick(months));
        let valid_from = format!("{year}-{month:02}-{:02}", self.pick(&[1, 5, 20]));
        if !rates.iter().any(|rate| rate.service == service && rate.valid_from == valid_from) {
            let forgotten = self.rate(service, valid_from);
            rates.push(forgotten);
        }
    }

    pub fn code(&mut self, percent: u64) -> Option<String> {
        let code = self.pick(&["0042", "PROJECT", "Été, 2009", "=1+1"]);
        self.chance(percent).then(|| code.to_owned())
    }

    /// Legs with the month (0, 1 or 2) after whose end, at the latest, they arrive: most in time, some months late.
    pub fn usage(&mut self, account: &Account, months: &[YearMonth; 3]) -> Vec<(usize, Leg)> {
        let mut legs = Vec::new();
        for conference in 0..self.below(10) {
            let month = usize::try_from(self.below(3)).unwrap();
            let month_start = first_instant(months[month], account.zone);
            let start = match self.below(3) {
                0 => month_start + self.between(-900, 900),
                1 => month_start + self.between(-1, 1),
                _ => month_start + self.between(0, 28 * 86_400),
            };
            let room = &account.rooms[usize::try_from(self.below(account.rooms.len() as u64)).unwrap()];
            for number in 0..=self.below(5) {
                let joined = start + self.between(0, 1200);
                let leg = Leg {
                    id: format!("{}-{conference}-{number}", account.number),
                    conference: format!("C{conference}"),
                    room: room.clone(),
                    service: self.pick(&SERVICES).to_owned(),
                    joined,
                    left: joined + self.between(0, 5400),
                    code: self.code(25),
                };
                let arrives = if self.chance(60) { month } else { usize::try_from(self.below(3)).unwrap() };
                self.repeat(&mut legs, &leg, arrives);
                self.strain(&mut legs, &leg, arrives);
                legs.push((arrives, leg));
            }
        }
        legs
    }

    /// The same again, or something else under the same id, now or later.
    fn repeat(&mut self, legs: &mut Vec<(usize, Leg)>, leg: &Leg, arrives: usize) {
        let later = arrives.max(usize::try_from(self.below(3)).unwrap());
        if self.chance(10) {
            legs.push((later, leg.clone()));
        }
        if self.chance(5) {
            legs.push((later, Leg { left: leg.left + 1, ..leg.clone() }));
        }
        if self.chance(5) {
            let moved = format!("{}-moved", leg.conference);
            legs.push((
                later,
                Leg {
                    conference: moved,
                    joined: leg.joined - 86_400 * 20,
                    left: leg.left - 86_400 * 20,
                    ..leg.clone()
                },
            ));
        }
    }

    /// Legs at and beyond the limits of plausibility: long ones, those that stretch their conference, and those of a
    /// wrong clock.
    fn strain(&mut self, legs: &mut Vec<(usize, Leg)>, leg: &Leg, arrives: usize) {
        if !self.chance(4) {
            return;
        }
        let joined = match self.below(4) {
            0 => leg.joined + 47 * 3600 + self.between(0, 4000),
            1 => leg.joined - 47 * 3600 - self.between(0, 4000),
            2 => leg.joined + 86_400 * 365 * 40,
            _ => leg.joined,
        };
        let length = self.pick(&[0, 3600, 86_400, 86_401]);
        legs.push((
            arrives,
            Leg { id: format!("{}-strained", leg.id), joined, left: joined + length, ..leg.clone() },
        ));
    }
}
