//! Answers: pages, redirections, files, refusals; and the headers that each of them has.

use std::io::Write as _;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode, header};
use axum::middleware::Next;
use flate2::Compression;
use flate2::write::GzEncoder;
use tower_http::csrf::{ProtectionError, ResponseForProtectionError};

use super::passwords::PasswordError;
use super::shared::Shared;
use crate::content::Content;
use crate::jobs::JobError;
use crate::render::{Frame, Message, RenderError, Renderer};
use crate::store::StoreError;
use crate::web::TooOften;

/// Nothing runs, nothing comes from elsewhere, no other page may show or open this one.
const HEADERS: [(HeaderName, HeaderValue); 7] = [
    (
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(
            "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; \
             frame-ancestors 'none'",
        ),
    ),
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    // "no-referrer" would let browsers send "Origin: null" with forms.
    (header::REFERRER_POLICY, HeaderValue::from_static("same-origin")),
    (HeaderName::from_static("cross-origin-opener-policy"), HeaderValue::from_static("same-origin")),
    (HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("same-origin")),
    (
        HeaderName::from_static("permissions-policy"),
        HeaderValue::from_static("camera=(), geolocation=(), microphone=()"),
    ),
];
/// Of statement files: they contain their style, and are cut off from the pages around them.
const STATEMENT_POLICY: HeaderValue =
    HeaderValue::from_static("sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:");
const STRICT_TRANSPORT: HeaderValue = HeaderValue::from_static("max-age=31536000");

/// When to try again what is busy or away.
const TRY_AGAIN: Duration = Duration::from_secs(5);

/// Answers a form that another site sent; [`finish`] puts the page in.
#[derive(Debug, Clone, Copy)]
pub(super) struct Foreign;

impl ResponseForProtectionError<Body> for Foreign {
    fn response_for_protection_error(&mut self, _: ProtectionError) -> Response<Body> {
        with_status(StatusCode::FORBIDDEN, Response::new(Body::empty()))
    }
}

/// Why a request is refused.
#[derive(Debug)]
pub(super) enum Refusal {
    /// There is no such thing, or not for this viewer; the two are never distinguished.
    NotFound,
    /// No one is signed in: first the sign-in page, then here.
    SignInFirst,
    Said(StatusCode, Message),
    TooOften(TooOften),
    /// The database does not answer; why.
    Away(String),
    /// A failure of our own; the log says which.
    Broken(String),
}

/// A refusal's answer: status, text, and how long to wait before the next try, if that helps.
pub(super) type Told = (StatusCode, Message, Option<Duration>);

impl Refusal {
    /// `None` if the person has to sign in first. A failure of our own goes to the log: `page` could not be made.
    pub(super) fn told(self, page: &str) -> Option<Told> {
        match self {
            Self::NotFound => Some((StatusCode::NOT_FOUND, Message::NotFound, None)),
            Self::SignInFirst => None,
            Self::Said(status, message) => {
                let is_passing = status == StatusCode::SERVICE_UNAVAILABLE;
                Some((status, message, is_passing.then_some(TRY_AGAIN)))
            }
            Self::TooOften(TooOften(wait)) => Some((StatusCode::TOO_MANY_REQUESTS, Message::TooOften, Some(wait))),
            Self::Away(why) => {
                tracing::warn!("{page} could not be made, for the database does not answer: {why}");
                Some((StatusCode::SERVICE_UNAVAILABLE, Message::Unavailable, Some(TRY_AGAIN)))
            }
            Self::Broken(why) => {
                tracing::error!("{page} could not be made: {why}");
                Some((StatusCode::INTERNAL_SERVER_ERROR, Message::Broken, None))
            }
        }
    }
}

impl From<JobError> for Refusal {
    fn from(error: JobError) -> Self {
        Self::Broken(error.to_string())
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        Self::from(&error)
    }
}

impl From<&StoreError> for Refusal {
    fn from(error: &StoreError) -> Self {
        if error.is_away() { Self::Away(error.to_string()) } else { Self::Broken(error.to_string()) }
    }
}

/// An error of a reading that several requests have waited for.
impl From<Arc<StoreError>> for Refusal {
    fn from(error: Arc<StoreError>) -> Self {
        Self::from(error.as_ref())
    }
}

impl From<RenderError> for Refusal {
    fn from(error: RenderError) -> Self {
        Self::Broken(error.to_string())
    }
}

impl From<PasswordError> for Refusal {
    fn from(error: PasswordError) -> Self {
        match error {
            PasswordError::Busy => Self::Said(StatusCode::SERVICE_UNAVAILABLE, Message::Busy),
            PasswordError::Failed(why) => Self::Broken(why),
        }
    }
}

impl From<TooOften> for Refusal {
    fn from(error: TooOften) -> Self {
        Self::TooOften(error)
    }
}

/// Adds the headers to every answer, and the page to those that were made elsewhere.
pub(super) async fn finish(State(shared): State<Arc<Shared>>, request: Request, next: Next) -> Response<Body> {
    let language = language(&(shared.parts)().renderer, request.headers());
    let mut response = next.run(request).await;
    if response.extensions().get::<ProtectionError>().is_some() {
        let frame = Frame { language, ..Frame::default() };
        let page = (shared.parts)().renderer.message_page(&frame, Message::Foreign).unwrap_or_default();
        response = with_status(StatusCode::FORBIDDEN, html(page));
    }
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.entry(name).or_insert(value);
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    if shared.is_secure {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, STRICT_TRANSPORT);
    }
    response
}

/// That of a page that belongs to no account.
pub(super) fn language(renderer: &Renderer, headers: &HeaderMap) -> String {
    let accepted = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    renderer.portal_language(accepted.unwrap_or_default())
}

pub(super) fn html(page: Vec<u8>) -> Response<Body> {
    bytes("text/html; charset=utf-8", page)
}

/// How a list's page is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Packing {
    Plain,
    Gzip,
}

/// Compressed for clients that accept it, but never if another site led to the page: that site must learn nothing
/// from lengths.
pub(super) fn packing(headers: &HeaderMap) -> Packing {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let takes_gzip = text("accept-encoding").split(',').any(|encoding| {
        let (name, quality) = encoding.split_once(';').unwrap_or((encoding, ""));
        let refused = quality.trim().strip_prefix("q=").is_some_and(|q| q.parse::<f32>().is_ok_and(|q| q <= 0.0));
        name.trim().eq_ignore_ascii_case("gzip") && !refused
    });
    let is_own = ["", "none", "same-origin"].contains(&text("sec-fetch-site"));
    if takes_gzip && is_own { Packing::Gzip } else { Packing::Plain }
}

/// The page of a list; it contains no secret.
pub(super) fn list_page(page: Vec<u8>, packing: Packing) -> std::io::Result<Response<Body>> {
    let mut response = match packing {
        Packing::Plain => html(page),
        Packing::Gzip => {
            let mut packed = GzEncoder::new(Vec::with_capacity(page.len() / 4), Compression::fast());
            packed.write_all(&page)?;
            let mut response = html(packed.finish()?);
            response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
            response
        }
    };
    response.headers_mut().insert(header::VARY, HeaderValue::from_static("accept-encoding, sec-fetch-site"));
    Ok(response)
}

pub(super) fn bytes(media_type: &str, content: Vec<u8>) -> Response<Body> {
    let mut response = Response::new(Body::from(content));
    if let Ok(value) = media_type.parse() {
        response.headers_mut().insert(header::CONTENT_TYPE, value);
    }
    response
}

pub(super) fn with_status(status: StatusCode, mut response: Response<Body>) -> Response<Body> {
    *response.status_mut() = status;
    response
}

pub(super) fn see_other(path: &str) -> Response<Body> {
    let mut response = with_status(StatusCode::SEE_OTHER, Response::new(Body::empty()));
    if let Ok(value) = path.parse() {
        response.headers_mut().insert(header::LOCATION, value);
    }
    response
}

/// What changes its name with its content may be kept.
pub(super) fn asset(media_type: &str, content: Vec<u8>) -> Response<Body> {
    let mut response = bytes(media_type, content);
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable"));
    response
}

/// A statement's own page, which is shown and not saved.
pub(super) fn statement_page(content: Vec<u8>) -> Response<Body> {
    let mut response = html(content);
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, STATEMENT_POLICY);
    response
}

/// A file to be saved under `name`, which is ASCII.
pub(super) fn file(media_type: &str, name: &str, content: Content) -> std::io::Result<Response<Body>> {
    let (body, length) = match content {
        Content::Memory(bytes) => {
            let length = bytes.len() as u64;
            (Body::from(bytes), length)
        }
        Content::Disk(file) => {
            let length = file.metadata()?.len();
            (from_disk(file), length)
        }
    };
    let mut response = Response::new(body);
    let name: String = name.chars().filter(|c| c.is_ascii_alphanumeric() || "-._".contains(*c)).collect();
    for (header, value) in [
        (header::CONTENT_TYPE, media_type.to_owned()),
        (header::CONTENT_LENGTH, length.to_string()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
    ] {
        response.headers_mut().insert(header, value.parse().map_err(std::io::Error::other)?);
    }
    Ok(response)
}

/// A large file, read as the client takes it.
fn from_disk(file: std::fs::File) -> Body {
    use tokio::io::AsyncReadExt;

    const PIECE: usize = 64 * 1024;
    let file = tokio::fs::File::from_std(file);
    Body::from_stream(futures_util::stream::try_unfold(file, |mut file| async move {
        let mut piece = vec![0; PIECE];
        let read = file.read(&mut piece).await?;
        piece.truncate(read);
        Ok::<_, std::io::Error>((read > 0).then_some((Bytes::from(piece), file)))
    }))
}

/// The page of a refusal; the same for all who get it.
pub(super) fn refused(renderer: &Renderer, frame: &Frame, refusal: Refusal) -> Response<Body> {
    let Some(told) = refusal.told("A page of the online consultation") else { return see_other("/sign-in") };
    let frame = Frame { signed_in: None, ..frame.clone() };
    refusal_page(told, renderer.message_page(&frame, told.1).unwrap_or_default())
}

/// `page` as the answer of a refusal.
pub(super) fn refusal_page((status, _, wait): Told, page: Vec<u8>) -> Response<Body> {
    let response = with_status(status, html(page));
    match wait {
        Some(wait) => retry_after(wait, response),
        None => response,
    }
}

pub(super) fn retry_after(wait: Duration, mut response: Response<Body>) -> Response<Body> {
    let seconds = (wait.as_secs() + 1).to_string();
    if let Ok(value) = seconds.parse() {
        response.headers_mut().insert(header::RETRY_AFTER, value);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_packed_for_those_who_take_it_and_never_where_another_site_led_there() {
        for (accepted, site, expected) in [
            ("gzip, deflate, br", "same-origin", Packing::Gzip),
            ("br;q=1.0, GZIP;q=0.5", "none", Packing::Gzip),
            ("gzip", "", Packing::Gzip),
            ("gzip;q=0, br", "none", Packing::Plain),
            ("", "none", Packing::Plain),
            ("gzip", "cross-site", Packing::Plain),
            ("gzip", "same-site", Packing::Plain),
        ] {
            let mut headers = HeaderMap::new();
            for (name, value) in [("accept-encoding", accepted), ("sec-fetch-site", site)] {
                if !value.is_empty() {
                    headers.insert(name, HeaderValue::from_static(value));
                }
            }
            assert_eq!(packing(&headers), expected, "{accepted} {site}");
        }
    }
}
