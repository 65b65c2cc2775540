//! What tests stand on: databases of both engines.

pub mod database;
pub mod postgres;
