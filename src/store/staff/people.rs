//! People: an address, a password, a second factor, and how often they were got wrong.

use chrono::{DateTime, Utc};

use crate::domain::EmailAddress;
use crate::store::engine::decode::{instant, parse};
use crate::store::{Key, StaffPeople, StoreError, execute, fetch, record};

/// Who signs in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StaffKey(pub(crate) Key);

impl StaffKey {
    /// Names the person in what is sealed for them.
    pub fn name(self) -> String {
        format!("staff {}", self.0)
    }
}

/// What is known of an address when someone signs in with it.
#[derive(Debug, Clone)]
pub struct StaffPerson {
    pub key: StaffKey,
    pub address: EmailAddress,
    /// A PHC string; `None` if none was set yet.
    pub password: Option<String>,
    /// Grows with each new password.
    pub epoch: i64,
    /// Wrong passwords in a row, of browsers that are not known.
    pub failures: i64,
    /// A first code of the second factor was right.
    pub has_second_factor: bool,
    pub signed_in_at: Option<DateTime<Utc>>,
}

record! {
    struct PersonRecord {
        staff_key: Key,
        address: String,
        password: Option<String>,
        epoch: i64,
        failures: i64,
        confirmed_at: Option<i64>,
        signed_in_at: Option<i64>,
    }
}

impl StaffPeople<'_> {
    /// Everyone who was invited, by address.
    pub async fn people(&mut self) -> Result<Vec<StaffPerson>, StoreError> {
        const SQL: &str = "SELECT staff_key, address, password, epoch, failures, confirmed_at, signed_in_at
             FROM staff_person ORDER BY address";
        let records = fetch!(all, self.tx, sqlx::query_as::<_, PersonRecord>(SQL));
        records.into_iter().map(StaffPerson::try_from).collect()
    }

    pub async fn person(&mut self, address: &EmailAddress) -> Result<Option<StaffPerson>, StoreError> {
        const SQL: &str = "SELECT staff_key, address, password, epoch, failures, confirmed_at, signed_in_at
             FROM staff_person WHERE address = $1";
        let found = fetch!(optional, self.tx, sqlx::query_as::<_, PersonRecord>(SQL).bind(address.identity()));
        found.map(StaffPerson::try_from).transpose()
    }

    /// The person with this address, made where there is none.
    pub async fn person_or_new(&mut self, address: &EmailAddress) -> Result<StaffKey, StoreError> {
        const INSERT: &str = "INSERT INTO staff_person (address, epoch, failures, last_step, code_failures)
             VALUES ($1, 1, 0, 0, 0) ON CONFLICT (address) DO NOTHING";
        const SELECT: &str = "SELECT staff_key FROM staff_person WHERE address = $1";
        execute!(self.tx, sqlx::query(INSERT).bind(address.identity()));
        Ok(StaffKey(fetch!(one, self.tx, sqlx::query_scalar(SELECT).bind(address.identity()))))
    }

    /// A new password: failures start anew, and whatever was signed in before is signed out.
    pub async fn set_password(
        &mut self,
        person: StaffKey,
        password: &str,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        const SET: &str = "UPDATE staff_person SET password = $2, epoch = epoch + 1, failures = 0, code_failures = 0,
                    password_set_at = $3
             WHERE staff_key = $1";
        let set = execute!(self.tx, sqlx::query(SET).bind(person.0).bind(password).bind(now.timestamp()));
        StoreError::expect_one(set, "member of staff with a new password")?;
        self.sign_out(person).await
    }

    /// Deletes password, second factor, recovery codes, sessions and links: the person needs a new link.
    pub async fn reset(&mut self, person: StaffKey) -> Result<(), StoreError> {
        const RESET: &str = "UPDATE staff_person SET password = NULL, epoch = epoch + 1, failures = 0, secret = NULL,
                    confirmed_at = NULL, last_step = 0, code_failures = 0
             WHERE staff_key = $1";
        let reset = execute!(self.tx, sqlx::query(RESET).bind(person.0));
        StoreError::expect_one(reset, "member of staff who starts anew")?;
        execute!(self.tx, sqlx::query("DELETE FROM staff_recovery_code WHERE staff_key = $1").bind(person.0));
        execute!(self.tx, sqlx::query("DELETE FROM staff_link WHERE staff_key = $1").bind(person.0));
        self.sign_out(person).await
    }

    /// Deletes a person; what the audit says of them stays.
    pub async fn remove(&mut self, person: StaffKey) -> Result<(), StoreError> {
        self.reset(person).await?;
        execute!(self.tx, sqlx::query("DELETE FROM staff_browser WHERE staff_key = $1").bind(person.0));
        execute!(self.tx, sqlx::query("DELETE FROM staff_person WHERE staff_key = $1").bind(person.0));
        Ok(())
    }

    /// Ends every session, and forgives every known browser.
    async fn sign_out(&mut self, person: StaffKey) -> Result<(), StoreError> {
        execute!(self.tx, sqlx::query("DELETE FROM staff_session WHERE staff_key = $1").bind(person.0));
        execute!(self.tx, sqlx::query("DELETE FROM staff_challenge WHERE staff_key = $1").bind(person.0));
        execute!(self.tx, sqlx::query("UPDATE staff_browser SET failures = 0 WHERE staff_key = $1").bind(person.0));
        Ok(())
    }

    /// Counts a wrong password: with the browser where it is known, else with the person, if there is one.
    pub async fn count_failure(
        &mut self,
        address: &EmailAddress,
        browser_sha256: Option<&str>,
    ) -> Result<(), StoreError> {
        const OF_BROWSER: &str = "UPDATE staff_browser SET failures = failures + 1 WHERE token_sha256 = $1";
        const OF_PERSON: &str = "UPDATE staff_person SET failures = failures + 1 WHERE address = $1";
        match browser_sha256 {
            Some(token) => execute!(self.tx, sqlx::query(OF_BROWSER).bind(token)),
            None => execute!(self.tx, sqlx::query(OF_PERSON).bind(address.identity())),
        };
        Ok(())
    }
}

impl TryFrom<PersonRecord> for StaffPerson {
    type Error = StoreError;

    fn try_from(record: PersonRecord) -> Result<Self, StoreError> {
        let row = record.staff_key.to_string();
        Ok(Self {
            key: StaffKey(record.staff_key),
            address: parse("staff_person", &row, "address", &record.address)?,
            password: record.password,
            epoch: record.epoch,
            failures: record.failures,
            has_second_factor: record.confirmed_at.is_some(),
            signed_in_at: record
                .signed_in_at
                .map(|at| instant("staff_person", &row, "signed_in_at", at))
                .transpose()?,
        })
    }
}
