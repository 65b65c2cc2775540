//! What handlers get: a request with who it is from and what they may see, which `dispatch` has settled.

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Response, StatusCode};
use serde::de::DeserializeOwned;

use super::respond::Refusal;
use super::routes::Parameters;
use super::shared::Shared;
use crate::domain::RoomNumber;
use crate::jobs::Context;
use crate::render::{Frame, Message};
use crate::store::{AccountAccess, StoreError, Viewer};

/// Longest body of a form, in bytes.
const LONGEST_BODY: usize = 64 * 1024;

/// What handlers get.
pub(super) struct Visit {
    pub(super) shared: Arc<Shared>,
    pub(super) context: Context,
    pub(super) frame: Frame,
    pub(super) parameters: Parameters,
    pub(super) query: String,
    pub(super) path: String,
    pub(super) headers: HeaderMap,
    /// The network by which limits count the client.
    pub(super) network: std::net::IpAddr,
    /// Anyone who is signed in.
    pub(super) viewer: Option<Viewer>,
    /// Set for routes about an account.
    pub(super) access: Option<AccountAccess>,
    /// Set for routes about a room.
    pub(super) room: Option<RoomNumber>,
    pub(super) body: Vec<u8>,
}

/// An answer, or why there is none.
pub(super) type Answer = Result<Response<Body>, Refusal>;

/// A request's body, which may have [`LONGEST_BODY`] bytes.
pub(super) async fn whole_body(body: Body) -> Result<Vec<u8>, Refusal> {
    let read = to_bytes(body, LONGEST_BODY).await;
    read.map(Vec::from).map_err(|_| Refusal::Said(StatusCode::PAYLOAD_TOO_LARGE, Message::TooLarge))
}

/// The form that a body is.
pub(super) fn form_of<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refusal> {
    serde_urlencoded::from_bytes(body).map_err(|_| Refusal::Said(StatusCode::BAD_REQUEST, Message::NotAllowed))
}

/// Writes something in the background; the answer neither waits for it nor fails with it. `what` names it in the log.
pub(super) fn write_beside(
    what: &'static str,
    writing: impl Future<Output = Result<(), StoreError>> + Send + 'static,
) {
    tokio::spawn(async move {
        if let Err(error) = writing.await {
            tracing::warn!("{what} could not be written down: {error}");
        }
    });
}

impl Visit {
    /// The person who is signed in; routes for anyone have none.
    pub(super) fn viewer(&self) -> Result<&Viewer, Refusal> {
        self.viewer.as_ref().ok_or(Refusal::SignInFirst)
    }

    pub(super) fn access(&self) -> Result<&AccountAccess, Refusal> {
        self.access.as_ref().ok_or(Refusal::NotFound)
    }

    pub(super) fn room(&self) -> Result<&RoomNumber, Refusal> {
        self.room.as_ref().ok_or(Refusal::NotFound)
    }

    /// The form that was sent.
    pub(super) fn form<T: DeserializeOwned>(&self) -> Result<T, Refusal> {
        form_of(&self.body)
    }

    /// The query string; what cannot be read in it was not asked for.
    pub(super) fn query<T: DeserializeOwned + Default>(&self) -> T {
        serde_urlencoded::from_str(&self.query).unwrap_or_default()
    }
}
