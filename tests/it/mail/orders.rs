//! Commands that change deliveries.

use chrono::TimeDelta;
use statementd::jobs::{MailOrder, order_mail, send_test, undelivered_csv};
use statementd::mail::{MailFolder, Transport};
use statementd::store::{DeliveryFilter, DeliveryState};

use super::fault_server::{Fault, FaultServer, Step};
use super::fixture::{Fixture, Plan, messages_in, smtp};

async fn order(fixture: &Fixture, chosen: &DeliveryFilter, order: MailOrder) -> (usize, usize) {
    let report = order_mail(&fixture.context, chosen, order).await.unwrap();
    (report.moved.len(), report.left.len())
}

fn in_state(state: DeliveryState) -> DeliveryFilter {
    DeliveryFilter { state: Some(state), ..DeliveryFilter::default() }
}

#[tokio::test]
async fn what_bounced_is_sent_once_more_when_asked_for() {
    let refused_once = |step, visit| (step == Step::Rcpt && visit == 0).then_some(Fault::Reply("550 5.1.1 who?"));
    let server = FaultServer::start(refused_once).await;
    let mut fixture = Fixture::published(&Plan::recipients(3), Transport::Smtp(smtp(server.port))).await;
    fixture.round().await;
    assert_eq!(fixture.states().await, [("accepted", 2), ("bounced", 1)].into());

    fixture.later(TimeDelta::days(40));
    assert_eq!(order(&fixture, &DeliveryFilter::default(), MailOrder::Retry { to: None }).await, (1, 2));
    assert_eq!(fixture.round().await.accepted, 1);
    assert_eq!(server.stored().len(), 3, "what was accepted is not sent again");
}

#[tokio::test]
async fn a_retry_after_weeks_has_patience_of_its_own() {
    let server = FaultServer::start(|step, visit| match (step, visit) {
        (Step::Rcpt, 0) => Some(Fault::Reply("550 5.1.1 who?")),
        (Step::Rcpt, 1) => Some(Fault::Reply("450 4.2.0 later")),
        _ => None,
    })
    .await;
    let mut fixture = Fixture::published(&Plan::one_owner(), Transport::Smtp(smtp(server.port))).await;
    fixture.round().await;
    fixture.later(TimeDelta::days(40));
    order(&fixture, &in_state(DeliveryState::Bounced), MailOrder::Retry { to: None }).await;
    assert_eq!(fixture.round().await.deferred, 1, "not given up as if it had been tried for forty days");
    let delivery = fixture.delivery().await;
    let wait = delivery.next_attempt_at.unwrap() - fixture.context.clock.now();
    assert_eq!(wait, TimeDelta::minutes(5));
    fixture.rounds_until_quiet().await;
    assert_eq!(fixture.states().await, [("accepted", 1)].into());
}

#[tokio::test]
async fn what_was_dismissed_is_brought_back_by_its_name_alone() {
    let lost = |step, visit| (step == Step::Dot && visit < 4).then_some(Fault::StoreAndDrop);
    let server = FaultServer::start(lost).await;
    let mut fixture = Fixture::published(&Plan::one_owner(), Transport::Smtp(smtp(server.port))).await;
    fixture.rounds_until_quiet().await;
    assert_eq!(fixture.states().await, [("unknown", 1)].into());
    assert_eq!(order(&fixture, &in_state(DeliveryState::Unknown), MailOrder::Dismiss).await, (1, 0));
    for (chosen, again) in [
        (DeliveryFilter::default(), MailOrder::Hold),
        (DeliveryFilter::default(), MailOrder::Release),
        (DeliveryFilter::default(), MailOrder::Dismiss),
        (in_state(DeliveryState::Unknown), MailOrder::Retry { to: None }),
    ] {
        assert_eq!(order(&fixture, &chosen, again).await, (0, 1));
    }
    let named = DeliveryFilter { message_id: Some(fixture.delivery().await.message_id), ..DeliveryFilter::default() };
    assert_eq!(order(&fixture, &named, MailOrder::Retry { to: None }).await, (1, 0));
    assert!(fixture.delivery().await.dismissed_at.is_none());
}

#[tokio::test]
async fn what_is_unknown_is_sent_again_only_by_its_name() {
    let lost = |step, _| (step == Step::Dot).then_some(Fault::StoreAndDrop);
    let server = FaultServer::start(lost).await;
    let mut fixture = Fixture::published(&Plan::one_owner(), Transport::Smtp(smtp(server.port))).await;
    fixture.rounds_until_quiet().await;
    assert_eq!(order(&fixture, &DeliveryFilter::default(), MailOrder::Retry { to: None }).await, (0, 1));
    assert_eq!(order(&fixture, &in_state(DeliveryState::Unknown), MailOrder::Retry { to: None }).await, (1, 0));
    let message_id = Some(fixture.delivery().await.message_id);
    let by_name = DeliveryFilter { message_id, ..DeliveryFilter::default() };
    fixture.rounds_until_quiet().await;
    assert_eq!(order(&fixture, &by_name, MailOrder::Retry { to: None }).await, (1, 0));
    assert_eq!(server.stored().len(), 3);
}

#[tokio::test]
async fn what_is_held_waits_for_its_release() {
    let server = FaultServer::sound().await;
    let fixture = Fixture::published(&Plan::recipients(2), Transport::Smtp(smtp(server.port))).await;
    assert_eq!(order(&fixture, &DeliveryFilter::default(), MailOrder::Hold).await, (2, 0));
    assert_eq!(fixture.round().await.accepted, 0);
    assert_eq!(order(&fixture, &DeliveryFilter::default(), MailOrder::Release).await, (2, 0));
    assert_eq!(order(&fixture, &DeliveryFilter::default(), MailOrder::Release).await, (0, 2));
    assert_eq!(fixture.round().await.accepted, 2);
}

#[tokio::test]
async fn finance_sees_who_got_nothing_and_why() {
    let refused = |step, visit| (step == Step::Rcpt && visit == 1).then_some(Fault::Reply("550 5.1.1 \"who\", me?"));
    let server = FaultServer::start(refused).await;
    let mut fixture = Fixture::published(&Plan::recipients(3), Transport::Smtp(smtp(server.port))).await;
    fixture.with_one_worker().round().await;
    let csv = undelivered_csv(&fixture.context, &DeliveryFilter::default()).await.unwrap();
    let mut reader = csv::Reader::from_reader(csv.as_slice());
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 1);
    let columns: Vec<_> = rows[0].iter().take(10).collect();
    assert_eq!(
        columns,
        [
            "2009-05",
            "600000",
            "Société n° 0",
            "1",
            "",
            "r1@customer.example",
            "bounced",
            "2009-06-03T06:00:00Z",
            "1",
            "550 5.1.1 \"who\", me? (after RCPT)",
        ]
    );
}

#[tokio::test]
async fn a_test_message_goes_the_whole_way_and_leaves_no_trace_in_the_ledger() {
    let server = FaultServer::sound().await;
    let fixture = Fixture::published(&Plan::one_owner(), Transport::Smtp(smtp(server.port))).await;
    let recipient = "me@operator.example".parse().unwrap();
    let answer = send_test(&fixture.context, &recipient).await.unwrap().unwrap();
    assert_eq!(answer, "250 2.0.0 Ok: queued");
    assert_eq!(server.stored()[0].recipient, "me@operator.example");
    assert_eq!(fixture.states().await, [("queued", 1)].into());

    let dir = fixture.mail_dir();
    let fixture = fixture.with_transport(Transport::File(MailFolder::at(dir)));
    send_test(&fixture.context, &recipient).await.unwrap().unwrap();
    let names: Vec<String> = messages_in(&fixture.mail_dir()).into_keys().collect();
    assert!(names.len() == 1 && names[0].starts_with("test-"), "{names:?}");
}
