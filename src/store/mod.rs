//! The state: master data, usage, closings, statements, deliveries.
//!
//! Every query is written once and runs on both engines: [`Tx`] is a transaction on either, and the macro
//! `on_engine!` expands a query's code for each (`execute!` and `fetch!` are its short forms). What differs between the
//! engines is in `engine`. Nothing here knows a rule of billing; nothing outside knows SQL.
//!
//! A query is called by its subject: `tx.deliveries().list(…)`. `subjects` lists them; each has its methods in the
//! folder or file of its name. A new query goes there, in an `impl` block of that subject.
//!
//! Reading order: `engine`, `subjects`, `master`, `usage`, `intake`, `rejects`, `statements`, `deliveries`, `work`,
//! `reports`, `portal`, `codes`, `staff`.

use sqlx::{Postgres, Sqlite, Transaction};

pub(crate) mod codes;
pub(crate) mod deliveries;
pub(crate) mod engine;
mod error;
pub(crate) mod intake;
pub(crate) mod master;
pub(crate) mod portal;
pub(crate) mod rejects;
pub(crate) mod reports;
pub(crate) mod staff;
pub(crate) mod statements;
mod subjects;
pub(crate) mod usage;
pub(crate) mod work;

pub use codes::assign::{CodeSetKey, CodeWrite, CodedConference};
pub use codes::history::{CodeHistoryEntry, CodeSet, CodeSetChange};
pub use codes::revisions::CodeRevision;
pub use deliveries::attempt::{DeliveryClaim, DueDelivery, EndedAttempt, InterruptedDelivery, Verdict};
pub use deliveries::bounces::{BounceAttempt, BounceOutcome};
pub use deliveries::notices::{MailProblem, NoticeKey, ReportedAccount};
pub use deliveries::pause::MailPause;
pub use deliveries::recipients::Recipient;
pub use deliveries::unwritten_queue::Unwritten;
pub use deliveries::{Delivery, DeliveryFilter, DeliveryState};
pub use engine::copy::CopiedTable;
pub(crate) use engine::record::record;
pub use engine::schema::Store;
pub use engine::sqlite::WorkLock;
pub use error::StoreError;
pub use intake::{
    ENDED, IntakeCount, IntakeFile, IntakeFileState, IntakeSource, OpenLegs, UntakenIntakeFile, WaitingLegCount,
};
pub use master::directory::{Directory, NotTaken};
pub use master::listing::{ListedAccount, ListedRoom};
pub use master::notes::{MasterNote, MasterOutcome};
pub use master::terms::PeriodTerms;
pub use portal::mail::{MailState, PortalMail, PortalMailKind};
pub use portal::people::{Person, PersonKey, SessionRow};
pub use portal::places::Place;
pub use portal::rights::{AccountAccess, Role};
pub use portal::second_factor::KeptSecondFactor;
pub use portal::sessions::{NewSession, SessionLimits, Viewer};
pub use rejects::listing::{ListedRejection, RejectReason, RejectsFilter};
pub use rejects::{RecordIdentity, RejectedRow, Rejection};
pub use reports::account_months::{PeriodCount, PeriodRow, StuckMonth};
pub use reports::audit::{AuditEntry, AuditFilter, NewAuditEntry};
pub use reports::invariants::{DocumentedStatement, Violation};
pub use reports::overview::{AwaitingApproval, DeliveryCount};
pub use staff::mail::MailSearch;
pub use staff::months::{MonthAccount, MonthProgress, MonthStatement, MonthTotals};
pub use staff::people::{StaffKey, StaffPerson};
pub use staff::rooms::RoomToday;
pub use staff::search::{AccountIndex, FoundAccount};
pub use staff::sessions::{NewStaffSession, StaffMember};
pub use statements::archive_months::{ArchiveMonth, DeliveryStates, IndexedStatement, MonthDigests};
pub use statements::closings::{NewDelivery, ParkedAccount};
pub use statements::document::{FrozenStatement, StatementSummary};
pub use statements::due::{AccountDue, WaitingRevision};
pub use statements::history::HistoryDue;
pub use statements::reruns::RerunRow;
pub use statements::retention::{AgedStatement, Deleted, ExpiredStatement, ExpiryHold, KeptMonth, KeptStatement};
pub use statements::{
    CurrentRevision, PendingStatement, Publication, Stage, StatementFilter, StatementKey, StatementRow,
};
pub use subjects::{
    Accounts, ArchiveMonths, Bounces, Closings, Codes, Deliveries, Erasure, Intake, Master, Notices, Portal,
    PortalMailQueue, PortalPeople, PortalSessions, Rejects, Reports, Reruns, Retention, Rooms, Staff, StaffPeople,
    StaffSessions, Statements, Tables, Tariffs, Usage, Voids, Work,
};
pub use usage::batch_outcome::BatchOutcome;
pub use usage::changes::{UsageBasis, UsageState};
pub use usage::erase::ErasableMonth;
pub use usage::import::UsageRules;
pub use usage::moves::MisplacedConference;
pub use usage::stream::{UsageScope, UsageSender, WaitingLegs};
pub use usage::void::VoidOutcome;
pub use usage::void_listing::{LegFilter, ListedLeg};
pub use work::claims::{WhenLocked, WorkClaim, WorkKind};
pub use work::daemons::{DaemonKey, DaemonRow};
pub use work::workers::WorkerRow;

/// A row's key; never leaves the process.
pub type Key = i64;

/// A transaction on either engine. Dropping it without [`Tx::commit`] rolls back.
pub enum Tx {
    Sqlite(Transaction<'static, Sqlite>),
    Postgres(Transaction<'static, Postgres>),
}

impl Tx {
    pub async fn commit(self) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(tx) => tx.commit().await?,
            Self::Postgres(tx) => tx.commit().await?,
        }
        Ok(())
    }

    /// Like [`Self::commit`], but PostgreSQL may answer before the change is on disk: for what is done again, with
    /// the same outcome, if a crash of the server loses it. No later change survives without it; but a later
    /// transaction that changes nothing makes it no safer. A caller that relies on it calls [`Store::flush_commits`]
    /// first.
    pub async fn commit_async(mut self) -> Result<(), StoreError> {
        if let Self::Postgres(tx) = &mut self {
            sqlx::query(engine::postgres::ASYNC_COMMIT).persistent(false).execute(&mut **tx).await?;
        }
        self.commit().await
    }

    /// Lets the server know that this transaction goes on, although nothing is asked of it for a while.
    pub async fn keep_alive(&mut self) -> Result<(), StoreError> {
        execute!(self, sqlx::query("SELECT 1"));
        Ok(())
    }

    /// Undoes everything, and waits until that is done.
    pub async fn roll_back(self) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(tx) => tx.rollback().await?,
            Self::Postgres(tx) => tx.rollback().await?,
        }
        Ok(())
    }
}

/// Runs the same query code on whichever engine `$tx` belongs to: `on_engine!(tx, |conn| query.execute(conn).await)`.
macro_rules! on_engine {
    ($tx:expr, |$conn:ident| $body:expr) => {
        match $tx {
            $crate::store::Tx::Sqlite(transaction) => {
                let $conn = &mut **transaction;
                $body
            }
            $crate::store::Tx::Postgres(transaction) => {
                let $conn = &mut **transaction;
                $body
            }
        }
    };
}
use on_engine;

/// Runs `$query` by `$method` on whichever engine `$tx` belongs to.
///
/// On PostgreSQL no statement is prepared under a name: it would outlive the transaction, and behind a pooler the
/// next one may run on a connection that does not know it, or knows another one by that name.
macro_rules! run_query {
    ($tx:expr, $query:expr, $method:ident) => {
        match $tx {
            $crate::store::Tx::Sqlite(transaction) => $query.$method(&mut **transaction).await?,
            $crate::store::Tx::Postgres(transaction) => $query.persistent(false).$method(&mut **transaction).await?,
        }
    };
}
use run_query;

/// Runs a query for its effect; returns the number of rows written.
macro_rules! execute {
    ($tx:expr, $query:expr) => {
        match $tx {
            $crate::store::Tx::Sqlite(transaction) => $query.execute(&mut **transaction).await?.rows_affected(),
            $crate::store::Tx::Postgres(transaction) => {
                $query.persistent(false).execute(&mut **transaction).await?.rows_affected()
            }
        }
    };
}
use execute;

/// Runs a query for its rows: `fetch!(all, tx, query)`, or `one`, or `optional`.
macro_rules! fetch {
    (all, $tx:expr, $query:expr) => {
        $crate::store::run_query!($tx, $query, fetch_all)
    };
    (one, $tx:expr, $query:expr) => {
        $crate::store::run_query!($tx, $query, fetch_one)
    };
    (optional, $tx:expr, $query:expr) => {
        $crate::store::run_query!($tx, $query, fetch_optional)
    };
}
use fetch;
