//! The two engines below every query: opening and migrating, records, lists as parameters, copies and backups.
//!
//! Reading order: `schema` (opening, migrating), `sqlite` and `postgres` (what differs between them), `record` and
//! `decode` (rows as structs and as the domain's types), `lists` (lists as one parameter), `copy` with `copied_rows`
//! (a whole database to the other engine), `backup`, `secrets` (what no one outside may know).

pub(crate) mod backup;
pub(crate) mod copied_rows;
pub(crate) mod copy;
pub(crate) mod decode;
pub(crate) mod lists;
pub(crate) mod migrations;
pub(crate) mod pool;
pub(crate) mod postgres;
pub(crate) mod postgres_options;
pub(crate) mod record;
pub(crate) mod schema;
pub(crate) mod secrets;
pub(crate) mod sqlite;
pub(crate) mod writer_queue;
