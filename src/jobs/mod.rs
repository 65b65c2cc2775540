//! The work itself: the only place where store, render, archive and mail meet. One folder per stage.
//!
//! Reading order: `import` (files in, and what was rejected), `close` (when a month is due, freezing it, late usage),
//! `publish` (rendering what is frozen, the month's table of contents), `deliver` (mail), `rerun` (what the configuration
//! wants done again), `usage` (wrong legs taken out), `archive` (verify, restore, expire), `consult` (months online),
//! `operations` (health, notices, integrity).
//!
//! Each takes up whatever state it finds, so that a death in between costs nothing.

pub(crate) mod archive;
pub(crate) mod audit;
pub(crate) mod close;
pub(crate) mod consult;
pub(crate) mod context;
pub(crate) mod deliver;
pub(crate) mod import;
pub(crate) mod operations;
pub(crate) mod publish;
pub(crate) mod rerun;
pub(crate) mod usage;

pub use archive::erase_usage::{EraseReport, erase_outlived};
pub use archive::expire::{ExpireReport, ExpiredMonth, Expiry, HeldAccount, expire_outlived};
pub use archive::fetch::{FetchError, FetchedStatement};
pub use archive::restore::{Refused, RestoreReport, restore};
pub use archive::verify::{VerifiedMonth, VerifyReport, verify_archive};
pub use audit::Actor;
pub use close::due::{DueRule, Schedule};
pub use close::preview::{Preview, PreviewError, preview};
pub use close::safety_bounds::{Approval, SafetyBounds, approval_lines, release_approved};
pub use close::{CloseReport, Selection, close_due};
pub use consult::file::{KeptRevision, RevisionFile, kept_revisions, revision_file};
pub use consult::mail::send_portal_mail;
pub use consult::month::{Month, MonthFigures, Months, shown_periods, visible_rooms};
pub use consult::participants::{ConferenceDetail, conference_detail};
pub use context::{Context, LateUsage, MailRules, OperationsRules, PortalRules, Settings, UnknownPolicy};
pub use deliver::manual::{MailOrder, OrderReport, order_mail};
pub use deliver::pause::{pause_mail, resume_mail};
pub use deliver::resend::{ResendOrder, ResendReport, resend_mail};
pub use deliver::undelivered::{undelivered, undelivered_csv};
pub use deliver::{DeliverReport, deliver_due};
pub use import::convert::{ConvertError, Converted, convert};
pub use import::dismiss::dismiss_rejected;
pub use import::report::{ImportReport, RejectionReason};
pub use import::retry::{RetryReport, retry_rejected, retry_rows};
pub use import::{ImportProgress, import_file};
pub use operations::attention::{Attention, Item, MonthCounts, OpenMonth, Overview, Topic};
pub use operations::health::{PARTS_AGE, Part, look_at_machine, look_at_parts};
pub use operations::integrity::check_deeply;
pub use operations::machine::{judge_clock, judge_disks};
pub use operations::notices::notify_operator;
pub use operations::test_message::{rehearse_mail, send_test};
pub use publish::month_index::{publish_indexes, rebuild_indexes};
pub use publish::{PublishReport, publish_pending, publish_to_the_end, statement_folder};
pub use rerun::{RerunOrder, RerunReport, RerunSend, RerunState, RerunWhat, run_reruns};
pub use usage::{VoidError, VoidReport, VoidedLegReport, restore_legs, void_legs};

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
    #[error(
        "the ledger of mail could not be written: {0}. What the mail server has answered is kept, and written first when \
         the database is back"
    )]
    Ledger(std::sync::Arc<crate::store::StoreError>),
    #[error("mail.bounces {path}: {source}")]
    Bounces { path: std::path::PathBuf, source: std::io::Error },
    #[error(transparent)]
    Csv(#[from] crate::csv_table::CsvError),
    #[error(transparent)]
    Fetch(#[from] archive::fetch::FetchError),
    #[error("the operating system gives no random numbers: {0}")]
    Randomness(std::io::Error),
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
    #[error("no rejected row has the id {0}: see \"statementd import rejects list\", with --dismissed for others")]
    NoSuchRejection(crate::store::Key),
    #[error("nothing can be sent again of account {account}, {period}: {why}")]
    NothingToResend { account: crate::domain::AccountNumber, period: crate::domain::Period, why: &'static str },
    #[error("nothing was sent of account {0}, {1}: no address is known for it; import one, or name one with --to")]
    NoReader(crate::domain::AccountNumber, crate::domain::Period),
    #[error("account {0} does not exist: import it, or see \"statementd status --json\" for those that do")]
    NoSuchAccount(crate::domain::AccountNumber),
}

/// How much an error stops.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scope {
    /// The statement, message or rerun at hand: it is noted and tried again, and the others go on.
    Item,
    /// The whole round.
    Run,
}

impl JobError {
    /// The one place that decides what an error stops.
    pub(crate) fn scope(&self) -> Scope {
        match self {
            Self::Archive(_)
            | Self::Render(_)
            | Self::RenderingStopped
            | Self::Mail(_)
            | Self::BadRerunOutcome(..) => Scope::Item,
            Self::Store(error) if error.concerns_one_row() => Scope::Item,
            _ => Scope::Run,
        }
    }
}
