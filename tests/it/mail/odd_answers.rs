//! Servers that answer in odd ways: the code decides, a refusal concerns what was being said, and nothing that was
//! sent in clear is believed once the conversation is encrypted.

use std::time::Duration;

use chrono::TimeDelta;
use statementd::domain::Tls;
use statementd::mail::{SmtpSettings, Transport, Waits};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::fault_server::{Fault, FaultServer, Step};
use super::fixture::{Fixture, Plan, smtp};

/// Ways to say 250 that were taken for no answer at all.
const ODD_YESES: [&[u8]; 9] = [
    b"250 2.0.0 Nachricht \xfcbernommen\r\n",
    b"250 2.0.0 \xd3\xca\xbc\xfe\xd2\xd1\xbd\xd3\xca\xd5\r\n",
    b"250\r\n",
    b"250 \r\n",
    b"250 bare line feed\n",
    b"\r\n250 2.0.0 Ok\r\n",
    b"250-first \xff\r\n250 last\r\n",
    b"250-Message\r\n accepted for delivery\r\n250 2.0.0 Ok\r\n",
    b"250 \x00\x01\x02\r\n",
];

async fn one_delivery(server: &FaultServer) -> Fixture {
    Fixture::published(&Plan::one_owner(), Transport::Smtp(smtp(server.port))).await
}

#[tokio::test]
async fn a_yes_in_odd_bytes_is_a_yes_at_every_step() {
    for step in [Step::Mail, Step::Rcpt, Step::Dot] {
        for yes in ODD_YESES {
            let server = FaultServer::start(move |at, _| (at == step).then_some(Fault::OddYes(yes))).await;
            let mut fixture = one_delivery(&server).await;
            fixture.rounds_until_quiet().await;
            let delivery = fixture.delivery().await;
            let told = (delivery.state.as_str(), delivery.attempts, server.stored().len());
            assert_eq!(told, ("accepted", 1, 1), "{step:?} {:?}", String::from_utf8_lossy(yes));
        }
    }
}

#[tokio::test]
async fn greetings_in_odd_bytes_are_understood() {
    let greetings: [(Step, &'static [u8]); 5] = [
        (Step::Connect, b"220 Gr\xfc\xdf Gott\r\n"),
        (Step::Connect, b"220\r\n"),
        (Step::Ehlo, b"250-h\xe4\r\n250 PIPELINING\r\n"),
        (Step::Ehlo, b"250\r\n"),
        (Step::Data, b"354\r\n"),
    ];
    for (step, bytes) in greetings {
        let server = FaultServer::start(move |at, _| (at == step).then_some(Fault::OddYes(bytes))).await;
        let fixture = one_delivery(&server).await;
        let report = fixture.round().await;
        assert_eq!((report.accepted, server.stored().len()), (1, 1), "{step:?} {report:?}");
    }
}

#[tokio::test]
async fn a_very_long_yes_and_one_that_is_cut_off_behind_its_code_are_yeses() {
    static LONG: std::sync::LazyLock<Vec<u8>> =
        std::sync::LazyLock::new(|| [b"250 ".as_slice(), &[b'x'; 30_000], b"\r\n"].concat());
    static ENDLESS: std::sync::LazyLock<Vec<u8>> =
        std::sync::LazyLock::new(|| [b"250 ".as_slice(), &[b'x'; 200_000]].concat());
    for fault in [Fault::OddYes(&LONG), Fault::OddYes(&ENDLESS), Fault::OddYesAndDrop(b"250 2.0.0 queued as 7")] {
        let server = FaultServer::start(move |at, _| (at == Step::Dot).then_some(fault)).await;
        let mut fixture = one_delivery(&server).await;
        fixture.rounds_until_quiet().await;
        assert_eq!((fixture.states().await, server.stored().len()), ([("accepted", 1)].into(), 1));
        assert!(fixture.delivery().await.last_answer.unwrap().len() <= 500);
    }
}

#[tokio::test]
async fn a_no_in_odd_bytes_is_a_no() {
    for step in [Step::Rcpt, Step::Data, Step::Dot] {
        for (no, state) in [
            (b"550 5.1.1 Empf\xe4nger unbekannt\r\n".as_slice(), "bounced"),
            (b"550\r\n", "bounced"),
            (b"451 sp\xe4ter\r\n", "deferred"),
        ] {
            let server = FaultServer::start(move |at, _| (at == step).then_some(Fault::OddNo(no))).await;
            let fixture = one_delivery(&server).await;
            fixture.round().await;
            assert_eq!(fixture.states().await, [(state, 1)].into(), "{step:?} {:?}", String::from_utf8_lossy(no));
        }
    }
}

#[tokio::test]
async fn a_greeting_that_never_ends_is_given_up() {
    static ENDLESS: [u8; 1_000_000] = [b'x'; 1_000_000];
    let server = FaultServer::start(|at, _| (at == Step::Connect).then_some(Fault::OddYes(&ENDLESS))).await;
    let patient = SmtpSettings { waits: Waits::default(), ..smtp(server.port) };
    let mut fixture = Fixture::published(&Plan::one_owner(), Transport::Smtp(patient)).await;
    let trouble = fixture.with_one_worker().round().await.trouble.unwrap();
    assert!(trouble.contains("64 KiB came that are no answer"), "{trouble}");
}

#[tokio::test]
async fn a_refusal_of_the_sender_or_its_quota_bounces_no_one() {
    for (step, words) in [
        (Step::Mail, "550 5.7.1 quota used up"),
        (Step::Mail, "553 sender not owned by user"),
        (Step::Mail, "452 4.3.1 too much"),
        (Step::Rcpt, "553 5.7.1 <a@b.example>: Sender address rejected: not owned by user billing"),
        (Step::Rcpt, "550 5.4.5 Daily user sending limit exceeded"),
        (Step::Dot, "554 5.7.60 Client does not have permissions to send as this sender"),
        (Step::Dot, "550 over your message limit, try again tomorrow"),
    ] {
        let server =
            FaultServer::start(move |at, visit| (at == step && visit < 20).then_some(Fault::Reply(words))).await;
        let mut fixture = Fixture::published(&Plan::recipients(5), Transport::Smtp(smtp(server.port))).await;
        let report = fixture.with_one_worker().round().await;
        assert_eq!(report.bounced, 0, "{words}: {report:?}");
        if words.starts_with('5') {
            assert!(report.trouble.unwrap().contains(words), "the operator is told");
        }
        fixture.later(TimeDelta::days(6));
        fixture.round().await;
        assert_eq!(fixture.states().await.get("bounced"), None, "{words}: also after days");
        fixture.rounds_until_quiet().await;
        assert_eq!((fixture.states().await, server.stored().len()), ([("accepted", 5)].into(), 5), "{words}");
    }
}

#[tokio::test]
async fn what_was_sent_in_clear_behind_the_answer_to_starttls_is_not_believed() {
    const FORGED: &[u8] = b"220 go\r\n250-me\r\n250 SIZE 1\r\n250 ok\r\n250 ok\r\n354 go\r\n250 2.0.0 FORGED\r\n";
    let server =
        FaultServer::offering(vec!["STARTTLS"], |at, _| (at == Step::StartTls).then_some(Fault::OddYes(FORGED)))
            .await;
    let settings = SmtpSettings { tls: Tls::StartTls, ..smtp(server.port) };
    let mut fixture = Fixture::published(&Plan::one_owner(), Transport::Smtp(settings)).await;
    let report = fixture.with_one_worker().round().await;
    assert!(report.trouble.unwrap().contains("unencrypted behind the server's answer"));
    assert_eq!(
        (fixture.states().await, server.commands()),
        ([("deferred", 1)].into(), vec!["EHLO".into(), "STARTTLS".into()])
    );
}

#[tokio::test]
async fn tls_on_a_port_without_it_is_told_with_the_keys_to_change() {
    let server = FaultServer::sound().await;
    let settings = SmtpSettings { tls: Tls::Required, ..smtp(server.port) };
    let mut fixture = Fixture::published(&Plan::one_owner(), Transport::Smtp(settings)).await;
    let trouble = fixture.with_one_worker().round().await.trouble.unwrap();
    assert!(trouble.contains("mail.tls = \"starttls\", or mail.port"), "{trouble}");
}

#[tokio::test]
async fn a_port_that_waits_for_tls_is_recognised_long_before_the_greeting_is_given_up() {
    // A server that answers TLS's greeting, with an alert, and no other.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let server = tokio::spawn(async move {
        let mut open = Vec::new();
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            open.push(tokio::spawn(async move {
                let mut first = [0];
                if stream.read_exact(&mut first).await.is_ok() && first == [0x16] {
                    stream.write_all(&[0x15, 3, 3, 0, 2, 2, 40]).await.unwrap();
                }
                std::future::pending::<()>().await;
            }));
        }
    });
    for tls in [Tls::None, Tls::StartTls] {
        let settings = SmtpSettings { tls, waits: Waits::default(), ..smtp(port) };
        let mut fixture = Fixture::published(&Plan::one_owner(), Transport::Smtp(settings)).await;
        let round = fixture.with_one_worker().round();
        let report =
            tokio::time::timeout(Duration::from_mins(2), round).await.expect("minutes before it is given up");
        let trouble = report.trouble.unwrap();
        assert!(trouble.contains("set mail.tls = \"required\", or mail.port"), "{trouble}");
    }
    server.abort();
}

#[tokio::test]
async fn a_server_without_ehlo_is_greeted_in_the_old_way() {
    let server = FaultServer::start(|at, _| (at == Step::Ehlo).then_some(Fault::Reply("502 5.5.1 what?"))).await;
    let fixture = one_delivery(&server).await;
    assert_eq!((fixture.round().await.accepted, server.stored().len()), (1, 1));
    assert_eq!(server.commands()[..3], ["EHLO", "HELO", "MAIL"]);
}

#[tokio::test]
async fn the_name_in_ehlo_is_the_one_that_is_configured() {
    let server = FaultServer::sound().await;
    let settings = SmtpSettings { helo: Some("billing.operator.example".into()), ..smtp(server.port) };
    let fixture = Fixture::published(&Plan::one_owner(), Transport::Smtp(settings)).await;
    assert_eq!(fixture.round().await.accepted, 1);
    assert_eq!(server.greeted_as(), "billing.operator.example");
}

#[tokio::test]
async fn a_message_is_dated_by_its_first_attempt_also_when_it_is_sent_again() {
    let server = FaultServer::start(|at, visit| (at == Step::Dot && visit == 0).then_some(Fault::StoreAndDrop)).await;
    let mut fixture = one_delivery(&server).await;
    fixture.later(TimeDelta::days(2));
    fixture.rounds_until_quiet().await;
    let stored = server.stored();
    assert_eq!(stored.len(), 2);
    for copy in stored {
        let text = format!("\r\n{}", String::from_utf8(copy.bytes).unwrap());
        assert!(text.contains("\r\nDate: Fri, 05 Jun 2009 06:00:00 "), "closed on the 3rd, first tried on the 5th");
    }
}
