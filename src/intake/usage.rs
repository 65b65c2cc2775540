//! Rows of usage: one leg each.

use chrono::{DateTime, Utc};

use super::faults::Faults;
use super::{Field, Kind, Known, Limits, Refusal, Row, Rows};
use crate::domain::{Leg, RoomNumber, ServiceType};

const COLUMNS: [&str; 8] =
    ["leg_id", "conference_id", "room_number", "service_type", "joined_at", "left_at", "caller", "billing_code"];

const ACCESS_NUMBER: &str = "access_number";

/// 2000-01-01T00:00:00Z. An older instant is a switch whose clock was not set; taken for usage, it would make the
/// account's months since then, all of them empty, due at once.
const EARLIEST: i64 = 946_684_800;

/// Reads legs in rooms that exist, of service types that some tariff prices.
#[derive(Debug)]
pub struct UsageRows<K> {
    pub known: K,
    pub limits: Limits,
}

impl<K: Known> Rows for UsageRows<K> {
    type Entry = Leg;
    const KIND: Kind = Kind::Usage;
    const COLUMNS: &'static [&'static str] = &COLUMNS;
    const OPTIONAL: &'static [&'static str] = &[ACCESS_NUMBER];
    const SUBJECT: &'static [&'static str] = &["leg_id"];

    fn read(&mut self, row: &Row<'_>) -> Result<Leg, Refusal> {
        let [leg_id, conference_id, room, service_type, joined, left, caller, billing_code] = row.fields(&COLUMNS);
        let access_number = row.optional_field(ACCESS_NUMBER);
        let mut faults = Faults::default();
        let (joined_at, left_at) = (faults.check(read_instant(joined)), faults.check(read_instant(left)));
        if let Some(joined_at) = joined_at {
            faults.check(self.check_start(joined_at, joined));
            left_at.and_then(|left_at| faults.check(self.check_duration(joined_at, left_at, left)));
        }
        let (leg_id, conference_id) = (faults.check(leg_id.parse()), faults.check(conference_id.parse()));
        let room = faults.check(self.room(room));
        let service_type = self.service_type(service_type, access_number, (joined_at, room.as_ref()));
        let read = (
            joined_at,
            left_at,
            leg_id,
            conference_id,
            room,
            faults.check(service_type).flatten(),
            faults.check(caller.optional()),
            faults.check(billing_code.optional()),
        );
        let (
            Some(joined_at),
            Some(left_at),
            Some(leg_id),
            Some(conference_id),
            Some(room),
            Some(service_type),
            Some(caller),
            Some(billing_code),
        ) = read
        else {
            return Err(faults.into_refusal());
        };
        if faults.is_any() {
            return Err(faults.into_refusal());
        }
        Ok(Leg { leg_id, conference_id, room, service_type, joined_at, left_at, caller, billing_code })
    }
}

impl<K: Known> UsageRows<K> {
    fn check_duration(&self, joined: DateTime<Utc>, left: DateTime<Utc>, field: Field<'_>) -> Result<(), Refusal> {
        let duration = left - joined;
        if duration.num_seconds() < 0 {
            return Err(field.refuse("is before joined_at"));
        }
        if duration > self.limits.longest_leg {
            let (seconds, limit) = (duration.num_seconds(), self.limits.longest_leg.num_seconds());
            let limit = format!("the limit is {limit} s (billing.longest_leg)");
            return Err(field.refuse(format!("makes the leg {seconds} s long: {limit}")));
        }
        Ok(())
    }

    /// A start in the future was written by a wrong clock; if stored, the leg could wait years for its month.
    fn check_start(&self, joined: DateTime<Utc>, field: Field<'_>) -> Result<(), Refusal> {
        let ahead = joined - self.known.now();
        if ahead <= self.limits.clock_tolerance {
            return Ok(());
        }
        let minutes = self.limits.clock_tolerance.num_minutes();
        let why = format!("lies in the future, by more than {minutes} min (billing.clock_tolerance)");
        Err(field.refuse(format!("{why}: was the clock of the switch set?")))
    }

    fn room(&self, field: Field<'_>) -> Result<RoomNumber, Refusal> {
        if let Some(room) = self.known.room(field.text()?) {
            return Ok(room);
        }
        let number: RoomNumber = field.parse()?;
        Err(field.refuse(format!("room {number} is unknown: import it, then run \"statementd import retry\"")))
    }

    /// The service type that the row names, else that of the number that was dialled. Which one that is depends on
    /// the day: `None` without one, which is a fault already.
    fn service_type(
        &self,
        field: Field<'_>,
        number: Option<Field<'_>>,
        (joined_at, room): (Option<DateTime<Utc>>, Option<&RoomNumber>),
    ) -> Result<Option<ServiceType>, Refusal> {
        if let Some(number) = number.filter(|number| field.is_empty() && !number.is_empty()) {
            let Some(joined_at) = joined_at else { return Ok(None) };
            let dialled = number.text()?;
            let todo = "import it (access-numbers), then run \"statementd import retry\"";
            let refuse = || number.refuse(format!("number {dialled} is no access number that is known: {todo}"));
            let found = match room {
                Some(room) => self.known.service_type_dialled(dialled, joined_at, room),
                None => self.known.service_type_of_number(dialled, joined_at),
            };
            return found.map(Some).ok_or_else(refuse);
        }
        if let Some(service_type) = self.known.service_type(field.text()?) {
            return Ok(Some(service_type));
        }
        let code: ServiceType = field.parse()?;
        let todo = "import a tariff row for it, then run \"statementd import retry\"";
        Err(field.refuse(format!("no tariff prices service type {code}: {todo}")))
    }
}

/// RFC 3339 with an offset; fractions of a second are cut off.
fn read_instant(field: Field<'_>) -> Result<DateTime<Utc>, Refusal> {
    let instant = DateTime::parse_from_rfc3339(field.text()?)
        .map_err(|_| field.refuse("must be an RFC 3339 instant with an offset, as 2009-05-06T10:14:10+02:00"))?;
    match DateTime::from_timestamp(instant.timestamp(), 0) {
        Some(cut) if cut.timestamp() >= EARLIEST => Ok(cut),
        _ => Err(field.refuse("is before the year 2000: was the clock of the switch set?")),
    }
}
