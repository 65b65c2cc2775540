//! Rows of accounts.

use chrono_tz::Tz;

use super::{Field, Kind, Refusal, Row, Rows};
use crate::domain::{Account, EmailAddress};

const COLUMNS: [&str; 8] =
    ["account_number", "company_name", "currency", "time_zone", "locale", "tariff", "owner_name", "owner_email"];

#[derive(Debug, Default)]
pub struct AccountRows;

impl Rows for AccountRows {
    type Entry = Account;
    const KIND: Kind = Kind::Accounts;
    const COLUMNS: &'static [&'static str] = &COLUMNS;

    fn read(&mut self, row: &Row<'_>) -> Result<Account, Refusal> {
        let [number, company, currency, time_zone, locale, tariff, owner_name, owner_email] = row.fields(&COLUMNS);
        Ok(Account {
            number: number.parse()?,
            company: company.parse()?,
            currency: currency.parse()?,
            time_zone: read_zone(time_zone)?,
            locale: locale.parse()?,
            tariff: tariff.parse()?,
            owner_name: owner_name.optional()?,
            owners: read_owners(owner_email)?,
        })
    }
}

fn read_zone(field: Field<'_>) -> Result<Tz, Refusal> {
    let refuse = |_| field.refuse("is not the name of an IANA time zone such as Europe/Paris");
    field.text()?.parse().map_err(refuse)
}

/// `a@x;b@y`, each once, at least one.
fn read_owners(field: Field<'_>) -> Result<Vec<EmailAddress>, Refusal> {
    let mut owners = Vec::<EmailAddress>::new();
    for address in field.text()?.split(';').map(str::trim).filter(|address| !address.is_empty()) {
        let address: EmailAddress = address.parse().map_err(|error| field.refuse(format!("{error}")))?;
        if !owners.contains(&address) {
            owners.push(address);
        }
    }
    if owners.is_empty() {
        return Err(field.refuse("is empty: statements need at least one address"));
    }
    Ok(owners)
}
