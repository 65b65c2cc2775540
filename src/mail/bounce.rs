//! Reading a delivery status notification (RFC 3464): which message came back, and with whose words.
//!
//! Mail servers accept first and find out later; what they find out arrives as a message of three parts: prose, a
//! `message/delivery-status`, and the original message or its headers. Its Message-ID is the way back to the ledger.

use mail_parser::{Message, MessageParser, MessagePart, MimeHeaders, PartType};

/// A message of ours that was not delivered in the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bounce {
    /// Of the original message, without angle brackets.
    pub message_id: String,
    /// As `5.1.1 smtp; 550 no such user (reported by mx.example)`.
    pub words: String,
}

/// Longest account of a failure kept, in characters.
const LONGEST_WORDS: usize = 500;
/// Longest line of a message (RFC 5322), in bytes: an id of ours is far shorter.
const LONGEST_ID: usize = 998;

/// The failure that a message reports; None if it is anything else, a mere delay included.
pub fn read_bounce(bytes: &[u8]) -> Option<Bounce> {
    let report = MessageParser::default().parse(bytes)?;
    let is_report = report
        .content_type()
        .is_some_and(|content_type| content_type.ctype() == "multipart" && content_type.subtype() == Some("report"));
    if !is_report {
        return None;
    }
    let words = report.parts.iter().find(|part| is_status(part)).and_then(|part| failure(part.contents()))?;
    let message_id = report.parts.iter().find_map(original_message_id)?;
    Some(Bounce { message_id, words })
}

fn is_status(part: &MessagePart<'_>) -> bool {
    part.content_type().is_some_and(|content_type| {
        content_type.ctype() == "message"
            && matches!(content_type.subtype(), Some("delivery-status" | "global-delivery-status"))
    })
}

/// The first failed recipient's words: our messages have one recipient each.
fn failure(status: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(status).replace("\r\n", "\n");
    let groups: Vec<_> = text.split("\n\n").filter_map(Fields::read).collect();
    let failed =
        groups.iter().find(|group| group.get("Action").is_some_and(|action| action.starts_with("failed")))?;
    let reporter = groups.iter().find_map(|group| group.get("Reporting-MTA"));
    let mut words = [failed.get("Status"), failed.get("Diagnostic-Code")].into_iter().flatten().collect::<Vec<_>>();
    let reporter = reporter.map(|reporter| format!("(reported by {})", reporter.trim_start_matches("dns;").trim()));
    words.extend(reporter);
    Some(words.join(" ").chars().take(LONGEST_WORDS).collect())
}

/// A group of fields of a delivery status; they have the form of headers.
struct Fields(Message<'static>);

impl Fields {
    fn read(group: &str) -> Option<Self> {
        let headers = format!("{}\n\n", group.trim_matches('\n'));
        MessageParser::default().parse_headers(&headers).map(|message| Self(message.into_owned()))
    }

    /// On one line.
    fn get(&self, name: &'static str) -> Option<String> {
        let raw = self.0.header_raw(name)?;
        let value = raw.split_whitespace().collect::<Vec<_>>().join(" ");
        Some(value.split(char::is_control).collect())
    }
}

fn original_message_id(part: &MessagePart<'_>) -> Option<String> {
    if let PartType::Message(original) = &part.body {
        return original.message_id().and_then(plain_id);
    }
    let content_type = part.content_type()?;
    let is_headers = matches!(
        (content_type.ctype(), content_type.subtype()),
        ("text", Some("rfc822-headers")) | ("message", Some("global-headers"))
    );
    if !is_headers {
        return None;
    }
    let mut headers = part.contents().to_vec();
    headers.extend_from_slice(b"\r\n\r\n");
    MessageParser::default().parse_headers(&headers)?.message_id().and_then(plain_id)
}

/// An id as ours are. Anybody can send a report: what is looked up must be something that a database takes as text.
fn plain_id(id: &str) -> Option<String> {
    let is_plain = !id.is_empty() && id.len() <= LONGEST_ID && id.chars().all(|c| c.is_ascii_graphic());
    is_plain.then(|| id.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

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
        let bounce = read_bounce(&report(FAILED, ORIGINAL)).unwrap();
        assert_eq!(bounce.message_id, "0123@operator.example");
        assert_eq!(
            bounce.words,
            "5.1.1 smtp; 550 5.1.1 User unknown in virtual mailbox table (reported by mx.example)"
        );
    }

    #[test]
    fn headers_alone_are_enough_of_the_original() {
        let headers =
            "Content-Type: text/rfc822-headers\r\n\r\nSubject: May\r\nMessage-ID: <77@operator.example>\r\n";
        assert_eq!(read_bounce(&report(FAILED, headers)).unwrap().message_id, "77@operator.example");
    }

    #[test]
    fn an_id_that_cannot_be_ours_is_not_looked_up() {
        let long = "x".repeat(LONGEST_ID);
        for id in ["01\0@operator.example", "01 23@operator.example", "01\u{1b}[2J@a.example", "é@a.example", &long]
        {
            let headers = format!("Content-Type: text/rfc822-headers\r\n\r\nMessage-ID: <{id}@b.example>\r\n");
            assert_eq!(read_bounce(&report(FAILED, &headers)), None, "{id:?}");
        }
    }

    #[test]
    fn a_delay_is_not_a_failure() {
        let delayed = FAILED.replace("Action: failed", "Action: delayed");
        assert_eq!(read_bounce(&report(&delayed, ORIGINAL)), None);
    }

    #[test]
    fn what_is_not_a_report_is_nothing() {
        assert_eq!(read_bounce(b"Subject: out of office\r\n\r\nI am away; failed to read your mail.\r\n"), None);
        assert_eq!(read_bounce(b""), None);
        assert_eq!(read_bounce(&[0xff; 200]), None);
    }

    #[test]
    fn parts_that_end_in_each_other_are_no_reason_to_stop() {
        let nested = "Content-Type: message/rfc822\r\n\r\nMessage-ID: <1@a.example>\r\n--B\r\nContent-Type: message/rfc822\r\n\r\nMessage-ID: <2@a.example>";
        let fuzzed = include_bytes!("../../fuzz/seeds/bounces/unbalanced.eml");
        assert_eq!(read_bounce(fuzzed), None);
        assert!(read_bounce(&report(FAILED, nested)).is_some());
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_make_it_stumble(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..300)) {
            let _ = read_bounce(&bytes);
            let _ = read_bounce(&report(&String::from_utf8_lossy(&bytes), ORIGINAL));
        }
    }
}
