//! People: an address, a password, and how often it was got wrong.

use chrono::{DateTime, Utc};

use crate::domain::EmailAddress;
use crate::store::engine::decode::instant;
use crate::store::{Key, PortalPeople, StoreError, execute, fetch, record};

/// Who signs in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PersonKey(pub(crate) Key);

impl PersonKey {
    /// Names the person in what is sealed for them.
    pub fn name(self) -> String {
        format!("person {}", self.0)
    }
}

/// What is known of an address when someone signs in with it.
#[derive(Debug, Clone)]
pub struct Person {
    pub key: PersonKey,
    /// A PHC string; `None` if none was set yet.
    pub password: Option<String>,
    /// Grows with each new password.
    pub epoch: i64,
    /// Wrong passwords in a row, of browsers that are not known.
    pub failures: i64,
}

/// A session as its owner, or the operator, sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionRow {
    pub token_sha256: String,
    pub started_at: DateTime<Utc>,
    pub seen_at: DateTime<Utc>,
    /// A family, for example `Firefox`.
    pub browser: String,
}

record! {
    struct PersonRecord {
        person_key: Key,
        password: Option<String>,
        epoch: i64,
        failures: i64,
    }
}

record! {
    struct SessionRecord {
        token_sha256: String,
        started_at: i64,
        seen_at: i64,
        browser: String,
    }
}

impl PortalPeople<'_> {
    pub async fn person(&mut self, address: &EmailAddress) -> Result<Option<Person>, StoreError> {
        const SQL: &str = "SELECT person_key, password, epoch, failures FROM portal_person WHERE address = $1";
        let found = fetch!(optional, self.tx, sqlx::query_as::<_, PersonRecord>(SQL).bind(address.identity()));
        Ok(found.map(Person::from))
    }

    /// The person with this address, made where there is none.
    pub async fn person_or_new(&mut self, address: &EmailAddress) -> Result<PersonKey, StoreError> {
        const INSERT: &str = "INSERT INTO portal_person (address, epoch, failures) VALUES ($1, 1, 0)
             ON CONFLICT (address) DO NOTHING";
        const SELECT: &str = "SELECT person_key FROM portal_person WHERE address = $1";
        execute!(self.tx, sqlx::query(INSERT).bind(address.identity()));
        Ok(PersonKey(fetch!(one, self.tx, sqlx::query_scalar(SELECT).bind(address.identity()))))
    }

    /// A new password: failures start anew, and whatever was signed in before is signed out.
    pub async fn set_password(
        &mut self,
        person: PersonKey,
        password: &str,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        const SET: &str =
            "UPDATE portal_person SET password = $2, epoch = epoch + 1, failures = 0, password_set_at = $3
             WHERE person_key = $1";
        const FORGIVE: &str = "UPDATE portal_browser SET failures = 0 WHERE person_key = $1";
        const SIGN_OUT: &str = "DELETE FROM portal_session WHERE person_key = $1";
        let set = execute!(self.tx, sqlx::query(SET).bind(person.0).bind(password).bind(now.timestamp()));
        StoreError::expect_one(set, "person with a new password")?;
        execute!(self.tx, sqlx::query(FORGIVE).bind(person.0));
        execute!(self.tx, sqlx::query(SIGN_OUT).bind(person.0));
        execute!(self.tx, sqlx::query("UPDATE second_factor SET failures = 0 WHERE person_key = $1").bind(person.0));
        Ok(())
    }

    /// Stores a hash of the same password with the parameters of now.
    pub async fn rehash_password(&mut self, person: &Person, password: &str) -> Result<(), StoreError> {
        const SQL: &str = "UPDATE portal_person SET password = $3 WHERE person_key = $1 AND epoch = $2";
        execute!(self.tx, sqlx::query(SQL).bind(person.key.0).bind(person.epoch).bind(password));
        Ok(())
    }

    /// Counts a wrong password: with the browser where it is known, else with the person. Whether there is one, only
    /// the database knows.
    pub async fn count_failure(
        &mut self,
        address: &EmailAddress,
        browser_sha256: Option<&str>,
    ) -> Result<(), StoreError> {
        const OF_BROWSER: &str = "UPDATE portal_browser SET failures = failures + 1 WHERE token_sha256 = $1";
        const OF_PERSON: &str = "UPDATE portal_person SET failures = failures + 1 WHERE address = $1";
        match browser_sha256 {
            Some(token) => execute!(self.tx, sqlx::query(OF_BROWSER).bind(token)),
            None => execute!(self.tx, sqlx::query(OF_PERSON).bind(address.identity())),
        };
        Ok(())
    }

    /// The person's sessions, newest first.
    pub async fn sessions_of(&mut self, person: PersonKey) -> Result<Vec<SessionRow>, StoreError> {
        const SQL: &str = "SELECT token_sha256, started_at, seen_at, browser FROM portal_session
             WHERE person_key = $1 ORDER BY started_at DESC, token_sha256";
        let rows = fetch!(all, self.tx, sqlx::query_as::<_, SessionRecord>(SQL).bind(person.0));
        rows.into_iter().map(SessionRow::try_from).collect()
    }

    /// How many sessions each address of a list has; only those that have any.
    pub async fn session_counts(&mut self) -> Result<Vec<(String, i64)>, StoreError> {
        const SQL: &str = "SELECT p.address, COUNT(*) FROM portal_session s
             JOIN portal_person p ON p.person_key = s.person_key GROUP BY p.address ORDER BY p.address";
        Ok(fetch!(all, self.tx, sqlx::query_as::<_, (String, i64)>(SQL)))
    }
}

impl From<PersonRecord> for Person {
    fn from(record: PersonRecord) -> Self {
        let PersonRecord { person_key, password, epoch, failures } = record;
        Self { key: PersonKey(person_key), password, epoch, failures }
    }
}

impl TryFrom<SessionRecord> for SessionRow {
    type Error = StoreError;

    fn try_from(record: SessionRecord) -> Result<Self, StoreError> {
        Ok(Self {
            started_at: instant("portal_session", "a session", "started_at", record.started_at)?,
            seen_at: instant("portal_session", "a session", "seen_at", record.seen_at)?,
            token_sha256: record.token_sha256,
            browser: record.browser,
        })
    }
}
