//! Rows of usage: one leg each.

use chrono::{DateTime, Utc};

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

    fn read(&mut self, row: &Row<'_>) -> Result<Leg, Refusal> {
        let [leg_id, conference_id, room, service_type, joined, left, caller, billing_code] = row.fields(&COLUMNS);
        let access_number = row.optional_field(ACCESS_NUMBER);
        let (joined_at, left_at) = (read_instant(joined)?, read_instant(left)?);
        self.check_duration(joined_at, left_at, left)?;
        Ok(Leg {
            leg_id: leg_id.parse()?,
            conference_id: conference_id.parse()?,
            room: self.room(room)?,
            service_type: self.service_type(service_type, access_number, joined_at)?,
            joined_at,
            left_at,
            caller: caller.optional()?,
            billing_code: billing_code.optional()?,
        })
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
            return Err(field.refuse(format!("makes the leg {seconds} s long: the limit is {limit} s")));
        }
        Ok(())
    }

    fn room(&self, field: Field<'_>) -> Result<RoomNumber, Refusal> {
        if let Some(room) = self.known.room(field.text()?) {
            return Ok(room);
        }
        let number: RoomNumber = field.parse()?;
        Err(field.refuse(format!("room {number} is unknown: import it, then run \"statementd import retry\"")))
    }

    /// The service type that the row names, else that of the number that was dialled.
    fn service_type(
        &self,
        field: Field<'_>,
        number: Option<Field<'_>>,
        joined_at: DateTime<Utc>,
    ) -> Result<ServiceType, Refusal> {
        if let Some(number) = number.filter(|number| field.is_empty() && !number.is_empty()) {
            let dialled = number.text()?;
            let todo = "import it (access-numbers), then run \"statementd import retry\"";
            return self
                .known
                .service_type_of_number(dialled, joined_at)
                .ok_or_else(|| number.refuse(format!("number {dialled} is no access number that is known: {todo}")));
        }
        if let Some(service_type) = self.known.service_type(field.text()?) {
            return Ok(service_type);
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
