//! Frozen statements as they are read: whole, or of large ones no more than is wanted.

use std::collections::BTreeSet;
use std::ops::Bound;

use crate::domain::{CodeShare, Line, LineChange, RoomNumber, Statement, StoredLines};
use crate::store::engine::decode::parse;
use crate::store::statements::document::decode;
use crate::store::statements::packed::unpack;
use crate::store::statements::parts::{CHANGES, FrozenPart, LINES, Share, corrupt};
use crate::store::{Key, StatementKey, Statements, StoreError, execute, fetch, record};

record! {
    struct PartRecord {
        part: i64,
        first_room: String,
        last_room: String,
    }
}

impl Statements<'_> {
    pub(super) async fn insert_parts(&mut self, key: Key, parts: &[FrozenPart]) -> Result<(), StoreError> {
        const SQL: &str = "INSERT INTO statement_part
                (statement_key, kind, part, first_room, last_room, shares, document)
             VALUES ($1, $2, $3, $4, $5, $6, $7)";
        for part in parts {
            execute!(
                self.tx,
                sqlx::query(SQL)
                    .bind(key)
                    .bind(part.kind)
                    .bind(part.part)
                    .bind(part.rooms.0.as_str())
                    .bind(part.rooms.1.as_str())
                    .bind(part.shares.as_str())
                    .bind(part.document.as_slice())
            );
        }
        Ok(())
    }

    /// The frozen statement itself; an error if it was erased together with its usage.
    pub async fn statement(&mut self, key: StatementKey) -> Result<Statement, StoreError> {
        let mut statement = self.statement_head(key).await?;
        if statement.lines.is_empty() && statement.totals.participants > 0 {
            for document in self.part_documents(key, LINES).await? {
                let StoredLines(lines) = unpack(&document).map_err(|error| corrupt(&key.0, &error))?;
                statement.lines.extend(lines);
            }
            check_whole(key, &statement.lines, statement.totals.participants)?;
        }
        if let Some(changes) = statement.changes.as_mut().filter(|changes| changes.lines.is_empty()) {
            for document in self.part_documents(key, CHANGES).await? {
                let lines: Vec<LineChange> = unpack(&document).map_err(|error| corrupt(&key.0, &error))?;
                changes.lines.extend(lines);
            }
        }
        Ok(statement)
    }

    /// The frozen statement; of a large one without its lines.
    pub async fn statement_head(&mut self, key: StatementKey) -> Result<Statement, StoreError> {
        const SQL: &str = "SELECT document FROM statement_document WHERE statement_key = $1";
        let document = fetch!(optional, self.tx, sqlx::query_scalar::<_, Vec<u8>>(SQL).bind(key.0));
        decode(&key.0.to_string(), &document.ok_or(StoreError::DocumentGone)?)
    }

    /// What the rooms of a large statement come to by code; as `code_shares` makes it of its lines.
    pub async fn frozen_shares(&mut self, key: StatementKey) -> Result<Vec<CodeShare>, StoreError> {
        const SQL: &str = "SELECT shares FROM statement_part WHERE statement_key = $1 AND kind = $2 ORDER BY part";
        let mut shares = Vec::new();
        for text in fetch!(all, self.tx, sqlx::query_scalar::<_, String>(SQL).bind(key.0).bind(LINES)) {
            let part: Vec<Share> = serde_json::from_str(&text).map_err(|error| corrupt(&key.0, &error))?;
            shares.extend(part.into_iter().map(CodeShare::from));
        }
        Ok(shares)
    }

    /// The lines of these rooms, of a large statement.
    pub async fn lines_of_rooms(
        &mut self,
        key: StatementKey,
        rooms: &BTreeSet<&RoomNumber>,
    ) -> Result<Vec<Line>, StoreError> {
        const PARTS: &str = "SELECT part, first_room, last_room FROM statement_part
             WHERE statement_key = $1 AND kind = $2 ORDER BY part";
        const PART: &str = "SELECT document FROM statement_part WHERE statement_key = $1 AND kind = $2 AND part = $3";
        let mut lines = Vec::new();
        for record in fetch!(all, self.tx, sqlx::query_as::<_, PartRecord>(PARTS).bind(key.0).bind(LINES)) {
            let row = key.0.to_string();
            let first: RoomNumber = parse("statement_part", &row, "first_room", &record.first_room)?;
            let last: RoomNumber = parse("statement_part", &row, "last_room", &record.last_room)?;
            let within = (Bound::Included(&first), Bound::Included(&last));
            if rooms.range::<&RoomNumber, _>(within).next().is_none() {
                continue;
            }
            let part = fetch!(
                one,
                self.tx,
                sqlx::query_scalar::<_, Vec<u8>>(PART).bind(key.0).bind(LINES).bind(record.part)
            );
            let StoredLines(part) = unpack(&part).map_err(|error| corrupt(&key.0, &error))?;
            lines.extend(part.into_iter().filter(|line| rooms.contains(&line.room)));
        }
        Ok(lines)
    }

    async fn part_documents(&mut self, key: StatementKey, kind: &str) -> Result<Vec<Vec<u8>>, StoreError> {
        const SQL: &str = "SELECT document FROM statement_part WHERE statement_key = $1 AND kind = $2 ORDER BY part";
        Ok(fetch!(all, self.tx, sqlx::query_scalar::<_, Vec<u8>>(SQL).bind(key.0).bind(kind)))
    }
}

/// No part is missing: each leg is in a line.
fn check_whole(key: StatementKey, lines: &[Line], participants: u64) -> Result<(), StoreError> {
    let found: u64 = lines.iter().map(|line| line.quantity).sum();
    if found == participants {
        return Ok(());
    }
    Err(StoreError::lacks_parts(key, (found, participants)))
}

impl StoreError {
    /// Lines have fewer participants than they should.
    pub(crate) fn lacks_parts(key: StatementKey, (found, expected): (u64, u64)) -> Self {
        corrupt(&key.0, &format!("lacks parts: {found} participants of {expected} are there"))
    }
}
