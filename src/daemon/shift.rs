//! What workers work with; replaced as a whole when the configuration changes.

use std::sync::Arc;

use chrono::TimeDelta;
use tokio::sync::{Notify, watch};

use crate::app::{self, App, Trigger};
use crate::clock::Clock;
use crate::config::Config;
use crate::jobs::{Actor, Context, DueRule};
use crate::store::Store;

pub(super) struct Shift {
    pub(super) context: Context,
    pub(super) rule: DueRule,
    /// How long something may be due and not done.
    pub(super) overdue_after: TimeDelta,
}

/// Makes shifts out of configurations, over a database that stays.
#[derive(Clone)]
pub(super) struct Shifts {
    store: Store,
    clock: Clock,
    current: watch::Sender<Arc<Shift>>,
    workers: Vec<Arc<Notify>>,
}

impl Shifts {
    /// `workers` are woken by each new shift.
    pub(super) fn new(app: &App, workers: Vec<Arc<Notify>>) -> Self {
        let first = shift(&app.config, &app.context);
        let current = watch::Sender::new(Arc::new(first));
        Self { store: app.context.store.clone(), clock: app.context.clock, current, workers }
    }

    pub(super) fn subscribe(&self) -> watch::Receiver<Arc<Shift>> {
        self.current.subscribe()
    }

    /// Builds the parts that `config` names; an error leaves the old ones at work. What is under way ends with them.
    pub(super) fn renew(&self, config: &Config) -> anyhow::Result<()> {
        let context = app::context(config, self.store.clone(), self.clock)?;
        self.current.send_replace(Arc::new(shift(config, &context)));
        for worker in &self.workers {
            worker.notify_one();
        }
        Ok(())
    }
}

fn shift(config: &Config, context: &Context) -> Shift {
    let rule = app::due_rule(config, Trigger::Daemon);
    Shift { context: context.acting_as(Actor::Tick), rule, overdue_after: config.operations.overdue_after }
}
