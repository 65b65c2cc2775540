//! Work shared by several processes: each piece is done by one of them, and one that comes too late writes nothing.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use statementd::app::{self, App, Trigger};
use statementd::clock::Clock;
use statementd::config::Sources;
use statementd::digest::Sha256;
use statementd::domain::Leg;
use statementd::jobs::{Selection, close_due, deliver_due, publish_pending};
use statementd::store::{PendingStatement, Store, StoreError, WhenLocked, WorkClaim, WorkKind};
use tokio::sync::Barrier;

use crate::support::{AFTER_MAY, PATIENCE, Program, eventually, files_below, office, postgres};

/// Accounts with usage, and the server's URL; `process` is a process that works on them.
struct Office(Program, String);

impl Office {
    async fn on_postgres(accounts: u32) -> Self {
        let url = postgres::new_database().await;
        Self::open(Program::on(&url, "database.lease = \"2s\""), url, accounts)
    }

    fn on_sqlite(accounts: u32) -> Self {
        Self::open(Program::with("database.lease = \"2s\""), String::new(), accounts)
    }

    fn open(program: Program, url: String, accounts: u32) -> Self {
        office::import_accounts(&program, accounts);
        Self(program, url)
    }

    async fn process(&self) -> App {
        let config = app::load(&Sources::new(vec![self.0.path("statementd.toml")])).unwrap();
        App::open(config, Clock::Fixed(AFTER_MAY.parse().unwrap()), true).await.unwrap()
    }

    /// A process that has closed all that is due and published nothing.
    async fn closed(&self) -> App {
        let app = self.process().await;
        close_due(&app.context, &app.due_rule(Trigger::Command), &Selection::default(), &|| true).await.unwrap();
        app
    }
}

fn store(app: &App) -> &Store {
    &app.context.store
}

async fn claim_one(store: &Store) -> Option<(WorkClaim, PendingStatement)> {
    store.claim_statements(None, 1).await.unwrap().into_iter().next()
}

/// Writes what a finished publication writes.
async fn finish(store: &Store, claim: WorkClaim, statement: &PendingStatement) -> Result<(), StoreError> {
    let mut tx = store.write().await?;
    tx.work().settle(claim).await?;
    let publication = statementd::store::Publication {
        manifest_sha256: Sha256::of(b"manifest"),
        formats: "html".parse().unwrap(),
        program: "1".into(),
        templates: Sha256::of(b"templates"),
    };
    tx.statements().mark_published(statement, &publication, DateTime::<Utc>::UNIX_EPOCH).await?;
    tx.commit().await
}

#[tokio::test]
async fn processes_that_claim_at_the_same_time_get_different_statements() {
    let office = Office::on_postgres(60).await;
    let first = office.closed().await;
    let mut claiming = tokio::task::JoinSet::new();
    // None goes on before all have one: otherwise the first to start might take them all.
    let all_have_one = Arc::new(Barrier::new(4));
    for app in [first, office.process().await, office.process().await, office.process().await] {
        let all_have_one = Arc::clone(&all_have_one);
        claiming.spawn(async move {
            let mut mine = vec![claim_one(store(&app)).await.unwrap().1.key];
            all_have_one.wait().await;
            while let Some((_, statement)) = claim_one(store(&app)).await {
                mine.push(statement.key);
            }
            (mine, app)
        });
    }
    let shares: Vec<_> = claiming.join_all().await;
    let all: Vec<_> = shares.iter().flat_map(|(mine, _)| mine).collect();
    assert_eq!(all.len(), 60, "each is claimed once");
    assert_eq!(all.iter().collect::<HashSet<_>>().len(), 60);
}

#[tokio::test]
async fn what_a_dead_process_claimed_is_taken_over_when_its_lease_has_run_out() {
    let office = Office::on_postgres(1).await;
    let (dying, other) = (office.closed().await, office.process().await);
    let (claim, statement) = claim_one(store(&dying)).await.unwrap();
    assert!(claim_one(store(&other)).await.is_none(), "it is claimed");
    // Its heartbeat ends with it, and it releases nothing, as after SIGKILL. A copy of the store writes what it would
    // still have written.
    let without_heartbeat = store(&dying).clone().with_lease(Duration::from_secs(2));
    drop(dying);
    let (taken, again) = eventually("the take-over", async || claim_one(store(&other)).await).await;
    assert_eq!(again.key, statement.key);
    assert!(matches!(finish(&without_heartbeat, claim, &statement).await, Err(StoreError::ClaimLost)));
    finish(store(&other), taken, &again).await.unwrap();
}

#[tokio::test]
async fn on_sqlite_what_another_process_claimed_is_taken_over_at_once() {
    let office = Office::on_sqlite(1);
    let (dying, other) = (office.closed().await, office.process().await);
    let (claim, statement) = claim_one(store(&dying)).await.unwrap();
    let (taken, again) = claim_one(store(&other)).await.unwrap();
    assert_eq!(again.key, statement.key, "the claiming process holds the lock of that work: the other is dead");
    assert!(matches!(finish(store(&dying), claim, &statement).await, Err(StoreError::ClaimLost)));
    finish(store(&other), taken, &again).await.unwrap();
}

#[tokio::test]
async fn a_heartbeat_keeps_a_claim_longer_than_its_lease() {
    let office = Office::on_postgres(2).await;
    let (slow, dying, other) = (office.closed().await, office.process().await, office.process().await);
    let (claim, statement) = claim_one(store(&slow)).await.unwrap();
    let (_, of_the_dead) = claim_one(store(&dying)).await.unwrap();
    drop(dying);
    // What was claimed later and has no heartbeat is taken over: without one, the older claim would have been, too.
    let (_, taken) = eventually("the take-over", async || claim_one(store(&other)).await).await;
    assert_eq!(taken.key, of_the_dead.key);
    assert!(store(&slow).holds(claim));
    finish(store(&slow), claim, &statement).await.unwrap();
}

#[tokio::test]
async fn a_process_that_signs_off_gives_its_claims_back_at_once() {
    for office in [Office::on_postgres(3).await, Office::on_sqlite(3)] {
        let (leaving, other) = (office.closed().await, office.process().await);
        assert_eq!(store(&leaving).claim_statements(None, 3).await.unwrap().len(), 3);
        leaving.close().await;
        assert_eq!(store(&other).claim_statements(None, 3).await.unwrap().len(), 3);
        let mut tx = store(&other).read().await.unwrap();
        assert_eq!(tx.work().workers().await.unwrap().len(), 1);
    }
}

#[tokio::test]
async fn one_process_at_a_time_does_a_work_that_is_named() {
    let office = Office::on_postgres(1).await;
    let (one, other) = (office.process().await, office.process().await);
    let claim = store(&one).claim(WorkKind::Rerun, "tariff-fix").await.unwrap().unwrap();
    assert!(store(&other).claim(WorkKind::Rerun, "tariff-fix").await.unwrap().is_none());
    assert!(store(&other).claim(WorkKind::Rerun, "another").await.unwrap().is_some());
    assert!(store(&other).claim(WorkKind::Index, "tariff-fix").await.unwrap().is_some());
    let mut tx = store(&one).write().await.unwrap();
    tx.work().settle(claim).await.unwrap();
    tx.commit().await.unwrap();
    assert!(store(&other).claim(WorkKind::Rerun, "tariff-fix").await.unwrap().is_some());
}

#[tokio::test]
async fn what_is_left_of_a_broken_round_is_taken_up_by_the_next() {
    for office in [Office::on_postgres(4).await, Office::on_sqlite(4)] {
        let app = office.closed().await;
        assert_eq!(store(&app).claim_statements(None, 4).await.unwrap().len(), 4, "and nothing comes of them");
        let report = publish_pending(&app.context, &|| true).await.unwrap();
        assert_eq!((report.published, report.failed.len()), (4, 0));
        assert_eq!(files_below(&office.0.archive()).keys().filter(|name| name.ends_with("manifest.json")).count(), 4);
    }
}

#[tokio::test]
async fn processes_that_close_at_the_same_time_close_each_account_once() {
    let office = Office::on_postgres(80).await;
    let mut closing = tokio::task::JoinSet::new();
    for _ in 0..4 {
        let app = office.process().await;
        closing.spawn(async move {
            close_due(&app.context, &app.due_rule(Trigger::Command), &Selection::default(), &|| true).await.unwrap()
        });
    }
    let reports = closing.join_all().await;
    assert_eq!(reports.iter().map(|report| report.closed).sum::<u64>(), 80, "{reports:?}");
    assert!(reports.iter().filter(|report| report.closed > 0).count() > 1, "they share: {reports:?}");
    let app = office.process().await;
    let rows = store(&app)
        .read()
        .await
        .unwrap()
        .statements()
        .statement_rows(&statementd::store::StatementFilter::default())
        .await
        .unwrap();
    assert_eq!(rows.len(), 80);
}

#[tokio::test]
async fn an_account_whose_process_freezes_in_the_middle_is_free_again_after_its_lease() {
    let office = Office::on_postgres(1).await;
    let (frozen, other) = (office.process().await, office.process().await);
    let account = store(&other).read().await.unwrap().closings().next_periods(None).await.unwrap()[0].key;
    let mut tx = store(&frozen).write().await.unwrap();
    assert!(tx.work().lock_account(account, WhenLocked::Skip).await.unwrap());
    let mut waiting = store(&other).write().await.unwrap();
    assert!(!waiting.work().lock_account(account, WhenLocked::Skip).await.unwrap());
    let locked = tokio::time::timeout(PATIENCE, waiting.work().lock_account(account, WhenLocked::Wait)).await;
    assert!(locked.expect("the server ends the silent transaction").unwrap());
    let late = tx.closings().unpark(account, "2009-05".parse().unwrap()).await;
    assert!(late.is_err(), "a process that was frozen writes nothing");
}

#[tokio::test]
async fn usage_that_arrives_while_its_month_is_being_closed_is_late() {
    let office = Office::on_postgres(1).await;
    let (closing, importing) = (office.process().await, office.process().await);
    let due = store(&closing).read().await.unwrap().closings().next_periods(None).await.unwrap().remove(0);
    let mut tx = store(&closing).write().await.unwrap();
    assert!(tx.work().lock_account(due.key, WhenLocked::Skip).await.unwrap());

    let import = tokio::spawn(async move {
        let mut tx = store(&importing).write().await.unwrap();
        let directory = tx.master().directory().await.unwrap();
        let outcome = tx.usage().import(&[leg()], &directory, AFTER_MAY.parse().unwrap()).await.unwrap();
        tx.commit().await.unwrap();
        outcome
    });
    // The closing has read the month's usage by now; the import must not get in after it.
    postgres::until_a_session_waits(&office.1).await;
    assert!(!import.is_finished(), "the import waits for the closing");
    tx.closings().insert_closing(due.key, &due.next, true, AFTER_MAY.parse().unwrap()).await.unwrap();
    tx.commit().await.unwrap();
    let outcome = import.await.unwrap();
    assert_eq!((outcome.stored, outcome.late), (1, 1));
}

fn leg() -> Leg {
    let joined_at: DateTime<Utc> = "2009-05-20T10:00:00Z".parse().unwrap();
    Leg {
        leg_id: "NEW-1".parse().unwrap(),
        conference_id: "NEW".parse().unwrap(),
        room: "1000000".parse().unwrap(),
        service_type: "WEB".parse().unwrap(),
        joined_at,
        left_at: joined_at + chrono::TimeDelta::minutes(5),
        caller: None,
        billing_code: None,
    }
}

#[tokio::test]
async fn deliveries_are_claimed_once_and_judged_when_their_process_is_dead() {
    let office = Office::on_postgres(12).await;
    let (one, other) = (office.closed().await, office.process().await);
    publish_pending(&one.context, &|| true).await.unwrap();
    let now = AFTER_MAY.parse().unwrap();
    let mine = store(&one).claim_deliveries(now, 5).await.unwrap();
    let theirs = store(&other).claim_deliveries(now, 20).await.unwrap();
    assert_eq!((mine.len(), theirs.len()), (5, 7), "each goes to one process");
    let mut tx = store(&one).write().await.unwrap();
    assert_eq!(tx.deliveries().note_bodies_under_way(&[mine[0].claim]).await.unwrap().len(), 1);
    tx.commit().await.unwrap();
    let nothing =
        store(&other).write().await.unwrap().deliveries().interrupted_deliveries(false, None).await.unwrap();
    assert_eq!(nothing, [], "both live");

    let dead = store(&one).clone().with_lease(Duration::from_secs(2));
    drop(one);
    let interrupted = eventually("the end of the lease", async || {
        let mut tx = store(&other).write().await.unwrap();
        let found = tx.deliveries().interrupted_deliveries(false, None).await.unwrap();
        tx.commit().await.unwrap();
        (!found.is_empty()).then_some(found)
    })
    .await;
    assert_eq!(
        interrupted.iter().map(|one| one.claim).collect::<Vec<_>>(),
        mine.iter().map(|one| one.claim).collect::<Vec<_>>()
    );
    assert_eq!(interrupted.iter().filter(|one| one.body_under_way).count(), 1);
    let mut tx = dead.write().await.unwrap();
    assert!(
        tx.deliveries().note_bodies_under_way(&[mine[1].claim]).await.unwrap().is_empty(),
        "nothing more is sent by it"
    );
}

#[tokio::test]
async fn mail_that_a_broken_round_left_is_taken_up_by_the_next_round_of_the_same_process() {
    let office = Office::on_postgres(6).await;
    let app = office.closed().await;
    publish_pending(&app.context, &|| true).await.unwrap();
    let left = store(&app).claim_deliveries(AFTER_MAY.parse().unwrap(), 4).await.unwrap();
    let mut tx = store(&app).write().await.unwrap();
    assert_eq!(tx.deliveries().note_bodies_under_way(&[left[0].claim]).await.unwrap().len(), 1);
    tx.commit().await.unwrap();
    let round = deliver_due(&app.context, &|| true).await.unwrap();
    assert_eq!((round.interrupted, round.accepted), (4, 5), "{round:?}");
    let again = deliver_due(&app.context, &|| true).await.unwrap();
    assert_eq!((again.interrupted, again.accepted), (0, 0), "what may have arrived waits");
}
