//! What a message is made of, and its bytes.
//!
//! The bytes follow from the email alone: id, date and MIME boundaries are given or derived, never random, so that
//! a message sent again is the same message. Names and addresses are checked types, the subject passes through the
//! header encoder, so that nothing in them can become a header of its own.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use lettre::message::header::{ContentDisposition, ContentTransferEncoding, ContentType, HeaderName, HeaderValue};
use lettre::message::{Body, MultiPart, SinglePart};

use super::{MailError, Signer};
use crate::domain::{EmailAddress, Mailbox};
use crate::shortened::shortened;

/// Longest subject and longest name beside an address, in characters: beyond what any reader shows, and short enough
/// for every server's limit on headers.
const LONGEST_SUBJECT: usize = 250;
const LONGEST_NAME: usize = 100;

/// Characters in a line of base64, and the bytes that they stand for.
const LINE: usize = 76;
const BYTES_IN_LINE: usize = 57;

/// What Exchange must not answer with: everything but reports of failure.
const SUPPRESSED_RESPONSES: &str = "DR, RN, NRN, OOF, AutoReply";

/// One message, before it is bytes.
#[derive(Debug, Clone)]
pub struct EmailContent<'a> {
    /// Without angle brackets.
    pub message_id: &'a str,
    pub date: DateTime<Utc>,
    pub from: &'a Mailbox,
    pub reply_to: Option<&'a Mailbox>,
    pub to: &'a Mailbox,
    /// A BCP 47 tag, for example `fr-FR`.
    pub language: &'a str,
    pub subject: &'a str,
    pub body: &'a EmailBody,
    pub attachments: &'a [Attachment],
}

/// The text of an email, as plain text and as HTML; can be used for many emails.
#[derive(Debug, Clone)]
pub struct EmailBody {
    text: Body,
    html: Body,
}

/// An attachment, which can be used for many emails; its name is ASCII.
#[derive(Debug, Clone)]
pub struct Attachment {
    name: String,
    media_type: &'static str,
    base64: Arc<str>,
}

/// A message as it goes over the wire.
#[derive(Debug, Clone)]
pub struct Message {
    pub sender: lettre::Address,
    pub recipient: lettre::Address,
    /// The stem of its file where messages become files; holds no address.
    pub file_stem: String,
    /// CRLF line ends, ASCII only.
    pub bytes: Vec<u8>,
}

impl EmailBody {
    pub fn new(text: &str, html: &str) -> Self {
        Self { text: Body::new(crlf_lines(text)), html: Body::new(crlf_lines(html)) }
    }
}

impl Attachment {
    pub fn new(name: String, media_type: &'static str, bytes: &[u8]) -> Self {
        Self { name, media_type, base64: in_lines(bytes).into() }
    }
}

impl EmailContent<'_> {
    /// `file_stem` is the name of its file where messages become files; it contains no address.
    pub fn compose(self, file_stem: String, signer: Option<&Signer>) -> Result<Message, MailError> {
        let (sender, recipient) = (wire_address(&self.from.address)?, wire_address(&self.to.address)?);
        let boundary = self.message_id.split('@').next().unwrap_or_default();
        let text = SinglePart::builder().content_type(ContentType::TEXT_PLAIN).body(self.body.text.clone());
        let html = SinglePart::builder().content_type(ContentType::TEXT_HTML).body(self.body.html.clone());
        // "=_" occurs neither in quoted-printable nor in base64.
        let readings =
            MultiPart::alternative().boundary(format!("=_words_{boundary}")).singlepart(text).singlepart(html);
        let mut whole = MultiPart::mixed().boundary(format!("=_whole_{boundary}")).multipart(readings);
        for attachment in self.attachments {
            whole = whole.singlepart(attached(attachment)?);
        }
        let mut builder = lettre::Message::builder()
            .date(system_time(self.date))
            .from(header_mailbox(self.from)?)
            .to(header_mailbox(self.to)?)
            .message_id(Some(format!("<{}>", self.message_id)))
            .subject(one_line(self.subject));
        if let Some(reply_to) = self.reply_to {
            builder = builder.reply_to(header_mailbox(reply_to)?);
        }
        let mut message = builder.multipart(whole).map_err(|error| MailError::Compose(error.to_string()))?;
        for (name, value) in [
            (HeaderName::new_from_ascii_str("Auto-Submitted"), "auto-generated"),
            (HeaderName::new_from_ascii_str("X-Auto-Response-Suppress"), SUPPRESSED_RESPONSES),
            (HeaderName::new_from_ascii_str("Content-Language"), self.language),
        ] {
            message.headers_mut().insert_raw(HeaderValue::new(name, value.to_owned()));
        }
        if let Some(signer) = signer {
            signer.sign(&mut message);
        }
        Ok(Message { sender, recipient, file_stem, bytes: message.formatted() })
    }
}

/// With the domain as punycode: no server needs SMTPUTF8 for it.
fn wire_address(address: &EmailAddress) -> Result<lettre::Address, MailError> {
    address.ascii().parse().map_err(|error: lettre::address::AddressError| MailError::Address(error.to_string()))
}

fn header_mailbox(mailbox: &Mailbox) -> Result<lettre::message::Mailbox, MailError> {
    let name = mailbox.name.as_ref().map(|name| shortened(name.as_str(), LONGEST_NAME));
    Ok(lettre::message::Mailbox::new(name, wire_address(&mailbox.address)?))
}

fn attached(attachment: &Attachment) -> Result<SinglePart, MailError> {
    let Attachment { name, media_type, base64 } = attachment;
    let content_type =
        ContentType::parse(media_type).map_err(|_| MailError::MediaType { name: name.clone(), media_type })?;
    let encoding = ContentTransferEncoding::Base64;
    Ok(SinglePart::builder()
        .header(encoding)
        .content_type(content_type)
        .header(ContentDisposition::attachment(name))
        .body(Body::dangerous_pre_encoded(base64.as_bytes().to_vec(), encoding)))
}

/// Base64 in lines, without a line end after the last (RFC 2045, section 6.8).
fn in_lines(bytes: &[u8]) -> String {
    let mut lines = String::with_capacity(bytes.len().div_ceil(BYTES_IN_LINE) * (LINE + 2));
    for (number, line) in bytes.chunks(BYTES_IN_LINE).enumerate() {
        if number > 0 {
            lines.push_str("\r\n");
        }
        STANDARD.encode_string(line, &mut lines);
    }
    lines
}

/// A subject holds what templates made of names: whatever could end its line becomes a space.
fn one_line(subject: &str) -> String {
    let line = subject.split(char::is_control).filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
    shortened(&line, LONGEST_SUBJECT)
}

/// Converted here, since the encoder would move the rest of the text for every line; a lone CR ends a line too.
fn crlf_lines(text: &str) -> String {
    text.replace("\r\n", "\n").replace(['\r', '\n'], "\r\n")
}

fn system_time(instant: DateTime<Utc>) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(u64::try_from(instant.timestamp()).unwrap_or(0))
}
