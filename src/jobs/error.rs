//! Errors of jobs, and whether one concerns a statement, an account or the whole run.

use crate::jobs::archive::fetch::FetchError;

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
    Fetch(#[from] FetchError),
    #[error("the operating system gives no random numbers: {0}")]
    Randomness(std::io::Error),
    #[error("legs that wait for their end cannot be written down: {0}")]
    OpenLegs(serde_json::Error),
    #[error("a ZIP cannot be written: {0}")]
    Zip(String),
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
