//! The configuration and the parts that workers use; replaced as a whole when the configuration changes.

use std::sync::Arc;

use tokio::sync::{Notify, watch};

use crate::app;
use crate::app::{App, Trigger};
use crate::clock::Clock;
use crate::config::Config;
use crate::jobs::{Actor, Context, DueRule};
use crate::store::Store;

pub(super) struct ActiveConfig {
    pub(super) context: Context,
    pub(super) rule: DueRule,
}

/// Builds a new active configuration from a changed one, over the same database.
#[derive(Clone)]
pub(super) struct Reloadable {
    store: Store,
    clock: Clock,
    current: watch::Sender<Arc<ActiveConfig>>,
    workers: Vec<Arc<Notify>>,
}

impl Reloadable {
    /// `workers` are woken by each new active.
    pub(super) fn new(app: &App, workers: Vec<Arc<Notify>>) -> Self {
        let first = active(&app.config, &app.context);
        let current = watch::Sender::new(Arc::new(first));
        Self { store: app.context.store.clone(), clock: app.context.clock, current, workers }
    }

    pub(super) fn subscribe(&self) -> watch::Receiver<Arc<ActiveConfig>> {
        self.current.subscribe()
    }

    /// Builds the parts that `config` names; an error leaves the old ones in use. Running work finishes with the old
    /// ones.
    pub(super) fn renew(&self, config: &Config) -> anyhow::Result<()> {
        let context = app::context(config, self.store.clone(), self.clock)?;
        self.current.send_replace(Arc::new(active(config, &context)));
        for worker in &self.workers {
            worker.notify_one();
        }
        Ok(())
    }
}

fn active(config: &Config, context: &Context) -> ActiveConfig {
    let rule = app::due_rule(config, Trigger::Daemon);
    ActiveConfig { context: context.acting_as(Actor::Tick), rule }
}
