//! Copies a database: every row into an empty one, on whatever engine, in one transaction.
//!
//! What arrives is read back and compared with what left, by number of rows and by digest, before anything counts. A
//! copy that is cut off leaves the target as empty as it was.

use serde::Serialize;
use sqlx::AssertSqlSafe;

use crate::digest::Sha256;
use crate::store::{Store, StoreError, Tables, Tx, execute, fetch};

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
    "statement_part",
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
/// What an empty database has already; the copy uses the secrets of the original.
const SECRETS: &str = "installation_secret";
/// Tables that are about processes at work, that fill anew as deliveries arrive, or that end with a move: sessions,
/// links, messages under way.
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
/// A table that arrived whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CopiedTable {
    pub table: &'static str,
    pub rows: u64,
    /// Of all rows, in any order.
    pub sha256: Sha256,
}

impl Store {
    /// Copies everything into `target`, which must have this program's schema and no rows. `note` is told of every
    /// table that has arrived.
    ///
    /// No one else writes to this database meanwhile: SQLite by its one writer, PostgreSQL by locks on the tables.
    pub async fn copy_to(
        &self,
        target: &Self,
        note: &mut (dyn FnMut(&CopiedTable) + Send),
    ) -> Result<Vec<CopiedTable>, StoreError> {
        self.check_schema().await?;
        target.check_schema().await?;
        let mut from = self.write_alone(TABLES).await?;
        let mut to = target.write().await?;
        let workers = from.work().workers().await?;
        if !workers.is_empty() {
            return Err(StoreError::InUse(workers.into_iter().map(|worker| worker.name).collect()));
        }
        let tables = from.tables().names().await?;
        if let Some(unknown) = tables.iter().find(|table| !is_known(table)) {
            return Err(StoreError::UnknownTable(unknown.clone()));
        }
        to.tables().check_empty().await?;
        to.tables().forget_secrets().await?;
        let mut copied = Vec::with_capacity(TABLES.len());
        for &table in TABLES {
            let arrived = copy_table(&mut from, &mut to, table).await?;
            note(&arrived);
            copied.push(arrived);
        }
        to.tables().forget_processes().await?;
        to.commit().await?;
        from.roll_back().await?;
        Ok(copied)
    }
}

fn is_known(table: &str) -> bool {
    TABLES.contains(&table) || LEFT_BEHIND.contains(&table)
}

async fn copy_table(from: &mut Tx, to: &mut Tx, table: &'static str) -> Result<CopiedTable, StoreError> {
    let columns = from.tables().columns(table).await?;
    let there = to.tables().columns(table).await?;
    let left = {
        let (rows, mut arriving) = tokio::sync::mpsc::channel(2);
        let mut tables = from.tables();
        let read = tables.read_rows(table, &columns, Some(rows));
        let write = async {
            while let Some(batch) = arriving.recv().await {
                to.tables().insert_rows(table, &columns, batch).await?;
            }
            Ok::<_, StoreError>(())
        };
        // The reader ends when the writer fails, since its rows are no longer taken.
        let (read, written) = tokio::join!(read, write);
        written?;
        read?
    };
    to.tables().continue_keys(table, &columns).await?;
    let arrived = to.tables().read_rows(table, &there, None).await?;
    if arrived != left {
        let (left, arrived) = (left.rows, arrived.rows);
        return Err(StoreError::CopyDiffers { table, left, arrived });
    }
    Ok(CopiedTable { table, rows: left.rows, sha256: left.digest() })
}

impl Tables<'_> {
    /// Every table of the schema but the record of migrations.
    async fn names(&mut self) -> Result<Vec<String>, StoreError> {
        let sql = match self.tx {
            Tx::Sqlite(_) => crate::store::engine::sqlite::TABLES,
            Tx::Postgres(_) => crate::store::engine::postgres::TABLES,
        };
        Ok(fetch!(all, self.tx, sqlx::query_scalar(sql)))
    }

    async fn check_empty(&mut self) -> Result<(), StoreError> {
        for &table in TABLES.iter().filter(|table| **table != SECRETS) {
            let sql = AssertSqlSafe(format!("SELECT COUNT(*) FROM {table}"));
            let rows = fetch!(one, self.tx, sqlx::query_scalar::<_, i64>(sql));
            if rows > 0 {
                return Err(StoreError::NotEmpty { table, rows });
            }
        }
        Ok(())
    }

    async fn forget_secrets(&mut self) -> Result<(), StoreError> {
        execute!(self.tx, sqlx::query("DELETE FROM installation_secret"));
        Ok(())
    }

    /// Deliveries that a process at the source was sending belong to no process here: 0 is no worker's key.
    async fn forget_processes(&mut self) -> Result<(), StoreError> {
        execute!(self.tx, sqlx::query("UPDATE delivery SET claimed_by = 0 WHERE claimed_by IS NOT NULL"));
        Ok(())
    }
}
