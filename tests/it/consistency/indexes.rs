//! A month's table of contents shows what the ledger says, whatever clocks say.

use super::{on_both, one_leg};
use crate::support::{AFTER_MAY, Program, postgres};

/// What the tables of contents say of mail: every word that is a state.
fn states_shown(program: &Program, month: &str) -> Vec<String> {
    let csv = std::fs::read_to_string(program.archive().join(month).join("index.csv")).unwrap();
    let known = ["queued", "sending", "accepted", "deferred", "bounced", "held", "unknown"];
    let words = csv.split([',', '\n', ' ']).filter(|word| known.contains(word));
    words.map(str::to_owned).collect()
}

#[tokio::test]
async fn a_clock_that_was_ahead_keeps_no_other_month_from_being_shown() {
    for (program, _) in on_both("").await {
        program.import_sample();
        program.ok(&["import", "usage", &one_leg(&program, "JUNE", "2009-06-20T10:00:00Z")]);
        // Six weeks ahead of what comes after.
        program.ok(&["close", "--period", "2009-05", "--as-of", "2009-08-20T06:00:00Z"]);
        program.ok(&["close", "--period", "2009-06", "--as-of", "2009-07-05T06:00:00Z"]);
        assert_eq!(states_shown(&program, "2009-06"), ["accepted", "accepted"]);
        program.ok(&["check", "--deep"]);
    }
}

#[tokio::test]
async fn a_change_that_is_committed_after_the_look_is_there_for_the_next_one() {
    let url = postgres::new_database().await;
    let program = Program::on(&url, "");
    program.import_sample();
    program.ok(&["close", "--period", "2009-05", "--as-of", AFTER_MAY]);
    let store = statementd::store::Store::open(&url).await.unwrap();
    let slow = &mut store.write().await.unwrap();
    let delivery = slow.deliveries().list(&statementd::store::DeliveryFilter::default()).await.unwrap().remove(0);
    // Long ago by its own clock.
    let then = AFTER_MAY.parse().unwrap();
    let (accepted, held) = (statementd::store::DeliveryState::Accepted, statementd::store::DeliveryState::Held);
    assert!(slow.deliveries().move_delivery(delivery.key, accepted, held, None, then).await.unwrap());
    program.ok(&["close", "--period", "2009-05", "--as-of", "2009-06-05T07:00:00Z"]);
    let month = delivery.period.to_string();
    assert!(!states_shown(&program, &month).contains(&"held".to_owned()), "it is not committed");
    let slow = std::mem::replace(slow, store.write().await.unwrap());
    slow.commit().await.unwrap();
    program.ok(&["close", "--period", "2009-05", "--as-of", "2009-06-05T07:00:00Z"]);
    assert!(states_shown(&program, &month).contains(&"held".to_owned()));
}
