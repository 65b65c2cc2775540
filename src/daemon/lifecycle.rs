//! From start to an orderly end: SIGTERM or SIGINT lets what is under way finish, a second one, or time, does not.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::active_config::Reloadable;
use super::heartbeat::Heartbeat;
use super::http::{Health, Server};
use super::liveness::Liveness;
use super::metrics::Metrics;
use super::reload::Reloader;
use super::systemd;
use super::worker::{WorkerHandle, close_months, notify_operator, send_mail};
use crate::app::App;
use crate::config::{Host, Listen, Sources};
use crate::portal::Portal;

/// Service managers kill after 30 seconds or more; what is left then is taken up again at the next start.
const LONGEST_ENDING: Duration = Duration::from_secs(25);

/// How the daemon ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// Everything under way was finished.
    Orderly,
    /// Something was cut off; the next start goes on from there.
    CutOff,
}

/// Runs until a signal ends it; `sources` are what the configuration was loaded from, and is again when they change.
pub async fn run(app: App, sources: Sources, mut signals: Signals) -> anyhow::Result<Ending> {
    let _only_one = app.context.store.lock_daemon()?;
    let stop = CancellationToken::new();
    let [closing, sending, notifying] = std::array::from_fn(|_| Arc::new(Notify::new()));
    let reloadable = Reloadable::new(&app, vec![Arc::clone(&closing), Arc::clone(&sending)]);

    let workers = TaskTracker::new();
    let liveness = Liveness::new(app.config.schedule.heartbeat);
    let handle = |wake: &Arc<Notify>| WorkerHandle {
        wake: Arc::clone(wake),
        stop: stop.clone(),
        active: reloadable.subscribe(),
        liveness: liveness.clone(),
    };
    workers.spawn(close_months(handle(&closing), Arc::clone(&sending), Arc::clone(&notifying)));
    workers.spawn(send_mail(handle(&sending)));
    workers.spawn(notify_operator(handle(&notifying)));
    let (config, clock, renewed) = (Arc::new(app.config.clone()), app.context.clock, reloadable.clone());
    let reloader = Reloader::spawn(sources, config, clock, stop.clone(), move |config| renewed.renew(config))?;
    let metrics = Metrics::of_process();
    let health = Health::new(reloadable.subscribe(), reloader.report.clone(), liveness.clone(), metrics.clone());
    workers.spawn(reloader.ended());
    workers.spawn(systemd::ping_watchdog(liveness.clone(), stop.clone()));
    workers.close();
    let http = &app.config.http;
    let server = match http.listen {
        Listen::At(address) => Some(Server::start(address, http.hosts.iter().map(Host::as_str), health).await?),
        Listen::Off => None,
    };
    let portal = match app.config.portal.listen {
        Listen::At(address) => Some(bind_portal(&app, address, &reloadable, &sending).await?),
        Listen::Off => None,
    };
    if let Some(portal) = portal {
        workers.spawn(portal.serve(stop.clone()));
    }
    let tick = move || {
        liveness.tick();
        metrics.ticked();
    };
    let heartbeat = Heartbeat::start(app.config.schedule.heartbeat, vec![closing, sending], tick).await?;
    tracing::info!(version = env!("CARGO_PKG_VERSION"), "statementd is running");
    systemd::ready();

    signals.next().await;
    systemd::stopping();
    tracing::info!("Stopping: what is under way is finished first; a second signal cuts it off");
    stop.cancel();
    heartbeat.stop().await;
    let ending = tokio::select! {
        () = workers.wait() => Ending::Orderly,
        () = signals.next() => Ending::CutOff,
        () = tokio::time::sleep(LONGEST_ENDING) => Ending::CutOff,
    };
    if let Some(server) = server {
        server.stop().await;
    }
    match ending {
        Ending::Orderly => {
            app.close().await;
            tracing::info!("Stopped");
        }
        Ending::CutOff => tracing::warn!("Stopped before everything was finished: the next start goes on from there"),
    }
    Ok(ending)
}

/// The online consultation, with whatever configuration is in force at each request.
async fn bind_portal(
    app: &App,
    address: SocketAddr,
    reloadable: &Reloadable,
    sending: &Arc<Notify>,
) -> anyhow::Result<Portal> {
    let active = reloadable.subscribe();
    let parts = Box::new(move || active.borrow().context.clone());
    let portal = Portal::bind(address, &app.config.portal, parts, Arc::clone(sending)).await?;
    tracing::info!(portal = %portal.address()?, "The online consultation is served");
    Ok(portal)
}

/// SIGTERM and SIGINT mean the same. Made before anything is opened, so that even an early one ends in order.
pub struct Signals {
    terminate: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
}

impl Signals {
    pub fn new() -> std::io::Result<Self> {
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    pub async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}
