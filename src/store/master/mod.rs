//! Master data: tariffs, accounts, rooms. Importing updates what has the same key.

pub(crate) mod access_numbers;
pub(crate) mod rejects;
pub(crate) mod time_zones;

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};

use crate::domain::{
    AccessNumbers, Account, AccountNumber, EmailAddress, Room, RoomNumber, ServiceType, Tariff, TariffName, TariffRow,
};
use crate::store::{Key, StoreError, Tx, execute, fetch, record};

/// What exists, for checking usage as it arrives. Held in memory: a room costs about 100 bytes.
#[derive(Debug, Default)]
pub struct Directory {
    /// Room number → (room's key, its account's key).
    pub(crate) rooms: HashMap<RoomNumber, (Key, Key)>,
    accounts: HashSet<AccountNumber>,
    service_types: HashSet<ServiceType>,
    access_numbers: AccessNumbers,
}

impl Directory {
    pub fn room(&self, number: &str) -> Option<&RoomNumber> {
        self.rooms.get_key_value(number).map(|(number, _)| number)
    }

    pub fn account(&self, number: &str) -> Option<&AccountNumber> {
        self.accounts.get(number)
    }

    /// Only what some tariff prices.
    pub fn service_type(&self, code: &str) -> Option<&ServiceType> {
        self.service_types.get(code)
    }

    /// Of the number that was dialled, on the day of `at` (UTC).
    pub fn service_type_of_number(&self, dialled: &str, at: DateTime<Utc>) -> Option<&ServiceType> {
        self.access_numbers.service_type(dialled, at.date_naive())
    }
}

record! {
    struct TariffRecord {
        tariff: String,
        service_type: String,
        valid_from: String,
        label: String,
        currency: String,
        rate_per_minute: String,
        increment_seconds: i64,
        minimum_seconds: i64,
    }
}

record! {
    struct AccountRecord {
        account_number: String,
        company: String,
        currency: String,
        time_zone: String,
        locale: String,
        tariff: String,
        owner_name: Option<String>,
        owner_emails: String,
    }
}

record! {
    struct RoomRecord {
        room_number: String,
        account_number: String,
        cardholder: String,
        cardholder_email: Option<String>,
        auto_billing_code: Option<String>,
        active: bool,
    }
}

impl Tx {
    /// Stores the row, or changes the one with its key; false if it was there as it is.
    pub async fn upsert_tariff_row(&mut self, row: &TariffRow) -> Result<bool, StoreError> {
        const SQL: &str =
            "INSERT INTO tariff_row (tariff, service_type, valid_from, label, currency, rate_per_minute,
                                                   increment_seconds, minimum_seconds)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
             ON CONFLICT (tariff, service_type, valid_from) DO UPDATE SET label = excluded.label,
                 currency = excluded.currency, rate_per_minute = excluded.rate_per_minute,
                 increment_seconds = excluded.increment_seconds, minimum_seconds = excluded.minimum_seconds
             WHERE (tariff_row.label, tariff_row.currency, tariff_row.rate_per_minute, tariff_row.increment_seconds,
                    tariff_row.minimum_seconds)
                IS DISTINCT FROM (excluded.label, excluded.currency, excluded.rate_per_minute,
                                  excluded.increment_seconds, excluded.minimum_seconds)";
        let written = execute!(
            self,
            sqlx::query(SQL)
                .bind(row.tariff.as_str())
                .bind(row.service_type.as_str())
                .bind(row.valid_from.to_string())
                .bind(row.label.as_str())
                .bind(row.currency.code())
                .bind(row.rate_per_minute.normalize().to_string())
                .bind(i64::from(row.increment_seconds))
                .bind(i64::from(row.minimum_seconds))
        );
        Ok(written > 0)
    }

    /// Stores the account, or changes the one with its number; false if it was there as it is.
    ///
    /// Another time zone counts from the next period on.
    pub async fn upsert_account(&mut self, account: &Account, now: DateTime<Utc>) -> Result<bool, StoreError> {
        const SQL: &str = "INSERT INTO account (account_number, company, currency, time_zone, locale, tariff,
                                                owner_name, owner_emails)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
             ON CONFLICT (account_number) DO UPDATE SET company = excluded.company, currency = excluded.currency,
                 time_zone = excluded.time_zone, locale = excluded.locale, tariff = excluded.tariff,
                 owner_name = excluded.owner_name, owner_emails = excluded.owner_emails
             WHERE (account.company, account.currency, account.time_zone, account.locale, account.tariff,
                    account.owner_name, account.owner_emails)
                IS DISTINCT FROM (excluded.company, excluded.currency, excluded.time_zone, excluded.locale,
                                  excluded.tariff, excluded.owner_name, excluded.owner_emails)";
        if let Some(key) = self.account_key(&account.number).await? {
            let zone_so_far = self.account(key).await?.time_zone;
            if zone_so_far != account.time_zone {
                self.keep_zone(key, zone_so_far, now).await?;
            }
        }
        let owners: Vec<&str> = account.owners.iter().map(EmailAddress::as_str).collect();
        let written = execute!(
            self,
            sqlx::query(SQL)
                .bind(account.number.as_str())
                .bind(account.company.as_str())
                .bind(account.currency.code())
                .bind(account.time_zone.name())
                .bind(account.locale.as_str())
                .bind(account.tariff.as_str())
                .bind(account.owner_name.as_ref().map(|name| name.as_str()))
                .bind(owners.join(";"))
        );
        Ok(written > 0)
    }

    /// Stores the room, or changes the one with its number; false if it was there as it is. Its account must exist.
    ///
    /// Conferences that the room has had stay with the account that it belonged to then.
    pub async fn upsert_room(&mut self, room: &Room) -> Result<bool, StoreError> {
        const SQL: &str = "INSERT INTO room (room_number, account_key, cardholder, cardholder_email,
                                             auto_billing_code, active)
             SELECT $1, account_key, $3, $4, $5, $6 FROM account WHERE account_number = $2
             ON CONFLICT (room_number) DO UPDATE SET account_key = excluded.account_key,
                 cardholder = excluded.cardholder, cardholder_email = excluded.cardholder_email,
                 auto_billing_code = excluded.auto_billing_code, active = excluded.active
             WHERE (room.account_key, room.cardholder, room.cardholder_email, room.auto_billing_code, room.active)
                IS DISTINCT FROM (excluded.account_key, excluded.cardholder, excluded.cardholder_email,
                                  excluded.auto_billing_code, excluded.active)";
        let written = execute!(
            self,
            sqlx::query(SQL)
                .bind(room.number.as_str())
                .bind(room.account.as_str())
                .bind(room.cardholder.as_str())
                .bind(room.cardholder_email.as_ref().map(EmailAddress::as_str))
                .bind(room.auto_billing_code.as_ref().map(|code| code.as_str()))
                .bind(room.active)
        );
        Ok(written > 0)
    }

    pub async fn directory(&mut self) -> Result<Directory, StoreError> {
        let rooms = fetch!(
            all,
            self,
            sqlx::query_as::<_, (String, Key, Key)>("SELECT room_number, room_key, account_key FROM room")
        );
        let mut directory = Directory::default();
        for (number, room_key, account_key) in rooms {
            directory.rooms.insert(parse("room", &number, "room_number", &number)?, (room_key, account_key));
        }
        let accounts = fetch!(all, self, sqlx::query_scalar::<_, String>("SELECT account_number FROM account"));
        for number in accounts {
            directory.accounts.insert(parse("account", &number, "account_number", &number)?);
        }
        let services =
            fetch!(all, self, sqlx::query_scalar::<_, String>("SELECT DISTINCT service_type FROM tariff_row"));
        for service_type in services {
            directory.service_types.insert(parse("tariff_row", &service_type, "service_type", &service_type)?);
        }
        directory.access_numbers = self.access_numbers().await?;
        Ok(directory)
    }

    /// All rows under a tariff's name; empty if there is none.
    pub async fn tariff(&mut self, name: &TariffName) -> Result<Tariff, StoreError> {
        let records = fetch!(
            all,
            self,
            sqlx::query_as::<_, TariffRecord>(
                "SELECT tariff, service_type, valid_from, label, currency, rate_per_minute, increment_seconds,
                    minimum_seconds
             FROM tariff_row WHERE tariff = $1"
            )
            .bind(name.as_str())
        );
        records.into_iter().map(TariffRow::try_from).collect()
    }

    pub async fn account(&mut self, account: Key) -> Result<Account, StoreError> {
        let record = fetch!(
            one,
            self,
            sqlx::query_as::<_, AccountRecord>(
                "SELECT account_number, company, currency, time_zone, locale, tariff, owner_name, owner_emails
             FROM account WHERE account_key = $1"
            )
            .bind(account)
        );
        record.try_into()
    }

    pub async fn account_key(&mut self, number: &AccountNumber) -> Result<Option<Key>, StoreError> {
        Ok(fetch!(
            optional,
            self,
            sqlx::query_scalar("SELECT account_key FROM account WHERE account_number = $1").bind(number.as_str())
        ))
    }

    /// The account's rooms, and any other room whose usage it has been charged for; ordered by number.
    pub async fn rooms_of(&mut self, account: Key) -> Result<Vec<Room>, StoreError> {
        const SQL: &str = "SELECT r.room_number, a.account_number, r.cardholder, r.cardholder_email,
                                  r.auto_billing_code, r.active
             FROM room r JOIN account a ON a.account_key = r.account_key
             WHERE r.room_key IN (SELECT room_key FROM room WHERE account_key = $1
                                  UNION SELECT room_key FROM conference WHERE account_key = $1)
             ORDER BY r.room_number";
        let records = fetch!(all, self, sqlx::query_as::<_, RoomRecord>(SQL).bind(account));
        records.into_iter().map(Room::try_from).collect()
    }
}

impl TryFrom<TariffRecord> for TariffRow {
    type Error = StoreError;

    fn try_from(record: TariffRecord) -> Result<Self, StoreError> {
        let row = format!("{} {} {}", record.tariff, record.service_type, record.valid_from);
        let parsed = |column| (row.clone(), column);
        let seconds = |value: i64, (row, column): (String, &'static str)| {
            u32::try_from(value).map_err(|error| StoreError::corrupt("tariff_row", row, column)(error.to_string()))
        };
        Ok(Self {
            tariff: parse("tariff_row", &row, "tariff", &record.tariff)?,
            service_type: parse("tariff_row", &row, "service_type", &record.service_type)?,
            label: parse("tariff_row", &row, "label", &record.label)?,
            currency: parse("tariff_row", &row, "currency", &record.currency)?,
            rate_per_minute: parse("tariff_row", &row, "rate_per_minute", &record.rate_per_minute)?,
            increment_seconds: seconds(record.increment_seconds, parsed("increment_seconds"))?,
            minimum_seconds: seconds(record.minimum_seconds, parsed("minimum_seconds"))?,
            valid_from: parse("tariff_row", &row, "valid_from", &record.valid_from)?,
        })
    }
}

impl TryFrom<AccountRecord> for Account {
    type Error = StoreError;

    fn try_from(record: AccountRecord) -> Result<Self, StoreError> {
        let row = record.account_number.as_str();
        let owners = record.owner_emails.split(';').map(|owner| parse("account", row, "owner_emails", owner));
        Ok(Self {
            number: parse("account", row, "account_number", row)?,
            company: parse("account", row, "company", &record.company)?,
            currency: parse("account", row, "currency", &record.currency)?,
            time_zone: parse("account", row, "time_zone", &record.time_zone)?,
            locale: parse("account", row, "locale", &record.locale)?,
            tariff: parse("account", row, "tariff", &record.tariff)?,
            owner_name: parse_optional("account", row, "owner_name", record.owner_name.as_deref())?,
            owners: owners.collect::<Result<_, _>>()?,
        })
    }
}

impl TryFrom<RoomRecord> for Room {
    type Error = StoreError;

    fn try_from(record: RoomRecord) -> Result<Self, StoreError> {
        let row = record.room_number.as_str();
        Ok(Self {
            number: parse("room", row, "room_number", row)?,
            account: parse("room", row, "account_number", &record.account_number)?,
            cardholder: parse("room", row, "cardholder", &record.cardholder)?,
            cardholder_email: parse_optional("room", row, "cardholder_email", record.cardholder_email.as_deref())?,
            auto_billing_code: parse_optional("room", row, "auto_billing_code", record.auto_billing_code.as_deref())?,
            active: record.active,
        })
    }
}

/// A stored text back into the domain's type.
pub(crate) fn parse<T>(table: &'static str, row: &str, column: &'static str, text: &str) -> Result<T, StoreError>
where
    T: std::str::FromStr<Err: std::fmt::Display>,
{
    text.parse().map_err(|error: T::Err| StoreError::corrupt(table, row, column)(error.to_string()))
}

pub(crate) fn parse_optional<T>(
    table: &'static str,
    row: &str,
    column: &'static str,
    text: Option<&str>,
) -> Result<Option<T>, StoreError>
where
    T: std::str::FromStr<Err: std::fmt::Display>,
{
    text.map(|text| parse(table, row, column, text)).transpose()
}
