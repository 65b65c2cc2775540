//! Usage and closed months: each leg is charged by exactly one current statement, in whatever order legs arrive.

use std::collections::BTreeMap;
use std::path::Path;

use chrono::{DateTime, Utc};
use statementd::domain::{Account, Leg, Period, Room, TariffRow, Zone};
use statementd::store::{BatchOutcome, Store, UsageScope, WaitingLegs, WhenLocked};
use tokio::sync::mpsc;

use crate::support::database::{Database, on_each_engine, until_a_process_waits};
use crate::support::postgres;

mod rooms;

on_each_engine!(
    a_leg_of_a_closed_month_waits_and_is_carried_once,
    a_leg_that_was_charged_in_time_is_not_late_when_it_comes_again,
    an_earlier_leg_moves_the_start_of_an_open_conference,
    an_earlier_leg_that_takes_a_conference_into_a_closed_month_makes_all_its_legs_late,
    the_order_in_which_legs_arrive_does_not_matter,
    the_start_of_a_closed_conference_no_longer_moves,
    a_leg_whose_id_is_taken_neither_files_nor_moves_a_conference,
    a_batch_of_many_legs_is_stored_whole,
    a_conference_is_found_among_few_and_among_many,
    an_import_waits_for_a_closing_that_is_under_way,
);

/// More than any test uses.
const CONFERENCES: usize = 10_000;
const ARRIVAL: &str = "2009-06-10T00:00:00Z";

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// A ten-minute leg in a room of the first account; its id begins with that of its conference.
fn leg(id: &str, joined: &str) -> Leg {
    let joined_at = at(joined);
    Leg {
        leg_id: id.parse().unwrap(),
        conference_id: id.split('-').next().unwrap().parse().unwrap(),
        room: "332703".parse().unwrap(),
        service_type: "WEB".parse().unwrap(),
        joined_at,
        left_at: joined_at + chrono::TimeDelta::minutes(10),
        caller: None,
        billing_code: None,
    }
}

struct Operator {
    database: Database,
    accounts: [i64; 2],
}

impl Operator {
    /// Two accounts in UTC; the room belongs to the first.
    async fn new(database: Database) -> Self {
        let mut tx = database.store.write().await.unwrap();
        tx.tariffs().upsert_tariff_row(&tariff_row()).await.unwrap();
        let mut accounts = [0; 2];
        for (key, number) in accounts.iter_mut().zip(["602127", "700001"]) {
            tx.accounts().upsert_account(&account(number).into(), at(ARRIVAL)).await.unwrap();
            *key = tx.accounts().account_key(&number.parse().unwrap()).await.unwrap().unwrap();
        }
        tx.rooms().upsert_room(&room("602127").into(), at(ARRIVAL)).await.unwrap();
        tx.commit().await.unwrap();
        Self { database, accounts }
    }

    async fn import(&self, legs: &[Leg]) -> BatchOutcome {
        let mut tx = self.database.store.write().await.unwrap();
        let directory = tx.master().directory().await.unwrap();
        let outcome = tx.usage().import(legs, &directory, at(ARRIVAL)).await.unwrap();
        tx.commit().await.unwrap();
        // How many were there already says enough here.
        BatchOutcome { again: Vec::new(), ..outcome }
    }

    /// Closes a month of the first account, carrying what waits.
    async fn close(&self, period: &str) {
        let period: Period = period.parse().unwrap();
        let mut tx = self.database.store.write().await.unwrap();
        tx.closings().carry_late_legs(self.accounts[0], period).await.unwrap();
        let bounds = period.bounds(chrono_tz::UTC);
        tx.closings().insert_closing(self.accounts[0], &bounds, true, at(ARRIVAL)).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// What revision 1 of a month charges: leg → the closed month that it belongs to, if it is carried.
    async fn charged(&self, account: usize, period: &str) -> BTreeMap<String, Option<String>> {
        let id: Period = period.parse().unwrap();
        let bounds = id.bounds(chrono_tz::UTC);
        let scope =
            UsageScope { account: self.accounts[account], bounds, revision: 1, waiting: WaitingLegs::LeftOut };
        let (sender, mut conferences) = mpsc::channel(CONFERENCES);
        let mut tx = self.database.store.read().await.unwrap();
        tx.usage().stream_conferences(scope, None, &sender).await.unwrap();
        tx.usage().stream_carried_conferences(scope, None, &sender).await.unwrap();
        drop(sender);
        let mut charged = BTreeMap::new();
        while let Some(conference) = conferences.recv().await {
            for leg in conference.legs.iter().filter(|leg| leg.charged_here) {
                let from = conference.late_from.map(|period| period.to_string());
                let twice = charged.insert(leg.leg_id.to_string(), from);
                assert_eq!(twice, None, "{}", leg.leg_id);
            }
        }
        charged
    }

    async fn waiting_late(&self) -> Vec<(String, i64)> {
        self.database.store.read().await.unwrap().reports().waiting_late_legs().await.unwrap()
    }
}

fn tariff_row() -> TariffRow {
    TariffRow {
        tariff: "BASE".parse().unwrap(),
        service_type: "WEB".parse().unwrap(),
        label: "Web".parse().unwrap(),
        labels: std::collections::BTreeMap::new(),
        currency: "EUR".parse().unwrap(),
        rate_per_minute: "0.06".parse().unwrap(),
        increment_seconds: 1,
        minimum_seconds: 0,
        valid_from: "2009-01-01".parse().unwrap(),
    }
}

fn account(number: &str) -> Account {
    Account {
        number: number.parse().unwrap(),
        company: "Company".parse().unwrap(),
        currency: "EUR".parse().unwrap(),
        time_zone: Zone::utc(),
        locale: "en".parse().unwrap(),
        tariff: "BASE".parse().unwrap(),
        owner_name: None,
        owners: vec!["a@x.example".parse().unwrap()],
    }
}

fn room(account: &str) -> Room {
    Room {
        number: "332703".parse().unwrap(),
        account: account.parse().unwrap(),
        cardholder: "Leo".parse().unwrap(),
        cardholder_email: None,
        auto_billing_code: None,
        active: true,
    }
}

fn outcome(stored: u64, late: u64, duplicates: u64, conflicts: &[usize]) -> BatchOutcome {
    BatchOutcome { stored, late, duplicates, conflicts: conflicts.to_vec(), ..BatchOutcome::default() }
}

/// `legs`, each with the month that it is carried from.
fn carried(legs: &[(&str, Option<&str>)]) -> BTreeMap<String, Option<String>> {
    legs.iter().map(|(leg, from)| ((*leg).to_owned(), from.map(str::to_owned))).collect()
}

async fn a_leg_of_a_closed_month_waits_and_is_carried_once(database: Database) {
    let operator = Operator::new(database).await;
    assert_eq!(operator.import(&[leg("A-1", "2009-05-10T10:00:00Z")]).await, outcome(1, 0, 0, &[]));
    operator.close("2009-05").await;
    let late = leg("A-2", "2009-05-10T10:05:00Z");
    assert_eq!(operator.import(std::slice::from_ref(&late)).await, outcome(1, 1, 0, &[]));
    assert_eq!(operator.import(&[late]).await, outcome(0, 0, 1, &[]));
    assert_eq!(operator.waiting_late().await, [("2009-05".to_owned(), 1)]);
    operator.close("2009-06").await;
    assert_eq!(operator.charged(0, "2009-05").await, carried(&[("A-1", None)]));
    assert_eq!(operator.charged(0, "2009-06").await, carried(&[("A-2", Some("2009-05"))]));
    assert!(operator.waiting_late().await.is_empty());
}

async fn a_leg_that_was_charged_in_time_is_not_late_when_it_comes_again(database: Database) {
    let operator = Operator::new(database).await;
    let legs = [leg("A-1", "2009-05-10T10:00:00Z"), leg("A-2", "2009-05-10T10:05:00Z")];
    operator.import(&legs[..1]).await;
    operator.close("2009-05").await;
    assert_eq!(operator.import(&legs).await, outcome(1, 1, 1, &[]));
    assert_eq!(operator.waiting_late().await, [("2009-05".to_owned(), 1)]);
    assert_eq!(operator.charged(0, "2009-05").await, carried(&[("A-1", None)]));
}

async fn an_earlier_leg_moves_the_start_of_an_open_conference(database: Database) {
    let operator = Operator::new(database).await;
    operator.import(&[leg("A-1", "2009-06-01T00:03:00Z")]).await;
    assert_eq!(operator.import(&[leg("A-2", "2009-05-31T23:58:00Z")]).await, outcome(1, 0, 0, &[]));
    assert_eq!(operator.charged(0, "2009-05").await, carried(&[("A-1", None), ("A-2", None)]));
    assert!(operator.charged(0, "2009-06").await.is_empty());
}

async fn an_earlier_leg_that_takes_a_conference_into_a_closed_month_makes_all_its_legs_late(database: Database) {
    let operator = Operator::new(database).await;
    operator.import(&[leg("X-1", "2009-05-02T00:00:00Z"), leg("A-1", "2009-06-01T00:03:00Z")]).await;
    operator.close("2009-05").await;
    let earlier = [leg("A-2", "2009-05-31T23:58:00Z"), leg("A-3", "2009-06-01T00:01:00Z")];
    assert_eq!(operator.import(&earlier).await, outcome(2, 3, 0, &[]));
    assert!(operator.charged(0, "2009-06").await.is_empty(), "no one has decided yet");
    operator.close("2009-06").await;
    let may = Some("2009-05");
    assert_eq!(operator.charged(0, "2009-06").await, carried(&[("A-1", may), ("A-2", may), ("A-3", may)]));
    assert_eq!(operator.charged(0, "2009-05").await, carried(&[("X-1", None)]));
}

async fn the_order_in_which_legs_arrive_does_not_matter(database: Database) {
    let operator = Operator::new(database).await;
    operator.import(&[leg("X-1", "2009-05-02T00:00:00Z")]).await;
    operator.close("2009-05").await;
    let legs = |conference: &str| {
        [("1", "2009-06-01T00:03:00Z"), ("2", "2009-05-31T23:58:00Z"), ("3", "2009-06-01T00:01:00Z")]
            .map(|(number, joined)| leg(&format!("{conference}-{number}"), joined))
    };
    operator.import(&legs("A")).await;
    let mut backwards = legs("B");
    backwards.reverse();
    operator.import(&backwards).await;
    for one in legs("C") {
        operator.import(&[one]).await;
    }
    for index in [1, 0, 2] {
        operator.import(&legs("D")[index..=index]).await;
    }
    operator.close("2009-06").await;
    let charged = operator.charged(0, "2009-06").await;
    assert_eq!(charged.len(), 12);
    assert!(charged.values().all(|from| from.as_deref() == Some("2009-05")), "{charged:?}");
}

async fn the_start_of_a_closed_conference_no_longer_moves(database: Database) {
    let operator = Operator::new(database).await;
    operator.import(&[leg("A-1", "2009-05-01T00:03:00Z")]).await;
    operator.close("2009-05").await;
    // April is open: a start that moved there would let April charge the conference a second time.
    assert_eq!(operator.import(&[leg("A-2", "2009-04-30T23:58:00Z")]).await, outcome(1, 1, 0, &[]));
    operator.close("2009-06").await;
    assert!(operator.charged(0, "2009-04").await.is_empty());
    assert_eq!(operator.charged(0, "2009-05").await, carried(&[("A-1", None)]));
    assert_eq!(operator.charged(0, "2009-06").await, carried(&[("A-2", Some("2009-05"))]));
}

async fn a_leg_whose_id_is_taken_neither_files_nor_moves_a_conference(database: Database) {
    let operator = Operator::new(database).await;
    operator.import(&[leg("A-1", "2009-05-10T10:00:00Z"), leg("A-2", "2009-05-10T10:05:00Z")]).await;
    let moves = leg("A-2", "2009-04-10T10:00:00Z");
    let mut files = leg("B-1", "2009-03-10T10:00:00Z");
    files.leg_id = "A-1".parse().unwrap();
    let new = leg("A-3", "2009-05-10T10:07:00Z");
    let again = leg("A-3", "2009-05-10T09:07:00Z");
    assert_eq!(operator.import(&[moves, files, new, again]).await, outcome(1, 0, 0, &[0, 1, 3]));
    let due = operator.database.store.read().await.unwrap().closings().next_periods(None).await.unwrap();
    assert_eq!(due[0].next.id.to_string(), "2009-05");
    assert_eq!(operator.charged(0, "2009-05").await.len(), 3);
}

async fn a_batch_of_many_legs_is_stored_whole(database: Database) {
    let operator = Operator::new(database).await;
    let start = at("2009-05-01T00:00:00Z");
    let legs: Vec<Leg> = (0..4321)
        .map(|number| {
            let joined = start + chrono::TimeDelta::seconds(number);
            leg(&format!("C{}-{number}", number / 3), &joined.to_rfc3339())
        })
        .collect();
    assert_eq!(operator.import(&legs[..1000]).await, outcome(1000, 0, 0, &[]));
    assert_eq!(operator.import(&legs).await, outcome(3321, 0, 1000, &[]));
    assert_eq!(operator.charged(0, "2009-05").await.len(), 4321);
}

async fn a_conference_is_found_among_few_and_among_many(database: Database) {
    let operator = Operator::new(database).await;
    let legs = |number: usize| -> Vec<Leg> {
        (0..2000).map(|conference| leg(&format!("C{conference}-{number}"), "2009-05-10T10:00:00Z")).collect()
    };
    let (first, second) = (legs(1), legs(2));
    assert_eq!(operator.import(&first).await, outcome(2000, 0, 0, &[]));
    assert_eq!(operator.import(&second[..10]).await, outcome(10, 0, 0, &[]));
    assert_eq!(operator.import(&second).await, outcome(1990, 0, 10, &[]));
    assert_eq!(operator.charged(0, "2009-05").await.len(), 4000);
}

async fn an_import_waits_for_a_closing_that_is_under_way(database: Database) {
    let operator = Operator::new(database).await;
    operator.import(&[leg("A-1", "2009-05-10T10:00:00Z")]).await;
    let mut closing = operator.database.store.write().await.unwrap();
    closing.work().lock_account(operator.accounts[0], WhenLocked::Wait).await.unwrap();

    let import = tokio::spawn({
        // As another process would be.
        let store = Store::open(&operator.database.url).await.unwrap();
        async move {
            let mut tx = store.write().await.unwrap();
            let directory = tx.master().directory().await.unwrap();
            let legs = [leg("A-2", "2009-05-10T10:05:00Z")];
            let outcome = tx.usage().import(&legs, &directory, at(ARRIVAL)).await.unwrap();
            tx.commit().await.unwrap();
            outcome
        }
    });
    // An import that does not wait would get in between, and its leg would be late in no month. SQLite has one
    // writer: there the import cannot even begin.
    match operator.database.url.strip_prefix("sqlite://") {
        Some(file) => until_a_process_waits(Path::new(file)).await,
        None => postgres::until_a_session_waits(&operator.database.url).await,
    }
    assert!(!import.is_finished());
    let may = "2009-05".parse::<Period>().unwrap().bounds(chrono_tz::UTC);
    closing.closings().insert_closing(operator.accounts[0], &may, true, at(ARRIVAL)).await.unwrap();
    closing.commit().await.unwrap();
    assert_eq!(import.await.unwrap(), outcome(1, 1, 0, &[]));
}
