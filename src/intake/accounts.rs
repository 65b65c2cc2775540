//! Rows of accounts.

use chrono_tz::Tz;

use super::faults::Faults;
use super::{Field, Kind, Refusal, Row, Rows};
use crate::domain::{Account, AccountRow, EmailAddress, Given, Period};

const COLUMNS: [&str; 8] =
    ["account_number", "company_name", "currency", "time_zone", "locale", "tariff", "owner_name", "owner_email"];
const VALID_FROM: &str = "valid_from";
const FIRST_PERIOD: &str = "first_period";
const CLOSED_FROM: &str = "closed_from";

#[derive(Debug, Default)]
pub struct AccountRows;

impl Rows for AccountRows {
    type Entry = AccountRow;
    const KIND: Kind = Kind::Accounts;
    const COLUMNS: &'static [&'static str] = &COLUMNS;
    const OPTIONAL: &'static [&'static str] = &[VALID_FROM, FIRST_PERIOD, CLOSED_FROM];
    const KEY: &'static [&'static str] = &["account_number", VALID_FROM];

    fn read(&mut self, row: &Row<'_>) -> Result<AccountRow, Refusal> {
        let [number, company, currency, time_zone, locale, tariff, owner_name, owner_email] = row.fields(&COLUMNS);
        let mut faults = Faults::default();
        let account = (
            faults.check(number.parse()),
            faults.check(company.parse()),
            faults.check(currency.parse()),
            faults.check(read_zone(time_zone)),
            faults.check(locale.parse()),
            faults.check(tariff.parse()),
            faults.check(owner_name.optional()),
            faults.check(read_owners(owner_email)),
        );
        let periods = (
            faults.check(row.optional_field(VALID_FROM).map_or(Ok(None), |field| field.optional())),
            faults.check(read_given(row.optional_field(FIRST_PERIOD))),
            faults.check(read_given(row.optional_field(CLOSED_FROM))),
        );
        let (
            (
                Some(number),
                Some(company),
                Some(currency),
                Some(time_zone),
                Some(locale),
                Some(tariff),
                Some(owner_name),
                Some(owners),
            ),
            (Some(valid_from), Some(first_period), Some(closed_from)),
        ) = (account, periods)
        else {
            return Err(faults.into_refusal());
        };
        let account = Account { number, company, currency, time_zone, locale, tariff, owner_name, owners };
        Ok(AccountRow { account, valid_from, first_period, closed_from })
    }
}

fn read_given(field: Option<Field<'_>>) -> Result<Given<Period>, Refusal> {
    field.map_or(Ok(Given::NotGiven), |field| field.optional().map(Given::Value))
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
