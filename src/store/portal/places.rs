//! Everything that an address may see, and every address that may see something; by the rules of `rights`.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::rights::{OwnedRecord, is};
use crate::domain::{AccountNumber, EmailAddress, LocaleTag, Name, RoomNumber};
use crate::store::engine::decode::parse;
use crate::store::{Portal, StoreError, fetch, record};

/// An account, or a room of one, that someone may see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    pub account: AccountNumber,
    pub company: Name,
    pub locale: LocaleTag,
    /// `None` means the whole account. With its cardholder's name.
    pub room: Option<(RoomNumber, Name)>,
}

record! {
    struct HeldRecord {
        account_number: String,
        company: String,
        locale: String,
        room_number: String,
        cardholder: String,
        cardholder_email: Option<String>,
    }
}

impl Portal<'_> {
    /// Everything that an address may see: accounts first, then rooms of other accounts; by number.
    pub async fn places(&mut self, address: &EmailAddress, now: DateTime<Utc>) -> Result<Vec<Place>, StoreError> {
        const OWNED: &str =
            "SELECT account_key, account_number, company, locale, owner_emails, time_zone, first_period, closed_from
             FROM account
             WHERE lower(owner_emails) LIKE $1 OR lower(owner_emails) LIKE $2 ORDER BY account_number";
        const HELD: &str = "SELECT a.account_number, a.company, a.locale, r.room_number, w.cardholder,
                    w.cardholder_email
             FROM room_row w JOIN room r ON r.room_key = w.room_key JOIN account a ON a.account_key = w.account_key
             WHERE lower(w.cardholder_email) IN ($1, $2) AND w.starts_at <= $3 AND w.ends_at > $3
             ORDER BY a.account_number, r.room_number";
        let identity = address.identity();
        let written = address.as_str().to_lowercase();
        let like = |text: &str| format!("%{text}%");
        let owned =
            fetch!(all, self.tx, sqlx::query_as::<_, OwnedRecord>(OWNED).bind(like(&identity)).bind(like(&written)));
        let held = fetch!(
            all,
            self.tx,
            sqlx::query_as::<_, HeldRecord>(HELD).bind(&identity).bind(&written).bind(now.timestamp())
        );
        let mut places = BTreeMap::new();
        for account in owned.into_iter().filter(|account| account.is_owned_by(&identity)) {
            places.insert(account.account_number.clone(), account.into_place()?);
        }
        let mut found: Vec<Place> = Vec::new();
        for room in held.into_iter().filter(|room| is(room.cardholder_email.as_deref(), &identity)) {
            if !places.contains_key(&room.account_number) {
                found.push(room.into_place()?);
            }
        }
        Ok(places.into_values().chain(found).collect())
    }

    /// The account or room that `number` names, if the address may see it.
    pub async fn place_named(
        &mut self,
        address: &EmailAddress,
        number: &str,
        now: DateTime<Utc>,
    ) -> Result<Option<Place>, StoreError> {
        const OWNED: &str =
            "SELECT account_key, account_number, company, locale, owner_emails, time_zone, first_period, closed_from
             FROM account
             WHERE account_number = $1";
        const HELD: &str = "SELECT a.account_number, a.company, a.locale, r.room_number, w.cardholder,
                    w.cardholder_email
             FROM room r JOIN room_row w ON w.room_key = r.room_key AND w.starts_at <= $2 AND w.ends_at > $2
             JOIN account a ON a.account_key = w.account_key WHERE r.room_number = $1";
        let identity = address.identity();
        let account = fetch!(optional, self.tx, sqlx::query_as::<_, OwnedRecord>(OWNED).bind(number));
        let room =
            fetch!(optional, self.tx, sqlx::query_as::<_, HeldRecord>(HELD).bind(number).bind(now.timestamp()));
        if let Some(account) = account.filter(|account| account.is_owned_by(&identity)) {
            return account.into_place().map(Some);
        }
        let Some(room) = room else { return Ok(None) };
        let owner: Option<OwnedRecord> =
            fetch!(optional, self.tx, sqlx::query_as::<_, OwnedRecord>(OWNED).bind(room.account_number.as_str()));
        let may = is(room.cardholder_email.as_deref(), &identity)
            || owner.is_some_and(|owner| owner.is_owned_by(&identity));
        may.then(|| room.into_place()).transpose()
    }

    /// Every address that has a right, each with a number that names it: for inviting.
    pub async fn addresses_with_rights(
        &mut self,
        account: Option<&AccountNumber>,
        now: DateTime<Utc>,
    ) -> Result<Vec<(EmailAddress, String)>, StoreError> {
        const OWNERS: &str = "SELECT account_number, owner_emails FROM account
             WHERE account_number >= $1 AND account_number <= $2 ORDER BY account_number";
        const HOLDERS: &str = "SELECT r.room_number, w.cardholder_email FROM room r
             JOIN room_row w ON w.room_key = r.room_key AND w.starts_at <= $3 AND w.ends_at > $3
             JOIN account a ON a.account_key = w.account_key
             WHERE a.account_number >= $1 AND a.account_number <= $2 AND w.cardholder_email IS NOT NULL AND w.active
             ORDER BY r.room_number";
        type Row = (String, String);
        let (low, high) = account.map_or(("", "~"), |account| (account.as_str(), account.as_str()));
        let owners = fetch!(all, self.tx, sqlx::query_as::<_, Row>(OWNERS).bind(low).bind(high));
        let holders =
            fetch!(all, self.tx, sqlx::query_as::<_, Row>(HOLDERS).bind(low).bind(high).bind(now.timestamp()));
        let mut found = BTreeMap::<String, (EmailAddress, String)>::new();
        for (number, addresses) in owners.into_iter().chain(holders) {
            for address in addresses.split(';') {
                let address: EmailAddress = parse("account", &number, "owner_emails", address)?;
                found.entry(address.identity()).or_insert((address, number.clone()));
            }
        }
        Ok(found.into_values().collect())
    }
}

impl OwnedRecord {
    fn into_place(self) -> Result<Place, StoreError> {
        let row = self.account_number.as_str();
        Ok(Place {
            account: parse("account", row, "account_number", row)?,
            company: parse("account", row, "company", &self.company)?,
            locale: parse("account", row, "locale", &self.locale)?,
            room: None,
        })
    }
}

impl HeldRecord {
    fn into_place(self) -> Result<Place, StoreError> {
        let row = self.room_number.as_str();
        let room = parse("room", row, "room_number", row)?;
        Ok(Place {
            account: parse("account", row, "account_number", &self.account_number)?,
            company: parse("account", row, "company", &self.company)?,
            locale: parse("account", row, "locale", &self.locale)?,
            room: Some((room, parse("room", row, "cardholder", &self.cardholder)?)),
        })
    }
}
