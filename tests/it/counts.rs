//! The counts behind metrics and the status page are asked in words that both engines understand.

use crate::support::database::{Database, on_each_engine};

on_each_engine!(an_empty_database_counts_nothing);

async fn an_empty_database_counts_nothing(database: Database) {
    let mut tx = database.store.read().await.unwrap();
    assert!(tx.period_counts().await.unwrap().is_empty());
    assert!(tx.troubles().await.unwrap().is_empty());
    assert!(tx.parked_by_reason().await.unwrap().is_empty());
    assert!(tx.statement_counts().await.unwrap().is_empty());
    assert_eq!(tx.unpublished_since().await.unwrap(), None);
    assert_eq!(tx.unsent_since().await.unwrap(), None);
}
