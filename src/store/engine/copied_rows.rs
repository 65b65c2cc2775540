//! Rows of any table of either engine as they are copied: read, counted, digested and written.

use futures_util::{Stream, TryStreamExt};
use sha2::Digest;
use sqlx::{AssertSqlSafe, ColumnIndex, Decode, Row, Type};

use crate::digest::Sha256;
use crate::store::{StoreError, Tables, Tx, fetch, on_engine};

/// SQLite allows 32,766 parameters in a statement, PostgreSQL 65,535.
const PARAMETERS: usize = 32_000;

/// A column's name, and what its values are on both engines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Column {
    name: String,
    kind: ColumnKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ColumnKind {
    Integer,
    Text,
    Boolean,
    Bytes,
}

pub(crate) enum Value {
    Integer(Option<i64>),
    Text(Option<String>),
    Boolean(Option<bool>),
    Bytes(Option<Vec<u8>>),
}

/// Rows on their way.
pub(crate) type Batch = Vec<Vec<Value>>;

/// Number and digest of rows, whatever their order: the sum of the rows' digests.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct RowsDigest {
    pub(crate) rows: u64,
    sum: [u64; 4],
}

impl RowsDigest {
    fn add(&mut self, row: &[Value]) {
        let mut hash = sha2::Sha256::new();
        for value in row {
            value.feed(&mut hash);
        }
        let digest = hash.finalize();
        for (lane, bytes) in self.sum.iter_mut().zip(digest.as_slice().chunks_exact(8)) {
            *lane = lane.wrapping_add(bytes.iter().fold(0, |number, byte| number << 8 | u64::from(*byte)));
        }
        self.rows += 1;
    }

    /// The sum.
    pub(crate) fn digest(&self) -> Sha256 {
        let mut bytes = [0; 32];
        for (piece, lane) in bytes.chunks_exact_mut(8).zip(self.sum) {
            piece.copy_from_slice(&lane.to_be_bytes());
        }
        Sha256::from_bytes(bytes)
    }
}

impl Value {
    /// A value's kind, whether it is NULL, its length and its bytes, so that no two different rows have the same
    /// digest.
    fn feed(&self, hash: &mut sha2::Sha256) {
        let mut feed = |kind: u8, bytes: Option<&[u8]>| {
            hash.update([kind, u8::from(bytes.is_some())]);
            hash.update((bytes.map_or(0, <[u8]>::len) as u64).to_be_bytes());
            hash.update(bytes.unwrap_or_default());
        };
        match self {
            Self::Integer(value) => feed(b'i', value.map(i64::to_be_bytes).as_ref().map(|bytes| &bytes[..])),
            Self::Text(value) => feed(b't', value.as_ref().map(|text| text.as_bytes())),
            Self::Boolean(value) => feed(b'b', value.map(|value| [u8::from(value)]).as_ref().map(|byte| &byte[..])),
            Self::Bytes(value) => feed(b'x', value.as_deref()),
        }
    }
}

impl Tables<'_> {
    pub(crate) async fn columns(&mut self, table: &str) -> Result<Vec<Column>, StoreError> {
        let sql = match self.tx {
            Tx::Sqlite(_) => crate::store::engine::sqlite::COLUMNS,
            Tx::Postgres(_) => crate::store::engine::postgres::COLUMNS,
        };
        let rows = fetch!(all, self.tx, sqlx::query_as::<_, (String, String)>(sql).bind(table));
        rows.into_iter()
            .map(|(name, declared)| match ColumnKind::of(&declared) {
                Some(kind) => Ok(Column { name, kind }),
                None => Err(StoreError::UnknownTable(format!("{table}.{name} of type {declared}"))),
            })
            .collect()
    }

    /// Reads a whole table, and hands it on in batches if there is a receiver.
    pub(crate) async fn read_rows(
        &mut self,
        table: &str,
        columns: &[Column],
        out: Option<tokio::sync::mpsc::Sender<Batch>>,
    ) -> Result<RowsDigest, StoreError> {
        let sql = AssertSqlSafe(format!("SELECT {} FROM {table}", names(columns)));
        on_engine!(self.tx, |conn| {
            let rows = sqlx::query(sql).persistent(false).fetch(conn).map_ok(|row| values(&row, columns));
            send_batches(rows, PARAMETERS / columns.len().max(1), out).await
        })
    }

    pub(crate) async fn insert_rows(
        &mut self,
        table: &str,
        columns: &[Column],
        rows: Batch,
    ) -> Result<(), StoreError> {
        // Keys are generated for new rows only; these bring theirs.
        let overriding = if matches!(self.tx, Tx::Postgres(_)) { " OVERRIDING SYSTEM VALUE" } else { "" };
        let sql = format!(
            "INSERT INTO {table} ({}){overriding} VALUES {}",
            names(columns),
            self.parameters(rows.len(), columns.len())
        );
        let count = rows.len() as u64;
        let written = on_engine!(self.tx, |conn| {
            let mut query = sqlx::query(AssertSqlSafe(sql));
            for value in rows.into_iter().flatten() {
                query = match value {
                    Value::Integer(value) => query.bind(value),
                    Value::Text(value) => query.bind(value),
                    Value::Boolean(value) => query.bind(value),
                    Value::Bytes(value) => query.bind(value),
                };
            }
            query.persistent(false).execute(conn).await?.rows_affected()
        });
        if written == count { Ok(()) } else { Err(StoreError::UnexpectedRows(written, "copied rows")) }
    }

    /// Rows of parameters for `VALUES`: without numbers on SQLite, which looks numbered ones up one by one.
    fn parameters(&self, rows: usize, columns: usize) -> String {
        let parameter = |number: usize| match self.tx {
            Tx::Sqlite(_) => "?".to_owned(),
            Tx::Postgres(_) => format!("${number}"),
        };
        let row = |row: usize| {
            let parameters = (1..=columns).map(|column| parameter(row * columns + column));
            format!("({})", parameters.collect::<Vec<_>>().join(","))
        };
        (0..rows).map(row).collect::<Vec<_>>().join(",")
    }

    /// Makes generated keys continue after the highest that was copied; SQLite does so by itself.
    pub(crate) async fn continue_keys(&mut self, table: &str, columns: &[Column]) -> Result<(), StoreError> {
        let Tx::Postgres(tx) = self.tx else { return Ok(()) };
        for column in columns {
            let sequence: Option<String> = sqlx::query_scalar("SELECT pg_get_serial_sequence($1, $2)")
                .bind(table)
                .bind(column.name.as_str())
                .persistent(false)
                .fetch_one(&mut **tx)
                .await?;
            if let Some(sequence) = sequence {
                let sql =
                    format!("SELECT setval($1, MAX({0})) FROM {table} HAVING MAX({0}) IS NOT NULL", column.name);
                sqlx::query(AssertSqlSafe(sql)).bind(sequence).persistent(false).execute(&mut **tx).await?;
            }
        }
        Ok(())
    }
}

/// One row of either engine.
fn values<'r, R>(row: &'r R, columns: &[Column]) -> Result<Vec<Value>, sqlx::Error>
where
    R: Row,
    usize: ColumnIndex<R>,
    i64: Decode<'r, R::Database> + Type<R::Database>,
    String: Decode<'r, R::Database> + Type<R::Database>,
    bool: Decode<'r, R::Database> + Type<R::Database>,
    Vec<u8>: Decode<'r, R::Database> + Type<R::Database>,
{
    let value = |(at, column): (usize, &Column)| {
        Ok(match column.kind {
            ColumnKind::Integer => Value::Integer(row.try_get(at)?),
            ColumnKind::Text => Value::Text(row.try_get(at)?),
            ColumnKind::Boolean => Value::Boolean(row.try_get(at)?),
            ColumnKind::Bytes => Value::Bytes(row.try_get(at)?),
        })
    };
    columns.iter().enumerate().map(value).collect()
}

async fn send_batches(
    mut rows: impl Stream<Item = Result<Result<Vec<Value>, sqlx::Error>, sqlx::Error>> + Unpin,
    largest: usize,
    out: Option<tokio::sync::mpsc::Sender<Batch>>,
) -> Result<RowsDigest, StoreError> {
    let (mut tally, mut batch) = (RowsDigest::default(), Vec::new());
    while let Some(row) = rows.try_next().await? {
        let row = row?;
        tally.add(&row);
        let Some(out) = &out else { continue };
        batch.push(row);
        if batch.len() >= largest && out.send(std::mem::take(&mut batch)).await.is_err() {
            return Ok(tally);
        }
    }
    if let Some(out) = out.filter(|_| !batch.is_empty()) {
        // A writer that has ended has reported the reason itself.
        let _ = out.send(batch).await;
    }
    Ok(tally)
}

impl ColumnKind {
    /// From the type as the engines' catalogues name it.
    fn of(declared: &str) -> Option<Self> {
        Some(match declared.to_ascii_lowercase().as_str() {
            "bigint" | "integer" => Self::Integer,
            "text" => Self::Text,
            "boolean" => Self::Boolean,
            "blob" | "bytea" => Self::Bytes,
            _ => return None,
        })
    }
}

fn names(columns: &[Column]) -> String {
    columns.iter().map(|column| column.name.as_str()).collect::<Vec<_>>().join(", ")
}
