//! `accounts`, `rooms` and `tariffs`: master data as of a date, by number or part of a name.

use chrono::{DateTime, NaiveDate, Utc};
use clap::{Args, Subcommand};
use serde::Serialize;

use super::output::{Table, print, print_json};
use super::{Exit, GlobalOptions};
use crate::domain::{AccountNumber, Period, TariffName, TariffRow};
use crate::store::{ListedAccount, ListedRoom};

#[derive(Debug, Subcommand)]
pub enum AccountsCommand {
    /// Accounts, with their currency and tariff of a date
    #[command(after_help = "\
Examples:
  statementd accounts list --match dupont
  statementd accounts list --account 602127 --as-of 2026-03-31 --json")]
    List(AccountsArgs),
}

#[derive(Debug, Subcommand)]
pub enum RoomsCommand {
    /// Rooms, with their account and cardholder of a date
    #[command(after_help = "\
Examples:
  statementd rooms list --account 602127
  statementd rooms list --match ballester --as-of 2026-03-31")]
    List(RoomsArgs),
}

#[derive(Debug, Subcommand)]
pub enum TariffsCommand {
    /// Rows of tariffs: what a minute costs, from when on
    #[command(after_help = "\
Examples:
  statementd tariffs list
  statementd tariffs list --tariff BASE-EUR --as-of 2026-03-31")]
    List(TariffsArgs),
}

#[derive(Debug, Args)]
pub struct AccountsArgs {
    /// Only this account
    #[arg(long, value_name = "N")]
    pub account: Option<AccountNumber>,
    /// Only where this is part of number, company, owner or address; upper and lower case are the same
    #[arg(long = "match", value_name = "TEXT")]
    pub text: Option<String>,
    /// As it is on this day at 12:00 UTC; by default now
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub as_of: Option<NaiveDate>,
    /// Print a JSON array
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct RoomsArgs {
    /// Only rooms of this account
    #[arg(long, value_name = "N")]
    pub account: Option<AccountNumber>,
    /// Only where this is part of number, company, cardholder or address; upper and lower case are the same
    #[arg(long = "match", value_name = "TEXT")]
    pub text: Option<String>,
    /// As it is on this day at 12:00 UTC; by default now
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub as_of: Option<NaiveDate>,
    /// Print a JSON array
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct TariffsArgs {
    /// Only rows of this tariff
    #[arg(long, value_name = "NAME")]
    pub tariff: Option<TariffName>,
    /// Only where this is part of tariff, service type or label; upper and lower case are the same
    #[arg(long = "match", value_name = "TEXT")]
    pub text: Option<String>,
    /// Only the rows that hold on this day; by default all
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub as_of: Option<NaiveDate>,
    /// Print a JSON array
    #[arg(long)]
    pub json: bool,
}

/// As the import file has it.
#[derive(Debug, Serialize)]
struct ListedTariff {
    tariff: String,
    service_type: String,
    label: String,
    currency: String,
    rate_per_minute: String,
    increment_seconds: u32,
    minimum_seconds: u32,
    valid_from: NaiveDate,
}

pub async fn accounts(globals: GlobalOptions, command: AccountsCommand) -> anyhow::Result<Exit> {
    let AccountsCommand::List(args) = command;
    let app = globals.open().await?;
    let at = instant(args.as_of, app.context.clock.now());
    let mut accounts = app.context.store.read().await?.master().listed_accounts(at).await?;
    let first_billed = app.config.billing.first_period;
    app.close().await;
    accounts.retain(|it| {
        let addresses = it.owner_emails.iter().map(String::as_str);
        let owner = it.owner_name.as_deref().into_iter();
        args.account.as_ref().is_none_or(|account| *account == it.account)
            && matches(
                args.text.as_deref(),
                [it.account.as_str(), &it.company].into_iter().chain(owner).chain(addresses),
            )
    });
    if args.json {
        print_json(&accounts)?;
        return Ok(Exit::Done);
    }
    let headings = ["ACCOUNT", "COMPANY", "CURRENCY", "TARIFF", "TIME ZONE", "LOCALE", ">ROOMS", "BILLED", "OWNER"];
    let mut table = Table::new(&headings);
    for it in accounts {
        let billed = billed(&it, first_billed);
        let ListedAccount { account, company, currency, tariff, time_zone, locale, rooms, owner_emails, .. } = it;
        let (account, rooms, owners) = (account.to_string(), rooms.to_string(), owner_emails.join(";"));
        table.row([account, company, currency, tariff, time_zone, locale, rooms, billed, owners]);
    }
    print(table.render())?;
    Ok(Exit::Done)
}

/// From which month to which, where that is named; `of_all`: `billing.first_period`.
fn billed(account: &ListedAccount, of_all: Option<Period>) -> String {
    match (account.first_period.or(of_all), account.closed_from) {
        (None, None) => "always".to_owned(),
        (Some(first), None) => format!("from {first}"),
        (None, Some(end)) => format!("before {end}"),
        (Some(first), Some(end)) => format!("from {first}, before {end}"),
    }
}

pub async fn rooms(globals: GlobalOptions, command: RoomsCommand) -> anyhow::Result<Exit> {
    let RoomsCommand::List(args) = command;
    let app = globals.open().await?;
    let at = instant(args.as_of, app.context.clock.now());
    let mut rooms = app.context.store.read().await?.master().listed_rooms(at).await?;
    app.close().await;
    rooms.retain(|it| {
        let address = it.cardholder_email.as_deref().into_iter();
        args.account.as_ref().is_none_or(|account| *account == it.account)
            && matches(
                args.text.as_deref(),
                [it.room.as_str(), &it.company, &it.cardholder].into_iter().chain(address),
            )
    });
    if args.json {
        print_json(&rooms)?;
        return Ok(Exit::Done);
    }
    let headings = ["ROOM", "ACCOUNT", "COMPANY", "CARDHOLDER", "ADDRESS", "CODE", "ACTIVE", "SINCE"];
    let mut table = Table::new(&headings);
    for it in rooms {
        let ListedRoom {
            room,
            account,
            company,
            cardholder,
            cardholder_email,
            auto_billing_code,
            active,
            valid_from,
        } = it;
        let active = if active { "yes" } else { "no" };
        table.row([
            room.to_string(),
            account.to_string(),
            company,
            cardholder,
            cardholder_email.unwrap_or_default(),
            auto_billing_code.unwrap_or_default(),
            active.to_owned(),
            valid_from,
        ]);
    }
    print(table.render())?;
    Ok(Exit::Done)
}

pub async fn tariffs(globals: GlobalOptions, command: TariffsCommand) -> anyhow::Result<Exit> {
    let TariffsCommand::List(args) = command;
    let app = globals.open().await?;
    let all = app.context.store.read().await?.master().listed_tariffs().await?;
    app.close().await;
    let holds = |position: usize, row: &TariffRow| {
        let Some(day) = args.as_of else { return true };
        let is_followed = all[position + 1..].iter().any(|later| {
            later.tariff == row.tariff && later.service_type == row.service_type && later.valid_from <= day
        });
        row.valid_from <= day && !is_followed
    };
    let is_meant = |row: &TariffRow| {
        args.tariff.as_ref().is_none_or(|tariff| *tariff == row.tariff)
            && matches(args.text.as_deref(), [row.tariff.as_str(), row.service_type.as_str(), row.label.as_str()])
    };
    let rows = all.iter().enumerate().filter(|(position, row)| is_meant(row) && holds(*position, row));
    let rows: Vec<_> = rows.map(|(_, row)| ListedTariff::from(row)).collect();
    if args.json {
        print_json(&rows)?;
        return Ok(Exit::Done);
    }
    let headings =
        ["TARIFF", "SERVICE TYPE", "LABEL", "CURRENCY", ">PER MINUTE", ">INCREMENT", ">MINIMUM", "VALID FROM"];
    let mut table = Table::new(&headings);
    for it in rows {
        let (increment, minimum) = (format!("{} s", it.increment_seconds), format!("{} s", it.minimum_seconds));
        let valid_from = it.valid_from.to_string();
        table.row([
            it.tariff,
            it.service_type,
            it.label,
            it.currency,
            it.rate_per_minute,
            increment,
            minimum,
            valid_from,
        ]);
    }
    print(table.render())?;
    Ok(Exit::Done)
}

impl From<&TariffRow> for ListedTariff {
    fn from(row: &TariffRow) -> Self {
        Self {
            tariff: row.tariff.to_string(),
            service_type: row.service_type.to_string(),
            label: row.label.to_string(),
            currency: row.currency.code().to_owned(),
            rate_per_minute: row.rate_per_minute.to_string(),
            increment_seconds: row.increment_seconds,
            minimum_seconds: row.minimum_seconds,
            valid_from: row.valid_from,
        }
    }
}

/// The middle of `day`, which is that day in nearly all zones; else now.
fn instant(day: Option<NaiveDate>, now: DateTime<Utc>) -> DateTime<Utc> {
    day.and_then(|day| Some(day.and_hms_opt(12, 0, 0)?.and_utc())).unwrap_or(now)
}

/// Whether `text` is part of any of `fields`, whatever the case.
pub(super) fn matches<'a>(text: Option<&str>, fields: impl IntoIterator<Item = &'a str>) -> bool {
    let Some(text) = text.map(str::to_lowercase) else { return true };
    fields.into_iter().any(|field| field.to_lowercase().contains(&text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn part_of_any_field_matches_whatever_the_case() {
        assert!(matches(Some("DUPONT"), ["700002", "Société Dupont"]));
        assert!(matches(Some("ÉTÉ d"), ["Société Dupont"]) && matches(None, []));
        assert!(!matches(Some("martin"), ["700002", "Société Dupont"]));
    }

    #[test]
    fn a_day_means_its_middle() {
        let now = "2026-11-26T05:00:00Z".parse().unwrap();
        let day = |text: &str| instant(Some(text.parse().unwrap()), now).to_rfc3339();
        assert_eq!(day("2026-03-31"), "2026-03-31T12:00:00+00:00");
        assert_eq!(instant(None, now), now);
    }
}
