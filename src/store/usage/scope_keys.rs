//! Which conferences a scope is about, in the order in which they are read; of all rooms, or of some.

use sqlx::AssertSqlSafe;

use crate::domain::RoomNumber;
use crate::store::engine::lists::{list, list_sql};
use crate::store::usage::stream::{UsageScope, WaitingLegs};
use crate::store::{StoreError, Usage, fetch};

/// The keys of an account's conferences that fulfil a condition, in their order, as one text.
fn keys_sql(condition: &str) -> String {
    format!(
        "SELECT string_agg(CAST(c.conference_key AS TEXT), ','
                           ORDER BY r.room_number, c.filed_at, c.conference_id, c.conference_key)
         FROM conference c JOIN room r ON r.room_key = c.room_key
         WHERE {condition}"
    )
}

/// $4 is the period, $5 the revision: what a rerun took away later is still charged, what it brought later not yet.
const OWN: &str = "c.conference_key IN (SELECT o.conference_key FROM conference o
                          WHERE o.account_key = $1 AND o.filed_at >= $2 AND o.filed_at < $3
                          UNION
                          SELECT m.conference_key FROM moved_conference m
                          WHERE m.from_account = $1 AND m.period = $4 AND m.last_revision >= $5)
     AND NOT EXISTS (SELECT 1 FROM moved_conference b WHERE b.conference_key = c.conference_key
                     AND b.to_account = $1 AND b.first_revision > $5)";
/// Of an open month: nothing was taken away from it yet. $1 is the list of rooms, the others follow. The sign keeps
/// SQLite, which has no statistics, from the account's index.
const OWN_OF_ROOMS: &str =
    "c.room_key IN (SELECT w.room_key FROM room w WHERE w.room_number IN (SELECT item.value ->> 0 FROM {list}))
     AND +c.account_key = $2 AND c.filed_at >= $3 AND c.filed_at < $4
     AND NOT EXISTS (SELECT 1 FROM moved_conference b WHERE b.conference_key = c.conference_key
                     AND b.to_account = $2 AND b.first_revision > $5)";
/// $1 is the account, $2 the period, $3 the revision, $4 whether waiting legs count, $5 the currency, $6 whether late
/// legs of closed months may be carried.
const CARRIED: &str = "c.conference_key IN (SELECT conference_key FROM late_leg
                          WHERE account_key = $1
                            AND ((charged_in = $2 AND period <> $2 AND charged_revision <= $3)
                                 OR ($4 AND charged_in IS NULL AND period < $2
                                     AND NOT EXISTS (SELECT 1 FROM closing k WHERE k.account_key = $1
                                                     AND k.period = late_leg.period
                                                     AND (k.currency <> $5 OR NOT $6)))))";
/// $1 is a list of keys and $2 a list of rooms: the keys that are in these rooms.
const IN_ROOMS: &str = "c.conference_key IN (SELECT CAST(item.value ->> 0 AS BIGINT) FROM {list})
     AND ',' || $2 || ',' LIKE '%,' || r.room_number || ',%'";

impl Usage<'_> {
    /// Those that began in the period.
    pub(crate) async fn own_keys(
        &mut self,
        scope: UsageScope,
        rooms: Option<&[RoomNumber]>,
    ) -> Result<String, StoreError> {
        let (start, end) = (scope.bounds.start.timestamp(), scope.bounds.end.timestamp());
        let keys = match rooms {
            None => fetch!(
                one,
                self.tx,
                sqlx::query_scalar::<_, Option<String>>(AssertSqlSafe(keys_sql(OWN)))
                    .bind(scope.account)
                    .bind(start)
                    .bind(end)
                    .bind(scope.bounds.id.to_string())
                    .bind(i64::from(scope.revision))
            ),
            Some(rooms) => {
                let (sql, rooms) =
                    (list_sql(self.tx, &keys_sql(OWN_OF_ROOMS)), list(rooms.iter().map(|room| (room.as_str(),)))?);
                fetch!(
                    one,
                    self.tx,
                    sqlx::query_scalar::<_, Option<String>>(sql)
                        .bind(rooms)
                        .bind(scope.account)
                        .bind(start)
                        .bind(end)
                        .bind(i64::from(scope.revision))
                )
            }
        };
        Ok(keys.unwrap_or_default())
    }

    /// Those of other, closed periods whose late legs the period charges; late legs that wait are never charged in
    /// another currency than their own period's.
    pub(crate) async fn carried_keys(
        &mut self,
        scope: UsageScope,
        rooms: Option<&[RoomNumber]>,
    ) -> Result<String, StoreError> {
        let currency = self.tx.accounts().terms_in(scope.account, scope.bounds.id).await?.currency.code();
        let keys = fetch!(
            one,
            self.tx,
            sqlx::query_scalar::<_, Option<String>>(AssertSqlSafe(keys_sql(CARRIED)))
                .bind(scope.account)
                .bind(scope.bounds.id.to_string())
                .bind(i64::from(scope.revision))
                .bind(scope.waiting.is_carried())
                .bind(currency)
                .bind(scope.waiting != WaitingLegs::OlderOnly)
        );
        let keys = keys.unwrap_or_default();
        let Some(rooms) = rooms.filter(|_| !keys.is_empty()) else { return Ok(keys) };
        let (sql, keys) = (list_sql(self.tx, &keys_sql(IN_ROOMS)), list(keys.split(',').map(|key| (key,)))?);
        let rooms = rooms.iter().map(RoomNumber::as_str).collect::<Vec<_>>().join(",");
        let keys = fetch!(one, self.tx, sqlx::query_scalar::<_, Option<String>>(sql).bind(keys).bind(rooms));
        Ok(keys.unwrap_or_default())
    }
}
