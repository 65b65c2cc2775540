//! Voids: legs that should not have come are taken out, and can be brought back.
//!
//! A leg that no closed month charges leaves its table. One that is charged stays there under a name of its own
//! (`void_id`), since earlier revisions keep it: a void counts from a revision on, as a late leg does.

use chrono::{DateTime, Utc};

use crate::domain::{AccountNumber, Leg, Period};
use crate::store::engine::decode::{instant, parse, parse_optional};
use crate::store::engine::lists::{list, list_sql};
use crate::store::usage::erase::ERASED;
use crate::store::usage::known_legs::StoredLeg;
use crate::store::usage::totals::VOIDED;
use crate::store::{Directory, Key, StoreError, Voids, execute, fetch, record};

/// Prefix of the key of a voided leg in its table: no id of ours holds a control character.
const VOID_MARK: char = '\u{1b}';

/// What became of a leg that was to be taken out, or to be brought back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VoidOutcome {
    Done {
        account: AccountNumber,
        /// The closed month that charges the leg, which a revision takes it out of.
        charged_in: Option<Period>,
    },
    /// No such leg is stored, or none is void.
    Unknown,
    /// The month that charges it has been erased.
    Erased(Period),
    /// It cannot come back: its id belongs to another leg now.
    Taken,
}

record! {
    struct LiveLeg {
        leg_id: String,
        conference_key: Key,
        account_key: Key,
        account_number: String,
        room_number: String,
        conference_id: String,
        service_type: String,
        joined_at: i64,
        left_at: i64,
        caller: Option<String>,
        billing_code: Option<String>,
        own_period: Option<String>,
        late_key: Option<Key>,
        charged_in: Option<String>,
    }
}

record! {
    struct VoidedLeg {
        void_key: Key,
        account_number: String,
        void_id: Option<String>,
        charged_in: Option<String>,
        charged_until: Option<i64>,
        leg_id: String,
        room_number: String,
        conference_id: String,
        service_type: String,
        joined_at: i64,
        left_at: i64,
        caller: Option<String>,
        billing_code: Option<String>,
    }
}

impl Voids<'_> {
    /// Takes a leg out; its account is closed to others until this transaction ends.
    pub async fn void_leg(
        &mut self,
        leg_id: &str,
        (actor, reason): (&str, &str),
        now: DateTime<Utc>,
    ) -> Result<VoidOutcome, StoreError> {
        self.tx.work().lock_imports().await?;
        let Some(found) = self.live_leg(leg_id).await? else { return Ok(VoidOutcome::Unknown) };
        self.tx.work().lock_accounts(&[found.account_key]).await?;
        // Once more: a closing may have charged it while this waited.
        let Some(leg) = self.live_leg(leg_id).await? else { return Ok(VoidOutcome::Unknown) };
        let charged_in: Option<Period> = parse_optional("late_leg", leg_id, "charged_in", leg.charging_month())?;
        if let Some(period) = charged_in
            && self.tx.erasure().has_erased_usage(leg.account_key, period).await?
        {
            return Ok(VoidOutcome::Erased(period));
        }
        let key = self.insert_void(&leg, (actor, reason), now).await?;
        self.tx.usage().note_changes_of([leg.conference_key]).await?;
        if charged_in.is_some() {
            self.rename_leg(leg_id, key).await?;
        } else {
            self.remove_leg(&leg, key).await?;
        }
        self.free_for_rejections(leg_id).await?;
        let account = parse("account", &leg.account_number, "account_number", &leg.account_number)?;
        Ok(VoidOutcome::Done { account, charged_in })
    }

    /// Brings a voided leg back: as it was where no revision has been made without it, else as usage that arrives now.
    pub async fn restore_voided_leg(
        &mut self,
        leg_id: &str,
        directory: &Directory,
        now: DateTime<Utc>,
    ) -> Result<VoidOutcome, StoreError> {
        const UNDONE: &str = "UPDATE voided_leg SET undone_at = $2,
                    void_id = CASE WHEN charged_until IS NULL THEN NULL ELSE void_id END WHERE void_key = $1";
        self.tx.work().lock_imports().await?;
        if self.live_leg(leg_id).await?.is_some() {
            return Ok(VoidOutcome::Taken);
        }
        let Some((account, _)) = self.newest_void(leg_id).await? else { return Ok(VoidOutcome::Unknown) };
        self.tx.work().lock_accounts(&[account]).await?;
        let Some((_, void)) = self.newest_void(leg_id).await? else { return Ok(VoidOutcome::Unknown) };
        let charged_in: Option<Period> =
            parse_optional("voided_leg", leg_id, "charged_in", void.charged_in.as_deref())?;
        let was_revised = void.charged_until.is_some();
        if let Some(void_id) = void.void_id.as_deref().filter(|_| !was_revised) {
            self.rename(void_id, leg_id).await?;
            self.note_change_of_leg(leg_id).await?;
        }
        execute!(self.tx, sqlx::query(UNDONE).bind(void.void_key).bind(now.timestamp()));
        if void.void_id.is_none() || was_revised {
            let leg = void.leg()?;
            let outcome = self.tx.usage().import(std::slice::from_ref(&leg), directory, now).await?;
            if !outcome.accepted(0) {
                return Ok(charged_in.map_or(VoidOutcome::Taken, VoidOutcome::Erased));
            }
            if void.caller.as_deref() == Some(ERASED) {
                const SQL: &str = "UPDATE leg SET caller = $2 WHERE leg_id = $1";
                execute!(self.tx, sqlx::query(SQL).bind(leg_id).bind(ERASED));
            }
        }
        let account = parse("account", &void.account_number, "account_number", &void.account_number)?;
        Ok(VoidOutcome::Done { account, charged_in: charged_in.filter(|_| !was_revised) })
    }

    /// Rejected rows that the ids of these legs are about.
    pub async fn rejections_about(&mut self, leg_ids: &[String]) -> Result<u64, StoreError> {
        const SQL: &str = "SELECT COUNT(*) FROM rejected_record r
             WHERE r.kind = 'usage' AND r.resolved_at IS NULL AND r.dismissed_at IS NULL
               AND r.record_key IN (SELECT item.value ->> 0 FROM {list})";
        let (sql, ids) = (list_sql(self.tx, SQL), list(leg_ids.iter().map(|id| (id,)))?);
        Ok(fetch!(one, self.tx, sqlx::query_scalar::<_, i64>(sql).bind(ids)).cast_unsigned())
    }

    /// What was voided of these ids and not brought back.
    pub(crate) async fn voided_legs<'a>(
        &mut self,
        ids: impl Iterator<Item = &'a str>,
    ) -> Result<Vec<StoredLeg>, StoreError> {
        const ANY: &str = "SELECT EXISTS (SELECT 1 FROM voided_leg WHERE undone_at IS NULL)";
        const SQL: &str =
            "SELECT v.leg_id, v.room_number, v.conference_id, v.service_type, v.joined_at, v.left_at, v.caller,
                    v.billing_code
             FROM {list}
             CROSS JOIN voided_leg v WHERE v.leg_id = item.value ->> 0 AND v.undone_at IS NULL";
        if !fetch!(one, self.tx, sqlx::query_scalar::<_, bool>(ANY)) {
            return Ok(Vec::new());
        }
        let (sql, ids) = (list_sql(self.tx, SQL), list(ids.map(|id| (id,)))?);
        Ok(fetch!(all, self.tx, sqlx::query_as::<_, StoredLeg>(sql).bind(ids)))
    }

    /// Notes from which revision of a month on its voided legs are gone.
    pub(crate) async fn settle_voids(
        &mut self,
        account: Key,
        period: Period,
        revision: u32,
    ) -> Result<(), StoreError> {
        const SQL: &str = "UPDATE voided_leg SET charged_until = $3
             WHERE account_key = $1 AND charged_in = $2 AND charged_until IS NULL AND undone_at IS NULL";
        execute!(self.tx, sqlx::query(SQL).bind(account).bind(period.to_string()).bind(i64::from(revision)));
        Ok(())
    }

    /// Whether a month needs a revision because legs that it charges were voided.
    pub async fn has_waiting_voids(&mut self, account: Key, period: Period) -> Result<bool, StoreError> {
        const SQL: &str = "SELECT EXISTS (SELECT 1 FROM voided_leg
             WHERE account_key = $1 AND charged_in = $2 AND charged_until IS NULL AND undone_at IS NULL)";
        Ok(fetch!(one, self.tx, sqlx::query_scalar(SQL).bind(account).bind(period.to_string())))
    }

    async fn live_leg(&mut self, leg_id: &str) -> Result<Option<LiveLeg>, StoreError> {
        const SQL: &str = "SELECT l.leg_id, l.conference_key, c.account_key, a.account_number, r.room_number,
                    c.conference_id, l.service_type, l.joined_at, l.left_at, l.caller, l.billing_code,
                    k.period AS own_period, t.conference_key AS late_key, t.charged_in
             FROM leg l JOIN conference c ON c.conference_key = l.conference_key
                  JOIN room r ON r.room_key = c.room_key JOIN account a ON a.account_key = c.account_key
                  LEFT JOIN closing k ON k.account_key = c.account_key AND k.starts_at <= c.filed_at
                                     AND k.ends_at > c.filed_at
                  LEFT JOIN late_leg t ON t.leg_id = l.leg_id
             WHERE l.leg_id = $1";
        Ok(fetch!(optional, self.tx, sqlx::query_as::<_, LiveLeg>(SQL).bind(leg_id)))
    }

    async fn newest_void(&mut self, leg_id: &str) -> Result<Option<(Key, VoidedLeg)>, StoreError> {
        const SQL: &str = "SELECT v.void_key, a.account_number, v.void_id, v.charged_in, v.charged_until, v.leg_id,
                    v.room_number, v.conference_id, v.service_type, v.joined_at, v.left_at, v.caller, v.billing_code
             FROM voided_leg v JOIN account a ON a.account_key = v.account_key
             WHERE v.leg_id = $1 AND v.undone_at IS NULL ORDER BY v.void_key DESC LIMIT 1";
        const ACCOUNT: &str = "SELECT account_key FROM voided_leg WHERE void_key = $1";
        let Some(void) = fetch!(optional, self.tx, sqlx::query_as::<_, VoidedLeg>(SQL).bind(leg_id)) else {
            return Ok(None);
        };
        let account = fetch!(one, self.tx, sqlx::query_scalar::<_, Key>(ACCOUNT).bind(void.void_key));
        Ok(Some((account, void)))
    }

    async fn insert_void(
        &mut self,
        leg: &LiveLeg,
        (actor, reason): (&str, &str),
        now: DateTime<Utc>,
    ) -> Result<Key, StoreError> {
        const SQL: &str = "INSERT INTO voided_leg (leg_id, conference_key, account_key, room_number, conference_id,
                    service_type, joined_at, left_at, caller, billing_code, charged_in, voided_at, actor, reason)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) RETURNING void_key";
        let charged_in = leg.charging_month();
        Ok(fetch!(
            one,
            self.tx,
            sqlx::query_scalar::<_, Key>(SQL)
                .bind(leg.leg_id.as_str())
                .bind(charged_in.map(|_| leg.conference_key))
                .bind(leg.account_key)
                .bind(leg.room_number.as_str())
                .bind(leg.conference_id.as_str())
                .bind(leg.service_type.as_str())
                .bind(leg.joined_at)
                .bind(leg.left_at)
                .bind(leg.caller.as_deref())
                .bind(leg.billing_code.as_deref())
                .bind(charged_in)
                .bind(now.timestamp())
                .bind(actor)
                .bind(reason)
        ))
    }

    async fn note_change_of_leg(&mut self, leg_id: &str) -> Result<(), StoreError> {
        const SQL: &str = "SELECT conference_key FROM leg WHERE leg_id = $1";
        let conference = fetch!(optional, self.tx, sqlx::query_scalar::<_, Key>(SQL).bind(leg_id));
        self.tx.usage().note_changes_of(conference).await
    }

    async fn rename_leg(&mut self, leg_id: &str, void: Key) -> Result<(), StoreError> {
        const SQL: &str = "UPDATE voided_leg SET void_id = $2 WHERE void_key = $1";
        let void_id = format!("{VOID_MARK}{void}");
        execute!(self.tx, sqlx::query(SQL).bind(void).bind(void_id.as_str()));
        self.rename(leg_id, &void_id).await
    }

    async fn rename(&mut self, from: &str, to: &str) -> Result<(), StoreError> {
        let written =
            execute!(self.tx, sqlx::query("UPDATE leg SET leg_id = $2 WHERE leg_id = $1").bind(from).bind(to));
        StoreError::expect_one(written, "leg to be renamed")?;
        execute!(self.tx, sqlx::query("UPDATE late_leg SET leg_id = $2 WHERE leg_id = $1").bind(from).bind(to));
        Ok(())
    }

    /// Deletes a leg that nothing charges, with its conference where nothing else is of it; else that begins with what
    /// is left of it, if both its months are open.
    async fn remove_leg(&mut self, leg: &LiveLeg, void: Key) -> Result<(), StoreError> {
        // A month that is parked may be none of the account's any more; one that still is, is parked again.
        const UNPARK: &str = "DELETE FROM parking WHERE account_key = $1 AND NOT EXISTS
             (SELECT 1 FROM closing k WHERE k.account_key = $1 AND k.period = parking.period)";
        const EMPTY: &str = "DELETE FROM conference WHERE conference_key = $1
             AND NOT EXISTS (SELECT 1 FROM leg WHERE leg.conference_key = $1)";
        const BEGIN: &str = "UPDATE conference
             SET filed_at = (SELECT MIN(l.joined_at) FROM leg l WHERE l.conference_key = conference.conference_key)
             WHERE conference_key = $1
               AND NOT EXISTS (SELECT 1 FROM closing k WHERE k.account_key = conference.account_key
                     AND ((k.starts_at <= conference.filed_at AND k.ends_at > conference.filed_at)
                       OR EXISTS (SELECT 1 FROM leg l WHERE l.conference_key = conference.conference_key
                                  AND l.joined_at >= k.starts_at AND l.joined_at < k.ends_at)))";
        let id = leg.leg_id.as_str();
        execute!(self.tx, sqlx::query(UNPARK).bind(leg.account_key));
        execute!(self.tx, sqlx::query("DELETE FROM late_leg WHERE leg_id = $1").bind(id));
        let removed = execute!(self.tx, sqlx::query("DELETE FROM leg WHERE leg_id = $1").bind(id));
        self.tx.usage().count(VOIDED, removed).await?;
        if execute!(self.tx, sqlx::query(EMPTY).bind(leg.conference_key)) == 0 {
            execute!(self.tx, sqlx::query(BEGIN).bind(leg.conference_key));
        } else {
            self.tx.codes().park_codes(leg.conference_key, void).await?;
        }
        Ok(())
    }

    /// What was refused because a leg's id was taken may be tried again.
    async fn free_for_rejections(&mut self, leg_id: &str) -> Result<(), StoreError> {
        const SQL: &str = "UPDATE rejected_record SET is_conflict = FALSE, reason =
                'belonged to a leg that has been voided since: run \"statementd import retry\"'
             WHERE kind = 'usage' AND record_key = $1 AND is_conflict AND resolved_at IS NULL AND dismissed_at IS NULL";
        execute!(self.tx, sqlx::query(SQL).bind(leg_id));
        Ok(())
    }
}

impl LiveLeg {
    /// The closed month that charges it.
    fn charging_month(&self) -> Option<&str> {
        if self.late_key.is_some() { self.charged_in.as_deref() } else { self.own_period.as_deref() }
    }
}

impl VoidedLeg {
    fn leg(&self) -> Result<Leg, StoreError> {
        let row = self.leg_id.as_str();
        let caller = self.caller.as_deref().filter(|caller| *caller != ERASED);
        Ok(Leg {
            leg_id: parse("voided_leg", row, "leg_id", row)?,
            conference_id: parse("voided_leg", row, "conference_id", &self.conference_id)?,
            room: parse("voided_leg", row, "room_number", &self.room_number)?,
            service_type: parse("voided_leg", row, "service_type", &self.service_type)?,
            joined_at: instant("voided_leg", row, "joined_at", self.joined_at)?,
            left_at: instant("voided_leg", row, "left_at", self.left_at)?,
            caller: parse_optional("voided_leg", row, "caller", caller)?,
            billing_code: parse_optional("voided_leg", row, "billing_code", self.billing_code.as_deref())?,
        })
    }
}
