//! What was changed when, and by whom.

use chrono::{DateTime, Utc};

use super::assign::{CodeSetKey, CodedConference};
use crate::domain::{BillingCode, ConferenceId, ConferenceUsage, RoomNumber};
use crate::store::engine::decode::{instant, parse_optional};
use crate::store::{AccountAccess, Codes, Key, PersonKey, StoreError, UsageScope, fetch, record};

/// One change of one conference's code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeHistoryEntry {
    pub set: CodeSetKey,
    pub at: DateTime<Utc>,
    /// The address of the person who did it.
    pub by: String,
    pub before: Option<BillingCode>,
    pub after: Option<BillingCode>,
    /// The current revision of the conference's month then; `None` if it was open.
    pub revision: Option<i64>,
    pub is_undo: bool,
}

/// A set of changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeSet {
    pub key: CodeSetKey,
    pub person: PersonKey,
    pub undoes: Option<CodeSetKey>,
    pub changes: Vec<CodeSetChange>,
}

/// A conference in a set: its code of now beside what the set did to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeSetChange {
    pub conference: CodedConference,
    pub before: Option<BillingCode>,
    pub after: Option<BillingCode>,
}

record! {
    struct HistoryRecord {
        set_key: Key,
        changed_at: i64,
        address: String,
        code_before: Option<String>,
        code_after: Option<String>,
        revision: Option<i64>,
        undoes: Option<Key>,
    }
}

impl Codes<'_> {
    /// The newest change in an account; `None` if there was none.
    pub async fn newest_code_set(&mut self, account: Key) -> Result<Option<CodeSetKey>, StoreError> {
        const SQL: &str = "SELECT MAX(set_key) FROM code_change_set WHERE account_key = $1";
        let newest = fetch!(one, self.tx, sqlx::query_scalar::<_, Option<Key>>(SQL).bind(account));
        Ok(newest.map(CodeSetKey))
    }

    /// The changes of a conference's code, newest first, as far as they were made in the account that it belongs to.
    pub async fn history(
        &mut self,
        access: &AccountAccess,
        (room, id): (&RoomNumber, &ConferenceId),
    ) -> Result<Vec<CodeHistoryEntry>, StoreError> {
        const SQL: &str =
            "SELECT h.set_key, s.changed_at, p.address, h.code_before, h.code_after, h.revision, s.undoes
             FROM conference c JOIN room r ON r.room_key = c.room_key
                  JOIN code_change h ON h.conference_key = c.conference_key
                  JOIN code_change_set s ON s.set_key = h.set_key
                  JOIN portal_person p ON p.person_key = s.person_key
             WHERE c.conference_id = $1 AND r.room_number = $2 AND c.account_key = $3 AND s.account_key = $3
             ORDER BY h.set_key DESC";
        if !access.includes(room) {
            return Ok(Vec::new());
        }
        let rows = fetch!(
            all,
            self.tx,
            sqlx::query_as::<_, HistoryRecord>(SQL).bind(id.as_str()).bind(room.as_str()).bind(access.account)
        );
        rows.into_iter().map(CodeHistoryEntry::try_from).collect()
    }

    /// A set with those of its conferences that the account has; `None` if it is not one of the account's.
    pub async fn code_set(&mut self, access: &AccountAccess, set: CodeSetKey) -> Result<Option<CodeSet>, StoreError> {
        const SET: &str = "SELECT person_key, undoes FROM code_change_set WHERE set_key = $1 AND account_key = $2";
        const CHANGES: &str = "SELECT conference_key, code_before, code_after FROM code_change WHERE set_key = $1";
        type Change = (Key, Option<String>, Option<String>);
        let found =
            fetch!(optional, self.tx, sqlx::query_as::<_, (Key, Option<Key>)>(SET).bind(set.0).bind(access.account));
        let Some((person, undoes)) = found else { return Ok(None) };
        let rows = fetch!(all, self.tx, sqlx::query_as::<_, Change>(CHANGES).bind(set.0));
        let keys: Vec<Key> = rows.iter().map(|(key, ..)| *key).collect();
        let mut changes = Vec::with_capacity(keys.len());
        for conference in self.coded_by_key(access.account, &keys).await? {
            let Some((_, before, after)) = rows.iter().find(|(key, ..)| *key == conference.key) else { continue };
            let row = conference.id.as_str();
            changes.push(CodeSetChange {
                before: parse_optional("code_change", row, "code_before", before.as_deref())?,
                after: parse_optional("code_change", row, "code_after", after.as_deref())?,
                conference,
            });
        }
        Ok(Some(CodeSet { key: set, person: PersonKey(person), undoes: undoes.map(CodeSetKey), changes }))
    }

    /// The conferences of the scope's statement whose codes were ever changed online, as it charges them.
    pub async fn recoded_conferences(&mut self, scope: UsageScope) -> Result<Vec<ConferenceUsage>, StoreError> {
        const OWN: &str = "SELECT DISTINCT c.conference_key FROM code_change_set s
             JOIN code_change h ON h.set_key = s.set_key JOIN conference c ON c.conference_key = h.conference_key
             WHERE s.account_key = $1 AND c.account_key = $1 AND c.filed_at >= $2 AND c.filed_at < $3";
        const CARRIED: &str = "SELECT DISTINCT t.conference_key FROM late_leg t
             WHERE t.account_key = $1 AND t.charged_in = $2 AND t.period <> $2
               AND EXISTS (SELECT 1 FROM code_change h WHERE h.conference_key = t.conference_key)";
        let (start, end) = (scope.bounds.start.timestamp(), scope.bounds.end.timestamp());
        let own = fetch!(all, self.tx, sqlx::query_scalar::<_, Key>(OWN).bind(scope.account).bind(start).bind(end));
        let period = scope.bounds.id.to_string();
        let carried = fetch!(all, self.tx, sqlx::query_scalar::<_, Key>(CARRIED).bind(scope.account).bind(period));
        let mut conferences = self.tx.usage().conferences_by_key(&own, scope, false).await?;
        conferences.extend(self.tx.usage().conferences_by_key(&carried, scope, true).await?);
        Ok(conferences)
    }
}

impl TryFrom<HistoryRecord> for CodeHistoryEntry {
    type Error = StoreError;

    fn try_from(record: HistoryRecord) -> Result<Self, StoreError> {
        let row = record.set_key.to_string();
        Ok(Self {
            set: CodeSetKey(record.set_key),
            at: instant("code_change_set", &row, "changed_at", record.changed_at)?,
            by: record.address,
            before: parse_optional("code_change", &row, "code_before", record.code_before.as_deref())?,
            after: parse_optional("code_change", &row, "code_after", record.code_after.as_deref())?,
            revision: record.revision,
            is_undo: record.undoes.is_some(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_history_row_that_is_damaged_is_named() {
        let record = HistoryRecord {
            set_key: 7,
            changed_at: i64::MAX,
            address: "compta@phoenix.example".into(),
            code_before: None,
            code_after: Some("P-17".into()),
            revision: None,
            undoes: None,
        };
        assert!(CodeHistoryEntry::try_from(record).unwrap_err().to_string().contains("row 7"));
    }
}
