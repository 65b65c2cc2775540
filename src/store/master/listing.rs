//! Master data as it is on a day, for people who look something up.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::domain::{AccountNumber, Period, RoomNumber, TariffRow};
use crate::store::engine::decode::{parse, parse_optional};
use crate::store::master::TariffRecord;
use crate::store::{Master, StoreError, fetch, record};

/// An account with its currency and tariff in a month.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ListedAccount {
    pub account: AccountNumber,
    pub company: String,
    pub currency: String,
    pub tariff: String,
    pub time_zone: String,
    pub locale: String,
    pub owner_name: Option<String>,
    pub owner_emails: Vec<String>,
    pub first_period: Option<Period>,
    pub closed_from: Option<Period>,
    /// Those that are the account's and active.
    pub rooms: i64,
}

/// A room as it is at an instant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ListedRoom {
    pub room: RoomNumber,
    pub account: AccountNumber,
    pub company: String,
    pub cardholder: String,
    pub cardholder_email: Option<String>,
    pub auto_billing_code: Option<String>,
    pub active: bool,
    /// The date, or the moment of the import, from which the row holds; empty: from the beginning.
    pub valid_from: String,
}

record! {
    struct AccountRecord {
        account_number: String,
        company: String,
        currency: String,
        tariff: String,
        time_zone: String,
        locale: String,
        owner_name: Option<String>,
        owner_emails: String,
        first_period: Option<String>,
        closed_from: Option<String>,
        rooms: i64,
    }

    struct RoomRecord {
        room_number: String,
        account_number: String,
        company: String,
        cardholder: String,
        cardholder_email: Option<String>,
        auto_billing_code: Option<String>,
        active: bool,
        valid_from: String,
    }
}

impl Master<'_> {
    /// Every account as of `at`, ordered by number. Currency and tariff are those of the month that `at` lies in.
    pub async fn listed_accounts(&mut self, at: DateTime<Utc>) -> Result<Vec<ListedAccount>, StoreError> {
        const SQL: &str =
            "SELECT a.account_number, a.company, t.currency, t.tariff, a.time_zone, a.locale, a.owner_name,
                    a.owner_emails, a.first_period, a.closed_from,
                    (SELECT COUNT(*) FROM room_row w WHERE w.account_key = a.account_key AND w.active
                     AND w.starts_at <= $1 AND w.ends_at > $1) AS rooms
             FROM account a JOIN account_terms t ON t.account_key = a.account_key
             WHERE (t.from_period, t.is_dated) = (
                 SELECT n.from_period, n.is_dated FROM account_terms n WHERE n.account_key = a.account_key
                 ORDER BY CASE WHEN n.from_period <= $2 THEN 0 ELSE 1 END,
                          CASE WHEN n.from_period <= $2 THEN n.from_period END DESC,
                          CASE WHEN n.from_period <= $2 THEN n.is_dated END DESC, n.from_period, n.is_dated LIMIT 1)
             ORDER BY a.account_number";
        let month = at.format("%Y-%m").to_string();
        let records = fetch!(all, self.tx, sqlx::query_as::<_, AccountRecord>(SQL).bind(at.timestamp()).bind(month));
        records.into_iter().map(ListedAccount::try_from).collect()
    }

    /// What each account's company is called now, by the account's number.
    pub async fn companies(&mut self) -> Result<HashMap<String, String>, StoreError> {
        let rows = fetch!(
            all,
            self.tx,
            sqlx::query_as::<_, (String, String)>("SELECT account_number, company FROM account")
        );
        Ok(rows.into_iter().collect())
    }

    /// Every room as of `at`, ordered by number; those whose first row begins later are left out.
    pub async fn listed_rooms(&mut self, at: DateTime<Utc>) -> Result<Vec<ListedRoom>, StoreError> {
        const SQL: &str = "SELECT r.room_number, a.account_number, a.company, w.cardholder, w.cardholder_email,
                    w.auto_billing_code, w.active, w.valid_from
             FROM room r JOIN room_row w ON w.room_key = r.room_key JOIN account a ON a.account_key = w.account_key
             WHERE w.starts_at <= $1 AND w.ends_at > $1 ORDER BY r.room_number";
        let records = fetch!(all, self.tx, sqlx::query_as::<_, RoomRecord>(SQL).bind(at.timestamp()));
        records.into_iter().map(ListedRoom::try_from).collect()
    }

    /// Every row of every tariff, also those that begin later or have been followed; ordered by key.
    pub async fn listed_tariffs(&mut self) -> Result<Vec<TariffRow>, StoreError> {
        const SQL: &str =
            "SELECT tariff, service_type, valid_from, label, currency, rate_per_minute, increment_seconds,
                    minimum_seconds
             FROM tariff_row ORDER BY tariff, service_type, valid_from";
        fetch!(all, self.tx, sqlx::query_as::<_, TariffRecord>(SQL)).into_iter().map(TariffRow::try_from).collect()
    }
}

impl TryFrom<AccountRecord> for ListedAccount {
    type Error = StoreError;

    fn try_from(record: AccountRecord) -> Result<Self, StoreError> {
        let row = record.account_number.as_str();
        Ok(Self {
            account: parse("account", row, "account_number", row)?,
            first_period: parse_optional("account", row, "first_period", record.first_period.as_deref())?,
            closed_from: parse_optional("account", row, "closed_from", record.closed_from.as_deref())?,
            company: record.company,
            currency: record.currency,
            tariff: record.tariff,
            time_zone: record.time_zone,
            locale: record.locale,
            owner_name: record.owner_name,
            owner_emails: record.owner_emails.split(';').filter(|it| !it.is_empty()).map(str::to_owned).collect(),
            rooms: record.rooms,
        })
    }
}

impl TryFrom<RoomRecord> for ListedRoom {
    type Error = StoreError;

    fn try_from(record: RoomRecord) -> Result<Self, StoreError> {
        let row = record.room_number.as_str();
        Ok(Self {
            room: parse("room", row, "room_number", row)?,
            account: parse("room_row", row, "account_number", &record.account_number)?,
            company: record.company,
            cardholder: record.cardholder,
            cardholder_email: record.cardholder_email,
            auto_billing_code: record.auto_billing_code,
            active: record.active,
            valid_from: record.valid_from,
        })
    }
}
