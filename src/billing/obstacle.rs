//! Why an account's month cannot be closed, with what to do.

use chrono::NaiveDate;

use crate::domain::{AccountNumber, ConferenceId, Currency, Overflow, Period, RoomNumber, ServiceType, TariffName};

/// A reason to park an account; its text ends with what resolves it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Obstacle {
    #[error("tariff {0} does not exist: import its rows, or give the account another tariff")]
    MissingTariff(TariffName),
    #[error(
        "tariff {tariff} has no rate for {service_type} on {date}, when conference {conference} of room {room} \
         started: import a row with valid_from on or before that day"
    )]
    MissingRate {
        tariff: TariffName,
        service_type: ServiceType,
        date: NaiveDate,
        room: RoomNumber,
        conference: ConferenceId,
    },
    #[error(
        "tariff {tariff} prices {service_type} in {tariff_currency}, but the account is billed in \
         {account_currency}: correct one of the two"
    )]
    CurrencyMismatch {
        tariff: TariffName,
        service_type: ServiceType,
        tariff_currency: Currency,
        account_currency: Currency,
    },
    #[error("a charge or total is too large to be computed exactly: check the tariff's rates")]
    TooLarge,
    #[error("the figures do not add up ({0}): nothing was stored; please report this with the account's usage")]
    ChecksFailed(String),
    #[error("the usage of {0} has been erased (database.keep_usage): what was sent stays as it is")]
    UsageErased(Period),
    #[error(
        "its usage up to {last} ({legs}) lies more than 13 months before its next of {next}: was the clock of a switch \
         reset? Take those legs out (statementd usage void LEG_ID --reason TEXT) or, if they are right, add to the \
         configuration:\n[[approve]]\nperiod = \"{period}\"\naccounts = [\"{account}\"]"
    )]
    ClockReset { account: AccountNumber, period: Period, legs: String, last: NaiveDate, next: NaiveDate },
    #[error(
        "the archive has another statement of {period} ({there}) than the database gives now ({here}): after a restore from \
         a backup, import the usage and master data that had come when it was made, and the month closes by itself; then \
         import the rest. If {period}/{account} in the archive is the wrong one, run \"statementd mail pause\", since the new \
         one would be sent, and move that folder away"
    )]
    BilledBefore { account: AccountNumber, period: Period, there: String, here: String },
    #[error("{0}: restore the row from a backup, or import what it came from again")]
    Unreadable(String),
}

impl Obstacle {
    /// A stable word for scripts and metrics.
    pub fn code(&self) -> &'static str {
        match self {
            Self::MissingTariff(_) => "missing_tariff",
            Self::MissingRate { .. } => "missing_rate",
            Self::CurrencyMismatch { .. } => "currency_mismatch",
            Self::TooLarge => "too_large",
            Self::ChecksFailed(_) => "checks_failed",
            Self::UsageErased(_) => "usage_erased",
            Self::ClockReset { .. } => "clock_reset",
            Self::BilledBefore { .. } => "billed_before",
            Self::Unreadable(_) => "unreadable",
        }
    }
}

impl From<Overflow> for Obstacle {
    fn from(_: Overflow) -> Self {
        Self::TooLarge
    }
}
