//! The counts behind metrics and the status page work on both engines.

use std::collections::BTreeMap;

use statementd::domain::PeriodState;
use statementd::store::ParkedAccount;

use crate::support::database::{Database, on_each_engine};
use crate::support::operator::Operator;

on_each_engine!(an_empty_database_counts_nothing, what_is_closed_parked_and_sent_is_counted);

async fn an_empty_database_counts_nothing(database: Database) {
    let mut tx = database.store.read().await.unwrap();
    assert!(tx.reports().period_counts().await.unwrap().is_empty());
    assert!(tx.reports().stuck_months().await.unwrap().is_empty());
    assert!(tx.reports().parked_by_reason().await.unwrap().is_empty());
    assert!(tx.reports().statement_counts().await.unwrap().is_empty());
    assert_eq!(tx.reports().unpublished_since().await.unwrap(), None);
    assert_eq!(tx.reports().unsent_since().await.unwrap(), None);
}

async fn what_is_closed_parked_and_sent_is_counted(database: Database) {
    let operator = Operator::new(database);
    operator.usage("october.csv", &["L1,C1,400001,LOCAL,2026-10-10T08:00:00Z,2026-10-10T08:10:00Z,+33491000001,"]);
    operator.ok(&["close", "--period", "2026-10", "--as-of", "2026-11-05T06:00:00Z", "--no-send"]);
    let november = "2026-11".parse().unwrap();
    let at = "2026-12-05T06:00:00Z".parse().unwrap();
    let mut tx = operator.store().write().await.unwrap();
    let account = tx.accounts().account_key(&"700001".parse().unwrap()).await.unwrap().unwrap();
    let parked = ParkedAccount { account, period: november, reason: "missing_rate", detail: "import a rate".into() };
    tx.closings().park(&parked, at).await.unwrap();
    tx.commit().await.unwrap();

    let mut tx = operator.store().read().await.unwrap();
    let months = tx.reports().period_counts().await.unwrap();
    let months: Vec<_> = months.iter().map(|month| (month.period.to_string(), month.state, month.accounts)).collect();
    let expected = [("2026-10".to_owned(), PeriodState::Closed, 1), ("2026-11".to_owned(), PeriodState::Parked, 1)];
    assert_eq!(months, expected);
    let troubles = tx.reports().stuck_months().await.unwrap();
    assert_eq!((troubles.len(), troubles[0].period, troubles[0].since), (1, november, at));
    assert_eq!(tx.reports().parked_by_reason().await.unwrap(), BTreeMap::from([("missing_rate".to_owned(), 1)]));
    assert_eq!(tx.reports().statement_counts().await.unwrap(), BTreeMap::from([("published".to_owned(), 1)]));
    assert_eq!(tx.reports().unpublished_since().await.unwrap(), None);
    assert!(tx.reports().unsent_since().await.unwrap().is_some(), "the mail was left to the daemon");
}
