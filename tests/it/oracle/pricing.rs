//! What legs cost: seconds counted one by one, fractions of our own.

use std::collections::BTreeSet;

use chrono_tz::Tz;

use super::calendar::local;
use super::model::{Leg, Line, Offer, Rate};

impl Offer {
    /// The lines of one conference, without its room and id: described by the first legs, charged are the second.
    pub fn lines(&self, (described_by, charged): (&[Leg], &[Leg]), zone: Tz, room_code: Option<&str>) -> Vec<Line> {
        let started = described_by.iter().map(|leg| leg.joined).min().unwrap();
        let ended = described_by.iter().map(|leg| leg.left).max().unwrap();
        let mut in_order: Vec<&Leg> = described_by.iter().collect();
        in_order.sort_by(|a, b| (a.joined, &a.id).cmp(&(b.joined, &b.id)));
        let own_code = in_order.iter().find_map(|leg| leg.code.clone());
        let code = own_code.or_else(|| room_code.map(str::to_owned));
        let services: BTreeSet<&String> = charged.iter().map(|leg| &leg.service).collect();
        services
            .into_iter()
            .map(|service| {
                let legs: Vec<&Leg> = charged.iter().filter(|leg| leg.service == *service).collect();
                let rate = self.rate(service, started, zone);
                let seconds = |leg: &&Leg| u64::try_from(leg.left - leg.joined).unwrap();
                let billed = legs.iter().map(|leg| billed(seconds(leg), rate)).sum();
                Line {
                    room: String::new(),
                    started,
                    conference: String::new(),
                    service: service.clone(),
                    quantity: legs.len() as u64,
                    code: code.clone(),
                    length: u64::try_from(ended - started).unwrap(),
                    accumulated: legs.iter().map(seconds).sum(),
                    billed,
                    rate: without_zeros(&rate.per_minute),
                    charge: charge(&rate.per_minute, billed, self.minor_digits),
                    late_from: None,
                }
            })
            .collect()
    }

    fn rate(&self, service: &str, started: i64, zone: Tz) -> &Rate {
        let date = local(started, zone).format("%Y-%m-%d").to_string();
        let valid = self.rates.iter().filter(|rate| rate.service == service && rate.valid_from <= date);
        valid.max_by(|a, b| a.valid_from.cmp(&b.valid_from)).unwrap()
    }
}

fn without_zeros(rate: &str) -> String {
    if rate.contains('.') { rate.trim_end_matches('0').trim_end_matches('.').to_owned() } else { rate.to_owned() }
}

/// Second by second, as the rule reads.
fn billed(duration: u64, rate: &Rate) -> u64 {
    let mut seconds = duration;
    while seconds < rate.minimum || !seconds.is_multiple_of(rate.increment) {
        seconds += 1;
    }
    seconds
}

/// rate × seconds ÷ 60 in minor units, by long division; a rest of half or more rounds away from zero.
fn charge(rate: &str, seconds: u64, minor_digits: u32) -> i128 {
    let (whole, fraction) = rate.split_once('.').unwrap_or((rate, ""));
    let numerator: i128 = format!("{whole}{fraction}").parse().unwrap();
    let denominator = 10_i128.pow(u32::try_from(fraction.len()).unwrap());
    let numerator = numerator * i128::from(seconds) * 10_i128.pow(minor_digits);
    let denominator = denominator * 60;
    let (quotient, rest) = (numerator / denominator, numerator % denominator);
    if rest >= denominator - rest { quotient + 1 } else { quotient }
}
