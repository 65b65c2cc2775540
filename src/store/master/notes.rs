//! What importing master data means for what is there already: told to anyone who imports, since nothing else changes.

use chrono::{DateTime, Utc};

use crate::domain::{AccountNumber, Currency, Period, RoomNumber, ServiceType, TariffName};

/// What became of one row of master data.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MasterOutcome {
    /// False if it was there unchanged.
    pub stored: bool,
    /// Column and reason, where the row contradicts what is stored. Nothing of it counts then.
    pub refused: Option<(&'static str, String)>,
    pub notes: Vec<MasterNote>,
}

/// Something that anyone who imports should know of; no error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MasterNote {
    RoomMoves {
        room: RoomNumber,
        from: AccountNumber,
        to: AccountNumber,
        at: DateTime<Utc>,
    },
    /// Conferences of a closed month that a room's new row moves to another account.
    ConferencesStay {
        room: RoomNumber,
        period: Period,
        conferences: i64,
        charged_to: AccountNumber,
        belong_to: AccountNumber,
    },
    /// A row's currency or tariff was to count for periods that have closed.
    TermsOfClosedPeriods {
        account: AccountNumber,
        from: Period,
        open: Period,
    },
    /// A changed rate would have counted in closed periods.
    RateOfClosedPeriods {
        tariff: TariffName,
        service_type: ServiceType,
        accounts: i64,
        first: Period,
        last: Period,
    },
    UnknownTariff {
        account: AccountNumber,
        tariff: TariffName,
    },
    TariffInOtherCurrency {
        account: AccountNumber,
        tariff: TariffName,
        account_currency: Currency,
    },
}

impl MasterOutcome {
    pub(crate) fn stored(stored: bool) -> Self {
        Self { stored, ..Self::default() }
    }
}
