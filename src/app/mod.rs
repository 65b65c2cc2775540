//! The composition root: the one place that turns configuration into parts and rules.
//!
//! Reading order: `load` (the configuration, with what only the parts can tell about it), `parts` (store, archive,
//! mail, renderer), `rules` (what jobs go by). Commands and the daemon get all of it from here.

mod intake;
mod limits;
mod load;
mod parts;
mod rules;

use crate::clock::Clock;
use crate::config::Config;
use crate::intake::Limits;
use crate::jobs::{Context, DueRule};

pub use limits::limits;
pub use load::{load, load_with_origins};
pub use parts::{NoDatabaseYet, context, open_archive, open_store, render_options, require_database, transport};
pub use rules::{Trigger, due_rule, folders, mail_rules, settings};

/// A program with its parts open.
pub struct App {
    pub config: Config,
    pub context: Context,
}

impl App {
    /// Opens everything that `config` names; `migrate` brings the schema up to date, or else it must be.
    pub async fn open(config: Config, clock: Clock, migrate: bool) -> anyhow::Result<Self> {
        let store = open_store(&config).await?;
        if migrate {
            store.migrate().await?;
        } else {
            store.check_schema().await?;
        }
        let context = context(&config, store, clock)?;
        Ok(Self { config, context })
    }

    /// When periods are due, depending on who asks.
    pub fn due_rule(&self, trigger: Trigger) -> DueRule {
        due_rule(&self.config, trigger)
    }

    pub fn limits(&self) -> Limits {
        limits(&self.config)
    }

    /// Closes the database in an orderly way.
    pub async fn close(&self) {
        self.context.store.close().await;
    }
}
