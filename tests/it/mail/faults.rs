//! What the ledger and the server's mailbox hold after each thing that can go wrong.

use std::collections::HashMap;
use std::time::Duration;

use chrono::TimeDelta;
use sqlx::Connection;
use statementd::domain::{Tls, UnknownPolicy};
use statementd::mail::{MailFolder, SmtpSettings, Transport, Waits};

use super::fault_server::{Fault, FaultServer, STEPS, Step};
use super::fixture::{Fixture, Plan, smtp};
use crate::support::{eventually, free_port};

/// One delivery, and a server that fails the first conversation at `step`.
async fn first_fails(step: Step, fault: Fault) -> (Fixture, FaultServer) {
    let server = FaultServer::start(move |at, visit| (at == step && visit == 0).then_some(fault)).await;
    let fixture = Fixture::published(&Plan::one_owner(), Transport::Smtp(smtp(server.port))).await;
    (fixture, server)
}

#[tokio::test]
async fn a_sound_server_gets_every_message_once_over_few_connections() {
    let server = FaultServer::sound().await;
    let fixture = Fixture::published(&Plan::recipients(120), Transport::Smtp(smtp(server.port))).await;
    let report = fixture.round().await;
    assert_eq!((report.accepted, report.trouble), (120, None));
    assert_eq!(server.stored().len(), 120);
    assert_eq!(server.connections(), 2, "one per worker");
    let delivery = &fixture.deliveries().await[0];
    assert_eq!(delivery.last_answer.as_deref(), Some("250 2.0.0 Ok: queued"));
}

#[tokio::test]
async fn what_arrives_is_what_was_composed() {
    let server = FaultServer::sound().await;
    let fixture = Fixture::published(&Plan::one_owner(), Transport::Smtp(smtp(server.port))).await;
    fixture.round().await;
    let twin = Fixture::published(&Plan::one_owner(), Transport::Off).await;
    let dir = twin.mail_dir();
    let twin = twin.with_transport(Transport::File(MailFolder::at(dir)));
    twin.round().await;
    let file = super::fixture::messages_in(&twin.mail_dir()).into_values().next().unwrap();
    assert_eq!(String::from_utf8(server.stored().remove(0).bytes), String::from_utf8(file));
}

#[tokio::test]
async fn a_4xx_to_any_command_is_tried_again_and_arrives_once() {
    for step in [Step::Mail, Step::Rcpt, Step::Data, Step::Dot] {
        let (mut fixture, server) = first_fails(step, Fault::Reply("451 4.3.0 later please")).await;
        let report = fixture.round().await;
        assert_eq!((report.deferred, report.trouble), (1, None), "{step:?}");
        let answer = fixture.delivery().await.last_answer.unwrap();
        assert!(answer.starts_with("451 4.3.0 later please"), "{step:?}: {answer}");
        fixture.rounds_until_quiet().await;
        assert_eq!(fixture.states().await, [("accepted", 1)].into(), "{step:?}");
        assert_eq!(server.stored().len(), 1, "{step:?}");
    }
}

#[tokio::test]
async fn a_5xx_about_the_recipient_or_the_message_bounces_at_once() {
    for step in [Step::Rcpt, Step::Data, Step::Dot] {
        let (mut fixture, server) = first_fails(step, Fault::Reply("550 5.1.1 nobody here")).await;
        fixture.rounds_until_quiet().await;
        let delivery = fixture.delivery().await;
        assert_eq!((delivery.state.as_str(), delivery.attempts), ("bounced", 1), "{step:?}");
        assert!(delivery.last_answer.unwrap().starts_with("550 5.1.1 nobody here"), "{step:?}");
        assert_eq!(server.stored().len(), 0, "{step:?}");
    }
}

#[tokio::test]
async fn a_server_that_refuses_the_conversation_says_nothing_about_the_recipient() {
    for step in [Step::Connect, Step::Ehlo] {
        for words in ["421 4.3.2 busy", "554 5.3.2 no service here"] {
            let (mut fixture, server) = first_fails(step, Fault::Reply(words)).await;
            let report = fixture.with_one_worker().round().await;
            assert_eq!(report.deferred, 1, "{step:?} {words}");
            assert!(report.trouble.unwrap().contains(words), "{step:?} {words}");
            fixture.rounds_until_quiet().await;
            assert_eq!(fixture.states().await, [("accepted", 1)].into(), "{step:?} {words}");
            assert_eq!(server.stored().len(), 1);
        }
    }
}

#[tokio::test]
async fn a_connection_that_breaks_before_the_body_is_tried_again_and_arrives_once() {
    for step in [Step::Connect, Step::Ehlo, Step::Mail, Step::Rcpt, Step::Data] {
        for fault in [Fault::Drop, Fault::Silence] {
            let (mut fixture, server) = first_fails(step, fault).await;
            let report = fixture.with_one_worker().round().await;
            assert_eq!(report.deferred, 1, "{step:?} {fault:?}");
            fixture.rounds_until_quiet().await;
            let delivery = fixture.delivery().await;
            assert_eq!((delivery.state.as_str(), delivery.lost_answers), ("accepted", 0), "{step:?} {fault:?}");
            assert_eq!(server.stored().len(), 1, "{step:?} {fault:?}");
        }
    }
}

#[tokio::test]
async fn an_answer_that_is_lost_after_the_dot_is_unknown_and_sent_again_once_with_the_same_bytes() {
    for (fault, copies) in
        [(Fault::Drop, 1), (Fault::Silence, 1), (Fault::StoreAndDrop, 2), (Fault::StoreAndSilence, 2)]
    {
        let (mut fixture, server) = first_fails(Step::Dot, fault).await;
        let report = fixture.round().await;
        assert_eq!(report.unknown, 1, "{fault:?}");
        fixture.later(TimeDelta::minutes(10));
        assert_eq!(fixture.round().await.accepted, 0, "the server may still be storing it: {fault:?}");
        fixture.later(TimeDelta::minutes(1));
        assert_eq!(fixture.round().await.accepted, 1, "{fault:?}");
        let delivery = fixture.delivery().await;
        assert_eq!((delivery.state.as_str(), delivery.lost_answers), ("accepted", 1), "{fault:?}");
        assert!(delivery.last_answer.unwrap().contains("sent again"), "the ledger calls it resent: {fault:?}");
        let stored = server.stored();
        assert_eq!(stored.len(), copies, "{fault:?}");
        assert!(stored.iter().all(|copy| *copy == stored[0]), "{fault:?}");
    }
}

#[tokio::test]
async fn an_answer_that_is_lost_twice_stays_unknown() {
    let server = FaultServer::start(|step, _| (step == Step::Dot).then_some(Fault::StoreAndDrop)).await;
    let mut fixture = Fixture::published(&Plan::one_owner(), Transport::Smtp(smtp(server.port))).await;
    fixture.rounds_until_quiet().await;
    let delivery = fixture.delivery().await;
    assert_eq!((delivery.state.as_str(), delivery.lost_answers, delivery.attempts), ("unknown", 2, 2));
    assert_eq!(server.stored().len(), 2);
}

#[tokio::test]
async fn an_answer_that_is_lost_is_held_where_the_policy_says_so() {
    let (fixture, server) = first_fails(Step::Dot, Fault::StoreAndDrop).await;
    let mut fixture = fixture.with_policy(UnknownPolicy::Hold);
    fixture.rounds_until_quiet().await;
    let delivery = fixture.delivery().await;
    assert_eq!((delivery.state.as_str(), delivery.lost_answers), ("held", 1));
    assert!(delivery.last_answer.unwrap().starts_with("not known whether it arrived"));
    assert_eq!(server.stored().len(), 1);
}

#[tokio::test]
async fn a_connection_that_breaks_inside_the_body_never_loses_the_message() {
    for fault in [Fault::Drop, Fault::Silence] {
        let (mut fixture, server) = first_fails(Step::Body, fault).await;
        let report = fixture.round().await;
        // Whether the dot had left this machine is chance; the ledger says which.
        assert_eq!(report.deferred + report.unknown, 1, "{fault:?}");
        fixture.rounds_until_quiet().await;
        assert_eq!(fixture.states().await, [("accepted", 1)].into(), "{fault:?}");
        assert_eq!(server.stored().len(), 1, "{fault:?}");
    }
}

#[tokio::test]
async fn a_slow_answer_is_an_answer() {
    for step in STEPS {
        let (fixture, server) = first_fails(step, Fault::Delay(Duration::from_millis(150))).await;
        assert_eq!(fixture.round().await.accepted, 1, "{step:?}");
        assert_eq!(server.stored().len(), 1, "{step:?}");
    }
}

#[tokio::test]
async fn one_bad_address_harms_no_other() {
    let refused = |step, visit| (step == Step::Rcpt && visit == 20).then_some(Fault::Reply("550 5.1.1 who?"));
    let server = FaultServer::start(refused).await;
    let fixture = Fixture::published(&Plan::recipients(50), Transport::Smtp(smtp(server.port))).await;
    let report = fixture.round().await;
    assert_eq!((report.accepted, report.bounced), (49, 1));
    assert_eq!(server.stored().len(), 49);
    assert_eq!(server.connections(), 2, "a refusal costs no connection");
}

#[tokio::test]
async fn a_server_that_closes_between_messages_costs_a_connection_and_no_delay() {
    let server = FaultServer::start(|step, visit| {
        (step == Step::Mail && visit % 10 == 9).then_some(Fault::Reply("421 4.7.0 enough on this connection"))
    })
    .await;
    let fixture = Fixture::published(&Plan::recipients(100), Transport::Smtp(smtp(server.port))).await;
    let report = fixture.round().await;
    assert_eq!(report.accepted, 100, "{report:?}");
    assert_eq!(server.stored().len(), 100);
}

#[tokio::test]
async fn a_server_that_is_down_costs_an_attempt_per_worker_and_not_one_per_message() {
    let port = free_port();
    let fixture = Fixture::published(&Plan::recipients(200), Transport::Smtp(smtp(port))).await;
    let report = fixture.round().await;
    assert!(report.trouble.unwrap().contains("refused"));
    let states = fixture.states().await;
    assert_eq!((states["queued"], states["deferred"]), (198, 2));
    let attempts: u32 = fixture.deliveries().await.iter().map(|delivery| delivery.attempts).sum();
    assert_eq!(attempts, 2);
}

#[tokio::test]
async fn new_mail_is_not_starved_by_a_backlog() {
    // The first hundred attempts fail; those messages come due again together with new ones.
    let server = FaultServer::start(|step, visit| {
        (step == Step::Rcpt && visit < 100).then_some(Fault::Reply("451 4.3.0 later"))
    })
    .await;
    let mut fixture = Fixture::published(&Plan::recipients(300), Transport::Smtp(smtp(server.port))).await;
    let asked = std::sync::atomic::AtomicUsize::new(0);
    let stop_early = || asked.fetch_add(1, std::sync::atomic::Ordering::Relaxed) < 15;
    statementd::jobs::deliver_due(&fixture.context, &stop_early).await.unwrap();
    let backlog: Vec<_> = fixture
        .deliveries()
        .await
        .into_iter()
        .filter(|d| d.state.as_str() == "deferred")
        .map(|d| d.recipient)
        .collect();
    assert!(backlog.len() > 50, "{}", backlog.len());

    fixture.later(TimeDelta::hours(1));
    fixture.round().await;
    let order: Vec<_> = server.stored().into_iter().map(|stored| stored.recipient).collect();
    let is_old = |recipient: &String| backlog.iter().any(|address| address.as_str() == recipient);
    let old_in_first = order.iter().take(80).filter(|recipient| is_old(recipient)).count();
    assert!((30..=50).contains(&old_in_first), "taken in turns: {old_in_first} of 80 were old");
}

#[tokio::test]
async fn a_verdict_does_not_wait_for_what_the_server_says_to_the_next_recipient() {
    let server = FaultServer::start(|step, visit| (step == Step::Rcpt && visit == 1).then_some(Fault::Silence)).await;
    let settings = SmtpSettings { waits: Waits::default(), ..smtp(server.port) };
    let mut fixture = Fixture::published(&Plan::recipients(2), Transport::Smtp(settings)).await;
    fixture.with_one_worker();
    let accepted =
        eventually("the verdict", async || (fixture.states().await.get("accepted") == Some(&1)).then_some(()));
    tokio::select! {
        _ = fixture.round() => unreachable!("the server is silent for longer than this test takes"),
        () = accepted => {}
    }
    assert_eq!(fixture.states().await, [("accepted", 1), ("sending", 1)].into());
    let report = fixture.round().await;
    assert_eq!((report.interrupted, report.accepted, server.stored().len()), (1, 1, 2), "{report:?}");
}

#[tokio::test]
async fn a_server_of_few_words_is_served_without_pipelining() {
    let server = FaultServer::offering(vec![], |step, visit| {
        (step == Step::Mail && visit == 0).then_some(Fault::Reply("450 4.2.0 later"))
    })
    .await;
    let mut fixture = Fixture::published(&Plan::one_owner(), Transport::Smtp(smtp(server.port))).await;
    fixture.rounds_until_quiet().await;
    assert_eq!(server.stored().len(), 1);
    let commands = server.commands().join(" ");
    assert!(commands.starts_with("EHLO MAIL RSET"), "RCPT waits for MAIL's answer: {commands}");
}

#[tokio::test]
async fn a_server_whose_starttls_was_taken_away_gets_nothing() {
    let server = FaultServer::sound().await;
    let settings = SmtpSettings { tls: Tls::StartTls, username: Some("me".into()), ..smtp(server.port) };
    let settings = SmtpSettings { password: Some("secret".to_owned().into()), ..settings };
    let fixture = Fixture::published(&Plan::one_owner(), Transport::Smtp(settings)).await;
    let trouble = fixture.round().await.trouble.unwrap();
    assert!(trouble.contains("does not offer STARTTLS"), "{trouble}");
    assert_eq!(server.commands(), ["EHLO"], "no password, no address");
    assert_eq!(fixture.states().await, [("deferred", 1)].into());
}

#[tokio::test]
async fn a_file_that_is_not_what_was_published_is_not_sent() {
    let server = FaultServer::sound().await;
    let mut fixture = Fixture::published(&Plan::one_owner(), Transport::Smtp(smtp(server.port))).await;
    let file = fixture.root.path().join("archive/2009-05/600000/r1/account.xlsx");
    let sound = std::fs::read(&file).unwrap();
    std::fs::write(&file, "damaged").unwrap();
    let report = fixture.round().await;
    assert!(report.trouble.unwrap().contains("account.xlsx"));
    assert_eq!((report.deferred, server.stored().len()), (1, 0));

    std::fs::write(&file, sound).unwrap();
    fixture.rounds_until_quiet().await;
    assert_eq!((fixture.states().await, server.stored().len()), ([("accepted", 1)].into(), 1));
}

#[tokio::test]
async fn a_statement_that_cannot_be_read_keeps_back_only_its_own_mail() {
    let server = FaultServer::sound().await;
    let owners = ["a@customer.example", "b@customer.example"].map(|owner| vec![owner.to_owned()]);
    let plan = Plan { owners: owners.to_vec(), cardholders: false };
    let mut fixture = Fixture::published(&plan, Transport::Smtp(smtp(server.port))).await;
    let url = format!("sqlite://{}", fixture.root.path().join("statementd.db").display());
    let mut database = sqlx::SqliteConnection::connect(&url).await.unwrap();
    let spoil = "UPDATE statement_document SET document = x'00'
         WHERE statement_key = (SELECT MIN(statement_key) FROM statement)";
    assert_eq!(sqlx::query(spoil).execute(&mut database).await.unwrap().rows_affected(), 1);
    let report = fixture.with_one_worker().round().await;
    assert!(report.trouble.unwrap().contains("column document"));
    assert_eq!((report.accepted, report.deferred, server.stored().len()), (1, 1, 1));
}

#[tokio::test]
async fn a_thousand_recipients_through_a_server_that_fails_one_conversation_in_ten() {
    use statementd::digest::sha256_hex;
    // A conversation has six steps that can fail: one in sixty at each makes one in ten of all.
    let server = FaultServer::start(|step, visit| {
        let digest = sha256_hex(format!("{step:?} {visit}").as_bytes());
        let draw = u32::from_str_radix(&digest[..8], 16).unwrap();
        if !draw.is_multiple_of(60) {
            return None;
        }
        Some(match (draw / 60 % 4, step) {
            (0, Step::Dot) => Fault::StoreAndDrop,
            (1, Step::Dot) => Fault::StoreAndSilence,
            (0 | 1, _) => Fault::Drop,
            (2, Step::Rcpt | Step::Dot) => Fault::Reply("550 5.1.1 no"),
            (2, _) => Fault::Silence,
            _ => Fault::Reply("451 4.3.0 later"),
        })
    })
    .await;
    let fixture = Fixture::published(&Plan::recipients(1000), Transport::Smtp(smtp(server.port))).await;
    let mut fixture = fixture.with_rules(|rules| rules.concurrency = 8);
    fixture.rounds_until_quiet().await;

    let deliveries = fixture.deliveries().await;
    assert_eq!(deliveries.len(), 1000);
    let mut copies: HashMap<String, usize> = HashMap::new();
    for stored in server.stored() {
        *copies.entry(stored.message_id).or_default() += 1;
    }
    for delivery in &deliveries {
        let state = delivery.state.as_str();
        assert!(["accepted", "bounced", "held", "unknown"].contains(&state), "{state}");
        let copies = copies.get(&delivery.message_id).copied().unwrap_or_default();
        let at_most = if state == "accepted" { 1 + delivery.lost_answers } else { delivery.lost_answers };
        assert!(copies <= at_most as usize, "{copies} copies of {delivery:?}");
        assert!(state != "accepted" || copies >= 1, "called accepted, but not there: {delivery:?}");
    }
    assert!(deliveries.iter().any(|delivery| delivery.lost_answers > 0), "some answers were lost");
}
