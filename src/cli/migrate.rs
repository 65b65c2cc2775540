//! `migrate`: the schema of now.

use super::output::print;
use super::owner::refuse_foreign_root;
use super::{Exit, Session};
use crate::app;

pub async fn migrate(session: Session) -> anyhow::Result<Exit> {
    let config = session.config()?;
    refuse_foreign_root(&config)?;
    let store = app::open_store(&config).await?;
    let applied = store.migrate().await?;
    store.close().await;
    print(match applied {
        0 => "The database's schema was up to date.".to_owned(),
        1 => "1 migration was applied.".to_owned(),
        more => format!("{more} migrations were applied."),
    })?;
    Ok(Exit::Done)
}
