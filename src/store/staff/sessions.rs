//! Sessions of staff, the browsers that they came from, and the links by which passwords are set.

use chrono::{DateTime, TimeDelta, Utc};

use super::people::StaffKey;
use crate::domain::EmailAddress;
use crate::store::engine::decode::parse;
use crate::store::{Key, SessionLimits, StaffSessions, StoreError, execute, fetch, record};

/// The member of staff who asks; made from a valid session only.
#[derive(Debug, Clone)]
pub struct StaffMember {
    key: StaffKey,
    address: EmailAddress,
    token_sha256: String,
    seen_at: i64,
}

/// A session that begins.
#[derive(Debug, Clone)]
pub struct NewStaffSession<'a> {
    pub token_sha256: &'a str,
    pub person: StaffKey,
    pub browser: &'a str,
    /// Of the cookie by which the browser is known from now on.
    pub browser_sha256: &'a str,
}

/// A session's last request is written down this often at most.
const SEEN_EVERY: i64 = 300;
/// Browsers that one person is known by; the one that was not seen for longest is forgotten.
const BROWSERS: i64 = 20;

record! {
    struct MemberRecord {
        staff_key: Key,
        address: String,
        seen_at: i64,
    }
}

impl StaffMember {
    pub fn key(&self) -> StaffKey {
        self.key
    }

    pub fn address(&self) -> &EmailAddress {
        &self.address
    }

    pub fn token_sha256(&self) -> &str {
        &self.token_sha256
    }

    /// Whether [`StaffSessions::note_seen`] has something to write.
    pub fn is_to_be_noted(&self, now: DateTime<Utc>) -> bool {
        now.timestamp() - self.seen_at >= SEEN_EVERY
    }
}

impl StaffSessions<'_> {
    /// Whose session this is, while it holds. Whether `portal.staff` still names them, the caller asks.
    pub async fn member(
        &mut self,
        token_sha256: &str,
        limits: SessionLimits,
        now: DateTime<Utc>,
    ) -> Result<Option<StaffMember>, StoreError> {
        const SQL: &str = "SELECT p.staff_key, p.address, s.seen_at FROM staff_session s
             JOIN staff_person p ON p.staff_key = s.staff_key
             WHERE s.token_sha256 = $1 AND s.epoch = p.epoch AND s.started_at > $2 AND s.seen_at > $3
               AND p.confirmed_at IS NOT NULL";
        let found = fetch!(
            optional,
            self.tx,
            sqlx::query_as::<_, MemberRecord>(SQL)
                .bind(token_sha256)
                .bind((now - limits.longest).timestamp())
                .bind((now - limits.idle).timestamp() - SEEN_EVERY)
        );
        let Some(MemberRecord { staff_key, address, seen_at }) = found else { return Ok(None) };
        let address = parse("staff_person", &staff_key.to_string(), "address", &address)?;
        Ok(Some(StaffMember { key: StaffKey(staff_key), address, token_sha256: token_sha256.to_owned(), seen_at }))
    }

    pub async fn note_seen(&mut self, member: &StaffMember, now: DateTime<Utc>) -> Result<(), StoreError> {
        const SQL: &str = "UPDATE staff_session SET seen_at = $2 WHERE token_sha256 = $1 AND seen_at < $2";
        execute!(self.tx, sqlx::query(SQL).bind(member.token_sha256.as_str()).bind(now.timestamp()));
        Ok(())
    }

    /// Begins a session after both factors, and remembers the browser.
    pub async fn begin_session(&mut self, new: &NewStaffSession<'_>, now: DateTime<Utc>) -> Result<(), StoreError> {
        const SESSION: &str =
            "INSERT INTO staff_session (token_sha256, staff_key, epoch, started_at, seen_at, browser)
             SELECT $1, staff_key, epoch, $3, $3, $4 FROM staff_person WHERE staff_key = $2";
        const PERSON: &str = "UPDATE staff_person SET signed_in_at = $2, failures = 0 WHERE staff_key = $1";
        const KNOW: &str =
            "INSERT INTO staff_browser (token_sha256, staff_key, failures, seen_at) VALUES ($1, $2, 0, $3)
             ON CONFLICT (token_sha256) DO UPDATE SET failures = 0, seen_at = excluded.seen_at,
                 staff_key = excluded.staff_key";
        const FORGET: &str = "DELETE FROM staff_browser WHERE staff_key = $1 AND token_sha256 NOT IN (
             SELECT token_sha256 FROM staff_browser WHERE staff_key = $1 ORDER BY seen_at DESC, token_sha256 LIMIT $2)";
        let (person, now) = (new.person.0, now.timestamp());
        let written =
            execute!(self.tx, sqlx::query(SESSION).bind(new.token_sha256).bind(person).bind(now).bind(new.browser));
        StoreError::expect_one(written, "session of staff that begins")?;
        execute!(self.tx, sqlx::query(PERSON).bind(person).bind(now));
        execute!(self.tx, sqlx::query(KNOW).bind(new.browser_sha256).bind(person).bind(now));
        execute!(self.tx, sqlx::query(FORGET).bind(person).bind(BROWSERS));
        Ok(())
    }

    /// How often a known browser of this address got the password wrong; `None` if it is not a known browser.
    pub async fn browser_failures(
        &mut self,
        browser_sha256: &str,
        address: &EmailAddress,
    ) -> Result<Option<i64>, StoreError> {
        const SQL: &str = "SELECT b.failures FROM staff_browser b JOIN staff_person p ON p.staff_key = b.staff_key
             WHERE b.token_sha256 = $1 AND p.address = $2";
        Ok(fetch!(optional, self.tx, sqlx::query_scalar(SQL).bind(browser_sha256).bind(address.identity())))
    }

    pub async fn end_session(&mut self, member: &StaffMember) -> Result<(), StoreError> {
        const SQL: &str = "DELETE FROM staff_session WHERE token_sha256 = $1";
        execute!(self.tx, sqlx::query(SQL).bind(member.token_sha256.as_str()));
        Ok(())
    }

    /// A link by which the person can set a password until `expires`, in the place of those of before.
    pub async fn insert_link(
        &mut self,
        token_sha256: &str,
        person: StaffKey,
        expires: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        const SQL: &str = "INSERT INTO staff_link (token_sha256, staff_key, expires_at) VALUES ($1, $2, $3)";
        execute!(self.tx, sqlx::query("DELETE FROM staff_link WHERE staff_key = $1").bind(person.0));
        execute!(self.tx, sqlx::query(SQL).bind(token_sha256).bind(person.0).bind(expires.timestamp()));
        Ok(())
    }

    /// Whose link this is, as long as it can be used. Looking does not use it.
    pub async fn link(
        &mut self,
        token_sha256: &str,
        now: DateTime<Utc>,
    ) -> Result<Option<(StaffKey, EmailAddress)>, StoreError> {
        const SQL: &str = "SELECT p.staff_key, p.address FROM staff_link l
             JOIN staff_person p ON p.staff_key = l.staff_key
             WHERE l.token_sha256 = $1 AND l.used_at IS NULL AND l.expires_at > $2";
        type Row = (Key, String);
        let found = fetch!(optional, self.tx, sqlx::query_as::<_, Row>(SQL).bind(token_sha256).bind(now.timestamp()));
        let Some((key, address)) = found else { return Ok(None) };
        let address = parse("staff_person", &key.to_string(), "address", &address)?;
        Ok(Some((StaffKey(key), address)))
    }

    /// Marks a link as used; false if it was used, or has expired.
    pub async fn use_link(&mut self, token_sha256: &str, now: DateTime<Utc>) -> Result<bool, StoreError> {
        const SQL: &str = "UPDATE staff_link SET used_at = $2
             WHERE token_sha256 = $1 AND used_at IS NULL AND expires_at > $2";
        Ok(execute!(self.tx, sqlx::query(SQL).bind(token_sha256).bind(now.timestamp())) == 1)
    }

    /// Forgets sessions, links and challenges that ended.
    pub async fn forget_ended(&mut self, limits: SessionLimits, now: DateTime<Utc>) -> Result<(), StoreError> {
        const SESSIONS: &str = "DELETE FROM staff_session WHERE started_at <= $1 OR seen_at <= $2";
        let month_ago = (now - TimeDelta::days(30)).timestamp();
        execute!(
            self.tx,
            sqlx::query(SESSIONS)
                .bind((now - limits.longest).timestamp())
                .bind((now - limits.idle).timestamp() - SEEN_EVERY)
        );
        execute!(self.tx, sqlx::query("DELETE FROM staff_link WHERE expires_at <= $1").bind(month_ago));
        execute!(self.tx, sqlx::query("DELETE FROM staff_challenge WHERE expires_at <= $1").bind(now.timestamp()));
        Ok(())
    }
}
