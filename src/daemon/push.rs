//! `POST /intake/{name}`: usage from bridges that push. Answered after it is committed, and not before.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{ConnectInfo, Path, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use tokio::sync::{Semaphore, watch};

use super::active_config::ActiveConfig;
use super::push_bodies::{Form, unpacked};
use super::push_senders::{NotAllowed, Senders};
use crate::jobs::{Post, PostQueue};
use crate::web::network;

/// Of a body, in bytes.
pub(super) const LONGEST_BODY: usize = 16 * 1024 * 1024;
/// Bytes of all bodies that are being taken.
const ALL_BODIES: usize = 128 * 1024 * 1024;
/// How long a post waits for its turn before its sender is told to come again.
const PATIENCE: Duration = Duration::from_secs(5);
/// After this a sender may come again.
const COME_AGAIN: Duration = Duration::from_secs(5);

/// What all posts share. Cheap to clone.
#[derive(Clone)]
pub(super) struct Push {
    active: watch::Receiver<Arc<ActiveConfig>>,
    queue: PostQueue,
    bodies: Arc<Semaphore>,
    senders: Arc<Senders>,
}

impl Push {
    pub(super) fn new(active: watch::Receiver<Arc<ActiveConfig>>, queue: PostQueue) -> Self {
        Self { active, queue, bodies: Arc::new(Semaphore::new(ALL_BODIES)), senders: Arc::new(Senders::new()) }
    }

    pub(super) fn router(self) -> Router {
        Router::new().route("/intake/{name}", post(take)).route("/intake/{name}/{*rest}", post(take)).with_state(self)
    }
}

async fn take(
    State(push): State<Push>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    Path(path): Path<Vec<(String, String)>>,
    request: Request,
) -> Response {
    let part = |wanted: &str| path.iter().find(|(name, _)| name == wanted).map_or("", |(_, value)| value);
    let active = Arc::clone(&push.active.borrow());
    let (rules, asked) = (&active.context.settings.intake, (part("name"), request.headers()));
    let source = match push.senders.source(rules, asked, network(peer.ip())) {
        Ok(source) => source,
        Err(NotAllowed::Unknown) => {
            let challenge = (header::WWW_AUTHENTICATE, "Basic realm=\"intake\", Bearer");
            let why = "Name and token of the source are wanted.\n";
            return (StatusCode::UNAUTHORIZED, [challenge], why).into_response();
        }
        Err(NotAllowed::TooOften(wait)) => {
            let why = "Too many wrong tokens came from this network: wait.\n";
            return (StatusCode::TOO_MANY_REQUESTS, retry_after(wait), why).into_response();
        }
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
    let bodies = Arc::clone(&push.bodies);
    let Ok(Ok(room)) = tokio::time::timeout(PATIENCE, bodies.acquire_many_owned(permits)).await else {
        return come_again();
    };
    let Ok(body) = axum::body::to_bytes(request.into_body(), LONGEST_BODY).await else {
        return too_long();
    };
    let Ok(body) = unpacked(form, body).await else {
        return too_long();
    };
    match push.queue.store(Post { source, name, body, room }, PATIENCE).await {
        Some(outcome) => {
            let told = serde_json::to_string(&outcome).unwrap_or_default();
            (StatusCode::OK, [(header::CONTENT_TYPE, "application/json")], told).into_response()
        }
        None => come_again(),
    }
}

fn too_long() -> Response {
    (StatusCode::PAYLOAD_TOO_LARGE, "A body may have 16 MiB, and 32 MiB once it is unpacked from gzip, whole.\n")
        .into_response()
}

fn come_again() -> Response {
    let why = "It could not be stored now: send it again.\n";
    (StatusCode::SERVICE_UNAVAILABLE, retry_after(COME_AGAIN), why).into_response()
}

/// In whole seconds, rounded up.
fn retry_after(wait: Duration) -> [(header::HeaderName, String); 1] {
    [(header::RETRY_AFTER, (wait.as_secs() + 1).to_string())]
}

fn content_type(headers: &HeaderMap) -> String {
    let value = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}
