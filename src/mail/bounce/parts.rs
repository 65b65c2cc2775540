//! Parses a mail: its head, and its leaf parts in order.
//!
//! Not by a general parser: those go as deep as a mail says, and a mail from a stranger can say a million times that
//! there is another one inside. Here every step has a bound, and parts are slices of the mail.

use std::borrow::Cow;

use mail_parser::decoders::{base64::base64_decode, quoted_printable::quoted_printable_decode};
use mail_parser::{ContentType, HeaderValue, Message, MessageParser, MimeHeaders};

use super::plain_id;

/// Parts of one multipart that are looked at, and how deep multiparts may lie in one another.
const MOST_PARTS: usize = 32;
const DEEPEST: usize = 4;
/// Longest head of a mail or part, in bytes.
const LONGEST_HEAD: usize = 64 * 1024;

/// The headers of a mail or part; `None` where there are none.
pub(super) struct Head(Option<Message<'static>>);

/// A part that is no multipart.
pub(super) struct MimePart<'a> {
    /// For example `message/delivery-status`, in lower case.
    kind: String,
    /// Decoded.
    pub body: Cow<'a, [u8]>,
}

/// The mail's own head, and its leaves.
pub(super) fn leaves(mail: &[u8]) -> (Head, Vec<MimePart<'_>>) {
    let (head, body) = split(mail);
    let head = Head::read(head);
    let mut found = Vec::new();
    collect(&head, body, DEEPEST, &mut found);
    (head, found)
}

/// Of bytes that begin with headers.
pub(super) fn head_of(bytes: &[u8]) -> Option<Head> {
    let (head, _) = split(bytes);
    (!head.is_empty()).then(|| Head::read(head))
}

fn collect<'a>(head: &Head, body: &'a [u8], depth: usize, found: &mut Vec<MimePart<'a>>) {
    let kind = head.kind();
    if !kind.starts_with("multipart/") {
        found.push(MimePart { kind, body: head.decoded(body) });
        return;
    }
    let Some(boundary) = head.boundary().filter(|_| depth > 0) else { return };
    for part in divided(body, boundary).into_iter().take(MOST_PARTS) {
        let (head, body) = split(part);
        collect(&Head::read(head), body, depth - 1, found);
    }
}

/// Headers with their line ends, and what follows the empty line.
fn split(bytes: &[u8]) -> (&[u8], &[u8]) {
    let mut at = 0;
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        if matches!(line, b"\n" | b"\r\n") {
            return (&bytes[..at], &bytes[at + line.len()..]);
        }
        at += line.len();
        if at > LONGEST_HEAD {
            return (&bytes[..at.min(LONGEST_HEAD)], &[]);
        }
    }
    (bytes, &[])
}

/// The parts between the lines that begin with the boundary; the last may lack its end.
fn divided<'a>(body: &'a [u8], boundary: &str) -> Vec<&'a [u8]> {
    let delimiter = format!("--{boundary}");
    let (mut parts, mut begun, mut at) = (Vec::new(), None, 0);
    for line in body.split_inclusive(|byte| *byte == b'\n') {
        if let Some(rest) = line.strip_prefix(delimiter.as_bytes()) {
            parts.extend(begun.map(|begun| &body[begun..at]));
            begun = Some(at + line.len());
            if rest.starts_with(b"--") {
                return parts;
            }
        }
        at += line.len();
    }
    parts.extend(begun.map(|begun| &body[begun..]));
    parts
}

impl Head {
    fn read(bytes: &[u8]) -> Head {
        // The parser wants the empty line behind the headers.
        let whole = [bytes, b"\r\n"].concat();
        Head(MessageParser::default().parse_headers(&whole).map(Message::into_owned))
    }

    /// Of the mail that has this head.
    pub fn message_id(&self) -> Option<String> {
        self.0.as_ref()?.message_id().and_then(plain_id)
    }

    /// Of the mail that this one answers.
    pub fn answered_id(&self) -> Option<String> {
        let last = |value: &HeaderValue<'_>| value.as_text_list()?.last().and_then(|id| plain_id(id));
        let message = self.0.as_ref()?;
        last(message.in_reply_to()).or_else(|| last(message.references()))
    }

    /// A header as it is written there.
    pub fn raw(&self, name: &'static str) -> Option<&str> {
        self.0.as_ref()?.header_raw(name).map(str::trim)
    }

    /// The sender's addresses.
    pub fn senders(&self) -> impl Iterator<Item = &str> {
        let from = self.0.as_ref().and_then(|message| message.from());
        from.into_iter().flat_map(|from| from.iter()).filter_map(|from| from.address())
    }

    pub fn subject(&self) -> &str {
        self.0.as_ref().and_then(|message| message.subject()).unwrap_or_default()
    }

    fn content_type(&self) -> Option<&ContentType<'_>> {
        self.0.as_ref()?.content_type()
    }

    fn kind(&self) -> String {
        let named =
            self.content_type().map(|kind| format!("{}/{}", kind.ctype(), kind.subtype().unwrap_or_default()));
        named.unwrap_or_else(|| "text/plain".into()).to_ascii_lowercase()
    }

    fn boundary(&self) -> Option<&str> {
        self.content_type()?.attribute("boundary").filter(|boundary| !boundary.is_empty())
    }

    fn decoded<'b>(&self, body: &'b [u8]) -> Cow<'b, [u8]> {
        let encoding = self.0.as_ref().and_then(|message| message.content_transfer_encoding());
        let encoding = encoding.unwrap_or_default().trim().to_ascii_lowercase();
        let decoded = match encoding.as_str() {
            "base64" => base64_decode(body),
            "quoted-printable" => quoted_printable_decode(body),
            _ => None,
        };
        decoded.map_or(Cow::Borrowed(body), Cow::Owned)
    }
}

impl MimePart<'_> {
    pub fn is_status(&self) -> bool {
        matches!(self.kind.as_str(), "message/delivery-status" | "message/global-delivery-status")
    }

    pub fn is_message(&self) -> bool {
        matches!(self.kind.as_str(), "message/rfc822" | "message/global")
    }

    pub fn is_headers(&self) -> bool {
        matches!(self.kind.as_str(), "text/rfc822-headers" | "message/global-headers")
    }

    pub fn is_text(&self) -> bool {
        self.kind == "text/plain"
    }
}
