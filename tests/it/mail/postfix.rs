//! A real mail server, with real encryption, passwords and bounces. Needs root and Postfix; `.ci/run` has both.

use std::time::Duration;

use mail_parser::MessageParser;
use secrecy::SecretString;
use statementd::digest::sha256_hex;
use statementd::domain::Tls;
use statementd::mail::{MailFolder, SmtpSettings, Transport, Waits};

use super::fixture::{Fixture, Plan, messages_in, smtp};
use super::postfix_server::{GOOD, LATER, PASSWORD, PostfixServer, REFUSED, RETURNED, USER, wait_for_mail};

/// Patient enough for a busy machine.
fn settings(port: u16, tls: Tls, server: &PostfixServer) -> SmtpSettings {
    let wait = Duration::from_secs(30);
    SmtpSettings {
        host: "localhost".parse().unwrap(),
        tls,
        username: Some(USER.into()),
        password: Some(SecretString::from(PASSWORD)),
        ca_file: Some(server.ca_file()),
        helo: None,
        waits: Waits { connect: wait, command: wait, data: wait, block: wait, after_dot: wait },
        ..smtp(port)
    }
}

fn owners(addresses: &[&str]) -> Plan {
    Plan { owners: vec![addresses.iter().map(ToString::to_string).collect()], cardholders: false }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs root and Postfix"]
async fn each_recipient_s_fate_is_its_own_through_starttls_and_authentication() {
    let server = PostfixServer::start();
    let transport = Transport::Smtp(settings(server.starttls, Tls::StartTls, &server));
    let fixture = Fixture::published(&owners(&[GOOD, LATER, REFUSED]), transport).await;
    let report = fixture.round().await;
    assert_eq!((report.accepted, report.deferred, report.bounced, report.trouble), (1, 1, 1, None));
    for delivery in fixture.deliveries().await {
        let answer = delivery.last_answer.unwrap();
        let expected = match delivery.recipient.as_str() {
            GOOD => "250 2.0.0 Ok: queued as ",
            LATER => "450 4.2.0 ",
            _ => "550 5.1.1 ",
        };
        assert!(answer.starts_with(expected), "{answer}");
    }

    wait_for_mail(&server.good_box());
    let delivered = server.delivered();
    assert_eq!(delivered.len(), 1);
    let twin = Fixture::published(&owners(&[GOOD]), Transport::Off).await;
    let dir = twin.mail_dir();
    let twin = twin.with_transport(Transport::File(MailFolder::at(dir)));
    twin.round().await;
    let composed = messages_in(&twin.mail_dir()).into_values().next().unwrap();
    let (delivered, composed) = (parts(&delivered[0]), parts(&composed));
    assert_eq!(delivered.len(), 4, "text, HTML, workbook, page");
    assert_eq!(delivered, composed, "every part as it was composed");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs root and Postfix"]
async fn tls_from_the_first_byte_delivers_too() {
    let server = PostfixServer::start();
    let transport = Transport::Smtp(settings(server.tls, Tls::Required, &server));
    let fixture = Fixture::published(&owners(&[GOOD]), transport).await;
    let report = fixture.round().await;
    assert_eq!((report.accepted, report.trouble), (1, None));
    wait_for_mail(&server.good_box());
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs root and Postfix"]
async fn a_server_whose_certificate_is_not_trusted_gets_nothing() {
    let server = PostfixServer::start();
    for (port, tls) in [(server.tls, Tls::Required), (server.starttls, Tls::StartTls)] {
        let stranger = SmtpSettings { ca_file: None, ..settings(port, tls, &server) };
        let fixture = Fixture::published(&owners(&[GOOD]), Transport::Smtp(stranger)).await;
        let trouble = fixture.round().await.trouble.unwrap();
        assert!(trouble.contains("certificate"), "{trouble}");
        assert_eq!(fixture.states().await, [("deferred", 1)].into());
    }
    assert!(server.delivered().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs root and Postfix"]
async fn a_wrong_password_bounces_no_one_and_is_not_told() {
    let server = PostfixServer::start();
    let mut wrong = settings(server.starttls, Tls::StartTls, &server);
    wrong.password = Some(SecretString::from("battery staple"));
    let fixture = Fixture::published(&owners(&[GOOD]), Transport::Smtp(wrong)).await;
    let trouble = fixture.round().await.trouble.unwrap();
    assert!(trouble.starts_with("535 ") && trouble.contains("AUTH"), "{trouble}");
    assert!(!trouble.contains("battery"));
    assert_eq!(fixture.states().await, [("deferred", 1)].into());
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs root and Postfix"]
async fn a_bounce_comes_home_with_the_server_s_words() {
    let server = PostfixServer::start();
    let fixture = Fixture::published(&owners(&[GOOD, RETURNED]), Transport::Smtp(smtp(server.plain))).await;
    let fixture = fixture.with_rules(|rules| rules.bounces = Some(server.sender_box()));
    assert_eq!(fixture.round().await.accepted, 2);
    wait_for_mail(&server.sender_box());

    let report = fixture.round().await;
    assert_eq!(report.came_back, 1);
    assert_eq!(fixture.states().await, [("accepted", 1), ("bounced", 1)].into());
    let bounced =
        fixture.deliveries().await.into_iter().find(|delivery| delivery.state.as_str() == "bounced").unwrap();
    assert_eq!(bounced.recipient.as_str(), RETURNED);
    let words = bounced.last_answer.unwrap();
    assert!(words.starts_with("5.1.1 ") && words.contains("reported by mx.test.example"), "{words}");
    assert_eq!(fixture.round().await.came_back, 0, "a report counts once");
}

/// Type, and digest of the decoded content, of every part that is not a container. A maildir ends lines with LF.
fn parts(message: &[u8]) -> Vec<(String, String)> {
    use mail_parser::MimeHeaders;
    let message = MessageParser::default().parse(message).unwrap();
    let leaves = message.parts.iter().filter(|part| part.sub_parts().is_none());
    leaves
        .map(|part| {
            let content_type = part.content_type().unwrap();
            let media = format!("{}/{}", content_type.ctype(), content_type.subtype().unwrap_or_default());
            let unix_lines = part.text_contents().map(|text| text.replace("\r\n", "\n"));
            (media, sha256_hex(unix_lines.as_deref().map_or(part.contents(), str::as_bytes)))
        })
        .collect()
}
