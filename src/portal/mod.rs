//! The online consultation: accounts, rooms and conferences month by month, for those they belong to.
//!
//! Plain pages, links and forms on a listener of its own; nothing runs in the browser. Reading order: `routes` (the
//! table of everything that can be asked for), `dispatch` (who asks, what they may see, which handler answers),
//! `visit` (what handlers get), `lists`, `list_cache` and `statements` (what is shown), `codes` and `code_offer`
//! (what is given), `sign_in`, `session`, `link` and `me` (passwords and sessions), `passwords`, `throttle` and
//! `client` (what they build on), `respond` (answers and their headers), `shared` (what all requests have in common);
//! `staff` (the operator's own people, who have pages of their own).

mod blocklist;
mod client;
mod code_offer;
mod codes;
mod dispatch;
mod link;
mod list_cache;
mod lists;
mod me;
pub(crate) mod passwords;
mod respond;
mod routes;
mod second_factor;
mod session;
mod shared;
mod sign_in;
mod staff;
mod statements;
mod throttle;
mod visit;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::Response;
use tokio::net::TcpListener;
use tokio::sync::{Notify, Semaphore};
use tokio_util::sync::CancellationToken;
use tower_http::csrf::CsrfLayer;

use crate::config::Portal as Settings;
use crate::jobs::{LiveDifference, Months};
use crate::web;
use passwords::Passwords;
use shared::Shared;
use throttle::Throttle;

pub use routes::{ROUTES, Route, Who};
pub use shared::Parts;
pub use staff::{STAFF_ROUTES, StaffRoute, StaffWho, guest_paths};

/// Downloads that are made at the same time.
const DOWNLOADS_AT_ONCE: usize = 2;
/// How often months that have closed are compared with what was shown of them before.
const COMPARE_EVERY: Duration = Duration::from_mins(1);
/// How many rooms and accounts were closed with other figures than were shown.
const LIVE_DIFFERS: &str = "statementd_live_differs_total";
/// How often expired sessions and links are deleted.
const FORGET_EVERY: Duration = Duration::from_hours(1);
/// What clients may take; bodies that are too long are answered by a page, up to this length.
const LIMITS: web::Limits = web::Limits {
    connections: 512,
    head: Duration::from_secs(20),
    answer: Duration::from_mins(1),
    request: Duration::from_mins(5),
    body: 1024 * 1024,
};

/// The listener, bound and not yet serving.
pub struct Portal {
    listener: TcpListener,
    shared: Arc<Shared>,
    csrf: CsrfLayer<respond::Foreign>,
    hosts: web::Hosts,
}

impl Portal {
    /// Binds the listener. `mail` is notified when there is something to send.
    pub async fn bind(
        listen: SocketAddr,
        settings: &Settings,
        parts: Parts,
        mail: Arc<Notify>,
    ) -> anyhow::Result<Self> {
        let listener = TcpListener::bind(listen).await.with_context(|| format!("portal.listen = \"{listen}\""))?;
        let url = settings.url.as_ref().map(ToString::to_string).unwrap_or_default();
        let origin = url.trim_end_matches('/').to_owned();
        let host = url::Url::parse(&origin).ok().and_then(|url| url.host_str().map(str::to_owned));
        let hosts = web::Hosts::new(listener.local_addr()?, host);
        let csrf =
            CsrfLayer::new().add_trusted_origin(&origin).with_context(|| format!("portal.url = {origin:?}"))?;
        let shared = Shared {
            parts,
            months: Months::default(),
            lists: list_cache::ListCache::default(),
            passwords: Passwords::new()?,
            throttle: Throttle::new(),
            downloads: Semaphore::new(DOWNLOADS_AT_ONCE),
            staff: staff::Office::default(),
            trusted_proxies: settings.trusted_proxies.clone(),
            is_secure: origin.starts_with("https://"),
            mail,
        };
        Ok(Self { listener, shared: Arc::new(shared), csrf: csrf.with_rejection_response(respond::Foreign), hosts })
    }

    pub fn address(&self) -> std::io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Serves until `stop`.
    pub async fn serve(self, stop: CancellationToken) {
        let shared = Arc::clone(&self.shared);
        let router = Router::new()
            .fallback(answer)
            .with_state(Arc::clone(&self.shared))
            .layer(self.csrf)
            .layer(axum::middleware::from_fn_with_state(self.hosts, web::only_known_hosts))
            .layer(axum::middleware::from_fn_with_state(self.shared, respond::finish));
        let served = web::serve(self.listener, router, LIMITS, stop.clone());
        tokio::join!(served, forget(&shared, &stop), compare(&shared, &stop));
    }
}

/// Answers any request.
async fn answer(
    State(shared): State<Arc<Shared>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
) -> Response<Body> {
    let context = (shared.parts)();
    if staff::is_for_staff(request.uri().path()) {
        staff::answer(shared, context, peer, request).await
    } else {
        dispatch::answer(shared, context, peer, request).await
    }
}

/// Deletes expired sessions and links from time to time.
async fn forget(shared: &Shared, stop: &CancellationToken) {
    while stop.run_until_cancelled(tokio::time::sleep(FORGET_EVERY)).await.is_some() {
        let context = (shared.parts)();
        let forgotten = async {
            let mut tx = context.store.write().await?;
            tx.portal_sessions().forget_ended(context.settings.portal.session, context.clock.now()).await?;
            tx.staff_sessions().forget_ended(context.settings.portal.session, context.clock.now()).await?;
            tx.commit().await
        };
        if let Err(error) = forgotten.await {
            tracing::warn!("Ended sessions could not be forgotten, which is tried again: {error}");
        }
    }
}

/// Compares what was shown of months with their figures when they closed. A difference is logged, and changes
/// nothing.
async fn compare(shared: &Shared, stop: &CancellationToken) {
    metrics::counter!(LIVE_DIFFERS).absolute(0);
    while stop.run_until_cancelled(tokio::time::sleep(COMPARE_EVERY)).await.is_some() {
        match shared.months.compare_with_closings(&(shared.parts)()).await {
            Ok(differences) => {
                metrics::counter!(LIVE_DIFFERS).increment(differences.len() as u64);
                for LiveDifference { account, period, room, .. } in differences {
                    let what = if room.is_some() { "a room" } else { "the account" };
                    tracing::error!(
                        %account, %period, what,
                        "A month closed with other figures than were shown online before, of the same usage; the closing counts: \
                         please report this"
                    );
                }
            }
            Err(error) => tracing::warn!("Closed months could not be compared with what was shown of them: {error}"),
        }
    }
}
