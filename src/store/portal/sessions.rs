//! Sessions, the browsers that they came from, and the links by which passwords are set.

use chrono::{DateTime, TimeDelta, Utc};

use super::people::PersonKey;
use crate::domain::EmailAddress;
use crate::store::engine::decode::parse;
use crate::store::{Key, PortalSessions, StoreError, execute, fetch, record};

/// The person who asks; made from a valid session only.
#[derive(Debug, Clone)]
pub struct Viewer {
    pub(crate) person: PersonKey,
    pub(crate) address: EmailAddress,
    pub(crate) token_sha256: String,
    seen_at: i64,
}

/// How long a session is valid.
#[derive(Debug, Clone, Copy)]
pub struct SessionLimits {
    /// Without a request.
    pub idle: TimeDelta,
    /// At most.
    pub longest: TimeDelta,
}

/// A session that begins.
#[derive(Debug, Clone)]
pub struct NewSession<'a> {
    pub token_sha256: &'a str,
    pub person: PersonKey,
    pub browser: &'a str,
    /// Of the cookie by which the browser is known from now on.
    pub browser_sha256: &'a str,
}

/// A session's last request is written down this often at most.
const SEEN_EVERY: i64 = 300;
/// Browsers that one person is known by; the one that was not seen for longest is forgotten.
const BROWSERS: i64 = 20;

record! {
    struct ViewerRecord {
        person_key: Key,
        address: String,
        seen_at: i64,
    }
}

impl Viewer {
    pub fn person(&self) -> PersonKey {
        self.person
    }

    pub fn address(&self) -> &EmailAddress {
        &self.address
    }

    pub fn token_sha256(&self) -> &str {
        &self.token_sha256
    }

    /// Whether [`PortalSessions::note_seen`] has something to write.
    pub fn is_to_be_noted(&self, now: DateTime<Utc>) -> bool {
        now.timestamp() - self.seen_at >= SEEN_EVERY
    }
}

impl PortalSessions<'_> {
    /// Whose session this is, while it holds.
    pub async fn viewer(
        &mut self,
        token_sha256: &str,
        limits: SessionLimits,
        now: DateTime<Utc>,
    ) -> Result<Option<Viewer>, StoreError> {
        const SQL: &str = "SELECT p.person_key, p.address, s.seen_at FROM portal_session s
             JOIN portal_person p ON p.person_key = s.person_key
             WHERE s.token_sha256 = $1 AND s.epoch = p.epoch AND s.started_at > $2 AND s.seen_at > $3";
        let found = fetch!(
            optional,
            self.tx,
            sqlx::query_as::<_, ViewerRecord>(SQL)
                .bind(token_sha256)
                .bind((now - limits.longest).timestamp())
                .bind((now - limits.idle).timestamp() - SEEN_EVERY)
        );
        let Some(ViewerRecord { person_key, address, seen_at }) = found else { return Ok(None) };
        let address = parse("portal_person", &person_key.to_string(), "address", &address)?;
        Ok(Some(Viewer { person: PersonKey(person_key), address, token_sha256: token_sha256.to_owned(), seen_at }))
    }

    pub async fn note_seen(&mut self, viewer: &Viewer, now: DateTime<Utc>) -> Result<(), StoreError> {
        const SQL: &str = "UPDATE portal_session SET seen_at = $2 WHERE token_sha256 = $1 AND seen_at < $2";
        execute!(self.tx, sqlx::query(SQL).bind(viewer.token_sha256.as_str()).bind(now.timestamp()));
        Ok(())
    }

    /// Begins a session after a right password, remembers the browser, and deletes what has expired.
    pub async fn begin_session(&mut self, new: &NewSession<'_>, now: DateTime<Utc>) -> Result<(), StoreError> {
        const SESSION: &str =
            "INSERT INTO portal_session (token_sha256, person_key, epoch, started_at, seen_at, browser)
             SELECT $1, person_key, epoch, $3, $3, $4 FROM portal_person WHERE person_key = $2";
        const PERSON: &str = "UPDATE portal_person SET signed_in_at = $2, failures = 0 WHERE person_key = $1";
        let (person, now) = (new.person.0, now.timestamp());
        let written =
            execute!(self.tx, sqlx::query(SESSION).bind(new.token_sha256).bind(person).bind(now).bind(new.browser));
        StoreError::expect_one(written, "session that begins")?;
        execute!(self.tx, sqlx::query(PERSON).bind(person).bind(now));
        self.know_browser(new, now).await
    }

    async fn know_browser(&mut self, new: &NewSession<'_>, now: i64) -> Result<(), StoreError> {
        const KNOW: &str =
            "INSERT INTO portal_browser (token_sha256, person_key, failures, seen_at) VALUES ($1, $2, 0, $3)
             ON CONFLICT (token_sha256) DO UPDATE SET failures = 0, seen_at = excluded.seen_at,
                 person_key = excluded.person_key";
        const FORGET: &str = "DELETE FROM portal_browser WHERE person_key = $1 AND token_sha256 NOT IN (
             SELECT token_sha256 FROM portal_browser WHERE person_key = $1 ORDER BY seen_at DESC, token_sha256 LIMIT $2)";
        execute!(self.tx, sqlx::query(KNOW).bind(new.browser_sha256).bind(new.person.0).bind(now));
        execute!(self.tx, sqlx::query(FORGET).bind(new.person.0).bind(BROWSERS));
        Ok(())
    }

    /// How often a known browser of this address got the password wrong; `None` if it is not a known browser.
    pub async fn browser_failures(
        &mut self,
        browser_sha256: &str,
        address: &EmailAddress,
    ) -> Result<Option<i64>, StoreError> {
        const SQL: &str =
            "SELECT b.failures FROM portal_browser b JOIN portal_person p ON p.person_key = b.person_key
             WHERE b.token_sha256 = $1 AND p.address = $2";
        Ok(fetch!(optional, self.tx, sqlx::query_scalar(SQL).bind(browser_sha256).bind(address.identity())))
    }

    /// Ends one session of a person; false if it is not one of theirs.
    pub async fn end_session(&mut self, person: PersonKey, token_sha256: &str) -> Result<bool, StoreError> {
        const SQL: &str = "DELETE FROM portal_session WHERE person_key = $1 AND token_sha256 = $2";
        Ok(execute!(self.tx, sqlx::query(SQL).bind(person.0).bind(token_sha256)) > 0)
    }

    /// Ends all sessions of a person but `kept`; returns how many.
    pub async fn end_sessions(&mut self, person: PersonKey, kept: Option<&str>) -> Result<u64, StoreError> {
        const SQL: &str = "DELETE FROM portal_session WHERE person_key = $1 AND token_sha256 <> $2";
        Ok(execute!(self.tx, sqlx::query(SQL).bind(person.0).bind(kept.unwrap_or_default())))
    }

    /// A link by which the person can set a password until `expires`; links of before go on until theirs.
    pub async fn insert_link(
        &mut self,
        token_sha256: &str,
        person: PersonKey,
        expires: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        const SQL: &str = "INSERT INTO portal_link (token_sha256, person_key, expires_at) VALUES ($1, $2, $3)";
        execute!(self.tx, sqlx::query(SQL).bind(token_sha256).bind(person.0).bind(expires.timestamp()));
        Ok(())
    }

    /// Whose link this is, as long as it can be used. Looking does not use it.
    pub async fn link_person(
        &mut self,
        token_sha256: &str,
        now: DateTime<Utc>,
    ) -> Result<Option<(PersonKey, EmailAddress)>, StoreError> {
        const SQL: &str = "SELECT p.person_key, p.address FROM portal_link l
             JOIN portal_person p ON p.person_key = l.person_key
             WHERE l.token_sha256 = $1 AND l.used_at IS NULL AND l.expires_at > $2";
        type Row = (Key, String);
        let found = fetch!(optional, self.tx, sqlx::query_as::<_, Row>(SQL).bind(token_sha256).bind(now.timestamp()));
        let Some((key, address)) = found else { return Ok(None) };
        let address = parse("portal_person", &key.to_string(), "address", &address)?;
        Ok(Some((PersonKey(key), address)))
    }

    /// Marks a link as used, and with it the person's others; false if it was used, or has expired.
    pub async fn use_link(
        &mut self,
        token_sha256: &str,
        person: PersonKey,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        const USE: &str = "UPDATE portal_link SET used_at = $2
             WHERE token_sha256 = $1 AND used_at IS NULL AND expires_at > $2";
        const OTHERS: &str = "UPDATE portal_link SET used_at = $2 WHERE person_key = $1 AND used_at IS NULL";
        let used = execute!(self.tx, sqlx::query(USE).bind(token_sha256).bind(now.timestamp()));
        if used == 1 {
            execute!(self.tx, sqlx::query(OTHERS).bind(person.0).bind(now.timestamp()));
        }
        Ok(used == 1)
    }

    /// Forgets sessions, links and messages that ended long ago.
    pub async fn forget_ended(&mut self, limits: SessionLimits, now: DateTime<Utc>) -> Result<u64, StoreError> {
        const SESSIONS: &str = "DELETE FROM portal_session WHERE started_at <= $1 OR seen_at <= $2";
        const LINKS: &str = "DELETE FROM portal_link WHERE expires_at <= $1";
        const MAILS: &str = "DELETE FROM portal_mail WHERE ended_at <= $1";
        let month_ago = (now - TimeDelta::days(30)).timestamp();
        let sessions = execute!(
            self.tx,
            sqlx::query(SESSIONS)
                .bind((now - limits.longest).timestamp())
                .bind((now - limits.idle).timestamp() - SEEN_EVERY)
        );
        let links = execute!(self.tx, sqlx::query(LINKS).bind(month_ago));
        let mails = execute!(self.tx, sqlx::query(MAILS).bind(month_ago));
        Ok(sessions + links + mails + self.tx.portal_people().forget_challenges(now).await?)
    }
}
