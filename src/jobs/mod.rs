//! The work itself: the only place where store, render, archive and mail meet.
//!
//! Reading order: `import` (usage in), `due` (what is to be closed), `close` (freeze one account's month),
//! `publish` (render and archive what is frozen), `deliver` (send what is published), `index` (a month's table of
//! contents), `preview`. Each takes up whatever state it finds, so that a death in between costs nothing.

mod close;
mod context;
mod due;
mod index;
mod message;
mod preview;
mod publish;
mod rendering;
mod room_usage;

pub use close::{CloseReport, Selection, close_due};
pub use context::{Context, LateUsage, Settings, UnknownPolicy};
pub use due::{DueRule, Schedule};
pub use index::{publish_indexes, rebuild_indexes};
pub use preview::{Preview, PreviewError, preview};
pub use publish::{PublishReport, publish_pending};

/// An error that ends a job; what concerns one account only is parked or noted instead.
#[derive(Debug, thiserror::Error)]
pub enum JobError {
    #[error(transparent)]
    Store(#[from] crate::store::StoreError),
    #[error(transparent)]
    Archive(#[from] crate::archive::ArchiveError),
    #[error(transparent)]
    Render(#[from] crate::render::RenderError),
    #[error("a worker thread stopped: {0}")]
    Worker(#[from] tokio::task::JoinError),
    #[error("account {0} does not exist: see \"statementd status\" for those that do")]
    NoSuchAccount(crate::domain::AccountNumber),
}
