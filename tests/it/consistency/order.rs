//! The order of things: bounces, months one after the other, reruns beside publishing.

use sqlx::{Connection, PgConnection};
use statementd::app::{App, Trigger};
use statementd::digest::Sha256;
use statementd::jobs::{Selection, close_due, run_reruns};
use statementd::store::{BounceOutcome, DeliveryFilter, PendingStatement, Store, WhenLocked, WorkClaim};

use super::{number, on_both, one_leg, process};
use crate::support::{Pauses, Program, postgres};

const IN_JUNE: &str = "2009-06-05T12:00:00Z";

#[tokio::test]
async fn usage_of_an_earlier_month_that_comes_in_after_the_list_was_made_is_closed_first() {
    for (program, url) in on_both("mail.transport = \"off\"").await {
        for kind in ["tariffs", "accounts", "rooms"] {
            program.ok(&["import", kind, &crate::support::sample(&format!("{kind}.csv"))]);
        }
        program.ok(&["import", "usage", &one_leg(&program, "MAY", "2009-05-20T10:00:00Z")]);
        let place = "before-months-are-closed";
        let pauses = Pauses::at(place);
        let close = ["close", "--period", "2009-05", "--as-of", IN_JUNE];
        let closing = pauses.start_until(&program, &close, place);
        program.ok(&["import", "usage", &one_leg(&program, "MARCH", "2009-03-20T10:00:00Z")]);
        pauses.resume(place);
        assert_eq!(closing.wait(), Some(0));
        // In the order in which they were written.
        let out_of_order = "SELECT COUNT(*) FROM audit a JOIN audit b ON b.audit_key > a.audit_key
                            WHERE a.action IN ('closed', 'empty') AND b.action IN ('closed', 'empty') AND b.period < a.period";
        assert_eq!(number(&url, out_of_order).await, 0);
        assert_eq!(number(&url, "SELECT COUNT(*) FROM closing").await, 3, "March, April and May");
        program.ok(&["check", "--deep"]);
    }
}

#[tokio::test]
async fn a_bounce_that_meets_a_new_attempt_is_read_again_later() {
    let url = postgres::new_database().await;
    let program = Program::on(&url, "mail.transport = \"off\"");
    program.import_sample();
    program.ok(&["close", "--period", "2009-05", "--as-of", IN_JUNE]);
    let (sending, reading) = (Store::open(&url).await.unwrap(), Store::open(&url).await.unwrap());
    let delivery =
        sending.read().await.unwrap().deliveries().list(&DeliveryFilter::default()).await.unwrap().remove(0);
    super::tamper(&url, "UPDATE delivery SET state = 'unknown', next_attempt_at = 0").await;
    let mut claiming = sending.write().await.unwrap();
    let (unknown, sending_now) =
        (statementd::store::DeliveryState::Unknown, statementd::store::DeliveryState::Sending);
    assert!(
        claiming
            .deliveries()
            .move_delivery(delivery.key, unknown, sending_now, None, IN_JUNE.parse().unwrap())
            .await
            .unwrap()
    );
    let bounce = tokio::spawn(async move {
        let mut tx = reading.write().await.unwrap();
        let noted = tx
            .bounces()
            .note(&delivery.message_id, Sha256::of(b"report"), "550", IN_JUNE.parse().unwrap())
            .await
            .unwrap();
        tx.commit().await.unwrap();
        noted
    });
    postgres::until_a_session_waits(&url).await;
    claiming.commit().await.unwrap();
    assert_eq!(bounce.await.unwrap(), BounceOutcome::Later);
    assert_eq!(number(&url, "SELECT COUNT(*) FROM bounce_report").await, 0, "and so it counts then");
}

/// May is closed and not published, and a rerun with other templates is ordered: a database, and two processes.
async fn closed_with_rerun() -> (Program, String, [App; 2]) {
    let url = postgres::new_database().await;
    let rerun = "[[rerun]]\nid = \"look\"\nperiod = \"2009-05\"\nreason = \"new templates\"\nstate = \"apply\"\n\
                 what = \"presentation\"\n";
    let program = Program::on(&url, &format!("mail.transport = \"off\"\n{rerun}"));
    program.import_sample();
    program.ok(&["migrate"]);
    let (publishing, rerunning) = (process(&program, IN_JUNE).await, process(&program, IN_JUNE).await);
    let rule = publishing.due_rule(Trigger::Command);
    close_due(&publishing.context, &rule, &Selection::default(), &|| true).await.unwrap();
    (program, url, [publishing, rerunning])
}

#[tokio::test]
async fn a_rerun_does_not_count_on_files_that_another_process_is_making() {
    let (_program, url, [publishing, rerunning]) = closed_with_rerun().await;
    let claims = publishing.context.store.claim_statements(None, 8).await.unwrap();
    assert!(claims.iter().any(|(_, statement)| statement.period.to_string() == "2009-05"));
    run_reruns(&rerunning.context, &|| true).await.unwrap();
    let revisions = "SELECT COUNT(*) FROM statement WHERE period = '2009-05'";
    assert_eq!(number(&url, revisions).await, 2, "a revision of its own");
}

#[tokio::test]
async fn what_a_rerun_leaves_to_publishing_is_not_published_before_that_is_noted() {
    let (_program, url, [publishing, rerunning]) = closed_with_rerun().await;
    // The rerun has found that nothing is published yet, and comes to note it.
    let mut other = PgConnection::connect(&url).await.unwrap();
    sqlx::raw_sql("BEGIN; LOCK TABLE rerun_account IN SHARE MODE").execute(&mut other).await.unwrap();
    let noting = tokio::spawn(async move { run_reruns(&rerunning.context, &|| true).await.map(drop) });
    postgres::until_a_session_waits(&url).await;
    let of_may = |claims: Vec<(WorkClaim, PendingStatement)>| {
        claims.iter().filter(|(_, statement)| statement.period.to_string() == "2009-05").count()
    };
    let store = &publishing.context.store;
    assert_eq!(
        of_may(store.claim_statements(None, 100).await.unwrap()),
        0,
        "no process takes it with other templates"
    );
    sqlx::raw_sql("COMMIT").execute(&mut other).await.unwrap();
    noting.await.unwrap().unwrap();
    assert_eq!(of_may(store.claim_statements(None, 100).await.unwrap()), 1);
    assert_eq!(number(&url, "SELECT COUNT(*) FROM statement WHERE period = '2009-05'").await, 1);
}

#[tokio::test]
async fn an_account_s_month_that_another_process_closed_is_not_closed_again() {
    let url = postgres::new_database().await;
    let program = Program::on(&url, "mail.transport = \"off\"");
    program.import_sample();
    let store = Store::open(&url).await.unwrap();
    let due = store.read().await.unwrap().closings().next_periods(None).await.unwrap().remove(0);
    let mut tx = store.write().await.unwrap();
    assert!(tx.work().lock_account(due.key, WhenLocked::Skip).await.unwrap());
    assert_eq!(tx.closings().next_period(due.key, None).await.unwrap().unwrap().next.id, due.next.id);
    tx.closings().insert_closing(due.key, &due.next, true, IN_JUNE.parse().unwrap()).await.unwrap();
    assert_eq!(tx.closings().next_period(due.key, None).await.unwrap().unwrap().next.id, due.next.id.next());
}
