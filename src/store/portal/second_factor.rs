//! Second factors, the codes for when they are lost, and those who owe one.

use chrono::{DateTime, Utc};

use super::people::PersonKey;
use crate::store::{Key, PortalPeople, StoreError, execute, fetch, record};

/// A person's second factor as it is kept.
#[derive(Debug, Clone)]
pub struct KeptSecondFactor {
    /// See [`crate::second_factor`].
    pub sealed: String,
    /// Confirmed by a first code that was right.
    pub is_confirmed: bool,
    /// The time step of the newest code that was used.
    pub last_step: i64,
    /// Wrong codes in a row.
    pub failures: i64,
}

record! {
    struct SecondFactorRecord {
        secret: String,
        confirmed_at: Option<i64>,
        last_step: i64,
        failures: i64,
    }
}

impl PortalPeople<'_> {
    pub async fn second_factor(&mut self, person: PersonKey) -> Result<Option<KeptSecondFactor>, StoreError> {
        const SQL: &str = "SELECT secret, confirmed_at, last_step, failures FROM second_factor WHERE person_key = $1";
        let found = fetch!(optional, self.tx, sqlx::query_as::<_, SecondFactorRecord>(SQL).bind(person.0));
        Ok(found.map(|record| KeptSecondFactor {
            sealed: record.secret,
            is_confirmed: record.confirmed_at.is_some(),
            last_step: record.last_step,
            failures: record.failures,
        }))
    }

    /// Stores an unconfirmed secret, replacing another unconfirmed one; false if there is a confirmed one.
    pub async fn propose_second_factor(&mut self, person: PersonKey, sealed: &str) -> Result<bool, StoreError> {
        const SQL: &str = "INSERT INTO second_factor (person_key, secret, last_step, failures) VALUES ($1, $2, 0, 0)
             ON CONFLICT (person_key) DO UPDATE SET secret = excluded.secret, last_step = 0, failures = 0
             WHERE second_factor.confirmed_at IS NULL";
        Ok(execute!(self.tx, sqlx::query(SQL).bind(person.0).bind(sealed)) == 1)
    }

    /// Confirms it, and replaces all recovery codes by the digests of new ones. False if it was confirmed already.
    pub async fn confirm_second_factor(
        &mut self,
        person: PersonKey,
        (step, codes): (i64, &[String]),
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        const CONFIRM: &str = "UPDATE second_factor SET confirmed_at = $2, last_step = $3, failures = 0
             WHERE person_key = $1 AND confirmed_at IS NULL AND last_step < $3";
        const CODE: &str = "INSERT INTO recovery_code (person_key, code_sha256) VALUES ($1, $2)";
        let confirmed = execute!(self.tx, sqlx::query(CONFIRM).bind(person.0).bind(now.timestamp()).bind(step));
        if confirmed != 1 {
            return Ok(false);
        }
        execute!(self.tx, sqlx::query("DELETE FROM recovery_code WHERE person_key = $1").bind(person.0));
        for code in codes {
            execute!(self.tx, sqlx::query(CODE).bind(person.0).bind(code.as_str()));
        }
        Ok(true)
    }

    /// Marks a code's time step as used; false if this or a newer one was used already.
    pub async fn use_second_factor(&mut self, person: PersonKey, step: i64) -> Result<bool, StoreError> {
        const SQL: &str = "UPDATE second_factor SET last_step = $2, failures = 0
             WHERE person_key = $1 AND confirmed_at IS NOT NULL AND last_step < $2";
        Ok(execute!(self.tx, sqlx::query(SQL).bind(person.0).bind(step)) == 1)
    }

    /// Marks a recovery code as used; false if it is none of the person's, or was used.
    pub async fn use_recovery_code(
        &mut self,
        person: PersonKey,
        code_sha256: &str,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        const SQL: &str = "UPDATE recovery_code SET used_at = $3
             WHERE person_key = $1 AND code_sha256 = $2 AND used_at IS NULL";
        const FORGIVE: &str = "UPDATE second_factor SET failures = 0 WHERE person_key = $1";
        let used = execute!(self.tx, sqlx::query(SQL).bind(person.0).bind(code_sha256).bind(now.timestamp()));
        if used == 1 {
            execute!(self.tx, sqlx::query(FORGIVE).bind(person.0));
        }
        Ok(used == 1)
    }

    /// Recovery codes that can still be used.
    pub async fn recovery_codes_left(&mut self, person: PersonKey) -> Result<u64, StoreError> {
        const SQL: &str = "SELECT COUNT(*) FROM recovery_code WHERE person_key = $1 AND used_at IS NULL";
        let left = fetch!(one, self.tx, sqlx::query_scalar::<_, i64>(SQL).bind(person.0));
        Ok(left.cast_unsigned())
    }

    pub async fn count_wrong_code(&mut self, person: PersonKey) -> Result<(), StoreError> {
        const SQL: &str = "UPDATE second_factor SET failures = failures + 1 WHERE person_key = $1";
        execute!(self.tx, sqlx::query(SQL).bind(person.0));
        Ok(())
    }

    /// Removes a person's second factor with its recovery codes; false if there was none.
    pub async fn forget_second_factor(&mut self, person: PersonKey) -> Result<bool, StoreError> {
        execute!(self.tx, sqlx::query("DELETE FROM recovery_code WHERE person_key = $1").bind(person.0));
        execute!(self.tx, sqlx::query("DELETE FROM portal_challenge WHERE person_key = $1").bind(person.0));
        Ok(execute!(self.tx, sqlx::query("DELETE FROM second_factor WHERE person_key = $1").bind(person.0)) == 1)
    }

    /// A person whose password was right has until `expires` to give the second factor.
    pub async fn insert_challenge(
        &mut self,
        token_sha256: &str,
        (person, target): (PersonKey, &str),
        expires: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        const SQL: &str = "INSERT INTO portal_challenge (token_sha256, person_key, epoch, target, expires_at)
             SELECT $1, person_key, epoch, $3, $4 FROM portal_person WHERE person_key = $2";
        let query = execute!(
            self.tx,
            sqlx::query(SQL).bind(token_sha256).bind(person.0).bind(target).bind(expires.timestamp())
        );
        StoreError::expect_one(query, "challenge")
    }

    /// The person who has to give the second factor for this token, and where they wanted to go.
    pub async fn challenge(
        &mut self,
        token_sha256: &str,
        now: DateTime<Utc>,
    ) -> Result<Option<(PersonKey, String)>, StoreError> {
        const SQL: &str = "SELECT c.person_key, c.target FROM portal_challenge c
             JOIN portal_person p ON p.person_key = c.person_key AND p.epoch = c.epoch
             WHERE c.token_sha256 = $1 AND c.expires_at > $2";
        type Row = (Key, String);
        let found = fetch!(optional, self.tx, sqlx::query_as::<_, Row>(SQL).bind(token_sha256).bind(now.timestamp()));
        Ok(found.map(|(person, target)| (PersonKey(person), target)))
    }

    pub async fn end_challenge(&mut self, token_sha256: &str) -> Result<(), StoreError> {
        execute!(self.tx, sqlx::query("DELETE FROM portal_challenge WHERE token_sha256 = $1").bind(token_sha256));
        Ok(())
    }

    /// Deletes those that have expired.
    pub(super) async fn forget_challenges(&mut self, now: DateTime<Utc>) -> Result<u64, StoreError> {
        const SQL: &str = "DELETE FROM portal_challenge WHERE expires_at <= $1";
        Ok(execute!(self.tx, sqlx::query(SQL).bind(now.timestamp())))
    }
}
