//! Who is billed: accounts and their rooms.

use chrono_tz::Tz;

use super::{AccountNumber, BillingCode, Currency, EmailAddress, LocaleTag, Name, RoomNumber, TariffName};

/// A customer with one currency, time zone, locale and tariff.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    pub number: AccountNumber,
    pub company: Name,
    pub currency: Currency,
    pub time_zone: Tz,
    pub locale: LocaleTag,
    pub tariff: TariffName,
    pub owner_name: Option<Name>,
    /// At least one; each gets the account statement.
    pub owners: Vec<EmailAddress>,
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
