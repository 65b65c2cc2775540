//! `POST /intake/{name}`: usage from bridges that push. Answered after it is committed, and not before.

use std::io::{self, Read as _};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::bufread::MultiGzDecoder;
use secrecy::ExposeSecret;
use tokio::sync::{Semaphore, watch};

use super::active_config::ActiveConfig;
use crate::digest::sha256_hex;
use crate::jobs::{Place, Post, PostQueue, UsageSource};

/// Of a body, in bytes.
pub(super) const LONGEST_BODY: usize = 16 * 1024 * 1024;
/// Of a body that was compressed: what is read of it is kept until it is stored.
const LONGEST_UNPACKED: u64 = 32 * 1024 * 1024;
const GZIP: &[u8] = b"\x1f\x8b";
/// Bytes of all bodies that are being taken.
const ALL_BODIES: usize = 128 * 1024 * 1024;
/// How long a post waits for its turn before its sender is told to come again.
const PATIENCE: Duration = Duration::from_secs(5);
/// Seconds after which a sender may come again.
const RETRY_AFTER: &str = "5";

/// What all posts share. Cheap to clone.
#[derive(Clone)]
pub(super) struct Push {
    active: watch::Receiver<Arc<ActiveConfig>>,
    queue: PostQueue,
    bodies: Arc<Semaphore>,
}

impl Push {
    pub(super) fn new(active: watch::Receiver<Arc<ActiveConfig>>, queue: PostQueue) -> Self {
        Self { active, queue, bodies: Arc::new(Semaphore::new(ALL_BODIES)) }
    }

    pub(super) fn router(self) -> Router {
        Router::new().route("/intake/{name}", post(take)).route("/intake/{name}/{*rest}", post(take)).with_state(self)
    }

    /// The source of this name, if the sender knows its token.
    fn source(&self, name: &str, headers: &HeaderMap) -> Option<UsageSource> {
        let active = self.active.borrow();
        let mut sources = active.context.settings.intake.sources.iter();
        let source = sources.find(|source| source.name == name && matches!(source.place, Place::Http))?;
        let wanted = source.token.as_ref()?.expose_secret();
        let given = given_token(headers)?;
        // Of digests, the time that a comparison takes tells nothing.
        (sha256_hex(wanted.as_bytes()) == sha256_hex(given.as_bytes())).then(|| source.clone())
    }
}

/// A bearer token, or the password of Basic authentication.
fn given_token(headers: &HeaderMap) -> Option<String> {
    let (scheme, value) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.trim().split_once(' ')?;
    if scheme.eq_ignore_ascii_case("bearer") {
        return Some(value.trim().to_owned());
    }
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = String::from_utf8(STANDARD.decode(value.trim()).ok()?).ok()?;
    decoded.split_once(':').map(|(_, password)| password.to_owned())
}

async fn take(State(push): State<Push>, Path(path): Path<Vec<(String, String)>>, request: Request) -> Response {
    let part = |wanted: &str| path.iter().find(|(name, _)| name == wanted).map_or("", |(_, value)| value);
    let Some(source) = push.source(part("name"), request.headers()) else {
        let challenge = (header::WWW_AUTHENTICATE, "Basic realm=\"intake\", Bearer");
        return (StatusCode::UNAUTHORIZED, [challenge], "Name and token of the source are wanted.\n").into_response();
    };
    let kind = content_type(request.headers());
    let Some(form) = Form::of(&kind) else {
        let why = "Usage is wanted as a form with cdr=, XML, JSON, CloudEvents or CSV.\n";
        return (StatusCode::UNSUPPORTED_MEDIA_TYPE, why).into_response();
    };
    let query = request.uri().query().unwrap_or_default();
    let id = query.split('&').find_map(|pair| pair.strip_prefix("uuid=")).unwrap_or_default();
    let name = [part("rest"), id].into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join("/");
    let length = request.headers().get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    let length: usize = length.unwrap_or(LONGEST_BODY);
    if length > LONGEST_BODY {
        return too_long();
    }
    let permits = u32::try_from(length.max(1)).unwrap_or(u32::MAX);
    let Ok(Ok(_bytes)) = tokio::time::timeout(PATIENCE, push.bodies.acquire_many(permits)).await else {
        return come_again();
    };
    let Ok(body) = axum::body::to_bytes(request.into_body(), LONGEST_BODY).await else {
        return too_long();
    };
    let Ok(Ok(body)) = tokio::task::spawn_blocking(move || decompressed(form.unpacked(&body))).await else {
        return too_long();
    };
    match push.queue.store(Post { source, name, body }, PATIENCE).await {
        Some(outcome) => {
            let told = serde_json::to_string(&outcome).unwrap_or_default();
            (StatusCode::OK, [(header::CONTENT_TYPE, "application/json")], told).into_response()
        }
        None => come_again(),
    }
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

fn too_long() -> Response {
    (StatusCode::PAYLOAD_TOO_LARGE, "A body may have 16 MiB, and 32 MiB once it is unpacked from gzip, whole.\n")
        .into_response()
}

fn come_again() -> Response {
    let headers = [(header::RETRY_AFTER, RETRY_AFTER)];
    (StatusCode::SERVICE_UNAVAILABLE, headers, "It could not be stored now: send it again.\n").into_response()
}

fn content_type(headers: &HeaderMap) -> String {
    let value = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// How a body holds what a reader reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    AsItIs,
    /// `cdr=` with its value percent-encoded, in base64, or as it is: FreeSWITCH.
    UrlEncoded,
    Base64,
    Plain,
    /// The `data` of one event or of several.
    CloudEvents,
}

impl Form {
    /// `None`: no reader reads what this is said to be.
    fn of(content_type: &str) -> Option<Self> {
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

/// Each event on a line of its own, its data last, since a reader knows of what stands around only what came before;
/// `None`: these are no events.
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

    #[test]
    fn a_token_is_a_bearer_s_or_a_password() {
        let given = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::AUTHORIZATION, value.parse().unwrap());
            given_token(&headers)
        };
        assert_eq!(given("Bearer s3cret").as_deref(), Some("s3cret"));
        assert_eq!(given("basic dXNlcjpzM2M6cmV0").as_deref(), Some("s3c:ret"));
        assert_eq!(given("Digest x"), None);
    }
}
