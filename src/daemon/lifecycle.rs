//! Start and graceful shutdown. On SIGTERM or SIGINT the running work may finish; a second signal, or half a minute,
//! ends it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::{Mutex, Notify};
use tokio_util::sync::CancellationToken;

use super::active_config::Reloadable;
use super::heartbeat::{Heartbeat, Scheduled};
use super::http::{Health, Served, Server};
use super::inboxes::take_usage;
use super::liveness::Liveness;
use super::metrics::Metrics;
use super::push::Push;
use super::registry;
use super::reload::Reloader;
use super::supervisor::Supervisor;
use super::systemd;
use super::worker::{WorkerHandle, close_months, notify_operator, send_mail};
use crate::app::{App, Trigger};
use crate::config::{Listen, Sources};
use crate::domain::Host;
use crate::jobs::{NextClosing, PostQueue, post_queue};
use crate::portal::Portal;
use crate::store::StoreError;

/// Service managers kill after 30 seconds or more; what is left then is taken up again at the next start.
const LONGEST_ENDING: Duration = Duration::from_secs(25);

/// The limit for tasks that only report.
const LONGEST_LOOK: Duration = Duration::from_secs(2);

/// How the daemon ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// Everything under way was finished.
    Orderly,
    /// Something was interrupted; the next start goes on from there.
    CutOff,
}

/// Runs until a signal ends it; `sources` are what the configuration was loaded from, and is again when they change.
pub async fn run(app: App, sources: Sources, mut signals: Signals) -> anyhow::Result<Ending> {
    let _only_one = app.context.store.lock_daemon()?;
    let stop = CancellationToken::new();
    let supervisor = Supervisor::new(stop.clone());
    // The pages are served until all else has ended.
    let finished = CancellationToken::new();
    let pages = supervisor.until(finished.clone());
    let scheduled = start(&app, sources, (&supervisor, &stop), (&pages, &finished)).await?;
    tracing::info!(version = env!("CARGO_PKG_VERSION"), "statementd is running");
    systemd::ready();
    // A database that does not answer now is reported by the tasks that use it.
    let _ = tokio::time::timeout(LONGEST_LOOK, tell_next_closing(&app)).await;

    let has_given_up = tokio::select! {
        () = signals.next() => false,
        () = supervisor.gave_up() => true,
    };
    systemd::stopping();
    tracing::info!("Stopping: what is under way is finished first; a second signal cuts it off");
    stop.cancel();
    scheduled.stop().await;
    let ending = tokio::select! {
        () = supervisor.finished() => Ending::Orderly,
        () = signals.next() => Ending::CutOff,
        () = tokio::time::sleep(LONGEST_ENDING) => Ending::CutOff,
    };
    finished.cancel();
    pages.finished().await;
    match ending {
        Ending::Orderly => {
            app.close().await;
            tracing::info!("Stopped");
        }
        Ending::CutOff => tracing::warn!("Stopped before everything was finished: the next start goes on from there"),
    }
    anyhow::ensure!(
        !has_given_up,
        "a task ended again and again, as the log says: the next start goes on from there"
    );
    Ok(ending)
}

async fn tell_next_closing(app: &App) -> Result<(), StoreError> {
    let mut tx = app.context.store.read().await?;
    let (rule, now) = (app.due_rule(Trigger::Daemon), app.context.clock.now());
    if let Some(NextClosing { at, period, accounts }) = NextClosing::read(&mut tx, &app.context, &rule, now).await? {
        let at = at.with_timezone(&app.config.schedule.time_zone.0).to_rfc3339();
        tracing::info!(%at, %period, accounts, "Next closing");
    } else {
        tracing::info!("Next closing: none, since no account has usage in a month that is open");
    }
    Ok(())
}

/// Starts every task of the daemon.
async fn start(
    app: &App,
    sources: Sources,
    (supervisor, stop): (&Supervisor, &CancellationToken),
    (pages, finished): (&Supervisor, &CancellationToken),
) -> anyhow::Result<Scheduled> {
    let [closing, sending, notifying, intake, registering] = std::array::from_fn(|_| Arc::new(Notify::new()));
    let reloadable = Reloadable::new(app, vec![Arc::clone(&closing), Arc::clone(&sending), Arc::clone(&intake)]);
    let liveness = Liveness::new(app.config.schedule.heartbeat);
    let handle = |wake: &Arc<Notify>| WorkerHandle {
        wake: Arc::clone(wake),
        stop: stop.clone(),
        active: reloadable.subscribe(),
        liveness: liveness.clone(),
    };
    let (closer, wake_sender, wake_notifier) = (handle(&closing), Arc::clone(&sending), Arc::clone(&notifying));
    supervisor.run("closes months", move || {
        close_months(closer.clone(), Arc::clone(&wake_sender), Arc::clone(&wake_notifier))
    });
    let sender = handle(&sending);
    supervisor.run("sends mail", move || send_mail(sender.clone()));
    let taker = handle(&intake);
    supervisor.run("takes usage in", move || take_usage(taker.clone()));
    let (notifier, overseen) = (handle(&notifying), supervisor.clone());
    supervisor.run("tells the operator", move || notify_operator(notifier.clone(), overseen.clone()));

    let (registrar, interval) = (handle(&registering), app.config.schedule.heartbeat);
    supervisor.run("says that it runs", move || registry::register(registrar.clone(), interval));

    let (config, clock, renewed) = (Arc::new(app.config.clone()), app.context.clock, reloadable.clone());
    let reloader = Reloader::new(sources, config, clock, move |config| renewed.renew(config))?;
    let report = reloader.report.clone();
    let (alive, stopped) = (liveness.clone(), stop.clone());
    supervisor.run("feeds the watchdog", move || systemd::ping_watchdog(alive.clone(), stopped.clone()));
    let stopped = stop.clone();
    supervisor.run("takes up configuration", move || reloader.clone().watch(stopped.clone()));

    let metrics = Metrics::of_process();
    let health = Health::new(reloadable.subscribe(), report, (liveness.clone(), supervisor.clone()), metrics.clone());
    let push = Push::new(reloadable.subscribe(), store_posts((supervisor, stop), &reloadable));
    let http = &app.config.http;
    let shared = matches!(http.intake_listen, Listen::Off).then(|| push.clone());
    if let Listen::At(address) = http.listen {
        serve((pages, finished), address, &http.hosts, Served::Health(Box::new(health), shared)).await?;
    }
    if let Listen::At(address) = http.intake_listen {
        serve((pages, finished), address, &http.hosts, Served::Push(push)).await?;
    }
    if let Listen::At(address) = app.config.portal.listen {
        serve_portal(app, (supervisor, stop), address, &reloadable, &sending).await?;
    }
    let woken = vec![registering, closing, sending, intake];
    let heartbeat = Heartbeat::new((interval, liveness), woken, move || metrics.ticked());
    let scheduled = heartbeat.start().await?;
    let stopped = stop.clone();
    supervisor.run("keeps the time", move || heartbeat.clone().watch(stopped.clone()));
    Ok(scheduled)
}

/// Stores what is posted; returns where posts go.
fn store_posts((supervisor, stop): (&Supervisor, &CancellationToken), reloadable: &Reloadable) -> PostQueue {
    let (queue, writer) = post_queue();
    let (writer, active, stop) = (Arc::new(Mutex::new(writer)), reloadable.subscribe(), stop.clone());
    supervisor.run("stores posted usage", move || {
        let (writer, active, stop) = (Arc::clone(&writer), active.clone(), stop.clone());
        async move { writer.lock().await.run(|| active.borrow().context.clone(), &stop).await }
    });
    queue
}

/// Serves the pages; an address that cannot be used is an error now, and not later.
async fn serve(
    (pages, finished): (&Supervisor, &CancellationToken),
    address: SocketAddr,
    hosts: &[Host],
    what: Served,
) -> anyhow::Result<()> {
    let hosts: Vec<String> = hosts.iter().map(|host| host.as_str().to_owned()).collect();
    let mut first = Some(Server::start(address, &hosts, what.clone()).await?);
    let finished = finished.clone();
    pages.run("serves health and metrics", move || {
        let (first, what, hosts, finished) = (first.take(), what.clone(), hosts.clone(), finished.clone());
        async move {
            let server = match first {
                Some(server) => server,
                None => match Server::start(address, &hosts, what).await {
                    Ok(server) => server,
                    Err(error) => return tracing::error!("Health and metrics are not served: {error:#}"),
                },
            };
            server.serve_until(finished).await;
        }
    });
    Ok(())
}

/// Serves the online consultation, with whatever configuration is in force at each request; an address that cannot be
/// used is an error now, and not later.
async fn serve_portal(
    app: &App,
    (supervisor, stop): (&Supervisor, &CancellationToken),
    address: SocketAddr,
    reloadable: &Reloadable,
    sending: &Arc<Notify>,
) -> anyhow::Result<()> {
    let (settings, active, sending) = (app.config.portal.clone(), reloadable.subscribe(), Arc::clone(sending));
    let bind = move || {
        let (settings, active, sending) = (settings.clone(), active.clone(), Arc::clone(&sending));
        async move {
            let parts = Box::new(move || active.borrow().context.clone());
            Portal::bind(address, &settings, parts, sending).await
        }
    };
    let first = bind().await?;
    tracing::info!(portal = %first.address()?, "The online consultation is served");
    let (mut first, stop) = (Some(first), stop.clone());
    supervisor.run("serves the online consultation", move || {
        let (first, bind, stop) = (first.take(), bind.clone(), stop.clone());
        async move {
            let portal = match first {
                Some(portal) => portal,
                None => match bind().await {
                    Ok(portal) => portal,
                    Err(error) => return tracing::error!("The online consultation is not served: {error:#}"),
                },
            };
            portal.serve(stop).await;
        }
    });
    Ok(())
}

/// SIGTERM and SIGINT mean the same. Made before anything is opened, so that even an early signal leads to a graceful
/// shutdown.
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
