//! A statement's folder in the archive has one process at a time: what has expired does not come back, and what is
//! being published does not expire.

use std::time::Duration;

use statementd::jobs::{Expiry, expire_past_retention, publish_pending};
use statementd::store::WorkKind;

use super::{number, one_leg, process};
use crate::support::{Pauses, Program, eventually, postgres, wait_until};

const KEEP: &str = "archive.keep_months = 3\ndatabase.keep_usage = 36\nmail.transport = \"off\"";
const IN_JUNE: &str = "2009-06-05T12:00:00Z";

async fn closed(extra: &str) -> (Program, String) {
    let url = postgres::new_database().await;
    let program = Program::on(&url, &format!("{KEEP}\n{extra}"));
    program.import_sample();
    program.ok(&["close", "--period", "2009-05", "--as-of", IN_JUNE]);
    (program, url)
}

#[tokio::test]
async fn a_restore_writes_nothing_of_what_was_let_go_of_since_it_looked() {
    let (program, url) = closed("").await;
    std::fs::remove_file(program.archive().join("2009-02/602127/r1/account.xlsx")).unwrap();
    let place = "before-restore-claims";
    let pauses = Pauses::at(place);
    let restoring = pauses.start_until(&program, &["archive", "restore"], place);
    program.ok(&["archive", "expire"]);
    assert_eq!(number(&url, "SELECT COUNT(*) FROM statement WHERE deleted_at IS NOT NULL").await, 1);
    pauses.resume(place);
    assert_eq!(restoring.wait(), Some(0));
    assert!(!program.archive().join("2009-02/602127").exists(), "February has left for good");
    program.ok(&["archive", "verify"]);
    program.ok(&["check", "--deep"]);
}

#[tokio::test]
async fn what_is_being_restored_leaves_later() {
    let (program, url) = closed("").await;
    std::fs::remove_file(program.archive().join("2009-02/602127/r1/account.xlsx")).unwrap();
    let place = "restore-has-claimed";
    let pauses = Pauses::at(place);
    let restoring = pauses.start_until(&program, &["archive", "restore"], place);
    program.ok(&["archive", "expire"]);
    assert_eq!(number(&url, "SELECT COUNT(*) FROM statement WHERE expired_at IS NOT NULL").await, 0);
    pauses.resume(place);
    assert_eq!(restoring.wait(), Some(0));
    program.ok(&["archive", "verify"]);
    program.ok(&["archive", "expire"]);
    assert!(!program.archive().join("2009-02/602127").exists());
    program.ok(&["check", "--deep"]);
}

#[tokio::test]
async fn a_revision_that_is_being_published_is_not_let_go_of() {
    let (program, url) = closed("billing.late_usage = \"revise\"").await;
    // A late revision of a month past its retention, frozen and claimed by a process that publishes it.
    program.ok(&["import", "usage", &one_leg(&program, "LATE", "2009-02-20T10:00:00Z")]);
    let (publishing, other) = (process(&program, IN_JUNE).await, process(&program, IN_JUNE).await);
    let rule = publishing.due_rule(statementd::app::Trigger::Command);
    let selection = statementd::jobs::Selection::default();
    let closed = statementd::jobs::close_due(&publishing.context, &rule, &selection, &|| true).await.unwrap();
    assert_eq!(closed.revised, 1, "{closed:?}");
    let claims = publishing.context.store.claim_statements(None, 8).await.unwrap();
    assert_eq!(claims.len(), 1);
    let left = expire_past_retention(&other.context, Expiry::Asked, &|| true).await.unwrap();
    assert_eq!(left.expired.len(), 1, "its first revision may go: {left:?}");
    assert_eq!(number(&url, "SELECT COUNT(*) FROM statement WHERE revision = 2 AND expired_at IS NOT NULL").await, 0);
    publishing.context.store.abandon_claims(WorkKind::Statement).await.unwrap();
    let published = publish_pending(&publishing.context, &|| true).await.unwrap();
    assert_eq!((published.published, published.failed.len()), (1, 0));
    // Now it is past its retention, too.
    program.ok(&["archive", "expire"]);
    assert_eq!(number(&url, "SELECT COUNT(*) FROM statement WHERE revision = 2 AND deleted_at IS NOT NULL").await, 1);
    program.ok(&["archive", "verify"]);
    program.ok(&["check", "--deep"]);
}

#[tokio::test]
async fn what_a_dead_process_had_let_go_of_is_deleted_by_another() {
    let url = postgres::new_database().await;
    let program = Program::on(&url, &format!("{KEEP}\ndatabase.lease = \"2s\""));
    program.import_sample();
    program.ok(&["close", "--period", "2009-05", "--as-of", IN_JUNE]);
    let place = "before-objects-are-deleted";
    let pauses = Pauses::at(place);
    let dying = pauses.start_until(&program, &["archive", "expire"], place);
    assert_eq!(number(&url, "SELECT COUNT(*) FROM statement WHERE expired_at IS NOT NULL").await, 1);
    dying.signal("KILL");
    assert_eq!(dying.wait(), None);
    // Until its lease has run out, others leave it alone.
    eventually("the deletion by another process", async || {
        program.ok(&["archive", "expire"]);
        let deleted = number(&url, "SELECT COUNT(*) FROM statement WHERE deleted_at IS NOT NULL").await;
        (deleted > 0).then_some(())
    })
    .await;
    program.ok(&["archive", "verify"]);
}

/// PostgreSQL ends the transaction of a process that is silent in it for that long; SQLite waits.
#[test]
fn a_process_that_is_frozen_while_it_claims_keeps_its_registration() {
    const LEASE: Duration = Duration::from_secs(2);
    let place = "lease-renewed";
    let program = Program::with(&format!("{KEEP}\ndatabase.lease = \"{}s\"", LEASE.as_secs()));
    program.import_sample();
    program.ok(&["close", "--period", "2009-05", "--as-of", IN_JUNE]);
    let pauses = Pauses::at(place);
    let mut frozen = pauses.start_until(&program, &["archive", "expire"], place);
    // The lease is counted in whole seconds.
    std::thread::sleep(LEASE + Duration::from_secs(1));
    pauses.resume(place);
    wait_until("its end", || frozen.has_ended());
    let log = frozen.log();
    assert_eq!(frozen.wait(), Some(0), "{log}");
    // It was silent for longer than its lease, and may have left the rest to a later round.
    program.ok(&["archive", "expire"]);
    assert!(!program.archive().join("2009-02").exists());
    program.ok(&["archive", "verify"]);
}
