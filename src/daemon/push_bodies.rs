//! Bodies of posts, turned by their content type into what a reader reads.

use std::io::{self, Read as _};
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::bufread::MultiGzDecoder;

/// The limit of an uncompressed body, which is kept in memory until it is stored.
const LONGEST_UNPACKED: u64 = 32 * 1024 * 1024;
const GZIP: &[u8] = b"\x1f\x8b";
/// A shorter body is unpacked at once: to hand it to another thread costs more.
const SHORT_BODY: usize = 64 * 1024;

/// What a reader reads of a body; the error says that it is too long, or not whole.
pub(super) async fn unpacked(form: Form, body: axum::body::Bytes) -> io::Result<Arc<[u8]>> {
    if body.len() <= SHORT_BODY && !body.starts_with(GZIP) {
        return decompressed(form.unpacked(&body));
    }
    tokio::task::spawn_blocking(move || decompressed(form.unpacked(&body))).await.map_err(io::Error::other)?
}

/// What was compressed by gzip, unpacked; the error says that it is too long, or not whole.
fn decompressed(body: Vec<u8>) -> io::Result<Arc<[u8]>> {
    if !body.starts_with(GZIP) {
        return Ok(body.into());
    }
    let mut text = Vec::new();
    MultiGzDecoder::new(body.as_slice()).take(LONGEST_UNPACKED + 1).read_to_end(&mut text)?;
    if text.len() as u64 > LONGEST_UNPACKED { Err(io::ErrorKind::FileTooLarge.into()) } else { Ok(text.into()) }
}

/// How a body holds what a reader reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    AsItIs,
    /// `cdr=` with its value percent-encoded, in base64, or as it is: FreeSWITCH.
    UrlEncoded,
    Base64,
    Plain,
    /// The `data` of one event or of several.
    CloudEvents,
}

impl Form {
    /// `None` if no reader reads this content type.
    pub(super) fn of(content_type: &str) -> Option<Self> {
        Some(match content_type {
            "application/x-www-form-urlencoded" => Self::UrlEncoded,
            "application/x-www-form-base64-encoded" => Self::Base64,
            "application/x-www-form-plaintext" | "x-www-form-plaintext" => Self::Plain,
            "application/cloudevents+json" | "application/cloudevents-batch+json" => Self::CloudEvents,
            ""
            | "text/xml"
            | "application/xml"
            | "text/csv"
            | "text/plain"
            | "application/json"
            | "application/x-ndjson"
            | "application/jsonl"
            | "application/gzip"
            | "application/octet-stream" => Self::AsItIs,
            _ => return None,
        })
    }

    fn unpacked(self, body: &[u8]) -> Vec<u8> {
        let value = body.strip_prefix(b"cdr=").unwrap_or(body);
        match self {
            Self::AsItIs => body.to_vec(),
            Self::Plain => value.to_vec(),
            // FreeSWITCH says "urlencoded" of what it has put into base64, too.
            Self::UrlEncoded if value.iter().all(|byte| byte.is_ascii_alphanumeric() || b"+/=".contains(byte)) => {
                STANDARD.decode(value).unwrap_or_else(|_| url_decoded(value))
            }
            Self::UrlEncoded => url_decoded(value),
            Self::Base64 => STANDARD.decode(value.trim_ascii()).unwrap_or_else(|_| value.to_vec()),
            Self::CloudEvents => data_of(body).unwrap_or_else(|| body.to_vec()),
        }
    }
}

fn url_decoded(value: &[u8]) -> Vec<u8> {
    let spaced: Vec<u8> = value.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect();
    percent_encoding::percent_decode(&spaced).collect()
}

/// Each event on a line of its own, its data last, since a reader knows only what came before an item;
/// `None` if these are no events.
fn data_of(body: &[u8]) -> Option<Vec<u8>> {
    let events: serde_json::Value = serde_json::from_slice(body).ok()?;
    let events = match events {
        serde_json::Value::Array(events) => events,
        event => vec![event],
    };
    let mut lines = Vec::new();
    for event in events {
        let serde_json::Value::Object(mut event) = event else { return None };
        let data = event.remove("data")?;
        let attributes = serde_json::Value::Object(event).to_string();
        let attributes = attributes.strip_suffix('}')?;
        let comma = if attributes.len() > 1 { "," } else { "" };
        lines.extend_from_slice(format!("{attributes}{comma}\"data\":{data}}}\n").as_bytes());
    }
    Some(lines)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_are_unpacked_as_they_are_said_to_be() {
        for (kind, body, wanted) in [
            ("application/x-www-form-urlencoded", "cdr=%3Ccdr%3E+%3C/cdr%3E", "<cdr> </cdr>"),
            ("application/x-www-form-urlencoded", "cdr=PGNkcj48L2Nkcj4=", "<cdr></cdr>"),
            ("application/x-www-form-base64-encoded", "cdr=PGNkcj48L2Nkcj4=", "<cdr></cdr>"),
            ("application/x-www-form-plaintext", "cdr=<cdr>+</cdr>", "<cdr>+</cdr>"),
            ("text/xml", "<cdr>+</cdr>", "<cdr>+</cdr>"),
            (
                "application/cloudevents+json",
                r#"{"data":{"a":1},"specversion":"1.0"}"#,
                "{\"specversion\":\"1.0\",\"data\":{\"a\":1}}\n",
            ),
            (
                "application/cloudevents-batch+json",
                r#"[{"data":{"a":1}},{"data":{"a":2}}]"#,
                "{\"data\":{\"a\":1}}\n{\"data\":{\"a\":2}}\n",
            ),
        ] {
            let unpacked = Form::of(kind).unwrap().unpacked(body.as_bytes());
            assert_eq!(String::from_utf8_lossy(&unpacked), wanted, "{kind}");
        }
        assert_eq!(Form::of("image/png"), None);
    }

    #[test]
    fn what_is_small_packed_and_huge_unpacked_is_too_long() {
        use std::io::Write as _;
        let packed = |length: usize| {
            let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
            packed.write_all(&vec![b' '; length]).unwrap();
            packed.finish().unwrap()
        };
        let longest = usize::try_from(LONGEST_UNPACKED).unwrap();
        assert_eq!(decompressed(packed(longest)).unwrap().len(), longest);
        assert!(decompressed(packed(longest + 1)).is_err());
        assert!(decompressed(packed(10)[..12].to_vec()).is_err(), "cut off");
        assert_eq!(&*decompressed(b"<cdr/>".to_vec()).unwrap(), b"<cdr/>");
    }
}
