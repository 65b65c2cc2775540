//! The work itself: the only place where store, render, archive and mail meet.
//!
//! Reading order:
//! - in: `import` (files; `import_batch`, `import_entry`), `retry` (what was rejected);
//! - freezing: `due` (when), `batch` (accounts several at once), `close` (one account's month; `computing`, `ready`;
//!   `bounds` keeps back what looks wrong), `revise` (a closed month once more), `rerun` (what the configuration wants
//!   done again), `deep_check` (what must hold of it all);
//! - showing: `publish` (what is frozen; `publication`, `rendering`, `room_usage`), `index` (a month's own objects),
//!   `verify`, `restore`, `preview`;
//! - sending: `deliver` (what is published; `postman`, `draft`, `message`, `published`, `ledger`, `verdict`), `bounces`,
//!   `mail_orders`, `undelivered`, `send_test`, `own_message`;
//! - telling: `parts` (what the program stands on, and whether it serves), `notices` (mail to the operator);
//! - leaving: `expire` (the archive's old months), `erase` (usage and callers).
//!
//! Each takes up whatever state it finds, so that a death in between costs nothing.

mod audit;
mod batch;
mod bounces;
mod bounds;
mod close;
mod computing;
mod context;
mod deep_check;
mod deliver;
mod draft;
mod due;
mod erase;
mod expire;
mod import;
mod import_batch;
mod import_entry;
mod index;
mod ledger;
mod mail_orders;
mod message;
mod notices;
mod own_message;
mod parts;
mod postman;
mod preview;
mod publication;
mod publish;
mod published;
mod ready;
mod rendering;
mod rerun;
mod restore;
mod retry;
mod revise;
mod room_usage;
mod send_test;
mod undelivered;
mod verdict;
mod verify;

pub use audit::Actor;
pub use bounds::{Approval, SafetyBounds, release_approved};
pub use close::{CloseReport, Selection, close_due};
pub use context::{Context, LateUsage, MailRules, OperationsRules, Settings, UnknownPolicy};
pub use deep_check::check_deeply;
pub use deliver::{DeliverReport, deliver_due};
pub use due::{DueRule, Schedule};
pub use erase::{EraseReport, erase_outlived};
pub use expire::{ExpireReport, ExpiredMonth, Expiry, HeldAccount, expire_outlived};
pub use import::{ImportProgress, ImportReport, import_file};
pub use index::{publish_indexes, rebuild_indexes};
pub use mail_orders::{MailOrder, OrderReport, order_mail};
pub use notices::notify_operator;
pub use parts::{PARTS_AGE, Part, judge_clock, judge_disks, look_at_machine, look_at_parts};
pub use preview::{Preview, PreviewError, preview};
pub use publish::{PublishReport, publish_pending, publish_to_the_end, statement_folder};
pub use rerun::{RerunOrder, RerunReport, RerunSend, RerunState, RerunWhat, run_reruns};
pub use restore::{Refused, RestoreReport, restore};
pub use retry::{RetryReport, retry_rejected};
pub use send_test::{rehearse_mail, send_test};
pub use undelivered::undelivered_csv;
pub use verify::{VerifiedMonth, VerifyReport, verify_archive};

/// An error that ends a job; what concerns one account only is parked or noted instead.
#[derive(Debug, thiserror::Error)]
pub enum JobError {
    #[error(transparent)]
    Store(#[from] crate::store::StoreError),
    #[error(transparent)]
    File(#[from] crate::intake::FileError),
    #[error(transparent)]
    Archive(#[from] crate::archive::ArchiveError),
    #[error(transparent)]
    Render(#[from] crate::render::RenderError),
    #[error(transparent)]
    Mail(#[from] crate::mail::MailError),
    #[error("the ledger of mail could not be written: {0}. What was being sent is judged by the next round")]
    Ledger(std::sync::Arc<crate::store::StoreError>),
    #[error("mail.bounces {path}: {source}")]
    Bounces { path: std::path::PathBuf, source: std::io::Error },
    #[error("CSV: {0}")]
    Csv(#[from] csv::Error),
    #[error("the program is stopping")]
    Stopped,
    #[error(
        "a thread that renders a statement stopped: see the messages before this one; the statement is tried again"
    )]
    RenderingStopped,
    #[error("a worker thread stopped: {0}")]
    Worker(#[from] tokio::task::JoinError),
    #[error("database, rerun {0}: what was noted of an account cannot be read ({1}); give the rerun a new id")]
    BadRerunOutcome(String, String),
    #[error("nothing of {0} was ever published: see \"statementd status\" for what is closed")]
    NoSuchMonth(crate::domain::Period),
    #[error("account {0} does not exist: import it, or see \"statementd status --json\" for those that do")]
    NoSuchAccount(crate::domain::AccountNumber),
}
