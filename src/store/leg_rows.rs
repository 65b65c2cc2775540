//! Legs into their table by the fastest way of each engine.

use std::sync::LazyLock;

use sqlx::{AssertSqlSafe, PgConnection, SqliteConnection};

use super::{Key, StoreError, Tx};
use crate::domain::Leg;

/// With fewer, the statement's fixed cost shows; with more, nothing is gained.
const ROWS_PER_INSERT: usize = 200;
/// Bytes handed to PostgreSQL at a time.
const COPY_CHUNK: usize = 256 * 1024;

/// Always the same text, so that it is prepared once.
static FULL_INSERT: LazyLock<String> = LazyLock::new(|| insert_sql(ROWS_PER_INSERT));

impl Tx {
    /// Stores legs whose ids are known to be new, each with its conference's key.
    pub(super) async fn insert_legs(&mut self, legs: &[(Key, &Leg)]) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(tx) => insert_rows(&mut *tx, legs).await,
            Self::Postgres(tx) => copy_rows(&mut *tx, legs).await,
        }
    }
}

async fn insert_rows(connection: &mut SqliteConnection, legs: &[(Key, &Leg)]) -> Result<(), StoreError> {
    for chunk in legs.chunks(ROWS_PER_INSERT) {
        let mut query = if chunk.len() == ROWS_PER_INSERT {
            sqlx::query(AssertSqlSafe(FULL_INSERT.as_str()))
        } else {
            sqlx::query(AssertSqlSafe(insert_sql(chunk.len()))).persistent(false)
        };
        for (conference, leg) in chunk {
            query = query
                .bind(*conference)
                .bind(leg.leg_id.shared())
                .bind(leg.service_type.shared())
                .bind(leg.joined_at.timestamp())
                .bind(leg.left_at.timestamp())
                .bind(leg.caller.as_ref().map(|caller| caller.shared()))
                .bind(leg.billing_code.as_ref().map(|code| code.shared()));
        }
        query.execute(&mut *connection).await?;
    }
    Ok(())
}

/// Parameters without a number: SQLite looks numbered ones up one by one. `OR FAIL`: see `list_query!`.
fn insert_sql(rows: usize) -> String {
    let rows = vec!["(?,?,?,?,?,?,?)"; rows].join(",");
    format!(
        "INSERT OR FAIL INTO leg (conference_key, leg_id, service_type, joined_at, left_at, caller, billing_code)
         VALUES {rows}"
    )
}

async fn copy_rows(connection: &mut PgConnection, legs: &[(Key, &Leg)]) -> Result<(), StoreError> {
    const COPY: &str = "COPY leg (conference_key, leg_id, service_type, joined_at, left_at, caller, billing_code)
         FROM STDIN (FORMAT binary)";
    let mut copy = connection.copy_in_raw(COPY).await?;
    let mut rows = CopyRows::new();
    for (conference, leg) in legs {
        rows.begin(7);
        rows.number(*conference);
        rows.text(Some(leg.leg_id.as_str()));
        rows.text(Some(leg.service_type.as_str()));
        rows.number(leg.joined_at.timestamp());
        rows.number(leg.left_at.timestamp());
        rows.text(leg.caller.as_ref().map(|caller| caller.as_str()));
        rows.text(leg.billing_code.as_ref().map(|code| code.as_str()));
        if rows.0.len() >= COPY_CHUNK {
            copy.send(rows.0.as_slice()).await?;
            rows.0.clear();
        }
    }
    copy.send(rows.end()).await?;
    copy.finish().await?;
    Ok(())
}

/// PostgreSQL's binary COPY format: see "Binary Format" in its reference of COPY.
struct CopyRows(Vec<u8>);

impl CopyRows {
    fn new() -> Self {
        // Signature, no flags, no header extension.
        Self(b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0".to_vec())
    }

    fn begin(&mut self, fields: i16) {
        self.0.extend_from_slice(&fields.to_be_bytes());
    }

    fn number(&mut self, number: i64) {
        self.0.extend_from_slice(&8_i32.to_be_bytes());
        self.0.extend_from_slice(&number.to_be_bytes());
    }

    /// Texts have been checked at the door and are far shorter than 2 GiB.
    fn text(&mut self, text: Option<&str>) {
        let length = text.map_or(-1, |text| i32::try_from(text.len()).unwrap_or(i32::MAX));
        self.0.extend_from_slice(&length.to_be_bytes());
        self.0.extend_from_slice(text.unwrap_or_default().as_bytes());
    }

    fn end(mut self) -> Vec<u8> {
        self.begin(-1);
        self.0
    }
}
