//! Giving codes: the conferences that are meant, and one set of changes to them.

use chrono::{DateTime, Utc};

use crate::domain::{BillingCode, ConferenceId, Period, RoomNumber};
use crate::store::engine::decode::{instant, parse, parse_optional};
use crate::store::engine::lists::{list, list_sql};
use crate::store::{AccountAccess, Codes, Key, PersonKey, StoreError, execute, fetch, record};

/// A change of codes; a newer one has a higher key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct CodeSetKey(pub Key);

/// A conference and its code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodedConference {
    pub(crate) key: Key,
    pub room: RoomNumber,
    pub id: ConferenceId,
    pub filed_at: DateTime<Utc>,
    /// The code that it was given.
    pub assigned: Option<BillingCode>,
    /// The newest change of it.
    pub changed_by: Option<CodeSetKey>,
    /// Its own month, where that is closed.
    pub closed: Option<Period>,
    /// The current revision of that month.
    pub revision: Option<i64>,
    /// Its usage has been erased, or is being erased.
    pub is_erased: bool,
}

/// What a set does to a conference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeWrite {
    pub(crate) conference: Key,
    pub before: Option<BillingCode>,
    pub after: Option<BillingCode>,
    pub revision: Option<i64>,
}

record! {
    struct CodedRecord {
        conference_key: Key,
        room_number: String,
        conference_id: String,
        filed_at: i64,
        billing_code: Option<String>,
        changed_by: Option<Key>,
        period: Option<String>,
        revision: Option<i64>,
        usage_expired_at: Option<i64>,
    }
}

impl Codes<'_> {
    /// Those of the named conferences that belong to the account; each once.
    pub async fn coded_conferences(
        &mut self,
        access: &AccountAccess,
        named: &[(RoomNumber, ConferenceId)],
    ) -> Result<Vec<CodedConference>, StoreError> {
        const SQL: &str = "SELECT DISTINCT c.conference_key FROM {list}
             CROSS JOIN room r CROSS JOIN conference c
             WHERE r.room_number = item.value ->> 0 AND c.conference_id = item.value ->> 1 AND c.room_key = r.room_key
               AND c.account_key = $2";
        let (sql, named) =
            (list_sql(self.tx, SQL), list(named.iter().map(|(room, id)| (room.as_str(), id.as_str())))?);
        let keys = fetch!(all, self.tx, sqlx::query_scalar::<_, Key>(sql).bind(named).bind(access.account));
        self.coded_by_key(access.account, &keys).await
    }

    /// Those of the conferences that belong to the account, ordered by room and start.
    pub(super) async fn coded_by_key(
        &mut self,
        account: Key,
        keys: &[Key],
    ) -> Result<Vec<CodedConference>, StoreError> {
        const SQL: &str =
            "SELECT c.conference_key, r.room_number, c.conference_id, c.filed_at, g.billing_code,
                    (SELECT MAX(h.set_key) FROM code_change h WHERE h.conference_key = c.conference_key) AS changed_by,
                    k.period, s.revision, k.usage_expired_at
             FROM {list}
             CROSS JOIN conference c CROSS JOIN room r
             LEFT JOIN code_assignment g ON g.conference_key = c.conference_key
             LEFT JOIN closing k ON k.account_key = c.account_key AND k.starts_at <= c.filed_at
                                AND k.ends_at > c.filed_at
             LEFT JOIN statement s ON s.account_key = c.account_key AND s.period = k.period AND s.is_current
             WHERE c.conference_key = CAST(item.value ->> 0 AS BIGINT) AND r.room_key = c.room_key
               AND c.account_key = $2
             ORDER BY r.room_number, c.filed_at, c.conference_id";
        let (sql, keys) = (list_sql(self.tx, SQL), list(keys.iter().map(|key| (key,)))?);
        let rows = fetch!(all, self.tx, sqlx::query_as::<_, CodedRecord>(sql).bind(keys).bind(account));
        rows.into_iter().map(CodedConference::try_from).collect()
    }

    /// Stores a set of changes, all or none. `undoes` is the set that it takes back.
    pub async fn change_codes(
        &mut self,
        access: &AccountAccess,
        person: PersonKey,
        (writes, undoes): (&[CodeWrite], Option<CodeSetKey>),
        now: DateTime<Utc>,
    ) -> Result<CodeSetKey, StoreError> {
        const SET: &str = "INSERT INTO code_change_set (account_key, person_key, changed_at, undoes)
             VALUES ($1, $2, $3, $4) RETURNING set_key";
        const CHANGES: &str = "INSERT INTO code_change (set_key, conference_key, code_before, code_after, revision)
             SELECT $2, CAST(item.value ->> 0 AS BIGINT), item.value ->> 1, item.value ->> 2,
                    CAST(item.value ->> 3 AS BIGINT) FROM {list}";
        const GIVE: &str =
            "INSERT INTO code_assignment (conference_key, billing_code, set_key)
             SELECT CAST(item.value ->> 0 AS BIGINT), item.value ->> 2, $2 FROM {list}
             WHERE item.value ->> 2 IS NOT NULL
             ON CONFLICT (conference_key) DO UPDATE SET billing_code = excluded.billing_code, set_key = excluded.set_key";
        const TAKE: &str =
            "DELETE FROM code_assignment WHERE conference_key IN (SELECT CAST(item.value ->> 0 AS BIGINT) FROM {list}
             WHERE item.value ->> 2 IS NULL)";
        let set = fetch!(
            one,
            self.tx,
            sqlx::query_scalar::<_, Key>(SET)
                .bind(access.account)
                .bind(person.0)
                .bind(now.timestamp())
                .bind(undoes.map(|undoes| undoes.0))
        );
        let code = |code: &Option<BillingCode>| code.as_ref().map(ToString::to_string);
        let rows = writes.iter().map(|write| {
            let CodeWrite { conference, before, after, revision } = write;
            (*conference, code(before), code(after), *revision)
        });
        let rows = list(rows)?;
        let (changes, give, take) = (list_sql(self.tx, CHANGES), list_sql(self.tx, GIVE), list_sql(self.tx, TAKE));
        let written = execute!(self.tx, sqlx::query(changes).bind(rows.as_str()).bind(set));
        if written != writes.len() as u64 {
            return Err(StoreError::UnexpectedRows(written, "changes of codes"));
        }
        execute!(self.tx, sqlx::query(give).bind(rows.as_str()).bind(set));
        execute!(self.tx, sqlx::query(take).bind(rows));
        self.tx.usage().note_changes_of(writes.iter().map(|write| write.conference)).await?;
        Ok(CodeSetKey(set))
    }

    /// Deletes the codes of a conference that is deleted.
    pub(crate) async fn forget_codes(&mut self, conference: Key) -> Result<(), StoreError> {
        execute!(self.tx, sqlx::query("DELETE FROM code_assignment WHERE conference_key = $1").bind(conference));
        execute!(self.tx, sqlx::query("DELETE FROM code_change WHERE conference_key = $1").bind(conference));
        Ok(())
    }
}

impl TryFrom<CodedRecord> for CodedConference {
    type Error = StoreError;

    fn try_from(record: CodedRecord) -> Result<Self, StoreError> {
        let row = record.conference_id.as_str();
        Ok(Self {
            key: record.conference_key,
            room: parse("room", row, "room_number", &record.room_number)?,
            id: parse("conference", row, "conference_id", row)?,
            filed_at: instant("conference", row, "filed_at", record.filed_at)?,
            assigned: parse_optional("code_assignment", row, "billing_code", record.billing_code.as_deref())?,
            changed_by: record.changed_by.map(CodeSetKey),
            closed: parse_optional("closing", row, "period", record.period.as_deref())?,
            revision: record.revision,
            is_erased: record.usage_expired_at.is_some(),
        })
    }
}
