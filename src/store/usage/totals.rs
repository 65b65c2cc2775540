//! The totals of usage: how much came in, and what became of it. `check --deep` holds it against what is stored.
//!
//! Counted in the transactions that store and erase, so that it can differ from the rows only where something took rows
//! away that should not have.

use crate::domain::Period;
use crate::store::engine::lists::{list, list_sql};
use crate::store::{Key, StoreError, Usage, execute, fetch};

/// Legs that were stored.
pub(crate) const IMPORTED: &str = "imported";

/// Legs that were voided before any closed month charged them, and so are gone; one that is brought back comes in
/// again.
pub(crate) const VOIDED: &str = "voided";

/// In the place of a month that charges erased legs: no month did.
pub(crate) const CHARGED_NOWHERE: &str = "";

impl Usage<'_> {
    /// Counts legs that came in, or went another way than by erasure.
    pub(crate) async fn count(&mut self, what: &'static str, legs: u64) -> Result<(), StoreError> {
        const SQL: &str = "INSERT INTO usage_total (what, legs) VALUES ($1, $2)
             ON CONFLICT (what) DO UPDATE SET legs = usage_total.legs + excluded.legs";
        if legs > 0 {
            execute!(self.tx, sqlx::query(SQL).bind(what).bind(legs.cast_signed()));
        }
        Ok(())
    }

    /// Counts the legs of conferences that are about to be erased, by the month that charges them: a leg that was not
    /// late by its own month.
    pub(crate) async fn count_erased(
        &mut self,
        account: Key,
        period: Period,
        conferences: &[Key],
    ) -> Result<(), StoreError> {
        const COUNT: &str =
            "SELECT CASE WHEN v.void_key IS NOT NULL THEN 'voided' WHEN t.leg_id IS NULL THEN CAST($2 AS TEXT) ELSE COALESCE(t.charged_in, $3) END, COUNT(*)
             FROM {list}
             CROSS JOIN leg l LEFT JOIN late_leg t ON t.leg_id = l.leg_id
             LEFT JOIN voided_leg v ON v.void_id = l.leg_id AND v.charged_until IS NOT NULL
             WHERE l.conference_key = CAST(item.value ->> 0 AS BIGINT) GROUP BY 1";
        const ADD: &str = "INSERT INTO erased_usage (account_key, period, charged_in, legs) VALUES ($1, $2, $3, $4)
             ON CONFLICT (account_key, period, charged_in) DO UPDATE SET legs = erased_usage.legs + excluded.legs";
        let period = period.to_string();
        let (sql, keys) = (list_sql(self.tx, COUNT), list(conferences.iter().map(|key| (key,)))?);
        let counts = fetch!(
            all,
            self.tx,
            sqlx::query_as::<_, (String, i64)>(sql).bind(keys).bind(period.as_str()).bind(CHARGED_NOWHERE)
        );
        for (charged_in, legs) in counts {
            execute!(
                self.tx,
                sqlx::query(ADD).bind(account).bind(period.as_str()).bind(charged_in.as_str()).bind(legs)
            );
        }
        Ok(())
    }

    /// (legs that came in, legs that are stored or have gone in a known way)
    pub(crate) async fn usage_account(&mut self) -> Result<(i64, i64), StoreError> {
        const CAME: &str = "SELECT CAST(COALESCE(SUM(legs), 0) AS BIGINT) FROM usage_total WHERE what = $1";
        const KNOWN: &str = "SELECT CAST((SELECT COUNT(*) FROM leg)
             + (SELECT COALESCE(SUM(legs), 0) FROM erased_usage)
             + (SELECT COALESCE(SUM(legs), 0) FROM usage_total WHERE what <> $1) AS BIGINT)";
        let came = fetch!(one, self.tx, sqlx::query_scalar::<_, i64>(CAME).bind(IMPORTED));
        let known = fetch!(one, self.tx, sqlx::query_scalar::<_, i64>(KNOWN).bind(IMPORTED));
        Ok((came, known))
    }
}
