//! Lists of values in one query: a JSON array as its first parameter, taken apart by the engine.
//!
//! Thousands of parameters would do too, but SQLite looks each numbered one up in a list (2,000 legs of 7 parameters
//! took 40 times as long), and a text that changes with the length of the list is prepared anew each time.

use serde::Serialize;
use sqlx::AssertSqlSafe;

use crate::store::Tx;

/// `sql`, a text of ours, for the engine of `tx`: `{list}` in it becomes rows `item`, whose `value` is an array;
/// `item.value ->> 0` is the text of its first element. The list is the first parameter.
pub(crate) fn list_sql(tx: &Tx, sql: &str) -> AssertSqlSafe<String> {
    let rows = match tx {
        Tx::Sqlite(_) => "json_each($1) AS item",
        Tx::Postgres(_) => "jsonb_array_elements(CAST($1 AS jsonb)) AS item",
    };
    AssertSqlSafe(sql.replace("{list}", rows))
}

/// `rows`, each a tuple, as the first parameter of a query of [`list_sql`].
pub(crate) fn list<T: Serialize>(rows: impl IntoIterator<Item = T>) -> Result<String, crate::store::StoreError> {
    let rows: Vec<T> = rows.into_iter().collect();
    // Tuples of numbers and texts always have a JSON form.
    serde_json::to_string(&rows).map_err(|error| sqlx::Error::Encode(Box::new(error)).into())
}
