//! Tells the service manager that the daemon has started, is stopping, is still alive. Without one, does nothing.

use std::time::Duration;

use sd_notify::NotifyState;
use tokio_util::sync::CancellationToken;

use super::liveness::Liveness;
use crate::fault_injection;

pub(super) fn ready() {
    tell(&[NotifyState::Ready, NotifyState::Status("Running")]);
}

pub(super) fn stopping() {
    tell(&[NotifyState::Stopping, NotifyState::Status("Finishing what is under way")]);
}

/// Feeds the manager's watchdog, if it has one, as long as the daemon is alive.
pub(super) async fn ping_watchdog(liveness: Liveness, stop: CancellationToken) {
    let Some(limit) = sd_notify::watchdog_enabled() else { return stop.cancelled().await };
    let mut interval = tokio::time::interval((limit / 3).max(Duration::from_millis(1)));
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = interval.tick() => {}
        }
        fault_injection::point("watchdog");
        if liveness.is_alive() {
            tell(&[NotifyState::Watchdog]);
        } else {
            tracing::error!(silent_for_s = liveness.age().as_secs(), "The scheduler no longer ticks");
        }
    }
}

fn tell(state: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(state) {
        tracing::warn!("The service manager could not be told: {error}");
    }
}
