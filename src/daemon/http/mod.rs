//! The daemon's read-only HTTP endpoints: `/healthz`, `/readyz`, `/metrics`, and a status page.
//!
//! A request does not make work, and does not wait for a part that is away: what was seen last is served, with its
//! age, and looked at again in the background, once however many ask for it.

mod answer_cache;
mod page;

use std::fmt::Write;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use axum::Router;
use axum::extract::State;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::active_config::ActiveConfig;
use super::liveness::Liveness;
use super::metrics::Metrics;
use super::push::{LONGEST_BODY, Push};
use super::reload::ReloadReport;
use super::snapshot::Snapshot;
use super::supervisor::Supervisor;
use crate::domain::Zone;
use crate::fault_injection;
use crate::jobs::{Attention, Item, PARTS_AGE, Part, Topic, look_at_parts};
use crate::web::{Hosts, Limits, only_known_hosts, serve};
use answer_cache::{AnswerCache, CachedAnswer};

/// How long a reading of the database serves all who ask.
const SNAPSHOT_AGE: Duration = Duration::from_secs(10);
/// The database must answer within this.
const SNAPSHOT_PATIENCE: Duration = Duration::from_secs(5);

/// Limits for probes, which are few, small and answered soon; more requests take nothing from the work.
const LIMITS: Limits = Limits {
    connections: 64,
    head: Duration::from_secs(10),
    answer: Duration::from_mins(1),
    request: Duration::from_secs(90),
    // The limit of a posted body; other requests have none.
    body: LONGEST_BODY,
};
/// A listener of bridges' own has room for many that post at once.
const PUSH_LIMITS: Limits = Limits { connections: 256, ..LIMITS };
/// How long answers that are under way may hold up the end of the process.
const LONGEST_STOP: Duration = Duration::from_secs(2);

/// What the answers are made of. Cheap to clone.
#[derive(Clone)]
pub(super) struct Health {
    active: watch::Receiver<Arc<ActiveConfig>>,
    reload: watch::Receiver<ReloadReport>,
    liveness: Liveness,
    supervisor: Supervisor,
    metrics: Metrics,
    snapshot: Arc<AnswerCache<Result<Snapshot, String>>>,
    parts: Arc<AnswerCache<Vec<Part>>>,
}

/// What a listener serves.
#[derive(Clone)]
pub(super) enum Served {
    /// Health, metrics and status; and posts, where they have no listener of their own.
    Health(Box<Health>, Option<Push>),
    Push(Push),
}

/// A running server; it ends when this is dropped.
pub(super) struct Server {
    task: JoinHandle<()>,
    stop: CancellationToken,
}

impl Server {
    /// `names` are those that it is asked by, beside its addresses.
    pub(super) async fn start(
        listen: SocketAddr,
        names: impl IntoIterator<Item = impl AsRef<str>>,
        served: Served,
    ) -> anyhow::Result<Self> {
        let key = if matches!(served, Served::Push(_)) { "http.intake_listen" } else { "http.listen" };
        let listener = TcpListener::bind(listen).await.with_context(|| format!("{key} = \"{listen}\""))?;
        let hosts = Hosts::new(listen, names);
        let (router, limits) = match served {
            Served::Health(health, push) => {
                tracing::info!(address = %listener.local_addr()?, "Health, metrics and status are served");
                (router(*health, hosts, push), LIMITS)
            }
            Served::Push(push) => {
                tracing::info!(address = %listener.local_addr()?, "Usage can be posted");
                (push_router(push, hosts), PUSH_LIMITS)
            }
        };
        let stop = CancellationToken::new();
        let stopped = stop.clone();
        let task = tokio::spawn(async move {
            fault_injection::point("http");
            serve(listener, router, limits, stopped).await;
        });
        Ok(Self { task, stop })
    }

    /// Serves until `finished`, and then waits a moment for those that are being answered. Ends before only if
    /// serving does, which it should not, and with its panic, if that is why.
    pub(super) async fn serve_until(mut self, finished: CancellationToken) {
        tokio::select! {
            () = finished.cancelled() => {
                self.stop.cancel();
                let _ = tokio::time::timeout(LONGEST_STOP, &mut self.task).await;
            }
            ended = &mut self.task => match ended {
                Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
                _ => {}
            }
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Health {
    pub(super) fn new(
        active: watch::Receiver<Arc<ActiveConfig>>,
        reload: watch::Receiver<ReloadReport>,
        (liveness, supervisor): (Liveness, Supervisor),
        metrics: Metrics,
    ) -> Self {
        Self { active, reload, liveness, supervisor, metrics, snapshot: Arc::default(), parts: Arc::default() }
    }

    /// What was seen last.
    async fn seen(&self) -> Seen {
        let active = Arc::clone(&self.active.borrow());
        let (context, reload) = (active.context.clone(), self.reload.borrow().clone());
        let read = async move {
            match tokio::time::timeout(SNAPSHOT_PATIENCE, Snapshot::read(&active)).await {
                Ok(read) => read.map_err(|error| error.to_string()),
                Err(_) => Err(format!("no answer within {} s", SNAPSHOT_PATIENCE.as_secs())),
            }
        };
        let look = async move { look_at_parts(&context).await };
        let (snapshot, outside) =
            tokio::join!(self.snapshot.at_most(SNAPSHOT_AGE, read), self.parts.at_most(PARTS_AGE, look));
        Seen::new(snapshot, outside, self.supervisor.part(), reload)
    }
}

/// What the answers show: what the daemon saw last, and how long ago.
struct Seen {
    /// `None` if the database does not answer.
    snapshot: Option<Arc<Result<Snapshot, String>>>,
    /// The database first, the daemon's own tasks last.
    parts: Vec<Part>,
    /// What was looked at, and how long ago.
    ages: Vec<(&'static str, Duration)>,
    reload: ReloadReport,
}

impl Seen {
    fn new(
        snapshot: Option<CachedAnswer<Result<Snapshot, String>>>,
        outside: Option<CachedAnswer<Vec<Part>>>,
        tasks: Part,
        reload: ReloadReport,
    ) -> Self {
        let why = match &snapshot {
            None => Some("no answer yet".to_owned()),
            Some(look) => look.found.as_ref().as_ref().err().cloned(),
        };
        let fault = why.map(|why| format!("{why}. Everything waits, and goes on when it is back"));
        let mut parts = vec![Part { name: "database", fault }];
        match &outside {
            Some(look) => parts.extend(look.found.iter().cloned()),
            None => parts.push(Part { name: "parts", fault: Some("no answer yet".to_owned()) }),
        }
        parts.push(tasks);
        let ages = [("database", snapshot.as_ref().map(|look| look.age)), ("parts", outside.map(|look| look.age))];
        let ages = ages.into_iter().filter_map(|(what, age)| Some((what, age?))).collect();
        Self { snapshot: snapshot.map(|look| look.found).filter(|found| found.is_ok()), parts, ages, reload }
    }

    fn snapshot(&self) -> Option<&Snapshot> {
        self.snapshot.as_deref().and_then(|found| found.as_ref().ok())
    }

    /// What needs a person: what the database knows, and what only the daemon does.
    fn attention(&self) -> Option<Attention> {
        let mut attention = self.snapshot()?.attention.clone();
        attention.add_parts(&self.parts);
        if let Some(refused) = &self.reload.failure {
            let detail = format!("the files as they are now are not in force: {refused}");
            attention.add(Item::about(Topic::Configuration, "configuration", detail));
        }
        Some(attention)
    }
}

fn router(health: Health, hosts: Hosts, push: Option<Push>) -> Router {
    Router::new()
        .route("/", get(status_page))
        .route("/healthz", get(healthz))
        .route("/readyz", get(readyz))
        .route("/metrics", get(metrics_text))
        .fallback(async || (StatusCode::NOT_FOUND, "There is /, /healthz, /readyz and /metrics.\n"))
        .with_state(health)
        .merge(push.map(Push::router).unwrap_or_default())
        .layer(axum::middleware::from_fn_with_state(hosts, only_known_hosts))
        .layer(axum::middleware::map_response(async |response: Response| (HEADERS, response)))
}

/// Where usage is posted to, where that is a listener of its own.
pub(super) fn push_router(push: Push, hosts: Hosts) -> Router {
    push.router()
        .layer(axum::middleware::from_fn_with_state(hosts, only_known_hosts))
        .layer(axum::middleware::map_response(async |response: Response| (HEADERS, response)))
}

/// Nothing is kept by a browser, run in it, shown inside another page or told to others.
const HEADERS: [(HeaderName, HeaderValue); 5] = [
    (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    (
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(
            "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'",
        ),
    ),
];

/// Alive: the scheduler ticks, and every task runs.
async fn healthz(State(health): State<Health>) -> impl IntoResponse {
    let silent = health.liveness.age().as_secs();
    if !health.liveness.is_alive() {
        return (StatusCode::SERVICE_UNAVAILABLE, format!("the scheduler has not ticked for {silent} s\n"));
    }
    match health.supervisor.down() {
        Some(down) => (StatusCode::SERVICE_UNAVAILABLE, format!("{down}\n")),
        None => (StatusCode::OK, "alive\n".to_owned()),
    }
}

/// Ready: database, archive, mail and machine serve, and no work is overdue. One line each.
async fn readyz(State(health): State<Health>) -> impl IntoResponse {
    let mut seen = health.seen().await;
    let work = seen.snapshot().map(|snapshot| Part { name: "work", fault: snapshot.attention.overdue() });
    seen.parts.extend(work);
    let is_ready = seen.parts.iter().all(|part| part.fault.is_none());
    let mut body = String::new();
    for Part { name, fault } in &seen.parts {
        let _ = match fault {
            None => writeln!(body, "ok      {name}"),
            Some(fault) => writeln!(body, "FAILED  {name}: {fault}"),
        };
    }
    for (what, age) in &seen.ages {
        let _ = writeln!(body, "looked  at {what} {} s ago", age.as_secs());
    }
    (if is_ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE }, body)
}

async fn metrics_text(State(health): State<Health>) -> impl IntoResponse {
    let seen = health.seen().await;
    if let (Some(snapshot), Some(attention)) = (seen.snapshot(), seen.attention()) {
        health.metrics.show(snapshot);
        Metrics::show_attention(&attention);
    }
    Metrics::show_health(&seen.parts, &seen.reload, &health.supervisor.tasks());
    Metrics::show_ages(&seen.ages);
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], health.metrics.text())
}

async fn status_page(State(health): State<Health>) -> impl IntoResponse {
    let seen = health.seen().await;
    let attention = seen.attention();
    let schedule = health.active.borrow().rule.schedule.as_ref().map(|schedule| schedule.time_zone);
    let shown = page::Shown {
        seen: seen.snapshot().zip(attention.as_ref()),
        parts: &seen.parts,
        reload: &seen.reload,
        zone: schedule.unwrap_or_else(Zone::utc),
    };
    match page::render(shown) {
        Ok(html) => ([(header::CONTENT_TYPE, "text/html; charset=utf-8")], html).into_response(),
        Err(error) => {
            tracing::error!("The status page cannot be shown: {error}");
            (StatusCode::INTERNAL_SERVER_ERROR, "The status page cannot be shown, see the log.\n").into_response()
        }
    }
}
