//! The words of the trade as types: accounts, rooms, usage, tariffs, periods, statements.
//!
//! Pure: no I/O, no database, no wire formats. Whatever holds one of these values knows that it was checked,
//! because the only way to make one is to parse it at the door (see `intake`).

mod access_number;
mod account;
mod brand;
mod code;
mod code_share;
mod email;
mod host;
mod ids;
mod line;
mod mailbox;
mod money;
mod period;
mod period_state;
mod policy;
mod room_history;
mod sha256;
mod sharing;
mod statement;
mod statement_file;
mod tariff;
mod usage;
mod zone;

pub use access_number::{AccessNumber, AccessNumberRow, AccessNumbers};
pub use account::{Account, AccountRow, Given, Room, RoomRow};
pub use brand::{Colour, LogoFormat, WebUrl};
pub use code::{AccountCode, CodePolicy, CodeRow, CodesNow};
pub use code_share::{CodeShare, code_shares};
pub use email::EmailAddress;
pub use host::{Host, MailDomain};
pub use ids::{
    AccountNumber, BillingCode, Caller, ConferenceId, IntakeName, Invalid, LegId, LocaleTag, Name, RerunId,
    RoomNumber, ServiceType, TariffName,
};
pub use line::Line;
pub use mailbox::Mailbox;
pub use money::{Amount, Currency, Overflow};
pub use period::{Period, PeriodBounds};
pub use period_state::PeriodState;
pub use policy::{Callers, Headings, RerunSend, RerunState, RerunWhat, Tls, UnknownPolicy};
pub use room_history::{RoomHistory, RoomTerm};
pub use sha256::{NotSha256, Sha256, hex};
pub(crate) use sharing::StoredLines;
pub use statement::{
    Addressee, BillingCodeTotal, Changes, LineChange, MonthTotal, Participant, RoomChange, RoomTotal, ServiceLabel,
    Statement, StatementAccount, Totals,
};
pub use statement_file::{FileName, Format, Formats, StatementId};
pub use tariff::{Tariff, TariffRow};
pub use usage::{ConferenceUsage, Leg, UsageLeg};
pub use zone::{FrozenOffset, NewerData, Zone, ZoneOffset, first_instant, use_newer, zone_data};
