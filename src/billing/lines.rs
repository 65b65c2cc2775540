//! One conference → its lines: one per service type.

use chrono::{DateTime, NaiveDate, Utc};

use super::Obstacle;
use crate::domain::{
    BillingCode, ConferenceUsage, Currency, Line, ServiceType, Tariff, TariffName, TariffRow, UsageLeg, Zone,
};

/// What an account's usage is charged by.
#[derive(Debug, Clone, Copy)]
pub struct Terms<'a> {
    pub currency: Currency,
    pub time_zone: Zone,
    pub tariff_name: &'a TariffName,
    pub tariff: &'a Tariff,
}

/// A leg's billed seconds: its duration, raised to the minimum, rounded up to a multiple of the increment.
pub fn billed_seconds(duration_seconds: u64, row: &TariffRow) -> u64 {
    duration_seconds.max(u64::from(row.minimum_seconds)).next_multiple_of(u64::from(row.increment_seconds.max(1)))
}

/// The lines of the legs that are charged here, ordered by service type; none if no leg is.
///
/// Start, length and billing code are those of [`ConferenceUsage::describing_legs`].
pub fn rate_conference(
    conference: &ConferenceUsage,
    auto_billing_code: Option<&BillingCode>,
    terms: &Terms<'_>,
) -> Result<Vec<Line>, Obstacle> {
    let ended_at = conference.describing_legs().map(|leg| leg.left_at).max();
    let (Some(started_at), Some(ended_at)) = (conference.started_at(), ended_at) else {
        return Ok(Vec::new());
    };
    let billing_code = billing_code(conference, auto_billing_code);
    let start_date = started_at.with_timezone(&terms.time_zone).date_naive();

    let mut services = Vec::<ServiceUse<'_>>::with_capacity(2);
    for leg in conference.legs.iter().filter(|leg| leg.charged_here) {
        match services.iter_mut().find(|service| *service.service_type == leg.service_type) {
            Some(service) => service.add(leg),
            None => {
                services.push(ServiceUse::new(leg, tariff_row(conference, &leg.service_type, start_date, terms)?));
            }
        }
    }
    services.sort_unstable_by_key(|service| service.service_type);
    services
        .into_iter()
        .map(|service| service.into_line(conference, started_at, ended_at, billing_code, terms.currency))
        .collect()
}

/// The code of a conference's lines: the one that it was given, else its own, else its room's.
pub fn billing_code<'a>(
    conference: &'a ConferenceUsage,
    auto_billing_code: Option<&'a BillingCode>,
) -> Option<&'a BillingCode> {
    let own = || conference.describing_legs().find_map(|leg| leg.billing_code.as_ref());
    conference.assigned_code.as_ref().or_else(own).or(auto_billing_code)
}

fn tariff_row<'a>(
    conference: &ConferenceUsage,
    service_type: &ServiceType,
    start_date: NaiveDate,
    terms: &Terms<'a>,
) -> Result<&'a TariffRow, Obstacle> {
    let row = terms.tariff.row_at(service_type, start_date).ok_or_else(|| {
        if terms.tariff.is_empty() {
            return Obstacle::MissingTariff(terms.tariff_name.clone());
        }
        Obstacle::MissingRate {
            tariff: terms.tariff_name.clone(),
            service_type: service_type.clone(),
            date: start_date,
            room: conference.room.clone(),
            conference: conference.id.clone(),
        }
    })?;
    if row.currency != terms.currency {
        return Err(Obstacle::CurrencyMismatch {
            tariff: terms.tariff_name.clone(),
            service_type: service_type.clone(),
            tariff_currency: row.currency,
            account_currency: terms.currency,
        });
    }
    Ok(row)
}

/// The legs of one service type within a conference.
struct ServiceUse<'a> {
    service_type: &'a ServiceType,
    row: &'a TariffRow,
    quantity: u64,
    accumulated_seconds: u64,
    billed_seconds: u64,
}

impl<'a> ServiceUse<'a> {
    fn new(leg: &'a UsageLeg, row: &'a TariffRow) -> Self {
        let mut service =
            Self { service_type: &leg.service_type, row, quantity: 0, accumulated_seconds: 0, billed_seconds: 0 };
        service.add(leg);
        service
    }

    fn add(&mut self, leg: &UsageLeg) {
        let duration = leg.duration_seconds();
        self.quantity += 1;
        self.accumulated_seconds += duration;
        self.billed_seconds += billed_seconds(duration, self.row);
    }

    fn into_line(
        self,
        conference: &ConferenceUsage,
        started_at: DateTime<Utc>,
        ended_at: DateTime<Utc>,
        billing_code: Option<&BillingCode>,
        currency: Currency,
    ) -> Result<Line, Obstacle> {
        Ok(Line {
            room: conference.room.clone(),
            conference_id: conference.id.clone(),
            started_at,
            service_type: self.service_type.clone(),
            quantity: self.quantity,
            billing_code: billing_code.cloned(),
            length_seconds: u64::try_from((ended_at - started_at).num_seconds()).unwrap_or(0),
            accumulated_seconds: self.accumulated_seconds,
            billed_seconds: self.billed_seconds,
            rate_per_minute: self.row.rate_per_minute,
            charge: currency.charge(self.row.rate_per_minute, self.billed_seconds)?,
            late_from: conference.late_from,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;
    use rust_decimal::dec;

    use super::*;
    use crate::domain::{Amount, Period};

    fn row(service_type: &str, increment_seconds: u32, minimum_seconds: u32, valid_from: &str) -> TariffRow {
        TariffRow {
            tariff: "T".parse().unwrap(),
            service_type: service_type.parse().unwrap(),
            label: "Label".parse().unwrap(),
            labels: BTreeMap::new(),
            currency: "EUR".parse().unwrap(),
            rate_per_minute: if valid_from < "2009-05-15" { dec!(0.09) } else { dec!(0.10) },
            increment_seconds,
            minimum_seconds,
            valid_from: valid_from.parse().unwrap(),
        }
    }

    fn leg(id: &str, service_type: &str, joined: &str, left: &str, code: Option<&str>) -> UsageLeg {
        UsageLeg {
            leg_id: id.parse().unwrap(),
            service_type: service_type.parse().unwrap(),
            joined_at: joined.parse().unwrap(),
            left_at: left.parse().unwrap(),
            caller: None,
            billing_code: code.map(|code| code.parse().unwrap()),
            charged_here: true,
        }
    }

    fn conference(legs: Vec<UsageLeg>, late_from: Option<Period>) -> ConferenceUsage {
        ConferenceUsage {
            room: "332703".parse().unwrap(),
            id: "C1".parse().unwrap(),
            legs,
            late_from,
            assigned_code: None,
        }
    }

    fn lines(conference: &ConferenceUsage, rows: Vec<TariffRow>) -> Result<Vec<Line>, Obstacle> {
        let tariff: Tariff = rows.into_iter().collect();
        let auto = "AUTO".parse().unwrap();
        let terms = Terms {
            currency: "EUR".parse().unwrap(),
            time_zone: Zone::from(chrono_tz::Europe::Paris),
            tariff_name: &"T".parse().unwrap(),
            tariff: &tariff,
        };
        rate_conference(conference, Some(&auto), &terms)
    }

    #[test]
    fn minimum_comes_before_increment() {
        let row = row("LOCAL", 60, 90, "2009-01-01");
        for (duration, billed) in [(0, 120), (90, 120), (120, 120), (121, 180)] {
            assert_eq!(billed_seconds(duration, &row), billed, "{duration} s");
        }
    }

    #[test]
    fn two_services_in_one_conference_are_two_lines_of_one_length() {
        let legs = vec![
            leg("1", "WEB", "2009-05-06T10:00:00Z", "2009-05-06T10:10:00Z", None),
            leg("2", "LOCAL", "2009-05-06T10:05:00Z", "2009-05-06T10:30:00Z", Some("0042")),
        ];
        let rows = vec![row("WEB", 1, 0, "2009-01-01"), row("LOCAL", 1, 0, "2009-01-01")];
        let lines = lines(&conference(legs, None), rows).unwrap();
        assert_eq!(lines.iter().map(|line| line.service_type.as_str()).collect::<Vec<_>>(), ["LOCAL", "WEB"]);
        assert!(lines.iter().all(|line| line.length_seconds == 1800));
        assert!(lines.iter().all(|line| line.billing_code.as_ref().unwrap().as_str() == "0042"));
        assert_eq!(lines[0].charge, Amount(225));
    }

    #[test]
    fn the_rate_is_that_of_the_local_start_date() {
        // 22:30 UTC on the 14th is the 15th in Paris.
        let legs = vec![leg("1", "WEB", "2009-05-14T22:30:00Z", "2009-05-14T22:31:00Z", None)];
        let rows = vec![row("WEB", 1, 0, "2009-01-01"), row("WEB", 1, 0, "2009-05-15")];
        let lines = lines(&conference(legs, None), rows).unwrap();
        assert_eq!(lines[0].rate_per_minute, dec!(0.10));
        assert_eq!(lines[0].billing_code.as_ref().unwrap().as_str(), "AUTO");
    }

    #[test]
    fn a_late_line_counts_the_late_legs_alone_and_keeps_the_conference_s_facts() {
        let mut in_time = leg("1", "WEB", "2009-05-06T10:00:00Z", "2009-05-06T11:00:00Z", Some("0042"));
        in_time.charged_here = false;
        let late = leg("2", "WEB", "2009-05-06T10:10:00Z", "2009-05-06T10:20:00Z", None);
        let usage = conference(vec![in_time, late], Some("2009-05".parse().unwrap()));
        let lines = lines(&usage, vec![row("WEB", 1, 0, "2009-01-01")]).unwrap();
        assert_eq!((lines[0].quantity, lines[0].accumulated_seconds, lines[0].length_seconds), (1, 600, 3600));
        assert_eq!(lines[0].billing_code.as_ref().unwrap().as_str(), "0042");
    }

    #[test]
    fn without_a_rate_nothing_is_charged_and_the_reason_says_which_is_missing() {
        let usage = conference(vec![leg("1", "WEB", "2009-05-06T10:00:00Z", "2009-05-06T11:00:00Z", None)], None);
        assert_eq!(lines(&usage, vec![]), Err(Obstacle::MissingTariff("T".parse().unwrap())));
        let later = lines(&usage, vec![row("WEB", 1, 0, "2009-05-07")]).unwrap_err();
        assert_eq!(later.code(), "missing_rate");
        assert!(later.to_string().contains("no rate for WEB on 2009-05-06"), "{later}");
    }

    proptest! {
        #[test]
        fn billed_seconds_never_fall_short(duration in 0_u64..100_000, increment in 1_u32..3600, minimum in 0_u32..3600) {
            let billed = billed_seconds(duration, &row("WEB", increment, minimum, "2009-01-01"));
            prop_assert!(billed >= duration && billed >= u64::from(minimum));
            prop_assert_eq!(billed % u64::from(increment), 0);
            prop_assert!(billed < duration.max(u64::from(minimum)) + u64::from(increment));
        }
    }
}
