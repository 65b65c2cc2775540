//! What every command starts from: configuration, then the parts it names.

use super::owner::refuse_foreign_root;
use crate::app;
use crate::app::App;
use crate::clock::Clock;
use crate::config::{Config, Sources};

/// The choices that all commands share.
pub struct GlobalOptions {
    /// Read once: a pipe cannot be read again.
    pub sources: Sources,
    pub migrate: bool,
    pub clock: Clock,
}

impl GlobalOptions {
    pub fn config(&self) -> anyhow::Result<Config> {
        Ok(app::load(&self.sources)?)
    }

    /// Reads the configuration and opens everything that it names; a database that is not there yet is refused.
    pub async fn open(&self) -> anyhow::Result<App> {
        let config = self.config()?;
        refuse_foreign_root(&config)?;
        app::require_database(&config).await?;
        App::open(config, self.clock, self.migrate).await
    }

    /// Like [`Self::open`], and makes the database where it is not there yet.
    pub async fn open_or_create(&self) -> anyhow::Result<App> {
        let config = self.config()?;
        refuse_foreign_root(&config)?;
        App::open(config, self.clock, self.migrate).await
    }
}
