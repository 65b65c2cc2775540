//! Erasure deletes nothing that came in after it had looked.

use std::fmt::Write as _;

use serde_json::json;
use statementd::store::{Store, WhenLocked};

use super::{number, on_both, one_leg};
use crate::support::{Pauses, Program, csv, postgres};

const KEEP: &str = "archive.keep_months = 3\ndatabase.keep_usage = 3\nmail.transport = \"off\"";
const IN_JUNE: &str = "2009-06-05T12:00:00Z";
const LATE: &str = "2009-02-20T10:00:00Z";

fn close_may(program: &Program) {
    program.import_sample();
    program.ok(&["close", "--period", "2009-05", "--as-of", IN_JUNE]);
}

/// A daemon erases, and waits at `place`, once it has listed what it may erase; then late usage comes in.
fn late_usage_comes_in_at(program: &Program, place: &str) {
    let pauses = Pauses::at(place);
    let mut daemon = pauses.start_until(program, &["run", "--as-of", IN_JUNE], place);
    let imported = program.json(&["import", "usage", "--json", &one_leg(program, "LATE", LATE)]);
    assert_eq!((&imported[0]["stored"], &imported[0]["late"]), (&json!(1), &json!(1)), "{imported}");
    pauses.arm("after-erasure");
    pauses.resume(place);
    pauses.until(&mut daemon, "after-erasure");
    pauses.resume("after-erasure");
    daemon.signal("TERM");
    assert_eq!(daemon.wait(), Some(0));
}

#[tokio::test]
async fn late_usage_that_comes_in_after_the_months_were_listed_is_charged() {
    for (program, _) in on_both(KEEP).await {
        close_may(&program);
        late_usage_comes_in_at(&program, "before-usage-is-erased");
        let status = program.json(&["status", "--json", "--as-of", IN_JUNE]);
        assert_eq!(status["late_usage"], json!({"2009-02": 1}), "it waits");
        program.ok(&["import", "usage", &one_leg(&program, "JUNE", "2009-06-20T10:00:00Z")]);
        program.ok(&["close", "--period", "2009-06", "--as-of", "2009-07-05T12:00:00Z"]);
        let june = std::fs::read(program.archive().join("2009-06/602127/r1/account.json")).unwrap();
        let june: serde_json::Value = serde_json::from_slice(&june).unwrap();
        assert_eq!(june["totals"]["participants"], 2, "June's own leg and the late one: {june}");
        program.ok(&["check", "--deep"]);
    }
}

#[tokio::test]
async fn callers_of_late_usage_that_comes_in_meanwhile_stay_until_it_is_charged() {
    for (program, url) in on_both("privacy.erase_callers_after = \"30d\"\nmail.transport = \"off\"").await {
        close_may(&program);
        late_usage_comes_in_at(&program, "before-callers-are-erased");
        let with_caller = "SELECT COUNT(*) FROM leg WHERE leg_id = 'LATE' AND caller <> ''";
        assert_eq!(number(&url, with_caller).await, 1);
    }
}

#[tokio::test]
async fn usage_that_comes_in_while_the_end_of_its_month_is_decided_is_refused() {
    let url = postgres::new_database().await;
    let program = Program::on(&url, KEEP);
    close_may(&program);
    program.ok(&["archive", "expire"]);
    let store = Store::open(&url).await.unwrap();
    let month = store.read().await.unwrap().erasure().usage_past_retention(3).await.unwrap().remove(0);
    let mut tx = store.write().await.unwrap();
    assert!(tx.work().lock_account(month.account_key, WhenLocked::Skip).await.unwrap());
    let file = one_leg(&program, "LATE", LATE);
    let import = tokio::task::spawn_blocking(move || (program.json(&["import", "usage", "--json", &file]), program));
    postgres::until_a_session_waits(&url).await;
    assert!(tx.erasure().expire_usage(&month, 3, IN_JUNE.parse().unwrap()).await.unwrap());
    tx.commit().await.unwrap();
    let (imported, program) = import.await.unwrap();
    assert_eq!((&imported[0]["stored"], &imported[0]["rejected"]), (&json!(0), &json!(1)), "{imported}");
    program.ok(&["check", "--deep"]);
}

#[tokio::test]
async fn two_processes_that_erase_one_month_count_each_leg_once() {
    let url = postgres::new_database().await;
    let program = Program::on(&url, KEEP);
    close_may(&program);
    program.ok(&["archive", "expire"]);
    let (one, other) = (Store::open(&url).await.unwrap(), Store::open(&url).await.unwrap());
    let month = one.read().await.unwrap().erasure().usage_past_retention(3).await.unwrap().remove(0);
    let mut tx = one.write().await.unwrap();
    assert!(tx.erasure().expire_usage(&month, 3, IN_JUNE.parse().unwrap()).await.unwrap());
    tx.commit().await.unwrap();
    let mut tx = one.write().await.unwrap();
    let (conferences, legs) = tx.erasure().erase_usage(&month, 500).await.unwrap();
    assert!(conferences > 0 && legs > 0);
    let again = tokio::spawn(async move {
        let mut tx = other.write().await.unwrap();
        let erased = tx.erasure().erase_usage(&month, 500).await.unwrap();
        tx.commit().await.unwrap();
        erased
    });
    postgres::until_a_session_waits(&url).await;
    tx.commit().await.unwrap();
    assert_eq!(again.await.unwrap(), (0, 0));
    program.ok(&["check", "--deep"]);
}

#[tokio::test]
async fn lines_of_a_large_statement_leave_with_its_usage() {
    const PARTS: &str = "SELECT COUNT(*) FROM statement_part";
    for (program, url) in on_both(KEEP).await {
        let mut legs = String::from(csv!(usage));
        for leg in 0..2_100 {
            let day = 1 + leg % 20;
            writeln!(legs, "F{leg},F{leg},332703,WEB,2009-02-{day:02}T10:00:00Z,2009-02-{day:02}T10:01:00Z,,")
                .unwrap();
        }
        let file = program.write("february.csv", &legs);
        program.import_sample();
        program.ok(&["import", "usage", &file]);
        program.ok(&["close", "--period", "2009-05", "--as-of", IN_JUNE]);
        program.ok(&["check", "--deep"]);
        assert!(number(&url, PARTS).await > 4);
        program.ok(&["archive", "expire"]);
        let store = Store::open(&url).await.unwrap();
        let month = store.read().await.unwrap().erasure().usage_past_retention(3).await.unwrap().remove(0);
        assert!(number(&url, PARTS).await > 4, "usage and lines are kept for the same time");
        let mut tx = store.write().await.unwrap();
        assert!(tx.erasure().expire_usage(&month, 3, IN_JUNE.parse().unwrap()).await.unwrap());
        tx.commit().await.unwrap();
        assert_eq!(number(&url, PARTS).await, 0);
        drop(store);
        program.ok(&["check", "--deep"]);
    }
}
