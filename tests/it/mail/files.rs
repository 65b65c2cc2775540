//! Deliveries that become files.

use std::sync::atomic::{AtomicUsize, Ordering};

use mail_parser::MessageParser;
use statementd::jobs::deliver_due;
use statementd::mail::{MailFolder, Transport};

use super::fixture::{Fixture, Plan, messages_in};

async fn with_files(plan: &Plan) -> Fixture {
    let fixture = Fixture::published(plan, Transport::Off).await;
    let dir = fixture.mail_dir();
    fixture.with_transport(Transport::File(MailFolder::at(dir)))
}

#[tokio::test]
async fn owners_get_the_account_s_statement_and_cardholders_their_room_s() {
    let mut plan = Plan::one_owner();
    plan.owners[0].push("second@customer.example".into());
    plan.cardholders = true;
    let fixture = with_files(&plan).await;

    let report = fixture.round().await;

    assert_eq!((report.accepted, report.trouble), (3, None));
    let files = messages_in(&fixture.mail_dir());
    let recipients: Vec<_> = files
        .values()
        .map(|bytes| {
            MessageParser::default()
                .parse(bytes)
                .unwrap()
                .to()
                .unwrap()
                .first()
                .unwrap()
                .address()
                .unwrap()
                .to_owned()
        })
        .collect();
    assert_eq!(recipients.len(), 3);
    for expected in ["owner@customer.example", "second@customer.example", "holder0@customer.example"] {
        assert!(recipients.iter().any(|address| address == expected), "{recipients:?}");
    }
    assert!(files.keys().any(|name| name.starts_with("2009-05-600000-330000-")), "{files:?}");
    assert!(files.keys().all(|name| !name.contains('@')));
}

#[tokio::test]
async fn a_second_round_sends_nothing() {
    let fixture = with_files(&Plan::one_owner()).await;
    fixture.round().await;
    let before = messages_in(&fixture.mail_dir());
    assert_eq!(fixture.round().await, statementd::jobs::DeliverReport::default());
    assert_eq!(messages_in(&fixture.mail_dir()), before);
    assert_eq!(fixture.states().await, [("accepted", 1)].into());
}

#[tokio::test]
async fn the_same_month_from_an_empty_database_gives_the_same_messages() {
    let mut plan = Plan::recipients(7);
    plan.cardholders = true;
    let (first, second) = (with_files(&plan).await, with_files(&plan).await);
    first.round().await;
    second.round().await;
    let messages = messages_in(&first.mail_dir());
    assert_eq!(messages.len(), 8);
    assert_eq!(messages, messages_in(&second.mail_dir()));
}

#[tokio::test]
async fn switched_off_mail_waits() {
    let fixture = Fixture::published(&Plan::one_owner(), Transport::Off).await;
    fixture.round().await;
    assert_eq!(fixture.states().await, [("queued", 1)].into());
    let dir = fixture.mail_dir();
    let fixture = fixture.with_transport(Transport::File(MailFolder::at(dir)));
    assert_eq!(fixture.round().await.accepted, 1);
}

#[tokio::test]
async fn a_round_that_is_told_to_stop_gives_back_what_it_did_not_send() {
    let fixture = with_files(&Plan::recipients(300)).await;
    let asked = AtomicUsize::new(0);
    let report = deliver_due(&fixture.context, &|| asked.fetch_add(1, Ordering::Relaxed) < 4).await.unwrap();
    assert!(report.accepted < 300, "{report:?}");
    let states = fixture.states().await;
    assert_eq!(states.get("sending"), None, "{states:?}");
    assert_eq!(states["accepted"] + states["queued"], 300);
    assert!(
        fixture
            .deliveries()
            .await
            .iter()
            .all(|delivery| delivery.attempts == u32::from(delivery.state.as_str() == "accepted"))
    );

    fixture.round().await;
    assert_eq!(fixture.states().await, [("accepted", 300)].into());
    assert_eq!(messages_in(&fixture.mail_dir()).len(), 300);
}

#[tokio::test]
async fn a_folder_that_cannot_be_written_ends_the_round_and_loses_nothing() {
    let mut fixture = with_files(&Plan::recipients(12)).await;
    std::fs::write(fixture.mail_dir(), "in the way").unwrap();
    let report = fixture.round().await;
    assert!(report.trouble.unwrap().starts_with("mail.dir "));
    let states = fixture.states().await;
    assert_eq!((states["queued"], states["deferred"]), (4, 8), "one attempt of each who writes");

    std::fs::remove_file(fixture.mail_dir()).unwrap();
    fixture.rounds_until_quiet().await;
    assert_eq!(fixture.states().await, [("accepted", 12)].into());
    assert_eq!(messages_in(&fixture.mail_dir()).len(), 12);
}

#[tokio::test]
async fn a_rehearsal_sends_everything_to_one_address_and_names_the_true_recipient() {
    let fixture = with_files(&Plan::recipients(2)).await;
    let fixture = fixture.with_rules(|rules| rules.redirect_to = Some("me@operator.example".parse().unwrap()));
    fixture.round().await;
    for bytes in messages_in(&fixture.mail_dir()).values() {
        let message = MessageParser::default().parse(bytes).unwrap();
        assert_eq!(message.to().unwrap().first().unwrap().address(), Some("me@operator.example"));
        assert!(message.subject().unwrap().starts_with("[r"), "{:?}", message.subject());
        assert!(message.subject().unwrap().contains("@customer.example] "));
    }
}

#[tokio::test]
async fn what_goes_to_domains_that_are_not_listed_is_held() {
    let plan = Plan { owners: vec![vec!["a@listed.example".into(), "b@other.example".into()]], cardholders: false };
    let fixture = with_files(&plan).await.with_rules(|rules| rules.only = vec!["LISTED.example".parse().unwrap()]);
    let report = fixture.round().await;
    assert_eq!((report.accepted, report.held), (1, 1));
    assert_eq!(messages_in(&fixture.mail_dir()).len(), 1);
    let held = fixture.deliveries().await.into_iter().find(|delivery| delivery.state.as_str() == "held").unwrap();
    assert_eq!(held.recipient.as_str(), "b@other.example");
    assert!(held.last_answer.unwrap().starts_with("mail.only does not list"));
}
