//! The composition root: the one place that turns configuration into parts.

use std::sync::Arc;

use anyhow::Context as _;

use crate::archive::{Archive, ArchiveError};
use crate::clock::Clock;
use crate::config::{Config, FilePath};
use crate::intake::Limits;
use crate::jobs::{Actor, Context, DueRule};
use crate::render::Renderer;
use crate::store::Store;

/// A program with its parts open.
pub struct App {
    pub config: Config,
    pub context: Context,
}

/// Who asks what is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trigger {
    /// The daemon: waits for the grace and the schedule.
    Daemon,
    /// A person: waits for the grace.
    Command,
    /// A person who does not want to wait for the grace.
    Forced,
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

    /// When periods are due for whoever asks.
    pub fn due_rule(&self, trigger: Trigger) -> DueRule {
        due_rule(&self.config, trigger)
    }

    pub fn limits(&self) -> Limits {
        let billing = &self.config.billing;
        Limits {
            longest_leg: billing.longest_leg,
            clock_tolerance: billing.clock_tolerance,
            longest_conference: billing.longest_conference,
            accept_older: false,
            first_period: billing.first_period,
        }
    }

    /// Closes the database in an orderly way.
    pub async fn close(&self) {
        self.context.store.close().await;
    }
}

/// Why a command that only looks, or works on what is there, ends at once.
#[derive(Debug, thiserror::Error)]
#[error(
    "{0} is not there yet: \"statementd import …\", \"statementd migrate\" or \"statementd run\" make it. If there should be one, look at \
     database.url, --config and the folder in which this was run"
)]
pub struct NoDatabaseYet(String);

/// Refuses a database that is not there yet, or holds nothing of this program's, so that a typing error makes no new one.
pub async fn require_database(config: &Config) -> anyhow::Result<()> {
    if let Some(file) = config.database.file()
        && !file.exists()
    {
        return Err(NoDatabaseYet(format!("the database {}", file.display())).into());
    }
    let store = open_store(config).await?;
    let has_schema = store.has_schema().await;
    store.close().await;
    if has_schema? {
        Ok(())
    } else {
        Err(NoDatabaseYet(format!("a schema in the database {}", config.database.url)).into())
    }
}

pub async fn open_store(config: &Config) -> anyhow::Result<Store> {
    let opened = Store::open(config.database.url()).await;
    let named =
        || format!("the database {} cannot be opened (see [database] in the configuration)", config.database.url);
    Ok(opened.with_context(named)?.with_lease(config.database.lease))
}

/// Everything but the database, which outlives a change of configuration.
pub fn context(config: &Config, store: Store, clock: Clock) -> anyhow::Result<Context> {
    let renderer = Renderer::new(&config.render_options()).context("statements cannot be rendered")?;
    Ok(Context {
        store,
        archive: open_archive(config)?,
        renderer: Arc::new(renderer),
        transport: Arc::new(config.mail.transport()),
        clock,
        settings: Arc::new(config.settings()),
        actor: Actor::at_the_command_line(),
    })
}

pub fn open_archive(config: &Config) -> Result<Archive, ArchiveError> {
    let ca_file = config.archive.ca_file.as_ref().map(FilePath::as_path);
    Archive::open_trusting(config.archive.url.as_str(), &config.archive.exposed_options(), ca_file)
}

pub fn due_rule(config: &Config, trigger: Trigger) -> DueRule {
    let grace = if trigger == Trigger::Forced { chrono::TimeDelta::zero() } else { config.schedule.grace };
    let schedule = (trigger == Trigger::Daemon).then(|| config.schedule.close());
    DueRule { grace, revise_at_once: trigger != Trigger::Daemon, schedule }
}
