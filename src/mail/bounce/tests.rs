//! Reports as mail servers write them, and as attackers would.

use super::id::LONGEST_ID;
use super::*;

fn bounce(mail: &[u8]) -> Option<Bounce> {
    match read_bounce(mail) {
        BounceReading::Bounce(bounce) => Some(bounce),
        BounceReading::Nameless | BounceReading::Other => None,
    }
}

fn report(status: &str, original: &str) -> Vec<u8> {
    let lines = [
        "From: MAILER-DAEMON@mx.example",
        "To: billing@operator.example",
        "Subject: Undelivered Mail Returned to Sender",
        "MIME-Version: 1.0",
        "Content-Type: multipart/report; report-type=delivery-status; boundary=\"B\"",
        "",
        "--B",
        "Content-Type: text/plain",
        "",
        "I am sorry.",
        "--B",
        "Content-Type: message/delivery-status",
        "",
        status,
        "--B",
        original,
        "--B--",
        "",
    ];
    lines.join("\r\n").into_bytes()
}

const ORIGINAL: &str =
    "Content-Type: message/rfc822\r\n\r\nMessage-ID: <0123@operator.example>\r\nSubject: May\r\n\r\nbody\r\n";
const FAILED: &str = "Reporting-MTA: dns; mx.example\r\nX-Postfix-Queue-ID: 4D1\r\n\r\n\
     Final-Recipient: rfc822; nobody@customer.example\r\nAction: failed\r\nStatus: 5.1.1\r\n\
     Diagnostic-Code: smtp; 550 5.1.1 User unknown\r\n    in virtual mailbox table\r\n";

#[test]
fn a_failure_is_matched_by_the_original_s_message_id_and_brings_the_server_s_words() {
    let bounce = bounce(&report(FAILED, ORIGINAL)).unwrap();
    assert_eq!(bounce.message_id, "0123@operator.example");
    assert_eq!(bounce.words, "5.1.1 smtp; 550 5.1.1 User unknown in virtual mailbox table (reported by mx.example)");
}

#[test]
fn headers_alone_are_enough_of_the_original() {
    let headers = "Content-Type: text/rfc822-headers\r\n\r\nSubject: May\r\nMessage-ID: <77@operator.example>\r\n";
    assert_eq!(bounce(&report(FAILED, headers)).unwrap().message_id, "77@operator.example");
}

#[test]
fn an_id_that_cannot_be_ours_is_not_looked_up() {
    let long = "x".repeat(LONGEST_ID);
    for id in ["01\0@operator.example", "01 23@operator.example", "01\u{1b}[2J@a.example", "é@a.example", &long] {
        let headers = format!("Content-Type: text/rfc822-headers\r\n\r\nMessage-ID: <{id}@b.example>\r\n");
        assert_eq!(bounce(&report(FAILED, &headers)), None, "{id:?}");
    }
}

#[test]
fn a_delay_is_not_a_failure() {
    let delayed = FAILED.replace("Action: failed", "Action: delayed");
    assert_eq!(bounce(&report(&delayed, ORIGINAL)), None);
}

#[test]
fn what_is_not_a_report_is_nothing() {
    assert_eq!(bounce(b"Subject: out of office\r\n\r\nI am away; failed to read your mail.\r\n"), None);
    assert_eq!(bounce(b""), None);
    assert_eq!(bounce(&[0xff; 200]), None);
}

#[test]
fn parts_that_end_in_each_other_are_no_reason_to_stop() {
    let nested = "Content-Type: message/rfc822\r\n\r\nMessage-ID: <1@a.example>\r\n--B\r\nContent-Type: message/rfc822\r\n\r\nMessage-ID: <2@a.example>";
    let fuzzed = include_bytes!("../../../fuzz/seeds/bounces/unbalanced.eml");
    assert_eq!(bounce(fuzzed), None);
    assert!(bounce(&report(FAILED, nested)).is_some());
}

proptest::proptest! {
    #[test]
    fn no_bytes_make_it_stumble(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..300)) {
        let _ = read_bounce(&bytes);
        let _ = bounce(&report(&String::from_utf8_lossy(&bytes), ORIGINAL));
    }
}

/// The message that all of them are about.
const OURS: &str = "0123456789abcdef0123456789abcdef@operator.example";

/// Reports as these servers write them, and what is kept of their words.
const SAMPLES: [(&str, &[u8], &str); 8] = [
    (
        "Postfix",
        include_bytes!("../../../fuzz/seeds/bounces/postfix.eml"),
        "5.1.1 smtp; 550 5.1.1 <owner@customer.example>: Recipient address rejected: User unknown (reported by mx.customer.example)",
    ),
    (
        "Exim",
        include_bytes!("../../../fuzz/seeds/bounces/exim.eml"),
        "5.0.0 smtp; 550 5.2.1 The email account that you tried to reach is disabled (reported by mx.customer.example)",
    ),
    (
        "Exim before it knew reports",
        include_bytes!("../../../fuzz/seeds/bounces/exim-text.eml"),
        "host mail.customer.example [192.0.2.9]: 550 5.1.1 unknown user",
    ),
    (
        "Exchange",
        include_bytes!("../../../fuzz/seeds/bounces/exchange.eml"),
        "5.1.10 smtp;550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup (reported by EX01.customer.example)",
    ),
    (
        "Gmail",
        include_bytes!("../../../fuzz/seeds/bounces/gmail.eml"),
        "5.1.1 smtp; 550 5.1.1 No such user (reported by googlemail.com)",
    ),
    (
        "qmail",
        include_bytes!("../../../fuzz/seeds/bounces/qmail.eml"),
        "Sorry, no mailbox here by that name. (#5.1.1)",
    ),
    (
        "forwarded by a person",
        include_bytes!("../../../fuzz/seeds/bounces/forwarded.eml"),
        "5.1.1 smtp; 550 5.1.1 <owner@customer.example>: Recipient address rejected: User unknown (reported by mx.customer.example)",
    ),
    (
        "with a footer around it",
        include_bytes!("../../../fuzz/seeds/bounces/listed.eml"),
        "5.1.1 smtp; 550 5.1.1 <owner@customer.example>: Recipient address rejected: User unknown (reported by mx.customer.example)",
    ),
];

#[test]
fn the_reports_of_common_servers_are_read() {
    for (server, mail, words) in SAMPLES {
        for mail in [mail.to_vec(), String::from_utf8_lossy(mail).replace('\n', "\r\n").into_bytes()] {
            let bounce = bounce(&mail).unwrap_or_else(|| panic!("{server}"));
            assert_eq!((bounce.message_id.as_str(), bounce.words.as_str()), (OURS, words), "{server}");
        }
    }
}

#[test]
fn an_action_may_be_written_in_any_case() {
    for action in ["Failed", "FAILED", "failed (final)"] {
        let status = FAILED.replace("Action: failed", &format!("ACTION: {action}"));
        assert!(bounce(&report(&status, ORIGINAL)).is_some(), "{action}");
    }
}

#[test]
fn a_failure_without_an_original_is_nameless_and_one_with_its_id_elsewhere_is_not() {
    let none = "Content-Type: text/plain\r\n\r\nno copy\r\n";
    assert_eq!(read_bounce(&report(FAILED, none)), BounceReading::Nameless);
    let named = FAILED.replace("X-Postfix-Queue-ID: 4D1", "X-Original-Message-ID: <9@operator.example>");
    assert_eq!(bounce(&report(&named, none)).unwrap().message_id, "9@operator.example");
    let answer = [b"In-Reply-To: <8@operator.example>\r\n".to_vec(), report(FAILED, none)].concat();
    assert_eq!(bounce(&answer).unwrap().message_id, "8@operator.example");
}

#[test]
fn words_about_a_delay_and_words_of_people_are_no_failure() {
    let qmail = String::from_utf8_lossy(SAMPLES[5].1).into_owned();
    let delayed = qmail.replace("This is a permanent error; I've given up.", "It will be retried.");
    assert_eq!(read_bounce(delayed.as_bytes()), BounceReading::Other);
    let person = qmail.replace("MAILER-DAEMON@", "owner@").replace("Return-Path: <>\n", "");
    assert_eq!(read_bounce(person.as_bytes()), BounceReading::Other);
}

/// What would end the process or fill its memory if it were followed.
#[test]
fn what_is_nested_or_repeated_without_end_costs_next_to_nothing() {
    let nested = "Content-Type: message/rfc822\r\n\r\n".repeat(40_000);
    assert_eq!(read_bounce(nested.as_bytes()), BounceReading::Other);
    let multiparts: Vec<String> = (0..20_000)
        .map(|depth| format!("Content-Type: multipart/mixed; boundary={depth}\r\n\r\n--{depth}\r\n"))
        .collect();
    let multiparts = multiparts.concat();
    assert_eq!(read_bounce(multiparts.as_bytes()), BounceReading::Other);
    for groups in ["a:\n\n", "a:b\r\n\r\n", "\r\n", "Action: delayed\n\n", "a:\n b\n"] {
        let status = groups.repeat(10_000_000 / groups.len());
        assert_eq!(bounce(&report(&status, ORIGINAL)), None);
    }
    let many = "--B\r\nContent-Type: message/rfc822\r\n\r\nContent-Type: message/rfc822\r\n\r\n".repeat(100_000);
    assert_eq!(bounce(&report("Action: delayed", &many)), None);
}

#[test]
fn a_failure_in_front_of_a_large_original_is_read() {
    let original = format!("{ORIGINAL}{}", "x".repeat(20_000_000));
    assert_eq!(bounce(&report(FAILED, &original)).unwrap().message_id, "0123@operator.example");
}
