//! Reports of failure that arrive in a mailbox of ours.

use std::path::Path;

use statementd::jobs::{MailOrder, order_mail};
use statementd::mail::Transport;
use statementd::store::DeliveryFilter;

use super::fault_server::FaultServer;
use super::fixture::{Fixture, Plan, smtp};

fn report(message_id: &str, action: &str) -> String {
    format!(
        "From: MAILER-DAEMON@mx.example\r\nTo: billing@operator.example\r\nMIME-Version: 1.0\r\n\
         Content-Type: multipart/report; report-type=delivery-status; boundary=\"B\"\r\n\r\n--B\r\n\
         Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n\
         Final-Recipient: rfc822; x@y.example\r\nAction: {action}\r\nStatus: 5.2.2\r\n\
         Diagnostic-Code: smtp; 552 mailbox full\r\n\r\n--B\r\nContent-Type: text/rfc822-headers\r\n\r\n\
         Message-ID: <{message_id}>\r\n\r\n--B--\r\n"
    )
}

fn maildir_with(folder: &Path, mails: &[String]) {
    for name in ["new", "cur", "tmp"] {
        std::fs::create_dir_all(folder.join(name)).unwrap();
    }
    for (number, mail) in mails.iter().enumerate() {
        std::fs::write(folder.join(format!("new/{number}.mx")), mail).unwrap();
    }
}

async fn sent(plan: &Plan) -> (Fixture, FaultServer) {
    let server = FaultServer::sound().await;
    let fixture = Fixture::published(plan, Transport::Smtp(smtp(server.port))).await;
    fixture.round().await;
    let bounces = fixture.root.path().join("bounces");
    (fixture.with_rules(|rules| rules.bounces = Some(bounces)), server)
}

#[tokio::test]
async fn only_a_final_failure_of_a_message_of_ours_bounces_it() {
    let (fixture, _server) = sent(&Plan::recipients(3)).await;
    let deliveries = fixture.deliveries().await;
    let bounces = fixture.root.path().join("bounces");
    let mails = [
        report(&deliveries[0].message_id, "failed"),
        report(&deliveries[1].message_id, "delayed"),
        report("somebody.else@operator.example", "failed"),
        "Subject: out of office\r\n\r\nfailed to be here\r\n".to_owned(),
    ];
    maildir_with(&bounces, &mails);
    let report = fixture.round().await;
    assert_eq!((report.came_back, report.trouble), (1, None));
    assert_eq!(fixture.states().await, [("accepted", 2), ("bounced", 1)].into());
    let first = &fixture.deliveries().await[0];
    assert_eq!(first.last_answer.as_deref(), Some("5.2.2 smtp; 552 mailbox full (reported by mx.example)"));
    assert_eq!(std::fs::read_dir(bounces.join("new")).unwrap().count(), 0, "all are marked as seen");
}

#[tokio::test]
async fn a_report_read_again_does_not_bounce_what_was_sent_since() {
    let (fixture, server) = sent(&Plan::one_owner()).await;
    let delivery = fixture.delivery().await;
    // An mbox cannot be marked: it is read from its beginning each time.
    let mbox = format!("From x Wed Jun  3 06:00:00 2009\n{}\n", report(&delivery.message_id, "failed"));
    std::fs::write(fixture.root.path().join("bounces"), mbox).unwrap();
    assert_eq!(fixture.round().await.came_back, 1);
    assert_eq!(fixture.states().await, [("bounced", 1)].into());

    order_mail(&fixture.context, &DeliveryFilter::default(), MailOrder::Retry { to: None }).await.unwrap();
    let report = fixture.round().await;
    assert_eq!((report.came_back, report.accepted), (0, 1));
    assert_eq!(fixture.round().await.came_back, 0);
    assert_eq!(fixture.states().await, [("accepted", 1)].into());
    assert_eq!(server.stored().len(), 2);
}

#[tokio::test]
async fn a_mailbox_that_cannot_be_read_keeps_no_mail_back() {
    let server = FaultServer::sound().await;
    let fixture = Fixture::published(&Plan::one_owner(), Transport::Smtp(smtp(server.port))).await;
    let bounces = fixture.root.path().join("bounces");
    std::fs::create_dir_all(bounces.join("new")).unwrap();
    // A file where the folder of read messages should be.
    std::fs::write(bounces.join("cur"), "").unwrap();
    let fixture = fixture.with_rules(|rules| rules.bounces = Some(bounces));
    let report = fixture.round().await;
    assert_eq!(report.accepted, 1);
    assert!(report.trouble.unwrap().starts_with("mail.bounces "));
}
