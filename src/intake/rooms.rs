//! Rows of rooms.

use super::{Field, Kind, Known, Refusal, Row, Rows};
use crate::domain::{AccountNumber, Room};

const COLUMNS: [&str; 6] =
    ["room_number", "account_number", "cardholder", "cardholder_email", "auto_billing_code", "active"];

/// Reads rooms of accounts that exist.
#[derive(Debug)]
pub struct RoomRows<K> {
    pub known: K,
}

impl<K: Known> Rows for RoomRows<K> {
    type Entry = Room;
    const KIND: Kind = Kind::Rooms;
    const COLUMNS: &'static [&'static str] = &COLUMNS;

    fn read(&mut self, row: &Row<'_>) -> Result<Room, Refusal> {
        let [number, account, cardholder, cardholder_email, auto_billing_code, active] = row.fields(&COLUMNS);
        Ok(Room {
            number: number.parse()?,
            account: self.account(account)?,
            cardholder: cardholder.parse()?,
            cardholder_email: cardholder_email.optional()?,
            auto_billing_code: auto_billing_code.optional()?,
            active: read_bool(active)?,
        })
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

fn read_bool(field: Field<'_>) -> Result<bool, Refusal> {
    match field.text()?.to_ascii_lowercase().as_str() {
        "true" | "yes" | "1" => Ok(true),
        "false" | "no" | "0" => Ok(false),
        _ => Err(field.refuse("must be true or false (yes, no, 1 and 0 are understood)")),
    }
}
