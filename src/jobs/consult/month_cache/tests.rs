//! What is shown of a month while it is read anew, and who waits for it.

use chrono::DateTime;
use tokio::sync::oneshot;

use super::*;
use crate::domain::StatementAccount;
use crate::store::{UsageBasis, UsageScope, WaitingLegs};

const PERIOD: &str = "2009-05";

fn turns() -> Arc<Semaphore> {
    Arc::new(Semaphore::new(2))
}

fn place() -> MonthKey {
    (1, PERIOD.parse().unwrap(), None)
}

/// After so many changes of usage, and of codes.
fn version(change: i64, codes: i64) -> Version {
    let basis = UsageBasis { master_changes: 0, closings: 0, newest_statement: 0 };
    Version::Computed(UsageState { basis, change }, Some(CodeSetKey(codes)), (WaitingLegs::Carried, Vec::new()))
}

/// An open month that is told apart by its number.
fn done(number: u32) -> Done {
    let account = StatementAccount {
        number: "602127".parse().unwrap(),
        company: "Phoenix".parse().unwrap(),
        currency: "EUR".parse().unwrap(),
        time_zone: "Europe/Paris".parse().unwrap(),
        locale: "fr-FR".parse().unwrap(),
    };
    let bounds = PERIOD.parse::<Period>().unwrap().bounds(account.time_zone);
    let scope = UsageScope { account: 1, bounds, revision: number, waiting: WaitingLegs::LeftOut };
    let figures = MonthFigures::Open { as_of: DateTime::UNIX_EPOCH, is_behind: false };
    Done::now(Month { figures, ..Month::checked(account, scope) }, None, Instant::now())
}

async fn shown(reading: &Arc<Reading>, number: u32) -> (u32, bool) {
    let (done, is_new) = reading.shown(&turns(), move |_| async move { Ok(done(number)) }).await.unwrap();
    (done.month.scope.revision, is_new)
}

#[tokio::test]
async fn what_was_known_is_shown_while_newer_usage_is_added_up_and_is_said_to_be_old() {
    let kept = MonthCache { shown_for: Some(Duration::ZERO), ..MonthCache::default() };
    let (first, _) = kept.reading(place(), version(1, 0));
    assert_eq!(shown(&first, 1).await, (1, true));

    let (second, _) = kept.reading(place(), version(2, 0));
    let (let_go, held) = oneshot::channel::<()>();
    let long = move |_| async move {
        held.await.unwrap();
        Ok(done(2))
    };
    let (meanwhile, is_new) = second.shown(&turns(), long).await.unwrap();
    assert_eq!((meanwhile.month.scope.revision, is_new), (1, false));
    // Others join it, and are shown the same; it is not computed twice.
    let (again, _) = kept.reading(place(), version(3, 0));
    assert!(Arc::ptr_eq(&again, &second));
    assert_eq!(shown(&again, 99).await, (1, false));
    let_go.send(()).unwrap();
    let finished = again.done.get_or_try_init(|| async { Err(()) }).await.unwrap();
    assert_eq!(finished.month.scope.revision, 2);
    assert_eq!(shown(&again, 99).await, (2, true));
}

#[tokio::test]
async fn what_has_changed_is_shown_for_no_longer_than_its_age_allows() {
    for (ended, took, is_shown) in
        [(500, 1_000, true), (1_200, 1_000, false), (1_000, 4_000, true), (2_100, 4_000, false)]
    {
        let kept = MonthCache::default();
        let (first, _) = kept.reading(place(), version(1, 0));
        let took = Duration::from_millis(took);
        let at = Instant::now().checked_sub(Duration::from_millis(ended)).unwrap();
        first.shown(&turns(), move |_| async move { Ok(Done { at, took, ..done(1) }) }).await.unwrap();
        let (next, _) = kept.reading(place(), version(2, 0));
        assert_eq!(Arc::ptr_eq(&first, &next), is_shown, "ended {ended} ms ago, took {took:?}");
    }
}

#[tokio::test]
async fn what_stood_before_a_change_of_codes_is_never_shown_after_it() {
    let kept = MonthCache::default();
    let (first, _) = kept.reading(place(), version(1, 0));
    assert_eq!(shown(&first, 1).await, (1, true));
    let (newer, _) = kept.reading(place(), version(2, 0));
    assert!(Arc::ptr_eq(&first, &newer), "usage: shown for a moment longer");
    let (recoded, _) = kept.reading(place(), version(2, 1));
    assert!(recoded.before.meanwhile.is_none());
    assert_eq!(shown(&recoded, 2).await, (2, true));
}

#[tokio::test]
async fn a_reading_that_failed_is_begun_anew_by_the_next_request() {
    let kept = MonthCache::default();
    let (first, _) = kept.reading(place(), version(1, 0));
    let failed = first.shown(&turns(), |_| async { Err(JobError::Stopped) }).await;
    assert!(failed.is_err());
    let (next, is_current) = kept.reading(place(), version(1, 0));
    assert!(is_current && !Arc::ptr_eq(&first, &next));
    assert_eq!(shown(&next, 1).await, (1, true));
}
