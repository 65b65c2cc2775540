//! Lists of values in one query: a JSON array as its first parameter, taken apart by the engine.
//!
//! Thousands of parameters would do too, but SQLite looks each numbered one up in a list (2,000 legs of 7 parameters
//! took 40 times as long), and a text that changes with the length of the list is prepared anew each time.

use serde::Serialize;

use crate::store::Tx;

/// One query, for both engines.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ListQuery {
    pub(crate) sqlite: &'static str,
    pub(crate) postgres: &'static str,
}

/// The query `$before … $after` with the list between: rows `item`, whose `value` is an array; `item.value ->> 0` is
/// the text of its first element.
macro_rules! list_query {
    ($before:expr, $after:expr) => {
        $crate::store::engine::lists::ListQuery {
            sqlite: concat!($before, " json_each($1) AS item ", $after),
            postgres: concat!($before, " jsonb_array_elements(CAST($1 AS jsonb)) AS item ", $after),
        }
    };
}
pub(crate) use list_query;

impl ListQuery {
    pub(crate) fn sql(self, tx: &Tx) -> &'static str {
        match tx {
            Tx::Sqlite(_) => self.sqlite,
            Tx::Postgres(_) => self.postgres,
        }
    }
}

/// `rows`, each a tuple, as the first parameter of a [`ListQuery`].
pub(crate) fn list<T: Serialize>(rows: impl IntoIterator<Item = T>) -> Result<String, crate::store::StoreError> {
    let rows: Vec<T> = rows.into_iter().collect();
    // Tuples of numbers and texts always have a JSON form.
    serde_json::to_string(&rows).map_err(|error| sqlx::Error::Encode(Box::new(error)).into())
}
