//! The bytes of a message, read back by a parser that is not ours.

use mail_parser::{MessageParser, MimeHeaders};
use statementd::domain::Mailbox;
use statementd::mail::{Attachment, EmailBody, EmailContent};

fn mailbox(name: Option<&str>, address: &str) -> Mailbox {
    Mailbox { name: name.map(|name| name.parse().unwrap()), address: address.parse().unwrap() }
}

fn compose(subject: &str, to: &Mailbox) -> Vec<u8> {
    let (from, reply_to) = (mailbox(Some("Facturation"), "billing@operator.example"), mailbox(None, "s@o.example"));
    let email = EmailContent {
        message_id: "0123456789abcdef@operator.example",
        date: "2009-06-03T06:00:00Z".parse().unwrap(),
        from: &from,
        reply_to: Some(&reply_to),
        to,
        language: "fr-FR",
        subject,
        body: &EmailBody::new("Total : 132,07 €\n.\nune ligne seule\rretour", "<p>Total : 132,07 €</p>\n"),
        attachments: &[
            Attachment::new(
                "602127-2009-05.xlsx".into(),
                "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
                &(0..=255).collect::<Vec<u8>>(),
            ),
            Attachment::new("602127-2009-05.html".into(), "text/html; charset=utf-8", "<p>é</p>".as_bytes()),
        ],
    };
    email.compose("2009-05-602127-0123456789ab".into(), None).unwrap().bytes
}

#[test]
fn a_message_says_what_it_is() {
    let bytes = compose("Relevé de mai", &mailbox(Some("Comptabilité"), "compta@phoenix.example"));
    let message = MessageParser::default().parse(&bytes).unwrap();
    assert_eq!(message.subject(), Some("Relevé de mai"));
    assert_eq!(message.message_id(), Some("0123456789abcdef@operator.example"));
    assert_eq!(message.date().unwrap().to_rfc3339(), "2009-06-03T06:00:00Z");
    assert_eq!(message.header_raw("Auto-Submitted").map(str::trim), Some("auto-generated"));
    let suppressed = message.header_raw("X-Auto-Response-Suppress").unwrap();
    assert!(suppressed.contains("OOF") && !suppressed.contains("NDR") && !suppressed.contains("All"), "{suppressed}");
    assert_eq!(message.header_raw("Content-Language").map(str::trim), Some("fr-FR"));
    assert_eq!(message.reply_to().unwrap().first().unwrap().address(), Some("s@o.example"));
    assert_eq!(message.to().unwrap().first().unwrap().name(), Some("Comptabilité"));
    assert_eq!(
        message.body_text(0).unwrap().replace("\r\n", "\n").trim_end(),
        "Total : 132,07 €\n.\nune ligne seule\nretour"
    );
    assert_eq!(message.body_html(0).unwrap().trim_end(), "<p>Total : 132,07 €</p>");
    let attachments: Vec<_> = message.attachments().collect();
    assert_eq!(attachments.len(), 2);
    assert_eq!(attachments[0].attachment_name(), Some("602127-2009-05.xlsx"));
    assert_eq!(attachments[0].contents(), (0..=255).collect::<Vec<u8>>());
    assert_eq!(attachments[1].contents(), "<p>é</p>".as_bytes());
}

#[test]
fn a_message_is_ascii_in_lines_that_every_server_takes() {
    let bytes = compose(&"très long sujet ".repeat(40), &mailbox(Some(&"Ñ".repeat(300)), "compta@société.example"));
    assert!(bytes.is_ascii());
    let text = String::from_utf8(bytes).unwrap();
    assert!(text.split("\r\n").all(|line| line.len() <= 998), "RFC 5322 allows 998 characters a line");
    assert!(!text.replace("\r\n", "").contains(['\r', '\n']), "no line end but CRLF");
    assert!(text.contains("compta@xn--socit-esab.example"));
}

#[test]
fn no_subject_becomes_a_header() {
    let bytes = compose("May\r\nBcc: all@customers.example\r\n\r\nbody", &mailbox(None, "a@b.example"));
    let message = MessageParser::default().parse(&bytes).unwrap();
    assert!(message.bcc().is_none());
    assert_eq!(message.subject(), Some("May Bcc: all@customers.example body"));
    assert_eq!(message.attachments().count(), 2);
}

#[test]
fn the_same_letter_is_the_same_bytes() {
    let to = mailbox(Some("Comptabilité"), "compta@phoenix.example");
    assert_eq!(compose("Mai", &to), compose("Mai", &to));
}

proptest::proptest! {
    /// Whatever templates make of names, the result is one message with our headers and the same text.
    #[test]
    fn any_subject_and_any_name_make_a_message(subject in "\\PC{0,200}", name in "[^\\p{Cc}]{1,60}") {
        let bytes = compose(&subject, &mailbox(Some(&name), "a@b.example"));
        let message = MessageParser::default().parse(&bytes).unwrap();
        proptest::prop_assert_eq!(message.headers().len(), 11);
        proptest::prop_assert_eq!(message.to().unwrap().first().unwrap().address(), Some("a@b.example"));
        proptest::prop_assert_eq!(message.attachments().count(), 2);
    }
}
