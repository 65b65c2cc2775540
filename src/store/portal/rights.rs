//! Who may see what of an account, from the master data of now; `places` lists what an address may see.
//!
//! An address in an account's `owner_email` is its owner; one in a room's `cardholder_email` is that room's
//! cardholder. Rooms have their cardholder from a moment on: who is it now, counts. Addresses compare in the form of
//! [`EmailAddress::identity`].

use chrono::{DateTime, Utc};

use super::sessions::Viewer;
use crate::domain::{AccountNumber, EmailAddress, LocaleTag, Name, Period, RoomNumber, Zone};
use crate::store::engine::decode::{parse, parse_optional};
use crate::store::{Key, Portal, StaffMember, StatementKey, StoreError, fetch, record};

/// What a person may see of one account; only [`Portal::access`] makes one, and [`Portal::access_in_place_of`] for
/// staff.
#[derive(Debug, Clone)]
pub struct AccountAccess {
    pub(crate) account: Key,
    number: AccountNumber,
    role: Role,
    address: String,
    pub company: Name,
    pub locale: LocaleTag,
    pub time_zone: Zone,
    /// The first period that is billed, and the first that no longer is.
    pub billed: (Option<Period>, Option<Period>),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Role {
    /// Everything of the account.
    Owner,
    /// These rooms, of which there is at least one; ordered by number.
    Cardholder(Vec<RoomNumber>),
}

record! {
    pub(super) struct OwnedRecord {
        account_key: Key,
        pub(super) account_number: String,
        pub(super) company: String,
        pub(super) locale: String,
        owner_emails: String,
        time_zone: String,
        first_period: Option<String>,
        closed_from: Option<String>,
    }
}

impl AccountAccess {
    pub fn number(&self) -> &AccountNumber {
        &self.number
    }

    pub fn account_key(&self) -> Key {
        self.account
    }

    pub fn role(&self) -> &Role {
        &self.role
    }

    pub fn is_owner(&self) -> bool {
        self.role == Role::Owner
    }

    /// The same, of someone who has lost every right.
    pub fn without_rooms(&self) -> Self {
        Self { role: Role::Cardholder(Vec::new()), ..self.clone() }
    }

    /// Whether the room may be seen at all; of a closed month see [`Portal::rooms_in_closed_month`].
    pub fn includes(&self, room: &RoomNumber) -> bool {
        match &self.role {
            Role::Owner => true,
            Role::Cardholder(rooms) => rooms.contains(room),
        }
    }
}

impl Portal<'_> {
    /// What the viewer may see of an account; `None` if that is nothing, or if there is no such account.
    pub async fn access(
        &mut self,
        viewer: &Viewer,
        number: &AccountNumber,
        now: DateTime<Utc>,
    ) -> Result<Option<AccountAccess>, StoreError> {
        match self.owned_record(number).await? {
            Some(account) => self.access_of(account, viewer.address().identity(), now).await,
            None => Ok(None),
        }
    }

    /// For someone of the staff: what the account's owner sees, or what the cardholder of `room` sees, who may be more
    /// than that. `None` if there is no such account, or if no address has the room today.
    pub async fn access_in_place_of(
        &mut self,
        member: &StaffMember,
        (number, room): (&AccountNumber, Option<&RoomNumber>),
        now: DateTime<Utc>,
    ) -> Result<Option<AccountAccess>, StoreError> {
        const HOLDER: &str = "SELECT w.cardholder_email FROM room_row w JOIN room r ON r.room_key = w.room_key
             WHERE w.account_key = $1 AND r.room_number = $2 AND w.starts_at <= $3 AND w.ends_at > $3
               AND w.cardholder_email IS NOT NULL";
        let Some(account) = self.owned_record(number).await? else { return Ok(None) };
        let Some(room) = room else {
            return account.into_access(Role::Owner, member.address().identity()).map(Some);
        };
        let (account_key, at) = (account.account_key, now.timestamp());
        let holder: Option<String> =
            fetch!(optional, self.tx, sqlx::query_scalar(HOLDER).bind(account_key).bind(room.as_str()).bind(at));
        let Some(holder) = holder else { return Ok(None) };
        let holder: EmailAddress = parse("room", room.as_str(), "cardholder_email", &holder)?;
        self.access_of(account, holder.identity(), now).await
    }

    async fn owned_record(&mut self, number: &AccountNumber) -> Result<Option<OwnedRecord>, StoreError> {
        const SQL: &str =
            "SELECT account_key, account_number, company, locale, owner_emails, time_zone, first_period, closed_from
             FROM account
             WHERE account_number = $1";
        Ok(fetch!(optional, self.tx, sqlx::query_as::<_, OwnedRecord>(SQL).bind(number.as_str())))
    }

    async fn access_of(
        &mut self,
        account: OwnedRecord,
        address: String,
        now: DateTime<Utc>,
    ) -> Result<Option<AccountAccess>, StoreError> {
        let role = if account.is_owned_by(&address) {
            Role::Owner
        } else {
            let rooms = self.rooms_held_in(account.account_key, &address, now).await?;
            if rooms.is_empty() {
                return Ok(None);
            }
            Role::Cardholder(rooms)
        };
        account.into_access(role, address).map(Some)
    }

    /// The rooms of a closed month that may be seen; `None` means all. A cardholder sees those whose statement was
    /// addressed to them, in whatever revision, and that are theirs today.
    pub async fn rooms_in_closed_month(
        &mut self,
        access: &AccountAccess,
        period: Period,
    ) -> Result<Option<Vec<RoomNumber>>, StoreError> {
        const SQL: &str = "SELECT DISTINCT d.room_number, d.recipient FROM delivery d
             JOIN statement s ON s.statement_key = d.statement_key
             WHERE s.account_key = $1 AND s.period = $2 AND d.room_number <> ''";
        type Row = (String, String);
        let Role::Cardholder(rooms) = &access.role else { return Ok(None) };
        let addressed =
            fetch!(all, self.tx, sqlx::query_as::<_, Row>(SQL).bind(access.account).bind(period.to_string()));
        let is_addressed = |room: &&RoomNumber| {
            addressed
                .iter()
                .any(|(number, recipient)| number == room.as_str() && is(Some(recipient), &access.address))
        };
        Ok(Some(rooms.iter().filter(is_addressed).cloned().collect()))
    }

    /// Whether the safety bounds hold any message of this statement back.
    pub async fn awaits_approval(&mut self, statement: StatementKey) -> Result<bool, StoreError> {
        const SQL: &str = "SELECT EXISTS (SELECT 1 FROM delivery WHERE statement_key = $1 AND awaits_approval)";
        Ok(fetch!(one, self.tx, sqlx::query_scalar(SQL).bind(statement.0)))
    }

    async fn rooms_held_in(
        &mut self,
        account: Key,
        address: &str,
        now: DateTime<Utc>,
    ) -> Result<Vec<RoomNumber>, StoreError> {
        const SQL: &str = "SELECT r.room_number, w.cardholder_email
             FROM room_row w JOIN room r ON r.room_key = w.room_key
             WHERE w.account_key = $1 AND w.starts_at <= $2 AND w.ends_at > $2 AND w.cardholder_email IS NOT NULL
             ORDER BY r.room_number";
        let rows =
            fetch!(all, self.tx, sqlx::query_as::<_, (String, String)>(SQL).bind(account).bind(now.timestamp()));
        let held = rows.into_iter().filter(|(_, holder)| is(Some(holder), address));
        held.map(|(number, _)| parse("room", &number, "room_number", &number)).collect()
    }
}

/// Whether a stored address is the one with this identity.
pub(super) fn is(stored: Option<&str>, identity: &str) -> bool {
    stored.and_then(|stored| stored.parse::<EmailAddress>().ok()).is_some_and(|stored| stored.identity() == identity)
}

impl OwnedRecord {
    pub(super) fn is_owned_by(&self, identity: &str) -> bool {
        self.owner_emails.split(';').any(|owner| is(Some(owner), identity))
    }

    fn into_access(self, role: Role, address: String) -> Result<AccountAccess, StoreError> {
        let row = self.account_number.as_str();
        let period = |column, text: &Option<String>| parse_optional("account", row, column, text.as_deref());
        Ok(AccountAccess {
            account: self.account_key,
            number: parse("account", row, "account_number", row)?,
            role,
            address,
            company: parse("account", row, "company", &self.company)?,
            locale: parse("account", row, "locale", &self.locale)?,
            time_zone: parse("account", row, "time_zone", &self.time_zone)?,
            billed: (period("first_period", &self.first_period)?, period("closed_from", &self.closed_from)?),
        })
    }
}
