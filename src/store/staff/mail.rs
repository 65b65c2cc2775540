//! The ledger of mail as staff look through it: a page of it at a time.

use sqlx::AssertSqlSafe;

use crate::domain::Period;
use crate::store::deliveries::superseded::{AND_NOT_ACCEPTED, SUPERSEDED};
use crate::store::deliveries::{DeliveryRecord, delivery_columns};
use crate::store::engine::lists::{list, list_sql};
use crate::store::{Delivery, DeliveryState, Key, Staff, StoreError, Tx, fetch};

/// Which messages; what is `None`, or empty, does not narrow.
#[derive(Debug, Clone, Default)]
pub struct MailSearch<'a> {
    pub states: &'a [DeliveryState],
    pub period: Option<Period>,
    pub account: Option<Key>,
    /// Those of these accounts, and those whose recipient has this text.
    pub found: Option<(&'a [Key], &'a str)>,
    /// Not those that a later message brings to their reader all the same.
    pub open_only: bool,
}

impl Staff<'_> {
    /// How many there are, counted unless it is known, and those of this page: `(first, most)`. A month's are in the
    /// order in which it was closed, so that a page of a hundred thousand need not sort them; others by month, the
    /// newest first, and account.
    pub async fn mail_page(
        &mut self,
        search: &MailSearch<'_>,
        (first, most): (usize, usize),
        known: Option<usize>,
    ) -> Result<(usize, Vec<Delivery>), StoreError> {
        let from = format!(
            "FROM delivery d JOIN statement s ON s.statement_key = d.statement_key
                  JOIN account a ON a.account_key = s.account_key
             WHERE {}",
            search.conditions(self.tx)
        );
        let order = if search.states.is_empty() && search.period.is_some() {
            "s.statement_key, d.room_number, d.recipient, d.resend"
        } else {
            "s.period DESC, a.account_number, s.revision DESC, d.room_number, d.recipient, d.resend"
        };
        let period = search.period.map(String::from);
        let (keys, text) = search.found.unwrap_or_default();
        let (keys, text) = (list(keys.iter().map(|key| (key,)))?, super::search::anywhere(text));
        let (limit, offset) = (i64::try_from(most).unwrap_or(i64::MAX), i64::try_from(first).unwrap_or(i64::MAX));
        let (period, keys, text, account) = (period.as_deref(), keys.as_str(), text.as_str(), search.account);
        // To count them apart would be to look for all of them once more.
        let all = if known.is_some() { "CAST(0 AS BIGINT)" } else { "COUNT(*) OVER ()" };
        let page = format!("SELECT d.delivery_key, {all} {from} ORDER BY {order} LIMIT $5 OFFSET $6");
        let found = fetch!(
            all,
            self.tx,
            sqlx::query_as::<_, (Key, i64)>(AssertSqlSafe(page))
                .bind(keys)
                .bind(period)
                .bind(account)
                .bind(text)
                .bind(limit)
                .bind(offset)
        );
        let all = match (found.first(), known) {
            _ if first == 0 && found.len() < most => found.len(),
            (Some(_), Some(known)) => known.max(first + found.len()),
            (None, Some(known)) => known,
            (Some((_, all)), None) => usize::try_from(*all).unwrap_or_default(),
            (None, None) => {
                let counted = AssertSqlSafe(format!("SELECT COUNT(*) {from}"));
                let counted: i64 = fetch!(
                    one,
                    self.tx,
                    sqlx::query_scalar(counted).bind(keys).bind(period).bind(account).bind(text)
                );
                usize::try_from(counted).unwrap_or_default()
            }
        };
        let found: Vec<Key> = found.into_iter().map(|(key, _)| key).collect();
        Ok((all, self.deliveries_of(&found).await?))
    }

    /// In the order of `keys`.
    async fn deliveries_of(&mut self, keys: &[Key]) -> Result<Vec<Delivery>, StoreError> {
        let sql = format!(
            "SELECT {} FROM {{list}} CROSS JOIN delivery d
                  JOIN statement s ON s.statement_key = d.statement_key
                  JOIN account a ON a.account_key = s.account_key
             WHERE d.delivery_key = CAST(item.value ->> 0 AS BIGINT)
             ORDER BY CAST(item.value ->> 1 AS BIGINT)",
            delivery_columns()
        );
        let sql = list_sql(self.tx, &sql);
        let keys = list(keys.iter().zip(0_i64..))?;
        let records = fetch!(all, self.tx, sqlx::query_as::<_, DeliveryRecord>(sql).bind(keys.as_str()));
        records.into_iter().map(Delivery::try_from).collect()
    }
}

impl MailSearch<'_> {
    /// Only the conditions that are asked for: engines choose no index for a condition that may not apply.
    fn conditions(&self, tx: &Tx) -> String {
        let mut conditions = vec!["TRUE".to_owned()];
        if !self.states.is_empty() {
            let states: Vec<String> = self.states.iter().map(|state| format!("'{state}'")).collect();
            let rest = if self.states.contains(&DeliveryState::Accepted) { "" } else { AND_NOT_ACCEPTED };
            conditions.push(format!("d.state IN ({}) {rest}", states.join(", ")));
        }
        conditions.extend(self.period.map(|_| "s.period = $2".to_owned()));
        conditions.extend(self.account.map(|_| "s.account_key = $3".to_owned()));
        if self.found.is_some() {
            let keys = match tx {
                Tx::Sqlite(_) => "json_each($1) AS item",
                Tx::Postgres(_) => "jsonb_array_elements(CAST($1 AS jsonb)) AS item",
            };
            conditions.push(format!(
                "(s.account_key IN (SELECT CAST(item.value ->> 0 AS BIGINT) FROM {keys})
                  OR lower(d.recipient) LIKE $4 ESCAPE '!')"
            ));
        }
        if self.open_only {
            conditions.push(format!("(d.state NOT IN ('bounced', 'unknown', 'held') OR NOT {SUPERSEDED})"));
        }
        conditions.join(" AND ")
    }
}
