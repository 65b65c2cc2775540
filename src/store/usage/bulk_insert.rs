//! Conferences and legs into their tables by the fastest way of each engine.
//!
//! Each row says once what its columns hold; SQLite takes them as parameters of large statements, PostgreSQL as COPY.

use std::sync::Arc;

use futures_util::future::join;
use sqlx::error::BoxDynError;
use sqlx::sqlite::SqliteArguments;
use sqlx::{Arguments, AssertSqlSafe, PgConnection, SqliteConnection};

use crate::domain::{ConferenceId, Leg};
use crate::store::{Key, StoreError, Tx, Usage};

/// With fewer, the statement's fixed cost shows; with more, nothing is gained.
const ROWS_PER_INSERT: usize = 200;
/// Bytes handed to PostgreSQL at a time.
const COPY_CHUNK: usize = 256 * 1024;

/// A row that comes in bulk.
pub(crate) trait BulkRow {
    const TABLE: &'static str;
    const COLUMNS: &'static [&'static str];

    /// Its values, in the order of the columns.
    fn put(&self, values: &mut impl Values) -> Result<(), BoxDynError>;
}

/// Takes the values of a row one by one.
pub(crate) trait Values {
    fn number(&mut self, number: i64) -> Result<(), BoxDynError>;
    fn text(&mut self, text: Option<Arc<str>>) -> Result<(), BoxDynError>;
}

/// A conference that has no row yet.
pub(crate) struct NewConference<'a> {
    pub key: Key,
    pub room: Key,
    pub account: Key,
    pub id: &'a ConferenceId,
    pub filed_at: i64,
}

/// A leg whose id is new.
pub(crate) struct NewLeg<'a> {
    pub conference: Key,
    pub leg: &'a Leg,
}

impl BulkRow for NewConference<'_> {
    const TABLE: &'static str = "conference";
    const COLUMNS: &'static [&'static str] =
        &["conference_key", "room_key", "account_key", "conference_id", "filed_at"];

    fn put(&self, values: &mut impl Values) -> Result<(), BoxDynError> {
        values.number(self.key)?;
        values.number(self.room)?;
        values.number(self.account)?;
        values.text(Some(self.id.shared()))?;
        values.number(self.filed_at)
    }
}

impl BulkRow for NewLeg<'_> {
    const TABLE: &'static str = "leg";
    const COLUMNS: &'static [&'static str] =
        &["conference_key", "leg_id", "service_type", "joined_at", "left_at", "caller", "billing_code"];

    fn put(&self, values: &mut impl Values) -> Result<(), BoxDynError> {
        let leg = self.leg;
        values.number(self.conference)?;
        values.text(Some(leg.leg_id.shared()))?;
        values.text(Some(leg.service_type.shared()))?;
        values.number(leg.joined_at.timestamp())?;
        values.number(leg.left_at.timestamp())?;
        values.text(leg.caller.as_ref().map(|caller| caller.shared()))?;
        values.text(leg.billing_code.as_ref().map(|code| code.shared()))
    }
}

impl Usage<'_> {
    /// Stores rows whose keys are known to be new.
    pub(crate) async fn insert_bulk<R: BulkRow>(&mut self, rows: &[R]) -> Result<(), StoreError> {
        match self.tx {
            _ if rows.is_empty() => Ok(()),
            Tx::Sqlite(tx) => insert_rows(&mut *tx, rows).await,
            Tx::Postgres(tx) => copy_rows(&mut *tx, rows).await,
        }
    }
}

async fn insert_rows<R: BulkRow>(connection: &mut SqliteConnection, rows: &[R]) -> Result<(), StoreError> {
    // Always the same text, so that it is prepared once.
    let full = insert_sql::<R>(ROWS_PER_INSERT);
    let mut chunks = rows.chunks(ROWS_PER_INSERT);
    let mut next = chunks.next().map(arguments_of).transpose()?;
    while let Some((rows, arguments)) = next {
        let query = if rows == ROWS_PER_INSERT {
            sqlx::query_with(AssertSqlSafe(full.as_str()), arguments)
        } else {
            sqlx::query_with(AssertSqlSafe(insert_sql::<R>(rows)), arguments).persistent(false)
        };
        // The engine has a thread of its own: the next statement is got ready meanwhile.
        let (done, ready) =
            join(query.execute(&mut *connection), async { chunks.next().map(arguments_of).transpose() }).await;
        done?;
        next = ready?;
    }
    Ok(())
}

/// A chunk's values, with the number of its rows.
fn arguments_of<R: BulkRow>(rows: &[R]) -> Result<(usize, SqliteArguments), StoreError> {
    let mut arguments = SqliteArguments::default();
    for row in rows {
        row.put(&mut arguments).map_err(sqlx::Error::Encode)?;
    }
    Ok((rows.len(), arguments))
}

/// Parameters without a number: SQLite looks numbered ones up one by one. `OR FAIL`, and nothing but parameters: a
/// row that cannot be stored then leaves it to the transaction to undo the statement, which spares SQLite a journal
/// of each; that of a function, as JSON needs, copied every page of the index by account that was touched.
fn insert_sql<R: BulkRow>(rows: usize) -> String {
    let (table, columns) = (R::TABLE, R::COLUMNS.join(", "));
    let row = format!("({})", vec!["?"; R::COLUMNS.len()].join(","));
    format!("INSERT OR FAIL INTO {table} ({columns}) VALUES {}", vec![row; rows].join(","))
}

impl Values for SqliteArguments {
    fn number(&mut self, number: i64) -> Result<(), BoxDynError> {
        self.add(number)
    }

    fn text(&mut self, text: Option<Arc<str>>) -> Result<(), BoxDynError> {
        self.add(text)
    }
}

async fn copy_rows<R: BulkRow>(connection: &mut PgConnection, rows: &[R]) -> Result<(), StoreError> {
    let sql = format!("COPY {} ({}) FROM STDIN (FORMAT binary)", R::TABLE, R::COLUMNS.join(", "));
    let fields = i16::try_from(R::COLUMNS.len()).unwrap_or_default();
    let mut copy = connection.copy_in_raw(&sql).await?;
    let mut bytes = CopyRows::new();
    for row in rows {
        bytes.begin(fields);
        row.put(&mut bytes).map_err(sqlx::Error::Encode)?;
        if bytes.0.len() >= COPY_CHUNK {
            copy.send(bytes.0.as_slice()).await?;
            bytes.0.clear();
        }
    }
    copy.send(bytes.end()).await?;
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

    fn end(mut self) -> Vec<u8> {
        self.begin(-1);
        self.0
    }
}

impl Values for CopyRows {
    fn number(&mut self, number: i64) -> Result<(), BoxDynError> {
        self.0.extend_from_slice(&8_i32.to_be_bytes());
        self.0.extend_from_slice(&number.to_be_bytes());
        Ok(())
    }

    fn text(&mut self, text: Option<Arc<str>>) -> Result<(), BoxDynError> {
        let length = text.as_ref().map_or(Ok(-1), |text| i32::try_from(text.len()))?;
        self.0.extend_from_slice(&length.to_be_bytes());
        self.0.extend_from_slice(text.as_deref().unwrap_or_default().as_bytes());
        Ok(())
    }
}
