//! Reruns: each id takes effect once, however often and by however many daemons it is read.

use chrono::{DateTime, Utc};

use crate::digest::Sha256;
use crate::domain::Period;
use crate::store::{Key, Reruns, StoreError, execute, fetch, record};

record! {
    /// How far a rerun has come.
    #[derive(Debug, Clone)]
    pub struct RerunRow {
        pub rerun_id: String,
        pub period: String,
        /// Hash of everything but the state that the configuration asks for.
        pub content: String,
        pub rehearsed_at: Option<i64>,
        pub applied_at: Option<i64>,
        /// The result in a sentence.
        pub summary: Option<String>,
        /// Accounts that applying has dealt with.
        pub accounts_done: i64,
        /// SHA-256 of its report as it was written; `None` if it was written before that was kept, or is being written.
        pub json_sha256: Option<Sha256>,
        pub csv_sha256: Option<Sha256>,
        pub html_sha256: Option<Sha256>,
    }
}

impl RerunRow {
    /// How far it has come, with its result.
    pub fn progress(&self) -> String {
        let result = self.summary.as_deref().unwrap_or_default();
        match (self.applied_at, self.rehearsed_at, self.accounts_done) {
            (Some(_), _, _) => format!("applied: {result}"),
            (None, _, done) if done > 0 => format!("being applied: {done} accounts done"),
            (None, Some(_), _) => format!("rehearsed: {result}"),
            (None, None, _) => "waiting for the daemon".into(),
        }
    }
}

const SELECT: &str = "SELECT r.rerun_id, r.period, r.content, r.rehearsed_at, r.applied_at, r.summary,
        (SELECT COUNT(*) FROM rerun_account a WHERE a.rerun_id = r.rerun_id) AS accounts_done,
        r.json_sha256, r.csv_sha256, r.html_sha256
 FROM rerun r WHERE $1 IS NULL OR r.rerun_id = $1 ORDER BY r.first_seen_at, r.rerun_id";

impl Reruns<'_> {
    /// Notes that the configuration asks for a rerun, and returns what is known of its id: the content that was noted
    /// first stays.
    pub async fn note(
        &mut self,
        id: &str,
        period: Period,
        content: &str,
        now: DateTime<Utc>,
    ) -> Result<RerunRow, StoreError> {
        const SQL: &str = "INSERT INTO rerun (rerun_id, period, content, first_seen_at) VALUES ($1, $2, $3, $4)
             ON CONFLICT (rerun_id) DO NOTHING";
        execute!(self.tx, sqlx::query(SQL).bind(id).bind(period.to_string()).bind(content).bind(now.timestamp()));
        Ok(fetch!(one, self.tx, sqlx::query_as::<_, RerunRow>(SELECT).bind(id)))
    }

    /// All reruns that were ever asked for, oldest first.
    pub async fn list(&mut self) -> Result<Vec<RerunRow>, StoreError> {
        Ok(fetch!(all, self.tx, sqlx::query_as::<_, RerunRow>(SELECT).bind(None::<&str>)))
    }

    /// What its report is, by SHA-256, as JSON, CSV and HTML; `None` if it is about to be replaced.
    pub async fn note_report(&mut self, id: &str, digests: Option<[Sha256; 3]>) -> Result<(), StoreError> {
        const SQL: &str = "UPDATE rerun SET json_sha256 = $2, csv_sha256 = $3, html_sha256 = $4 WHERE rerun_id = $1";
        let [json, csv, html] = digests.map_or([None; 3], |digests| digests.map(Some));
        let query = execute!(self.tx, sqlx::query(SQL).bind(id).bind(json).bind(csv).bind(html));
        StoreError::expect_one(query, "rerun with a report")
    }

    pub async fn mark_rehearsed(&mut self, id: &str, summary: &str, now: DateTime<Utc>) -> Result<(), StoreError> {
        let written = execute!(
            self.tx,
            sqlx::query("UPDATE rerun SET rehearsed_at = $2, summary = $3 WHERE rerun_id = $1")
                .bind(id)
                .bind(now.timestamp())
                .bind(summary)
        );
        StoreError::expect_one(written, "rerun that was rehearsed")
    }

    pub async fn mark_applied(&mut self, id: &str, summary: &str, now: DateTime<Utc>) -> Result<(), StoreError> {
        let written = execute!(
            self.tx,
            sqlx::query("UPDATE rerun SET applied_at = $2, summary = $3 WHERE rerun_id = $1")
                .bind(id)
                .bind(now.timestamp())
                .bind(summary)
        );
        StoreError::expect_one(written, "rerun that was applied")
    }

    /// Whether the result of applying has been noted for an account.
    pub async fn has_outcome(&mut self, id: &str, account: Key) -> Result<bool, StoreError> {
        const SQL: &str = "SELECT EXISTS (SELECT 1 FROM rerun_account WHERE rerun_id = $1 AND account_key = $2)";
        Ok(fetch!(one, self.tx, sqlx::query_scalar(SQL).bind(id).bind(account)))
    }

    /// Notes the result of applying for an account; an error if another process has done so.
    pub async fn insert_outcome(&mut self, id: &str, account: Key, outcome: &str) -> Result<(), StoreError> {
        const SQL: &str = "INSERT INTO rerun_account (rerun_id, account_key, outcome) VALUES ($1, $2, $3)";
        execute!(self.tx, sqlx::query(SQL).bind(id).bind(account).bind(outcome));
        Ok(())
    }

    /// What applying has come to so far: (account, outcome), ordered by account number.
    pub async fn outcomes(&mut self, id: &str) -> Result<Vec<(Key, String)>, StoreError> {
        const SQL: &str =
            "SELECT o.account_key, o.outcome FROM rerun_account o JOIN account a ON a.account_key = o.account_key
             WHERE o.rerun_id = $1 ORDER BY a.account_number";
        Ok(fetch!(all, self.tx, sqlx::query_as(SQL).bind(id)))
    }

    /// The accounts whose `period` has closed, ordered by number.
    pub async fn accounts_closed(&mut self, period: Period) -> Result<Vec<(Key, String)>, StoreError> {
        const SQL: &str =
            "SELECT a.account_key, a.account_number FROM closing k JOIN account a ON a.account_key = k.account_key
             WHERE k.period = $1 ORDER BY a.account_number";
        Ok(fetch!(all, self.tx, sqlx::query_as(SQL).bind(period.to_string())))
    }
}
