//! What must hold of the data whatever happened to it, asked of the data itself.

use crate::domain::{Period, Totals};
use crate::store::engine::decode::{parse, totals};
use crate::store::statements::StatementKey;
use crate::store::usage::totals::CHARGED_NOWHERE;
use crate::store::{Key, Reports, StoreError, fetch, record};

/// Something that should never be. Account and period are empty where it concerns no single one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    pub account: String,
    pub period: String,
    pub what: String,
}

/// A current statement that still has its document, and the totals beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentedStatement {
    pub key: StatementKey,
    pub account: String,
    pub period: String,
    pub totals: Totals,
}

record! {
    /// How many legs a closed month's statement charges, and how many are, or were, stored for it.
    struct LegsOfMonth {
        account_number: String,
        period: String,
        charged: i64,
        stored: i64,
    }

    struct ClosingRecord {
        account_key: Key,
        account_number: String,
        period: String,
        starts_at: i64,
        ends_at: i64,
    }

    struct DocumentedRecord {
        account_number: String,
        period: String,
        conferences: i64,
        participants: i64,
        accumulated_seconds: i64,
        charge: i64,
        statement_key: Key,
    }
}

impl Reports<'_> {
    /// Each leg of a closed month is charged in exactly one current statement: the month's own, or the one that late
    /// legs were carried or revised into; what has been erased since counts as what it was. Months whose usage was
    /// erased before that was counted are left out, and those out of the archive that may have charged late legs of
    /// such a month.
    pub async fn miscounted_legs(&mut self) -> Result<Vec<Violation>, StoreError> {
        const SQL: &str = "SELECT a.account_number, k.period, COALESCE(s.participants, 0) AS charged,
                    (SELECT COUNT(*) FROM conference c JOIN leg l ON l.conference_key = c.conference_key
                          LEFT JOIN late_leg t ON t.leg_id = l.leg_id
                          LEFT JOIN voided_leg v ON v.void_id = l.leg_id AND v.charged_until IS NOT NULL
                     WHERE v.void_key IS NULL AND c.account_key = k.account_key AND c.filed_at >= k.starts_at AND c.filed_at < k.ends_at
                       AND t.leg_id IS NULL)
                    + (SELECT COUNT(*) FROM late_leg t
                            LEFT JOIN voided_leg v ON v.void_id = t.leg_id AND v.charged_until IS NOT NULL
                       WHERE v.void_key IS NULL AND t.account_key = k.account_key AND t.charged_in = k.period)
                    + (SELECT CAST(COALESCE(SUM(e.legs), 0) AS BIGINT) FROM erased_usage e
                       WHERE e.account_key = k.account_key AND e.charged_in = k.period) AS stored
             FROM closing k JOIN account a ON a.account_key = k.account_key
                  LEFT JOIN statement s ON s.account_key = k.account_key AND s.period = k.period AND s.is_current
             WHERE NOT EXISTS (SELECT 1 FROM erased_usage e WHERE e.account_key = k.account_key
                               AND e.charged_in = 'unknown'
                               AND (e.period = k.period OR (e.period < k.period AND s.deleted_at IS NOT NULL)))
             ORDER BY a.account_number, k.period";
        let months = fetch!(all, self.tx, sqlx::query_as::<_, LegsOfMonth>(SQL));
        let wrong = months.into_iter().filter(|month| month.charged != month.stored);
        Ok(wrong
            .map(|LegsOfMonth { account_number: account, period, charged, stored }| Violation {
                account,
                period,
                what: format!("its statement charges {charged} legs, but {stored} are, or were, stored for it"),
            })
            .collect())
    }

    /// What came in is stored, or has gone in a way that is known; and nothing was erased that no statement charges.
    pub async fn lost_usage(&mut self) -> Result<Vec<Violation>, StoreError> {
        const UNCHARGED: &str = "SELECT a.account_number, e.period, e.legs
             FROM erased_usage e JOIN account a ON a.account_key = e.account_key
             WHERE e.charged_in = $1 ORDER BY a.account_number, e.period";
        let (came, known) = self.tx.usage().usage_account().await?;
        let mut lost = Vec::new();
        if came != known {
            let what = format!("{came} legs were imported, but {known} are stored, or known to have been erased");
            lost.push(Violation { account: String::new(), period: String::new(), what });
        }
        let rows = fetch!(all, self.tx, sqlx::query_as::<_, (String, String, i64)>(UNCHARGED).bind(CHARGED_NOWHERE));
        lost.extend(rows.into_iter().map(|(account, period, legs)| {
            let what = format!("{legs} of its legs were erased although no statement charges them");
            Violation { account, period, what }
        }));
        Ok(lost)
    }

    /// Nothing gets into the archive once the decision has been made to let it go.
    pub async fn published_after_expiry(&mut self) -> Result<Vec<Violation>, StoreError> {
        const SQL: &str = "SELECT a.account_number, s.period, s.revision
             FROM statement s JOIN account a ON a.account_key = s.account_key
             WHERE s.published_at > s.expired_at ORDER BY a.account_number, s.period, s.revision";
        let rows = fetch!(all, self.tx, sqlx::query_as::<_, (String, String, i64)>(SQL));
        let violation = |(account, period, revision): (String, String, i64)| Violation {
            account,
            period,
            what: format!("its revision {revision} was published after it had been let go of"),
        };
        Ok(rows.into_iter().map(violation).collect())
    }

    /// Late legs belong to closed months, or to what lies before them, and are charged by closed months.
    pub async fn misplaced_late_legs(&mut self) -> Result<Vec<Violation>, StoreError> {
        const SQL: &str = "SELECT a.account_number, t.period, COUNT(*)
             FROM late_leg t JOIN account a ON a.account_key = t.account_key
             WHERE NOT EXISTS (SELECT 1 FROM closing k WHERE k.account_key = t.account_key AND k.period >= t.period)
                OR (t.charged_in IS NOT NULL
                    AND NOT EXISTS (SELECT 1 FROM closing k
                                    WHERE k.account_key = t.account_key AND k.period = t.charged_in))
             GROUP BY a.account_number, t.period ORDER BY a.account_number, t.period";
        let rows = fetch!(all, self.tx, sqlx::query_as::<_, (String, String, i64)>(SQL));
        Ok(rows
            .into_iter()
            .map(|(account, period, legs)| Violation {
                account,
                period,
                what: format!("{legs} late legs belong to, or are charged by, a month that has not closed"),
            })
            .collect())
    }

    /// An account's closed months follow one another, each beginning where the one before ended.
    pub async fn gaps_between_closings(&mut self) -> Result<Vec<Violation>, StoreError> {
        const SQL: &str = "SELECT k.account_key, a.account_number, k.period, k.starts_at, k.ends_at
             FROM closing k JOIN account a ON a.account_key = k.account_key
             ORDER BY k.account_key, k.period";
        let closings = fetch!(all, self.tx, sqlx::query_as::<_, ClosingRecord>(SQL));
        let mut gaps = Vec::new();
        for pair in closings.windows(2) {
            let [earlier, later] = pair else { continue };
            let before: Period = parse("closing", &earlier.account_number, "period", &earlier.period)?;
            let follows = before.next().to_string() == later.period && earlier.ends_at == later.starts_at;
            if earlier.account_key == later.account_key && !follows {
                let what = format!("it does not begin where {before} ended");
                gaps.push(Violation { account: later.account_number.clone(), period: later.period.clone(), what });
            }
        }
        Ok(gaps)
    }

    /// The current statements that still have their document.
    pub async fn documented_statements(&mut self) -> Result<Vec<DocumentedStatement>, StoreError> {
        const SQL: &str =
            "SELECT a.account_number, s.period, s.conferences, s.participants, s.accumulated_seconds, s.charge,
                    s.statement_key
             FROM statement s JOIN account a ON a.account_key = s.account_key
                  JOIN statement_document d ON d.statement_key = s.statement_key
             WHERE s.is_current ORDER BY a.account_number, s.period";
        let records = fetch!(all, self.tx, sqlx::query_as::<_, DocumentedRecord>(SQL));
        Ok(records.into_iter().map(DocumentedStatement::from).collect())
    }
}

impl From<DocumentedRecord> for DocumentedStatement {
    fn from(record: DocumentedRecord) -> Self {
        Self {
            key: StatementKey(record.statement_key),
            account: record.account_number,
            period: record.period,
            totals: totals(record.conferences, record.participants, record.accumulated_seconds, record.charge),
        }
    }
}
