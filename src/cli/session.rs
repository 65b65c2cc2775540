//! What every command starts from: configuration, then the parts it names.

use std::path::PathBuf;

use super::owner::refuse_foreign_root;
use crate::app::App;
use crate::clock::Clock;
use crate::config::{Config, Sources};

/// The choices that all commands share.
pub struct Session {
    pub files: Vec<PathBuf>,
    pub migrate: bool,
    pub clock: Clock,
}

impl Session {
    pub fn sources(&self) -> Sources {
        Sources::new(self.files.clone())
    }

    pub fn config(&self) -> anyhow::Result<Config> {
        Ok(Config::load(&self.sources())?)
    }

    /// Reads the configuration and opens everything that it names.
    pub async fn open(&self) -> anyhow::Result<App> {
        let config = self.config()?;
        refuse_foreign_root(&config)?;
        App::open(config, self.clock, self.migrate).await
    }
}
