//! What of each source of usage has been taken: files, counts, and legs of which one end has not come.
//!
//! All of it is written in the transaction that stores the rows.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::domain::Invalid;
use crate::store::engine::decode::text_column;
use crate::store::engine::lists::{list, list_sql};
use crate::store::{Intake, StoreError, execute, fetch, record};

/// Prefix of the keys of legs of which both ends are known. They are kept since their records may come again, and are
/// not waiting.
pub const ENDED: &str = "ended ";

/// What has become of a file of a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum IntakeFileState {
    Taken,
    /// Its end has not come yet; it is tried again when it has changed.
    Incomplete,
    Refused,
    /// It grows, and is taken as far as it goes.
    Following,
}

impl IntakeFileState {
    /// Of files that were not taken whole.
    pub const UNTAKEN: [Self; 2] = [Self::Incomplete, Self::Refused];
    const ALL: [Self; 4] = [Self::Taken, Self::Incomplete, Self::Refused, Self::Following];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Taken => "taken",
            Self::Incomplete => "incomplete",
            Self::Refused => "refused",
            Self::Following => "following",
        }
    }
}

impl FromStr for IntakeFileState {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let known = Self::ALL.into_iter().find(|state| state.as_str() == text);
        known.ok_or_else(|| Invalid(format!("is no state of a file: {text:?}")))
    }
}

impl fmt::Display for IntakeFileState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

text_column!(IntakeFileState);

record! {
    /// A file, or an object of a store, of one source.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct IntakeFile {
        pub identity: String,
        pub name: String,
        pub version: String,
        pub position: i64,
        pub mark: String,
        pub state: IntakeFileState,
        pub reason: String,
        pub changed_at: i64,
    }

    /// A source that was looked at.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct IntakeSource {
        pub intake: String,
        pub since: i64,
        pub last_taken_at: Option<i64>,
        pub last_name: Option<String>,
        pub fault: Option<String>,
        pub fault_at: Option<i64>,
    }

    /// How many items of a source had an outcome.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct IntakeCount {
        pub intake: String,
        pub outcome: String,
        pub reason: String,
        pub items: i64,
    }

    /// A file of a source that was not taken whole.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct UntakenIntakeFile {
        pub intake: String,
        pub name: String,
        pub state: IntakeFileState,
        pub reason: String,
        pub changed_at: i64,
    }

    /// How many legs of a source wait for their other end, and since when the oldest does, in seconds since 1970.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct WaitingLegCount {
        pub intake: String,
        pub legs: i64,
        pub oldest: i64,
    }

    /// Legs that wait for their other end, as JSON.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct OpenLegs {
        pub open_key: String,
        pub legs: String,
    }
}

impl Intake<'_> {
    /// What is known of a source's files.
    pub async fn files(&mut self, intake: &str) -> Result<Vec<IntakeFile>, StoreError> {
        const SQL: &str = "SELECT identity, name, version, position, mark, state, reason, changed_at
             FROM intake_file WHERE intake = $1 ORDER BY identity";
        Ok(fetch!(all, self.tx, sqlx::query_as::<_, IntakeFile>(SQL).bind(intake)))
    }

    /// Notes files as they are known now.
    pub async fn note_files(&mut self, intake: &str, files: &[IntakeFile]) -> Result<(), StoreError> {
        const SQL: &str =
            "INSERT INTO intake_file (intake, identity, name, version, position, mark, state, reason, changed_at)
             SELECT $2, item.value ->> 0, item.value ->> 1, item.value ->> 2, CAST(item.value ->> 3 AS BIGINT),
                    item.value ->> 4, item.value ->> 5, item.value ->> 6, CAST(item.value ->> 7 AS BIGINT)
             FROM {list}
             WHERE true ON CONFLICT (intake, identity) DO UPDATE SET
                 name = excluded.name, version = excluded.version, position = excluded.position, mark = excluded.mark,
                 state = excluded.state, reason = excluded.reason, changed_at = excluded.changed_at";
        if files.is_empty() {
            return Ok(());
        }
        // A file that was read in two pieces comes twice: the later word counts, and one row takes one change.
        let last: std::collections::BTreeMap<&str, &IntakeFile> =
            files.iter().map(|file| (file.identity.as_str(), file)).collect();
        let rows = list(last.into_values().map(|file| {
            let IntakeFile { identity, name, version, position, mark, state, reason, changed_at } = file;
            (identity, name, version, position, mark, state, reason, changed_at)
        }))?;
        let sql = list_sql(self.tx, SQL);
        execute!(self.tx, sqlx::query(sql).bind(rows).bind(intake));
        Ok(())
    }

    /// Forgets files that are no longer there.
    pub async fn forget_files(&mut self, intake: &str, identities: &[String]) -> Result<(), StoreError> {
        const SQL: &str =
            "DELETE FROM intake_file WHERE intake = $2 AND identity IN (SELECT item.value ->> 0 FROM {list})";
        let (sql, rows) = (list_sql(self.tx, SQL), list(identities.iter().map(|identity| (identity,)))?);
        execute!(self.tx, sqlx::query(sql).bind(rows).bind(intake));
        Ok(())
    }

    /// Adds to the counts of a source: outcome, reason, items.
    pub async fn count(&mut self, intake: &str, counts: &[(&str, &str, u64)]) -> Result<(), StoreError> {
        const SQL: &str = "INSERT INTO intake_count (intake, outcome, reason, items)
             SELECT $2, item.value ->> 0, item.value ->> 1, CAST(item.value ->> 2 AS BIGINT) FROM {list}
             WHERE true ON CONFLICT (intake, outcome, reason)
             DO UPDATE SET items = intake_count.items + excluded.items";
        let counts: Vec<_> = counts.iter().filter(|(.., items)| *items > 0).collect();
        if counts.is_empty() {
            return Ok(());
        }
        let (sql, rows) = (list_sql(self.tx, SQL), list(counts)?);
        execute!(self.tx, sqlx::query(sql).bind(rows).bind(intake));
        Ok(())
    }

    /// Notes that a source exists; nothing changes where that is known.
    pub async fn know(&mut self, intake: &str, now: DateTime<Utc>) -> Result<(), StoreError> {
        const SQL: &str = "INSERT INTO intake_source (intake, since) VALUES ($1, $2) ON CONFLICT (intake) DO NOTHING";
        execute!(self.tx, sqlx::query(SQL).bind(intake).bind(now.timestamp()));
        Ok(())
    }

    /// Notes that something came from a source.
    pub async fn note(&mut self, intake: &str, name: &str, now: DateTime<Utc>) -> Result<(), StoreError> {
        const SQL: &str = "INSERT INTO intake_source (intake, since, last_taken_at, last_name) VALUES ($1, $2, $2, $3)
             ON CONFLICT (intake) DO UPDATE SET last_taken_at = excluded.last_taken_at, last_name = excluded.last_name";
        execute!(self.tx, sqlx::query(SQL).bind(intake).bind(now.timestamp()).bind(name));
        Ok(())
    }

    /// Notes why a source could not be looked at; `None` if it could.
    pub async fn note_fault(
        &mut self,
        intake: &str,
        fault: Option<&str>,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        const SQL: &str = "INSERT INTO intake_source (intake, since, fault, fault_at) VALUES ($1, $3, $2, $4)
             ON CONFLICT (intake) DO UPDATE SET fault = excluded.fault,
                 fault_at = CASE WHEN intake_source.fault = excluded.fault THEN intake_source.fault_at
                                 ELSE excluded.fault_at END";
        let at = fault.map(|_| now.timestamp());
        execute!(self.tx, sqlx::query(SQL).bind(intake).bind(fault).bind(now.timestamp()).bind(at));
        Ok(())
    }

    /// All sources that were ever looked at.
    pub async fn sources(&mut self) -> Result<Vec<IntakeSource>, StoreError> {
        const SQL: &str =
            "SELECT intake, since, last_taken_at, last_name, fault, fault_at FROM intake_source ORDER BY intake";
        Ok(fetch!(all, self.tx, sqlx::query_as::<_, IntakeSource>(SQL)))
    }

    /// The counts of all sources.
    pub async fn counts(&mut self) -> Result<Vec<IntakeCount>, StoreError> {
        const SQL: &str = "SELECT intake, outcome, reason, items FROM intake_count ORDER BY intake, outcome, reason";
        Ok(fetch!(all, self.tx, sqlx::query_as::<_, IntakeCount>(SQL)))
    }

    /// Files of any source that were not taken whole.
    pub async fn untaken_files(&mut self) -> Result<Vec<UntakenIntakeFile>, StoreError> {
        const SQL: &str = "SELECT intake, name, state, reason, changed_at FROM intake_file
             WHERE state IN ('incomplete', 'refused') ORDER BY intake, changed_at, name";
        Ok(fetch!(all, self.tx, sqlx::query_as::<_, UntakenIntakeFile>(SQL)))
    }

    /// How many legs wait for their other end, by source.
    pub async fn open_legs_by_intake(&mut self) -> Result<Vec<WaitingLegCount>, StoreError> {
        const SQL: &str = "SELECT intake, COUNT(*) AS legs, COALESCE(MIN(since), 0) AS oldest
             FROM intake_open WHERE open_key NOT LIKE 'ended %' GROUP BY intake ORDER BY intake";
        Ok(fetch!(all, self.tx, sqlx::query_as::<_, WaitingLegCount>(SQL)))
    }

    /// Legs of a source that wait for their other end, and the latest `ended` of those of which both are known; the
    /// oldest first.
    pub async fn open_legs(&mut self, intake: &str, ended: usize) -> Result<Vec<OpenLegs>, StoreError> {
        const SQL: &str = "SELECT open_key, legs FROM (
                 SELECT open_key, legs, since FROM intake_open WHERE intake = $1 AND open_key NOT LIKE 'ended %'
                 UNION ALL
                 SELECT open_key, legs, since FROM (
                     SELECT open_key, legs, since FROM intake_open WHERE intake = $1 AND open_key LIKE 'ended %'
                     ORDER BY since DESC, open_key LIMIT $2) latest) kept
             ORDER BY since, open_key";
        let ended = i64::try_from(ended).unwrap_or(i64::MAX);
        Ok(fetch!(all, self.tx, sqlx::query_as::<_, OpenLegs>(SQL).bind(intake).bind(ended)))
    }

    /// Those that have waited since before `before`; up to `limit`.
    pub async fn open_legs_past_retention(
        &mut self,
        intake: &str,
        before: DateTime<Utc>,
        limit: u32,
    ) -> Result<Vec<OpenLegs>, StoreError> {
        const SQL: &str = "SELECT open_key, legs FROM intake_open WHERE intake = $1 AND since < $2
             ORDER BY since, open_key LIMIT $3";
        let (before, limit) = (before.timestamp(), i64::from(limit));
        Ok(fetch!(all, self.tx, sqlx::query_as::<_, OpenLegs>(SQL).bind(intake).bind(before).bind(limit)))
    }

    /// Notes which legs wait under some keys; an empty list deletes the key.
    pub async fn note_open_legs(
        &mut self,
        intake: &str,
        changes: &[(String, Option<String>)],
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        const ADD: &str =
            "INSERT INTO intake_open (intake, open_key, legs, since) SELECT $2, item.value ->> 0, item.value ->> 1, $3
             FROM {list}
             WHERE true ON CONFLICT (intake, open_key) DO UPDATE SET legs = excluded.legs";
        const REMOVE: &str =
            "DELETE FROM intake_open WHERE intake = $2 AND open_key IN (SELECT item.value ->> 0 FROM {list})";
        let added: Vec<_> = changes.iter().filter_map(|(key, legs)| Some((key.as_str(), legs.as_deref()?))).collect();
        let removed: Vec<_> =
            changes.iter().filter(|(_, legs)| legs.is_none()).map(|(key, _)| (key.as_str(),)).collect();
        if !added.is_empty() {
            let (sql, rows) = (list_sql(self.tx, ADD), list(added)?);
            execute!(self.tx, sqlx::query(sql).bind(rows).bind(intake).bind(now.timestamp()));
        }
        if !removed.is_empty() {
            let (sql, rows) = (list_sql(self.tx, REMOVE), list(removed)?);
            execute!(self.tx, sqlx::query(sql).bind(rows).bind(intake));
        }
        Ok(())
    }

    /// Which of these legs are stored.
    pub async fn stored_leg_ids(&mut self, ids: &[&str]) -> Result<BTreeSet<String>, StoreError> {
        const SQL: &str = "SELECT l.leg_id FROM {list} CROSS JOIN leg l WHERE l.leg_id = item.value ->> 0";
        let (sql, rows) = (list_sql(self.tx, SQL), list(ids.iter().map(|id| (id,)))?);
        Ok(fetch!(all, self.tx, sqlx::query_scalar::<_, String>(sql).bind(rows)).into_iter().collect())
    }
}
