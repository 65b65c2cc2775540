//! Who is at work: what is claimed.

use crate::store::{StatementKey, StoreError, Tx, Work, WorkKind, fetch};

impl Work<'_> {
    /// Whether another process may be writing to a statement's folder. On SQLite none can: see
    /// [`crate::store::WorkLock`].
    pub(crate) async fn is_worked_on(&mut self, statement: StatementKey) -> Result<bool, StoreError> {
        let is_shared = matches!(self.tx, Tx::Postgres(_));
        Ok(is_shared && self.is_claimed(WorkKind::Statement, &statement.0.to_string()).await?)
    }

    /// Whether a process holds a piece of work, or had it when it died.
    pub(crate) async fn is_claimed(&mut self, kind: WorkKind, subject: &str) -> Result<bool, StoreError> {
        const SQL: &str = "SELECT EXISTS (SELECT 1 FROM claim WHERE kind = $1 AND subject = $2)";
        Ok(fetch!(one, self.tx, sqlx::query_scalar(SQL).bind(kind.as_str()).bind(subject)))
    }

    /// Whether another process is at work of this kind.
    pub async fn others_at_work(&mut self, kind: WorkKind) -> Result<bool, StoreError> {
        const SQL: &str = "SELECT COUNT(*) FROM claim WHERE kind = $1";
        self.remove_expired_workers().await?;
        Ok(fetch!(one, self.tx, sqlx::query_scalar::<_, i64>(SQL).bind(kind.as_str())) > 0)
    }
}
