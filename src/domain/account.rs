//! Who is billed: accounts and their rooms.

use chrono::NaiveDate;

use super::{
    AccountNumber, BillingCode, Currency, EmailAddress, LocaleTag, Name, Period, RoomNumber, TariffName, Zone,
};

/// A customer with one time zone and locale, and with the currency and tariff of some period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    pub number: AccountNumber,
    pub company: Name,
    pub currency: Currency,
    pub time_zone: Zone,
    pub locale: LocaleTag,
    pub tariff: TariffName,
    pub owner_name: Option<Name>,
    /// At least one; each gets the account statement.
    pub owners: Vec<EmailAddress>,
}

/// An account as a file describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountRow {
    pub account: Account,
    /// The period from which currency and tariff count; `None` means from the first one that has not closed.
    pub valid_from: Option<Period>,
    /// The first period that is billed.
    pub first_period: Given<Period>,
    /// The first period that is no longer billed.
    pub closed_from: Given<Period>,
}

/// A value that a file need not have a column for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Given<T> {
    /// The column is missing: the stored value stays.
    NotGiven,
    /// `None` removes the stored value.
    Value(Option<T>),
}

/// An audio-conference room of one account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Room {
    pub number: RoomNumber,
    pub account: AccountNumber,
    pub cardholder: Name,
    pub cardholder_email: Option<EmailAddress>,
    pub auto_billing_code: Option<BillingCode>,
    pub active: bool,
}

/// A room as a file describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoomRow {
    pub room: Room,
    /// The date from which the row holds; `None` means from the beginning for a new room, else from now on.
    pub valid_from: Option<NaiveDate>,
}

impl From<Account> for AccountRow {
    fn from(account: Account) -> Self {
        Self { account, valid_from: None, first_period: Given::NotGiven, closed_from: Given::NotGiven }
    }
}

impl From<Room> for RoomRow {
    fn from(room: Room) -> Self {
        Self { room, valid_from: None }
    }
}
