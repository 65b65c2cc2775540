//! Rows of rooms.

use chrono::NaiveDate;

use super::faults::Faults;
use super::{Field, Kind, Known, Refusal, Row, Rows};
use crate::domain::{AccountNumber, Room, RoomRow};

const COLUMNS: [&str; 6] =
    ["room_number", "account_number", "cardholder", "cardholder_email", "auto_billing_code", "active"];

const VALID_FROM: &str = "valid_from";

/// Reads rooms of accounts that exist.
#[derive(Debug)]
pub struct RoomRows<K> {
    pub known: K,
}

impl<K: Known> Rows for RoomRows<K> {
    type Entry = RoomRow;
    const KIND: Kind = Kind::Rooms;
    const COLUMNS: &'static [&'static str] = &COLUMNS;
    const SUBJECT: &'static [&'static str] = &["room_number"];

    const OPTIONAL: &'static [&'static str] = &[VALID_FROM];
    const KEY: &'static [&'static str] = &["room_number", VALID_FROM];

    fn read(&mut self, row: &Row<'_>) -> Result<RoomRow, Refusal> {
        let [number, account, cardholder, cardholder_email, auto_billing_code, active] = row.fields(&COLUMNS);
        let mut faults = Faults::default();
        let read = (
            faults.check(number.parse()),
            faults.check(self.account(account)),
            faults.check(cardholder.parse()),
            faults.check(cardholder_email.optional()),
            faults.check(auto_billing_code.optional()),
            faults.check(read_bool(active)),
            faults.check(row.optional_field(VALID_FROM).map_or(Ok(None), read_date)),
        );
        let (
            Some(number),
            Some(account),
            Some(cardholder),
            Some(cardholder_email),
            Some(auto_billing_code),
            Some(active),
            Some(valid_from),
        ) = read
        else {
            return Err(faults.into_refusal());
        };
        let room = Room { number, account, cardholder, cardholder_email, auto_billing_code, active };
        Ok(RoomRow { room, valid_from })
    }
}

impl<K: Known> RoomRows<K> {
    fn account(&self, field: Field<'_>) -> Result<AccountNumber, Refusal> {
        let number: AccountNumber = field.parse()?;
        self.known.account(number.as_str()).ok_or_else(|| {
            field.refuse(format!("account {number} is unknown: import it, then run \"statementd import retry\""))
        })
    }
}

pub(super) fn read_bool(field: Field<'_>) -> Result<bool, Refusal> {
    match field.text()?.to_ascii_lowercase().as_str() {
        "true" | "yes" | "1" => Ok(true),
        "false" | "no" | "0" => Ok(false),
        _ => Err(field.refuse("must be true or false (yes, no, 1 and 0 are understood)")),
    }
}

/// Empty means none.
fn read_date(field: Field<'_>) -> Result<Option<NaiveDate>, Refusal> {
    if field.is_empty() {
        return Ok(None);
    }
    let text = field.text()?;
    let date = if text.len() == 10 { NaiveDate::parse_from_str(text, "%Y-%m-%d").ok() } else { None };
    date.map(Some).ok_or_else(|| field.refuse("must be a date as YYYY-MM-DD, or empty"))
}
