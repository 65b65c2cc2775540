//! The frozen result of closing one (account, period): what every output of a statement shows.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{
    AccountNumber, Amount, BillingCode, Caller, ConferenceId, Currency, EmailAddress, FrozenOffset, Line, LocaleTag,
    Name, Overflow, Period, PeriodBounds, RoomNumber, ServiceType, Sha256, StatementId, Zone,
};

/// One revision of an account's month. Amounts are in `account.currency`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statement {
    pub account: StatementAccount,
    pub period: PeriodBounds,
    /// 1, 2, …
    pub revision: u32,
    pub totals: Totals,
    /// Every room of the account, also those without usage, ordered by number.
    pub rooms: Vec<RoomTotal>,
    /// Ordered by code; conferences without one (`Unallocated`) come last.
    pub billing_codes: Vec<BillingCodeTotal>,
    /// Ordered by room, start, conference, service type.
    #[serde(deserialize_with = "super::sharing::lines")]
    pub lines: Vec<Line>,
    /// What the tariff calls the service types that occur, ordered by type.
    pub services: Vec<ServiceLabel>,
    /// Up to three closed periods before this one, oldest first.
    pub history: Vec<MonthTotal>,
    /// Over everything the figures were computed from.
    pub inputs_digest: Sha256,
    /// What differs from the revision before; None in revision 1.
    #[serde(default)]
    pub changes: Option<Changes>,
    /// Whom the statement is addressed to: the account's owners, then the rooms' cardholders. Statements of 0.1.0
    /// have none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub addressees: Vec<Addressee>,
    /// The zone's offsets from UTC during the statement's conferences, whatever rules come later. Statements of 0.1.0
    /// have none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub offsets: Vec<FrozenOffset>,
    /// Version of the time zone data that they are from, for example `2026f`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zone_data: Option<String>,
}

/// Who gets a statement, as it was when the period was closed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Addressee {
    /// `None` means the account's owners.
    pub room: Option<RoomNumber>,
    /// Of the cardholder, or of the account's first owner.
    pub name: Option<Name>,
    pub addresses: Vec<EmailAddress>,
}

/// A revision beside the one before it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Changes {
    pub since_revision: u32,
    /// The account's totals in that revision.
    pub totals_before: Totals,
    /// Rooms whose totals differ, ordered by number.
    pub rooms: Vec<RoomChange>,
    /// Lines that were added, removed or changed, in the order of lines. None here: the figures are the same and only
    /// the presentation is new.
    pub lines: Vec<LineChange>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoomChange {
    pub number: RoomNumber,
    pub before: Totals,
    pub after: Totals,
}

/// At least one of the two is there; both name the same room, conference and service type.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineChange {
    pub before: Option<Line>,
    pub after: Option<Line>,
}

/// The account as it was when the period was closed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatementAccount {
    pub number: AccountNumber,
    pub company: Name,
    pub currency: Currency,
    pub time_zone: Zone,
    pub locale: LocaleTag,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Totals {
    pub conferences: u64,
    /// Legs.
    pub participants: u64,
    pub accumulated_seconds: u64,
    pub charge: Amount,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoomTotal {
    pub number: RoomNumber,
    pub cardholder: Name,
    pub auto_billing_code: Option<BillingCode>,
    pub totals: Totals,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BillingCodeTotal {
    pub code: Option<BillingCode>,
    pub accumulated_seconds: u64,
    pub charge: Amount,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceLabel {
    pub service_type: ServiceType,
    pub label: Name,
}

/// An earlier month, for comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct MonthTotal {
    pub period: Period,
    pub totals: Totals,
}

/// One leg as the statement's detail lists it; read from the usage, not frozen with the statement.
///
/// Ordered as the lines are: by room, start of the conference, conference, service type; then join time, leg id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Participant {
    pub room: RoomNumber,
    pub conference_id: ConferenceId,
    pub service_type: ServiceType,
    pub joined_at: DateTime<Utc>,
    pub left_at: DateTime<Utc>,
    pub caller: Option<Caller>,
    /// As on the participant's line.
    pub late_from: Option<Period>,
}

impl Statement {
    pub fn id(&self) -> StatementId {
        StatementId { period: self.period.id, account: self.account.number.clone(), revision: self.revision }
    }

    /// The lines of one room, in order.
    pub fn lines_of(&self, room: &RoomNumber) -> &[Line] {
        let from = self.lines.partition_point(|line| line.room < *room);
        let to = self.lines.partition_point(|line| line.room <= *room);
        &self.lines[from..to]
    }

    /// With other lines and changes.
    pub(crate) fn with_lines(&self, lines: Vec<Line>, changes: Option<Changes>) -> Self {
        Self {
            rooms: self.rooms.clone(),
            totals: self.totals,
            billing_codes: self.billing_codes.clone(),
            addressees: self.addressees.clone(),
            changes,
            ..self.of_rooms(Vec::new(), lines)
        }
    }

    /// As much of it as shows this room by itself; `lines`: the room's.
    pub(crate) fn of_room(&self, room: &RoomNumber, lines: Vec<Line>) -> Self {
        self.of_rooms(self.rooms.iter().filter(|known| known.number == *room).cloned().collect(), lines)
    }

    fn of_rooms(&self, rooms: Vec<RoomTotal>, lines: Vec<Line>) -> Self {
        Self {
            account: self.account.clone(),
            period: self.period,
            revision: self.revision,
            totals: rooms.first().map(|room| room.totals).unwrap_or_default(),
            rooms,
            billing_codes: Vec::new(),
            lines,
            services: self.services.clone(),
            history: self.history.clone(),
            inputs_digest: self.inputs_digest,
            changes: None,
            addressees: Vec::new(),
            offsets: self.offsets.clone(),
            zone_data: self.zone_data.clone(),
        }
    }

    /// Rooms that were used, which have a statement of their own.
    pub fn active_rooms(&self) -> impl Iterator<Item = &RoomTotal> {
        self.rooms.iter().filter(|room| room.is_active())
    }

    /// What the tariff calls a service type; its code where it has no name.
    pub fn service_label<'a>(&'a self, service_type: &'a ServiceType) -> &'a str {
        self.services
            .binary_search_by(|entry| entry.service_type.cmp(service_type))
            .map_or(service_type.as_str(), |index| self.services[index].label.as_str())
    }
}

impl RoomTotal {
    pub fn is_active(&self) -> bool {
        self.totals.participants > 0
    }
}

impl Totals {
    /// Adds a line's figures; `new_conference` says whether the line is the first of its conference.
    pub fn add_line(&mut self, line: &Line, new_conference: bool) -> Result<(), Overflow> {
        self.conferences += u64::from(new_conference);
        self.participants = self.participants.checked_add(line.quantity).ok_or(Overflow)?;
        self.accumulated_seconds = self.accumulated_seconds.checked_add(line.accumulated_seconds).ok_or(Overflow)?;
        self.charge = self.charge.checked_add(line.charge)?;
        Ok(())
    }

    pub fn add(&mut self, other: &Self) -> Result<(), Overflow> {
        self.conferences = self.conferences.checked_add(other.conferences).ok_or(Overflow)?;
        self.participants = self.participants.checked_add(other.participants).ok_or(Overflow)?;
        self.accumulated_seconds = self.accumulated_seconds.checked_add(other.accumulated_seconds).ok_or(Overflow)?;
        self.charge = self.charge.checked_add(other.charge)?;
        Ok(())
    }
}
