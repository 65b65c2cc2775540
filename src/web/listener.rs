//! Serves a router over HTTP/1.1 so that no client can stop it: everything that a client can do has a limit.
//!
//! axum's own `serve` waits for ever for a head that was half sent and takes as many connections as there are file
//! descriptors; the daemon needs those for its work.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::{ConnectInfo, DefaultBodyLimit};
use axum::http::{Request, Response, StatusCode};
use axum::response::IntoResponse;
use axum::{BoxError, Router};
use http_body_util::{BodyExt, Limited};
use hyper::body::{Frame, Incoming, SizeHint};
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{Instant, sleep_until, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::connections::{ConnectionSlot, Connections, Stage};

/// Longest head of a request, in bytes, and most lines in it.
const LONGEST_HEAD: usize = 32 * 1024;
const MOST_HEADERS: usize = 64;
/// After a connection could not be taken: whatever is missing (file descriptors, memory) needs time to come back.
const PAUSE: Duration = Duration::from_millis(200);
/// The same error is logged once in this time.
const TELL_EVERY: Duration = Duration::from_mins(1);

/// What clients may take of this process.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// At once. Further ones wait, or take the place of one that waits for its next request.
    pub connections: usize,
    /// For a request's head, also between two requests.
    pub head: Duration,
    /// From a request's head to that of its answer, reading the body included.
    pub answer: Duration,
    /// From a request's head to the last byte of its answer; of one [`OfAnyLength`], from one piece to the next.
    pub request: Duration,
    /// Longest body of a request in bytes; a route may have a shorter limit (`DefaultBodyLimit`), not a longer one.
    pub body: usize,
}

/// Put into an answer's extensions: it may take long, as long as the client takes piece after piece of it.
#[derive(Debug, Clone, Copy)]
pub struct OfAnyLength;

/// Serves until `stop`; then lets what is being answered end, for `limits.answer` at most. Handlers find the client's
/// address as `ConnectInfo<SocketAddr>`.
pub async fn serve(listener: TcpListener, router: Router, limits: Limits, stop: CancellationToken) {
    let router = TowerToHyperService::new(router.layer(DefaultBodyLimit::disable()));
    let connections = Connections::new(limits.connections);
    let (tasks, cut) = (TaskTracker::new(), CancellationToken::new());
    let take = async {
        let mut told = None;
        loop {
            let Some((stream, peer)) = accept(&listener, &connections, &mut told).await else { continue };
            let Some(place) = connections.place().await else { break };
            let conversation = converse(stream, peer, router.clone(), limits, Arc::new(place), stop.clone());
            let cut = cut.clone();
            tasks.spawn(async move { cut.run_until_cancelled(conversation).await });
        }
    };
    stop.run_until_cancelled(take).await;
    drop(listener);
    tasks.close();
    if timeout(limits.answer, tasks.wait()).await.is_err() {
        cut.cancel();
        tasks.wait().await;
    }
}

/// `None` if one could not be accepted; the next one may be.
async fn accept(
    listener: &TcpListener,
    connections: &Connections,
    told: &mut Option<Instant>,
) -> Option<(TcpStream, SocketAddr)> {
    use std::io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    match listener.accept().await {
        Ok(accepted) => Some(accepted),
        // The client left before its turn came.
        Err(error) if matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset) => None,
        Err(error) => {
            if told.is_none_or(|told| told.elapsed() > TELL_EVERY) {
                tracing::warn!("An HTTP connection could not be taken, which is tried again: {error}");
                *told = Some(Instant::now());
            }
            connections.cut_longest_waiting();
            tokio::time::sleep(PAUSE).await;
            None
        }
    }
}

/// Answers one client until it leaves, exceeds a limit, or has to give way.
async fn converse(
    stream: TcpStream,
    peer: SocketAddr,
    router: TowerToHyperService<Router>,
    limits: Limits,
    place: Arc<ConnectionSlot>,
    stop: CancellationToken,
) {
    let mut stages = place.stages();
    let requests = Arc::clone(&place);
    let service = service_fn(move |request| answer(request, peer, router.clone(), limits, Arc::clone(&requests)));
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.head)
        .max_buf_size(LONGEST_HEAD)
        .max_header_size(LONGEST_HEAD)
        .max_headers(MOST_HEADERS)
        .serve_connection(TokioIo::new(stream), service);
    tokio::pin!(connection);
    let mut is_stopping = false;
    loop {
        let stage = *stages.borrow_and_update();
        let overdue = async {
            match stage {
                // Bounded by `limits.head`.
                Stage::Waiting => std::future::pending().await,
                Stage::Answering(since) => sleep_until(since + limits.request).await,
            }
        };
        tokio::select! {
            // Errors of a client's connection are not logged.
            _ = connection.as_mut() => return,
            () = place.gives_way() => return,
            () = overdue => return,
            _ = stages.changed() => {}
            () = stop.cancelled(), if !is_stopping => {
                if stage == Stage::Waiting {
                    return;
                }
                is_stopping = true;
                connection.as_mut().graceful_shutdown();
            }
        }
    }
}

async fn answer(
    request: Request<Incoming>,
    peer: SocketAddr,
    router: TowerToHyperService<Router>,
    limits: Limits,
    place: Arc<ConnectionSlot>,
) -> Result<Response<Body>, Infallible> {
    let under_way = place.answer();
    let is_too_long = request.body().size_hint().lower() > limits.body as u64;
    let mut request = request.map(|body| {
        let place = Arc::clone(&place);
        Body::new(Coming::new(Limited::new(body, limits.body), place))
    });
    request.extensions_mut().insert(ConnectInfo(peer));
    let response = if is_too_long {
        refusal(StatusCode::PAYLOAD_TOO_LARGE)
    } else {
        match timeout(limits.answer, router.call(request)).await {
            Ok(Ok(response)) => response,
            Ok(Err(never)) => match never {},
            Err(_) => refusal(StatusCode::SERVICE_UNAVAILABLE),
        }
    };
    place.has_come();
    // Under way until the answer's last byte is handed over, or the client is gone.
    let is_of_any_length = response.extensions().get::<OfAnyLength>().is_some();
    Ok(response.map(|body| {
        Body::new(body.map_frame(move |frame| {
            if is_of_any_length {
                under_way.goes_on();
            }
            let _until_dropped = &under_way;
            frame
        }))
    }))
}

/// A request's body that is still coming: until its end is here, its connection may be closed for others. Sent drop
/// by drop, it would keep a place for the whole time that an answer may take.
struct Coming {
    body: Limited<Incoming>,
    place: Arc<ConnectionSlot>,
}

impl Coming {
    fn new(body: Limited<Incoming>, place: Arc<ConnectionSlot>) -> Self {
        if body.is_end_stream() {
            place.has_come();
        }
        Self { body, place }
    }
}

impl HttpBody for Coming {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut std::task::Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let frame = Pin::new(&mut self.body).poll_frame(context);
        if matches!(frame, Poll::Ready(None)) || self.body.is_end_stream() {
            self.place.has_come();
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// For what never reaches a handler. The connection ends: the rest of the request may still be on its way.
fn refusal(status: StatusCode) -> Response<Body> {
    let headers = [("cache-control", "no-store"), ("x-content-type-options", "nosniff"), ("connection", "close")];
    (status, headers, format!("{status}\n")).into_response()
}

#[cfg(test)]
#[path = "listener_tests.rs"]
mod tests;
