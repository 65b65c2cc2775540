//! Second factors, the codes for when they are lost, and those who owe one.

use chrono::{DateTime, Utc};

use super::people::StaffKey;
use crate::store::{KeptSecondFactor, Key, StaffPeople, StoreError, execute, fetch, record};

record! {
    struct SecondFactorRecord {
        secret: Option<String>,
        confirmed_at: Option<i64>,
        last_step: i64,
        code_failures: i64,
    }
}

impl StaffPeople<'_> {
    pub async fn second_factor(&mut self, person: StaffKey) -> Result<Option<KeptSecondFactor>, StoreError> {
        const SQL: &str =
            "SELECT secret, confirmed_at, last_step, code_failures FROM staff_person WHERE staff_key = $1";
        let found = fetch!(optional, self.tx, sqlx::query_as::<_, SecondFactorRecord>(SQL).bind(person.0));
        Ok(found.and_then(|record| {
            Some(KeptSecondFactor {
                sealed: record.secret?,
                is_confirmed: record.confirmed_at.is_some(),
                last_step: record.last_step,
                failures: record.code_failures,
            })
        }))
    }

    /// Stores an unconfirmed secret, unless there is one already.
    pub async fn propose_second_factor(&mut self, person: StaffKey, sealed: &str) -> Result<(), StoreError> {
        const SQL: &str =
            "UPDATE staff_person SET secret = $2, last_step = 0 WHERE staff_key = $1 AND secret IS NULL";
        execute!(self.tx, sqlx::query(SQL).bind(person.0).bind(sealed));
        Ok(())
    }

    /// Confirms it, and replaces all recovery codes by the digests of new ones. False if it was confirmed already.
    pub async fn confirm_second_factor(
        &mut self,
        person: StaffKey,
        (step, codes): (i64, &[String]),
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        const CONFIRM: &str = "UPDATE staff_person SET confirmed_at = $2, last_step = $3, code_failures = 0
             WHERE staff_key = $1 AND confirmed_at IS NULL AND secret IS NOT NULL AND last_step < $3";
        const CODE: &str = "INSERT INTO staff_recovery_code (staff_key, code_sha256) VALUES ($1, $2)";
        let confirmed = execute!(self.tx, sqlx::query(CONFIRM).bind(person.0).bind(now.timestamp()).bind(step));
        if confirmed != 1 {
            return Ok(false);
        }
        execute!(self.tx, sqlx::query("DELETE FROM staff_recovery_code WHERE staff_key = $1").bind(person.0));
        for code in codes {
            execute!(self.tx, sqlx::query(CODE).bind(person.0).bind(code.as_str()));
        }
        Ok(true)
    }

    /// Marks a code's time step as used; false if this or a newer one was used already.
    pub async fn use_second_factor(&mut self, person: StaffKey, step: i64) -> Result<bool, StoreError> {
        const SQL: &str = "UPDATE staff_person SET last_step = $2, code_failures = 0
             WHERE staff_key = $1 AND confirmed_at IS NOT NULL AND last_step < $2";
        Ok(execute!(self.tx, sqlx::query(SQL).bind(person.0).bind(step)) == 1)
    }

    /// Marks a recovery code as used; false if it is none of the person's, or was used.
    pub async fn use_recovery_code(
        &mut self,
        person: StaffKey,
        code_sha256: &str,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        const SQL: &str = "UPDATE staff_recovery_code SET used_at = $3
             WHERE staff_key = $1 AND code_sha256 = $2 AND used_at IS NULL";
        const FORGIVE: &str = "UPDATE staff_person SET code_failures = 0 WHERE staff_key = $1";
        let used = execute!(self.tx, sqlx::query(SQL).bind(person.0).bind(code_sha256).bind(now.timestamp()));
        if used == 1 {
            execute!(self.tx, sqlx::query(FORGIVE).bind(person.0));
        }
        Ok(used == 1)
    }

    pub async fn count_wrong_code(&mut self, person: StaffKey) -> Result<(), StoreError> {
        const SQL: &str = "UPDATE staff_person SET code_failures = code_failures + 1 WHERE staff_key = $1";
        execute!(self.tx, sqlx::query(SQL).bind(person.0));
        Ok(())
    }

    /// A person whose password was right has until `expires` to give the second factor.
    pub async fn insert_challenge(
        &mut self,
        token_sha256: &str,
        (person, target): (StaffKey, &str),
        expires: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        const SQL: &str = "INSERT INTO staff_challenge (token_sha256, staff_key, epoch, target, expires_at)
             SELECT $1, staff_key, epoch, $3, $4 FROM staff_person WHERE staff_key = $2";
        let written = execute!(
            self.tx,
            sqlx::query(SQL).bind(token_sha256).bind(person.0).bind(target).bind(expires.timestamp())
        );
        StoreError::expect_one(written, "challenge")
    }

    /// The person who has to give the second factor for this token, their address, and where they wanted to go.
    pub async fn challenge(
        &mut self,
        token_sha256: &str,
        now: DateTime<Utc>,
    ) -> Result<Option<(StaffKey, String, String)>, StoreError> {
        const SQL: &str = "SELECT c.staff_key, p.address, c.target FROM staff_challenge c
             JOIN staff_person p ON p.staff_key = c.staff_key AND p.epoch = c.epoch
             WHERE c.token_sha256 = $1 AND c.expires_at > $2";
        type Row = (Key, String, String);
        let found = fetch!(optional, self.tx, sqlx::query_as::<_, Row>(SQL).bind(token_sha256).bind(now.timestamp()));
        Ok(found.map(|(person, address, target)| (StaffKey(person), address, target)))
    }

    /// True for the one that ends it first.
    pub async fn end_challenge(&mut self, token_sha256: &str) -> Result<bool, StoreError> {
        const SQL: &str = "DELETE FROM staff_challenge WHERE token_sha256 = $1";
        Ok(execute!(self.tx, sqlx::query(SQL).bind(token_sha256)) == 1)
    }
}
