//! Moving house: every row of one database into an empty one, on whatever engine, in one transaction.
//!
//! What arrives is read back and compared with what left, by number of rows and by digest, before anything counts. A
//! copy that is cut off leaves the target as empty as it was.

use futures_util::{Stream, TryStreamExt};
use serde::Serialize;
use sha2::{Digest, Sha256};
use sqlx::{AssertSqlSafe, Row};

use crate::digest::hex;
use crate::store::{Store, StoreError, Tx, execute, fetch, on_engine};

/// All tables, those that others refer to first. What is about processes stays behind.
const TABLES: &[&str] = &[
    "tariff_row",
    "service_label",
    "access_number",
    "account",
    "account_terms",
    "past_zone",
    "room",
    "room_row",
    "master_number",
    "conference",
    "leg",
    "late_leg",
    "usage_total",
    "erased_usage",
    "voided_leg",
    "rejected_header",
    "rejected_record",
    "moved_conference",
    "closing",
    "history_period",
    "parking",
    "statement",
    "statement_document",
    "archive_month",
    "expiry_hold",
    "delivery",
    "bounce_report",
    "mail_pause",
    "usage_arrival",
    "usage_change",
    "rerun",
    "rerun_account",
    "audit",
    "notice",
    "installation_secret",
    "bounce_place",
    "bounce_seen",
    "bounce_attempt",
    "portal_person",
    "portal_browser",
    "code_policy",
    "account_code",
    "code_change_set",
    "code_change",
    "code_assignment",
    "code_revision",
    "second_factor",
    "recovery_code",
    "staff_person",
    "staff_recovery_code",
    "staff_browser",
    "intake_source",
    "intake_count",
    "intake_file",
    "intake_open",
];
/// What an empty database has already; the copy goes by the secrets of the original.
const SECRETS: &str = "installation_secret";
/// Tables that are about processes at work, that fill anew as deliveries arrive, or that end with a move: sessions, links,
/// messages under way.
const LEFT_BEHIND: [&str; 11] = [
    "worker",
    "daemon",
    "claim",
    "delivery_change",
    "portal_session",
    "portal_link",
    "portal_mail",
    "portal_challenge",
    "staff_session",
    "staff_link",
    "staff_challenge",
];
/// SQLite allows 32,766 parameters in a statement, PostgreSQL 65,535.
const PARAMETERS: usize = 32_000;

/// A table that arrived whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CopiedTable {
    pub table: &'static str,
    pub rows: u64,
    /// Of all rows, in any order.
    pub sha256: String,
}

/// A column's name, and what its values are on both engines.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Column {
    name: String,
    kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Integer,
    Text,
    Boolean,
    Bytes,
}

enum Value {
    Integer(Option<i64>),
    Text(Option<String>),
    Boolean(Option<bool>),
    Bytes(Option<Vec<u8>>),
}

impl Store {
    /// Copies everything into `target`, which must have this program's schema and no rows. `note` is told of every
    /// table that has arrived.
    ///
    /// Nobody else writes to this database meanwhile: SQLite by its one writer, PostgreSQL by locks on the tables.
    pub async fn copy_to(
        &self,
        target: &Self,
        note: &mut (dyn FnMut(&CopiedTable) + Send),
    ) -> Result<Vec<CopiedTable>, StoreError> {
        self.check_schema().await?;
        target.check_schema().await?;
        let mut from = self.write_alone(TABLES).await?;
        let mut to = target.write().await?;
        let workers = from.workers().await?;
        if !workers.is_empty() {
            return Err(StoreError::InUse(workers.into_iter().map(|worker| worker.name).collect()));
        }
        let tables = from.tables().await?;
        if let Some(unknown) = tables.iter().find(|table| !is_known(table)) {
            return Err(StoreError::UnknownTable(unknown.clone()));
        }
        to.check_empty().await?;
        to.forget_secrets().await?;
        let mut copied = Vec::with_capacity(TABLES.len());
        for &table in TABLES {
            let arrived = copy_table(&mut from, &mut to, table).await?;
            note(&arrived);
            copied.push(arrived);
        }
        to.forget_processes().await?;
        to.commit().await?;
        from.roll_back().await?;
        Ok(copied)
    }
}

fn is_known(table: &str) -> bool {
    TABLES.contains(&table) || LEFT_BEHIND.contains(&table)
}

async fn copy_table(from: &mut Tx, to: &mut Tx, table: &'static str) -> Result<CopiedTable, StoreError> {
    let columns = from.columns(table).await?;
    let there = to.columns(table).await?;
    let left = {
        let (rows, mut arriving) = tokio::sync::mpsc::channel(2);
        let read = from.read_rows(table, &columns, Some(rows));
        let write = async {
            while let Some(batch) = arriving.recv().await {
                to.insert_rows(table, &columns, batch).await?;
            }
            Ok::<_, StoreError>(())
        };
        // The reader ends when the writer fails, since nobody takes its rows any more.
        let (read, written) = tokio::join!(read, write);
        written?;
        read?
    };
    to.continue_keys(table, &columns).await?;
    let arrived = to.read_rows(table, &there, None).await?;
    if arrived != left {
        let (left, arrived) = (left.rows, arrived.rows);
        return Err(StoreError::CopyDiffers { table, left, arrived });
    }
    Ok(CopiedTable { table, rows: left.rows, sha256: hex(&left.bytes()) })
}

/// Number and digest of rows, whatever their order: the sum of the rows' digests.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Tally {
    rows: u64,
    sum: [u64; 4],
}

impl Tally {
    fn add(&mut self, row: &[Value]) {
        let mut hash = Sha256::new();
        for value in row {
            value.feed(&mut hash);
        }
        let digest = hash.finalize();
        for (lane, bytes) in self.sum.iter_mut().zip(digest.as_slice().chunks_exact(8)) {
            *lane = lane.wrapping_add(bytes.iter().fold(0, |number, byte| number << 8 | u64::from(*byte)));
        }
        self.rows += 1;
    }

    fn bytes(&self) -> Vec<u8> {
        self.sum.iter().flat_map(|lane| lane.to_be_bytes()).collect()
    }
}

impl Value {
    /// Its kind, whether there is one, its length and itself, so that no two rows read the same.
    fn feed(&self, hash: &mut Sha256) {
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

/// One row of either engine.
macro_rules! values {
    ($row:expr, $columns:expr) => {{
        let row = $row;
        let values = $columns.iter().enumerate().map(|(at, column)| {
            Ok(match column.kind {
                Kind::Integer => Value::Integer(row.try_get(at)?),
                Kind::Text => Value::Text(row.try_get(at)?),
                Kind::Boolean => Value::Boolean(row.try_get(at)?),
                Kind::Bytes => Value::Bytes(row.try_get(at)?),
            })
        });
        values.collect::<Result<Vec<Value>, sqlx::Error>>()
    }};
}
type Batch = Vec<Vec<Value>>;

impl Tx {
    /// Every table of the schema but the record of migrations.
    async fn tables(&mut self) -> Result<Vec<String>, StoreError> {
        let sql = match self {
            Self::Sqlite(_) => crate::store::engine::sqlite::TABLES,
            Self::Postgres(_) => crate::store::engine::postgres::TABLES,
        };
        Ok(fetch!(all, self, sqlx::query_scalar(sql)))
    }

    async fn columns(&mut self, table: &str) -> Result<Vec<Column>, StoreError> {
        let sql = match self {
            Self::Sqlite(_) => crate::store::engine::sqlite::COLUMNS,
            Self::Postgres(_) => crate::store::engine::postgres::COLUMNS,
        };
        let rows = fetch!(all, self, sqlx::query_as::<_, (String, String)>(sql).bind(table));
        rows.into_iter()
            .map(|(name, declared)| match Kind::of(&declared) {
                Some(kind) => Ok(Column { name, kind }),
                None => Err(StoreError::UnknownTable(format!("{table}.{name} of type {declared}"))),
            })
            .collect()
    }

    async fn check_empty(&mut self) -> Result<(), StoreError> {
        for &table in TABLES.iter().filter(|table| **table != SECRETS) {
            let sql = AssertSqlSafe(format!("SELECT COUNT(*) FROM {table}"));
            let rows = fetch!(one, self, sqlx::query_scalar::<_, i64>(sql));
            if rows > 0 {
                return Err(StoreError::NotEmpty { table, rows });
            }
        }
        Ok(())
    }

    async fn forget_secrets(&mut self) -> Result<(), StoreError> {
        execute!(self, sqlx::query("DELETE FROM installation_secret"));
        Ok(())
    }

    /// Reads a whole table, and hands it on in batches if somebody wants them.
    async fn read_rows(
        &mut self,
        table: &str,
        columns: &[Column],
        out: Option<tokio::sync::mpsc::Sender<Batch>>,
    ) -> Result<Tally, StoreError> {
        let sql = AssertSqlSafe(format!("SELECT {} FROM {table}", names(columns)));
        on_engine!(self, |conn| {
            let rows = sqlx::query(sql).persistent(false).fetch(conn).map_ok(|row| values!(row, columns));
            send_batches(rows, PARAMETERS / columns.len().max(1), out).await
        })
    }

    async fn insert_rows(&mut self, table: &str, columns: &[Column], rows: Batch) -> Result<(), StoreError> {
        // Keys are generated for new rows only; these bring theirs.
        let overriding = if matches!(self, Self::Postgres(_)) { " OVERRIDING SYSTEM VALUE" } else { "" };
        let sql = format!(
            "INSERT INTO {table} ({}){overriding} VALUES {}",
            names(columns),
            self.parameters(rows.len(), columns.len())
        );
        let count = rows.len() as u64;
        let written = on_engine!(self, |conn| {
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
        let parameter = |number: usize| match self {
            Self::Sqlite(_) => "?".to_owned(),
            Self::Postgres(_) => format!("${number}"),
        };
        let row = |row: usize| {
            let parameters = (1..=columns).map(|column| parameter(row * columns + column));
            format!("({})", parameters.collect::<Vec<_>>().join(","))
        };
        (0..rows).map(row).collect::<Vec<_>>().join(",")
    }

    /// Lets generated keys go on after the highest that was brought; SQLite does so by itself.
    async fn continue_keys(&mut self, table: &str, columns: &[Column]) -> Result<(), StoreError> {
        let Self::Postgres(tx) = self else { return Ok(()) };
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

    /// Deliveries that a process of the old house was sending are nobody's here: 0 is no worker's key.
    async fn forget_processes(&mut self) -> Result<(), StoreError> {
        execute!(self, sqlx::query("UPDATE delivery SET claimed_by = 0 WHERE claimed_by IS NOT NULL"));
        Ok(())
    }
}

async fn send_batches(
    mut rows: impl Stream<Item = Result<Result<Vec<Value>, sqlx::Error>, sqlx::Error>> + Unpin,
    largest: usize,
    out: Option<tokio::sync::mpsc::Sender<Batch>>,
) -> Result<Tally, StoreError> {
    let (mut tally, mut batch) = (Tally::default(), Vec::new());
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
        // A writer that went away has reported why itself.
        let _ = out.send(batch).await;
    }
    Ok(tally)
}

impl Kind {
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
